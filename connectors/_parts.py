"""A cell that holds several values: one row for each."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Row, TableRead


def each_part(read: TableRead, row: Row) -> Iterator[Row]:
    """The row itself, or a row for every value of the column that the read splits."""
    if read.split is None:
        yield row
        return
    column, separator = read.split
    cell = row[column]
    parts = [part for part in cell.split(separator) if part.strip()] if isinstance(cell, str) else []
    for number, part in enumerate(parts or [cell], start=1):
        yield {**row, column: part, "_part": "" if number == 1 else str(number)}
