"""The minutes as PDF: set by typst, which carries a serif font with every Vietnamese letter; no font of the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from validations.minutes import Minutes
from validations.review import tidy

TEMPLATE: Final = Path(__file__).parent / "templates" / "minutes.typ"
_MOMENT: Final = datetime(2025, 7, 1, tzinfo=UTC)  # of the file itself; a clock would make two equal minutes two files


class PdfWriter:
    """Sets minute after minute with one compiler: starting it anew costs more than a document."""

    def __init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False)
        self._compiler = typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)

    def to_pdf(self, minutes: Minutes) -> bytes:
        """A PDF file; the same bytes for the same minutes."""
        data = msgspec.json.encode(_tidy(msgspec.to_builtins(minutes))).decode()
        made = self._compiler.compile(format="pdf", sys_inputs={"minutes": data}, timestamp=_MOMENT)
        assert isinstance(made, bytes)
        return made


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {key: _tidy(part) for key, part in value.items()}
    return [_tidy(part) for part in value] if isinstance(value, list | tuple) else value
