"""What happens in old offices, whatever software writes it down: who files what where, when, and how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from connectors.rehearsal.numbers_given import Numbers
from connectors.rehearsal.office_time import Office
from connectors.rehearsal.people import Person, business, citizen
from connectors.rehearsal.world import Agency, Procedure, Unit, World

OPEN = frozenset({"new", "receiving", "waiting", "paying", "processing", "interoperating", "releasing"})
"""Outcomes in which the office still owes the citizen something; each software has its own word for each."""
_LEVELS = ("commune",) * 14 + ("district",) * 4 + ("province",) * 2
_OPEN_STATUSES = ("processing",) * 9 + ("releasing",) * 3 + ("waiting",) * 2 + ("interoperating", "paying", "new")
_CLOSED_STATUSES = ("done",) * 27 + ("denied", "cancelled", "unresolved")
_UNRECEIVED_STATUSES = ("new",) * 5 + ("receiving",) * 4 + ("denied",)
_RECENT_DAYS = 57
_NEVER_RECEIVED = frozenset({"new", "receiving"})


@dataclass(frozen=True)
class Wish:
    """What a dossier must be like; what is left empty falls by chance."""

    day: date  # of filing, a working day
    is_after: bool = False  # filed on or after the cut-off
    level: str = ""  # commune | district | province
    agency: Agency | None = None
    status: str = ""
    channel: str = ""  # counter | online
    filed: datetime | None = None  # to the second
    received_on: date | None = None
    may_be_overdue: bool = True
    is_citizen: bool = False
    has_duration: bool = False
    is_straight: bool = False  # no supplement round and no pause: the due date is the first one
    group_key: int = 0  # key of the group dossier that it belongs to
    person: Person | None = None
    procedure: Procedure | None = None


@dataclass(frozen=True)
class Times:
    """The instants of one dossier, local time; None where the office never came to it."""

    created: datetime
    submitted: datetime | None
    received: datetime | None
    due: datetime | None
    first_due: datetime | None  # before an extension overwrote it
    ended: datetime  # of the last action


@dataclass(frozen=True)
class Setting:
    """Who asks whom for what."""

    agency: Agency
    procedure: Procedure
    person: Person
    is_online: bool
    status: str
    times: Times
    steps: tuple[str, ...]  # codes, first to last


@dataclass(frozen=True)
class Bench:
    """The fixed shape that a benchmark asks for: so many paper records and steps a dossier, nothing else."""

    papers: int
    steps: int


@dataclass(frozen=True)
class Scene:
    """Where and when dossiers live."""

    world: World
    office: Office
    cutoff: date
    limit: datetime  # nothing happened later
    dialect: str  # of the database, which decides what dirt it can hold
    bench: Bench | None = None
    first_serial: int = 1  # of an agency's codes on each day


class Story:
    """Settles who, what, where and when of a dossier; a software of its own makes rows of it."""

    def __init__(self, random: Random, scene: Scene) -> None:
        self.random, self.world, self.office, self.dialect = random, scene.world, scene.office, scene.dialect
        self._limit, self._bench = scene.limit, scene.bench
        self.numbers = Numbers(scene.first_serial)
        self.cutoff = datetime.combine(scene.cutoff, time())
        self._offers: dict[str, list[Procedure]] = {}

    def moments(self, times: Times, number: int) -> list[datetime]:
        """When each action was taken: filing, receipt, then in office hours up to the end."""
        first = times.submitted or times.received or times.created
        start, end = times.received or first, times.ended
        low, high = self.office.index(start.date()), self.office.index(end.date())
        between = [
            self.office.counter_time(self.random, self.office.days[low + (high - low) * step // number])
            for step in range(2, number - 1)
        ]
        inner = sorted(min(max(moment, start), end) for moment in between)
        return [first, start, *inner, end][:number] if number > 2 else [first, end][:number]

    def setting(self, wish: Wish) -> Setting:
        """A new matter like this."""
        agency, procedure = self._place(wish)
        is_online = wish.channel == "online" if wish.channel else self.random.random() < 0.3
        is_online = is_online and not self._bench
        received, created, submitted = self._filing(wish, is_online)
        has_round = not self._bench and not wish.is_straight and self.random.random() < 0.16
        first_due = self.office.later(received, procedure.days).replace(second=0) if received else None
        first_due = first_due if procedure.days else None
        is_extended = has_round and first_due is not None and self.random.random() < 0.6
        due = self.office.later(first_due, self.random.randrange(2, 6)) if is_extended and first_due else first_due
        status = wish.status or self._status(wish, received, due, is_online)
        if not wish.may_be_overdue and status in OPEN and due and due < self.cutoff:
            status = "done"
        ended = self._ended(status, received, due, procedure.days) if received else submitted or created
        times = Times(created, submitted, received, due, first_due, ended)
        days = 0 if wish.is_straight else procedure.days
        steps = self.steps(status, days, is_received=received is not None, has_round=has_round)
        return Setting(agency, procedure, self._person(wish, agency), is_online, status, times, tuple(steps))

    def steps(self, status: str, days: int, *, is_received: bool, has_round: bool) -> list[str]:
        """Codes of the steps to this outcome, in a software that has a process."""
        return []

    def _place(self, wish: Wish) -> tuple[Agency, Procedure]:
        level = wish.level or self.random.choice(_LEVELS)
        agency = wish.agency or self.random.choice(self.world.handling[level])
        offers = self._offers.get(agency.code)
        if offers is None:
            offers = self._offers[agency.code] = self.world.offers(agency)
        if wish.procedure:
            return agency, wish.procedure
        usable = [procedure for procedure in offers if procedure.days] if wish.has_duration or self._bench else offers
        return agency, self.random.choice(usable)

    def _person(self, wish: Wish, agency: Agency) -> Person:
        if wish.person:
            return wish.person
        if not wish.is_citizen and self.random.random() < 0.08:
            return business(self.random)
        return citizen(self.random, agency.province_code)

    def _filing(self, wish: Wish, is_online: bool) -> tuple[datetime | None, datetime, datetime | None]:
        """(received, created, submitted). Receipt stays on the filing's side of the cut-off, or is left out."""
        random = self.random
        if not is_online:
            received = self.office.counter_time(random, wish.received_on or wish.day)
            submitted = received - timedelta(seconds=random.randrange(300)) if random.random() < 0.84 else None
            created = (submitted or received) - timedelta(seconds=random.randrange(60, 600))
            return received, created, submitted
        filed = wish.filed or self.office.home_time(random, wish.day)
        created = filed - timedelta(seconds=random.randrange(60, 900)) if not wish.filed else filed
        later = self.office.days[self.office.index(filed.date()) + 1 + (random.random() < 0.15)]
        answered = self.office.counter_time(random, wish.received_on or later)
        is_late = answered > self._limit or (not wish.received_on and not wish.is_after and answered >= self.cutoff)
        is_waiting = not wish.status and (self.cutoff.date() - wish.day).days < _RECENT_DAYS and random.random() < 0.12
        never = wish.status in _NEVER_RECEIVED or wish.filed is not None or is_waiting
        return (None if is_late or never else answered), created, filed

    def _status(self, wish: Wish, received: datetime | None, due: datetime | None, is_online: bool) -> str:
        random = self.random
        if received is None:
            return random.choice(_UNRECEIVED_STATUSES)
        age = (self.cutoff.date() - wish.day).days
        if wish.is_after or due is None or due >= self.cutoff:
            chance = 0.97 if age < _RECENT_DAYS else 0.6
        else:
            chance = 0.6 if age < _RECENT_DAYS else 0.18 if age < 182 else 0.03
        if due is None:
            chance /= 3
        status = random.choice(_OPEN_STATUSES if random.random() < chance else _CLOSED_STATUSES)
        # An online dossier that was received has left the step "new"; only a counter one is received there.
        return "processing" if status == "new" and (is_online or self._bench) else status

    def _ended(self, status: str, received: datetime, due: datetime | None, days: int) -> datetime:
        """The last action: by the due date as a rule, never after what the database can know."""
        spread = max(1, days + (3 if self.random.random() < 0.08 else 0))
        day = self.office.days[self.office.index(received.date()) + self.random.randrange(spread + 1)]
        ended = self.office.counter_time(self.random, day)
        return received if status == "new" else max(received, min(ended, self._limit))


def home_of(random: Random, world: World, setting: Setting) -> Unit:
    """Where the owner lives: in the district that handles the dossier, else as a rule in the province."""
    if setting.agency.level == "district":
        return random.choice(world.homes[setting.agency.unit_code])
    while True:
        unit = random.choice(world.communes)
        if unit.province_code == setting.agency.province_code or random.random() < 0.02:
            return unit


def filing_days(office: Office, cutoff: date) -> Sequence[tuple[float, Sequence[date]]]:
    """Working days before the cut-off in spans with their share of filings: three and a half years, mostly the last."""
    spans = ((1277, 912, 0.08), (912, 547, 0.10), (547, 182, 0.17), (182, 57, 0.25), (57, 0, 0.40))
    found = []
    for oldest, newest, share in spans:
        low = office.index(cutoff - timedelta(days=oldest))
        high = office.index(cutoff - timedelta(days=newest))
        found.append((share, office.days[low:high]))
    return found


def filing_day(days: Sequence[tuple[float, Sequence[date]]], position: float) -> date:
    """The filing day of the dossier at ``position`` (0 oldest, 1 newest) among those filed before the cut-off."""
    for share, span in days:
        if position < share:
            return span[min(int(position / share * len(span)), len(span) - 1)]
        position -= share
    return days[-1][1][-1]


def last_filing_day(cutoff: date, now: datetime) -> date:
    """The last day on which something is filed: three months after the cut-off, or the day before ``now``."""
    return min(cutoff + timedelta(days=90), now.date() - timedelta(days=1))


def limit_of(office: Office, cutoff: date, now: datetime) -> datetime:
    """The last moment at which an official acts: closing time half a year after the cut-off, or ``now``."""
    closing = datetime.combine(office.days[office.index(cutoff + timedelta(days=180))], time(16, 45))
    return min(closing, now)
