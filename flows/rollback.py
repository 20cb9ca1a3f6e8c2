"""Taking back: out of the target one by one, only what is still as the ledger wrote it. The ledger keeps what was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from connectors.base import Conflict, ConnectorError, Receipt, Refused, Removal, Stored, Target
from flows import ledger_schema as t
from flows.attachments import known_attachments, left_behind, without_files
from flows.intents import ROLLBACK, TAKEN_BACK, open_intents, settle_intents
from flows.ledger import Item, Ledger, Outcome, Run, by_source
from flows.payloads import plain
from flows.questions import PAGE
from flows.selection import Selection
from mappings.model import Issue, Severity
from validations.compare import WORKED_ON, compare

GONE: Final = {"new_id": None, "version": None, "pushed_fp": None, "former": None, "compared_run": None}
"""What an entry no longer says once the target does not hold it."""
LEFT: Final = "left_by_rollback"
NO_VERSION: Final = "0"
TAKEN, NOT_THERE = "taken", "not_there"


@dataclass(frozen=True)
class Left:
    """A dossier that stays in the target, because somebody worked on it there."""

    source: str
    key: str
    code: str
    new_id: str


@dataclass
class RollbackStage:
    """What the target holds of a selection → ROLLED_BACK. Intent with an idempotency key → call → look → record.

    What somebody worked on there stays where it is and is named. What is out of scope by now keeps its state.
    """

    ledger: Ledger
    run: Run
    target: Target
    source_ids: Sequence[str]
    selection: Selection
    because: str  # who and why, for the history
    batch: int = 200
    name: str = "rollback"
    counts: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    _after: dict[tuple[int, str], str] = field(default_factory=dict)

    def prepare(self) -> None:
        settle_rollbacks(self.ledger, self.run, self.target)

    def finish(self) -> None:
        pass

    def total(self) -> int:
        return count_held(self.ledger, self.selection)

    def step(self) -> int:
        for number, part in enumerate(self.selection.parts):
            for source_id in self.source_ids:
                place = (number, source_id)
                items = self.ledger.claim(
                    self.run,
                    t.STATES,
                    self.batch,
                    sources=(source_id,),
                    after=self._after.get(place, ""),
                    where=and_(part, is_held()),
                    with_mapped=True,
                )
                if items:
                    self._after[place] = items[-1].key
                    self._guarded(items)
                    return len(items)
        return 0

    def _guarded(self, items: Sequence[Item]) -> None:
        try:
            self._take_back(items)
        except ConnectorError:
            self.ledger.release(self.run, items)  # the intents stay open: the next command settles them
            raise

    def _take_back(self, items: Sequence[Item]) -> None:
        ledger = self.ledger
        versions = {_place(item): item.version or "" for item in items} | self._arrived(items)
        versions |= {where: NO_VERSION for where in self._uploaded(items) if not versions[where]}
        ready = [item for item in items if versions[_place(item)]]
        tokens = {_place(item): _token(item, versions[_place(item)]) for item in ready}
        open_intents(ledger, self.run, [(item, tokens[_place(item)]) for item in ready], ROLLBACK)
        removals = [Removal(*_place(item), versions[_place(item)], tokens[_place(item)]) for item in ready]
        with ledger.faults.around("rollback"):
            receipts = dict(zip(map(_place, ready), self.target.remove(removals), strict=True))
        outcomes = [_outcome(item, receipts[_place(item)], self.because) for item in ready]
        taken = [o.item for o in outcomes if o.values]
        self._count(items, outcomes, receipts)
        forget_target(ledger, taken)
        ledger.advance(self.run, self.name, outcomes)
        ledger.release(self.run, [item for item in items if not versions[_place(item)]])
        said = {True: "rolled_back", False: "left"}
        settle_intents(ledger, [(o.item, tokens[_place(o.item)], said[bool(o.values)], {}) for o in outcomes])

    def _uploaded(self, items: Sequence[Item]) -> set[tuple[str, str]]:
        return {(source_id, key) for source_id, key, _ in known_attachments(self.ledger, items)}

    def _arrived(self, items: Sequence[Item]) -> dict[tuple[str, str], str]:
        """Versions of pushes whose answer was lost, as the target says: the body there is the body that was sent."""
        unsure = [item for item in items if _place(item) in open_pushes(self.ledger, items)]
        left = left_behind(self.ledger, unsure)
        found: dict[tuple[str, str], str] = {}
        for source_id, keys in by_source([_place(item) for item in unsure]):
            stored = {s.key: s for s in self.target.read_back(source_id, keys)}
            for item in unsure:
                there = stored.get(item.key) if item.source_id == source_id else None
                if there is not None and _is_as_sent(item, left.get(_place(item), ()), there):
                    found[_place(item)] = there.version
        return found

    def _count(
        self, items: Sequence[Item], outcomes: Sequence[Outcome], receipts: dict[tuple[str, str], Receipt]
    ) -> None:
        for outcome in outcomes:
            if not outcome.values:
                item = outcome.item
                self.left.append(Left(*_place(item), item.code or "", item.new_id or ""))
            else:
                self.counts[TAKEN if receipts[_place(outcome.item)].new_id else NOT_THERE] += 1
        self.counts[NOT_THERE] += len(items) - len(outcomes)


def _place(item: Item) -> tuple[str, str]:
    return item.source_id, item.key


def _token(item: Item, version: str) -> str:
    """The same for every attempt to take this version back, and for no other."""
    text = f"rollback\n{item.source_id}\n{item.key}\n{item.new_id or ''}\n{version}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _is_as_sent(item: Item, left: Collection[str], there: Stored) -> bool:
    sent = without_files(plain(item.mapped), left)
    return all(d.kind == "attachment" for d in compare(sent, there.body))


def _outcome(item: Item, receipt: Receipt, because: str) -> Outcome:
    """Where a dossier goes; without ``values`` it is left in the target."""
    if isinstance(receipt.error, Conflict | Refused):
        issue = Issue(LEFT, "", Severity.WARNING, item.new_id or "")
        return Outcome(item, item.state, f"left by {because}", {}, [issue])
    state = item.state if item.state in t.NO_CLAIM else t.ROLLED_BACK
    number = receipt.new_id or item.new_id or ""
    if not number:
        return Outcome(item, item.state, f"files taken back by {because}", dict(GONE), [])
    return Outcome(item, state, f"rolled back by {because} ({number} v{item.version or 1})", dict(GONE), [])


# ---------------------------------------------------------------- questions to the ledger


def is_held() -> ColumnElement[bool]:
    """Entries that the target holds, files included, or may hold: the answer to a push was lost."""
    e, i, a = t.entry.c, t.intent.c, t.attachment.c
    mine = and_(i.source_id == e.source_id, i.key == e.key)
    unsure = select(i.key).where(mine, i.settled_at.is_(None), i.kind.is_distinct_from(ROLLBACK))
    files = select(a.key).where(a.source_id == e.source_id, a.key == e.key)
    return or_(e.new_id.is_not(None), files.exists(), and_(e.state != t.ROLLED_BACK, unsure.exists()))


def has_work_done() -> ColumnElement[bool]:
    """Entries on which somebody is known to have worked in the target: a rollback leaves them."""
    e, i = t.entry.c, t.issue.c
    mine = and_(i.source_id == e.source_id, i.key == e.key)
    return select(i.id).where(mine, i.code.in_((WORKED_ON, LEFT))).exists()


def count_way_back(c: Connection, source_ids: Sequence[str]) -> tuple[int, int, int]:
    """Dossiers of these sources: held by the target, of these known to have been worked on there, and taken back."""
    e = t.entry.c
    whole = select(func.count()).select_from(t.entry).where(e.source_id.in_(source_ids))
    wanted = (is_held(), and_(is_held(), has_work_done()), e.state == t.ROLLED_BACK)
    held, worked_on, taken = (int(c.execute(whole.where(where)).scalar_one()) for where in wanted)
    return held, worked_on, taken


def would_leave(ledger: Ledger, target: Target, selection: Selection) -> list[Left]:
    """Those that a rollback would leave, as the target is now; nothing is changed."""
    e = t.entry.c
    query = select(e.source_id, e.key, e.code, e.new_id, e.version).where(e.new_id.is_not(None))
    left = []
    for part in selection.parts:
        with ledger.transaction() as c:
            rows = c.execute(query.where(part).order_by(e.source_id, e.key)).all()
        for at in range(0, len(rows), PAGE):
            page = {(row.source_id, row.key): row for row in rows[at : at + PAGE]}
            for source_id, keys in by_source(list(page)):
                for stored in target.read_back(source_id, keys):
                    row = page[source_id, stored.key]
                    if stored.version != row.version:
                        left.append(Left(source_id, row.key, row.code or "", row.new_id))
    return left


def count_held(ledger: Ledger, selection: Selection, *more: ColumnElement[bool]) -> int:
    """Dossiers of a selection that the target holds."""
    query = select(func.count()).select_from(t.entry)
    with ledger.transaction() as c:
        return sum(int(c.execute(query.where(part, is_held(), *more)).scalar_one()) for part in selection.parts)


def open_pushes(ledger: Ledger, items: Sequence[Item]) -> set[tuple[str, str]]:
    """Those of the items whose push was begun and not settled."""
    i = t.intent.c
    found = set()
    with ledger.transaction() as c:
        for source_id, keys in by_source([_place(item) for item in items]):
            query = select(i.key).where(
                i.source_id == source_id, i.key.in_(keys), i.settled_at.is_(None), i.kind.is_distinct_from(ROLLBACK)
            )
            found |= {(source_id, row.key) for row in c.execute(query)}
    return found


def forget_target(ledger: Ledger, items: Sequence[Item]) -> None:
    """Drop what the ledger knows of the target's copies: files uploaded, what compare found, pushes that stand."""
    i, said = t.intent.c, t.issue.c
    stands = and_(i.kind.is_distinct_from(ROLLBACK), or_(i.outcome == "pushed", i.outcome.is_(None)))
    with ledger.transaction() as c:
        for source_id, keys in by_source([_place(item) for item in items]):
            for table in (t.attachment, t.difference, t.deadline, t.obligation):
                c.execute(delete(table).where(table.c.source_id == source_id, table.c.key.in_(keys)))
            of_target = or_(said.stage.in_(("push", "compare")), said.code == "excluded_after_push")
            c.execute(delete(t.issue).where(said.source_id == source_id, said.key.in_(keys), of_target))
            mine = and_(i.source_id == source_id, i.key.in_(keys), stands)
            settled = func.coalesce(i.settled_at, ledger.now())
            c.execute(update(t.intent).where(mine).values(settled_at=settled, outcome=TAKEN_BACK))


def settle_rollbacks(ledger: Ledger, run: Run, target: Target) -> int:
    """Close what a broken rollback left open, by asking the target, never by taking more away; how many were gone."""
    gone = 0
    for source_id, keys in list(_open_rollbacks(ledger)):
        held = {stored.key for stored in target.read_back(source_id, keys)}
        items = ledger.claim(run, t.STATES, len(keys), sources=(source_id,), where=and_(t.entry.c.key.in_(keys)))
        lost = [item for item in items if item.key not in held and item.new_id]
        forget_target(ledger, lost)
        because = "lienthong: lần rút trước bị ngắt giữa chừng"
        ledger.advance(run, "rollback", [_outcome(item, Receipt(item.key), because) for item in lost])
        ledger.release(run, items)
        _close(ledger, source_id, keys, held)
        gone += len(lost)
    return gone


def _open_rollbacks(ledger: Ledger) -> Iterator[tuple[str, list[str]]]:
    i = t.intent.c
    query = select(i.source_id, i.key).where(i.kind == ROLLBACK, i.settled_at.is_(None)).order_by(i.source_id, i.key)
    with ledger.transaction() as c:
        rows = c.execute(query).all()
    for source_id, keys in by_source(rows):
        yield from ((source_id, keys[at : at + 200]) for at in range(0, len(keys), 200))


def _close(ledger: Ledger, source_id: str, keys: Sequence[str], held: set[str]) -> None:
    i = t.intent.c
    mine = and_(i.source_id == source_id, i.key.in_(keys), i.kind == ROLLBACK, i.settled_at.is_(None))
    with ledger.transaction() as c:
        for is_held_there, outcome in ((True, "not_done"), (False, "rolled_back")):
            which = i.key.in_(held) if is_held_there else i.key.not_in(held)
            c.execute(update(t.intent).where(mine, which).values(settled_at=ledger.now(), outcome=outcome))


def again(ledger: Ledger, run: Run, selection: Selection, because: str) -> int:
    """ROLLED_BACK → EXTRACTED: to be mapped anew and pushed once more; how many."""
    e = t.entry.c
    moved = 0
    for part in selection.parts:
        moved += ledger.send_back(run, and_(part, e.state == t.ROLLED_BACK), f"again by {because}")
        with ledger.transaction() as c:
            was = and_(part, e.state == t.EXTRACTED, e.former == t.ROLLED_BACK)
            c.execute(update(t.entry).where(was).values(former=None))
    return moved
