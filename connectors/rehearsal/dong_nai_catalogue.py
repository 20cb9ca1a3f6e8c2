"""The tables of a MotCua that stand still: fields, procedures with the office's own codes, statuses, process.

``MoTa`` of a field names the office: an assumption, no column of the software is for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.dong_nai_words import STATUS_NAMES
from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.world import Agency, Procedure, World

PROVINCE = "25"
UNPLACED_FIELD = 9
"""A field whose description names no office."""
GONE_PROCEDURE = 4040
"""A ThuTucID that dossiers name and the catalogue no longer has."""
_FIELDS = {1: ("KCB", "Khám bệnh, chữa bệnh"), 2: ("DUOC", "Dược phẩm"), 3: ("YTDP", "Y tế dự phòng"),
           UNPLACED_FIELD: ("KHAC", "Lĩnh vực khác")}  # fmt: skip
_OFFERS = (
    (1, "YT-CCHN", "Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh", 60, 360000),
    (1, "YT-GPHD", "Cấp lại giấy phép hoạt động khám bệnh, chữa bệnh", 30, 1500000),
    (2, "YT-DUOC", "Cấp chứng chỉ hành nghề dược", 20, 500000),
    (2, "YT-GPP", "Đánh giá đáp ứng thực hành tốt cơ sở bán lẻ thuốc", 30, 1000000),
    (3, "YT-ATSH", "Cấp lại giấy chứng nhận cơ sở xét nghiệm đạt tiêu chuẩn an toàn sinh học", 5, 0),
)
_PAPERS = ("Đơn đề nghị", "Bản sao văn bằng chuyên môn", "Giấy xác nhận quá trình thực hành", "Phiếu khám sức khỏe")


@dataclass(frozen=True)
class Offer:
    """A procedure as the catalogue has it."""

    id: int
    field: int
    code: str
    name: str
    days: int  # of the calendar
    fee: int

    @property
    def procedure(self) -> Procedure:
        """As a story asks for it."""
        return Procedure(self.code, self.name, _FIELDS[self.field][1], "province", self.days, 0, self.fee, "")


def field_name(number: int) -> str:
    """TenLinhVuc."""
    return _FIELDS[number][1]


def office_of(world: World) -> Agency:
    """The one office whose software this is."""
    return next(each for each in world.agencies if each.province_code == PROVINCE and "Y tế" in each.name)


def usual_offers() -> list[Offer]:
    """The procedures that people file for, with codes of the office's own."""
    return [Offer(number, *words) for number, words in enumerate(_OFFERS, start=101)]


def odd_offers(world: World) -> dict[str, list[Offer]]:
    """Procedures under a national code that another one has replaced, or that is gone."""
    found, number = {}, 201
    for name in ("succeeded_services", "gone_services"):
        found[name] = [
            Offer(number + place, 1, code, title, 15, 0) for place, (code, title) in enumerate(getattr(world, name))
        ]
        number += 100
    return found


def write_catalogues(store: Store, rows: Rows, world: World) -> None:
    """Fill every reference table."""

    def add(table: str, **cells: Cell) -> None:
        store.add(table, rows.row(table, **cells))

    office = office_of(world)
    for number, (code, name) in _FIELDS.items():
        says = "Lĩnh vực chưa phân công" if number == UNPLACED_FIELD else office.name
        add("DM_LinhVuc", LinhVucID=number, MaLinhVuc=code, TenLinhVuc=name, MoTa=says, Used=1)
    for status, name in STATUS_NAMES.items():
        add("E_TrangThaiHoSo", TrangThaiHoSoID=status, MaTrangThaiHoSo=f"TT{status:02d}", TenTrangThaiHoSo=name)
    odd = odd_offers(world)
    for offer in (*usual_offers(), *(each for offers in odd.values() for each in offers)):
        what: dict[str, Cell] = {"ThuTucID": offer.id, "LinhVucID": offer.field, "TenThuTuc": offer.name}
        add("DM_ThuTuc", **what, MaThuTuc=offer.code, SoNgayGiaiQuyet=offer.days, LePhi=float(offer.fee), Used=1)
        for place, paper in enumerate(_PAPERS):
            ids = {"ChungTuID": offer.id * 10 + place, "ThuTucID": offer.id}
            add("DM_ChungTuKemTheo", **ids, TenChungTu=paper, SLBanChinh=1, SLBanSao=1, SLPhoto=0)
        add("DM_QuyTrinh_Buoc", BuocID=offer.id, ThuTucID=offer.id, TrangThaiHienTaiID=1, TrangThaiTiepTheoID=3, Used=1)
        add("DM_QuyTrinh_Buoc_NguoiNhan", BuocNguoiNhanID=offer.id, BuocID=offer.id, NguoiNhanID=7)


def paper_name(place: int) -> str:
    """What the papers of a dossier are called."""
    return _PAPERS[place]
