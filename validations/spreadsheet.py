"""CSV that a spreadsheet program opens without harm, and office documents that are equal when their content is."""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, Final


def plain_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def taken(buffer: io.StringIO) -> bytes:
    """What was written so far; the buffer is empty again."""
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


_MOMENT: Final = (2025, 7, 1, 0, 0, 0)  # of every part: a clock would make two equal documents two files


def timeless_zip(out: IO[bytes]) -> zipfile.ZipFile:
    """A ZIP to be filled by ``add_timeless``."""
    return zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)


def add_timeless(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a part that does not say when it was written."""
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def timeless(data: bytes) -> bytes:
    """The same office document without the moment it was written at."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, timeless_zip(out) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2025-07-01T00:00:00Z", part)
            add_timeless(new, name, part)
    return out.getvalue()
