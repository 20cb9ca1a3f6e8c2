"""The tables of CMON that stand still: units, agencies, procedures with their papers, statuses, officials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from string import ascii_uppercase

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.cmon_words import INPUT_PHASE, RESULT_PHASE, STATUS_NAMES
from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.world import PROVINCES, Agency, Procedure, Unit, World

UNPLACED = tuple(f"000.99.{number}.H44" for number in (77, 78, 79))
"""Agencies that belong to no commune, district or province by their name."""
LOST_UNITS = ("99999", "98765")
_PARTS = ("TP01", "TP02", "TP03", "TP04")
_NAMES = (
    "Tờ khai: {name}",
    "Bản sao căn cước công dân hoặc hộ chiếu",
    "Giấy tờ chứng minh nơi cư trú",
    "Giấy tờ kèm theo",
)


@dataclass
class Catalogue:
    """Ids of what stands in the catalogues, by the codes of the world."""

    agencies: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)  # three letters that an agency's codes begin with
    procedures: dict[str, int] = field(default_factory=dict)  # by the code that the software has
    units: dict[str, int] = field(default_factory=dict)  # communes
    papers: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # procedure → (type, its place), result last
    other_paper: int = 0
    accounts: dict[int, int] = field(default_factory=dict)  # clerk → account


def write_catalogues(store: Store, rows: Rows, world: World) -> Catalogue:
    """Fill every reference table."""
    made = _Writer(store, rows, Catalogue())
    made.statuses()
    made.units([*world.communes, *world.split_communes, *world.gone_communes])
    made.agencies(world.agencies)
    made.procedures(world)
    made.staff(world)
    return made.catalogue


@dataclass
class _Writer:
    store: Store
    rows: Rows
    catalogue: Catalogue
    ids: count[int] = field(default_factory=lambda: count(1001))

    def add(self, table: str, **cells: Cell) -> int:
        """Write one row; its new id."""
        new_id = next(self.ids)
        self.store.add(table, self.rows.row(table, ID=new_id, **cells))
        return new_id

    def statuses(self) -> None:
        for number, name in STATUS_NAMES.items():
            self.store.add("cmon_trangthaihoso", self.rows.row("cmon_trangthaihoso", ID=number, TRANGTHAI=name))
        for level, name in enumerate(("Tỉnh", "Huyện", "Xã"), start=1):
            self.add("cmon_capdonvihanhchinh", MA=f"C{level}", TEN=name, MOTA=name, CAP=level)
            self.add("cmon_capcoquanquanly", MA=f"C{level}", TEN=f"Cấp {name.lower()}", CAP=level)

    def units(self, units: Iterable[Unit]) -> None:
        """Provinces, districts and communes, each with the official code of its time."""
        known: dict[str, int] = {}
        for unit in sorted(units, key=lambda unit: (unit.province_code, unit.district_code, unit.code)):
            above = None
            places = (
                (unit.province_code, unit.province_name), (unit.district_code, unit.district_name),
                (unit.code, unit.name),
            )  # fmt: skip
            for level, (code, name) in enumerate(places, start=1):
                if code not in known:
                    known[code] = self._unit(code, name, level, above)
                above = known[code]
            self.catalogue.units[unit.code] = known[unit.code]
        for code in LOST_UNITS:
            self.catalogue.units[code] = self._unit(code, "Xã không rõ", 3, None)

    def _unit(self, code: str, name: str, level: int, above: int | None) -> int:
        place: dict[str, Cell] = {"QUOCGIAID": 1, "CAPDONVIHANHCHINHID": level, "CHAID": above}
        return self.add("cmon_donvihanhchinh", MA=code, TEN=name, **place)

    def agencies(self, agencies: Iterable[Agency]) -> None:
        for number, agency in enumerate(agencies):
            above = self.catalogue.agencies.get(agency.parent_code)
            self._agency(agency.code, agency.name, above, number)
        for number, code in enumerate(UNPLACED):
            self._agency(code, "Ban chỉ đạo dồn điền đổi thửa", None, 17_000 + number)

    def _agency(self, code: str, name: str, above: int | None, number: int) -> None:
        prefix = "".join(ascii_uppercase[number // 26**place % 26] for place in (2, 1, 0))
        place: dict[str, Cell] = {"DONVIHANHCHINHID": 1, "CAPCOQUANQUANLYID": 1, "CHAID": above, "NOIBO": 1}
        bank: dict[str, Cell] = {"MERCHANT": "DIENTAP", "ACCESSCODE": "khong-co", "SECURE_SECRET": "khong-co"}
        self.catalogue.prefixes[code] = prefix
        self.catalogue.agencies[code] = self.add(
            "cmon_coquanquanly", MA=code, TEN=name, DIACHI="", DIENTHOAI="", MACAPSOBIENNHAN=prefix, **place, **bank
        )

    def procedures(self, world: World) -> None:
        group = self.add("cmon_nhomthutuchanhchinh", MA="NHOM", TEN="Thủ tục hành chính", DANHMUCUNGDUNGID=1)
        paper: dict[str, Cell] = {"GIOIHANDUNGLUONG": 5000, "KIEUTAILIEU": "pdf,jpg"}
        self.catalogue.other_paper = self.add("cmon_danhmucgiayto", MA="GTK", TEN="Giấy tờ khác", **paper)
        for procedure in world.procedures:
            types = [*self._inputs(procedure, world), self._result(procedure)]
            for code in sorted({procedure.service_code(province) for province in PROVINCES}):
                self._procedure(code, procedure.name, group, procedure.private_code)
                self.catalogue.papers[code] = types
            if procedure.private_code:
                codes: dict[str, Cell] = {"MADNG": procedure.private_code, "MAKHAC": procedure.code}
                self.add("cmon_danhmucanhxa", TENBANG="cmon_thutuchanhchinh", **codes)
        for code, name in (*world.local_services, *world.succeeded_services, *world.gone_services):
            self._procedure(code, name, group, "")

    def _procedure(self, code: str, name: str, group: int, shared: str) -> None:
        cells: dict[str, Cell] = {"SONGAYXULY": 0, "TRANGTHAI": 1, "NHOMTHUTUCHANHCHINHID": group}
        self.catalogue.procedures[code] = self.add(
            "cmon_thutuchanhchinh", MA=code, TEN=name, MADNG=shared or None, UENGINEPROCESSNAME=f"QT_{code}", **cells
        )

    def _inputs(self, procedure: Procedure, world: World) -> list[tuple[int, int]]:
        named = zip(_PARTS, _NAMES, strict=True)
        names = [world.papers.get((procedure.code, part)) or name.format(name=procedure.name) for part, name in named]
        return [self._paper(f"GT{next(self.ids)}", name, INPUT_PHASE) for name in names]

    def _result(self, procedure: Procedure) -> tuple[int, int]:
        return self._paper(f"KQ{next(self.ids)}", f"Kết quả: {procedure.name}", RESULT_PHASE)

    def _paper(self, code: str, name: str, phase: int) -> tuple[int, int]:
        paper: dict[str, Cell] = {"GIOIHANDUNGLUONG": 5000, "KIEUTAILIEU": "pdf,jpg"}
        kind = self.add("cmon_danhmucgiayto", MA=code, TEN=name, **paper)
        place: dict[str, Cell] = {"BATBUOC": 1, "THUTUHIENTHI": 1, "TRANGTHAI": 1, "GIAIDOAN": phase}
        return kind, self.add("cmon_thutuc2giayto", THUTUCHANHCHINHID=1, DANHMUCGIAYTOID=kind, **place)

    def staff(self, world: World) -> None:
        title = self.add("cmon_chucvu", MA="CV", TEN="Chuyên viên")
        for agency_code, clerks in world.clerks.items():
            agency = self.catalogue.agencies[agency_code]
            for clerk in clerks:
                account = self.account(f"cb{clerk.user_id}", clerk.name)
                self.catalogue.accounts[clerk.user_id] = account
                who: dict[str, Cell] = {"HOVATEN": clerk.name, "NGAYSINH": "1980-01-01 00:00:00"}
                ties: dict[str, Cell] = {"TAIKHOANNGUOIDUNGID": account, "COQUANQUANLYID": agency, "CHUCVUID": title}
                self.add("cmon_congchuc", MA=f"CB{clerk.user_id}", **who, **ties)

    def account(self, login: str, name: str) -> int:
        cells: dict[str, Cell] = {"MATKHAU": "khong-co", "TRANGTHAI": 1, "TENNGUOIDUNG": name}
        return self.add("cmon_taikhoannguoidung", TENDANGNHAP=login, **cells)
