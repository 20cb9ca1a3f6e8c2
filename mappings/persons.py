"""The checks on the owner of a dossier and on who files for him: identity number, year, sex, telephone.

All of them are warnings: a number that looks wrong may still be what the paper says, so it is carried as it stands.
They run where the person is mapped and not in the suite: Great Expectations would ask eighteen questions of every
frame, here an ordinary person costs about a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import phonenumbers
import stdnum

from mappings.cells import Clock, Run
from mappings.identity import FORM, PROVINCE, birth_year, business_trouble, is_male, person_trouble
from mappings.model import Applicant, Delegate
from mappings.phones import phone_trouble

RULES: Final = (phonenumbers.__version__, stdnum.__version__)
"""Part of every mapping version: their tables decide what is valid."""

CITIZEN, BUSINESS = "1", "2"
_SEXES: Final = {"1": True, "2": False}

Check = Callable[[Applicant, Delegate | None, Run], None]


def compile_persons(clock: Clock, cutoff: datetime) -> Check:
    """The checks for one source. Nobody is born after the year of the cut-off."""
    latest = cutoff.year

    def check(applicant: Applicant, delegate: Delegate | None, run: Run) -> None:
        if applicant.identity is not None:
            _owner(applicant, applicant.identity.number.strip(), run)
        _phone(applicant.phone, "applicant.phone", run)
        if delegate is None:
            return
        if delegate.identity is not None:
            _note(person_trouble(delegate.identity.number.strip(), latest), "delegate.identity.number", run)
        _phone(delegate.phone, "delegate.phone", run)

    def _owner(applicant: Applicant, number: str, run: Run) -> None:
        if applicant.kind == CITIZEN:
            trouble = person_trouble(number, latest)
            if (applicant.born or applicant.sex) and not trouble and len(number) == 12:
                _differences(applicant, number, run)
        elif applicant.kind:
            trouble = business_trouble(number, latest)
            if applicant.kind != BUSINESS and trouble in (FORM, PROVINCE):
                trouble = ""  # an office or association may go by the number of the decision that founded it
        else:
            return  # the kind of owner is unknown, and said to be
        _note(trouble, "applicant.identity.number", run)

    def _differences(applicant: Applicant, number: str, run: Run) -> None:
        if applicant.born:
            year = year_of(applicant.born, clock)
            if year is not None and year != birth_year(number):
                run.warning("id_year_differs", "applicant.born")
        if _SEXES.get(applicant.sex, is_male(number)) != is_male(number):
            run.warning("id_sex_differs", "applicant.sex")

    return check


def year_of(text: str, clock: Clock) -> int | None:
    """The year of a day of birth as recorded: a year alone, dd/mm/yyyy, or a date of a database; None when unsure."""
    text = text.strip()
    if not text.isascii():
        return None
    if text[4:5] == "-":
        day = clock.day(text)
        return day.year if day else None
    head = text.split(" ", 1)[0]
    year, sign = head[-4:], head[-5:-4]
    return int(year) if len(year) == 4 and year.isdigit() and sign in ("", "/", "-", ".") else None


def _phone(text: str, field: str, run: Run) -> None:
    if text:
        _note(phone_trouble(text), field, run)


def _note(trouble: str, field: str, run: Run) -> None:
    if trouble:
        run.warning(trouble, field)
