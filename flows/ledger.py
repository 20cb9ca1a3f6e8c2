"""The ledger: one row a dossier, one state a row. It alone says what is done.

Stages claim entries of one state under a lease, and write them back only while state, revision and lease are
still theirs. A claim, an advance, a page of a sweep: each is one transaction.
"""

from __future__ import annotations

import os
import socket
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate, groupby
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import delete as sql_delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from connectors._sql_bulk import insert_rows, update_rows
from connectors.base import Unavailable
from flows import ledger_schema as t
from flows.faults import Faults
from flows.ledger_schema import TRANSITIONS
from flows.ledger_trouble import ledger_trouble, process_identity
from mappings.model import Issue

LEASE_SECONDS: Final = 900
BATCH_BYTES: Final = 16 * 1024 * 1024
"""Compressed payloads that one batch may hold: some 7,000 usual dossiers, fewer of those with long forms."""


@dataclass(frozen=True)
class Run:
    """One command at work: who holds the leases."""

    id: str
    verb: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An entry under lease, with the payloads its stage asked for."""

    source_id: str
    key: str
    state: str
    revision: int
    former: str | None = None
    mapped_fp: bytes | None = None
    pushed_fp: bytes | None = None
    new_id: str | None = None
    version: str | None = None
    seen_at: str = ""
    code: str | None = None
    code_sweep: int | None = None
    last_sweep: int = 0
    raw: bytes | None = None
    mapped: bytes | None = None
    raw_fp: bytes | None = None
    mapping_version: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an item goes next. ``issues`` None leaves the stage's issues as they are."""

    item: Item
    state: str
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    issues: Sequence[Issue] | None = None
    mapped: bytes | None = None


class Ledger:
    """The ledger of one site, on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], batch_bytes: int = BATCH_BYTES) -> None:
        self.engine = engine
        self.clock = clock
        self.batch_bytes = batch_bytes
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.faults = Faults()
        self._batches: Counter[str] = Counter()

    # ------------------------------------------------------------ connections

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; trouble with the ledger's database becomes Unavailable."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise ledger_trouble(error) from None

    def now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def database_now(self) -> ColumnElement[float]:
        """The database's clock as epoch seconds: leases of several hosts are judged by one clock."""
        if self.is_sqlite:
            return literal_column("((julianday('now') - 2440587.5) * 86400.0)")
        return literal_column("extract(epoch from clock_timestamp())")

    def learn(self, stage: str) -> None:
        """Let PostgreSQL count its rows again whenever the batches of a stage have doubled.

        It plans by what it has counted. Of a ledger that grew within a minute it knows nothing, and would read whole
        tables for every batch.
        """
        self._batches[stage] += 1
        if self.is_sqlite or self._batches[stage].bit_count() > 1:
            return
        with self.transaction() as c:
            c.execute(text("SET LOCAL default_statistics_target = 10"))  # a sample of 3,000 rows says enough
            c.execute(text("ANALYZE entry, payload, issue, intent, attachment, difference, deadline, obligation"))

    def close(self) -> None:
        self.engine.dispose()

    # ------------------------------------------------------------ runs and leases

    @contextmanager
    def run(self, verb: str) -> Iterator[Run]:
        """Open a run; leases of dead runs are freed first. SQLite lets one run at a time work."""
        run = Run(f"{self.clock():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}", verb, self.clock())
        with self.transaction() as c:
            alive = self._free_dead_runs(c)
            if alive and self.is_sqlite:
                raise Unavailable(
                    f"Một lượt chạy khác ({alive[0].verb}, tiến trình {alive[0].pid} trên máy {alive[0].host}) "
                    "đang dùng sổ cái này. Chờ lượt đó xong rồi chạy lại."
                )
            c.execute(
                insert(t.run).values(
                    id=run.id, verb=verb, started_at=self.now(), host=socket.gethostname(), pid=os.getpid(),
                    boot=process_identity(os.getpid()), expires=self.database_now() + LEASE_SECONDS,
                )
            )  # fmt: skip
        outcome = "failed"
        try:
            yield run
            outcome = "done"
        finally:
            self._end_run(run, outcome)

    def _end_run(self, run: Run, outcome: str) -> None:
        with self.transaction() as c:
            c.execute(update(t.entry).where(t.entry.c.lease == run.id).values(lease=None, lease_until=None))
            c.execute(update(t.run).where(t.run.c.id == run.id).values(ended_at=self.now(), outcome=outcome))

    def _free_dead_runs(self, c: Connection) -> list[Any]:
        """Close runs whose process is gone and free their leases; the runs that live are returned."""
        now = c.execute(select(self.database_now())).scalar_one()
        alive = []
        for row in c.execute(select(t.run).where(t.run.c.outcome.is_(None))).all():
            is_here = row.host == socket.gethostname()
            if (process_identity(row.pid) == row.boot) if is_here else row.expires > now:
                alive.append(row)
                continue
            c.execute(update(t.entry).where(t.entry.c.lease == row.id).values(lease=None, lease_until=None))
            c.execute(update(t.run).where(t.run.c.id == row.id).values(ended_at=self.now(), outcome="killed"))
        return alive

    def claim(
        self,
        run: Run,
        state: str | Sequence[str],
        limit: int,
        *,
        sources: Sequence[str] = (),
        open_first: bool = False,
        only_open: bool = False,
        after: str = "",
        not_compared: bool = False,
        where: ColumnElement[bool] | None = None,
        with_raw: bool = False,
        with_mapped: bool = False,
    ) -> list[Item]:
        """Lease up to ``limit`` entries of a state, fewer when their payloads are large, at least one.

        ``open_first``: open dossiers first, nearest due date first; else in key order, beyond the key ``after``.
        """
        e = t.entry.c
        wanted = [e.state == state if isinstance(state, str) else e.state.in_(state)]
        wanted.append(or_(e.lease.is_(None), e.lease_until < self.database_now()))
        if sources:
            wanted.append(e.source_id.in_(sources))
        if after:
            wanted.append(e.key > after)
        if where is not None:
            wanted.append(where)
        if only_open:
            wanted.append(e.is_open.is_(True))
        if not_compared:
            wanted.append(or_(e.compared_run.is_(None), e.compared_run != run.id))
        order = t.PUSH_ORDER if open_first else (e.source_id, e.key)
        pick = select(e.source_id, e.key).where(and_(*wanted)).order_by(*order).limit(limit)
        if not self.is_sqlite:
            pick = pick.with_for_update(skip_locked=True)
        with self.transaction() as c:
            keys = [(row.source_id, row.key) for row in c.execute(pick)]
            if not keys:
                return []
            if with_raw or with_mapped:
                keys = self._light(c, keys, t.payload.c.raw if with_raw else t.payload.c.mapped)
            for source_id, group in by_source(keys):
                c.execute(
                    update(t.entry)
                    .where(e.source_id == source_id, e.key.in_(group))
                    .values(lease=run.id, lease_until=self.database_now() + LEASE_SECONDS)
                )
            self.renew(c, run)
            found = dict(self._items(c, keys, with_raw=with_raw, with_mapped=with_mapped))
        return [found[key] for key in keys]

    def _light(
        self, c: Connection, keys: list[tuple[str, str]], content: ColumnElement[bytes]
    ) -> list[tuple[str, str]]:
        """The first of these keys whose payloads together stay below ``batch_bytes``, at least one."""
        p = t.payload.c
        sizes: dict[tuple[str, str], int] = {}
        for source_id, group in by_source(keys):
            query = select(p.key, func.length(content)).where(p.source_id == source_id, p.key.in_(group))
            sizes |= {(source_id, key): size or 0 for key, size in c.execute(query)}
        weights = list(accumulate(sizes.get(key, 0) for key in keys))
        return keys[: max(1, bisect_right(weights, self.batch_bytes))]

    def renew(self, c: Connection, run: Run) -> None:
        """Let other hosts know that the run is alive."""
        c.execute(update(t.run).where(t.run.c.id == run.id).values(expires=self.database_now() + LEASE_SECONDS))

    def _items(
        self, c: Connection, keys: Sequence[Any], *, with_raw: bool, with_mapped: bool
    ) -> Iterator[tuple[tuple[str, str], Item]]:
        e, p = t.entry.c, t.payload.c
        columns: list[Any] = [
            e.source_id, e.key, e.state, e.revision, e.former, e.mapped_fp, e.pushed_fp, e.new_id, e.version, e.seen_at,
            e.code, e.code_sweep, e.last_sweep,
        ]  # fmt: skip
        columns.append(p.raw if with_raw else literal_column("NULL"))
        columns.append(p.mapped if with_mapped else literal_column("NULL"))
        columns += [e.raw_fp, e.mapping_version]
        tables = t.entry.join(t.payload, and_(e.source_id == p.source_id, e.key == p.key), isouter=True)
        for source_id, group in by_source(keys):
            for row in c.execute(
                select(*columns).select_from(tables).where(e.source_id == source_id, e.key.in_(group))
            ):
                yield (row[0], row[1]), Item(*row)

    def release(self, run: Run, items: Iterable[Item]) -> None:
        """Give leases back without a change of state."""
        with self.transaction() as c:
            for source_id, keys in by_source([(i.source_id, i.key) for i in items]):
                c.execute(
                    update(t.entry)
                    .where(t.entry.c.source_id == source_id, t.entry.c.key.in_(keys), t.entry.c.lease == run.id)
                    .values(lease=None, lease_until=None)
                )

    # ------------------------------------------------------------ moving entries

    def advance(self, run: Run, stage: str, outcomes: Sequence[Outcome]) -> int:
        """Write a batch back where state, revision and lease are still ours; the number of entries moved."""
        with self.faults.around("write"), self.transaction() as c:
            ours = self._still_ours(c, run, outcomes)
            moved = [o for o in outcomes if (o.item.source_id, o.item.key) in ours]
            for o in moved:
                assert o.state in (o.item.state, *TRANSITIONS[o.item.state]), f"{o.item.state} → {o.state}"
            self._update_entries(c, moved)
            write_payloads(c, [(o.item.source_id, o.item.key, o.mapped) for o in moved if o.mapped is not None])
            replace_issues(c, stage, [(o.item.source_id, o.item.key, o.issues) for o in moved if o.issues is not None])
            self.write_history(
                c, run, [(o.item, o.state, o.reason) for o in moved if o.state != o.item.state or o.reason]
            )
        self.learn(stage)
        return len(moved)

    def _still_ours(self, c: Connection, run: Run, outcomes: Sequence[Outcome]) -> set[tuple[str, str]]:
        e = t.entry.c
        expected = {(o.item.source_id, o.item.key): (o.item.state, o.item.revision) for o in outcomes}
        ours = set()
        for source_id, keys in by_source(list(expected)):
            query = select(e.key, e.state, e.revision).where(
                e.source_id == source_id, e.key.in_(keys), e.lease == run.id
            )
            for row in c.execute(query if self.is_sqlite else query.with_for_update()):
                if expected[(source_id, row.key)] == (row.state, row.revision):
                    ours.add((source_id, row.key))
        return ours

    def _update_entries(self, c: Connection, moved: Sequence[Outcome]) -> None:
        rows = [{"source_id": o.item.source_id, "key": o.item.key, "state": o.state, **o.values} for o in moved]
        update_rows(c, t.entry, t.KEY, rows, fixed={"changed_at": self.now(), "lease": None, "lease_until": None})

    def write_history(self, c: Connection, run: Run, moves: Sequence[tuple[Item, str, str]]) -> None:
        at = self.now()
        rows = [(i.source_id, i.key, i.revision, i.state, state, run.id, at, reason) for i, state, reason in moves]
        names = ("source_id", "key", "revision", "state_from", "state_to", "run_id", "at", "reason")
        insert_rows(c, t.history, rows, names)

    def send_back(self, run: Run, where: ColumnElement[bool], reason: str, *, to: str = t.EXTRACTED) -> int:
        """Move every entry that matches: to EXTRACTED or VALID as a new revision, elsewhere as it is; how many."""
        e = t.entry.c
        total = 0
        while True:
            with self.transaction() as c:
                rows = c.execute(
                    select(e.source_id, e.key, e.revision, e.state)
                    .where(where)
                    .order_by(e.source_id, e.key)
                    .limit(2000)
                ).all()
                if not rows:
                    return total
                for source_id, keys in by_source(rows):
                    values: dict[str, Any] = {"state": to, "lease": None, "changed_at": self.now()}
                    values["former"] = case((e.state.in_((*t.IN_TARGET, t.ROLLED_BACK)), e.state), else_=e.former)
                    if to in (t.EXTRACTED, t.VALID):
                        values["revision"] = e.revision + 1
                    c.execute(update(t.entry).where(e.source_id == source_id, e.key.in_(keys)).values(values))
                items = [Item(r.source_id, r.key, r.state, r.revision) for r in rows]
                self.write_history(c, run, [(item, to, reason) for item in items])
                total += len(rows)


# ---------------------------------------------------------------- shared pieces


def write_payloads(c: Connection, rows: Sequence[tuple[str, str, bytes]]) -> None:
    """Store the mapped payload of dossiers whose raw payload is there."""
    update_rows(c, t.payload, t.KEY, [{"source_id": s, "key": k, "mapped": m} for s, k, m in rows])


def replace_issues(c: Connection, stage: str, rows: Sequence[tuple[str, str, Sequence[Issue]]]) -> None:
    """Replace what one stage found on these dossiers."""
    forget_issues(c, (stage,), [(s, k) for s, k, _ in rows])
    found = [
        (s, k, stage, i.code, i.field[:120], str(i.severity), i.about) for s, k, issues in rows for i in issues
    ]  # fmt: skip
    insert_rows(c, t.issue, found, ("source_id", "key", "stage", "code", "field", "severity", "about"))


def forget_issues(c: Connection, stages: Sequence[str], members: Sequence[tuple[str, str]]) -> None:
    """Drop what these stages found on these dossiers: one that is left out keeps no finding of its earlier life."""
    i = t.issue.c
    for source_id, keys in by_source(members):
        c.execute(sql_delete(t.issue).where(i.source_id == source_id, i.key.in_(keys), i.stage.in_(stages)))


def by_source(keys: Sequence[Any]) -> Iterator[tuple[str, list[str]]]:
    for source_id, group in groupby(sorted((row[0], row[1]) for row in keys), key=lambda row: row[0]):
        yield source_id, [row[1] for row in group]
