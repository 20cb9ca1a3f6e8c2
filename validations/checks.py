"""Our own tests of a column: the part of the suite that Great Expectations does not bring. Pure, on pandas series.

A test gets a column without missing values and says for each value whether it is as expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mappings.calendar import Calendar
from mappings.dossier_codes import national_agency

Test = Callable[[Any], Any]
"""From a pandas Series to booleans."""


def fits(max_chars: int) -> Test:
    return lambda column: column.str.len() <= max_chars


def matches(forms: tuple[str, ...]) -> Test:
    patterns = [re.compile(form) for form in forms]
    return lambda column: _each(column, lambda value: any(pattern.fullmatch(value) for pattern in patterns))


def listed(codes: frozenset[str]) -> Test:
    return lambda column: column.isin(codes)


def agency_known(forms: tuple[str, ...], agencies: frozenset[str]) -> Test:
    patterns = [re.compile(form) for form in forms]

    def is_known(code: str) -> bool:
        match = next(filter(None, (pattern.fullmatch(code) for pattern in patterns)), None)
        # An unknown form is another rule's finding.
        return match is None or national_agency(match["agency"]) in agencies

    return lambda column: _each(column, is_known)


def on_working_day(calendar: Calendar) -> Test:
    """Of instants in seconds since 1970: whether offices work on that day."""
    return lambda column: _each(column, lambda second: calendar.works_at(datetime.fromtimestamp(second, UTC)))


def _each(column: Any, test: Callable[[Any], bool]) -> Any:
    import pandas as pd

    return pd.Series([test(value) for value in column], index=column.index, dtype=bool)
