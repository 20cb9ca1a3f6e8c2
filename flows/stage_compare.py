"""The stage that reads every dossier back from the new system and compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import ColumnElement, insert, select

from connectors.base import ConnectorError, Stored, Target, Unreadable
from flows import ledger_schema as t
from flows.acceptance import settle_accepted
from flows.afresh import WHYS, Expected, expect
from flows.asking import settle_open
from flows.attachments import Hashing, attachments_of, left_behind, without_files
from flows.control_totals import ControlTotals
from flows.deadlines import Kept, keep_promises
from flows.difference_rows import keep_differences
from flows.ledger import Item, Ledger, Outcome, Run
from flows.open_work import Process, action_differences, work_figures
from flows.questions import count_state
from flows.self_test import Drawing
from flows.workplace import OpenSource, Workplace
from mappings.model import Dossier, Issue, Severity, decode
from validations.compare import BY_DESIGN, WORKED_ON, Difference, compare, field_pattern
from validations.deadlines import read_held

Read = tuple[Item, Expected, Stored | None]
LeftBehind = Mapping[tuple[str, str], set[str]]
"""(source, old key) → locators of the files without which the dossier went."""


@dataclass
class CompareStage:
    """PUSHED, MATCHED, DIFFERENT → MATCHED or DIFFERENT: every dossier read back by another client and token."""

    work: Workplace
    run: Run
    sources: Sequence[OpenSource]
    reader: Target
    batch: int = 500
    only: ColumnElement[bool] | None = None  # of all that the target holds: the figures of the whole stay as they were
    name: str = "compare"
    figures: dict[tuple[str, str], int] = field(default_factory=dict)
    _after: dict[str, str] = field(default_factory=dict)  # source → last key compared: a batch starts behind it
    _process: Process = field(default_factory=dict)
    _drawing: Drawing = field(default_factory=Drawing)
    _totals: ControlTotals = field(default_factory=ControlTotals)

    def prepare(self) -> None:
        """Learn what became of open pushes, and the target's own process: which actions follow at which step.

        A wrong accepted.csv is told before hours of work, not after.
        """
        settle_accepted(self.work)
        settle_open(self.work.ledger, self.run, self.reader)
        self._process = self.reader.process()

    def total(self) -> int:
        return count_state(self.work.ledger, t.IN_TARGET, [s.id for s in self.sources], where=self.only)

    def step(self) -> int:
        for source in self.sources:
            items = self.work.ledger.claim(
                self.run,
                t.IN_TARGET,
                self.batch,
                sources=(source.id,),
                after=self._after.get(source.id, ""),
                not_compared=True,
                where=self.only,
                with_mapped=True,
            )
            if items:
                with self._giving_back(items):
                    self._compare(source, items)
                self._after[source.id] = items[-1].key
                return len(items)
        return 0

    @contextmanager
    def _giving_back(self, items: Sequence[Item]) -> Iterator[None]:
        try:
            yield
        except ConnectorError:
            self.work.ledger.release(self.run, items)
            raise

    def _compare(self, source: OpenSource, items: Sequence[Item]) -> None:
        left = left_behind(self.work.ledger, items)
        outcomes, differences, kept = [], [], []
        for item, expected, there in self._read_twice(source, items, left):
            self._count_derived(source, expected)
            sent = without_files(expected.body, left.get((item.source_id, item.key), ()))
            dossier = decode(sent)
            found = self._differences(source, item, self._body(expected, sent), dossier, there)
            differences.append((item, found))
            kept.append(Kept(item, dossier, _held(there, found, dossier), _is_worked_on(found)))
            outcomes.append(self._outcome(item, found))
        keep_differences(self.work.ledger, self.run, differences)
        keep_promises(self.work.ledger, kept)
        self.work.ledger.advance(self.run, self.name, outcomes)

    def _read_twice(self, source: OpenSource, items: Sequence[Item], left: LeftBehind) -> Iterator[Read]:
        """Every dossier as it ought to be and as it is held; what seems to differ is read once more on both sides.

        While both systems are in use, a dossier may move on between the two readings: that is no difference.
        """
        found = self._read(source, items)
        doubtful = [item for item in items if self._seems_to_differ(item, *found[item.key], left)]
        if doubtful:
            found |= self._read(source, doubtful)
        return ((item, *found[item.key]) for item in items)

    def _read(self, source: OpenSource, items: Sequence[Item]) -> dict[str, tuple[Expected, Stored | None]]:
        with ThreadPoolExecutor(1) as beside:  # the new system answers while the old one is read
            answer = beside.submit(self.reader.read_back, source.id, [i.key for i in items])
            wanted = expect(self.work, source, items)
        stored = {s.key: s for s in answer.result()}
        return {item.key: (wanted[item.key], stored.get(item.key)) for item in items}

    def _seems_to_differ(self, item: Item, expected: Expected, there: Stored | None, left: LeftBehind) -> bool:
        if there is None:
            return True
        sent = without_files(expected.body, left.get((item.source_id, item.key), ()))
        differing = compare(self._body(expected, sent), there.body)
        return any(self._by_design(one).kind != BY_DESIGN for one in differing)

    def _body(self, expected: Expected, sent: bytes) -> bytes:
        """What the dossier was pushed as: where files come after it, with all of them."""
        return sent if self.reader.takes_files == "first" else expected.body

    def _count_derived(self, source: OpenSource, expected: Expected) -> None:
        self._add(source, "expected_anew", not expected.why)
        for why in WHYS:
            self._add(source, f"expected_{why}", expected.why == why)

    def _differences(
        self, source: OpenSource, item: Item, expected: bytes, dossier: Dossier, stored: Stored | None
    ) -> tuple[Difference, ...]:
        self._add(source, "dossiers_read_back", stored is not None)
        if stored is None:
            self._totals.add(source.id, expected, {}, None)
            return (Difference("", "missing", item.new_id or "", ""),)
        if stored.version != item.version:
            self._totals.leave_out(source.id)
            return (Difference("", WORKED_ON, item.version or "", stored.version),)
        files = self._source_hashes(source, dossier)
        self._add(source, "attachments_hashed", len(files))
        held = {locator: (sha256, size) for locator, sha256, size in stored.files}
        self._add(source, "attachments_equal", sum(held.get(k) == v for k, v in files.items()))
        known = sum(1 for paper in dossier.papers if paper.component)
        self._add(source, "papers_of_components", known)
        self._add(source, "papers_other", len(dossier.papers) - known)
        differing = compare(expected, stored.body, files, held)
        self._totals.add(source.id, expected, files, stored)
        self._drawing.offer(source.id, item.key, expected, expected if differing else stored.body, files)
        found = (
            *(self._by_design(x) for x in differing),
            *action_differences(self._process, dossier, stored),
        )
        for name, value in work_figures(self._process, dossier, found):
            self._add(source, name, value)
        return found

    def _by_design(self, found: Difference) -> Difference:
        """The difference, named by design when the target's profile declares it lost."""
        if self.work.target_profile.is_by_design(field_pattern(found.field).replace("[]", "")):
            return replace(found, kind=BY_DESIGN)
        return found

    def _source_hashes(self, source: OpenSource, dossier: Dossier) -> dict[str, tuple[str, int]]:
        hashes = {}
        for attachment in attachments_of(dossier):
            try:
                with source.connector.open_file(attachment.locator) as stream:
                    hashes[attachment.locator] = Hashing(stream).drain()
            except (FileNotFoundError, Unreadable):
                self._add(source, "attachments_gone_since_push", 1)
        return hashes

    def _outcome(self, item: Item, found: tuple[Difference, ...]) -> Outcome:
        mark = {"compared_run": self.run.id}
        if _is_worked_on(found):
            issue = Issue(WORKED_ON, "", Severity.WARNING, item.new_id or "")
            state = t.MATCHED if item.state == t.MATCHED else t.DIFFERENT
            return Outcome(item, state, "" if state == item.state else WORKED_ON, mark, [issue])
        state = t.DIFFERENT if any(x.kind != BY_DESIGN for x in found) else t.MATCHED
        return Outcome(item, state, "", mark, [])

    def _add(self, source: OpenSource, name: str, value: int) -> None:
        self.figures[(source.id, name)] = self.figures.get((source.id, name), 0) + int(value)

    def finish(self) -> None:
        """Count the sources afresh, look for dossiers in the target that the ledger does not know, keep the figures."""
        if self.only is not None:
            return
        for source in self.sources:
            source.recount(self.work.ledger)
            held = extra = 0
            keys = (key for key, _ in self.reader.list_keys(source.id))
            while chunk := list(islice(keys, 5000)):
                held += len(chunk)
                extra += len(chunk) - len(pushed_keys(self.work.ledger, source.id, chunk))  # held twice: one too many
            self.figures[(source.id, "held_by_target")] = held
            self.figures[(source.id, "extra_in_target")] = extra
            told = self.reader.told(source.id)
            self.figures |= {(source.id, f"told_{channel}"): n for channel, n in (told or {}).items()}
        self.figures |= self._drawing.figures() | self._totals.figures()
        rows = [
            {"run_id": self.run.id, "source_id": source_id, "name": name, "value": value}
            for (source_id, name), value in sorted(self.figures.items())
        ]
        with self.work.ledger.transaction() as c:
            c.execute(insert(t.check_figure), rows)


def _is_worked_on(found: tuple[Difference, ...]) -> bool:
    return bool(found) and found[0].kind == WORKED_ON


def _held(stored: Stored | None, found: tuple[Difference, ...], dossier: Dossier) -> Dossier | None:
    """The dossier as read back; our own when no field of it differs."""
    if stored is None:
        return None
    return read_held(stored.body) if found else dossier


def pushed_keys(ledger: Ledger, source_id: str, keys: Sequence[str]) -> set[str]:
    """Which of these old keys the ledger knows to be in the target."""
    e = t.entry.c
    query = select(e.key).where(e.source_id == source_id, e.key.in_(keys), e.new_id.is_not(None))
    with ledger.transaction() as c:
        return {row.key for row in c.execute(query)}
