"""CSV as a spreadsheet program opens it without harm."""

from __future__ import annotations

import io


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def taken(buffer: io.StringIO) -> bytes:
    """What was written so far; the buffer is empty again."""
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data
