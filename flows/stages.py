"""The five stages, of one shape: take a batch of entries in state X, apply a pure function, put them back in state Y.

No stage calls another and none knows Prefect. ``step`` handles one batch and says how many entries it took; 0 means
the tray is empty. After an outage (Unavailable) the same ``step`` may be called again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import and_, or_

from connectors.base import Record, Unavailable
from flows import case_states, sweeps
from flows import ledger_schema as t
from flows.afresh import map_record
from flows.agencies import ensure_agencies
from flows.case_states import CaseTally
from flows.corrected import send_back_corrected
from flows.decided import send_back_decided
from flows.drift import Shape, keep_shape, refuse_drift, shape_of
from flows.encodings import ensure_encodings
from flows.ledger import Item, Outcome, Run, forget_issues
from flows.merging import merged_codes, take_back
from flows.pairs import settle
from flows.payloads import compressed, fingerprint, pack, plain, unpack
from flows.questions import count_state, duplicate_codes, keys_with_errors, same_uids, unresolved_groups
from flows.unread import keep_left_unread
from flows.workplace import OpenSource, Workplace
from mappings.model import Dossier, Issue, OtherCode, Severity, decode, encode
from mappings.pairs import PairDecisions, read_pair_decisions
from mappings.sameness import MERGED, uid_of
from mappings.verdicts import MARK
from validations.expectations import BatchOutcome, SuiteRun


class Stage(Protocol):
    """One stage at work."""

    name: str

    def total(self) -> int:
        """How many entries (or rows) wait for it, for a progress bar; 0 when not known."""

    def prepare(self) -> None:
        """What must be done, or refused, before the first batch."""

    def step(self) -> int:
        """Handle one batch."""

    def finish(self) -> None:
        """What closes the stage once the tray is empty."""


@dataclass
class ExtractStage:
    """Sweep one source: the ledger learns what is new, changed, kept out by a rule, or gone."""

    work: Workplace
    run: Run
    source: OpenSource
    limit: int = 0
    name: str = "extract"
    count: sweeps.PageCount = field(default_factory=sweeps.PageCount)
    vanished: int = 0
    _sweep: sweeps.Sweep | None = None
    _pages: Iterator[list[Record]] | None = None
    _after: str = ""
    _seen: int = 0
    _cases: CaseTally = field(default_factory=CaseTally)
    _shape: Shape = field(default_factory=dict)

    def total(self) -> int:
        counts = self.source.counts()
        total = counts["found"] - counts["after_cutoff"]
        return min(total, self.limit) if self.limit else total

    def step(self) -> int:
        assert self._sweep is not None, "prepare() opens the sweep"
        page = self._next_page()
        if not page:
            return 0
        mapper = self.source.mapper
        seen = []
        for record in page:
            packed = pack(record)
            exclusion = mapper.scope(record.key, record.row, record.children)
            seen.append(sweeps.Seen(record.key, fingerprint(packed), packed, exclusion))
        self.count += sweeps.record_page(self.work.ledger, self.run, self._sweep, seen)
        for record, entered in zip(page, seen, strict=True):  # a page that could not be entered comes again
            if entered.exclusion is None:
                self._cases.add(mapper, record)
        self._after = page[-1].key
        self._seen += len(page)
        return len(page)

    def prepare(self) -> None:
        """Refuse a system that changed its shape, read the catalogues and open the sweep."""
        probe = self.source.connector.probe()
        tables = probe.tables
        keep_left_unread(self.work.ledger, self.source.id, probe.broken)
        refuse_drift(self.work.ledger, self.source.name, self.source.id, self.source.profile, tables)
        self._shape = shape_of(self.source.profile, tables)
        self.source.load_references(self.work.ledger)
        ensure_agencies(self.work.site, [self.source])
        ensure_encodings(self.work.site, self.source)
        self._sweep = sweeps.start_sweep(
            self.work.ledger, self.run, self.source.id, self.source.name, is_filtered=bool(self.limit)
        )
        self.source.sweep_at(self._sweep.started_at)

    def _next_page(self) -> list[Record]:
        if self.limit and self._seen >= self.limit:
            return []
        try:
            if self._pages is None:
                self._pages = self.source.connector.sweep(self.source.plan, after=self._after)
            with self.work.ledger.faults.around("read"):
                page = next(self._pages, [])
        except Unavailable:
            self._pages = None  # the next step goes on behind the last page that is in the ledger
            raise
        return page[: self.limit - self._seen] if self.limit else page

    def finish(self) -> None:
        """Draft what the map of open dossiers lacks, and close the sweep with the source's own counts."""
        assert self._sweep is not None
        case_states.draft(self.work, self.source, self._cases)
        if not self._sweep.is_filtered:
            case_states.remember(self.work.ledger, self.source.id, self._cases)
            keep_shape(self.work.ledger, self.source.id, self._shape)
        self.vanished = sweeps.finish_sweep(self.work.ledger, self.run, self._sweep, self.source.counts())


@dataclass
class MapStage:
    """EXTRACTED → MAPPED or QUARANTINED; back to the target's trays when the mapped dossier is what was pushed."""

    work: Workplace
    run: Run
    source: OpenSource
    batch: int = 1000
    name: str = "map"

    def prepare(self) -> None:
        """Send everything that an older mapping version wrote through the mapping again."""
        self.source.forget_mapper()  # another source of this run may have drafted rows of the map
        e = t.entry.c
        mapped = e.state.in_((t.MAPPED, t.VALID, *t.IN_TARGET, t.QUARANTINED))
        old = and_(
            e.source_id == self.source.id,
            e.mapping_version != self.source.mapping_version,
            or_(mapped, and_(e.state == t.EXCLUDED, e.rule.in_(t.DECIDED_RULES))),
        )
        self.work.ledger.send_back(self.run, old, "mapping_changed")
        send_back_decided(self.work.ledger, self.run, self.source)
        send_back_corrected(self.work.ledger, self.run, self.source)
        take_back(self.work.ledger, self.run, read_pair_decisions(self.work.site.path))

    def finish(self) -> None:
        pass

    def total(self) -> int:
        return count_state(self.work.ledger, (t.EXTRACTED,), (self.source.id,))

    def step(self) -> int:
        items = self.work.ledger.claim(self.run, t.EXTRACTED, self.batch, sources=(self.source.id,), with_raw=True)
        if items:
            merged = merged_codes(self.work.ledger, self.source.id, [item.key for item in items])
            outcomes = [self._map(item, merged.get(item.key, ())) for item in items]
            self.work.ledger.advance(self.run, self.name, outcomes)
            left_out = [(o.item.source_id, o.item.key) for o in outcomes if o.state == t.EXCLUDED]
            if left_out:
                with self.work.ledger.transaction() as c:
                    forget_issues(c, ("validate", "push", "compare"), left_out)
            self.work.watch.judge(self.name, [o.issues or () for o in outcomes])
        return len(items)

    def _map(self, item: Item, merged: Sequence[OtherCode]) -> Outcome:
        mapped = map_record(self.work, self.source, unpack(plain(item.raw)), item.seen_at, merged)
        version: dict[str, object] = {"mapping_version": self.source.mapping_version, "rule": None, "twin": None}
        if mapped.exclusion is not None:
            left = mapped.exclusion
            values = {**version, "rule": left.rule, "twin": left.twin or None}
            issues = [*left.issues, *sweeps.left_after_push(item.new_id)]
            return Outcome(item, t.EXCLUDED, left.rule, values, issues)
        if mapped.dossier is None:
            return Outcome(item, t.QUARANTINED, "cannot_be_mapped", version, mapped.issues)
        dossier = mapped.dossier
        body = encode(dossier)
        mark = fingerprint(body)
        values = {**version, "mapped_fp": mark, **self._columns(item, dossier)}
        state, reason = t.MAPPED, dossier.handling_rule if dossier.handling_rule.startswith(MARK) else ""
        if item.new_id and item.pushed_fp == mark:
            state, reason = item.former or t.PUSHED, "mapped_equal"
        return Outcome(item, state, reason, values, mapped.issues, compressed(body))

    def _columns(self, item: Item, dossier: Dossier) -> dict[str, object]:
        code = dossier.code or None
        groups = [link.value for link in dossier.links if link.kind == "group"]
        second = next((other.code for other in dossier.other_codes if other.kind != MERGED), None)
        return {
            "second_code": second[:100] if second else None,
            "uid": uid_of(dossier)[:100] or None,
            "code": code,
            "code_sweep": item.code_sweep if code == item.code else item.last_sweep,
            "group_keys": ",".join(groups) or None,
            "status": dossier.status,
            "is_open": dossier.is_open,
            "due_at": dossier.due_at.isoformat() if dossier.due_at else None,
            "unit": dossier.handling_agency.code or None,
            "procedure": dossier.procedure_code[:100] or None,
        }


@dataclass
class ValidateStage:
    """MAPPED → VALID or QUARANTINED, on all issues of map and validate. Waits until all that was swept is mapped."""

    work: Workplace
    run: Run
    sources: Sequence[OpenSource]
    suite: SuiteRun
    batch: int = 5000
    name: str = "validate"
    _decisions: PairDecisions | None = None

    def prepare(self) -> None:
        """Refuse to start before the newest sweep of every source is finished and mapped: uniqueness needs the whole.

        Then settle which records are one dossier, across all sources of the site.
        """
        waiting = [s.name for s in self.sources if not sweeps.is_settled(self.work.ledger, s.id)]
        if waiting:
            raise Unavailable(
                f"Chưa trích xuất xong nguồn {', '.join(waiting)}: chưa thể kiểm tra trùng mã. "
                f"Chạy: lienthong extract {self.work.site.path}"
            )
        unmapped = count_state(self.work.ledger, (t.EXTRACTED,), [s.id for s in self.sources])
        if unmapped:  # their codes are not known yet
            raise Unavailable(
                f"Còn {unmapped} hồ sơ chưa chuyển đổi (bước map dừng giữa chừng, hoặc lệnh khác đang làm): chưa thể "
                f"kiểm tra trùng mã. Chạy: lienthong map {self.work.site.path}"
            )
        self._decisions = settle(self.work, self.run)

    def finish(self) -> None:
        pass

    def total(self) -> int:
        return count_state(self.work.ledger, (t.MAPPED,), [s.id for s in self.sources])

    def step(self) -> int:
        for source in self.sources:
            items = self.work.ledger.claim(self.run, t.MAPPED, self.batch, sources=(source.id,), with_mapped=True)
            if items:
                self._validate(source, items)
                return len(items)
        return 0

    def _validate(self, source: OpenSource, items: Sequence[Item]) -> None:
        ledger = self.work.ledger
        dossiers = [(item.key, decode(plain(item.mapped))) for item in items]
        outcome: BatchOutcome = self.suite.validate(dossiers, source.validation_context)
        keys = [item.key for item in items]
        assert self._decisions is not None, "prepare() reads them"
        asked = _merge(
            duplicate_codes(ledger, source.id, keys, self._decisions),
            same_uids(ledger, source.id, keys),
            unresolved_groups(ledger, source.id, keys),
        )
        stopped = keys_with_errors(ledger, source.id, keys, "map")
        outcomes = []
        for item in items:
            issues = [*outcome.issues.get(item.key, ()), *asked.get(item.key, ())]
            has_error = item.key in stopped or any(i.severity is Severity.ERROR for i in issues)
            outcomes.append(Outcome(item, t.QUARANTINED if has_error else t.VALID, "", {}, issues))
        ledger.advance(self.run, self.name, outcomes)
        self.work.watch.judge(self.name, [o.issues or () for o in outcomes])


def _merge(*parts: dict[str, list[Issue]]) -> dict[str, list[Issue]]:
    merged: dict[str, list[Issue]] = {}
    for part in parts:
        for key, issues in part.items():
            merged.setdefault(key, []).extend(issues)
    return merged


Progress = Callable[[str, int, int], None]
"""(stage, done, total), called after each batch."""


def drain(stage: Stage, progress: Progress, *, stop_after: int = 0) -> int:
    """Run a stage until its tray is empty (or ``stop_after`` entries are handled); how many were handled."""
    stage.prepare()
    total, done = stage.total(), 0
    progress(stage.name, 0, total)
    while not (stop_after and done >= stop_after) and (taken := stage.step()):
        done += taken
        progress(stage.name, done, total)
    stage.finish()
    return done
