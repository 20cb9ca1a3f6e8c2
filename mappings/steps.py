"""The named cleaning steps a profile may use. Each is pure, total and idempotent on text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mappings.agency_names import fold_name, folded
from mappings.identity import business_kind, person_kind


@dataclass(frozen=True)
class Step:
    """A cleaning step: ``apply`` gives the new text; ``issue`` is noted when it changed (or, for a step that only
    looks, when ``apply`` would have changed it)."""

    apply: Callable[[str], str]
    issue: str = ""
    is_look: bool = False
    meaning: str = ""


def strip(text: str) -> str:
    """Take outer white space away."""
    return text.strip()


def html_to_text(text: str) -> str:
    """Text of an HTML fragment; text without a tag comes back as it is."""
    if "<" not in text or not _TAG.search(text):
        return text
    text = _HIDDEN.sub(" ", text)
    text = _BREAK.sub("\n", text)
    text = html.unescape(_TAG.sub("", text)).replace("\xa0", " ").replace("\r", "\n")
    # entities may spell a tag (&lt;b&gt;): one pass more would eat text, so its angle is opened up
    text = _TAG.sub(lambda tag: "< " + tag.group()[1:], text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


_HIDDEN: Final = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>|<!--[^<>]*-->", re.IGNORECASE)
_BREAK: Final = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*-->")


def mobile_10_digits(text: str) -> str:
    """An 11-digit mobile number in its 10-digit form of 2018 (plan of Bộ TTTT); anything else as it is."""
    if len(text) != 11 or not (text.isascii() and text.isdigit()):
        return text
    prefix = MOBILE_2018.get(text[:4])
    return prefix + text[4:] if prefix else text


MOBILE_2018: Final[Mapping[str, str]] = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038",
    "0169": "039", "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip


def plain_decimal(text: str) -> str:
    """A decimal number without idle zeros (5.000 → 5, 0.250 → 0.25); anything else as it is."""
    text = text.strip()
    whole, point, part = text.partition(".")
    if point and whole.removeprefix("-").isdigit() and (part.isdigit() or not part):
        part = part.rstrip("0")
        return f"{whole}.{part}" if part else whole
    return text


def lower_if_capitals(text: str) -> str:
    """The text in small letters when all its letters are capitals: used to notice, not to change."""
    return text.lower() if text.isupper() else text


def first_owner(text: str) -> str:
    """The first of several owners with ";" between them: used to notice, not to change."""
    first, sign, others = text.partition(";")
    return first.strip() if sign and others.strip(" ;") else text


def zero_is_none(text: str) -> str:
    """Nothing for 0, the "no such row" of Liferay's id columns."""
    return "" if text.strip() == "0" else text


def owner_kind(name: str) -> str:
    """LoaiDoiTuong of an owner by the first words of the name: 2 business, 3 state body, 4 other body, else 1."""
    if name in ("1", "2", "3", "4"):
        return name
    words = f"{fold_name(name)} "
    return next((kind for kind, starts in _OWNERS.items() if words.startswith(starts)), "1" if words.strip() else "")


_OWNERS: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(f"{word} " for word in folded(*words))
    for kind, words in {
        "2": ("công ty", "cty", "tổng công ty", "tập đoàn", "doanh nghiệp", "dntn", "hợp tác xã", "htx", "chi nhánh",
              "ngân hàng", "hộ kinh doanh", "cửa hàng"),
        "3": ("ubnd", "ủy ban nhân dân", "hđnd", "sở", "ban quản lý", "công an", "phòng giáo dục"),
        "4": ("hội", "trường", "trung tâm", "quỹ", "chùa", "giáo xứ", "ban quản trị"),
    }.items()
}  # fmt: skip


def id_kind(text: str) -> str:
    """LoaiDinhDanh of a number whose owner may be anybody: a tax number by its length, else as of a citizen."""
    return "3" if _TAX.fullmatch(text) else person_kind(text)


_TAX: Final = re.compile(r"[0-9]{10}(?:-?[0-9]{3})?")


def file_name(text: str) -> str:
    """The name of a file without the folders before it."""
    return text.strip().replace("\\", "/").rstrip("/").rpartition("/")[2]


def phone_inside(text: str) -> str:
    """The first telephone number in a text, without the signs between its digits; nothing where there is none."""
    found = _PHONE.search(text)
    return re.sub(r"[^0-9]", "", found.group()) if found else ""


def email_inside(text: str) -> str:
    """The first e-mail address in a text; nothing where there is none."""
    found = _EMAIL.search(text)
    return found.group() if found else ""


_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PHONE: Final = re.compile(r"(?<![0-9.])0[0-9](?:[ .-]?[0-9]){8,9}(?![0-9])")


STEPS: Final[Mapping[str, Step]] = {
    "strip": Step(strip, meaning="bỏ khoảng trắng hai đầu"),
    "html": Step(html_to_text, "html_stripped", meaning="HTML thành chữ, giữ bản gốc"),
    "mobile_10_digits": Step(mobile_10_digits, "phone_converted", meaning="số di động 11 số thành 10 số (2018)"),
    "notice_capitals": Step(lower_if_capitals, "name_all_caps", is_look=True, meaning="ghi nhận tên viết hoa cả"),
    "notice_several_owners": Step(
        first_owner, "owners_several", is_look=True, meaning="ghi nhận nhiều chủ ngăn bằng dấu ;"
    ),
    "person_id_kind": Step(person_kind, meaning="loại giấy tờ của công dân theo dạng của số"),
    "business_id_kind": Step(business_kind, meaning="loại mã số của tổ chức theo dạng"),
    "owner_kind": Step(owner_kind, meaning="loại chủ hồ sơ theo chữ đầu của tên (Công ty, UBND, Trường…)"),
    "id_kind": Step(id_kind, meaning="loại giấy tờ theo dạng của số, khi chưa biết là công dân hay tổ chức"),
    "file_name": Step(file_name, meaning="tên tệp, không kèm thư mục"),
    "phone_inside": Step(phone_inside, meaning="số điện thoại nằm trong một ô chữ (địa chỉ, số điện thoại)"),
    "email_inside": Step(email_inside, meaning="địa chỉ thư điện tử nằm trong một ô chữ"),
    "plain_decimal": Step(plain_decimal, meaning="số thập phân không có số 0 thừa"),
    "zero_is_none": Step(zero_is_none, meaning="0 nghĩa là không có"),
}
