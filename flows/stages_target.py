"""The stage that pushes to the new system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement

from connectors.base import Conflict, ConnectorError, Push, Receipt, Refused, Target
from flows import ledger_schema as t
from flows.asking import Place, own_versions, settle_open, token_of
from flows.attachments import Hashing, attachments_of, keep_attachments, known_attachments, stamp
from flows.intents import open_intents, pushed_intents, settle_intents
from flows.ledger import Item, Outcome, Run
from flows.payloads import plain
from flows.questions import count_state
from flows.rollback import settle_rollbacks
from flows.stage_compare import WORKED_ON
from flows.workplace import OpenSource, Workplace
from mappings.model import Attachment, Issue, Severity, decode

UPLOAD_THREADS = 4


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
        outcomes = self._with_files([Outcome(i, t.PUSHED, "asked", {"former": None}, []) for i in known])
        if fresh := [i for i in items if i not in known]:
            outcomes += self._send(fresh, tokens)
        ledger.advance(self.run, self.name, outcomes)
        self.work.watch.judge(self.name, [o.issues or () for o in outcomes])

    def _send(self, items: Sequence[Item], tokens: Mapping[Place, str]) -> list[Outcome]:
        """Intents, files, call, answers of dossiers of which the ledger does not know that they arrived."""
        ledger = self.work.ledger
        bodies = {_place(i): plain(i.mapped) for i in items}
        open_intents(ledger, self.run, [(i, tokens[_place(i)]) for i in items])
        refused = self._upload(items, bodies) if self.target.takes_files == "first" else {}
        ready = [i for i in items if _place(i) not in refused]
        pushes = [Push(*_place(i), bodies[_place(i)], tokens[_place(i)], i.version or "") for i in ready]
        receipts = self._call(ready, pushes)
        made = [refused.get(_place(i)) or _outcome(i, receipts[_place(i)]) for i in items]
        outcomes = self._with_files(made)
        settled = [(o.item, tokens[_place(o.item)], o.state.lower(), _answer(o)) for o in outcomes]
        settle_intents(ledger, settled)
        return outcomes

    def _with_files(self, outcomes: list[Outcome]) -> list[Outcome]:
        """The outcomes, after the files of dossiers that arrived have followed, where the target wants it so."""
        arrived = [o.item for o in outcomes if o.state == t.PUSHED]
        if self.target.takes_files != "after" or not arrived:
            return outcomes
        late = self._upload(arrived, {_place(i): plain(i.mapped) for i in arrived})
        return [replace(late[where], values=o.values) if (where := _place(o.item)) in late else o for o in outcomes]

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

    def _upload(self, items: Sequence[Item], bodies: Mapping[tuple[str, str], bytes]) -> dict[tuple[str, str], Outcome]:
        """Upload what the target does not have yet; the dossiers whose file could not be delivered."""
        known = known_attachments(self.work.ledger, items)
        jobs = [
            (item, attachment)
            for item in items
            for attachment in attachments_of(decode(bodies[(item.source_id, item.key)]))
            if known.get((item.source_id, item.key, attachment.locator)) != stamp(attachment)
        ]
        refused: dict[tuple[str, str], Outcome] = {}
        done: list[dict[str, Any]] = []
        with ThreadPoolExecutor(UPLOAD_THREADS) as pool:
            for (item, attachment), answer in zip(
                jobs, pool.map(lambda job: self._upload_one(*job), jobs), strict=True
            ):
                if isinstance(answer, Issue):
                    refused[(item.source_id, item.key)] = Outcome(item, t.QUARANTINED, answer.code, {}, [answer])
                else:
                    done.append({**answer, "stamp": stamp(attachment)})
        keep_attachments(self.work.ledger, done)
        return refused

    def _upload_one(self, item: Item, attachment: Attachment) -> dict[str, Any] | Issue:
        source = next(s for s in self.sources if s.id == item.source_id)
        try:
            with source.connector.open_file(attachment.locator) as stream:
                reader = Hashing(stream)
                with self.work.ledger.faults.around("attachment"):
                    sha256, size = self.target.upload(*_place(item), attachment.locator, attachment.name, reader)
        except FileNotFoundError:
            return Issue("attachment_gone", "attachments", Severity.ERROR, attachment.locator)
        except Refused as error:
            reason = error.reasons[0][1] if error.reasons else ""
            return Issue("attachment_refused", "attachments", Severity.ERROR, reason)
        if (sha256, size) != (reader.hexdigest(), reader.size):
            return Issue("attachment_altered", "attachments", Severity.ERROR, attachment.locator)
        return {
            "source_id": item.source_id, "key": item.key, "locator": attachment.locator, "sha256": sha256, "size": size,
        }  # fmt: skip


def _outcome(item: Item, receipt: Receipt) -> Outcome:
    if isinstance(receipt.error, Conflict):
        issue = Issue(WORKED_ON, "", Severity.ERROR, receipt.version)
        return Outcome(item, t.QUARANTINED, WORKED_ON, {}, [issue])
    if isinstance(receipt.error, Refused):
        reasons = receipt.error.reasons or (("", ""),)
        issues = [Issue("refused_by_target", path, Severity.ERROR, code) for path, code in reasons]
        return Outcome(item, t.QUARANTINED, "refused_by_target", {}, issues)
    values = {"new_id": receipt.new_id, "version": receipt.version, "pushed_fp": item.mapped_fp, "former": None}
    return Outcome(item, t.PUSHED, "", values, [])


def _answer(outcome: Outcome) -> dict[str, Any]:
    return {k: v for k, v in outcome.values.items() if k in ("new_id", "version", "pushed_fp")}


def idempotency_key(item: Item) -> str:
    """The token of this content of this revision."""
    return token_of(item.source_id, item.key, item.revision, item.mapped_fp or b"")


def _place(item: Item) -> Place:
    return item.source_id, item.key
