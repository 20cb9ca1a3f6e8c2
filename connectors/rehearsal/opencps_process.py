"""How a dossier walks through an old office: steps with their status, actions between steps, paths by outcome."""

from __future__ import annotations

from dataclasses import dataclass

STATUS_TEXT = {
    "new": "Hồ sơ mới nhận", "receiving": "Chờ xử lý", "waiting": "Yêu cầu bổ sung giấy tờ",
    "paying": "Chờ thanh toán", "processing": "Đang xử lý", "interoperating": "Đang xử lý liên thông",
    "releasing": "Chờ trả kết quả", "done": "Đã trả kết quả", "denied": "Từ chối xử lý",
    "unresolved": "Không giải quyết", "cancelled": "Đã rút hồ sơ", "pausing": "Tạm dừng",
    "correcting": "Yêu cầu chỉnh sửa", "handover": "Bàn giao", "posting": "Gửi bưu điện",
    "collecting": "Thu nhận", "cancelling": "Yêu cầu rút hồ sơ",
}  # fmt: skip
SUB_STATUS_TEXT = {
    "processing_1": "Chờ xử lý", "processing_3": "Chờ xử lý bổ sung", "processing_6": "Chờ phê duyệt",
    "processing_200": "Đang xử lý", "interoperating_2": "Chờ xử lý liên thông", "waiting_4": "Chờ bổ sung xử lý",
    "paying_1": "Chờ thanh toán", "releasing_0": "Chờ trả kết quả tại một cửa", "done_all": "Đã trả kết quả",
}  # fmt: skip
UNDECIDED = ("pausing", "handover", "correcting", "cancelling", "posting", "collecting", "cho_xac_nhan", "999")
"""Statuses whose meaning each office makes up for itself; the last two stand in no dictionary."""
MAPPED_TO_PORTAL = (
    ("processing", "", "4"), ("processing", "processing_1", "2"), ("waiting", "", "5"), ("releasing", "", "9"),
    ("done", "", "10"), ("denied", "", "3"),
)  # fmt: skip
"""Rows of opencps_dossierstatusmapping: the part of the list that the province filled in."""


@dataclass(frozen=True)
class Step:
    """A step of the process. What its status means is the old system's own affair."""

    code: str
    name: str
    status: str
    sub_status: str = ""
    lock_state: str = ""


STEPS = {
    step.code: step
    for step in (
        Step("100", "Hồ sơ mới nhận", "new"),
        Step("110", "Chờ tiếp nhận", "receiving"),
        Step("200", "Chờ phân công xử lý", "processing", "processing_1"),
        Step("201", "Chuyên viên xử lý", "processing", "processing_200"),
        Step("210", "Chờ lãnh đạo phê duyệt", "processing", "processing_6"),
        Step("220", "Xử lý hồ sơ bổ sung", "processing", "processing_3"),
        Step("300", "Chờ bổ sung hồ sơ", "waiting", "waiting_4"),
        Step("310", "Chờ thanh toán", "paying", "paying_1"),
        Step("320", "Chờ kết quả liên thông", "interoperating", "interoperating_2"),
        Step("330", "Tạm dừng xử lý", "pausing", "", "PAUSE"),
        Step("331", "Bàn giao hồ sơ", "handover"),
        Step("332", "Chờ chỉnh sửa", "correcting"),
        Step("333", "Chờ xác nhận rút", "cancelling"),
        Step("334", "Chuyển bưu điện", "posting"),
        Step("335", "Thu nhận hồ sơ", "collecting"),
        Step("400", "Trả kết quả tại một cửa", "releasing", "releasing_0"),
        Step("500", "Đã trả kết quả", "done", "done_all"),
        Step("600", "Từ chối", "denied"),
        Step("610", "Không giải quyết", "unresolved"),
        Step("620", "Đã rút hồ sơ", "cancelled"),
    )
}
ACTIONS = {
    ("", "100"): ("1000", "Nộp hồ sơ"),
    ("100", "110"): ("1001", "Chuyển bộ phận tiếp nhận"),
    ("100", "200"): ("1100", "Tiếp nhận hồ sơ"),
    ("110", "200"): ("1100", "Tiếp nhận hồ sơ"),
    ("200", "201"): ("1200", "Phân công xử lý"),
    ("200", "210"): ("1300", "Trình lãnh đạo phê duyệt"),
    ("201", "201"): ("1201", "Chuyển chuyên viên khác"),
    ("201", "210"): ("1300", "Trình lãnh đạo phê duyệt"),
    ("220", "210"): ("1300", "Trình lãnh đạo phê duyệt"),
    ("210", "400"): ("1400", "Phê duyệt, chuyển trả kết quả"),
    ("400", "500"): ("1500", "Trả kết quả"),
    ("201", "300"): ("1600", "Yêu cầu bổ sung hồ sơ"),
    ("300", "220"): ("1601", "Tiếp nhận hồ sơ bổ sung"),
    ("201", "310"): ("1700", "Yêu cầu thanh toán"),
    ("201", "320"): ("1800", "Gửi xử lý liên thông"),
    ("201", "330"): ("1900", "Tạm dừng xử lý"),
    ("330", "201"): ("1901", "Tiếp tục xử lý"),
    ("201", "331"): ("1902", "Bàn giao"),
    ("201", "332"): ("1903", "Yêu cầu chỉnh sửa"),
    ("201", "333"): ("1904", "Tiếp nhận yêu cầu rút"),
    ("201", "334"): ("1905", "Chuyển bưu điện"),
    ("201", "335"): ("1906", "Thu nhận"),
    ("100", "600"): ("1002", "Từ chối tiếp nhận"),
    ("201", "600"): ("1602", "Từ chối xử lý"),
    ("210", "610"): ("1603", "Không giải quyết"),
    ("201", "620"): ("1604", "Đồng ý rút hồ sơ"),
}

_PATHS = {
    "new": "100", "receiving": "100 110", "processing": "100 200 201", "paying": "100 200 201 310",
    "interoperating": "100 200 201 320", "waiting": "100 200 201 300", "releasing": "100 200 201 210 400",
    "done": "100 200 201 210 400 500", "denied": "100 200 201 600", "unresolved": "100 200 201 210 610",
    "cancelled": "100 200 201 620", "pausing": "100 200 201 330", "handover": "100 200 201 331",
    "correcting": "100 200 201 332", "cancelling": "100 200 201 333", "posting": "100 200 201 334",
    "collecting": "100 200 201 335",
}  # fmt: skip
_CAN_HAVE_ROUNDS = frozenset({"processing", "releasing", "done", "unresolved"})


def path(
    status: str, *, is_received: bool, has_round: bool = False, has_pause: bool = False, is_unassigned: bool = False
) -> list[str]:
    """The step codes that end in ``status``, with a supplement round or a pause on the way."""
    if not is_received:
        return ["100", "600"] if status == "denied" else _PATHS[status].split()
    if status in ("new", "receiving"):
        return ["100"]
    if status == "processing" and is_unassigned:
        return ["100", "200"]
    steps = _PATHS.get(status, _PATHS["processing"]).split()
    if status in _CAN_HAVE_ROUNDS:
        extra = ["330", "201"] * has_pause + ["300", "220"] * has_round
        steps[3:3] = extra
    return steps


def path_of_length(status: str, length: int) -> list[str]:
    """A path of exactly ``length`` (3 or more) steps that ends in ``status`` of a received dossier."""
    tail = [code for code in _PATHS[status].split()[2:] if code != "201"][-(length - 2) :]
    return ["100", "200", *["201"] * (length - 2 - len(tail)), *tail]
