"""How many dossiers of each kind, and in which order they were filed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Generic, Protocol, TypeVar

from connectors.rehearsal.kind import Kind, like_first, wish_of
from connectors.rehearsal.story import Setting, Story, Wish, filing_day, filing_days

AFTER_SHARE, EDGE_SHARE = 0.08, 0.0002
_SMALLEST = 200
"""From so many dossiers on, every kind occurs."""


class HasSetting(Protocol):
    """What a plan must know of a dossier."""

    @property
    def setting(self) -> Setting: ...


C = TypeVar("C", bound=HasSetting)
L = TypeVar("L", bound=Story)


@dataclass(frozen=True)
class Made(Generic[C]):
    """One dossier, and what the manifest says of it: kinds of dirt (names), and whether it is in scope."""

    case: C
    kinds: tuple[str, ...] = ()
    is_in_scope: bool = True
    edge: str = ""  # before | after


@dataclass(frozen=True)
class Slot(Generic[C]):
    """A place in the order of filing: makes ``size`` dossiers that belong together, for this share of all."""

    share: float
    size: int
    make: Callable[[Wish, int], Iterator[Made[C]]]


@dataclass(frozen=True)
class Plan:
    """Fills the slots in order of filing."""

    dossiers: int
    is_clean: bool
    last_day: date  # nothing is filed later

    def make(self, story: Story, case: Callable[[Wish], C], slots: Sequence[Slot[C]]) -> Iterator[Made[C]]:
        """Every dossier, oldest filing first. ``case`` makes an ordinary one, ``slots`` all that is special."""
        after = 0 if self.is_clean else self._share(AFTER_SHARE)
        special = () if self.is_clean else slots
        order, edges = self._order(story.random, self.dossiers - after, special)
        numbers: Counter[int] = Counter()
        days = filing_days(story.office, story.cutoff.date())
        for position, slot in enumerate(order):
            day = filing_day(days, position / len(order))
            if position % 20_000 == 0:
                story.numbers.forget(day - timedelta(days=60))
            if slot > _EDGE:
                yield from special[slot - _FIRST].make(Wish(day), numbers[slot])
            else:
                yield _edge(story, case, Wish(day)) if slot == _EDGE else Made(case(Wish(day)))
            numbers[slot] += 1
        yield from self._after(story, case, after, edges)

    def _share(self, share: float, size: int = 1) -> int:
        """A share of all dossiers in steps of ``size``, at least one step once there are enough dossiers."""
        steps = round(self.dossiers * share / size)
        return size * (max(steps, 1) if self.dossiers >= _SMALLEST else int(self.dossiers * share / size))

    def _order(self, random: Random, rows: int, slots: Sequence[Slot[C]]) -> tuple[Sequence[int], int]:
        """The slots that fill ``rows`` dossiers before the cut-off, shuffled, the edge ones last; how many edges."""
        edges = 0 if self.is_clean else self._share(EDGE_SHARE)
        counts = {number: self._share(slot.share, slot.size) // slot.size for number, slot in enumerate(slots, _FIRST)}
        taken = sum(slots[number - _FIRST].size * count for number, count in counts.items())
        counts[_PLAIN] = rows - taken - edges
        assert counts[_PLAIN] >= 0, "shares of dirt exceed the whole"
        order = bytearray(b"".join(bytes([slot]) * number for slot, number in sorted(counts.items())))
        random.shuffle(order)
        return bytes(order) + bytes([_EDGE]) * edges, edges

    def _after(self, story: Story, case: Callable[[Wish], C], number: int, edges: int) -> Iterator[Made[C]]:
        """Dossiers filed on or after the cut-off; the first ones in its very first second."""
        first, last = story.office.index(story.cutoff.date()), story.office.index(self.last_day)
        for position in range(number):
            day = story.office.days[first + (last - first) * position // number]
            is_edge = position < edges
            wish = Wish(day, is_after=True)
            if is_edge:
                wish = Wish(day, is_after=True, channel="online", status="new", filed=story.cutoff)
            yield Made(case(wish), ("after_cutoff",), False, "after" if is_edge else "")


_PLAIN, _EDGE, _FIRST = range(3)


def _edge(story: Story, case: Callable[[Wish], C], wish: Wish) -> Made[C]:
    last_second = story.cutoff - timedelta(seconds=1)
    return Made(case(replace(wish, channel="online", status="new", filed=last_second)), edge="before")


def slot_of(life: L, case: Callable[[Wish], C], kind: Kind[L, C], share_code: Callable[[C, C], None]) -> Slot[C]:
    """The slot of a kind of dirt. ``share_code(first, other)`` gives the second the dossier code of the first."""

    def make(wish: Wish, number: int) -> Iterator[Made[C]]:
        first: C | None = None
        for place in range(kind.size):
            wanted = wish_of(kind, wish, life, number * kind.size + place)
            if first is not None and kind.shares_code:
                wanted = like_first(wanted, first.setting, is_same_matter=kind.name == "double_entry")
            made = case(wanted)
            kind.spoil(life, made, number * kind.size + place)
            if first is not None and kind.shares_code:
                share_code(first, made)
            first = first or made
            yield Made(made, (kind.name,), kind.outcome != "excluded")

    return Slot(kind.share, kind.size, make)
