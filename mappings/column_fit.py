"""What stands in a column: does it fit a field, and does it tell one by itself? Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mappings.column_facts import Facts

TELLING: Final = 0.75
"""How much the content alone says, where no name says as much."""
_MOST: Final = 0.5
_FEW_WORDS: Final = 0.3
_UNKNOWN: Final = 0.4  # how well an empty column fits
_NEUTRAL: Final = 0.7  # and one whose content is not asked
_DATES: Final = frozenset({"filed", "received", "at"})
_ELSEWHERE: Final = frozenset({"issue", "identity", "commune", "district", "province", "address"})
_UNIT_NAMES: Final = ("province.name", "district.name", "commune.name")
_INSIDE: Final = ("applicant.phone", "applicant.email")
_FLAGS: Final = ("is_removed", "is_rolled_back")

_Test = Callable[[Facts], tuple[float, str]]


def lists_agencies(field: str, facts: Facts, says: frozenset[str]) -> bool:
    """Whether names of agencies stand in the column; who issued an identity card is none of ours."""
    return field == "agency.name" and facts.form("agency") > _MOST and not says & _ELSEWHERE


def is_contact(field: str, facts: Facts, says: frozenset[str]) -> bool:
    """Whether one cell holds every way to reach somebody, a phone number among other text."""
    return field in _INSIDE and "contact" in says and facts.form("inside") > _MOST


def tell(field: str, facts: Facts, says: frozenset[str]) -> str:
    """Why the content alone says that it is this field; "" when it does not."""
    if lists_agencies(field, facts, says):
        return "nội dung là tên cơ quan"
    if field.endswith("attachment.entry") and facts.form("file") > _MOST:
        return "nội dung là tên tệp"
    names = says & {"id", "number", "code"} and says & {"applicant", "owner", "filer"}
    if field == "applicant.identity.number" and names and facts.form("identity") > _MOST:
        return "nội dung là số giấy tờ"
    return ""


def fit(field: str, facts: Facts) -> tuple[float, str]:
    """0 to 1 and what it says; below 0: it cannot be."""
    tail = field.rpartition(".")[2]
    is_date = tail in _DATES or tail.endswith(("_at", "_on"))
    if tail in _FLAGS and facts.is_date and {"remove", "date"} <= facts.says:
        return 1.0, "lúc xóa: có ngày là đã xóa"
    if is_date != facts.is_date and tail != "born":
        return -1.0, ""
    if field.endswith(_UNIT_NAMES) and facts.filled and facts.form("words") < _FEW_WORDS:
        return -1.0, ""
    if not facts.filled:
        return _UNKNOWN, "cột trống trong mẫu"
    if is_date:
        return 1.0, f"ngày từ {facts.first_month} đến {facts.last_month}" if facts.first_month else "kiểu ngày"
    wanted = _WANTED.get(field) or _WANTED_OF_ANY.get(tail)
    if wanted is None:
        return _NEUTRAL, ""
    share, words = wanted(facts)
    return share, f"{words} ({share:.0%} giá trị)" if words and share >= 0.5 else ""


def _form(name: str, words: str) -> _Test:
    return lambda facts: (facts.form(name), words)


def _few(facts: Facts) -> tuple[float, str]:
    return (1.0 if facts.distinct <= 40 else 0.0), "ít mã khác nhau"


def _flag(facts: Facts) -> tuple[float, str]:
    return (1.0 if facts.distinct <= 3 else 0.0), "chỉ vài giá trị"


def _number(facts: Facts) -> tuple[float, str]:
    return facts.form("number"), "toàn số"


def _words(facts: Facts) -> tuple[float, str]:
    return 1 - facts.form("number"), "là chữ"


def _account(facts: Facts) -> tuple[float, str]:
    name = facts.form("name")
    return (name, "dạng họ tên") if name > 0.5 else (0.5, "")


def _own(facts: Facts) -> tuple[float, str]:
    unlike = facts.distinct / facts.filled
    return max(unlike, facts.form("dossier_code")) if unlike > 0.5 else 0.0, "gần như mỗi dòng một mã"


_WANTED: Final[Mapping[str, _Test]] = {
    "code": _own, "status.code": _few, "applicant.kind": _few, "channel": _few, "return_by": _few,
    "applicant.name": _form("name", "dạng họ tên"), "delegate.name": _form("name", "dạng họ tên"),
    "applicant.contact_name": _form("name", "dạng họ tên"), "procedure_name": _words,
    "procedure.code": _form("procedure_code", "dạng mã thủ tục quốc gia"),
    "fees.name": _words, "agency.name": _form("agency", "dạng tên cơ quan"),
}  # fmt: skip
_WANTED_OF_ANY: Final[Mapping[str, _Test]] = {
    "phone": _form("phone", "dạng số điện thoại"), "email": _form("email", "dạng thư điện tử"), "number": _number,
    "is_removed": _flag, "is_original": _flag, "fee": _number, "total": _number, "advance": _number,
    "service": _number, "shipping": _number, "actor": _account, "sex": _flag,
    "action": _words, "step_name": _words,
}  # fmt: skip
"""Of a field of any part or list, by the last of its name."""
