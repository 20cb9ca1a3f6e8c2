"""Rows of a register of dossiers as communes without a software keep it: what is written down of a matter, and how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random
from typing import Final

from connectors.rehearsal.story import OPEN, Scene, Setting, Story, Wish
from connectors.rehearsal.world import Agency, Unit

COMMUNES: Final = 4
"""Offices whose registers are made; each keeps them in its own way."""
WITH_STATE: Final = 1
"""The one whose register has a column for the state of a dossier."""

STYLES: Final = ("text", "short", "cell", "serial", "clock")
"""Ways to write a date. The last one tells the time, too."""
_WORDS: Final = {
    "processing": "Đang giải quyết", "interoperating": "Đang giải quyết", "paying": "Đang giải quyết",
    "waiting": "Chờ bổ sung", "done": "Đã trả kết quả", "denied": "Từ chối", "cancelled": "Công dân rút hồ sơ",
    "unresolved": "Không giải quyết",
}  # fmt: skip
_WAYS: Final = ("Trực tiếp", "Trực tiếp", "Bưu chính", None)
_NOTES: Final = (None, None, None, "Nộp qua người nhà", "Đã thu lệ phí")
Cell = str | int | date | None


@dataclass
class Entry:
    """One row. ``cells`` by what they say (code, name, received…); instants stay instants until they are written."""

    setting: Setting
    office: int  # position among the communes
    year: int  # of the book
    style: str
    code: str
    phone: str
    cells: dict[str, Cell | datetime] = field(default_factory=dict)
    has_number: bool = True
    heading: str = ""  # the first words of a row that is no dossier though it bears a code
    spelling: str = ""  # how the second row of a code writes it: small | apart

    @property
    def due(self) -> datetime | None:
        due = self.cells["due"]
        return due if isinstance(due, datetime) else None

    @property
    def is_open(self) -> bool:
        return self.setting.status in OPEN


class RegisterLife(Story):
    """Makes the rows of some communes."""

    def __init__(self, random: Random, scene: Scene) -> None:
        super().__init__(random, scene)
        self.communes: list[Agency] = random.sample(list(scene.world.handling["commune"]), COMMUNES)
        self._units = {unit.code: unit for unit in scene.world.communes}

    def unit(self, office: int) -> Unit:
        """The commune of an office."""
        return self._units[self.communes[office].unit_code]

    def title(self, office: int) -> str:
        """The office as a register names it, with its district: names of communes come twice in a province."""
        district = self.unit(office).district_name
        return f"{self.communes[office].name}, {district[:1].lower()}{district[1:]}"

    def case(self, wish: Wish) -> Entry:
        """A new row like this."""
        chosen = wish.agency or self.random.choice(self.communes)
        setting = self.setting(replace(wish, level="commune", channel="counter", agency=chosen, filed=None))
        times, person = setting.times, setting.person
        assert times.received is not None
        office = self.communes.index(setting.agency)
        unit, style = self.unit(office), self.random.choice(STYLES)
        entry = Entry(
            setting,
            office,
            times.received.year,
            style,
            self.numbers.code(chosen.code, times.received.date()),
            person.phone,
        )
        is_ended = setting.status not in OPEN
        entry.cells = {
            "code": entry.code,
            "procedure": setting.procedure.name,
            "copies": self.random.choice((1, 1, 2)),
            "name": person.name,
            "id": person.id_number,
            "address": f"Khu {self.random.randrange(1, 15)}, {unit.name}, {unit.district_name}",
            "agency": None if office == 0 else self.title(office),  # stands above the header there
            "received": times.received,
            "due": times.due,
            "sent": None if setting.status == "new" else times.received,
            "result": times.ended if is_ended or setting.status == "releasing" else None,
            "returned": times.ended if is_ended else None,
            "way": self.random.choice(_WAYS) if is_ended else None,
            "state": _WORDS.get(setting.status) if office == WITH_STATE else None,
            "note": self.random.choice(_NOTES),
        }
        return entry


def shown(entry: Entry, name: str, *, is_text: bool) -> Cell:
    """A cell as it is written down. ``is_text``: the book holds nothing but text and numbers (CSV)."""
    value = entry.cells[name]
    if name == "address":
        return f"{value}; {entry.phone}"
    if not isinstance(value, datetime):
        return value.strftime("%d/%m/%Y") if is_text and isinstance(value, date) else value
    style = "text" if is_text and entry.style == "cell" else entry.style
    if style == "short":
        return f"{value.day}/{value.month}/{value:%y}"
    if style == "cell":
        return value.date()
    if style == "serial":
        return (value.date() - date(1899, 12, 30)).days
    return f"{value:%H:%M:%S %d/%m/%Y}" if style == "clock" else f"{value:%d/%m/%Y}"
