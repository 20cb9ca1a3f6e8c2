"""Serials that the new system must not give out again: the highest one of each agency among the codes carried over.

A counter that begins anew each day (Thông tư 01/2018/TT-VPCP, điều 19) needs a floor for the days from the cut-off on
and for its newest day; one that never begins anew needs the highest serial of all. Both are told, by the agency in the
code (that is what makes two codes equal) and by the agency that goes on with the dossier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import and_, or_, select

from flows import ledger_schema as t
from flows.ledger import Ledger
from mappings.dossier_codes import read_code
from validations.report_inputs import CounterFloor

CSV_HEADS: Final = [
    "dem_theo", "co_quan", "ten", "ngay_moi_nhat", "so_lon_nhat_ngay_do", "so_lon_nhat_moi_ngay", "cac_ngay_tu_moc",
    "so_ho_so",
]  # fmt: skip
BY: Final = {"code": "cơ quan trong mã", "unit": "cơ quan giải quyết tiếp"}


@dataclass
class Floor:
    """What one agency's counter must be set above. ``by``: ``code`` (agency in the code) or ``unit`` (who goes on).

    ``since_cutoff``: day → highest serial, of the days from the cut-off on.
    """

    by: str
    agency: str
    last_day: date = date.min
    last_serial: int = 0  # the highest of that day
    highest: int = 0  # of all days
    dossiers: int = 0
    since_cutoff: dict[date, int] = field(default_factory=dict)

    def add(self, day: date, serial: int, cutoff: date) -> None:
        """Count one code."""
        if day > self.last_day:
            self.last_day, self.last_serial = day, serial
        elif day == self.last_day:
            self.last_serial = max(self.last_serial, serial)
        if day >= cutoff:
            self.since_cutoff[day] = max(self.since_cutoff.get(day, 0), serial)
        self.highest = max(self.highest, serial)
        self.dossiers += 1


def counter_floors(ledger: Ledger, source_ids: Sequence[str], cutoff: date) -> list[Floor]:
    """The floors of every agency, from the national codes in the ledger. Memory grows with agencies, not dossiers.

    A double that was merged counts: its code lives on in the dossier that was kept. So does a quarantined dossier:
    it may yet be carried over.
    """
    e = t.entry.c
    is_merged = and_(e.state == t.EXCLUDED, e.rule == t.MERGED_INTO)
    query = select(e.code, e.unit).where(
        e.code.is_not(None), e.source_id.in_(source_ids), or_(e.state.not_in((t.EXCLUDED, t.ROLLED_BACK)), is_merged)
    )
    found: dict[tuple[str, str], Floor] = {}
    with ledger.transaction() as c:
        for code, unit in c.execute(query.execution_options(yield_per=2000)):
            parsed = read_code(code)
            day = parsed.on
            if not parsed.is_national or day is None or parsed.serial is None:
                continue
            for by, agency in (("code", parsed.agency), ("unit", unit or "")):
                if agency:
                    floor = found.get((by, agency)) or found.setdefault((by, agency), Floor(by, agency))
                    floor.add(day, parsed.serial, cutoff)
    return [found[key] for key in sorted(found)]


def csv_rows(floors: Sequence[CounterFloor]) -> Iterator[list[str]]:
    """One row an agency and way of counting, for :data:`CSV_HEADS`."""
    for floor in floors:
        since = " ".join(f"{day}={serial}" for day, serial in floor.since_cutoff.items())
        yield [
            BY[floor.by], floor.agency, floor.name, floor.last_day, str(floor.last_serial), str(floor.highest), since,
            str(floor.dossiers),
        ]  # fmt: skip
