"""New ids by kind, and the daily serial of dossier codes by agency."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import count


class Numbers:
    """New ids by kind, and the daily serial of dossier codes by agency."""

    def __init__(self, first_serial: int = 1) -> None:
        self._before = first_serial - 1
        self._ids: dict[str, count[int]] = {}
        self._serials: Counter[tuple[str, date]] = Counter()
        self._dossier = 900

    def dossier(self) -> int:
        """The next dossier id. They start with three digits: ids of different length are sorted as numbers."""
        self._dossier += 1
        return self._dossier

    def next(self, kind: str) -> int:
        """The next id of a child table."""
        return next(self._ids.setdefault(kind, count(2001)))

    def code(self, agency_code: str, day: date) -> str:
        """A dossier code in the form of Thông tư 01/2018/TT-VPCP, điều 19."""
        return f"{agency_code}-{day:%y%m%d}-{self.serial(agency_code, day):04d}"

    def serial(self, agency_code: str, day: date) -> int:
        """The next serial of an agency on a day."""
        self._serials[agency_code, day] += 1
        return self._before + self._serials[agency_code, day]

    def forget(self, before: date) -> None:
        """Drop the serials of days that no dossier will come back to."""
        self._serials = Counter({known: serial for known, serial in self._serials.items() if known[1] >= before})
