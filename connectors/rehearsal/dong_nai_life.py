"""The ordinary life of a dossier in a MotCua: its row, its papers, its steps with their reasons, its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.dong_nai_case import Case
from connectors.rehearsal.dong_nai_catalogue import Offer, field_name, odd_offers, office_of, paper_name, usual_offers
from connectors.rehearsal.dong_nai_schema import (
    CERTIFICATES,
    HALTS,
    LICENCES,
    MAIN,
    MOVES,
    NOT_APPROVED,
    PAPERS,
    ROUNDS,
    UNRESOLVED,
)
from connectors.rehearsal.dong_nai_words import NOT_APPROVED as STATUS_NOT_APPROVED
from connectors.rehearsal.dong_nai_words import (
    PAUSED,
    PROCESSING,
    RECEIVED,
    SEPARATOR,
    STATUS_NAMES,
    STATUSES,
    SUPPLEMENT,
)
from connectors.rehearsal.dong_nai_words import UNRESOLVED as STATUS_UNRESOLVED
from connectors.rehearsal.people import DATE_FORM, Person
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import OPEN, Scene, Setting, Story, Wish, home_of
from connectors.rehearsal.world import Agency, Procedure, Unit

_REASONS = {
    SUPPLEMENT: (ROUNDS, "ThongTinYeuCau", "Đề nghị bổ sung giấy xác nhận quá trình thực hành"),
    PAUSED: (HALTS, "LyDoTamNgung", "Chờ kết quả thẩm định tại cơ sở"),
    STATUS_UNRESOLVED: (UNRESOLVED, "LyDoKhongGiaiQuyet", "Không đủ điều kiện theo quy định"),
    STATUS_NOT_APPROVED: (NOT_APPROVED, "LyDoKhongPheDuyet", "Lãnh đạo không phê duyệt kết quả thẩm định"),
}
_ENDED = frozenset({"releasing", "done"})


class Life(Story):
    """Makes ordinary dossiers of the one office, all of them filed at its counter."""

    def __init__(self, random: Random, scene: Scene, rows: Rows) -> None:
        super().__init__(random, scene)
        self.rows = rows
        self.office_itself = office_of(scene.world)
        self.odd = odd_offers(scene.world)
        self._usual = usual_offers()
        every = (*self._usual, *(each for offers in self.odd.values() for each in offers))
        self._offer_of = {offer.code: offer for offer in every}

    def _place(self, wish: Wish) -> tuple[Agency, Procedure]:
        return self.office_itself, wish.procedure or self.random.choice(self._usual).procedure

    def setting(self, wish: Wish) -> Setting:
        """A new matter, received as soon as it is filed; due so many days of the calendar later."""
        made = super().setting(wish if wish.filed else replace(wish, channel="counter"))
        received = made.times.received or made.times.submitted or made.times.created
        due = (received + timedelta(days=made.procedure.duration)).replace(second=0)
        if not wish.may_be_overdue:
            due = datetime.combine(self.office.days[self.office.index(due.date())], due.time())
        is_late = made.status in OPEN and due < self.cutoff and not wish.may_be_overdue
        ended = max(made.times.ended, received)
        times = replace(made.times, received=received, due=due, first_due=due, ended=ended)
        return replace(made, times=times, status="done" if is_late else made.status)

    def case(self, wish: Wish) -> Case:
        """One whole dossier."""
        setting = self.setting(wish)
        case = Case(self._row(setting, home_of(self.random, self.world, setting)), setting)
        self._papers(case)
        self._moves(case)
        self._result(case)
        return case

    def offer_of(self, setting: Setting) -> Offer:
        """The procedure as the catalogue has it."""
        return self._offer_of[setting.procedure.code]

    def address(self, unit: Unit) -> Row:
        """Where somebody lives: codes as numbers, which lose the zeros in front, and the names beside them."""
        return {
            "TinhThanhID": int(unit.province_code), "TenTinhThanh": f"Tỉnh {unit.province_name}",
            "QuanHuyenID": int(unit.district_code), "TenQuanHuyen": unit.district_name,
            "PhuongXaID": int(unit.code), "TenPhuongXa": unit.name,
            "SoNha": f"Số nhà {self.random.randrange(1, 200)}, khu {self.random.randrange(1, 15)}",
        }  # fmt: skip

    def receipt_number(self, day: datetime) -> str:
        """What the software gives when "TuDong" is ticked; its form is invented."""
        return f"SYT.{day:%y%m%d}.{self.numbers.serial(self.office_itself.code, day.date()):04d}"

    def reason(self, case: Case, status: int, move: Row, at: datetime, *, is_answered: bool = False) -> None:
        """Why the dossier stands in this status: a row that hangs on the step."""
        table, column, text = _REASONS[status]
        cells = {f"{table}ID": self.numbers.next(table), "QuaTrinhXuLyID": move["QuaTrinhXuLyID"], column: text}
        if status == SUPPLEMENT:
            cells |= {"NgayYeuCauBoSung": at, "DaBoSung": int(is_answered)}
        if status == PAUSED:
            cells |= {"NgayYeuCauTamNgung": at}
        case.add(table, self.rows.row(table, **cells))

    def _row(self, setting: Setting, home: Unit) -> Row:
        offer, times, received = self.offer_of(setting), setting.times, setting.times.received
        assert received is not None
        status = STATUSES[setting.status]
        clerk = self.world.clerks[setting.agency.code][0].user_id
        cells: Row = {
            "HoSoID": self.numbers.dossier(), "SoBienNhan": self.receipt_number(received), "NgayNhan": received,
            "NgayHenTra": times.due, "LinhVucID": offer.field, "TenLinhVuc": field_name(offer.field),
            "ThuTucID": offer.id, "TenThuTuc": offer.name, "TrangThaiHoSoID": status,
            "TenTrangThaiHoSo": STATUS_NAMES[status], "CreatedUserID": clerk, "CreatedDate": times.created,
            "LastUpdUserID": clerk, "LastUpdDate": times.ended, "LePhi": offer.fee, "NoiNhanKetQuaID": 1,
        }  # fmt: skip
        return self.rows.row(MAIN, **cells, **self._owner(setting.person), **self.address(home))

    def _owner(self, person: Person) -> Row:
        """Some know the year of their birth only: the column is a text."""
        form = "%Y" if self.random.random() < 0.2 else DATE_FORM
        return {
            "HoTenNguoiNop": person.name, "NgaySinh": person.born.strftime(form) if person.born else None,
            "GioiTinhID": 1 if person.is_male else 2, "LoaiGiayToID": 1, "TenLoaiGiayTo": "CMND/CCCD",
            "SoGiayTo": person.id_number, "NgayCapGiayTo": person.id_issued, "NoiCapGiayTo": "Công an tỉnh",
            "Phone": person.phone, "Email": person.email or None,
        }  # fmt: skip

    def _papers(self, case: Case) -> None:
        """Two to four papers; one in four has two files in one cell."""
        at = case.setting.times.received
        assert at is not None
        for place in range(self.random.choice((2, 3, 3, 4))):
            number = self.random.choice((1, 1, 1, 2))
            paths = [f"{at:%Y/%m}/chung-tu-{self.numbers.next('file')}.pdf" for _ in range(number)]
            case.files.update((path, min(200 + int(self.random.expovariate(1 / 700)), 4096)) for path in paths)
            cells: Row = {
                "ChungTuKemTheoID": self.numbers.next(PAPERS), "HoSoID": case.row["HoSoID"], "STT": place + 1,
                "TenChungTu": paper_name(place), "SLBanChinh": int(place == 0), "SLBanSao": 1, "SLPhoto": 0,
                "AttachFile": SEPARATOR.join(paths),
            }  # fmt: skip
            case.add(PAPERS, self.rows.row(PAPERS, **cells))

    def _moves(self, case: Case) -> None:
        """The history: it begins on the day of receipt, without a time of day."""
        status, times = int(str(case.row["TrangThaiHoSoID"])), case.setting.times
        received = times.received
        assert received is not None
        path = [RECEIVED] if status == RECEIVED else [RECEIVED, PROCESSING]
        if status not in (RECEIVED, SUPPLEMENT) and self.random.random() < 0.16:
            path += [SUPPLEMENT, PROCESSING]
        path += [status] if status != path[-1] else []
        step = max((times.ended - received) // max(len(path) - 1, 1), timedelta())
        for place, now in enumerate(path):
            at = received + step * place
            move = self._move(case, at, path[place:])
            if not place:
                move["NgayNhan"] = datetime.combine(at.date(), time())
            if now in _REASONS:
                self.reason(case, now, move, at, is_answered=place + 1 < len(path))

    def _move(self, case: Case, at: datetime, ahead: list[int]) -> Row:
        clerks, (status, *later) = self.world.clerks[case.setting.agency.code], ahead
        cells: Row = {
            "QuaTrinhXuLyID": self.numbers.next(MOVES), "HoSoID": case.row["HoSoID"], "NgayNhan": at,
            "NguoiXuLyHienTaiID": clerks[0].user_id, "TrangThaiHienTaiID": status, "IsQuaTrinhHienTai": int(not later),
            "NguoiXuLyTiepTheoID": clerks[1].user_id if later else None,
            "TrangThaiTiepTheoID": later[0] if later else None, "CreatedUserID": clerks[0].user_id, "CreatedDate": at,
        }  # fmt: skip
        if not later:
            case.row["QuaTrinhXuLyHienTaiID"] = cells["QuaTrinhXuLyID"]
        return case.add(MOVES, self.rows.row(MOVES, **cells))

    def _result(self, case: Case) -> None:
        code = case.setting.procedure.code
        if case.setting.status not in _ENDED or code not in ("YT-CCHN", "YT-GPHD"):
            return
        table, column = (CERTIFICATES, "SoChungChi") if code == "YT-CCHN" else (LICENCES, "SoGiayPhep")
        number, ended = self.numbers.next(table), case.setting.times.ended
        cells: Row = {f"{table.partition('.')[2]}ID": number, "HoSoID": case.row["HoSoID"]}
        cells |= {column: f"{number}/SYT", "NgayCap": datetime.combine(ended.date(), time())}
        case.add(table, self.rows.row(table, **cells))


Spoil = Callable[[Life, Case, int], None]
"""Puts one kind of dirt into a dossier; the number counts the dossiers of its kind."""
