"""What a MotCua as of Đồng Nai's Department of Health calls things.

1, 4, 9, 10 and 12 are known from FE.Net. 3, 5, 7 and 11 have no public name: what they are called here, and the form of
a receipt number, are invented for the rehearsal.
"""

from __future__ import annotations

RECEIVED, PROCESSING, SUPPLEMENT, UNNAMED, RETURNED = 1, 3, 4, 5, 7
PAUSED, UNRESOLVED, FINISHED, NOT_APPROVED = 9, 10, 11, 12
STATUS_NAMES = {
    RECEIVED: "Tiếp nhận", PROCESSING: "Đang xử lý", SUPPLEMENT: "Yêu cầu bổ sung", UNNAMED: "Trả lại phòng chuyên môn",
    RETURNED: "Đã trả kết quả", PAUSED: "Tạm ngưng thẩm định", UNRESOLVED: "Không giải quyết",
    FINISHED: "Đã xử lý xong", NOT_APPROVED: "Không phê duyệt",
}  # fmt: skip
STATUSES = {
    "new": RECEIVED, "receiving": RECEIVED, "waiting": SUPPLEMENT, "paying": PROCESSING, "processing": PROCESSING,
    "interoperating": PAUSED, "releasing": FINISHED, "done": RETURNED, "denied": NOT_APPROVED,
    "cancelled": UNRESOLVED, "unresolved": UNRESOLVED,
}  # fmt: skip
"""Outcome → TrangThaiHoSoID."""
OPEN_STATUSES = frozenset({RECEIVED, PROCESSING, SUPPLEMENT, PAUSED, FINISHED})
EMPTY_DATE = "1900-01-01 00:00:00"
"""What SQL Server makes of an empty text where a datetime stands."""
SEPARATOR = "|"
