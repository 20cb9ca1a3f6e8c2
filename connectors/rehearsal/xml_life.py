"""The ordinary life of a dossier in an export of the model shape: its record, what lies inside it and beside it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from lxml import etree

from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import OPEN, Scene, Setting, Story, Wish, home_of
from connectors.rehearsal.world import Agency, street

STATES: Final = {
    "new": "2", "receiving": "1", "processing": "4", "interoperating": "4", "waiting": "5", "paying": "6",
    "releasing": "9", "done": "10", "denied": "3", "cancelled": "7", "unresolved": "8",
}  # fmt: skip
"""Outcome → state as the export writes it."""
NOT_RECEIVED: Final = "1"
_PAPERS: Final = ("Tờ khai", "Giấy chứng sinh", "Bản sao giấy tờ tùy thân", "Hợp đồng")
_AT: Final = "%Y-%m-%dT%H:%M:%S+07:00"


@dataclass
class Export:
    """One dossier. ``row``: the texts of its record by element; ``papers``: (code, name, content of its file)."""

    key: int
    setting: Setting
    office: str  # its agency, with district and province: their names come more than once
    row: Row
    papers: list[tuple[str, str, bytes]] = field(default_factory=list)
    steps: list[tuple[datetime, str, str]] = field(default_factory=list)  # (when, who, what)
    fee: tuple[int, datetime] | None = None
    result: tuple[str, str] | None = None  # (number, path of its file)
    beside: dict[str, bytes] = field(default_factory=dict)  # path from the export → content

    @property
    def agency(self) -> str:
        """Whose export it stands in."""
        return self.setting.agency.code

    @property
    def year(self) -> int:
        """Of the export."""
        times = self.setting.times
        return (times.received or times.submitted or times.created).year

    def before(self) -> Export:
        """The same dossier as it was exported before: nothing had come of it yet."""
        early = {**self.row, "NgayXong": None, "NgayTra": None, "TrichYeu": "Bản xuất lần đầu"}
        return replace(self, row=early, result=None, beside={}, steps=self.steps[:1])


class XmlLife(Story):
    """Makes ordinary dossiers. They cause no finding but a due date that has passed and an online dossier that nobody
    received."""

    def __init__(self, random: Random, scene: Scene) -> None:
        super().__init__(random, scene)
        self._units = {unit.code: unit for unit in scene.world.communes}

    def case(self, wish: Wish) -> Export:
        """One whole dossier, of a commune."""
        setting = self.setting(replace(wish, level=wish.level or "commune"))
        key = self.numbers.next("dossier")
        export = Export(key, setting, self._office(setting.agency), self._row(setting))
        for number in range(self.random.randrange(3)):
            name = _PAPERS[(key + number) % len(_PAPERS)]
            export.papers.append((f"TP{number + 1:02}", name, _file(f"giay-to {key}-{number}")))
        times = setting.times
        for at in self.moments(times, 3) if times.received else ():
            export.steps.append((at, self.random.choice(self.world.clerks[setting.agency.code]).name, "Xử lý hồ sơ"))
        if setting.procedure.fee and times.received:
            export.fee = (setting.procedure.fee, times.received + timedelta(minutes=2))
        if setting.status in ("releasing", "done") and times.received:
            path = f"ket-qua/{key}.pdf"
            export.result = (f"{key}/KQ", path)
            export.beside[path] = _file(f"ket-qua {key}")
        return export

    def _office(self, agency: Agency) -> str:
        unit = self._units[agency.unit_code]
        above = (unit.district_name, unit.province_name)
        return ", ".join([agency.name, *(f"{name[:1].lower()}{name[1:]}" for name in above)])

    def _row(self, setting: Setting) -> Row:
        times, person, home = setting.times, setting.person, home_of(self.random, self.world, setting)
        ended = times.ended if setting.status not in OPEN or setting.status == "releasing" else None
        day = (times.received or times.submitted or times.created).date()
        is_received = times.received is not None or setting.status == "denied"
        return {
            "MaHoSo": self.numbers.code(setting.agency.code, day),
            "ThuTuc": setting.procedure.name,
            "ThuTuc/@ma": setting.procedure.code,
            "TrangThai": STATES[setting.status] if is_received else NOT_RECEIVED,
            "KenhTiepNhan": "2" if setting.is_online else "1",
            "NgayNop": times.submitted or times.received or times.created,
            "NgayTiepNhan": times.received,
            "NgayHenTra": times.due,
            "NgayXong": ended if times.received else None,
            "NgayTra": times.ended if setting.status == "done" else None,
            "TrichYeu": f"Hồ sơ của {person.name}",
            "ChuHoSo/@loai": "2" if person.born is None else "1",
            "ChuHoSo/HoTen": person.name,
            "ChuHoSo/SoGiayTo": person.id_number,
            "ChuHoSo/SoGiayTo/@ngayCap": person.id_issued.date().isoformat(),
            "ChuHoSo/DienThoai": person.phone,
            "ChuHoSo/Email": person.email or None,
            "ChuHoSo/DiaChi": street(self.random, home),
            "ChuHoSo/DiaChi/@tinh": home.province_code,
            "ChuHoSo/DiaChi/@huyen": home.district_code,
            "ChuHoSo/DiaChi/@xa": home.code,
        }


def _file(name: str) -> bytes:
    return f"%PDF-1.4\n% Tài liệu diễn tập {name}\n".encode() + b"0 0 obj << /Type /Rehearsal >> endobj\n" * 4


def record(namespace: str, export: Export) -> Any:
    """The element of one dossier."""
    made = etree.Element(f"{{{namespace}}}HoSo", id=str(export.key))
    for path, value in export.row.items():
        _put(made, namespace, path, _text(value))
    if export.papers:
        papers = _below(made, namespace, "GiayToKemTheo")
        for code, name, content in export.papers:
            paper = etree.SubElement(papers, f"{{{namespace}}}GiayTo", ma=code, banChinh="1")
            _below(paper, namespace, "Ten").text = name
            file = _below(paper, namespace, "Tep")
            file.set("ten", f"{code}.pdf")
            file.set("loai", "application/pdf")
            file.text = base64.b64encode(content).decode()
    if export.result:
        number, path = export.result
        result = etree.SubElement(
            made, f"{{{namespace}}}KetQua", so=number, ngayCap=f"{export.setting.times.ended:%Y-%m-%d}"
        )
        _below(result, namespace, "Ten").text = "Giấy tờ kết quả"
        _below(result, namespace, "Tep").text = path
    for at, who, what in export.steps:
        step = etree.SubElement(_below(made, namespace, "QuaTrinh"), f"{{{namespace}}}Buoc")
        for name, text in (("Luc", f"{at:{_AT}}"), ("Nguoi", who), ("Viec", what)):
            _below(step, namespace, name).text = text
    if export.fee:
        amount, at = export.fee
        fee = etree.SubElement(_below(made, namespace, "LePhi"), f"{{{namespace}}}Khoan")
        for name, text in (("Ten", "Lệ phí"), ("SoTien", str(amount)), ("NgayNop", f"{at:{_AT}}")):
            _below(fee, namespace, name).text = text
    return made


def _text(value: Cell) -> str | None:
    return f"{value:{_AT}}" if isinstance(value, datetime) else None if value is None else str(value)


def _put(element: Any, namespace: str, path: str, text: str | None) -> None:
    """Set the text of a part, or an attribute of one; nothing there is no part."""
    if text is None:
        return
    *steps, last = path.split("/")
    for step in steps:
        element = _below(element, namespace, step)
    if last.startswith("@"):
        element.set(last[1:], text)
    else:
        _below(element, namespace, last).text = text


def _below(element: Any, namespace: str, name: str) -> Any:
    """The part of this name, made when it is not there."""
    found = element.find(f"{{{namespace}}}{name}")
    return etree.SubElement(element, f"{{{namespace}}}{name}") if found is None else found
