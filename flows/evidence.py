"""What agrees between two records, in Vietnamese, for people who decide about them."""

from __future__ import annotations

from typing import Final

from mappings.sameness import read_evidence

WORDS: Final = {
    "uid": "referenceUid",
    "code": "mã hồ sơ",
    "person": "số định danh",
    "name": "tên chủ hồ sơ",
    "procedure": "thủ tục",
    "filed": "ngày nộp (lệch tối đa 1 ngày)",
    "received": "lúc tiếp nhận",
    "papers": "giấy tờ",
}
SIGNS: Final = {
    "yes": "giống",
    "no": "khác",
    "unknown": "thiếu",
    "second": "giống ở mã thứ hai",
    "some": "giống một phần",
}


def in_words(evidence: str) -> str:
    """Evidence in Vietnamese: what agrees, what differs, what one of the two lacks."""
    found: dict[str, list[str]] = {}
    for name, word in read_evidence(evidence).items():
        found.setdefault(SIGNS.get(word, word), []).append(WORDS.get(name, name))
    order = list(SIGNS.values())
    return "; ".join(f"{sign}: {', '.join(found[sign])}" for sign in sorted(found, key=order.index))


def about_in_words(about: str) -> str:
    """What an issue is about, with evidence (``uid=yes …``) told in Vietnamese."""
    head, mark, rest = about.partition("uid=")
    return f"{head.strip()}\n{in_words(mark + rest)}" if mark else about
