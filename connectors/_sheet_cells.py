"""Cells of a sheet as the rest of the house knows them: text without a spreadsheet's ways, dates as ISO text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors._sheet_shapes import Form

Raw = None | bool | int | float | str | date | datetime | time | timedelta
"""A cell as the reader of a book gives it."""

EPOCH: Final = datetime(1899, 12, 30)
SERIALS: Final = range(20_000, 80_000)  # 1954 to 2118
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")
_DAY: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})(?!\d)")
_SPOKEN: Final = re.compile(r"ngày\s*(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE)
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_TIME: Final = re.compile(r"(\d{1,2})\s*(?::|giờ|h|g)\s*(\d{2})?(?:\s*(?:phút|p)?\s*:?\s*(\d{2})?)?", re.IGNORECASE)
_MORNING: Final = re.compile(r"\b(?:am|sa)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"(?:ngày|lúc|phút|giây|am|sa|t|[\s,;.\-()])*", re.IGNORECASE)


def text_of(cell: Raw) -> str | None:
    """A cell as text: a whole number without its .0, a date as ISO; None for nothing but spaces."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def date_of(cell: Raw) -> str | None:
    """A cell of a column of dates as ``YYYY-MM-DD HH:MM:SS``; text that is no date stays as it is.

    Day before month, as the country writes; two figures are a year of this century; a bare number counts the days as
    spreadsheets do. A date without a time of day is its midnight.
    """
    if isinstance(cell, datetime):
        return _iso(cell)
    if isinstance(cell, date):
        return _iso(datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(float(cell)) or text_of(cell)
    text = text_of(cell)
    if text is None or not isinstance(cell, str):
        return text
    stripped = text.strip()
    if _SERIAL.fullmatch(stripped):
        return _serial(float(stripped)) or text
    return _read(stripped) or text


def integer_of(cell: Raw) -> str | None:
    """A cell of a column of whole numbers, money included (50.000 đ); the store makes numbers of such text."""
    text = text_of(cell)
    if text is None or not isinstance(cell, str):
        return text
    found = _MONEY.fullmatch(text.strip())
    return re.sub(r"[ .,]", "", found[1]) if found else text.strip()


_MONEY: Final = re.compile(r"([0-9]{1,3}(?:[ .,][0-9]{3})+|[0-9]+)\s*(?:đ|đồng|vnd|vnđ)?\.?", re.IGNORECASE)


READERS: Final[Mapping[Form, Callable[[Raw], str | None]]] = {
    "text": text_of,
    "date": date_of,
    "integer": integer_of,
}


def is_iso(text: str) -> bool:
    """Whether a cell of a column of dates was readable."""
    return len(text) == 19 and text[4] == text[7] == "-" and text[10] == " "


def _iso(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _serial(number: float) -> str | None:
    if int(number) not in SERIALS:
        return None
    return _iso(EPOCH + timedelta(seconds=round(number * 86_400)))


def _read(text: str) -> str | None:
    for pattern, order in ((_SPOKEN, (2, 1, 0)), (_ISO, (0, 1, 2)), (_DAY, (2, 1, 0))):
        found = pattern.search(text)
        if found is None:
            continue
        year, month, day = (int(found[1 + at]) for at in order)
        clock = _clock(text[: found.start()], text[found.end() :])
        if clock is None:
            return None
        try:
            return _iso(datetime(year + 2000 if year < 100 else year, month, day, *clock))
        except ValueError:
            return None
    return None


def _clock(before: str, after: str) -> tuple[int, int, int] | None:
    """Time of day beside a date; midnight where none is told, None where something else stands there."""
    told = (0, 0, 0)
    is_told = False
    for part in (before, after):
        found = _TIME.search(part)
        if found is not None:
            if is_told:
                return None
            told, is_told = (int(found[1]), int(found[2] or 0), int(found[3] or 0)), True
            part = part[: found.start()] + " " + part[found.end() :]
        if not _BETWEEN.fullmatch(part) or (told[0] == 12 and _MORNING.search(part)):  # is it noon or midnight?
            return None
    return told
