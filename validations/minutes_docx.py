"""The minutes as DOCX: WordprocessingML from templates, the same bytes for the same minutes.

A template and a ZIP are all that Word needs here: half of this form is XML that no library writes by itself.
"""

from __future__ import annotations

import io
from typing import Final

from validations.minutes import Minutes, Table
from validations.report import render
from validations.review import tidy
from validations.spreadsheet import add_timeless, timeless_zip

TEXT_WIDTH: Final = 9184
"""Twentieths of a point between the margins: A4 less 30 mm at the left and 18 mm at the right."""
_PARTS: Final = {
    "[Content_Types].xml": "types.xml.j2",
    "_rels/.rels": "rels.xml.j2",
    "docProps/core.xml": "core.xml.j2",
    "word/document.xml": "document.xml.j2",
    "word/_rels/document.xml.rels": "document.rels.xml.j2",
    "word/styles.xml": "styles.xml.j2",
    "word/settings.xml": "settings.xml.j2",
    "word/header1.xml": "header.xml.j2",
}


def to_docx(minutes: Minutes) -> bytes:
    """A DOCX file: A4, Times New Roman, sizes and margins of NĐ 30/2020/NĐ-CP."""
    out = io.BytesIO()
    with timeless_zip(out) as book:
        for name, template in _PARTS.items():
            xml = render(f"docx/{template}", minutes=minutes, width=TEXT_WIDTH, columns=_columns, clean=tidy)
            add_timeless(book, name, xml.encode())
    return out.getvalue()


def _columns(table: Table) -> list[int]:
    """Widths of the columns; the last one takes what rounding leaves."""
    found = [TEXT_WIDTH * share // sum(table.widths) for share in table.widths]
    return [*found[:-1], TEXT_WIDTH - sum(found[:-1])]
