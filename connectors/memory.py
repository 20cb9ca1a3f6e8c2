"""A source and a target in memory: what both protocols mean, in the fewest words. The oracle of the tests."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal

from connectors._parts import each_part
from connectors.base import (
    Cell,
    Column,
    Conflict,
    FileSpec,
    Join,
    Look,
    Misconfigured,
    Probe,
    Push,
    Readable,
    ReadPlan,
    Receipt,
    Record,
    Refused,
    Removal,
    Row,
    Stored,
    TableRead,
    TargetStep,
)

Reasons = tuple[tuple[str, str], ...]
_CELL: Final = re.compile(r"\{([^{}]+)\}")


@dataclass
class _Held:
    stored: Stored
    sent: bytes
    idempotency_key: str
    answer: Receipt


class MemoryTarget:
    """A new system in memory. ``refuse`` gives the reasons why it would not take a dossier; none: it takes it."""

    takes_files: Literal["first", "after", "never"] = "first"

    def __init__(self, refuse: Callable[[Push], Reasons] = lambda push: ()) -> None:
        self._refuse = refuse
        self._held: dict[tuple[str, str], _Held] = {}
        self._uploads: dict[tuple[str, str], dict[str, tuple[str, int]]] = {}
        self._used: dict[tuple[str, str], set[str]] = {}  # keys of writes to what is held, or was
        self._taken: dict[tuple[str, str, str], Receipt] = {}
        self._numbers = 0

    def probe(self) -> str:
        """Name and version."""
        return "memory 1"

    def upload(
        self,
        source_id: str,
        key: str,
        locator: str,
        name: str,
        stream: Readable,
        around_part: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[str, int]:
        """Note a file; (sha256, size)."""
        digest, size = hashlib.sha256(), 0
        while piece := stream.read(256 * 1024):
            digest.update(piece)
            size += len(piece)
        self._uploads.setdefault((source_id, key), {})[locator] = (digest.hexdigest(), size)
        return digest.hexdigest(), size

    def push(self, batch: Sequence[Push]) -> list[Receipt]:
        """Upsert dossiers, one after the other."""
        return [self._push(push) for push in batch]

    def _push(self, push: Push) -> Receipt:
        held = self._held.get((push.source_id, push.key))
        reasons = self._refuse(push)
        uploaded = self._uploads.get((push.source_id, push.key), {})
        reasons += tuple(
            ("files", "attachment_differs") for name, sent in push.files if uploaded.get(name, ("",))[0] != sent
        )
        if reasons:
            return Receipt(push.key, error=Refused("Hệ thống mới từ chối hồ sơ.", reasons))
        if held and push.idempotency_key and held.idempotency_key == push.idempotency_key:
            return self._repeat(push, held)
        if not held and push.idempotency_key in self._used.get((push.source_id, push.key), ()):
            return Receipt(push.key, error=Refused("Khóa ghi đã dùng.", (("", "idempotency_key_spent"),)))
        if push.if_match != (held.stored.version if held else ""):
            version = held.stored.version if held else ""
            return Receipt(push.key, version=version, error=Conflict("Hồ sơ có phiên bản khác."))
        files = tuple((locator, *uploaded[locator]) for locator, _ in sorted(push.files))
        if held and (held.sent, held.stored.files) == (push.body, files):
            return Receipt(push.key, held.stored.new_id, held.stored.version)
        self._numbers += not held
        number = held.stored.new_id if held else f"M{self._numbers}"
        answer = Receipt(push.key, number, str(int(push.if_match or 0) + 1))
        stored = Stored(
            push.source_id, push.key, number, answer.version, push.body, files, written_by=push.idempotency_key
        )
        self._held[(push.source_id, push.key)] = _Held(stored, push.body, push.idempotency_key, answer)
        self._used.setdefault((push.source_id, push.key), set()).update({push.idempotency_key} - {""})
        return answer

    def _repeat(self, push: Push, held: _Held) -> Receipt:
        if held.stored.version != held.answer.version:
            message = "Hồ sơ đã được sửa trong hệ thống mới."
            return Receipt(push.key, version=held.stored.version, error=Conflict(message))
        if held.sent != push.body:
            return Receipt(push.key, error=Refused("Khóa ghi đã dùng.", (("", "idempotency_key_reused"),)))
        return held.answer

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        """Take dossiers out with their files, one after the other."""
        return [self._remove(removal) for removal in batch]

    def _remove(self, removal: Removal) -> Receipt:
        place = (removal.source_id, removal.key)
        held, before = self._held.get(place), self._taken.get((*place, removal.idempotency_key))
        if held is None:
            self._uploads.pop(place, None)
            return before or Receipt(removal.key)
        if before or held.stored.version != removal.if_match:
            message = "Hồ sơ có phiên bản khác."
            return Receipt(removal.key, version=held.stored.version, error=Conflict(message))
        del self._held[place]
        self._uploads.pop(place, None)
        return self._taken.setdefault((*place, removal.idempotency_key), Receipt(removal.key, held.stored.new_id))

    def edit(self, source_id: str, key: str, body: bytes) -> None:
        """What a clerk does there: another body, the next version."""
        held = self._held[(source_id, key)]
        old = held.stored
        version = str(int(old.version) + 1)
        held.stored = Stored(source_id, key, old.new_id, version, body, old.files, written_by="")
        held.sent = body

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        """The dossiers with these keys, in their order; what is not held is left out."""
        places = [(source_id, key) for key in dict.fromkeys(keys)]
        return [self._held[place].stored for place in places if place in self._held]

    def list_keys(self, source_id: str) -> Iterator[tuple[str, str]]:
        """(key, version) in key order."""
        return iter(sorted((key, held.stored.version) for (s, key), held in self._held.items() if s == source_id))

    def told(self, source_id: str) -> dict[str, int]:
        """Nobody is ever told."""
        return {"citizen": 0, "portal": 0}

    def process(self) -> dict[str, TargetStep]:
        """No process of its own."""
        return {}

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True)
class MemorySource:
    """An old system in memory. ``counts`` answers SQL texts that a plan declares; ``files`` are bytes by locator."""

    records: Sequence[Record]
    main: str = "dossier"  # name of the dossier table in probe, tally and column
    references: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def probe(self) -> Probe:
        """The tables and columns that any record shows."""
        tables: dict[str, dict[str, None]] = {}
        for name, row in self._rows():
            tables.setdefault(name, {}).update(dict.fromkeys(row))
        return Probe(
            {name: tuple(Column(c, "text") for c in columns) for name, columns in tables.items()}, False, "memory 1"
        )

    def count(self, sql: str, params: Mapping[str, str | int]) -> int:
        """The number declared for this SQL text."""
        if sql not in self.counts:
            raise Misconfigured("Nguồn trong bộ nhớ không biết câu đếm này.")
        return self.counts[sql]

    def count_all(self, queries: Mapping[str, str], params: Mapping[str, str | int]) -> dict[str, int]:
        """The numbers declared for these SQL texts."""
        return {name: self.count(sql, params) for name, sql in queries.items()}

    def tally(
        self, table: str, columns: Sequence[str], join: Sequence[Join] = ()
    ) -> list[tuple[tuple[Cell, ...], int]]:
        """Distinct combinations with their counts, most frequent first. Records hold what a join would give."""
        rows = [row for name, row in self._rows() if name == table]
        return Counter(tuple(_cell(row, column, table) for column in columns) for row in rows).most_common()

    def column(self, table: str, column: str, *, limit: int) -> list[Cell]:
        """Values that are there, newest keys first."""
        values: list[Cell] = [_cell(row, column, table) for name, row in self._rows() if name == table]
        known: list[Cell] = [value for value in reversed(values) if value is not None]
        return known[:limit]

    def look(self, table: str, *, rows: int) -> Look:
        """The first and the last rows."""
        found = [row for name, row in self._rows() if name.lower() == table.lower()]
        shown = found if len(found) <= rows else [*found[: rows // 2], *found[len(found) - (rows - rows // 2) :]]
        return Look((), tuple(shown), len(found), True)

    def reference(self, read: TableRead) -> list[Row]:
        """A small table, whole."""
        return [dict(row) for row in self.references.get(read.name, ())]

    def sweep(self, plan: ReadPlan, *, after: str = "") -> Iterator[list[Record]]:
        """Pages of records in key order."""
        ordered = [r for r in self._ordered() if not after or _order(r.key) > _order(after)]
        for at in range(0, len(ordered), plan.page_rows):
            yield [self._deliver(plan, record) for record in ordered[at : at + plan.page_rows]]

    def fetch(self, plan: ReadPlan, keys: Sequence[str]) -> list[Record]:
        """These records again, in key order."""
        return [self._deliver(plan, record) for record in self._ordered() if record.key in set(keys)]

    def stat_file(self, locator: str) -> int | None:
        """Size of a file; None when it is gone."""
        return len(self.files[locator]) if locator in self.files else None

    def open_file(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file."""
        if locator not in self.files:
            raise FileNotFoundError(locator)
        return io.BytesIO(self.files[locator])

    def close(self) -> None:
        """Nothing to give back."""

    def _ordered(self) -> list[Record]:
        return sorted(self.records, key=lambda record: _order(record.key))

    def _rows(self) -> Iterator[tuple[str, Row]]:
        for record in self._ordered():
            yield self.main, record.row
            yield from ((name, row) for name, rows in record.children.items() for row in rows)
        yield from ((name, row) for name, rows in self.references.items() for row in rows)

    def _deliver(self, plan: ReadPlan, record: Record) -> Record:
        children = {
            read.name: [
                part for row in record.children.get(read.name, ()) for part in each_part(read, _narrow(read, row))
            ]
            for read in plan.children
        }
        for spec in plan.files:
            for row in children.get(spec.child, ()):
                locator = _locator(spec, row)
                row["_locator"], row["_size"] = locator, None if locator is None else self.stat_file(locator)
        return Record(record.key, _narrow(plan.main, record.row), children)


def _order(key: str) -> tuple[int, str]:
    """Whole numbers as numbers, other keys as text."""
    return (int(key), "") if key.isdecimal() else (-1, key)


def _cell(row: Row, column: str, table: str) -> Cell:
    if column not in row:
        raise Misconfigured(f"Bảng {table} không có cột {column}.")
    return row[column]


def _narrow(read: TableRead, row: Row) -> Row:
    names = [*read.columns, *(f"{join.alias}.{column}" for join in read.join for column in join.columns)]
    names += ["_locator", "_size"] if read.content else []
    return {name: _cell(row, name, read.table) for name in names}


def _locator(spec: FileSpec, row: Row) -> str | None:
    cells = {name: row.get(name) for name in _CELL.findall(spec.locator)}
    values = {n: int(c) if isinstance(c, float) and c.is_integer() else c for n, c in cells.items()}
    if any(value in (None, "") for value in values.values()):
        return None
    return _CELL.sub(lambda match: str(values[match[1]]), spec.locator)
