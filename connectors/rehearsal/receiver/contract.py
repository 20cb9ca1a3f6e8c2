"""What the receiver accepts, in its own words: the dossier record of its API.

Names follow the record of the National Public Service Portal (DongBoHoSoMC, CapNhatTienDoHoSoMC). Nothing here is
shared with the sender: a word that the two sides understand differently must show. Descriptions are Vietnamese
because they are the API document. Typed dictionaries, not models: half the time for a dossier, and what was left
out stays left out.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal, NotRequired

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

Key = Annotated[str, Field(min_length=1, max_length=100)]
Code = Annotated[str, Field(max_length=255)]
Name = Annotated[str, Field(max_length=2_000)]
Long = Annotated[str, Field(max_length=100_000)]
Form = Annotated[str, Field(max_length=5_000_000)]
Money = Annotated[int, Field(ge=-(10**13), le=10**13, description="Số tiền, đồng Việt Nam, số nguyên")]
Instant = Annotated[AwareDatetime, Field(description="Thời điểm ISO 8601, bắt buộc có múi giờ, ví dụ +07:00")]
Status = Annotated[int, Field(ge=1, le=10, description="TrangThaiHoSo 1-10 của Cổng Dịch vụ công quốc gia")]

_RECORD: Final = with_config(ConfigDict(extra="forbid", strict=True))


@_RECORD
class Unit(TypedDict):
    """Đơn vị hành chính. Mã chỉ có nghĩa cùng với danh mục của nó; mã rỗng: địa chỉ cũ chỉ ghi tên."""

    Ma: Annotated[str, Field(max_length=128)]
    DanhMuc: Literal["before-2025-07-01", "since-2025-07-01"]
    Ten: NotRequired[Name]


@_RECORD
class Agency(TypedDict):
    """Cơ quan. Mã chỉ có nghĩa cùng với danh mục của nó."""

    MaDonVi: Annotated[str, Field(min_length=1, max_length=255)]
    DanhMuc: Annotated[str, Field(min_length=1, max_length=100)]
    TenDonVi: NotRequired[Name]
    CapDonVi: NotRequired[Literal["", "commune", "district", "province"]]
    DonViHanhChinh: NotRequired[Unit | None]


@_RECORD
class Address(TypedDict):
    """Địa chỉ: ba cấp cũ như đã khai, và xã mới khi đã chắc chắn."""

    DiaChiChiTiet: NotRequired[Long]
    TinhCu: NotRequired[Unit | None]
    HuyenCu: NotRequired[Unit | None]
    XaCu: NotRequired[Unit | None]
    XaMoi: NotRequired[Unit | None]


@_RECORD
class Identity(TypedDict):
    """Số định danh, giữ nguyên như bản ghi cũ. 1 CCCD, 2 CMND, 3 mã số thuế, 4 hộ chiếu, 9 dạng khác."""

    SoDinhDanh: Annotated[str, Field(min_length=1, max_length=255)]
    LoaiDinhDanh: Literal["1", "2", "3", "4", "9"]
    NgayCap: NotRequired[datetime.date | None]


@_RECORD
class Owner(TypedDict):
    """Chủ hồ sơ. LoaiDoiTuong: 1 công dân, 2 doanh nghiệp, 3 cơ quan nhà nước, 4 tổ chức khác."""

    LoaiDoiTuong: Literal["1", "2", "3", "4"]
    ChuHoSo: Annotated[str, Field(max_length=500)]
    ChuHoSoGoc: NotRequired[Name]
    DinhDanhCHS: NotRequired[Identity | None]
    DiaChi: NotRequired[Address | None]
    NguoiLienHe: NotRequired[Name]
    SoDienThoai: NotRequired[Code]
    SoDienThoaiGoc: NotRequired[Code]
    Email: NotRequired[Code]
    NgaySinh: NotRequired[Code]
    GioiTinh: NotRequired[Literal["1", "2"]]


@_RECORD
class Delegate(TypedDict):
    """Người nộp thay hoặc được ủy quyền."""

    NguoiNop: Name
    NguoiNopGoc: NotRequired[Name]
    DinhDanhNguoiNop: NotRequired[Identity | None]
    SoDienThoai: NotRequired[Code]
    SoDienThoaiGoc: NotRequired[Code]
    Email: NotRequired[Code]
    DiaChi: NotRequired[Address | None]


@_RECORD
class File(TypedDict):
    """Tệp đính kèm. Nội dung tệp phải được tải lên trước, trừ khi TepBiThieu."""

    TepDinhKemId: Annotated[str, Field(min_length=1, max_length=1_000)]
    TenTepDinhKem: Annotated[str, Field(max_length=4_000)]
    LoaiTep: NotRequired[Code]
    KichThuoc: NotRequired[Annotated[int, Field(ge=0)]]
    PhienBan: NotRequired[Code]
    TepBiThieu: NotRequired[bool]


@_RECORD
class Paper(TypedDict):
    """Thành phần hồ sơ đã nộp. LoaiThanhPhan: 1 đầu vào, 3 khác, 6 nhóm, m chỉ có dấu kiểm."""

    GiayToId: Key
    MaThanhPhanHoSo: NotRequired[Code]
    MaThanhPhanTTHC: NotRequired[Code]
    TenGiayTo: NotRequired[Name]
    LoaiThanhPhan: NotRequired[Literal["1", "3", "6", "m"]]
    IsDeleted: NotRequired[bool]
    BanChinh: NotRequired[bool]
    DanhDau: NotRequired[Code]
    GhiChu: NotRequired[Long]
    DuLieuBieuMau: NotRequired[Form]
    TepDinhKem: NotRequired[File | None]


@_RECORD
class Result(TypedDict):
    """Giấy tờ kết quả: tệp kết quả của hồ sơ (file) hoặc bản ghi trong sổ kết quả (deliverable)."""

    GiayToId: Key
    NguonKetQua: Literal["file", "deliverable"]
    TenGiayTo: NotRequired[Name]
    MaGiayToKetQua: NotRequired[Code]
    SoGiayTo: NotRequired[Code]
    NgayCap: NotRequired[datetime.date | None]
    NgayHetHan: NotRequired[datetime.date | None]
    IsDeleted: NotRequired[bool]
    TepDinhKem: NotRequired[File | None]


@_RECORD
class Step(TypedDict):
    """Một bước của tiến trình xử lý."""

    BuocId: Key
    ThoiDiemXuLy: Instant | None
    NguoiXuLy: NotRequired[Name]
    MaHanhDong: NotRequired[Code]
    NoiDungXuLy: NotRequired[Name]
    MaBuocTruoc: NotRequired[Code]
    MaBuoc: NotRequired[Code]
    TenBuoc: NotRequired[Name]
    TrangThaiCu: NotRequired[Code]
    GhiChu: NotRequired[Long]
    NgayKetThucTheoQuyDinh: NotRequired[Instant | None]
    DaHuyBuoc: NotRequired[bool]
    NguoiDuocGiao: NotRequired[Annotated[list[Code], Field(max_length=1_000)]]


@_RECORD
class Fee(TypedDict):
    """Phí, lệ phí. Gia là tổng số tiền."""

    LePhiId: Key
    TenPhiLePhi: NotRequired[Name]
    Phi: NotRequired[Money]
    TamUng: NotRequired[Money]
    DichVu: NotRequired[Money]
    VanChuyen: NotRequired[Money]
    Gia: NotRequired[Money]
    TrangThaiThanhToan: NotRequired[Code]
    PhuongThucThanhToan: NotRequired[Code]
    NgayThanhToan: NotRequired[Instant | None]
    SoHoaDon: NotRequired[Name]
    GhiChu: NotRequired[Long]


@_RECORD
class SupplementRound(TypedDict):
    """Một lần yêu cầu bổ sung."""

    HoSoBoSungId: Key
    NgayBoSung: Instant | None
    NguoiYeuCauBoSung: NotRequired[Name]
    NoiDungBoSung: NotRequired[Long]
    NgayTiepNhanBoSung: NotRequired[Instant | None]
    TrangThaiBoSung: NotRequired[bool]
    NgayHenTraTruoc: NotRequired[Instant | None]
    NgayHenTraMoi: NotRequired[Instant | None]


@_RECORD
class Pause(TypedDict):
    """Khoảng thời gian tạm dừng tính hạn."""

    TamDungId: Key
    TuLuc: Instant | None
    DenLuc: NotRequired[Instant | None]


@_RECORD
class Request(TypedDict):
    """Yêu cầu của công dân: rút, sửa, …"""

    YeuCauId: Key
    LoaiYeuCau: NotRequired[Code]
    NgayYeuCau: NotRequired[Instant | None]
    NoiDung: NotRequired[Long]
    TrangThai: NotRequired[Code]


@_RECORD
class Document(TypedDict):
    """Phiếu do hệ thống cũ lập."""

    VanBanId: Key
    LoaiVanBan: NotRequired[Code]
    TenVanBan: NotRequired[Name]
    SoVanBan: NotRequired[Code]
    NgayLap: NotRequired[Instant | None]
    TepDinhKem: NotRequired[File | None]


@_RECORD
class Link(TypedDict):
    """Liên kết tới hồ sơ khác hoặc số khác; tra cứu hồ sơ được bằng mã trong liên kết."""

    LoaiLienKet: Literal["reference_uid", "group", "origin", "origin_code", "register", "counter"]
    GiaTri: Annotated[str, Field(min_length=1, max_length=1_000)]


@_RECORD
class OtherCode(TypedDict):
    """Mã khác của hồ sơ; tra cứu được như mã chính. merged: mã của bản ghi cũ đã gộp vào hồ sơ này."""

    MaHoSo: Code
    LoaiMa: Literal["second", "merged"]
    NguonHeThong: NotRequired[Annotated[str, Field(max_length=100)]]
    KhoaCu: NotRequired[Annotated[str, Field(max_length=100)]]


@_RECORD
class Postal(TypedDict):
    """Trả kết quả qua bưu chính."""

    TrangThaiBuuChinh: NotRequired[Code]
    DichVuBuuChinh: NotRequired[Name]
    SoDienThoai: NotRequired[Code]
    DiaChi: NotRequired[Address | None]
    MaGui: NotRequired[Code]
    MaNhan: NotRequired[Code]


@_RECORD
class ProcedureVersion(TypedDict):
    """Phiên bản thủ tục mà hồ sơ đã nộp theo. MaTTHC của hồ sơ có thể là thủ tục kế thừa; phần này giữ nguyên."""

    MaTTHC: Code
    DanhMuc: Annotated[str, Field(min_length=1, max_length=100)]
    TenTTHC: NotRequired[Long]
    QuyetDinhCongBo: NotRequired[Name]


@_RECORD
class Dossier(TypedDict):
    """Hồ sơ thủ tục hành chính cùng mọi thứ thuộc về nó. Hồ sơ đang mở phải nêu BuocXuLyMoi có trong quy trình."""

    NguonHeThong: Annotated[str, Field(min_length=1, max_length=100)]
    KhoaCu: Key
    MaHoSo: Annotated[str, Field(max_length=50)]
    TrangThaiHoSo: Status
    TrangThaiCu: Code
    MaTTHC: Code
    ThongTinChuHoSo: Owner
    DonViTiepNhan: Agency
    DonViXuLy: Agency
    QuyTacThamQuyen: NotRequired[Code]
    KenhThucHien: Literal["1", "2", "3"]
    NgayNopHoSo: Instant
    CanCuNgayNop: Code
    NgayTiepNhan: NotRequired[Instant | None]
    NgayHenTra: NotRequired[Instant | None]
    ThoiHan: NotRequired[Annotated[str, Field(pattern=r"^(\d{1,6}(\.\d{1,6})?)?$")]]
    DonViThoiHan: NotRequired[Literal["", "day", "hour"]]
    NgayGiaHan: NotRequired[Instant | None]
    NgayBatDauXuLy: NotRequired[Instant | None]
    NgayKetThucXuLy: NotRequired[Instant | None]
    NgayTra: NotRequired[Instant | None]
    NgayTuChoi: NotRequired[Instant | None]
    NgayYeuCauRut: NotRequired[Instant | None]
    NgayYeuCauSua: NotRequired[Instant | None]
    NgayCongDanTraLoi: NotRequired[Instant | None]
    NgayTao: NotRequired[Instant | None]
    TenTTHC: NotRequired[Long]
    MaTTHCCu: NotRequired[Code]
    PhienBanTTHC: NotRequired[ProcedureVersion | None]
    QuyTrinh: NotRequired[Code]
    MauHoSo: NotRequired[Code]
    BuocDangXuLy: NotRequired[Code]
    BuocXuLyMoi: NotRequired[Code]
    VaiTroXuLy: NotRequired[Code]
    QuyTacTrangThai: NotRequired[Code]
    TrangThaiKhoa: NotRequired[Code]
    TenHoSo: NotRequired[Name]
    TrichYeuHoSo: NotRequired[Annotated[str, Field(max_length=2_000)]]
    GhiChu: NotRequired[Long]
    GhiChuGoc: NotRequired[Form]
    ThongTinKhac: NotRequired[dict[Annotated[str, Field(max_length=255)], Form]]
    HinhThuc: NotRequired[Literal["0", "1"]]
    BuuChinh: NotRequired[Postal | None]
    NguoiDuocUyQuyen: NotRequired[Delegate | None]
    LaHoSoChuyenDoi: NotRequired[bool]
    TaiLieuNop: NotRequired[list[Paper]]
    DanhSachGiayToKetQua: NotRequired[list[Result]]
    TienTrinh: NotRequired[list[Step]]
    DanhSachLePhi: NotRequired[list[Fee]]
    DanhSachHoSoBoSung: NotRequired[list[SupplementRound]]
    DanhSachTamDung: NotRequired[list[Pause]]
    DanhSachYeuCau: NotRequired[list[Request]]
    DanhSachVanBan: NotRequired[list[Document]]
    LienKet: NotRequired[list[Link]]
    MaHoSoKhac: NotRequired[list[OtherCode]]


DOSSIER: Final = TypeAdapter(Dossier)
