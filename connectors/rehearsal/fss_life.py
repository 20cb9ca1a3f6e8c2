"""The ordinary life of a dossier in FSS: its row, what happened to it, its papers and files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.fss_case import (
    CANCELS,
    FILES,
    MAIN,
    MOVES,
    PAPERS,
    RETURNS,
    SUPPLEMENTS,
    UNRESOLVED,
    Case,
)
from connectors.rehearsal.fss_catalogue import Catalogue, matter_of
from connectors.rehearsal.fss_words import ETH, STREETS
from connectors.rehearsal.people import SEX_WORDS, Person
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Scene, Setting, Story, Wish, home_of
from connectors.rehearsal.world import Agency, Unit, street

ROUND = "bo_sung"
_HAVE_ROUNDS = frozenset({"processing", "releasing", "done", "unresolved"})
_AT_WARD = 0.7
_STATUS = {"new": "VTN", "waiting": "YBS", "done": "DTD", "denied": "DTD", "unresolved": "DTD", "cancelled": "HUY"}
"""Outcome → status; any other is being handled. A refusal is handed to the citizen, too, with a row of its own."""
_READY = {True: ("DTNP", "CCVP"), False: ("DTN", "CCV")}


class Life(Story):
    """Makes ordinary dossiers. They cause no finding but a code of FSS's own, a letter Ð of its catalogues, and a due
    date that has passed."""

    def __init__(self, random: Random, scene: Scene, rows: Rows, catalogue: Catalogue) -> None:
        super().__init__(random, scene)
        self.rows, self.catalogue = rows, catalogue
        self._receipts: Counter[tuple[int, str]] = Counter()

    def steps(self, status: str, days: int, *, is_received: bool, has_round: bool) -> list[str]:
        """What happens on the way: a supplement round."""
        return [ROUND] * (has_round and status in _HAVE_ROUNDS)

    def case(self, wish: Wish) -> Case:
        """One whole dossier, always at a counter."""
        level = "commune" if wish.level == "commune" else "district" if wish.level else ""
        agency = wish.agency or self._agency(level)
        status = "processing" if wish.status in ("receiving", "interoperating", "paying") else wish.status
        setting = self.setting(replace(wish, level=agency.level, agency=agency, channel="counter", status=status))
        home = home_of(self.random, self.world, setting)
        key = str(self.numbers.dossier())  # text, of different length
        row = self.rows.row(MAIN, HoSoTiepNhanID=key, **self._cells(setting, home))
        if wish.filed:
            row["NgayNhan"] = wish.filed
        case = Case(key, row, setting, {})
        self._told(case)
        self._moved(case)
        self._handed_in(case)
        return case

    def move_to(self, case: Case, unit: Unit) -> None:
        """Let the owner live there."""
        case.row.update(MaPhuong=unit.code, MaQuan=unit.district_code, DiaChiThuongTru=street(self.random, unit))
        self._told(case)

    def _told(self, case: Case) -> None:
        """The names that the codes of a dossier lead to."""
        codes = {name: str(case.row[name]) for name in ("MaPhuong", "MaQuan")}
        codes["MaNguoiNhan"] = self.catalogue.codes[case.setting.agency.code]
        case.shown = {name: self.catalogue.names[code] for name, code in codes.items()}
        case.shown["MaDuong"] = STREETS[int(str(case.row["MaDuong"])[1:])].translate(ETH)

    def _agency(self, level: str) -> Agency:
        district, *communes = self.catalogue.offices
        is_ward = level == "commune" or (not level and self.random.random() < _AT_WARD)
        return self.random.choice(communes) if is_ward else district

    def receipt(self, field: str, year: int) -> str:
        """The next SoBienNhan: year, field, serial."""
        self._receipts[year, field] += 1
        return f"{year}{field}{self._receipts[year, field]:07d}"

    # ------------------------------------------------------------ rows

    def _cells(self, setting: Setting, home: Unit) -> Row:
        times, procedure, agency = setting.times, setting.procedure, setting.agency
        assert times.received is not None
        field, code = matter_of(procedure)
        return {
            "SoBienNhan": self.receipt(field, times.received.year),
            "MaLinhVuc": field,
            "MaLoaiHoSo": code,
            "MaTinhTrang": self._status_of(setting),
            "NgayNhan": times.received,
            "NgayHopLe": times.received,
            "NgayHenTra": times.due,
            "NgayThucTra": times.ended if setting.status in ("done", "denied", "unresolved") else None,
            "SoNgayGiaiQuyet": procedure.days,
            "NoiDungTrichYeu": f"Giải quyết hồ sơ về {procedure.field.lower()}",
            "MaNguoiNhan": self.random.choice(self.catalogue.users[agency.code]),
            "LienThong": "1" if agency.level == "commune" else None,
            "LastUpdate": times.ended,
            **self._whose(setting.person, home),
        }

    def _whose(self, person: Person, home: Unit) -> Row:
        number = self.random.randrange(len(STREETS))
        return {
            "HoTenNguoiNop": person.name,
            "GioiTinh": SEX_WORDS[person.is_male] if person.born else None,
            "SoCMND": person.id_number,
            "DiaChiThuongTru": street(self.random, home),
            "ThongTinLienLac": f"{person.phone}; {person.email}" if person.email else person.phone,
            "SoNha": str(self.random.randrange(1, 300)),
            "MaDuong": f"D{number:02d}",
            "MaPhuong": home.code,
            "MaQuan": home.district_code,
        }

    def _status_of(self, setting: Setting) -> str:
        is_ward = setting.agency.level == "commune"
        if setting.status == "releasing":
            return self.random.choice(_READY[is_ward])
        code = _STATUS.get(setting.status, "LDK")
        return f"{code}P" if is_ward and code != "LDK" else code

    def _moved(self, case: Case) -> None:
        """The way through the office, and the slips that were printed on it."""
        setting, tail = case.setting, "P" if case.setting.agency.level == "commune" else ""
        last = str(case.row["MaTinhTrang"])
        codes = [f"VTN{tail}"]
        codes += [f"YBS{tail}", f"NBS{tail}"] if ROUND in setting.steps else []
        codes += [] if last == codes[0] else [last]
        for code, at in zip(codes, self.moments(setting.times, len(codes) + 1)[1:], strict=True):
            self.move(case, code, at)
        if ROUND in setting.steps or last.startswith("YBS"):
            number = self.numbers.next("slip")
            case.add(SUPPLEMENTS, self.rows.row(SUPPLEMENTS, HoSoBoSungID=number, HoSoTiepNhanID=case.key))
        if setting.status == "cancelled":
            self.cancel(case)
        if setting.status in ("denied", "unresolved"):
            case.add(UNRESOLVED, self.rows.row(UNRESOLVED, HoSoTiepNhanID=case.key))
        if last.startswith("DTD"):
            case.add(RETURNS, self.rows.row(RETURNS, HoSoTiepNhanID=case.key))

    def cancel(self, case: Case) -> None:
        """Write down that the dossier was cancelled."""
        cells: Row = {"LyDo": "Theo đơn xin rút", "NgayHuy": case.setting.times.ended}
        row = self.rows.row(CANCELS, HoSoTiepNhanID=case.key, NguoiHuy=case.row["MaNguoiNhan"], **cells)
        case.add(CANCELS, row)

    def move(self, case: Case, code: str, at: datetime) -> Row:
        """One row of the history."""
        user = self.random.choice(self.catalogue.users[case.setting.agency.code])
        cells: Row = {"HoSoTiepNhanID": case.key, "MaTinhTrangHoSo": code, "NgayTacNghiep": at}
        people: Row = {"MaNguoiNhan": user, "MaNguoiTacNghiep": case.row["MaNguoiNhan"], "MaNguoiDen": user}
        number = self.numbers.next("move")
        row = self.rows.row(MOVES, TinhTrangHoSoID=number, NoiDungThuLy="Chuyển xử lý", **cells, **people)
        return case.add(MOVES, row)

    def _handed_in(self, case: Case) -> None:
        for code in self.catalogue.papers[case.setting.procedure.code][: self.random.choice((1, 2, 3))]:
            cells: Row = {"SoBanChinh": self.random.randrange(2), "SoBanSao": self.random.randrange(3)}
            case.add(PAPERS, self.rows.row(PAPERS, HoSoTiepNhanID=case.key, MaHoSoKemTheo=code, **cells))
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self.file(case)

    def file(self, case: Case) -> Row:
        """One uploaded file, and the bytes that it stands for."""
        number = self.numbers.next("file")
        path, name = f"{case.setting.times.created.year}/{number}.pdf", f"tep-{number}.pdf"
        case.files[f"HSHC/AttachFiles/{path}"] = (name, min(200 + int(self.random.expovariate(1 / 700)), 4096))
        cells: Row = {"MaLinhVuc": case.row["MaLinhVuc"], "FileName": name, "FilePath": path}
        return case.add(FILES, self.rows.row(FILES, AttachFileID=number, HoSoTiepNhanID=case.key, **cells))


Spoil = Callable[[Life, Case, int], None]
"""Puts one kind of dirt into a dossier; the number counts the dossiers of its kind."""
