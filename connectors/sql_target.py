"""A new system whose tables are written: no API, no versions and no tokens of its own, but transactions.

A batch of whole dossiers is one transaction: locked, written, read back, and only then committed. The id of a row is
made of source and old key, so the same dossier cannot be written twice. The version is a hash of all that is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection

from connectors._tables_door import Spoilt, TablesDoor
from connectors._tables_files import FileFolder
from connectors._tables_plan import TablesPlan
from connectors._tables_rows import LOCAL, Held, Rows, Wanted, as_id, made_id
from connectors._tables_shelf import Shelf
from connectors._twice import one_after_the_other
from connectors.base import (
    Conflict,
    Misconfigured,
    Push,
    Readable,
    Receipt,
    Refused,
    Removal,
    Stored,
    TargetStep,
)

REHEARSAL: Final = "lienthong_rehearsal"
"""The table that a database made for rehearsals has."""

Place = tuple[str, str]


class SqlTarget:
    """Tables of a new system. ``is_reader``: the comparer's own account, which may need no right but SELECT."""

    def __init__(
        self,
        plan: TablesPlan,
        url: str,
        *,
        files: Path | None = None,
        is_reader: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._plan = plan
        self._rows = Rows(plan)
        self._door = TablesDoor(url)
        self._shelf = Shelf(plan, self._door)
        self._files = FileFolder(files)
        self._is_reader = is_reader
        self._clock = clock
        self.takes_files: Literal["first", "after", "never"] = "first" if plan.files.lists else "never"

    def probe(self) -> str:
        """The profile's title and the server's words. Raises Misconfigured, Forbidden: everything that is missing."""
        server = self._door.server()
        plans = [(table, self._rows.columns(table)) for table in (self._plan.main, *self._plan.lists)]
        faults = list(self._door.faults(plans, is_reader=self._is_reader))
        if faults:
            kind = next((type(f) for f in faults if isinstance(f, Misconfigured)), type(faults[0]))
            raise kind("\n".join(map(str, faults)))
        if self.takes_files == "first":
            self._files.check()
        return f"{self._plan.title}, {server}"

    @property
    def is_rehearsal(self) -> bool:
        """Whether the database was made for rehearsals."""
        return REHEARSAL in self._door.catalogue().tables

    def upload(
        self,
        source_id: str,
        key: str,
        locator: str,
        name: str,
        stream: Readable,
        around_part: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[str, int]:
        """Keep one file of a dossier in the folder; (sha256, size) as read back. Raises Unavailable, Forbidden."""
        return self._files.keep(source_id, key, locator, stream)

    # ------------------------------------------------------------ writing

    def push(self, batch: Sequence[Push]) -> list[Receipt]:
        """Write dossiers in one transaction and read each back before it stands; one receipt a dossier, in order.

        A dossier that the database refuses leaves the batch, the others are written without it. Raises Unavailable,
        Forbidden, Misconfigured: then nothing of the batch was written, or the answer to its end was lost.
        """
        return one_after_the_other(batch, self._settled)

    def _settled(self, pushes: Sequence[Push]) -> list[Receipt]:
        receipts = self._settle(pushes)
        return [receipts[(push.source_id, push.key)] for push in pushes]

    def _settle(self, pushes: Sequence[Push], *, is_second: bool = False) -> dict[Place, Receipt]:
        """Receipts of dossiers that are all different."""
        if not pushes:
            return {}
        now = self._clock().astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S.%f")
        path = self._files.path
        wanted = [self._rows.write(p, partial(path, p.source_id, p.key), now) for p in pushes]
        try:
            with self._door.writing() as connection:
                return self._write(connection, wanted)
        except _Differs as differs:
            kept = [push for push in pushes if (push.source_id, push.key) not in differs.receipts]
            return differs.receipts | self._settle(kept)
        except Spoilt:
            half = len(pushes) // 2
            if half:
                return self._settle(pushes[:half]) | self._settle(pushes[half:])
            if not is_second:  # another writer may have been quicker: then it is there by now
                return self._settle(pushes, is_second=True)
        error = Refused("Cơ sở dữ liệu của hệ thống mới từ chối hồ sơ.", (("", "refused_by_database"),))
        return {(pushes[0].source_id, pushes[0].key): Receipt(pushes[0].key, error=error)}

    def _write(self, connection: Connection, wanted: Sequence[Wanted]) -> dict[Place, Receipt]:
        held = self._shelf.held(connection, [w.id for w in wanted], is_locked=True)
        taken = self._taken(connection, wanted, held)
        receipts: dict[Place, Receipt] = {}
        new: list[Wanted] = []
        changed: list[Wanted] = []
        for one in wanted:
            there = held.get(one.id)
            receipt = self._judge(one, there, is_taken=one.id in taken)
            if receipt is not None:
                receipts[_place(one)] = receipt
            else:
                (new if there is None else changed).append(one)
        self._put(connection, new, changed, held)
        return receipts | self._verified(connection, [*new, *changed])

    def _judge(self, wanted: Wanted, held: Held | None, *, is_taken: bool) -> Receipt | None:
        """The receipt of a dossier that is not to be written; None for one that is."""
        key, push = wanted.push.key, wanted.push
        if held is not None and not any(self._rows.differing(wanted, held)):
            return self._receipt(wanted, held)  # written before: the answer may have been lost on its way
        version = self._rows.version(held) if held is not None else ""
        if push.if_match != version:
            error = Conflict("Hồ sơ đã có trong hệ thống mới với nội dung khác.")
            return Receipt(key, version=version, error=error)
        if is_taken:
            taken = Refused("Số hồ sơ đã thuộc về hồ sơ khác.", ((self._plan.number, "number_taken"),))
            return Receipt(key, error=taken)
        reasons = self._file_faults(wanted)
        return Receipt(key, error=Refused("Tệp của hồ sơ chưa đến nơi.", reasons)) if reasons else None

    def _file_faults(self, wanted: Wanted) -> tuple[tuple[str, str], ...]:
        where = _place(wanted)
        if self.takes_files == "first" and not all(self._files.is_there(*where, name) for name in wanted.files):
            return (("files", "attachment_missing"),)
        found = {locator: self._files.look(*where, locator) for locator, _ in wanted.push.files}
        if any((found[locator] or ("", 0))[0] != sha256 for locator, sha256 in wanted.push.files):
            return (("files", "attachment_differs"),)
        return ()

    def _taken(self, connection: Connection, wanted: Sequence[Wanted], held: Mapping[str, Held]) -> set[str]:
        """Ids of dossiers whose number another one has there, or an earlier one of this batch."""
        column = self._plan.number.lower()
        asked = {
            _fold(one.number): one.id
            for one in reversed(wanted)
            if one.number and (one.id not in held or held[one.id].main[column] != one.number)
        }
        taken = {one.id for one in wanted if asked.get(_fold(one.number), one.id) != one.id}
        numbers = sorted({one.number for one in wanted if _fold(one.number) in asked})
        for own, number in self._door.pairs(connection, self._plan.main, column, numbers):
            if as_id(own) != (wanting := asked.get(_fold(str(number)), as_id(own))):
                taken.add(wanting)
        return taken

    def _put(
        self, connection: Connection, new: Sequence[Wanted], changed: Sequence[Wanted], held: Mapping[str, Held]
    ) -> None:
        """Dossiers in bulk; the rows of their lists are replaced as a whole."""
        main = self._plan.main
        columns = self._rows.columns(main)
        self._door.insert(connection, main, columns, [one.main for one in new])
        self._door.update(connection, main, columns, [one.main for one in changed])
        for at, table in enumerate(self._plan.lists):
            old = [row[table.id.lower()] for one in changed for row in held[one.id].lists[at]]
            self._door.delete(connection, table, old)
            rows = [row for one in (*new, *changed) for row in one.lists[at]]
            self._door.insert(connection, table, self._rows.columns(table), rows)

    def _verified(self, connection: Connection, written: Sequence[Wanted]) -> dict[Place, Receipt]:
        """Receipts of what reads back as it was written. Raises _Differs for the rest, before anything stands."""
        there = self._shelf.held(connection, [one.id for one in written])
        wrong = {}
        for one in written:
            held = there.get(one.id)
            reasons = ("",) if held is None else tuple(self._rows.differing(one, held))
            if reasons:
                error = Refused(
                    "Hệ thống mới giữ khác với hồ sơ đã gửi.", tuple((name, "read_back_differs") for name in reasons)
                )
                wrong[_place(one)] = Receipt(one.push.key, error=error)
        if wrong:
            raise _Differs(wrong)
        return {_place(one): self._receipt(one, there[one.id]) for one in written}

    def _receipt(self, wanted: Wanted, held: Held) -> Receipt:
        return Receipt(wanted.push.key, wanted.id, self._rows.version(held))

    # ------------------------------------------------------------ taking back

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        """Take dossiers out with their files in one transaction; one receipt a dossier, in the order given."""
        try:
            return self._take(batch)
        except Spoilt:
            half = len(batch) // 2
            if half:
                return [*self.remove(batch[:half]), *self.remove(batch[half:])]
            error = Refused("Bảng khác của hệ thống mới còn trỏ vào hồ sơ.", (("", "still_referenced"),))
            return [Receipt(batch[0].key, error=error)]

    def _take(self, batch: Sequence[Removal]) -> list[Receipt]:
        if not batch:
            return []
        with self._door.writing() as connection:
            held = self._shelf.held(connection, [made_id(r.source_id, r.key) for r in batch], is_locked=True)
            receipts = [self._removal(removal, held.get(made_id(removal.source_id, removal.key))) for removal in batch]
            gone = [held[receipt.new_id] for receipt in receipts if receipt.new_id]
            for at, table in enumerate(self._plan.lists):
                self._door.delete(connection, table, [r[table.id.lower()] for one in gone for r in one.lists[at]])
            self._door.delete(connection, self._plan.main, [one.id for one in gone])
        for removal, receipt in zip(batch, receipts, strict=True):  # the rows are gone for good
            if receipt.error is None:
                self._files.drop(removal.source_id, removal.key)
        return receipts

    def _removal(self, removal: Removal, held: Held | None) -> Receipt:
        version = self._rows.version(held) if held is not None else removal.if_match
        if version != removal.if_match:
            error = Conflict("Hồ sơ có phiên bản khác trong hệ thống mới.")
            return Receipt(removal.key, version=version, error=error)
        return Receipt(removal.key, held.id if held is not None else "")

    # ------------------------------------------------------------ reading

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        """The dossiers with these old keys, whole, in the order of the keys; what is not held is left out."""
        wanted = {key: made_id(source_id, key) for key in keys}
        if not wanted:
            return []
        with self._door.reading() as connection:
            held = self._shelf.held(connection, list(wanted.values()))
        return [self._stored(source_id, key, held[own]) for key, own in wanted.items() if own in held]

    def _stored(self, source_id: str, key: str, held: Held) -> Stored:
        body = self._rows.body(held)
        files = []
        for locator in self._rows.locators_of(body):
            if (found := self._files.look(source_id, key, locator)) is not None:
                files.append((locator, *found))
        return Stored(source_id, key, held.id, self._rows.version(held), body, tuple(sorted(files)))

    def list_keys(self, source_id: str) -> Iterator[tuple[str, str]]:
        """(old key, version) of every migrated dossier held of this source, in key order.

        The tables have no column of the old key to sort by: all keys and versions of the source are in memory.
        """
        found = []
        for held in self._shelf.marked():
            key = self._rows.key_of(held, source_id)
            if key is not None and made_id(source_id, key) == held.id:
                found.append((key, self._rows.version(held)))
        yield from sorted(found)

    def told(self, source_id: str) -> None:
        """Nothing: tables count no messages."""
        return

    def process(self) -> dict[str, TargetStep]:
        """Nothing: tables tell no steps."""
        return {}

    def close(self) -> None:
        """Give every connection back. A second close does nothing."""
        self._door.close()


class _Differs(Exception):
    """What was written does not read back as it was sent: nothing may stand."""

    def __init__(self, receipts: dict[Place, Receipt]) -> None:
        super().__init__()
        self.receipts = receipts


def _fold(number: str) -> str:
    """A number as most databases compare it."""
    return number.strip().casefold()


def _place(wanted: Wanted) -> Place:
    return wanted.push.source_id, wanted.push.key
