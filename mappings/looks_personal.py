"""Does a value look like a person's own: a name, a number, a phone, an address, an e-mail? Pure; in doubt, yes.

Only for what is shown of an unknown database. What a declared field holds is said in :mod:`mappings.personal`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

from mappings import encodings

_FAMILIES: Final = frozenset(
    """
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly ha dinh quach bach xa phung cao ta khong kim
    chu trieu luong mai trinh luu lam dao doan to tong truong vuong thai than tang son quan nong nghiem mac ma lo la
    khuat kieu hua giang giap du diep dam cu cung chau cam be banh au an cao vi lu lo sung giang vang thao ha lau mua
    """.split()  # noqa: SIM905
)
"""Family names of Vietnam without marks, the larger ethnic groups of the north among them."""
_ORGANISATIONS: Final = re.compile(
    r"\b(cong ty|doanh nghiep|dntn|ho kinh doanh|hop tac xa|htx|chi nhanh|cua hang|tnhh|co phan)\b"
)
_PLACES: Final = re.compile(
    r"\b(thon|xom|khu|to|so nha|duong|pho|ngo|ngach|hem|ap|ban|tdp|khoi|sn|buon|lang|tieu khu|kdc)\b[ .]*[0-9a-z]"
)
_NUMBERS: Final = re.compile(r"\d{8,}|(?:\+?84|\b0)[ .-]?\d{2,3}[ .-]?\d{3}[ .-]?\d{3,4}")
_CODES: Final = re.compile(r"\d\.\d{6}[.\dGH]*|[0-9a-fA-F]{32}")


@functools.lru_cache(maxsize=65536)
def looks_personal(value: str) -> bool:
    """True when a value may tell a person, whichever way it is stored."""
    if _CODES.fullmatch(value):
        return False
    if "@" in value or _NUMBERS.search(value):
        return True
    return any(looks_like_name(text) or _tells_place(text) for text in _readings(value))


def looks_like_name(value: str) -> bool:
    """True for two to six words of letters, the first of them a family name, written as names are."""
    words = re.split(r"\s+", value.strip())
    if not 2 <= len(words) <= 6 or not all(word.isalpha() for word in words):
        return False
    if _bare(words[0]) not in _FAMILIES:
        return False
    return all(word[0].isupper() for word in words) or value.islower()


def _tells_place(value: str) -> bool:
    text = _bare(value)
    return bool(_ORGANISATIONS.search(text) or _PLACES.search(text))


def _readings(value: str) -> tuple[str, ...]:
    """The text as it stands, and as it would read if it were stored in an old encoding."""
    if value.isascii():
        return (value,)
    return (value, *(encodings.decode(value, encoding) for encoding in encodings.LEGACY))


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d").replace("Ð", "D"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()
