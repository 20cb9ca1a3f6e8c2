"""The JSON objects that an electronic form leaves in a text column, as rows to look up in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from mappings.cells import Cell, Row, code_of

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CELL: Final = msgspec.json.Decoder(None | bool | int | float | str)


def json_rows(column: str, needed: Sequence[str]) -> Callable[[Sequence[Row]], Sequence[Row]]:
    """Every object in ``column`` that fills all ``needed`` keys; what is in it is a cell, or empty when it is nested.

    Only a look-up: the text itself is carried by the field that it belongs to.
    """

    def objects(rows: Sequence[Row]) -> Sequence[Row]:
        texts = [text for row in rows if (text := row.get(column))]
        return [cells for text in texts if (cells := _read(text)) and all(code_of(cells.get(key)) for key in needed)]

    return objects


def _read(text: Cell) -> dict[str, Cell]:
    """The cells of an object; none when the text is no JSON object."""
    if type(text) is not str:
        return {}
    try:
        return {key: _cell(raw) for key, raw in _OBJECT.decode(text).items()}
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def _cell(raw: msgspec.Raw) -> Cell:
    try:
        found: Cell = _CELL.decode(raw)
    except msgspec.DecodeError:  # a list or an object
        return None
    return found
