"""Whole dossiers out of a new system's tables: a row with the rows that hang on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection

from connectors._tables_door import Row, TablesDoor
from connectors._tables_plan import TablePlan, TablesPlan
from connectors._tables_rows import Held, as_id

PAGE: Final = 500


class Shelf:
    """What the tables of one plan hold."""

    def __init__(self, plan: TablesPlan, door: TablesDoor) -> None:
        self._plan = plan
        self._door = door

    def held(self, connection: Connection, ids: Sequence[str], *, is_locked: bool = False) -> dict[str, Held]:
        """The dossiers with these ids; locked in the order of the ids, so that two writers do not meet crosswise."""
        main = self._plan.main
        return self._gathered(connection, self._door.find(connection, main, main.id, sorted(ids), is_locked=is_locked))

    def marked(self) -> Iterator[Held]:
        """Every dossier that was migrated, page by page, in the order of the database's keys."""
        after, own = "", self._plan.main.id.lower()
        while True:
            with self._door.reading() as connection:
                rows = self._door.page(connection, self._plan.main, self._plan.mark, after, PAGE)
                held = self._gathered(connection, rows)
            yield from held.values()
            if len(rows) < PAGE:
                return
            after = str(rows[-1][own])

    def _gathered(self, connection: Connection, rows: Sequence[Row]) -> dict[str, Held]:
        own, lists = self._plan.main.id.lower(), []
        for table in self._plan.lists:
            of = table.parent[1].lower()
            parents = sorted({str(row[of]) for row in rows if row[of] not in (None, "")})
            lists.append((of, self._hanging(connection, table, parents)))
        return {
            as_id(row[own]): Held(
                as_id(row[own]), row, tuple(tuple(beside.get(str(row[of]), ())) for of, beside in lists)
            )
            for row in rows
        }

    def _hanging(self, connection: Connection, table: TablePlan, parents: Sequence[str]) -> dict[str, list[Row]]:
        """Rows of a list by what they hang on, each in the order of their ids."""
        beside: dict[str, list[Row]] = defaultdict(list)
        for row in self._door.find(connection, table, table.parent[0], parents):
            beside[str(row[table.parent[0].lower()])].append(row)
        for rows in beside.values():
            rows.sort(key=lambda row: str(row[table.id.lower()]))
        return beside
