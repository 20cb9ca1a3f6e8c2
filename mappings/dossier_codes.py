"""Dossier codes as they were printed over the years: which form, which agency, which day, which serial. Pure.

Sources: Thông tư 01/2018/TT-VPCP, điều 19 (agency by QCVN 102:2016/BTTTT); Quyết định 20/2020/QĐ-TTg, điều 4; the
generators of OpenCPS, FSS HSHCQH, CMON and TD (public code). A code is never changed: what is read here only tells
whether it is as it should be, and which serials the new system must not give out again.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class DossierCode:
    """A code taken apart. ``form`` "" when no known form fits; ``day`` as it stands (yymmdd or yyyymmdd), or "".

    ``agency`` is in the order of Quyết định 20/2020/QĐ-TTg for the two national forms, else as written.
    """

    form: str
    agency: str = ""
    day: str = ""
    serial: int | None = None

    @property
    def is_national(self) -> bool:
        """Whether the form is one that the law prescribes."""
        return self.form in NATIONAL

    @property
    def on(self) -> date | None:
        """The day in the code; None when it has none or no day of the calendar."""
        text = self.day if len(self.day) == 8 else f"20{self.day}"
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None
        except ValueError:
            return None

    def is_of(self, day: date) -> bool:
        """Whether the code's day is this one, or the code has none. Two digits of a year say no century."""
        if len(self.day) == 6:
            return self.day == f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"
        return not self.day or self.day == f"{day.year:04d}{day.month:02d}{day.day:02d}"


QCVN_102: Final = "qcvn_102"
QD_20: Final = "qd_20"
NATIONAL: Final = frozenset({QCVN_102, QD_20})

FORMS: Final[dict[str, str]] = {
    QCVN_102: r"(?P<agency>[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Y]\d{2})-(?P<day>\d{6})-(?P<serial>\d{4,})",
    QD_20: r"(?P<agency>[A-Y]\d{2}(?:\.[0-9A-Z]{1,8}){0,6})-(?P<day>\d{8}|\d{6})-(?P<serial>\d{4,7})",
    "opencps": r"(?P<agency>[A-Z][0-9A-Z]{1,11})\.(?P<day>\d{6})\.(?P<serial>\d{4,7})",  # CNTBD.181121.00334
    "td_sync": r"(?P<agency>[0-9A-Z][0-9A-Z.]{0,40})-(?P<day>\d{6})-(?P<serial>\d{5})",  # its random five digits
    "fss": r"(?:19|20)\d{2}(?P<agency>[A-Z]{4})(?P<serial>\d{7})",  # year, field, serial
    "cmon": r"(?=.*\d{8})[0-9A-Z]{13}",  # thirteen characters
    "electronic": r"[0-9A-F]{8}",  # dossierIdCTN: printed for look-up before a code exists
}
"""Name → pattern of the whole code, tried in this order."""

_PATTERNS: Final = tuple((name, re.compile(pattern, re.ASCII)) for name, pattern in FORMS.items())
_UNKNOWN: Final = DossierCode("")


def read_code(code: str) -> DossierCode:
    """What a code says. Total: what fits no form has the form "" and nothing else."""
    if len(code) == 25 and code[20] == "-" and code.isascii() and code[21:].isdigit() and code[14:20].isdigit():
        agency = _qcvn_agency(code[:14])
        if agency:
            return DossierCode(QCVN_102, agency, code[14:20], int(code[21:]))
    if not 8 <= len(code) <= 64 or not code.isascii():
        return _UNKNOWN
    for name, pattern in _PATTERNS:
        match = pattern.fullmatch(code)
        if match:
            groups = match.groupdict()
            agency, serial = groups.get("agency") or "", groups.get("serial")
            agency = national_agency(agency) if name in NATIONAL else agency
            return DossierCode(name, agency, groups.get("day") or "", int(serial) if serial else None)
    return _UNKNOWN


@functools.lru_cache(4096)  # an old province has some three hundred agencies
def _qcvn_agency(head: str) -> str:
    """The agency of ``000.17.22.H56-``, the commonest beginning of a code; "" when it is another."""
    return national_agency(head[:13]) if _QCVN_HEAD.fullmatch(head) else ""


_QCVN_HEAD: Final = re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Y]\d{2}-", re.ASCII)


def national_agency(code: str) -> str:
    """An agency code in the order of Quyết định 20/2020/QĐ-TTg (province first); QCVN 102:2016 wrote it reversed."""
    groups = code.split(".")
    if _LEVEL_1.fullmatch(groups[-1]) and not _LEVEL_1.fullmatch(groups[0]):
        groups = [group for group in reversed(groups) if group.strip("0")]
    return ".".join(groups)


def is_national_agency(code: str) -> bool:
    """Whether an agency code begins with a ministry or a province."""
    return bool(_LEVEL_1.fullmatch(national_agency(code).split(".", 1)[0]))


_LEVEL_1: Final = re.compile(r"[A-Y]\d{2}", re.ASCII)
