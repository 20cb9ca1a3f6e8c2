"""Records of the modes that play another vendor: kept as that vendor's own fields, found by its own numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from connectors.rehearsal.receiver.attachments import Spool, keep_content
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.tables import foreign, foreign_file

Record = dict[str, Any]
REHEARSAL: Final = {"X-Rehearsal": "1"}
"""Header of every answer: what only looks like a vendor's server must never be taken for one."""


@dataclass(frozen=True)
class Shelf:
    """The records of one mode."""

    store: Store
    mode: str

    def number(self) -> int:
        """The next number of a record."""
        return self.store.reserve("foreign", 1)[0]

    def find(self, **where: Any) -> list[tuple[int, Record]]:
        """Records with these columns, in order of their uid."""
        query = select(foreign.c.id, foreign.c.record).where(foreign.c.mode == self.mode).order_by(foreign.c.uid)
        for name, value in where.items():
            query = query.where(foreign.c[name] == value)
        with self.store.reading() as connection:
            return [(row.id, json.loads(row.record)) for row in connection.execute(query)]

    def page(self, offset: int, limit: int, *, text: str = "", unit: str = "") -> list[tuple[int, Record]]:
        """Some records of a unit in order of their uid, of those whose uid holds ``text``."""
        query = (
            select(foreign.c.id, foreign.c.record)
            .where(foreign.c.mode == self.mode, foreign.c.uid.contains(text, autoescape=True))
            .order_by(foreign.c.uid, foreign.c.id)
            .offset(offset)
            .limit(limit)
        )
        if unit:
            query = query.where(foreign.c.unit == unit)
        with self.store.reading() as connection:
            return [(row.id, json.loads(row.record)) for row in connection.execute(query)]

    def put(self, number: int, uid: str, code: str, unit: str, record: Record) -> None:
        """Write a record over what is there under this number."""
        columns = {"uid": uid, "number": code, "unit": unit, "record": json.dumps(record, ensure_ascii=False)}
        with self.store.writing() as connection:
            done = connection.execute(update(foreign).where(foreign.c.id == number).values(**columns))
            if not done.rowcount:
                connection.execute(insert(foreign).values(id=number, mode=self.mode, **columns))

    def put_file(self, number: int, uid: str, name: str, content: Spool) -> None:
        """Keep one file of a record, in the place of an older one."""
        f = foreign_file.c
        with self.store.writing() as connection:
            keep_content(connection, content)
            connection.execute(delete(foreign_file).where(f.foreign_id == number, f.uid == uid))
            row = {"foreign_id": number, "uid": uid, "name": name, "sha256": content.sha256, "size": content.size}
            connection.execute(insert(foreign_file).values(**row))

    def files(self, number: int) -> list[Record]:
        """The files of a record."""
        f = foreign_file.c
        query = select(f.uid, f.name, f.sha256, f.size).where(f.foreign_id == number).order_by(f.uid)
        with self.store.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]
