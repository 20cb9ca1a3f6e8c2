"""The tables of FSS that stand still: fields, kinds of matters, statuses, papers; in the portal: places and users."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.fss_words import ETH, FIELD_OF, FIELDS, STATUS_NAMES, STREETS
from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.world import Agency, Procedure, Unit, World

UNITS, ROADS, USERS = "portal.DMDONVI", "portal.DMDUONG", "portal.Users"
LOST_UNITS = ("99999", "98765")
UNPLACED = "PB99"
_PARTS = ("TP01", "TP02", "TP03")
_NAMES = ("Đơn đề nghị: {name}", "Bản sao giấy tờ tùy thân", "Giấy tờ kèm theo")


@dataclass
class Catalogue:
    """What stands in the catalogues, by the codes of the world."""

    offices: tuple[Agency, ...]  # of one district: its committee first, then its communes
    codes: dict[str, str] = field(default_factory=dict)  # agency → MaDonVi of its office
    names: dict[str, str] = field(default_factory=dict)  # MaDonVi → name as written there
    users: dict[str, list[str]] = field(default_factory=dict)  # agency → UserName
    papers: dict[str, list[str]] = field(default_factory=dict)  # procedure → its papers


def matter_of(procedure: Procedure) -> tuple[str, str]:
    """(MaLinhVuc, MaLoaiHoSo): FSS knows a kind of matter by both."""
    return FIELD_OF.get(procedure.field, "HSVP"), procedure.code


def write_catalogues(store: Store, rows: Rows, world: World) -> Catalogue:
    """Fill every reference table."""
    made = _Writer(store, rows, world, Catalogue(_offices(world)))
    made.fields()
    made.matters()
    made.units([*world.communes, *world.split_communes, *world.gone_communes])
    made.offices()
    return made.catalogue


def _offices(world: World) -> tuple[Agency, ...]:
    """The district with the most communes that were never split."""

    def communes(district: Agency) -> list[Agency]:
        return [agency for agency in world.handling["commune"] if agency.parent_code == district.code]

    district = max(world.handling["district"], key=lambda agency: len(communes(agency)))
    return district, *communes(district)


@dataclass
class _Writer:
    store: Store
    rows: Rows
    world: World
    catalogue: Catalogue
    ids: count[int] = field(default_factory=lambda: count(1))

    def add(self, table: str, **cells: Cell) -> None:
        self.store.add(table, self.rows.row(table, **cells))

    def fields(self) -> None:
        """Each field with all statuses of its own."""
        for code, name in FIELDS.items():
            self.add("DMLINHVUC", MaLinhVuc=code, TenLinhVuc=name)
            for status, said in STATUS_NAMES.items():
                own = f"{said} ({name.lower()})" if status in ("DTN", "CCV") else said
                self.add("DMTINHTRANGHOSO", MaLinhVuc=code, MaTinhTrang=status, TenTinhTrang=own)

    def matters(self) -> None:
        for procedure in self.world.procedures:
            where, code = matter_of(procedure)
            self._matter(where, code, procedure.name, procedure.days)
            self.catalogue.papers[procedure.code] = list(self._papers(procedure, where))
        for where in FIELDS:  # every field counts its own from 01: a code alone says nothing
            self._matter(where, "01", f"Việc khác về {FIELDS[where].lower()}", 0)
        for code, name in (self.world.succeeded_services[0], self.world.gone_services[0]):
            self._matter("HSVP", code, name, 0)

    def _matter(self, where: str, code: str, name: str, days: int) -> None:
        self.add("DMLOAIHOSO", MaLinhVuc=where, MaLoaiHoSo=code, TenLoaiHoSo=name[:500], Used=1, SoNgayGiaiQuyet=days)

    def _papers(self, procedure: Procedure, where: str) -> list[str]:
        found = []
        for part, usual in zip(_PARTS, _NAMES, strict=True):
            name = self.world.papers.get((procedure.code, part)) or usual.format(name=procedure.name)
            code = f"GT{next(self.ids)}"
            cells: dict[str, Cell] = {"MaLinhVuc": where, "MaLoaiHoSo": procedure.code}
            self.add("DMHOSOKEMTHEO", MaHoSoKemTheo=code, TenHoSoKemTheo=name[:500], **cells)
            found.append(code)
        return found

    def units(self, units: list[Unit]) -> None:
        """Communes (F), districts (Q) with the official code of their time, and streets."""
        places = {unit.code: (unit.name, "F") for unit in units}
        places |= {unit.district_code: (unit.district_name, "Q") for unit in units}
        places |= dict.fromkeys(LOST_UNITS, ("Xã không rõ", "F"))
        for code, (name, kind) in sorted(places.items()):
            self._unit(code, name, kind)
        for number, name in enumerate(STREETS):
            self.add(ROADS, MaDuong=f"D{number:02d}", TenDuong=name.translate(ETH))

    def _unit(self, code: str, name: str, kind: str) -> None:
        self.catalogue.names[code] = name.translate(ETH)
        self.add(UNITS, MaDonVi=code, TenDonVi=self.catalogue.names[code], MaLoaiDonVi=kind)

    def offices(self) -> None:
        """Where dossiers are received, and who sits there."""
        district, *communes = self.catalogue.offices
        tail = district.name.split(" ", 1)[1] if district.name.startswith("UBND") else district.name
        self._office("PB00", district.name, district)
        for number, agency in enumerate(communes, start=1):
            self._office(f"PB{number:02d}", f"{agency.name}, {tail}", agency)
        self._unit(UNPLACED, "Ban chỉ đạo dồn điền đổi thửa", "P")
        self._user("ban.cd", UNPLACED)

    def _office(self, code: str, name: str, agency: Agency) -> None:
        self._unit(code, name, "P")
        self.catalogue.codes[agency.code] = code
        self.catalogue.users[agency.code] = [f"cb{clerk.user_id}" for clerk in self.world.clerks[agency.code]]
        for user in self.catalogue.users[agency.code]:
            self._user(user, code)

    def _user(self, name: str, office: str) -> None:
        self.add(USERS, UserID=next(self.ids), UserName=name, MaPhongBan=office)
