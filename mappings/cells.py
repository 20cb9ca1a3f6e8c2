"""Cells as an old database gives them, and the run that collects what is found out about one dossier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from mappings.emit import LARGE, Memo
from mappings.model import Issue, Severity
from mappings.odd_text import is_plain, make_whole

Cell = None | bool | int | float | str | bytes
Row = Mapping[str, Cell]
Children = Mapping[str, Sequence[Row]]

VIETNAM: Final = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh as law has it. The zone file gives other offsets before 1975; no dossier is that old."""
LOCAL_ZONES: Final = frozenset({"Asia/Ho_Chi_Minh", "Asia/Saigon"})
_NOTHING: Final[AbstractSet[str]] = frozenset()


class Run:
    """One dossier on its way: its rows, and the issues and left-over values found so far."""

    __slots__ = (
        "about", "children", "extra", "filing_column", "indexes", "issues", "main", "procedure", "settled",
    )  # fmt: skip

    def __init__(self, main: Row, children: Children) -> None:
        self.main = main
        self.children = children
        self.issues: list[Issue] = []
        self.extra: dict[str, str] = {}
        self.indexes: dict[str, Mapping[str, Sequence[Any]]] = {}
        self.about = ""  # key of the child row at hand
        self.filing_column = ""
        self.procedure = ""  # the code of today
        self.settled: AbstractSet[str] = _NOTHING  # cells whose encoding somebody decided on

    def error(self, code: str, field: str, about: str = "") -> None:
        """Note a finding that quarantines the dossier."""
        self.issues.append(Issue(code, field, Severity.ERROR, about or self.about))

    def warning(self, code: str, field: str, about: str = "") -> None:
        """Note a finding that is reported."""
        self.issues.append(Issue(code, field, Severity.WARNING, about or self.about))

    def info(self, code: str, field: str, about: str = "") -> None:
        """Note what was normalised."""
        self.issues.append(Issue(code, field, Severity.INFO, about or self.about))

    def keep(self, field: str, value: str) -> None:
        """Keep a value that has no field, or the original of one that was normalised."""
        name = f"{field}.{self.about}" if self.about else field
        self.extra[name] = value if value.isascii() else value.encode("utf-8", "replace").decode()


def is_blank(cell: Cell) -> bool:
    """True for NULL and for text of nothing but spaces (the SQL counts trim spaces too)."""
    return cell is None or (isinstance(cell, str | bytes) and not cell.strip())


def code_of(cell: Cell) -> str:
    """A cell as a code to compare: text without outer spaces, the same on every database."""
    if cell is None:
        return ""
    if type(cell) is int and -LARGE < cell < LARGE:
        return str(cell)
    text = cell.strip() if type(cell) is str else plain_text(cell).strip()
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def plain_text(cell: Cell) -> str:
    """A cell that is no str as text: 1 and 0 for booleans, 5 for 5.0, replacement signs for broken bytes."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    try:
        return str(cell)
    except ValueError:  # an int of more digits than Python prints
        return "0"


def clean_text(cell: Cell, run: Run, field: str, *, is_kept: bool) -> str:
    """A cell as composed text without hidden characters and look-alikes.

    ``is_kept``: another field keeps the original, so ``extra`` need not.
    """
    if type(cell) is not str:
        if type(cell) is bytes:
            try:
                cell = cell.decode("utf-8")
            except UnicodeDecodeError:
                run.error("text_not_utf8", field)
                return plain_text(cell)
        else:
            return plain_text(cell)
    if cell.isascii() or is_plain(cell):
        return cell
    try:
        cell.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: no database text, but drivers have let it through
        run.error("text_not_utf8", field)
        return cell.encode("utf-8", "replace").decode("utf-8")
    made = make_whole(cell, is_settled=cell in run.settled)
    if made.legacy:
        run.error("text_encoding_suspected", field, f"{run.about} {made.legacy}".strip())
    for code in made.notes:
        run.info(code, field)
    if made.notes and not is_kept:
        run.keep(f"{field}.original", cell)
    return made.text


def flag_of(cell: Cell) -> bool | None:
    """A cell as a flag; None when it is NULL, blank or no flag."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return bool(cell)
    return _FLAGS.get(plain_text(cell).strip().lower() if isinstance(cell, bytes) else cell.strip().lower())


_FLAGS: Final = {"1": True, "true": True, "t": True, "y": True, "0": False, "false": False, "f": False, "n": False}


def whole_number(cell: Cell) -> int | None:
    """A cell as a whole number of 63 bits; None when it is none."""
    if isinstance(cell, int):
        number = int(cell)
    elif isinstance(cell, float):
        if not cell.is_integer():
            return None
        number = int(cell)
    else:
        text = code_of(cell)
        whole, _, part = text.partition(".")
        if len(text) > 30 or part.strip("0") or not whole.removeprefix("-").isascii():
            return None
        if not whole.removeprefix("-").isdigit():
            return None
        number = int(whole)
    return number if -(2**63) < number < 2**63 else None


# ---------------------------------------------------------------- time


class Clock:
    """Reads stored wall times of one zone as instants at +07:00, exact to the second.

    ``is_day_first``: text dd/mm/yyyy[ hh:mm[:ss]] is a time, too.
    """

    __slots__ = ("_is_day_first", "_shift", "_zone", "known", "texts")

    def __init__(self, zone: str, *, is_day_first: bool = False) -> None:
        self.known = Memo(self.instant)
        self.texts = Memo(self._text)  # instants as ISO 8601, None for a cell that is no date
        self._is_day_first = is_day_first
        self._zone: ZoneInfo | None = None
        self._shift = None if zone in LOCAL_ZONES else timedelta(hours=7)
        if zone not in LOCAL_ZONES and zone not in ("UTC", "Etc/UTC", "Z"):
            self._zone = ZoneInfo(zone)

    def instant(self, cell: Cell) -> datetime | None:
        """The instant of a stored ``YYYY-MM-DD[ HH:MM:SS[.ffffff]]``; None when it is no date."""
        if type(cell) is not str:
            return None if cell is None or isinstance(cell, bool | int | float) else self.instant(plain_text(cell))
        if self._is_day_first and cell[2:3] == "/":
            cell = _day_first(cell)
        # fromisoformat also takes 20250630 and 2025-W26-1: only the form that databases give is believed
        size = len(cell)
        if size < 10 or cell[4] != "-" or cell[7] != "-" or not cell.isascii():
            return None
        if size > 19:
            if size > 29 or cell[19] != "." or not cell[20:].isdigit():
                return None
            cell = cell[:19]
        elif size == 10:
            cell += " 00:00:00"
        elif size != 19:
            return None
        if cell[16] != ":":  # 2025-06-30 16:59+07
            return None
        try:
            stored = datetime.fromisoformat(cell)
            if self._zone is not None:
                return stored.replace(tzinfo=self._zone).astimezone(UTC).astimezone(VIETNAM)
            if self._shift:
                stored += self._shift
        except (ValueError, OverflowError):
            return None
        # one zone object for all: instants compare ten times as fast
        return datetime.combine(stored, stored.time(), VIETNAM)

    def _text(self, cell: Cell) -> str | None:
        found = self.known[cell]
        return None if found is None else str(found.isoformat())

    def day(self, cell: Cell) -> date | None:
        """The day in Vietnam of a stored date or instant; a bare date is taken as it stands."""
        if self._is_day_first and type(cell) is str and cell[2:3] == "/" and len(cell) == 10:
            cell = _day_first(cell)
        if type(cell) is str and len(cell) == 10:
            try:
                return date.fromisoformat(cell) if cell.isascii() and cell[4] == "-" and cell[7] == "-" else None
            except ValueError:
                return None
        found = self.known[cell]
        return found.date() if found else None


def _day_first(text: str) -> str:
    """dd/mm/yyyy[ hh:mm[:ss]] in the order of databases; anything else as it is."""
    if len(text) not in (10, 16, 19) or not text.isascii() or text[5] != "/" or text[10:11] not in ("", " "):
        return text
    moment = text[10:] + ":00" if len(text) == 16 else text[10:]
    return f"{text[6:10]}-{text[3:5]}-{text[:2]}{moment}"


Blank = Callable[[Row, Children, Run], tuple[Row, Children]]


def compile_blank(days: Sequence[str], keys: Mapping[str, str]) -> Blank | None:
    """``blank(row, children, run)``: NULL for a cell that holds a day which stands for no date, and a note of it.

    ``days``: YYYY-MM-DD; ``keys``: child → the column of its key. None: there is no such day.
    """
    if not days:
        return None
    nothing = frozenset(days) | {f"{day} 00:00:00" for day in days}

    def blanked(row: Row, run: Run) -> Row:
        found = [name for name, cell in row.items() if cell.__class__ is str and cell in nothing]
        for name in found:
            run.info("date_placeholder", name)
        return {**row, **dict.fromkeys(found)} if found else row

    def blank(row: Row, children: Children, run: Run) -> tuple[Row, Children]:
        made: dict[str, list[Row]] = {}
        for name, rows in children.items():
            made[name] = []
            for other in rows:
                run.about = code_of(other.get(keys.get(name, "")))
                made[name].append(blanked(other, run))
        run.about = ""
        return blanked(row, run), made

    return blank
