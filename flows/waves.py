"""Waves: named sets of dossiers that go together. The site declares them, the ledger freezes them when they start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, insert, literal, not_, select

from flows import ledger_schema as t
from flows.ledger import Ledger, Run
from flows.selection import of_codes, read_list
from flows.site import Site, SiteError
from flows.site_waves import WaveSettings
from flows.workplace import Workplace

STARTED, JOINED, FINISHED, ROLLED_BACK = "started", "joined", "finished", "rolled_back"
STAGE_WORDS: Final = {
    "": "chưa bắt đầu", STARTED: "đang chuyển", FINISHED: "đã kết thúc", ROLLED_BACK: "đã rút lại",
}  # fmt: skip


@dataclass(frozen=True)
class Wave:
    """A wave as declared, and how far it came. ``frozen``: entries of the ledger; none before it starts."""

    name: str
    settings: WaveSettings
    stage: str
    declared: ColumnElement[bool]
    frozen: ColumnElement[bool]

    @property
    def title(self) -> str:
        """What people call it."""
        return self.settings.title or self.name

    @property
    def has_members(self) -> bool:
        """Whether it ever started."""
        return self.stage != ""

    @property
    def dossiers(self) -> ColumnElement[bool]:
        """Those it is about: its frozen members, before the start those that would become so."""
        return self.frozen if self.has_members else and_(self.declared, _in_play(), not_(in_a_wave()))

    @property
    def late(self) -> ColumnElement[bool]:
        """What fits the declaration and came after the start."""
        return and_(self.declared, _in_play(), not_(in_a_wave())) if self.has_members else false()

    @property
    def elsewhere(self) -> ColumnElement[bool]:
        """What fits the declaration and went with another wave."""
        m = t.wave_member.c
        other = select(m.key).where(_is_entry(), m.wave != self.name)
        return and_(self.declared, other.exists())


def open_wave(work: Workplace, name: str) -> Wave:
    """A wave of the site. Raises SiteError for one that is not declared."""
    settings = work.site.settings.waves.get(name)
    if settings is None:
        known = ", ".join(work.site.settings.waves) or "chưa có đợt nào"
        raise SiteError(f"{work.site.path / 'site.yaml'}: không có đợt {name} trong waves; có: {known}.")
    m = t.wave_member.c
    member = select(m.key).where(_is_entry(), m.wave == name).exists()
    return Wave(name, settings, stage_of(work.ledger, name), _declared(work, settings), member)


def _is_entry() -> ColumnElement[bool]:
    m, e = t.wave_member.c, t.entry.c
    return and_(m.source_id == e.source_id, m.key == e.key)


def in_a_wave() -> ColumnElement[bool]:
    """Entries that some wave has taken."""
    return select(t.wave_member.c.key).where(_is_entry()).exists()


def _in_play() -> ColumnElement[bool]:
    return t.entry.c.state.not_in(t.NO_CLAIM)


def _declared(work: Workplace, settings: WaveSettings) -> ColumnElement[bool]:
    e = t.entry.c
    ids = list(work.site.source_ids().values())
    wanted: list[ColumnElement[bool]] = [e.source_id.in_(ids)]
    if settings.communes:
        wanted.append(e.unit.in_(settings.communes))
    if settings.procedures:
        wanted.append(e.procedure.in_(settings.procedures))
    if settings.statuses:
        wanted.append(e.status.in_(settings.statuses))
    if settings.codes is not None:
        wanted.append(of_codes(work.ledger, read_list(work.site.path / settings.codes), ids).where)
    return and_(*wanted)


def stage_of(ledger: Ledger, name: str) -> str:
    """ "" before the start, then the last thing that happened to the whole of it."""
    w = t.wave_event.c
    query = select(w.kind).where(w.wave == name, w.kind != JOINED).order_by(w.id.desc()).limit(1)
    with ledger.transaction() as c:
        return str(c.execute(query).scalar() or "")


def note(ledger: Ledger, run: Run, wave: str, kind: str, author: str, said: str = "") -> None:
    """Write down what happened to a wave."""
    with ledger.transaction() as c:
        c.execute(
            insert(t.wave_event).values(
                wave=wave, kind=kind, at=ledger.now(), run_id=run.id, author=author[:120], said=said
            )
        )


def freeze(ledger: Ledger, wave: Wave) -> int:
    """Take what fits the declaration now and is in no wave yet; how many."""
    e = t.entry.c
    fits = and_(wave.declared, _in_play(), not_(in_a_wave()))
    taken = select(e.source_id, e.key, literal(wave.name)).where(fits)
    with ledger.transaction() as c:
        return int(c.execute(insert(t.wave_member).from_select(["source_id", "key", "wave"], taken)).rowcount)


def may_be_pushed(work: Workplace) -> ColumnElement[bool] | None:
    """Where a site declares waves, only what a running or finished one holds goes to the target; None: everything."""
    if not work.site.settings.waves:
        return None
    going = [name for name in work.site.settings.waves if stage_of(work.ledger, name) in (STARTED, FINISHED)]
    m = t.wave_member.c
    return select(m.key).where(_is_entry(), m.wave.in_(going)).exists()


def waiting_words(work: Workplace) -> str:
    """What to say after a run of valid dossiers whose wave has not started; "" when there is nothing to say."""
    may = may_be_pushed(work)
    if may is None:
        return ""
    waiting = count(work.ledger, and_(t.entry.c.state == t.VALID, not_(may)))
    if not waiting:
        return ""
    return f"{waiting} hồ sơ hợp lệ chờ đợt của mình. Xem: lienthong wave {work.site.path} list"


def count(ledger: Ledger, where: ColumnElement[bool]) -> int:
    """Entries that fit."""
    with ledger.transaction() as c:
        return int(c.execute(select(func.count()).select_from(t.entry).where(where)).scalar_one())


def states(ledger: Ledger, where: ColumnElement[bool]) -> dict[str, int]:
    """State → entries that fit, in the order of the conveyor."""
    e = t.entry.c
    with ledger.transaction() as c:
        found: dict[str, int] = {
            row[0]: row[1] for row in c.execute(select(e.state, func.count()).where(where).group_by(e.state))
        }
    return {state: found[state] for state in t.STATES if state in found}


def events(ledger: Ledger, name: str) -> Sequence[Any]:
    """What happened to a wave, oldest first."""
    w = t.wave_event.c
    with ledger.transaction() as c:
        return c.execute(select(w.kind, w.at, w.author, w.said).where(w.wave == name).order_by(w.id)).all()


def pilot(site: Site) -> str:
    """The wave that goes first: the first one declared."""
    return next(iter(site.settings.waves), "")
