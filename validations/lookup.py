"""The look-up: one page that finds a dossier by any of its numbers, old or new, without a network. No person in it.

The rows are compressed into the page; the browser unpacks them and searches.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validations.report import render
from validations.report_words import STATES

MOST: Final = 1_000_000
"""Rows that a page may hold: some 15 MB of page, 80 MB in the browser."""
APART: Final = "\x1f"
"""Between the codes of one dossier."""
_HERE: Final = "@ROWS@"
_PIECE: Final = 3 * 32 * 1024  # bytes whose base64 needs no padding


@dataclass(frozen=True)
class Found:
    """One dossier: every code that it is found by, its number in the new system ("" not there), where and how far."""

    codes: Sequence[str]
    new_id: str
    key: str
    source: str
    unit: str
    state: str


def lookup_page(site: str, written_at: str, rows: Iterable[Found]) -> Iterator[bytes]:
    """The page, piece by piece: nothing holds all rows. Same rows, same bytes."""
    words = json.dumps({"states": STATES}, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    head, _, tail = render(
        "lookup.html.j2", site=site, written_at=written_at, rows=_HERE, legend=words, apart=APART
    ).partition(_HERE)
    yield head.encode()
    yield from _packed(_line(row) for row in rows)
    yield tail.encode()


def _line(row: Found) -> bytes:
    cells = (APART.join(row.codes), row.new_id, row.key, row.source, row.unit, row.state)
    return "\t".join(" ".join(cell.split("\t")).replace("\n", " ") for cell in cells).encode() + b"\n"


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as base64 of one zlib stream."""
    packer, waiting = zlib.compressobj(6), b""
    for line in lines:
        waiting += packer.compress(line)
        if len(waiting) >= _PIECE:
            yield base64.b64encode(waiting[:_PIECE])
            waiting = waiting[_PIECE:]
    yield base64.b64encode(waiting + packer.flush())
