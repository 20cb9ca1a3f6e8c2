"""What a sample says of a column, and which of its values may be shown to people. Pure.

A value is shown when many rows carry it and nothing about it or its column looks like a person: see :func:`shown`.
Everything else is counted only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mappings.cells import Cell
from mappings.column_encodings import judge
from mappings.column_words import concepts
from mappings.dossier_codes import FORMS
from mappings.legacy_cells import NEUTRAL, UNICODE, read_cell
from mappings.looks_personal import looks_like_name, looks_personal

SHOWN_ROWS: Final = 10
"""A value that fewer rows of the sample carry is never shown."""
SHOWN_KINDS: Final = 40
"""Columns with more different values than this hold no code list: none of their values is shown."""
SHOWN_LENGTH: Final = 60
SHOWN_VALUES: Final = 12
PERSONAL_SHARE: Final = 0.02
"""Part of the different values that must look personal for the whole column to count as personal."""

_ROLES: Final = frozenset(
    {"applicant", "owner", "filer", "delegate", "representative", "contact", "recipient", "actor"}
)
PERSONAL_CONCEPTS: Final = _ROLES | {
    "phone", "mobile", "landline", "email", "address", "identity", "birth", "sex", "author", "password", "bank", "tax",
    "note", "content", "summary", "data", "commune", "district", "province",
}  # fmt: skip
"""A column whose name says one of these shows no value, whatever its cells look like: see :func:`_names_person`."""

_ENDINGS: Final = "pdf|docx?|xlsx?|jpe?g|png|gif|bmp|tiff?|zip|rar|7z|p7m|xml|txt|rtf|odt"
_BETWEEN_FILES: Final = ("##", "|", ";")
_MOMENT: Final = re.compile(r"(\d{4})-(\d{2})-\d{2}(?:[ T]\d{2}:\d{2}.*)?")
_DAY_FIRST: Final = re.compile(r"(?:\d{1,2}:\d{2}(?::\d{2})? )?\d{1,2}/(\d{1,2})/(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "dossier_code": re.compile("|".join(f"(?:{re.sub(r'[?]P<[a-z]+>', '?:', form)})" for name, form in FORMS.items()
                                        if name not in ("cmon", "electronic")), re.ASCII).fullmatch,
    "procedure_code": re.compile(r"\d\.\d{6}(?:\.(?:000\.00\.00\.)?[GH]\d{2}(?:\.\d{2})?)?").fullmatch,
    "phone": re.compile(r"(?:\+?84|0)[\d .-]{8,11}").fullmatch,
    "identity": re.compile(r"\d{9}|\d{12}").fullmatch,
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]+").fullmatch,
    "name": looks_like_name,
    "agency": re.compile(
        r"(?:Sở|Chi cục|Cục|UBND|[ỦU][yỷ] ban nhân dân|Phòng|Ban quản lý|Văn phòng|Trung tâm|Bộ phận|Thanh tra)\b.*",
        re.IGNORECASE,
    ).fullmatch,
    "file": re.compile(rf".+\.(?:{_ENDINGS})", re.IGNORECASE).fullmatch,
    "words": lambda text: len(text.split()) > 1 and any(map(str.isalpha, text)),
    "inside": re.compile(r"(?<!\d)0\d{9}(?!\d)").search,
    "uuid": re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch,
    "moment": _MOMENT.fullmatch,
    "day_first": _DAY_FIRST.fullmatch,
    "number": re.compile(r"-?\d+(?:[.,]\d+)?").fullmatch,
    "json": re.compile(r"\s*[\[{].*", re.S).fullmatch,
    "html": re.compile(r".*<[a-zA-Z/][^>]*>.*", re.S).fullmatch,
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """A column as its sample shows it. It holds no value but those of ``shown``."""

    table: str
    name: str
    type: str
    cells: int = 0
    filled: int = 0  # neither NULL nor blank
    distinct: int = 0
    shortest: int = 0
    longest: int = 0
    forms: Mapping[str, float] = field(default_factory=dict)  # form → share of the filled cells, those above zero
    first_month: str = ""  # of dates, yyyy-mm
    last_month: str = ""
    parted_by: str = ""  # of names of files: the sign between several in one cell
    encoding: str = ""  # tcvn3, vni, mixed: what the letters look like
    is_personal: bool = False
    shown: tuple[tuple[str, int], ...] = ()
    hidden: int = 0  # different values that are not shown

    @property
    def says(self) -> frozenset[str]:
        """The concepts of its name."""
        return concepts(self.name)

    @property
    def is_date(self) -> bool:
        """Whether it holds dates, by its type or by what stands in it."""
        if self.filled:
            return self.form("moment") + self.form("day_first") > 0.8
        return "date" in self.says or re.search(r"date|time", self.type, re.IGNORECASE) is not None

    @property
    def fill(self) -> float:
        """Part of the rows that have a value."""
        return self.filled / self.cells if self.cells else 0.0

    def form(self, name: str) -> float:
        """Share of the filled cells that have a form."""
        return self.forms.get(name, 0.0)


def facts(table: str, name: str, declared: str, cells: Sequence[Cell]) -> Facts:
    """What the cells of one column say."""
    texts = [text for cell in cells if cell is not None and (text := _text(cell))]
    counts = Counter(texts)
    forms = {form: n / len(texts) for form, test in _FORMS.items() if (n := sum(1 for t in texts if test(t)))}
    months = sorted(month for text in counts if (month := _month(text)))
    is_personal = _names_person(concepts(name)) or _mostly_personal(counts)
    seen = () if is_personal else shown(counts)
    return Facts(
        table, name, declared, len(cells), len(texts), len(counts), min(map(len, texts), default=0),
        max(map(len, texts), default=0), forms, months[0] if months else "", months[-1] if months else "",
        _parted(counts), _encoding(counts), is_personal, seen, len(counts) - len(seen),
    )  # fmt: skip


def shown(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """The values that may be shown with their rows: short, of a small list, carried by many, like no person's own."""
    if len(counts) > SHOWN_KINDS:
        return ()
    open_ones = [
        (value, rows)
        for value, rows in counts.items()
        if rows >= SHOWN_ROWS and len(value) <= SHOWN_LENGTH and not looks_personal(value) and not _month(value)
    ]
    return tuple(sorted(open_ones, key=lambda pair: (-pair[1], pair[0]))[:SHOWN_VALUES])


def _names_person(says: frozenset[str]) -> bool:
    """Whether a name speaks of a person. The kind of an applicant is a code list and tells nobody."""
    spoken = says & PERSONAL_CONCEPTS
    return bool(spoken - _ROLES - {"identity"} if "kind" in says else spoken)


def _mostly_personal(counts: Mapping[str, int]) -> bool:
    return sum(map(looks_personal, counts)) > PERSONAL_SHARE * len(counts)


def _parted(counts: Mapping[str, int]) -> str:
    """The sign between the names of several files, "" where every cell holds one."""
    is_file = _FORMS["file"]
    for sign in _BETWEEN_FILES:
        if any(sign in text and all(is_file(part.strip()) for part in text.split(sign) if part) for text in counts):
            return sign
    return ""


def _encoding(counts: Mapping[str, int]) -> str:
    kinds: Counter[str] = Counter()
    for text, rows in counts.items():
        if not text.isascii():
            kinds[read_cell(text).kind] += rows
    found = judge(kinds)
    return "" if found in (NEUTRAL, UNICODE) else found


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bytes):
        return cell.decode("latin-1").strip()
    return str(int(cell) if isinstance(cell, bool) else cell).strip()


def _month(text: str) -> str:
    if found := _MOMENT.fullmatch(text):
        return "" if found[1] == "0000" else f"{found[1]}-{found[2]}"
    if found := _DAY_FIRST.fullmatch(text):
        return f"{found[2]}-{int(found[1]):02d}"
    return ""
