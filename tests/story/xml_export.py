"""XML of the shape that the profile xml_mau declares, as an old system would have exported it."""

from __future__ import annotations

import base64

PDF = base64.b64encode(b"%PDF-1.4 " + bytes(range(256)) * 40).decode()


def dossier(number: int, state: int = 10, *, filed: str = "2025-06-02T09:00:00+07:00", extra: str = "") -> str:
    """A birth registered at a commune; state 10: handed over."""
    return f"""<HoSo id="{number}"><MaHoSo>000.01.21.H44-250602-{number:04}</MaHoSo>
  <ThuTuc ma="1.001193">Thủ tục đăng ký khai sinh</ThuTuc><TrangThai>{state}</TrangThai><KenhTiepNhan>1</KenhTiepNhan>
  <NgayNop>{filed}</NgayNop><NgayTiepNhan>{filed}</NgayTiepNhan><NgayHenTra>2025-06-16T09:00:00+07:00</NgayHenTra>
  <NgayXong>2025-06-10T09:00:00+07:00</NgayXong><NgayTra>2025-06-11T15:00:00+07:00</NgayTra>
  <TrichYeu>Khai sinh <b>cho con</b></TrichYeu>
  <ChuHoSo loai="1"><HoTen>Nguyễn Thị Mẫu</HoTen><SoGiayTo ngayCap="2021-05-04">025190000001</SoGiayTo>
    <DienThoai>0912345678</DienThoai><DiaChi tinh="25" huyen="237" xa="08494">Khu 3</DiaChi></ChuHoSo>
  <GiayToKemTheo><GiayTo ma="TP01"><Ten>Tờ khai</Ten>
    <Tep ten="don.pdf" loai="application/pdf">{PDF}</Tep></GiayTo></GiayToKemTheo>
  <KetQua so="{number}/2025" ngayCap="2025-06-10"><Ten>Giấy khai sinh</Ten><Tep>kq/{number}.pdf</Tep></KetQua>
  <QuaTrinh><Buoc><Luc>2025-06-02T09:05:00+07:00</Luc><Nguoi>Trần Văn Ví</Nguoi><Viec>Tiếp nhận</Viec></Buoc></QuaTrinh>
  <LePhi><Khoan><Ten>Lệ phí</Ten><SoTien>8000</SoTien><NgayNop>2025-06-02T09:06:00+07:00</NgayNop></Khoan></LePhi>
  {extra}</HoSo>"""


def exported(*dossiers: str) -> str:
    agency = '<DonVi ma="H44.01">UBND thị trấn Lâm Thao</DonVi>'
    head = f'<XuatHoSo xmlns="urn:lienthong:xuat-ho-so:1" lucXuat="2025-07-05">{agency}'
    return f"{head}\n{''.join(dossiers)}</XuatHoSo>"
