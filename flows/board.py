"""The board: every new commune × how far its dossiers are. Counts only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from flows import ledger_schema as t
from flows.screen import number, out, say, table
from flows.workplace import Workplace
from mappings.units import new_communes

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "chờ": (t.EXTRACTED, t.MAPPED, t.VALID),
    "đã đẩy": (t.PUSHED,),
    "khớp": (t.MATCHED,),
    "khác biệt": (t.DIFFERENT,),
    "cách ly": (t.QUARANTINED,),
    "đã rút lại": (t.ROLLED_BACK,),
    "biến mất": (t.VANISHED,),
}
"""What a column of the board counts."""
DEPARTMENTS, UNKNOWN = "sở, ngành", "chưa biết nơi giải quyết"


@dataclass(frozen=True)
class Place:
    """A line of the board. ``code`` "" for what is no commune."""

    code: str
    name: str
    counts: dict[str, int]
    waves: tuple[str, ...]

    @property
    def dossiers(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, object]:
        """For scripts."""
        return {"code": self.code, "name": self.name, "dossiers": self.dossiers, **self.counts, "waves": self.waves}

    def line(self) -> dict[str, str]:
        """In words, for a table."""
        cells = {"Xã, phường": f"{self.name} {self.code}".strip(), "Hồ sơ": number(self.dossiers)}
        cells |= {name.capitalize(): number(self.counts[name]) if self.counts[name] else "" for name in COLUMNS}
        return cells | {"Đợt": ", ".join(self.waves)}


def read_board(work: Workplace) -> list[Place]:
    """Every commune of the province, with or without dossiers; then what no commune handles."""
    counts, waves = _counted(work)
    known = new_communes()
    provinces = {known[unit].province for unit in counts if unit in known}
    communes = {code: found.name for code, found in sorted(known.items()) if found.province in provinces}
    places = [_place(code, name, [code], counts, waves) for code, name in communes.items()]
    others = [unit for unit in counts if unit and unit not in communes]
    rest = [_place("", DEPARTMENTS, others, counts, waves), _place("", UNKNOWN, [""], counts, waves)]
    return [*places, *(place for place in rest if place.dossiers)]


def _counted(work: Workplace) -> tuple[dict[str, Counter[str]], dict[str, set[str]]]:
    e, m = t.entry.c, t.wave_member.c
    joined = t.entry.join(t.wave_member, (m.source_id == e.source_id) & (m.key == e.key), isouter=True)
    ids = list(work.site.source_ids().values())
    query = (
        select(e.unit, e.state, m.wave, func.count())
        .select_from(joined)
        .where(e.source_id.in_(ids), e.state != t.EXCLUDED)
        .group_by(e.unit, e.state, m.wave)
    )
    counts: dict[str, Counter[str]] = {}
    waves: dict[str, set[str]] = {}
    with work.ledger.transaction() as c:
        for unit, state, wave, n in c.execute(query):
            counts.setdefault(unit or "", Counter())[state] += n
            waves.setdefault(unit or "", set()).update({wave} - {None})
    return counts, waves


def _place(
    code: str, name: str, units: list[str], counts: dict[str, Counter[str]], waves: dict[str, set[str]]
) -> Place:
    found = sum((counts.get(unit, Counter()) for unit in units), Counter[str]())
    by_column = {column: sum(found[state] for state in states) for column, states in COLUMNS.items()}
    return Place(code, name, by_column, tuple(sorted(set().union(*(waves.get(unit, set()) for unit in units)))))


def print_board(places: list[Place]) -> None:
    """The board on the terminal."""
    if not places:
        say("Chưa hồ sơ nào được chuyển đổi: chưa biết xã nào. Chạy: lienthong map SITE")
        return
    lines = [place.line() for place in places]
    communes = sum(bool(place.code) for place in places)
    out().print(table(f"Bảng theo dõi {communes} xã, phường", list(lines[0]), [list(line.values()) for line in lines]))
