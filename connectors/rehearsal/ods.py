"""Writes an OpenDocument spreadsheet, as far as a register needs one."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_KIND: Final = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES: Final = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
_CALC: Final = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
_ERRORS: Final = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?")
_MANIFEST: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_KIND}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)

Rows = Sequence[Sequence[object]]
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


def write_ods(path: Path, sheets: Mapping[str, Rows], *, hidden: Collection[str] = ()) -> None:
    """Write these sheets; the same sheets give the same bytes. A text such as #REF! becomes a cell in error."""
    tables = "".join(_table(name, rows, is_hidden=name in hidden) for name, rows in sheets.items())
    style = '<style:table-properties table:display="false"/>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_SPACES}{_CALC} office:version="1.2">'
        f'<office:automatic-styles><style:style style:name="an" style:family="table">{style}</style:style>'
        "</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as book:
        parts = (("mimetype", _KIND), ("META-INF/manifest.xml", _MANIFEST), ("content.xml", content))
        for name, text in parts:
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            book.writestr(zipfile.ZipInfo(name, _MOMENT), text, how)


def _table(name: str, rows: Rows, *, is_hidden: bool) -> str:
    style = ' table:style-name="an"' if is_hidden else ""
    lines = "".join(
        f"<table:table-row>{''.join(map(_cell, row)) or '<table:table-cell/>'}</table:table-row>" for row in rows
    )
    return f"<table:table table:name={quoteattr(name)}{style}>{lines}</table:table>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if value in _ERRORS:
        return (
            '<table:table-cell table:formula="of:=#REF!" office:value-type="string" office:string-value=""'
            f' calcext:value-type="error"><text:p>{value}</text:p></table:table-cell>'
        )
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
