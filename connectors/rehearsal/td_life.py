"""The ordinary life of a dossier in TD.DichVuCong: its row of 144 columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from connectors.rehearsal.people import DATE_FORM, Person, citizen
from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import Scene, Setting, Story, Wish, home_of
from connectors.rehearsal.td_case import Case, TdRows
from connectors.rehearsal.td_catalogue import group_code, joined_codes, service_code
from connectors.rehearsal.td_children import hang
from connectors.rehearsal.td_schema import MAIN
from connectors.rehearsal.td_words import (
    AT_COUNTER,
    BUSINESS,
    CITIZEN,
    ONLINE,
    SEPARATOR,
    STATUSES,
    WORKING_DAYS,
)
from connectors.rehearsal.world import Unit, street

ROUND = "bo_sung"
_CAN_HAVE_ROUNDS = frozenset({"processing", "releasing", "done", "unresolved"})
_ENDED = frozenset({"releasing", "done", "unresolved", "cancelled", "denied"})


class Life(Story):
    """Makes ordinary dossiers. They cause no finding but a due date that has passed and an online dossier that nobody
    received."""

    def __init__(self, random: Random, scene: Scene, rows: TdRows) -> None:
        super().__init__(random, scene)
        self.rows = rows

    def steps(self, status: str, days: int, *, is_received: bool, has_round: bool) -> list[str]:
        """What happens on the way: a supplement round."""
        return [ROUND] * (has_round and status in _CAN_HAVE_ROUNDS)

    def case(self, wish: Wish) -> Case:
        """One whole dossier."""
        setting = self.setting(wish)
        home = home_of(self.random, self.world, setting)
        case = Case(self._row(setting, home), setting, home)
        hang(self, case)
        return case

    def address(self, unit: Unit, whose: str) -> Row:
        """Where somebody lives, in the columns that end on ``whose``."""
        province, district, commune = joined_codes(unit)
        return {
            f"TinhThanh{whose}": province,
            f"QuanHuyen{whose}": district,
            f"XaPhuong{whose}": commune,
            f"DiaChi{whose}": street(self.random, unit),
        }

    def path(self, name: str, at: datetime) -> str:
        """Where a new file lies below the store."""
        return f"HoSo/{at:%Y/%m}/{self.rows.guid()[:8]}/{name}"

    def _row(self, setting: Setting, home: Unit) -> Row:
        times = setting.times
        day = (times.received or times.submitted or times.created).date()
        cells = {
            **self._matter(setting), **self._owner(setting.person, home), **self._delegate(setting, home),
            **self._times(setting), **self._result(setting), **self._flags(setting),
        }  # fmt: skip
        code = self.numbers.code(setting.agency.code, day)
        return self.rows.row(MAIN, MaHoSo=code, CreatedOn=times.created, **cells)

    def _matter(self, setting: Setting) -> Row:
        procedure, agency = setting.procedure, setting.agency
        is_received = setting.times.received is not None
        status = STATUSES[setting.status] if is_received or setting.status == "denied" else "1"
        clerks = self.world.clerks[agency.code]
        has_two = self.random.random() < 0.2
        return {
            "DonViId": group_code(agency.code),
            "MaTTHC": service_code(procedure, agency.province_code),
            "TenLinhVuc": procedure.field,
            "TrangThaiHoSoId": status,
            "KenhThucHien": ONLINE if setting.is_online else AT_COUNTER,
            "ThoiGianThucHien": procedure.days or None,
            "LoaiThoiGianThucHien": WORKING_DAYS if procedure.days else None,
            "TrichYeuHoSo": f"Hồ sơ của {setting.person.name}",
            "TenBuocHienTai": "Thẩm định" if is_received else "Tiếp nhận",
            "NguoiDangXuLy": SEPARATOR.join(f"canbo{clerk.user_id}" for clerk in clerks[: 1 + has_two]),
            "SoBoHoSo": 1,
        }

    def _owner(self, person: Person, home: Unit) -> Row:
        return {
            "LoaiDoiTuong": BUSINESS if person.born is None else CITIZEN,
            "ChuHoSo": person.name,
            "SoGiayToChuHoSo": person.id_number,
            "SoDinhDanh": person.id_number[:40],
            "SoDienThoaiChuHoSo": person.phone,
            "EmailChuHoSo": person.email or None,
            "NgaySinhChuHoSo": person.born.strftime(DATE_FORM) if person.born else None,
            **self.address(home, "ChuHoSo"),
        }

    def _delegate(self, setting: Setting, home: Unit) -> Row:
        if self.random.random() > 0.12:
            return {"UyQuyen": 0}
        person = citizen(self.random, setting.agency.province_code)
        return {
            "UyQuyen": 1,
            "NguoiUyQuyen": person.name,
            "SoGiayToNguoiUyQuyen": person.id_number,
            "SoDienThoaiNguoiUyQuyen": person.phone,
            **self.address(home, "NguoiUyQuyen"),
        }

    def _times(self, setting: Setting) -> Row:
        times, status = setting.times, setting.status
        ended: Cell = None
        if status in _ENDED and times.received:
            ended = max(times.received, times.ended - timedelta(minutes=self.random.randrange(120)))
        return {
            "NgayNopHoSo": times.submitted or times.received or times.created,
            "NgayTiepNhan": times.received,
            "NgayHenTra": times.due,
            "NgayKetThucXuLy": ended,
            "NgayTra": times.ended if status == "done" else None,
            "NgayTuChoi": times.ended if status == "denied" and times.received else None,
        }

    def _result(self, setting: Setting) -> Row:
        if setting.status not in ("releasing", "done") or setting.times.received is None:
            return {}
        ended = setting.times.ended
        number = self.numbers.next("result")
        names = [f"ket-qua-{number}.pdf"] + [f"phu-luc-{number}.pdf"] * (self.random.random() < 0.3)
        return {
            "DinhKemKetQua": SEPARATOR.join(self.path(name, ended) for name in names),
            "SoKyHieuKetQua": f"{number}/KQ",
            "TrichYeuKetQua": f"Kết quả: {setting.procedure.name}"[:2000],
            "NgayBanHanhKetQua": datetime(ended.year, ended.month, ended.day),
            "TrangThaiTraKq": "3",
        }

    def _flags(self, setting: Setting) -> Row:
        is_paper = "0" if setting.is_online else "1"
        return {
            "HinhThucTra": "1" if self.random.random() < 0.08 else "0",
            "HoSoCoThanhPhanSoHo": is_paper,
            "TaiKhoanDuocXacThucVoiVNeID": "1" if setting.is_online else "0",
            "DuocThanhToanTrucTuyen": "0",
            "TrangThaiDongBoDVC": str(int(self.random.random() < 0.9)),
            "LaHoSoChungThuc": 0,
            "ChoBanHanh": 0,
            "ThongBaoEmail": 0,
            "ThongBaoSMS": 0,
            "ThongBaoZalo": 0,
        }


Spoil = Callable[[Life, Case, int], None]
"""Puts one kind of dirt into a dossier; the number counts the dossiers of its kind."""
