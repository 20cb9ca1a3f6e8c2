"""The new schema: one dossier (hồ sơ) with everything that belongs to it, and the words shared by all rooms.

Python names are English; the encoded name of each field (``name=`` below) is its counterpart in the dossier
record of the National Public Service Portal (Cổng DVCQG: DongBoHoSoMC, CapNhatTienDoHoSoMC), so that a
receiver reads the words it knows. Where the portal has no field the name is ours, in the same style.
``lienthong schema`` prints the JSON Schema.

Instants are aware datetimes with the offset of Asia/Ho_Chi_Minh (+07:00), exact to the second.
Values never form circles, so they are left out of garbage collection (``gc=False``).
Money is whole Vietnamese đồng (VND). Codes are text, never numbers: leading zeros count.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, field

from mappings.glossary import FIELDS

MODEL_VERSION: Final = 2
"""Part of every mapping version: raise it when the meaning of a field changes."""

OPEN_STATUSES: Final = frozenset({1, 2, 4, 5, 6, 9})
"""TrangThaiHoSo of open dossiers; a 9 still owes the hand-over of its result."""

BEFORE_MERGER: Final = "before-2025-07-01"
"""Catalogue of administrative units in force until 30 June 2025."""
SINCE_MERGER: Final = "since-2025-07-01"
"""Catalogue of administrative units in force from 1 July 2025 (Quyết định 19/2025/QĐ-TTg)."""

PROCEDURES_BEFORE: Final = "procedure:before-2025-07-01"
"""Catalogue of the procedures under which dossiers were filed until 30 June 2025."""


class Severity(enum.StrEnum):
    """What an issue does to its dossier."""

    ERROR = "error"  # the dossier is quarantined
    WARNING = "warning"  # the dossier goes on and the issue is reported
    INFO = "info"  # normalised or noted; the original is kept beside it


class Issue(Struct, frozen=True, order=True, gc=False):
    """One finding about one dossier. It has no place for a personal value, on purpose.

    ``field`` is a dotted path in the new schema (``applicant.id_number``, ``papers``) or a source column;
    ``about`` may hold keys and catalogue codes only: another dossier's key, candidate unit codes, a status code.
    """

    code: str
    field: str
    severity: Severity
    about: str = ""


Status = Annotated[int, Meta(ge=1, le=10, description="TrangThaiHoSo 1-10 (dvcqg.md §4)")]
Money = Annotated[int, Meta(description="VND, whole đồng")]


class UnitRef(Struct, frozen=True, omit_defaults=True, gc=False):
    """An administrative unit. A code means nothing without its catalogue."""

    code: str = field(name="Ma")
    catalogue: str = field(name="DanhMuc")
    name: str = field(name="Ten", default="")


class AgencyRef(Struct, frozen=True, omit_defaults=True, gc=False):
    """An agency (cơ quan). ``catalogue`` names the list its code stands in."""

    code: str = field(name="MaDonVi")
    catalogue: str = field(name="DanhMuc")
    name: str = field(name="TenDonVi", default="")
    level: str = field(name="CapDonVi", default="")  # commune | district | province | ""
    unit: UnitRef | None = field(name="DonViHanhChinh", default=None)


class Address(Struct, frozen=True, omit_defaults=True, gc=False):
    """An address as declared: the old triple is kept, the new commune is added only when it is certain."""

    text: str = field(name="DiaChiChiTiet", default="")
    province: UnitRef | None = field(name="TinhCu", default=None)
    district: UnitRef | None = field(name="HuyenCu", default=None)
    commune: UnitRef | None = field(name="XaCu", default=None)
    new_commune: UnitRef | None = field(name="XaMoi", default=None)


class Identity(Struct, frozen=True, omit_defaults=True, gc=False):
    """An identity number exactly as recorded. ``kind``: 1 CCCD, 2 CMND, 3 MST, 4 passport, 9 unrecognised form."""

    number: str = field(name="SoDinhDanh")
    kind: str = field(name="LoaiDinhDanh")
    issued_on: date | None = field(name="NgayCap", default=None)


class Applicant(Struct, frozen=True, omit_defaults=True, gc=False):
    """Owner of the dossier (chủ hồ sơ)."""

    kind: str = field(name="LoaiDoiTuong")  # 1 citizen, 2 business, 3 state agency, 4 other organisation
    name: str = field(name="ChuHoSo")
    name_original: str = field(name="ChuHoSoGoc", default="")  # only when normalisation changed it
    identity: Identity | None = field(name="DinhDanhCHS", default=None)
    address: Address | None = field(name="DiaChi", default=None)
    contact_name: str = field(name="NguoiLienHe", default="")
    phone: str = field(name="SoDienThoai", default="")
    phone_original: str = field(name="SoDienThoaiGoc", default="")  # only when converted
    email: str = field(name="Email", default="")
    born: str = field(name="NgaySinh", default="")  # as recorded: a day, or the year alone
    sex: str = field(name="GioiTinh", default="")  # 1 male, 2 female (ISO/IEC 5218)


class Delegate(Struct, frozen=True, omit_defaults=True, gc=False):
    """Person who files for the owner (người nộp / được uỷ quyền)."""

    name: str = field(name="NguoiNop")
    name_original: str = field(name="NguoiNopGoc", default="")
    identity: Identity | None = field(name="DinhDanhNguoiNop", default=None)
    phone: str = field(name="SoDienThoai", default="")
    phone_original: str = field(name="SoDienThoaiGoc", default="")
    email: str = field(name="Email", default="")
    address: Address | None = field(name="DiaChi", default=None)


class Attachment(Struct, frozen=True, omit_defaults=True, gc=False):
    """A file in the source's store. Its sha256 is taken from the bytes at push and again at compare."""

    locator: str = field(name="TepDinhKemId")  # where the source's file store finds the bytes
    name: str = field(name="TenTepDinhKem")
    media_type: str = field(name="LoaiTep", default="")
    size: int = field(name="KichThuoc", default=0)  # bytes on disk at the sweep
    version: str = field(name="PhienBan", default="")
    is_missing: bool = field(name="TepBiThieu", default=False)  # the row exists, its file is gone in the old system


class Paper(Struct, frozen=True, omit_defaults=True, gc=False):
    """One paper handed in (thành phần hồ sơ; TaiLieuNop)."""

    key: str = field(name="GiayToId")
    code: str = field(name="MaThanhPhanHoSo", default="")
    name: str = field(name="TenGiayTo", default="")
    kind: str = field(name="LoaiThanhPhan", default="1")  # 1 input, 3 other, 6 group input, m check-list mark only
    is_removed: bool = field(name="IsDeleted", default=False)
    is_original: bool = field(name="BanChinh", default=False)
    mark: str = field(name="DanhDau", default="")
    note: str = field(name="GhiChu", default="")
    form_data: str = field(name="DuLieuBieuMau", default="")
    component: str = field(name="MaThanhPhanTTHC", default="")  # of the procedure; "" = one of the other papers
    attachment: Attachment | None = field(name="TepDinhKem", default=None)


class Result(Struct, frozen=True, omit_defaults=True, gc=False):
    """One result paper (giấy tờ kết quả; DanhSachGiayToKetQua)."""

    key: str = field(name="GiayToId")
    origin: str = field(name="NguonKetQua")  # file: a result part of the dossier; deliverable: the register of results
    name: str = field(name="TenGiayTo", default="")
    code: str = field(name="MaGiayToKetQua", default="")
    number: str = field(name="SoGiayTo", default="")
    issued_on: date | None = field(name="NgayCap", default=None)
    expires_on: date | None = field(name="NgayHetHan", default=None)
    is_removed: bool = field(name="IsDeleted", default=False)
    attachment: Attachment | None = field(name="TepDinhKem", default=None)


class Step(Struct, frozen=True, omit_defaults=True, gc=False):
    """One action of the process (tiến trình; CapNhatTienDoHoSoMC)."""

    key: str = field(name="BuocId")
    at: datetime | None = field(name="ThoiDiemXuLy")
    actor: str = field(name="NguoiXuLy", default="")
    action_code: str = field(name="MaHanhDong", default="")
    action: str = field(name="NoiDungXuLy", default="")
    from_step: str = field(name="MaBuocTruoc", default="")
    step: str = field(name="MaBuoc", default="")
    step_name: str = field(name="TenBuoc", default="")
    status: str = field(name="TrangThaiCu", default="")  # the source's own status of the step, as code
    note: str = field(name="GhiChu", default="")
    due_at: datetime | None = field(name="NgayKetThucTheoQuyDinh", default=None)
    is_rolled_back: bool = field(name="DaHuyBuoc", default=False)
    assignees: tuple[str, ...] = field(name="NguoiDuocGiao", default=())  # account ids, not names


class Fee(Struct, frozen=True, omit_defaults=True, gc=False):
    """One fee record (phí, lệ phí; DanhSachLePhi)."""

    key: str = field(name="LePhiId")
    name: str = field(name="TenPhiLePhi", default="")
    fee: Money = field(name="Phi", default=0)
    advance: Money = field(name="TamUng", default=0)
    service: Money = field(name="DichVu", default=0)
    shipping: Money = field(name="VanChuyen", default=0)
    total: Money = field(name="Gia", default=0)
    status: str = field(name="TrangThaiThanhToan", default="")  # source code: 1 advance, 2 settle, 3 fee done, 5 done
    method: str = field(name="PhuongThucThanhToan", default="")
    paid_at: datetime | None = field(name="NgayThanhToan", default=None)
    invoice_no: str = field(name="SoHoaDon", default="")
    note: str = field(name="GhiChu", default="")


class SupplementRound(Struct, frozen=True, omit_defaults=True, gc=False):
    """One request for supplements (DanhSachHoSoBoSung). An overwritten earlier due date stays empty."""

    key: str = field(name="HoSoBoSungId")
    requested_at: datetime | None = field(name="NgayBoSung")
    requested_by: str = field(name="NguoiYeuCauBoSung", default="")
    content: str = field(name="NoiDungBoSung", default="")
    answered_at: datetime | None = field(name="NgayTiepNhanBoSung", default=None)
    is_done: bool = field(name="TrangThaiBoSung", default=False)
    due_before: datetime | None = field(name="NgayHenTraTruoc", default=None)
    due_after: datetime | None = field(name="NgayHenTraMoi", default=None)


class Pause(Struct, frozen=True, omit_defaults=True, gc=False):
    """A time in which the clock stood (tạm dừng)."""

    key: str = field(name="TamDungId")
    started_at: datetime | None = field(name="TuLuc")
    ended_at: datetime | None = field(name="DenLuc", default=None)


class Request(Struct, frozen=True, omit_defaults=True, gc=False):
    """A citizen's request on the dossier: withdraw, correct, … (yêu cầu)."""

    key: str = field(name="YeuCauId")
    kind: str = field(name="LoaiYeuCau", default="")
    at: datetime | None = field(name="NgayYeuCau", default=None)
    note: str = field(name="NoiDung", default="")
    state: str = field(name="TrangThai", default="")


class Document(Struct, frozen=True, omit_defaults=True, gc=False):
    """A slip the old system generated (phiếu)."""

    key: str = field(name="VanBanId")
    kind: str = field(name="LoaiVanBan", default="")
    name: str = field(name="TenVanBan", default="")
    code: str = field(name="SoVanBan", default="")
    at: datetime | None = field(name="NgayLap", default=None)
    attachment: Attachment | None = field(name="TepDinhKem", default=None)


class Link(Struct, frozen=True, omit_defaults=True, gc=False):
    """A tie to another dossier or number. ``kind``: reference_uid, group, origin, origin_code, register, counter."""

    kind: str = field(name="LoaiLienKet")
    value: str = field(name="GiaTri")


class OtherCode(Struct, frozen=True, omit_defaults=True, gc=False):
    """Another number that the dossier is looked up by: a second code of its own, or that of one merged into it."""

    code: str = field(name="MaHoSo")  # "" when the merged one never had a code
    kind: str = field(name="LoaiMa")  # second | merged
    source_id: str = field(name="NguonHeThong", default="")  # of the merged dossier
    old_key: str = field(name="KhoaCu", default="")


class Postal(Struct, frozen=True, omit_defaults=True, gc=False):
    """Return of the result by post (HinhThuc = 1)."""

    state: str = field(name="TrangThaiBuuChinh", default="")
    service: str = field(name="DichVuBuuChinh", default="")
    phone: str = field(name="SoDienThoai", default="")
    address: Address | None = field(name="DiaChi", default=None)
    code_sent: str = field(name="MaGui", default="")
    code_received: str = field(name="MaNhan", default="")


class ProcedureVersion(Struct, frozen=True, omit_defaults=True, gc=False):
    """The version of the procedure under which a dossier was filed. Never changed by a successor."""

    code: str = field(name="MaTTHC")  # as it stands in the source, suffix and all
    catalogue: str = field(name="DanhMuc")
    name: str = field(name="TenTTHC", default="")
    decision: str = field(name="QuyetDinhCongBo", default="")  # number of the decision, where the source knows it


class Dossier(Struct, frozen=True, omit_defaults=True, gc=False):
    """The migrated dossier: the same legal thing, in the new words."""

    source_id: str = field(name="NguonHeThong")
    key: str = field(name="KhoaCu")
    code: str = field(name="MaHoSo")  # never renumbered; "" when never received
    status: Status = field(name="TrangThaiHoSo")
    old_status: str = field(name="TrangThaiCu")  # source code, with its sub-status after "/"
    procedure_code: str = field(name="MaTTHC")
    applicant: Applicant = field(name="ThongTinChuHoSo")
    receiving_agency: AgencyRef = field(name="DonViTiepNhan")  # history: where it was filed
    handling_agency: AgencyRef = field(name="DonViXuLy")  # who is competent now
    channel: str = field(name="KenhThucHien")  # 1 counter, 2 online, 3 postal
    filed_at: datetime | None = field(name="NgayNopHoSo")
    filed_from: str = field(name="CanCuNgayNop")  # source column the filing instant was read from
    handling_rule: str = field(name="QuyTacThamQuyen", default="")  # the competence rule that chose handling_agency
    received_at: datetime | None = field(name="NgayTiepNhan", default=None)
    due_at: datetime | None = field(name="NgayHenTra", default=None)
    duration: str = field(name="ThoiHan", default="")  # decimal text, unit below
    duration_unit: str = field(name="DonViThoiHan", default="")  # day (working) | hour
    extended_at: datetime | None = field(name="NgayGiaHan", default=None)
    processing_at: datetime | None = field(name="NgayBatDauXuLy", default=None)
    completed_at: datetime | None = field(name="NgayKetThucXuLy", default=None)  # end of processing (release)
    finished_at: datetime | None = field(name="NgayTra", default=None)
    refused_at: datetime | None = field(name="NgayTuChoi", default=None)
    cancel_requested_at: datetime | None = field(name="NgayYeuCauRut", default=None)
    correction_requested_at: datetime | None = field(name="NgayYeuCauSua", default=None)
    answered_at: datetime | None = field(name="NgayCongDanTraLoi", default=None)
    created_at: datetime | None = field(name="NgayTao", default=None)
    procedure_name: str = field(name="TenTTHC", default="")
    old_procedure_code: str = field(name="MaTTHCCu", default="")
    procedure_version: ProcedureVersion | None = field(name="PhienBanTTHC", default=None)
    process: str = field(name="QuyTrinh", default="")
    template: str = field(name="MauHoSo", default="")
    open_step: str = field(name="BuocDangXuLy", default="")  # step code of the current action
    next_step: str = field(name="BuocXuLyMoi", default="")  # the new system's step, of an open dossier
    next_role: str = field(name="VaiTroXuLy", default="")  # who works there: a role or a queue of the new system
    case_rule: str = field(name="QuyTacTrangThai", default="")  # the row of case_states.csv that chose them
    lock_state: str = field(name="TrangThaiKhoa", default="")
    title: str = field(name="TenHoSo", default="")
    summary: str = field(name="TrichYeuHoSo", default="")
    note: str = field(name="GhiChu", default="")
    note_original: str = field(name="GhiChuGoc", default="")  # before HTML became text
    extra: dict[str, str] = field(name="ThongTinKhac", default_factory=dict)  # what has no field: goes to the history
    return_by: str = field(name="HinhThuc", default="0")  # 0 counter, 1 post
    postal: Postal | None = field(name="BuuChinh", default=None)
    delegate: Delegate | None = field(name="NguoiDuocUyQuyen", default=None)
    is_migrated: bool = field(name="LaHoSoChuyenDoi", default=True)
    papers: tuple[Paper, ...] = field(name="TaiLieuNop", default=())
    results: tuple[Result, ...] = field(name="DanhSachGiayToKetQua", default=())
    steps: tuple[Step, ...] = field(name="TienTrinh", default=())
    fees: tuple[Fee, ...] = field(name="DanhSachLePhi", default=())
    supplements: tuple[SupplementRound, ...] = field(name="DanhSachHoSoBoSung", default=())
    pauses: tuple[Pause, ...] = field(name="DanhSachTamDung", default=())
    requests: tuple[Request, ...] = field(name="DanhSachYeuCau", default=())
    documents: tuple[Document, ...] = field(name="DanhSachVanBan", default=())
    links: tuple[Link, ...] = field(name="LienKet", default=())
    other_codes: tuple[OtherCode, ...] = field(name="MaHoSoKhac", default=())

    @property
    def is_open(self) -> bool:
        """Whether officials still owe something on it."""
        return self.status in OPEN_STATUSES


class Exclusion(Struct, frozen=True, gc=False):
    """A named scope rule said no. ``twin`` is the key of the dossier that carries this one."""

    rule: str
    twin: str = ""
    issues: tuple[Issue, ...] = ()


class Mapped(Struct, frozen=True, gc=False):
    """What mapping one record gives: the dossier (None when it cannot be mapped at all) and every issue."""

    dossier: Dossier | None
    issues: tuple[Issue, ...]
    exclusion: Exclusion | None = None  # a decision leaves the dossier in the old system


def encode(dossier: Dossier) -> bytes:
    """The canonical bytes of a dossier (JSON in the portal's words): same dossier, same bytes."""
    return _ENCODER.encode(dossier)


def decode(payload: bytes) -> Dossier:
    """The dossier that :func:`encode` wrote."""
    return _DECODER.decode(payload)


def json_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of :class:`Dossier` in the portal's words, each field with its counterpart there."""
    (top,), parts = msgspec.json.schema_components([Dossier], ref_template="#/$defs/{name}")
    structs = {kind.__name__: kind for kind in Struct.__subclasses__() if kind.__module__ == __name__}
    for struct, notes in FIELDS.items():
        names = {item.name: item.encode_name for item in msgspec.structs.fields(structs[struct])}
        for field_name, note in notes.items():
            parts[struct]["properties"][names[field_name]]["description"] = note
    return {**top, "$defs": parts}


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Dossier)
