"""A sweep of one source in the ledger: pages seen, entries new or changed, what vanished, the source's own counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, func, insert, select, update

from connectors._sql_bulk import insert_rows, update_rows
from connectors.base import Unavailable
from flows import ledger_schema as t
from flows.ledger import Item, Ledger, Run, forget_issues, replace_issues
from flows.payloads import compressed
from mappings.model import Exclusion, Issue, Severity


@dataclass(frozen=True)
class Sweep:
    """One reading of a whole source. ``number`` is shared by the sources swept in one run."""

    source_id: str
    number: int
    started_at: str
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One record as the sweep met it. ``packed`` is its canonical encoding, ``raw_fp`` the fingerprint of that."""

    key: str
    raw_fp: bytes
    packed: bytes
    exclusion: Exclusion | None


@dataclass
class PageCount:
    """What one page did to the ledger."""

    new: int = 0
    changed: int = 0
    excluded: int = 0
    same: int = 0

    def __iadd__(self, other: PageCount) -> PageCount:
        self.new += other.new
        self.changed += other.changed
        self.excluded += other.excluded
        self.same += other.same
        return self


def start_sweep(ledger: Ledger, run: Run, source_id: str, name: str, *, is_filtered: bool) -> Sweep:
    """Open a sweep; the sources of one run share its number. Raises Unavailable while another run sweeps the source.

    What one of two sweeps at a time sees for the first time, the other would call vanished.
    """
    with ledger.transaction() as c:
        if not ledger.is_sqlite:
            c.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"sweep {source_id}"))))
        _refuse_second(c, run, source_id, name)
        shared = c.execute(select(func.max(t.sweep.c.number)).where(t.sweep.c.run_id == run.id)).scalar()
        taken = c.execute(select(func.max(t.sweep.c.number)).where(t.sweep.c.source_id == source_id)).scalar() or 0
        highest = c.execute(select(func.max(t.sweep.c.number))).scalar() or 0
        number = shared if shared and shared > taken else highest + 1
        mark = Sweep(source_id, number, ledger.now(), is_filtered)
        c.execute(
            insert(t.sweep).values(
                source_id=source_id,
                number=number,
                run_id=run.id,
                started_at=mark.started_at,
                is_filtered=is_filtered,
            )
        )
        c.execute(t.source.delete().where(t.source.c.id == source_id))
        c.execute(insert(t.source).values(id=source_id, name=name))
    return mark


def _refuse_second(c: Connection, run: Run, source_id: str, name: str) -> None:
    s, r = t.sweep.c, t.run.c
    query = (
        select(r.verb, r.host, r.pid)
        .join(t.sweep, s.run_id == r.id)
        .where(s.source_id == source_id, s.ended_at.is_(None), r.outcome.is_(None), r.id != run.id)
    )
    other = c.execute(query.limit(1)).one_or_none()
    if other is not None:
        raise Unavailable(
            f"Nguồn {name} đang được một lượt chạy khác quét ({other.verb}, tiến trình {other.pid} trên máy "
            f"{other.host}). Chờ lượt đó xong rồi chạy lại."
        )


def record_page(ledger: Ledger, run: Run, sweep: Sweep, page: Sequence[Seen]) -> PageCount:
    """Enter a page of records: new ones, changed ones, ones that a rule now keeps out or lets in."""
    e = t.entry.c
    count = PageCount()
    with ledger.faults.around("page"), ledger.transaction() as c:
        ledger.renew(c, run)
        known = {
            row.key: row
            for row in c.execute(
                select(e.key, e.state, e.former, e.revision, e.raw_fp, e.rule, e.twin, e.new_id).where(
                    e.source_id == sweep.source_id, e.key.in_([s.key for s in page])
                )
            )
        }
        fresh = [s for s in page if s.key not in known]
        moved = [s for s in page if s.key in known and _is_moved(s, known[s.key])]
        _insert(ledger, c, run, sweep, fresh)
        _move(ledger, c, run, sweep, [(s, known[s.key]) for s in moved])
        c.execute(
            update(t.entry)
            .where(e.source_id == sweep.source_id, e.key.in_([s.key for s in page]))
            .values(last_sweep=sweep.number)
        )
        _note_exclusions(c, sweep, fresh, [(s, known[s.key]) for s in moved])
    ledger.learn("extract")
    count.excluded = sum(s.exclusion is not None for s in page)
    count.new = sum(s.exclusion is None for s in fresh)
    count.changed = sum(s.exclusion is None for s in moved)
    count.same = len(page) - count.new - count.changed - count.excluded
    return count


def _is_moved(seen: Seen, row: Any) -> bool:
    if seen.exclusion is None:
        is_back = row.state == t.VANISHED or (row.state == t.EXCLUDED and row.rule not in t.DECIDED_RULES)
        return bool(is_back or row.raw_fp != seen.raw_fp)
    known = (row.state, row.rule, row.twin or "", row.raw_fp)
    return bool(known != (t.EXCLUDED, seen.exclusion.rule, seen.exclusion.twin, seen.raw_fp))


_FRESH: Final = (
    "source_id", "key", "state", "rule", "twin", "revision", "raw_fp", "first_sweep", "last_sweep", "seen_at",
    "changed_at",
)  # fmt: skip


def _insert(ledger: Ledger, c: Connection, run: Run, sweep: Sweep, fresh: Sequence[Seen]) -> None:
    if not fresh:
        return
    at = ledger.now()
    entries = [
        (
            sweep.source_id, s.key, scope["state"], scope["rule"], scope["twin"], 1, s.raw_fp, sweep.number,
            sweep.number, sweep.started_at, at,
        )
        for s, scope in ((s, _scope(s)) for s in fresh)
    ]  # fmt: skip
    insert_rows(c, t.entry, entries, _FRESH)
    payloads = [(sweep.source_id, s.key, compressed(s.packed)) for s in fresh]
    insert_rows(c, t.payload, payloads, ("source_id", "key", "raw"))
    ledger.write_history(c, run, [(_item(sweep, s.key, "", 1), _scope(s)["state"], _reason(s)) for s in fresh])


def _move(ledger: Ledger, c: Connection, run: Run, sweep: Sweep, moved: Sequence[tuple[Seen, Any]]) -> None:
    if not moved:
        return
    rows = [
        {
            "source_id": sweep.source_id,
            "key": s.key,
            **_scope(s, row),
            "former": _former(row),
            "revision": row.revision + 1,
            "raw_fp": s.raw_fp,
        }
        for s, row in moved
    ]
    update_rows(c, t.entry, t.KEY, rows, fixed={"seen_at": sweep.started_at, "changed_at": ledger.now(), "lease": None})
    payloads = [{"source_id": sweep.source_id, "key": s.key, "raw": compressed(s.packed)} for s, _ in moved]
    update_rows(c, t.payload, t.KEY, payloads)
    ledger.write_history(
        c,
        run,
        [
            (_item(sweep, s.key, row.state, row.revision + 1), _scope(s, row)["state"], _reason(s, row))
            for s, row in moved
        ],
    )


def _former(row: Any) -> str | None:
    """What the sweep must not forget: it was in the target, or somebody took it back from there."""
    if row.state in (*t.IN_TARGET, t.ROLLED_BACK):
        return str(row.state)
    was_out = row.state in t.NO_CLAIM and row.former == t.ROLLED_BACK
    return t.ROLLED_BACK if was_out else None


def _scope(seen: Seen, row: Any = None) -> dict[str, Any]:
    if seen.exclusion is None:
        # what was taken back learns its new content and waits: it goes on only when somebody asks for it
        state = t.ROLLED_BACK if row is not None and _former(row) == t.ROLLED_BACK else t.EXTRACTED
        return {"state": state, "rule": None, "twin": None}
    return {"state": t.EXCLUDED, "rule": seen.exclusion.rule, "twin": seen.exclusion.twin or None}


def _reason(seen: Seen, row: Any = None) -> str:
    if seen.exclusion is not None:
        return seen.exclusion.rule
    if row is None:
        return ""
    return "source_changed" if row.state not in (t.EXCLUDED, t.VANISHED) else f"again_after_{row.state.lower()}"


def _item(sweep: Sweep, key: str, state: str, revision: int) -> Item:
    return Item(sweep.source_id, key, state, revision, seen_at=sweep.started_at)


def _note_exclusions(c: Connection, sweep: Sweep, fresh: Sequence[Seen], moved: Sequence[tuple[Seen, Any]]) -> None:
    rows: list[tuple[str, str, Sequence[Issue]]] = []
    for s, row in [(s, None) for s in fresh] + list(moved):
        issues = list(s.exclusion.issues) if s.exclusion is not None else []
        if s.exclusion is not None and row is not None:
            issues += left_after_push(row.new_id)
        if issues or row is not None:
            rows.append((sweep.source_id, s.key, issues))
    replace_issues(c, "extract", rows)
    gone = [(sweep.source_id, s.key) for s, _ in moved if s.exclusion is not None]
    forget_issues(c, ("map", "validate", "push", "compare"), gone)


def left_after_push(new_id: str | None) -> list[Issue]:
    """What to say of a dossier that is left out now and was pushed before: it is named, never deleted over there."""
    return [Issue("excluded_after_push", "", Severity.WARNING, new_id)] if new_id else []


def finish_sweep(ledger: Ledger, run: Run, sweep: Sweep, counts: Mapping[str, int]) -> int:
    """Close a sweep with the source's own counts; a complete one names what vanished. How many vanished."""
    vanished = 0
    if not sweep.is_filtered:
        e = t.entry.c
        gone = and_(e.source_id == sweep.source_id, e.last_sweep < sweep.number, e.state != t.VANISHED)
        vanished = ledger.send_back(run, gone, "not_seen_by_a_complete_sweep", to=t.VANISHED)
    with ledger.faults.around("mark"), ledger.transaction() as c:
        c.execute(
            update(t.sweep)
            .where(t.sweep.c.source_id == sweep.source_id, t.sweep.c.number == sweep.number)
            .values(ended_at=ledger.now(), **{name: counts[name] for name in ("found", "in_scope", "after_cutoff")})
        )
    return vanished


def recount(ledger: Ledger, source_id: str, counts: Mapping[str, int]) -> None:
    """Keep the counts that compare took afresh beside those of the last finished sweep."""
    with ledger.transaction() as c:
        number = last_number(c, source_id)
        c.execute(
            update(t.sweep)
            .where(t.sweep.c.source_id == source_id, t.sweep.c.number == number)
            .values(
                recount_at=ledger.now(),
                **{f"recount_{name}": counts[name] for name in ("found", "in_scope", "after_cutoff")},
            )
        )


def last_number(c: Connection, source_id: str) -> int | None:
    """Number of the last finished sweep; None when there is none."""
    return c.execute(
        select(func.max(t.sweep.c.number)).where(t.sweep.c.source_id == source_id, t.sweep.c.ended_at.is_not(None))
    ).scalar()


def last_sweep(ledger: Ledger, source_id: str) -> Any:
    """The last finished sweep of a source, or None."""
    with ledger.transaction() as c:
        number = last_number(c, source_id)
        query = select(t.sweep).where(t.sweep.c.source_id == source_id, t.sweep.c.number == number)
        return None if number is None else c.execute(query).one()


def is_settled(ledger: Ledger, source_id: str) -> bool:
    """Whether the newest sweep of the source is finished: the barrier before validate."""
    with ledger.transaction() as c:
        newest = c.execute(select(func.max(t.sweep.c.number)).where(t.sweep.c.source_id == source_id)).scalar()
        return newest is not None and newest == last_number(c, source_id)
