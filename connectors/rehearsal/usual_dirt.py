"""Dirt that stands in every old system alike, whatever its columns are called; and wishes that many kinds share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import Story


class OfDossier(Protocol):
    """A dossier by the row of its own."""

    row: Row


Spoiling = Callable[[Story, OfDossier, int], None]


def nothing(life: object, case: object, number: int) -> None:
    """What is wrong was wished for."""


def put(**cells: Cell) -> Spoiling:
    """Cells of the dossier's own row, as they are given."""

    def spoil(life: object, case: OfDossier, number: int) -> None:
        case.row.update(cells)

    return spoil


def moment_in(case: OfDossier, column: str) -> datetime:
    """The moment in a cell that every ordinary dossier fills."""
    moment = case.row[column]
    assert isinstance(moment, datetime)
    return moment


# ---------------------------------------------------------------- dates


def dates_order(filed: str, received: str, due: str) -> Spoiling:
    """Due before receipt or, when that stays before the cut-off, received before filing."""

    def spoil(life: Story, case: OfDossier, number: int) -> None:
        came = moment_in(case, received)
        if number % 2 and came + timedelta(days=1) < life.cutoff:
            case.row[filed] = came + timedelta(days=1)
        else:
            case.row[due] = came - timedelta(days=2)

    return spoil


def due_on_sunday(column: str) -> Spoiling:
    """Promised for the Sunday after: the old calendar lacked a day off."""

    def spoil(life: object, case: OfDossier, number: int) -> None:
        due = moment_in(case, column)
        case.row[column] = due + timedelta(days=6 - due.weekday())

    return spoil


def due_far(column: str) -> Spoiling:
    """Promised twelve working days later than the procedure takes, with no reason on record."""

    def spoil(life: Story, case: OfDossier, number: int) -> None:
        case.row[column] = life.office.later(moment_in(case, column), 12)

    return spoil


# ---------------------------------------------------------------- wishes


def across(life: Story, number: int) -> Mapping[str, object]:
    """Filed online on one of the last days before the cut-off, received on one of the first after it."""
    first = life.office.index(life.cutoff.date())
    day, received_on = life.office.days[first - 1 - number % 3], life.office.days[first + number % 2]
    return {"channel": "online", "status": "processing", "day": day, "received_on": received_on}


def split_agency(life: Story, number: int) -> Mapping[str, object]:
    """Filed with a commune that was split."""
    return {"agency": life.world.split_agencies[number % len(life.world.split_agencies)]}


def land_office(life: Story, number: int) -> Mapping[str, object]:
    """Filed with a land office of a district."""
    return {"agency": life.random.choice(life.world.land_offices)}
