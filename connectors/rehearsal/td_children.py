"""What hangs on a dossier of TD.DichVuCong by its code: papers, moves, supplement rounds, payments, slips, waybills."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.rehearsal.store import Row
from connectors.rehearsal.td_case import Case
from connectors.rehearsal.td_schema import FEES, MOVES, PAPERS, ROUNDS, SLIPS, WAYBILLS
from connectors.rehearsal.td_words import SEPARATOR

if TYPE_CHECKING:
    from connectors.rehearsal.td_life import Life

_NAMES = ("Tờ khai", "Bản sao căn cước công dân hoặc hộ chiếu", "Giấy tờ chứng minh nơi cư trú", "Giấy tờ kèm theo")
_PARTS = ("TP01", "TP02", "TP03", "TP04")


def hang(life: Life, case: Case) -> None:
    """Everything that an ordinary dossier has."""
    _store_result(life, case)
    _papers(life, case)
    _moves(life, case)
    _rounds(life, case)
    _payment(life, case)
    _slip(life, case)
    if case.row["HinhThucTra"] == "1":
        number = life.numbers.next("waybill")
        case.add(WAYBILLS, life.rows.row(WAYBILLS, Ma=f"VD{number}VN", TrangThai="Đã gửi"))


def _store_result(life: Life, case: Case) -> None:
    for path in filter(None, str(case.row["DinhKemKetQua"] or "").split(SEPARATOR)):
        case.files[path] = _size(life)


def _papers(life: Life, case: Case) -> None:
    """Two to four papers; one in four has two files in one cell."""
    setting = case.setting
    at = setting.times.submitted or setting.times.received or setting.times.created
    for number in range(life.random.choice((2, 3, 3, 4))):
        name = life.world.papers.get((setting.procedure.code, _PARTS[number])) or _NAMES[number]
        paths = [
            life.path(f"giay-to-{life.numbers.next('file')}.pdf", at) for _ in range(life.random.choice((1, 1, 1, 2)))
        ]
        case.files.update((path, _size(life)) for path in paths)
        paper = life.rows.row(
            PAPERS,
            Ten=name,
            DinhKem=SEPARATOR.join(paths),
            SoBanChinh=int(life.random.random() < 0.3),
            SoBanSao=1,
            MaGiayTo=f"GT{number + 1:02d}",
            TrangThaiSoHoa="0",
            CreatedOn=at,
        )
        case.add(PAPERS, paper)


def _moves(life: Life, case: Case) -> None:
    setting = case.setting
    words = (
        ["Nộp hồ sơ"] if setting.times.received is None else ["Nộp hồ sơ", "Tiếp nhận hồ sơ", "Chuyển xử lý", "Xử lý"]
    )
    for word, at in zip(words, life.moments(setting.times, max(2, len(words))), strict=False):
        case.add(MOVES, move(life, case, word, at))


def move(life: Life, case: Case, word: str, at: datetime) -> Row:
    """One row of the history; now and then it goes to several people."""
    clerks = life.world.clerks[case.setting.agency.code]
    to = clerks if life.random.random() < 0.2 else clerks[:1]
    return life.rows.row(
        MOVES,
        MaHoSo="",
        NguoiGui=f"canbo{clerks[0].user_id}",
        TenNguoiGui=clerks[0].name,
        NguoiNhan=SEPARATOR.join(f"canbo{clerk.user_id}" for clerk in to),
        TenNguoiNhan=SEPARATOR.join(clerk.name for clerk in to),
        ThaoTac=word,
        ThoiGian=at,
        TrangThai="Đã xử lý",
        NodeQuyTrinh=f"node-{word[:3].strip().lower()}",
        TrangThaiDongBoDVCQuocGia="1",
        CreatedOn=at,
    )


def _rounds(life: Life, case: Case) -> None:
    """A supplement round that was answered, or the one that a waiting dossier waits for."""
    setting = case.setting
    is_waiting = setting.status == "waiting" and setting.times.received is not None
    if not is_waiting and "bo_sung" not in setting.steps:
        return
    asked, answered = life.moments(setting.times, 4)[2:4]
    case.row["NgayYeuCauBoSung"] = asked
    if not is_waiting:
        case.row["NgayCongDanBoSung"] = answered
    row = life.rows.row(
        ROUNDS,
        MaHoSo="",
        NgayBoSung=asked,
        NgayTiepNhanBoSung=None if is_waiting else answered,
        NguoiYeuCauBoSung="canbo",
        NoiDungBoSung="Đề nghị bổ sung giấy tờ còn thiếu",
        NgayHenTraTruoc=setting.times.first_due,
        NgayHenTraMoi=None if is_waiting else setting.times.due,
        TrangThaiBoSung="Yêu cầu công dân bổ sung" if is_waiting else "Hoàn thành bổ sung",
        CreatedOn=asked,
    )
    case.add(ROUNDS, row)


def _payment(life: Life, case: Case) -> None:
    fee, received = case.setting.procedure.fee, case.setting.times.received
    if not fee or received is None or life.random.random() > 0.9:
        return
    is_paid = case.setting.status != "paying"
    row = life.rows.row(
        FEES,
        MaHoSo="",
        Ma=f"PHI{life.numbers.next('fee')}",
        SoTien=fee,
        Phi=0,
        LePhi=fee,
        HinhThucThu="Thu trước",
        NgayYeuCau=received,
        NgayThuPhi=received if is_paid else None,
        CreatedOn=received,
    )
    case.add(FEES, row)


def _slip(life: Life, case: Case) -> None:
    """The receipt slip, where the software printed it."""
    received = case.setting.times.received
    if received is None or life.random.random() > 0.5:
        return
    path = life.path(f"phieu-tiep-nhan-{life.numbers.next('slip')}.pdf", received)
    case.files[path] = _size(life)
    words = {"LoaiGiayTo": "Phiếu tiếp nhận", "PDFPhieu": path}
    case.add(SLIPS, life.rows.row(SLIPS, NgayXuatPhieu=received, SuDung=1, CreatedOn=received, **words))


def _size(life: Life) -> int:
    return min(200 + int(life.random.expovariate(1 / 700)), 4096)
