"""What FSS calls things: fields, statuses (mnemonics of its reports; a trailing P is a ward's)."""

from __future__ import annotations

ETH = str.maketrans("Đ", "Ð")
"""The scripts that filled its catalogues write U+00D0 for U+0110."""
NEVER = "1900-01-01 00:00:00"
"""What CONVERT(datetime, '', 103) makes of an empty field."""

FIELDS = {
    "CPKT": "Kinh tế", "CPXD": "Xây dựng", "CPLD": "Lao động, thương binh và xã hội", "CPVH": "Văn hóa",
    "CPCT": "Chứng thực", "SDND": "Nhà đất", "HSNV": "Nội vụ, hộ tịch", "HSVP": "Văn phòng",
}  # fmt: skip
FIELD_OF = {
    "Hộ tịch": "HSNV", "Chứng thực": "CPCT", "Bảo trợ xã hội": "CPLD", "Người có công": "CPLD",
    "Nuôi con nuôi": "HSNV", "Văn hóa": "CPVH", "Thể dục thể thao": "CPVH", "Di sản văn hóa": "CPVH",
    "Lâm nghiệp": "CPKT", "Hoạt động xây dựng": "CPXD", "Hạ tầng kỹ thuật": "CPXD", "Đất đai": "SDND",
    "Thành lập và hoạt động doanh nghiệp (hộ kinh doanh)": "CPKT",
}  # fmt: skip
"""Field of a procedure → MaLinhVuc; any other is the office's own (HSVP)."""

STATUS_NAMES = {
    "VTN": "Vừa tiếp nhận", "VTNP": "Vừa tiếp nhận ở phường", "LDK": "Đang giải quyết", "YBS": "Yêu cầu bổ sung",
    "YBSP": "Yêu cầu bổ sung, phường", "BHS": "Bổ sung hồ sơ", "BHSP": "Bổ sung hồ sơ, phường",
    "NBS": "Đã nhận bổ sung", "NBSP": "Đã nhận bổ sung, phường", "DTN": "Chờ trả", "CCV": "Chờ trả, chuyển văn thư",
    "DTNP": "Chờ trả ở phường", "CCVP": "Chờ trả ở phường", "DTD": "Đã trả dân", "DTDP": "Đã trả dân ở phường",
    "HUY": "Đã hủy", "HUYP": "Đã hủy ở phường",
}  # fmt: skip
OPEN_STATUSES = frozenset(STATUS_NAMES) - {"DTD", "DTDP", "HUY", "HUYP"}
UNKNOWN_STATUSES = ("TDC", "KKT", "X1", "?")
"""Codes that single fields made up for themselves."""
STREETS = ("Hùng Vương", "Đinh Tiên Hoàng", "Điện Biên Phủ", "Trần Phú", "Đại Nải", "Lê Lợi")
