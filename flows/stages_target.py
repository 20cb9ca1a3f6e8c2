"""The stage that pushes to the new system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement

from connectors.base import Conflict, ConnectorError, Push, Receipt, Refused, Target
from flows import ledger_schema as t
from flows.asking import Place, own_versions, settle_open, token_of
from flows.attachments import without_files
from flows.intents import open_intents, pushed_intents, settle_intents
from flows.ledger import Item, Outcome, Run
from flows.payloads import plain
from flows.questions import count_state
from flows.rollback import settle_rollbacks
from flows.sending_files import Delivered, FileSender
from flows.stage_compare import WORKED_ON
from flows.workplace import OpenSource, Workplace
from mappings.model import Issue, Severity


@dataclass
class PushStage:
    """VALID → PUSHED or QUARANTINED. Intent with an idempotency key → files → upsert → read back → record."""

    work: Workplace
    run: Run
    sources: Sequence[OpenSource]
    target: Target
    only_open: bool = False
    batch: int = 200
    only: ColumnElement[bool] | None = None  # of all that is VALID
    name: str = "push"

    def prepare(self) -> None:
        """Ask what became of what an earlier run began: rollbacks first, what they took away is not there."""
        settle_rollbacks(self.work.ledger, self.run, self.target)
        settle_open(self.work.ledger, self.run, self.target)

    def finish(self) -> None:
        pass

    def total(self) -> int:
        ids = [s.id for s in self.sources]
        return count_state(self.work.ledger, (t.VALID,), ids, only_open=self.only_open, where=self.only)

    def step(self) -> int:
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
        if items:
            try:
                self._push(items)
            except ConnectorError:
                self.work.ledger.release(self.run, items)  # the intents stay open: the next run settles them
                raise
        return len(items)

    def _push(self, items: Sequence[Item]) -> None:
        ledger = self.work.ledger
        tokens = {_place(i): idempotency_key(i) for i in items}
        arrived = pushed_intents(ledger, list(tokens))
        known = [i for i in items if i.new_id and (*_place(i), tokens[_place(i)]) in arrived]
        warned = self._files.remembered(known) if self.target.takes_files == "first" else {}
        outcomes = self._with_files(
            [Outcome(i, t.PUSHED, "asked", {"former": None}, warned.get(_place(i), [])) for i in known]
        )
        if fresh := [i for i in items if i not in known]:
            outcomes += self._send(fresh, tokens)
        ledger.advance(self.run, self.name, outcomes)
        self.work.watch.judge(self.name, [o.issues or () for o in outcomes])

    @property
    def _files(self) -> FileSender:
        settings = self.work.site.settings
        policy, at_once = settings.errors.attachment, settings.target.concurrency
        return FileSender(self.work.ledger, self.target, self.sources, policy, at_once)

    def _send(self, items: Sequence[Item], tokens: Mapping[Place, str]) -> list[Outcome]:
        """Intents, files, call, answers of dossiers of which the ledger does not know that they arrived."""
        ledger = self.work.ledger
        bodies = {_place(i): plain(i.mapped) for i in items}
        open_intents(ledger, self.run, [(i, tokens[_place(i)]) for i in items])
        sent = self._files.send(items, bodies) if self.target.takes_files == "first" else Delivered()
        ready = [i for i in items if _place(i) not in sent.held_back]
        bodies |= {where: without_files(bodies[where], locators) for where, locators in sent.left.items()}
        pushes = [Push(*_place(i), bodies[_place(i)], tokens[_place(i)], i.version or "") for i in ready]
        receipts = self._call(ready, pushes)
        made = [_with(sent, i) or _outcome(i, receipts[_place(i)], sent.warned.get(_place(i), ())) for i in items]
        outcomes = self._with_files(made)
        settled = [(o.item, tokens[_place(o.item)], o.state.lower(), _answer(o)) for o in outcomes]
        settle_intents(ledger, settled)
        return outcomes

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

    def _call(self, items: Sequence[Item], pushes: Sequence[Push]) -> dict[Place, Receipt]:
        """The answers; where an earlier write of ours is what stands in the way, the push goes on from that."""
        if not pushes:
            return {}
        with self.work.ledger.faults.around("call"):
            receipts = dict(zip(map(_place, items), self.target.push(pushes), strict=True))
        hindered = [i for i in items if isinstance(receipts[_place(i)].error, Conflict)]
        own = own_versions(self.work.ledger, self.target, hindered)
        again = [replace(push, if_match=own[where]) for push in pushes if (where := (push.source_id, push.key)) in own]
        if again:
            receipts |= {(p.source_id, p.key): r for p, r in zip(again, self.target.push(again), strict=True)}
        return receipts


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
