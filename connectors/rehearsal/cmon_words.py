"""What CMON calls things: statuses and opinions (CMON-App, Constants.java and status_mapping.properties)."""

from __future__ import annotations

NEVER = "1753-01-01 00:00:00"
"""What stands in a required date column when nobody knows: the first day of a SQL Server datetime."""

STATUS_NAMES = {
    0: "Mới đăng ký trực tuyến", 1: "Đã tiếp nhận", 3: "Chờ bổ sung", 5: "Đã trả kết quả", 6: "Đã xử lý xong",
    8: "Không xử lý được", 12: "Chờ thực hiện liên thông", 15: "Đang xử lý", 16: "Không tiếp nhận",
    17: "Đã bổ sung chờ tiếp nhận", 18: "Đã rút hồ sơ", 19: "Mới tiếp nhận",
}  # fmt: skip
OPEN_STATUSES = frozenset({0, 1, 3, 6, 12, 15, 17, 19})
UNKNOWN_STATUSES = (2, 7, 9, 10, 11, 13)
"""Numbers that the dictionary leaves out: each office made up its own."""

RECEIVED = {
    "new": 19, "processing": 15, "interoperating": 12, "paying": 15, "waiting": 3, "releasing": 6, "done": 5,
    "denied": 16, "cancelled": 18, "unresolved": 8,
}  # fmt: skip
"""Outcome of a received dossier → its status."""

TALK, WITHDRAW, SUPPLEMENT, REFUSE, STOP = range(5)
"""Kinds of opinions."""
COUNTER_PROCESSING, COUNTER_WAITING, COUNTER_READY, COUNTER_REFUSED = range(1, 5)
"""Statuses of the counter software: 1 → 15, 2 → 3, 3 → 6, 4 → 16."""
INPUT_PHASE, RESULT_PHASE = 1, 3
CASH, TRANSFER, ONLINE = 1, 2, 3
