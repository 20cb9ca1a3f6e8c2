"""Repair: push again exactly the dossiers that differ, and compare exactly those. Work of officials is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from connectors.base import Target
from flows import ledger_schema as t
from flows import reporting, screen
from flows.acceptance import settle_accepted
from flows.afresh import map_record
from flows.difference_choice import Wanted, chosen
from flows.difference_rows import is_settled, is_there, of_entry
from flows.explain import entries_of
from flows.failures import MATCHED, REMAINS
from flows.ledger import Ledger, Run
from flows.merging import merged_codes
from flows.payloads import plain, unpack
from flows.pipeline import RunOptions, plan_stages
from flows.rollback import Left
from flows.stages import drain
from flows.workplace import OpenSource, Workplace
from mappings.model import encode
from validations.compare import WORKED_ON
from validations.differences import FILES, stored_field

PAGE: Final = 200
SHOWN: Final = 20


@dataclass
class Repaired:
    """What came of it. ``by_state``: state → dossiers pushed again; ``left``: officials work on them there."""

    by_state: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    left: list[Left] = field(default_factory=list)

    @property
    def pushed(self) -> int:
        """How many went once more."""
        return sum(self.by_state.values())

    @property
    def is_done(self) -> bool:
        """Whether all that was asked for is equal now, or accepted."""
        return not self.left and self.pushed == self.by_state.get(t.MATCHED, 0) + self.accepted


def repair(work: Workplace, wanted: Wanted, because: str, *, as_json: bool) -> int:
    """Push and compare the dossiers of the differences wanted. 0 when every one of them is equal then."""
    settle_accepted(work)
    where = chosen(work, wanted)
    with work.ledger.run("repair") as run:
        sources = work.open_sources()
        again = Again(work, run, {source.id: source for source in sources}, because)
        left = again.send(where, work.target(reading=True))
        # what stays DIFFERENT was left: comparing it tells the ledger that somebody works on it
        compared = and_(t.entry.c.state.in_((t.PUSHED, t.DIFFERENT)), of_entry(where))
        options = RunOptions(stages=again.stages, only=of_entry(where), compared=compared)
        with screen.progress_bars() as progress:
            for stage in plan_stages(work, run, sources, options):
                drain(stage, progress)
        report = reporting.write_report(work, sources, run)
        found = Repaired(
            _by_state(work.ledger, run, because),
            _by_state(work.ledger, run, because, is_settled()).get(t.DIFFERENT, 0),
            left,
        )
    _tell(work, found, as_json=as_json)
    if not found.pushed and not left:
        screen.say("Không có hồ sơ nào như vậy để đẩy lại.")
        return REMAINS if wanted.is_narrow else MATCHED
    screen.say(f"Báo cáo: {report}")
    return MATCHED if found.is_done else REMAINS


@dataclass
class Again:
    """Sends what differs on its way once more, page by page: to the push, or to the mapping where that says otherwise.

    What somebody works on in the target stays. Files whose content differs there are forgotten, so that they are sent
    once more; what the target has lost is created anew.
    """

    work: Workplace
    run: Run
    sources: Mapping[str, OpenSource]
    because: str
    mapped: int = 0

    @property
    def stages(self) -> tuple[str, ...]:
        """What the dossiers have to go through."""
        return ("map", "validate", "push", "compare") if self.mapped else ("push", "compare")

    def send(self, where: ColumnElement[bool], target: Target) -> list[Left]:
        """DIFFERENT → VALID or EXTRACTED as a new revision; those that stay are named."""
        left, ledger, e = [], self.work.ledger, t.entry.c
        for source_id, rows in _pages(ledger, and_(e.state == t.DIFFERENT, of_entry(where))):
            there = {s.key: s.version for s in target.read_back(source_id, [row.key for row in rows])}
            lost = [row.key for row in rows if row.key not in there]
            same = [row.key for row in rows if there.get(row.key) == row.version and not row.is_worked_on]
            left += [
                Left(source_id, row.key, row.code or "", row.new_id or "")
                for row in rows
                if row.key in there and row.key not in same
            ]
            wrong = self._mapped_otherwise(self.sources[source_id], [*lost, *same])
            _forget(ledger, source_id, lost, same, wrong)
            mine = and_(e.source_id == source_id, e.state == t.DIFFERENT)
            self.mapped += ledger.send_back(self.run, and_(mine, e.key.in_(wrong)), self.because)
            ledger.send_back(self.run, and_(mine, e.key.in_([*lost, *same])), self.because, to=t.VALID)
        return left

    def _mapped_otherwise(self, source: OpenSource, keys: Sequence[str]) -> list[str]:
        """Dossiers of which the ledger holds something else than the mapping makes of their record."""
        merged, wrong = merged_codes(self.work.ledger, source.id, keys), []
        with self.work.ledger.transaction() as c:
            rows = entries_of(c, source.id, keys)
        for row in rows:
            if row.raw is None or row.mapping_version != source.mapping_version:
                continue
            made = map_record(self.work, source, unpack(plain(row.raw)), row.seen_at, merged.get(row.key, ())).dossier
            if made is None or encode(made) != plain(row.mapped):
                wrong.append(row.key)
        return wrong


def _pages(ledger: Ledger, where: ColumnElement[bool]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Entries that fit, a few of one source at a time: (source, rows)."""
    e, d = t.entry.c, t.difference.c
    is_worked_on = of_entry(is_there(), d.kind == WORKED_ON).label("is_worked_on")
    with ledger.transaction() as c:
        source_ids = list(c.execute(select(e.source_id).where(where).distinct().order_by(e.source_id)).scalars())
    for source_id in source_ids:
        after = ""
        while True:
            query = select(e.key, e.code, e.new_id, e.version, is_worked_on).where(where, e.source_id == source_id)
            with ledger.transaction() as c:
                rows = c.execute(query.where(e.key > after).order_by(e.key).limit(PAGE)).all()
            if not rows:
                break
            after = rows[-1].key
            yield source_id, rows


def _forget(ledger: Ledger, source_id: str, lost: Sequence[str], same: Sequence[str], wrong: Sequence[str]) -> None:
    """Drop what the ledger knows of files that differ there, and of dossiers that are no longer there."""
    a, d, e = t.attachment.c, t.difference.c, t.entry.c
    gone = {"new_id": None, "version": None, "pushed_fp": None}
    with ledger.transaction() as c:
        c.execute(update(t.entry).where(e.source_id == source_id, e.key.in_(lost)).values(gone))
        c.execute(update(t.entry).where(e.source_id == source_id, e.key.in_(wrong)).values(pushed_fp=None))
        c.execute(delete(t.attachment).where(a.source_id == source_id, a.key.in_(lost)))
        of_files = select(d.key, d.field).where(d.source_id == source_id, d.key.in_(same), d.kind == "attachment")
        differing = {(row.key, row.field) for row in c.execute(of_files.where(is_there()))}
        sent = c.execute(select(a.key, a.locator).where(a.source_id == source_id, a.key.in_(same))).all()
        for key, locator in sent:
            if (key, stored_field(f"{FILES}[{locator}]")) in differing:
                c.execute(delete(t.attachment).where(a.source_id == source_id, a.key == key, a.locator == locator))


def _by_state(ledger: Ledger, run: Run, because: str, *where: ColumnElement[bool]) -> dict[str, int]:
    """Where the dossiers are by now that this run sent back, or took up to push."""
    e, h = t.entry.c, t.history.c
    is_ours = and_(h.run_id == run.id, or_(h.reason == because, h.state_from == t.VALID))
    taken = select(h.source_id, h.key).where(is_ours).distinct().subquery()
    joined = t.entry.join(taken, and_(taken.c.source_id == e.source_id, taken.c.key == e.key))
    query = select(e.state, func.count()).select_from(joined).where(*where).group_by(e.state).order_by(e.state)
    with ledger.transaction() as c:
        return {row[0]: row[1] for row in c.execute(query)}


def _tell(work: Workplace, found: Repaired, *, as_json: bool) -> None:
    if as_json:
        figures = {"pushed": found.pushed, "by_state": found.by_state, "accepted": found.accepted}
        screen.print_json({**figures, "left": [asdict(one) for one in found.left]})
        return
    if found.left:
        lines = [[one.code or one.key, one.new_id, f"{one.source}/{one.key}"] for one in found.left[:SHOWN]]
        title = "Để nguyên: cán bộ đã làm việc trên hồ sơ ở hệ thống mới"
        screen.out().print(screen.table(title, ["Mã hồ sơ", "Mã mới", "Khóa cũ"], lines))
        if len(found.left) > SHOWN:
            screen.say(f"… và {screen.number(len(found.left) - SHOWN)} hồ sơ nữa; xem hết: thêm --json.")
    if not found.pushed:
        return
    states = ", ".join(f"{screen.number(n)} {screen.STATE_NAMES.get(s, s)}" for s, n in found.by_state.items())
    screen.say(f"Đã đẩy lại {screen.number(found.pushed)} hồ sơ và đối soát lại: {states}.")
    if found.by_state.get(t.DIFFERENT, 0) > found.accepted:
        screen.say(
            "Hệ thống mới nhận lại mà vẫn giữ khác: đó là cách nó lưu. Báo đơn vị vận hành, hoặc để người có thẩm "
            f"quyền chấp nhận: lienthong differences {work.site.path} accept"
        )
    if found.by_state.get(t.QUARANTINED):
        screen.say(f"Hồ sơ cách ly: lienthong quarantine {work.site.path}")
