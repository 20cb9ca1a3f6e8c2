"""The stage that pushes to the new system."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement

from connectors.base import Conflict, ConnectorError, Push, PushesAhead, Receipt, Refused, Target
from flows import ledger_schema as t
from flows.asking import Place, own_versions, settle_open, token_of
from flows.attachments import without_files
from flows.error_policy import TooMuchTrouble
from flows.intents import open_intents, pushed_intents, settle_intents
from flows.ledger import Item, Outcome, Run
from flows.payloads import plain
from flows.questions import count_state
from flows.rollback import settle_rollbacks
from flows.sending_files import Delivered, FileSender
from flows.workplace import OpenSource, Workplace
from mappings.model import Issue, Severity
from validations.compare import WORKED_ON


@dataclass(frozen=True)
class _UnderWay:
    """A batch that has left: what is known of it without the answers, and how to wait for them."""

    items: Sequence[Item]
    known: Sequence[Outcome]  # the ledger knows that they arrived
    sent: Sequence[Item]
    tokens: Mapping[Place, str]
    files: Delivered
    pushes: Sequence[Push]
    answers: Callable[[], Sequence[Receipt]]


@dataclass
class PushStage:
    """VALID → PUSHED or QUARANTINED. Intent with an idempotency key → files → upsert → read back → record.

    Where the target can, the next batch leaves before the answers to the last one are recorded.
    """

    work: Workplace
    run: Run
    sources: Sequence[OpenSource]
    target: Target
    only_open: bool = False
    batch: int = 200
    only: ColumnElement[bool] | None = None  # of all that is VALID
    limit: int = 0  # no batch leaves once so many dossiers have
    name: str = "push"
    _under_way: deque[_UnderWay] = field(default_factory=deque)
    _taken: int = 0

    def prepare(self) -> None:
        """Ask what became of what an earlier run began: rollbacks first, what they took away is not there."""
        settle_rollbacks(self.work.ledger, self.run, self.target)
        settle_open(self.work.ledger, self.run, self.target)

    def finish(self) -> None:
        """Record what is still under way when a run stops at its limit."""
        while self._under_way:
            self._record_oldest()

    def total(self) -> int:
        ids = [s.id for s in self.sources]
        return count_state(self.work.ledger, (t.VALID,), ids, only_open=self.only_open, where=self.only)

    def step(self) -> int:
        try:
            while len(self._under_way) < self._at_once and (items := self._claim()):
                self._under_way.append(self._guarded(items))
            return self._record_oldest() if self._under_way else 0
        except Exception:
            self._record_rest()
            raise

    @property
    def _at_once(self) -> int:
        return self.target.batches_at_once if isinstance(self.target, PushesAhead) else 1

    def _claim(self) -> list[Item]:
        if self.limit and self._taken >= self.limit:
            return []
        items = self.work.ledger.claim(
            self.run,
            t.VALID,
            self.batch,
            sources=[s.id for s in self.sources],
            open_first=True,
            only_open=self.only_open,
            where=self.only,
            with_mapped=True,
        )
        self._taken += len(items)
        return items

    def _guarded(self, items: Sequence[Item]) -> _UnderWay:
        try:
            return self._begin(items)
        except ConnectorError:
            self._give_back(items)
            raise

    def _give_back(self, items: Sequence[Item]) -> None:
        """Leave the intents open: the next step or run goes on from them."""
        self.work.ledger.release(self.run, items)
        self._taken -= len(items)

    def _record_oldest(self) -> int:
        batch = self._under_way.popleft()
        try:
            self._end(batch)
        except ConnectorError:
            self._give_back(batch.items)
            raise
        return len(batch.items)

    def _record_rest(self) -> None:
        """After trouble: what other batches were answered is recorded, the trouble of one of them is the same."""
        while self._under_way:
            try:
                self._record_oldest()
            except (ConnectorError, TooMuchTrouble):
                continue

    def _begin(self, items: Sequence[Item]) -> _UnderWay:
        """Intents, files, and the call on its way, for all of which the ledger does not know that they arrived."""
        ledger = self.work.ledger
        tokens = {_place(i): idempotency_key(i) for i in items}
        arrived = pushed_intents(ledger, list(tokens))
        there = [i for i in items if i.new_id and (*_place(i), tokens[_place(i)]) in arrived]
        warned = self._files.remembered(there) if self.target.takes_files == "first" else {}
        known = [Outcome(i, t.PUSHED, "asked", {"former": None}, warned.get(_place(i), [])) for i in there]
        fresh = [i for i in items if i not in there]
        if not fresh:
            return _UnderWay(items, known, (), tokens, Delivered(), (), tuple)
        bodies = {_place(i): plain(i.mapped) for i in fresh}
        open_intents(ledger, self.run, [(i, tokens[_place(i)]) for i in fresh])
        files = self._files.send(fresh, bodies) if self.target.takes_files == "first" else Delivered()
        bodies |= {where: without_files(bodies[where], locators) for where, locators in files.left.items()}
        pushes = [
            Push(*_place(i), bodies[_place(i)], tokens[_place(i)], i.version or "")
            for i in fresh
            if _place(i) not in files.held_back
        ]
        return _UnderWay(items, known, fresh, tokens, files, pushes, self._call(pushes))

    def _call(self, pushes: Sequence[Push]) -> Callable[[], Sequence[Receipt]]:
        """Send a batch; how to wait for its receipts."""
        faults = self.work.ledger.faults
        if not pushes:
            return tuple
        if not isinstance(self.target, PushesAhead):
            with faults.around("call"):
                receipts = self.target.push(pushes)
            return lambda: receipts
        faults.reach("call.before")
        wait = self.target.begin(pushes)

        def answers() -> Sequence[Receipt]:
            receipts = wait()
            faults.reach("call.after")
            return receipts

        return answers

    def _end(self, batch: _UnderWay) -> None:
        """The answers, recorded."""
        ledger, sent = self.work.ledger, batch.files
        receipts = self._settled_conflicts(batch)
        made = [_with(sent, i) or _outcome(i, receipts[_place(i)], sent.warned.get(_place(i), ())) for i in batch.sent]
        fresh = self._with_files(made)
        if fresh:
            settle_intents(ledger, [(o.item, batch.tokens[_place(o.item)], o.state.lower(), _answer(o)) for o in fresh])
        outcomes = [*self._with_files(list(batch.known)), *fresh]
        ledger.advance(self.run, self.name, outcomes)
        self.work.watch.judge(self.name, [o.issues or () for o in outcomes])

    @property
    def _files(self) -> FileSender:
        settings = self.work.site.settings
        policy, at_once = settings.errors.attachment, settings.target.concurrency
        return FileSender(self.work.ledger, self.target, self.sources, policy, at_once)

    def _with_files(self, outcomes: list[Outcome]) -> list[Outcome]:
        """The outcomes, after the files of dossiers that arrived have followed, where the target wants it so."""
        arrived = [o.item for o in outcomes if o.state == t.PUSHED]
        if self.target.takes_files != "after" or not arrived:
            return outcomes
        late = self._files.send(arrived, {_place(i): plain(i.mapped) for i in arrived})
        made = []
        for outcome in outcomes:
            stopped, warned = _with(late, outcome.item), late.warned.get(_place(outcome.item))
            if stopped:
                outcome = replace(stopped, values=outcome.values)
            elif warned:
                outcome = replace(outcome, issues=[*(outcome.issues or ()), *warned])
            made.append(outcome)
        return made

    def _settled_conflicts(self, batch: _UnderWay) -> dict[Place, Receipt]:
        """The answers; where an earlier write of ours is what stands in the way, the push goes on from that."""
        pushes = {(push.source_id, push.key): push for push in batch.pushes}
        receipts = dict(zip(pushes, batch.answers(), strict=True))
        hindered = [i for i in batch.sent if isinstance(_error(receipts, i), Conflict)]
        own = own_versions(self.work.ledger, self.target, hindered)
        again = [replace(pushes[where], if_match=version) for where, version in own.items()]
        if again:
            receipts |= {(p.source_id, p.key): r for p, r in zip(again, self.target.push(again), strict=True)}
        return receipts


def _error(receipts: Mapping[Place, Receipt], item: Item) -> Exception | None:
    receipt = receipts.get(_place(item))
    return receipt.error if receipt else None


def _with(sent: Delivered, item: Item) -> Outcome | None:
    """Where a dossier goes that its files hold back."""
    issues = sent.held_back.get(_place(item))
    return Outcome(item, t.QUARANTINED, issues[0].code, {}, issues) if issues else None


def _outcome(item: Item, receipt: Receipt, warned: Sequence[Issue]) -> Outcome:
    if isinstance(receipt.error, Conflict):
        issue = Issue(WORKED_ON, "", Severity.ERROR, receipt.version)
        return Outcome(item, t.QUARANTINED, WORKED_ON, {}, [issue])
    if isinstance(receipt.error, Refused):
        reasons = receipt.error.reasons or (("", ""),)
        issues = [Issue("refused_by_target", path, Severity.ERROR, code) for path, code in reasons]
        return Outcome(item, t.QUARANTINED, "refused_by_target", {}, issues)
    values = {"new_id": receipt.new_id, "version": receipt.version, "pushed_fp": item.mapped_fp, "former": None}
    return Outcome(item, t.PUSHED, "", values, list(warned))


def _answer(outcome: Outcome) -> dict[str, Any]:
    return {k: v for k, v in outcome.values.items() if k in ("new_id", "version", "pushed_fp")}


def idempotency_key(item: Item) -> str:
    """The token of this content of this revision."""
    return token_of(item.source_id, item.key, item.revision, item.mapped_fp or b"")


def _place(item: Item) -> Place:
    return item.source_id, item.key
