"""What the counter software handed over and CMON never took in, with an answer sheet of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.rehearsal.cmon_case import Case
from connectors.rehearsal.cmon_exchange import HANDED, map_row, stray
from connectors.rehearsal.cmon_life import Life
from connectors.rehearsal.store import Store
from connectors.rehearsal.story import Wish, filing_day, filing_days
from connectors.rehearsal.tally import OVERDUE, Tally, Told

SHARE = 0.03
_FEWEST = 8
GONE = 900_000_000
"""From here on no dossier has an id."""
_STATUSES = ("processing", "done", "waiting", "releasing", "new")
_NO_DAY = ("31/02/2025", "2025")
_TOLD: tuple[Told, ...] = (
    ("after_cutoff", "rule", "after_cutoff", "excluded"),
    ("handed_over", "rule", "handed_over", "excluded"),
    ("stray_undated", "code", "filed_unreadable", "quarantined"),
    ("stray_refused", "code", "status_undecided", "quarantined"),
    ("stray_code", "code", "code_form_old", "normalised"),
    OVERDUE,
)


class Strays:
    """Counts the rows that reached their dossier, makes those that never did."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._tally = Tally(_TOLD)

    def count(self, case: Case) -> None:
        """The rows of a dossier of CMON."""
        for row in case.rows(HANDED):
            filed = datetime.strptime(str(row["ngaynophoso"]), "%d/%m/%Y")
            name = "after_cutoff" if filed >= self._life.cutoff else "handed_over"
            self._tally.count(str(row["id"]), [name], is_in_scope=False)

    def write(self, store: Store, dossiers: int, *, is_clean: bool) -> None:
        """The strays of a database of so many dossiers; by eights one without a day, one refused, one tied to a dossier
        that is gone.
        """
        days = filing_days(self._life.office, self._life.cutoff.date())
        total = 0 if is_clean else max(_FEWEST, round(dossiers * SHARE))
        for number in range(total):
            status = "denied" if number % 8 == 1 else _STATUSES[number % len(_STATUSES)]
            wish = Wish(
                filing_day(days, number / total), channel="counter", level="commune", status=status, is_citizen=True
            )
            self._one(store, wish, number)

    def _one(self, store: Store, wish: Wish, number: int) -> None:
        setting = self._life.setting(wish)
        row, hanging = stray(self._life, setting, number)
        found = ["stray_code"]
        if number % 8 == 0:
            row["ngaynophoso"] = _NO_DAY[number // 8 % 2]
            found.append("stray_undated")
        if setting.status == "denied":
            found.append("stray_refused")
        due = setting.times.due
        is_open = setting.status not in ("done", "denied")
        if is_open and due and datetime(due.year, due.month, due.day) < self._life.cutoff:
            found.append("overdue_at_cutoff")
        store.add(HANDED, row)
        for table, each in hanging:
            store.add(table, each)
        if number % 8 == 2:
            store.add("cmon_hosoanhxa", map_row(self._life, GONE + number, str(row["masohoso"])))
        self._tally.count(str(row["id"]), found, is_in_scope=True)

    def manifest(self) -> dict[str, Any]:
        """Totals and kinds, as of a source of its own."""
        return self._tally.manifest()
