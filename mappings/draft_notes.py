"""What the writing of a draft remembers: which columns are used, which points are open; and how a guess is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mappings.column_facts import Facts
from mappings.column_fit import is_contact
from mappings.field_guess import Guess
from mappings.table_guess import Draft

MISSING: Final = "CHUA_RO"
"""Stands where a column must be named and none was found: `check` will not find it."""

OPEN: Final = "CHƯA CHỐT"

CODED: Final[Mapping[str, str]] = {
    "channel": "1 trực tiếp, 2 trực tuyến, 3 bưu chính", "return_by": "0 tại quầy, 1 bưu chính",
    "duration_unit": "day hoặc hour", "applicant.kind": "1 công dân, 2 doanh nghiệp, 3 cơ quan nhà nước, 4 tổ chức",
    "applicant.sex": "1 nam, 2 nữ",
}  # fmt: skip
"""Fields with a code list of their own: a person says which old code is which."""

_STEPS: Final[Mapping[str, str]] = {
    "code": "steps: strip", "note": "steps: html", "summary": "steps: html", "due_at": "trouble: error",
    "completed_at": "trouble: error", "finished_at": "trouble: error", "refused_at": "trouble: error",
    "applicant.name": "steps: notice_capitals, original: name_original",
    "applicant.phone": "steps: mobile_10_digits, original: phone_original",
    "delegate.phone": "steps: mobile_10_digits, original: phone_original", "steps.note": "steps: html",
    "fees.fee": "trouble: error", "fees.total": "trouble: error", "requests.note": "steps: html",
}  # fmt: skip

_INSIDE: Final = {
    "applicant.phone": "steps: [phone_inside, mobile_10_digits]", "applicant.email": "steps: email_inside",
}  # fmt: skip
"""Of a cell that holds every way to reach somebody."""

_BINARY: Final = re.compile(r"blob|binary|bytea|image", re.IGNORECASE)


@dataclass
class Tree:
    """Lines of YAML to be: key → (text, comment) or a tree below it."""

    parts: dict[str, tuple[str, str] | Tree] = field(default_factory=dict)

    def put(self, path: str, text: str, comment: str = "") -> None:
        """Set the field at a dotted path."""
        head, _, rest = path.partition(".")
        if not rest:
            self.parts[head] = (text, comment)
            return
        below = self.parts.setdefault(head, Tree())
        assert isinstance(below, Tree)
        below.put(rest, text, comment)

    def lines(self, depth: int) -> Iterator[str]:
        """Itself as YAML."""
        pad = "  " * depth
        for key, part in self.parts.items():
            if isinstance(part, Tree):
                yield f"{pad}{word(key)}:"
                yield from part.lines(depth + 1)
            else:
                yield f"{pad}{word(key)}: {part[0]}" + (f"   # {part[1]}" if part[1] else "")


def word(text: str) -> str:
    """A text as YAML: plain when it can be nothing else."""
    is_plain = re.fullmatch(r"[^\W\d][\w.]*", text) and text.lower() not in _YAML_WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_YAML_WORDS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def is_binary(facts: Facts) -> bool:
    """Whether a column holds bytes that a scan does not read."""
    return _BINARY.search(facts.type) is not None


def is_secret(facts: Facts) -> bool:
    """Whether its name says that it holds a password."""
    return "password" in facts.says


class Notes:
    """A draft at work."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.open: dict[str, str] = {}
        self.used: dict[str, set[str]] = {"": {draft.dossiers.key[0]}}  # frame → columns that fill something

    def of(self, path: str) -> Guess | None:
        """The guess for a field of the dossier."""
        return self.draft.guess(path)

    def take(self, guess: Guess, frame: str = "") -> tuple[str, str]:
        """The column of a guess as the profile names it, and the comment that tells why."""
        self.used.setdefault(frame, set()).add(guess.candidate.column)
        comment = f"{guess.score}: {guess.reason}"
        if not guess.is_sure:
            self.open[f"truong.{guess.field}"] = (
                f"Gợi ý {guess.candidate.column} cho {guess.field} chỉ được {guess.score} điểm: giữ, đổi hoặc bỏ"
            )
            comment = f"{OPEN}, {comment}"
        return word(guess.candidate.column), comment

    def needed(self, path: str, title: str) -> tuple[str, str]:
        """The column of a field that a profile cannot do without, or the mark that there is none."""
        guess = self.of(path)
        if guess is not None:
            return self.take(guess)
        self.open[f"thieu.{path}"] = f"Chưa tìm được cột {title}: điền tên cột vào chỗ {MISSING}"
        return MISSING, f"{OPEN}: chưa tìm được cột {title}"

    def value(self, guess: Guess, frame: str = "") -> tuple[str, str]:
        """A field as YAML, and its comment."""
        column, comment = self.take(guess, frame)
        if guess.field in CODED:
            self.open[f"ma.{guess.field}"] = f"Ghi mã nào của {column} là gì ({CODED[guess.field]})"
            seen = ", ".join(value for value, _ in guess.candidate.facts.shown)
            comment += f"; {OPEN}: {CODED[guess.field]}" + (f"; mã thấy: {seen}" if seen else "")
            return f"{{from: {column}, table: {{}}}}", comment
        if guess.field.endswith("is_original") and guess.candidate.says & {"quantity", "number"}:
            return f'{{value: "1", when: {{column: {column}, above: 0}}}}', f"{comment}; số bản lớn hơn 0"
        if guess.field.endswith(("is_removed", "is_rolled_back")) and guess.candidate.facts.is_date:
            return f'{{value: "1", when: {{column: {column}, empty: false}}}}', comment
        extra = _STEPS.get(guess.field)
        if is_contact(guess.field, guess.candidate.facts, guess.candidate.says):
            extra = _INSIDE[guess.field]
        return (f"{{from: {column}, {extra}}}" if extra else column), comment
