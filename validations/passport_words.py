"""The words of a dossier's passport: what each field is called, where it stands, what its codes mean. Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from mappings.glossary import FIELDS
from mappings.model import AgencyRef, UnitRef
from validations.remedies import known_codes, title_of
from validations.report_words import STATES, STATUSES, number

LABELS: Final[Mapping[str, str]] = {
    "Dossier.code": "Mã hồ sơ", "Dossier.status": "Trạng thái", "Dossier.procedure_code": "Mã thủ tục",
    "Dossier.procedure_version": "Thủ tục lúc nộp", "Dossier.procedure_name": "Tên thủ tục",
    "Dossier.title": "Tên hồ sơ", "Dossier.summary": "Trích yếu",
    "Dossier.note": "Ghi chú", "Dossier.note_original": "Ghi chú trước khi bỏ định dạng",
    "Dossier.channel": "Cách nộp", "Dossier.process": "Quy trình ở phần mềm cũ",
    "Dossier.template": "Mẫu hồ sơ ở phần mềm cũ", "Dossier.open_step": "Bước đang dừng",
    "Dossier.lock_state": "Khóa, tạm dừng", "Dossier.filed_at": "Ngày nộp", "Dossier.received_at": "Ngày tiếp nhận",
    "Dossier.due_at": "Ngày hẹn trả", "Dossier.duration": "Thời hạn giải quyết", "Dossier.duration_unit": "Tính theo",
    "Dossier.extended_at": "Ngày gia hạn", "Dossier.processing_at": "Bắt đầu xử lý",
    "Dossier.completed_at": "Xử lý xong", "Dossier.finished_at": "Ngày trả kết quả",
    "Dossier.refused_at": "Ngày từ chối",
    "Dossier.cancel_requested_at": "Ngày xin rút", "Dossier.correction_requested_at": "Ngày xin sửa",
    "Dossier.answered_at": "Người dân trả lời", "Dossier.created_at": "Ngày tạo ở phần mềm cũ",
    "Dossier.receiving_agency": "Nơi đã nhận hồ sơ", "Dossier.handling_agency": "Nơi giải quyết tiếp",
    "Dossier.return_by": "Nhận kết quả", "Dossier.links": "Liên kết",
    "Applicant.kind": "Là", "Applicant.name": "Họ tên, tên gọi", "Applicant.name_original": "Tên như đã gõ",
    "Applicant.contact_name": "Người liên hệ", "Applicant.phone": "Điện thoại", "Applicant.email": "Thư điện tử",
    "Applicant.phone_original": "Số điện thoại cũ", "Delegate.name": "Họ tên",
    "Delegate.name_original": "Tên như đã gõ",
    "Delegate.phone": "Điện thoại", "Delegate.phone_original": "Số điện thoại cũ", "Delegate.email": "Thư điện tử",
    "Identity.number": "Số giấy tờ", "Identity.kind": "Loại giấy tờ", "Identity.issued_on": "Ngày cấp",
    "Address.text": "Địa chỉ", "Address.old": "Đơn vị hành chính cũ", "Address.new_commune": "Xã, phường từ 01/7/2025",
    "Postal.state": "Tình trạng bưu gửi", "Postal.service": "Dịch vụ bưu chính", "Postal.phone": "Điện thoại nhận",
    "Postal.code_sent": "Mã bưu gửi đi", "Postal.code_received": "Mã bưu gửi nhận",
    "Paper.code": "Mã thành phần", "Paper.name": "Tên giấy tờ", "Paper.kind": "Loại", "Paper.is_removed": "Đã gỡ",
    "Paper.is_original": "Bản chính", "Paper.mark": "Dấu kiểm", "Paper.note": "Ghi chú",
    "Paper.form_data": "Biểu mẫu điện tử", "Paper.attachment": "Tệp",
    "Result.origin": "Lấy từ", "Result.name": "Tên giấy tờ", "Result.code": "Mã", "Result.number": "Số, ký hiệu",
    "Result.issued_on": "Ngày cấp", "Result.expires_on": "Hết hạn", "Result.is_removed": "Đã gỡ",
    "Result.attachment": "Tệp",
    "Step.at": "Lúc", "Step.actor": "Người xử lý", "Step.action_code": "Mã hành động", "Step.action": "Việc đã làm",
    "Step.from_step": "Từ bước", "Step.step": "Đến bước", "Step.step_name": "Tên bước",
    "Step.status": "Trạng thái của bước", "Step.note": "Ý kiến", "Step.due_at": "Hạn của bước",
    "Step.is_rolled_back": "Đã hủy bước", "Step.assignees": "Tài khoản được giao",
    "Fee.name": "Khoản thu", "Fee.fee": "Phí", "Fee.advance": "Tạm ứng", "Fee.service": "Phí dịch vụ",
    "Fee.shipping": "Cước bưu chính", "Fee.total": "Tổng", "Fee.status": "Tình trạng", "Fee.method": "Cách trả",
    "Fee.paid_at": "Trả lúc", "Fee.invoice_no": "Số biên lai", "Fee.note": "Ghi chú",
    "SupplementRound.requested_at": "Yêu cầu lúc", "SupplementRound.requested_by": "Người yêu cầu",
    "SupplementRound.content": "Nội dung", "SupplementRound.answered_at": "Bổ sung xong lúc",
    "SupplementRound.is_done": "Đã xong", "Pause.started_at": "Từ lúc", "Pause.ended_at": "Đến lúc",
    "Request.kind": "Loại", "Request.at": "Lúc", "Request.note": "Nội dung", "Request.state": "Trạng thái",
    "Document.kind": "Loại", "Document.name": "Tên", "Document.code": "Số", "Document.at": "Lúc",
    "Document.attachment": "Tệp",
}  # fmt: skip
"""Struct and field → its name in an office. A field without one is called as the glossary explains it."""

DATES: Final = "Thời hạn"
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "Hồ sơ": (
        "code", "status", "procedure_code", "procedure_name", "procedure_version",
        "title", "summary", "note", "note_original", "channel",
        "process", "template", "open_step", "lock_state", "links",
    ),
    DATES: (
        "filed_at", "received_at", "due_at", "duration", "duration_unit", "extended_at", "processing_at",
        "completed_at", "finished_at", "refused_at", "cancel_requested_at", "correction_requested_at", "answered_at",
        "created_at",
    ),
    "Cơ quan": ("receiving_agency", "handling_agency"),
    "Chủ hồ sơ": ("applicant",),
    "Người nộp thay": ("delegate",),
    "Trả kết quả": ("return_by", "postal"),
}  # fmt: skip
"""Topic → fields at the top of the dossier. A field that no topic names comes under OTHER."""
OTHER: Final = "Thông tin khác của hồ sơ"
KEPT: Final = "Giữ nguyên từ phần mềm cũ"

LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "papers": ("Giấy tờ đã nộp", "Paper"), "results": ("Giấy tờ kết quả", "Result"),
    "supplements": ("Các lần yêu cầu bổ sung", "SupplementRound"), "pauses": ("Các lần tạm dừng", "Pause"),
    "steps": ("Quá trình xử lý", "Step"), "fees": ("Phí, lệ phí", "Fee"),
    "requests": ("Yêu cầu của người dân", "Request"),
    "documents": ("Phiếu, hóa đơn, chứng thực", "Document"),
}  # fmt: skip

CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "channel": {"1": "trực tiếp tại quầy", "2": "trực tuyến", "3": "qua bưu chính"},
    "return_by": {"0": "tại quầy", "1": "qua bưu chính"},
    "duration_unit": {"day": "ngày làm việc", "hour": "giờ"},
    "applicant.kind": {"1": "công dân", "2": "doanh nghiệp", "3": "cơ quan nhà nước", "4": "tổ chức khác"},
    "identity.kind": {"1": "căn cước 12 số", "2": "CMND 9 số", "3": "mã số thuế", "9": "dạng lạ, giữ nguyên"},
    "papers.kind": {"1": "đầu vào", "3": "khác", "6": "đầu vào của nhóm", "m": "chỉ có dấu kiểm"},
    "results.origin": {"file": "hồ sơ", "deliverable": "sổ kết quả"},
    "documents.kind": {"invoice": "hóa đơn", "payment_proof": "chứng từ thanh toán", "notarization": "chứng thực"},
    "links": {
        "reference_uid": "mã tham chiếu giữa hai bản", "group": "thuộc nhóm hồ sơ", "origin": "hồ sơ gốc (khóa)",
        "origin_code": "hồ sơ gốc (mã)", "register": "sổ", "counter": "bộ đếm",
    },
}  # fmt: skip
"""Field (its last two steps are enough) → code → what it means."""

LEVELS: Final = {"commune": "cấp xã", "district": "cấp huyện", "province": "cấp tỉnh"}
REASONS: Final[Mapping[str, str]] = {
    "": "", "source_changed": "dữ liệu ở phần mềm cũ đã đổi", "mapping_changed": "cách chuyển hoặc bộ quy tắc đã đổi",
    "decision_changed": "một quyết định mới, hoặc đã bỏ, chạm tới hồ sơ này",
    "value_corrected": "một ô của hồ sơ được sửa bằng quyết định, hoặc quyết định ấy đã bỏ",
    "again_after_excluded": "trước đây ngoài phạm vi, nay thuộc phạm vi",
    "again_after_vanished": "trước đây không thấy, nay lại thấy", "cannot_be_mapped": "không chuyển đổi được",
    "not_seen_by_a_complete_sweep": "một lượt quét trọn vẹn không còn thấy ở phần mềm cũ",
    "mapped_equal": "chuyển lại vẫn như cũ, không phải đẩy", "refused_by_target": "hệ thống mới từ chối",
}  # fmt: skip
BY: Final[Mapping[str, str]] = {
    "retry": "đưa lại bởi", "unmasked": "xem không che bởi", "rolled back": "rút khỏi hệ thống mới bởi",
    "left": "không rút được, ở lại hệ thống mới; lệnh của", "again": "cho chuyển lại bởi",
    "files taken back": "rút các tệp đã tải lên bởi",
}  # fmt: skip
ANSWERS: Final[Mapping[str, str]] = {
    "pushed": "hệ thống mới đã nhận", "quarantined": "không nhận, hồ sơ vào cách ly", "": "chưa có trả lời",
    "rolled_back": "đã rút khỏi hệ thống mới", "left": "không rút, ở lại hệ thống mới", "not_done": "chưa rút",
    "taken_back": "hệ thống mới đã nhận, sau đó đã rút lại",
}  # fmt: skip


STRUCTS: Final = {
    "applicant": "Applicant", "delegate": "Delegate", "postal": "Postal", "identity": "Identity", "address": "Address",
    "attachment": "Attachment",
}  # fmt: skip


def place(path: str) -> tuple[str, str]:
    """(struct, field) of a path in the new schema."""
    top, _, rest = path.partition(".")
    if not rest:
        return "Dossier", top
    parent = path.split(".")[-2]
    struct = LISTS[parent][1] if parent in LISTS else STRUCTS.get(parent, "")
    return struct, path.rpartition(".")[2]


def label(path: str, struct: str, field: str) -> str:
    """What an office calls a field."""
    known = LABELS.get(f"{struct}.{field}")
    if known:
        return known
    words = FIELDS.get(struct, {}).get(field, path).replace(" (riêng)", "")
    return words.partition(";")[0].partition(":")[0]


def reason(text: str) -> str:
    """Why a dossier moved."""
    if text in REASONS:
        return REASONS[text]
    begin, _, rest = text.partition(" by ")
    if begin in BY:
        return f"{BY[begin]} {rest}"
    if text.startswith("decision:"):
        return f"theo quyết định {text.removeprefix('decision:')}"
    if text in known_codes("excluded"):
        return title_of(text, "excluded").lower()
    return title_of(text) if text in known_codes() else text


def tray(state: str) -> str:
    """A tray by its name; "" before the first one."""
    return {"": "mới gặp", "EXCLUDED": "ngoài phạm vi"}.get(state) or STATES.get(state, state).lower()


def answer(outcome: str) -> str:
    """What became of a push."""
    return ANSWERS.get(outcome, outcome)


def words_of(path: str, value: Any) -> str:
    """A value as an official reads it."""
    if value is None or value == "" or value is False or value == () or value == 0:
        return ""
    if value is True:
        return "có"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, UnitRef):
        return unit(value)
    if isinstance(value, AgencyRef):
        return agency(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, int):
        if path == "status":
            return f"{STATUSES.get(value, '')} ({value})"
        return f"{number(value)} đồng" if path.startswith("fees.") else number(value)
    text = str(value)
    meaning = CODES.get(".".join(path.split(".")[-2:]), {}).get(text)
    return f"{meaning} ({text})" if meaning else text


def moment(value: datetime) -> str:
    """09:00 ngày 02/6/2025, seconds only where there are any; local time."""
    local = value.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{clock} ngày {day(local)}"


def day(value: date) -> str:
    """02/6/2025: a zero before days, and before January and February, as offices write."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"{value.day:02d}/{month}/{value.year}"


def unit(found: UnitRef) -> str:
    """Name and code of an administrative unit."""
    return f"{found.name} ({found.code})" if found.name and found.code else found.name or found.code


def agency(found: AgencyRef) -> str:
    """Name, code and level of an agency."""
    level = LEVELS.get(found.level, "")
    return ", ".join(part for part in (f"{found.name} ({found.code})" if found.name else found.code, level) if part)
