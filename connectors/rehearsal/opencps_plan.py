"""How many dossiers of each kind, and in which order they were filed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from connectors.rehearsal.office_time import Office
from connectors.rehearsal.opencps_case import Case, Row, Wish
from connectors.rehearsal.opencps_catalogue import uid
from connectors.rehearsal.opencps_codes import like_first
from connectors.rehearsal.opencps_dirt import kinds, spoil_fee_of_twin, spoil_paper_of_twin, wish_of
from connectors.rehearsal.opencps_kind import Kind
from connectors.rehearsal.opencps_life import Life, filing_day, filing_days

AFTER_SHARE, TWIN_SHARE, LACK_SHARE, GROUP_SHARE, EDGE_SHARE = 0.08, 0.03, 0.005, 0.004, 0.0002
GROUP_CHILDREN = 3
_PLAIN, _EDGE, _GROUP, _TWIN, _TWIN_PAPER, _TWIN_FEE, _FIRST_KIND = range(7)
_ROWS = {_PLAIN: 1, _EDGE: 1, _GROUP: 1 + GROUP_CHILDREN, _TWIN: 2, _TWIN_PAPER: 2, _TWIN_FEE: 2}
_SMALLEST = 200
"""From so many dossiers on, every kind occurs."""


@dataclass(frozen=True)
class Made:
    """One dossier, and what the manifest says of it: kinds of dirt (names), and whether it is in scope."""

    case: Case
    kinds: tuple[str, ...] = ()
    is_in_scope: bool = True
    edge: str = ""  # before | after


@dataclass(frozen=True)
class Plan:
    """Slots in order of filing: each makes one dossier or a few that belong together."""

    dossiers: int
    is_clean: bool
    with_files: bool
    dialect: str
    last_day: date  # nothing is filed later

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of dirt that this database can hold."""
        if self.is_clean:
            return ()
        usable = (kind for kind in kinds() if self.dialect in kind.dialects)
        return tuple(kind for kind in usable if self.with_files or kind.name != "file_gone")

    def make(self, life: Life) -> Iterator[Made]:
        """Every dossier, oldest filing first."""
        after = 0 if self.is_clean else self._share(AFTER_SHARE)
        slots, edges = self._slots(life.random, self.dossiers - after)
        chosen = self.kinds()
        numbers: Counter[int] = Counter()
        days = filing_days(life.office, life.cutoff.date())
        for position, slot in enumerate(slots):
            day = filing_day(days, position / len(slots))
            if position % 20_000 == 0:
                life.numbers.forget(day - timedelta(days=60))
            kind = chosen[slot - _FIRST_KIND] if slot >= _FIRST_KIND else None
            yield from _kind(life, kind, Wish(day), numbers[slot]) if kind else _special(life, slot, Wish(day))
            numbers[slot] += 1
        yield from self._after(life, after, edges)

    def _share(self, share: float, size: int = 1) -> int:
        """A share of all dossiers in steps of ``size``, at least one step once there are enough dossiers."""
        steps = round(self.dossiers * share / size)
        return size * (max(steps, 1) if self.dossiers >= _SMALLEST else int(self.dossiers * share / size))

    def _slots(self, random: Random, rows: int) -> tuple[Sequence[int], int]:
        """The slots that fill ``rows`` dossiers before the cut-off, shuffled, the edge ones last; how many edges."""
        counts: Counter[int] = Counter()
        if not self.is_clean:
            shares = {_GROUP: GROUP_SHARE, _TWIN: TWIN_SHARE, _TWIN_PAPER: LACK_SHARE, _TWIN_FEE: LACK_SHARE}
            counts.update({slot: self._share(share) for slot, share in shares.items()})
            counts[_EDGE] = self._share(EDGE_SHARE)
            for number, kind in enumerate(self.kinds(), start=_FIRST_KIND):
                counts[number] = self._share(kind.share, kind.size) // kind.size
        sizes = {number: kind.size for number, kind in enumerate(self.kinds(), start=_FIRST_KIND)} | _ROWS
        counts[_PLAIN] = rows - sum(sizes[slot] * number for slot, number in counts.items())
        assert counts[_PLAIN] >= 0, "shares of dirt exceed the whole"
        edges = counts.pop(_EDGE, 0)
        slots = bytearray(b"".join(bytes([slot]) * number for slot, number in sorted(counts.items())))
        random.shuffle(slots)
        return bytes(slots) + bytes([_EDGE]) * edges, edges

    def _after(self, life: Life, number: int, edges: int) -> Iterator[Made]:
        """Dossiers filed on or after the cut-off; the first ones in its very first second."""
        first, last = life.office.index(life.cutoff.date()), life.office.index(self.last_day)
        for position in range(number):
            day = life.office.days[first + (last - first) * position // number]
            is_edge = position < edges
            wish = Wish(day, is_after=True)
            if is_edge:
                wish = Wish(day, is_after=True, channel="online", status="new", filed=life.cutoff)
            yield Made(life.case(wish), ("after_cutoff",), False, "after" if is_edge else "")


def last_filing_day(cutoff: date, now: datetime) -> date:
    """The last day on which something is filed: three months after the cut-off, or the day before ``now``."""
    return min(cutoff + timedelta(days=90), now.date() - timedelta(days=1))


def limit_of(office: Office, cutoff: date, now: datetime) -> datetime:
    """The last moment at which an official acts: closing time half a year after the cut-off, or ``now``."""
    closing = datetime.combine(office.days[office.index(cutoff + timedelta(days=180))], time(16, 45))
    return min(closing, now)


def _kind(life: Life, kind: Kind, wish: Wish, number: int) -> Iterator[Made]:
    first: Case | None = None
    for place in range(kind.size):
        wanted = wish_of(kind, wish, life, number * kind.size + place)
        if first and kind.shares_code:
            wanted = like_first(wanted, first, is_same_matter=kind.name == "double_entry")
        case = life.case(wanted)
        kind.spoil(life, case, number * kind.size + place)
        if first and kind.shares_code:
            case.row["dossierNo"] = first.row["dossierNo"]
        first = first or case
        yield Made(case, (kind.name,), kind.outcome != "excluded")


def _special(life: Life, slot: int, wish: Wish) -> Iterator[Made]:
    if slot == _PLAIN:
        yield Made(life.case(wish))
    elif slot == _EDGE:
        last_second = life.cutoff - timedelta(seconds=1)
        yield Made(life.case(Wish(wish.day, channel="online", status="new", filed=last_second)), edge="before")
    elif slot == _GROUP:
        yield from _group(life, wish)
    else:
        yield from _twins(life, slot, wish)


def _group(life: Life, wish: Wish) -> Iterator[Made]:
    """A group dossier (originality 9) and its members."""
    parent = life.case(Wish(wish.day, channel="counter"))
    parent.row["originality"] = 9
    life.papers.scan(parent, "NH01", parent.setting.times.created)
    if parent.setting.status == "done":
        life.papers.scan(parent, "KN01", parent.setting.times.ended)
    yield Made(parent)
    for _ in range(GROUP_CHILDREN):
        member = Wish(wish.day, channel="counter", agency=parent.setting.agency, group_key=parent.key)
        yield Made(life.case(member))


def _twins(life: Life, slot: int, wish: Wish) -> Iterator[Made]:
    """The citizen's online copy (originality 1) and the agency's dossier (2) that share a referenceUid."""
    copy_key = life.numbers.dossier()
    twin = life.case(Wish(wish.day, channel="online"))
    copy = copy_of(life, twin, copy_key)
    found: tuple[str, ...] = ("online_twin",)
    if slot == _TWIN_PAPER:
        spoil_paper_of_twin(copy, twin)
        found += ("twin_lacks_paper",)
    elif slot == _TWIN_FEE:
        spoil_fee_of_twin(life, copy, twin)
        found += ("twin_lacks_fee",)
    yield Made(copy, found, False)
    yield Made(twin)


def copy_of(life: Life, twin: Case, key: int) -> Case:
    """What synchronisation leaves on the citizen's side: the same papers and fees, one action of its own."""
    row = {**twin.row, "dossierId": key, "uuid_": uid(life.random), "originality": 1}
    copy = Case(key, row, twin.setting)
    for table, id_column, kind in (
        ("opencps_dossierfile", "dossierFileId", "file"),
        ("opencps_paymentfile", "paymentFileId", "payment"),
    ):
        for child in twin.children[table]:
            own: Row = {id_column: life.numbers.next(kind), "dossierId": key, "uuid_": uid(life.random)}
            copy.children[table].append({**child, **own})
    first = twin.children["opencps_dossieraction"][0]
    action = life.numbers.next("action")
    alone: Row = {"dossierActionId": action, "dossierId": key, "nextActionId": 0, "state_": 0}
    copy.children["opencps_dossieraction"].append({**first, **alone, "uuid_": uid(life.random)})
    copy.row["dossierActionId"] = action
    return copy
