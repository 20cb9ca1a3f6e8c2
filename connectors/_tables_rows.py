"""A dossier as rows of a new system's tables, and back again: what is written must read back as the same dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from typing import Any, Final

import msgspec

from connectors._tables_plan import Cell, TablePlan, TablesPlan
from connectors.base import Cell as Value
from connectors.base import Push

LOCAL: Final = timezone(timedelta(hours=7))
_ZONE: Final = "+07:00"
_SECONDS: Final = 19  # letters of a moment to the second

Values = tuple[Value, ...]


def made_id(*parts: str) -> str:
    """A GUID that is the same whenever the same thing is written: writing twice cannot make two."""
    text = blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-a{text[17:20]}-{text[20:]}"


@dataclass(frozen=True)
class Wanted:
    """The rows of one dossier as they are to stand there. ``lists``: of each list table its rows, in order."""

    push: Push
    id: str
    number: str
    main: Values
    lists: tuple[tuple[Values, ...], ...]
    files: tuple[str, ...]  # locators


@dataclass(frozen=True)
class Held:
    """The rows of one dossier as they stand there: every column of their tables, by lower-case name."""

    id: str
    main: Mapping[str, Value]
    lists: tuple[tuple[Mapping[str, Value], ...], ...]


class Rows:
    """What one plan says, in both directions."""

    def __init__(self, plan: TablesPlan) -> None:
        self._plan = plan
        self._number_at = [cell.column for cell in plan.main.cells].index(plan.number)

    def columns(self, table: TablePlan) -> tuple[str, ...]:
        """The columns that are written of a table, in order."""
        return table.columns if table.path else (*table.columns, self._plan.rest, self._plan.stamp)

    def write(self, push: Push, file_path: Callable[[str], str], now: str) -> Wanted:
        """The rows of a dossier. ``file_path``: locator → path below the folder of files; ``now``: local time."""
        plan, body = self._plan, msgspec.json.decode(push.body)
        own, files = made_id(push.source_id, push.key), tuple(self.locators(body))
        for name in plan.lost:
            body.pop(name, None)
        main = [_written(cell, body, file_path) for cell in plan.main.cells]
        number = str(main[self._number_at] or "")
        lists = tuple(self._elements(table, own, number, body, file_path) for table in plan.lists)
        rest = msgspec.json.encode(body, order="deterministic").decode()
        return Wanted(push, own, number, (own, *main, *plan.main.fixed.values(), rest, now), lists, files)

    def _elements(
        self, table: TablePlan, own: str, number: str, body: dict[str, Any], file_path: Callable[[str], str]
    ) -> tuple[Values, ...]:
        """The rows of a list; without a number there is nothing to hang them on, and all stays in the rest."""
        elements, fixed = body.get(table.path, ()), tuple(table.fixed.values())
        is_by_number = table.parent[1] == self._plan.number
        if is_by_number and not number:
            return ()
        parent = number if is_by_number else own
        return tuple(
            (
                made_id(own, table.path, str(at)),
                parent,
                *[_written(cell, element, file_path) for cell in table.cells],
                *fixed,
            )
            for at, element in enumerate(elements)
        )

    def locators(self, body: Mapping[str, Any]) -> Iterator[str]:
        """Every file that the dossier names and that exists, once each."""
        words, seen = self._plan.files, set()
        for name in words.lists:
            for element in body.get(name, ()):
                file = element.get(words.file)
                if file and not file.get(words.missing) and file[words.locator] not in seen:
                    seen.add(file[words.locator])
                    yield file[words.locator]

    def locators_of(self, body: bytes) -> tuple[str, ...]:
        """The same for a body as it travels."""
        return tuple(self.locators(msgspec.json.decode(body)))

    # ------------------------------------------------------------ what is there

    def key_of(self, held: Held, source_id: str) -> str | None:
        """The old key of a dossier of this source; None for any other."""
        rest = _decoded(held.main.get(self._plan.rest.lower()))
        key = rest.get(self._plan.key)
        return key if isinstance(key, str) and rest.get(self._plan.source) == source_id else None

    def version(self, held: Held) -> str:
        """A name for exactly what is held, columns that nobody declared among it; what is NULL does not count."""
        rows = [held.main, *(row for rows in held.lists for row in rows)]
        filled = [[(name, value) for name, value in row.items() if value is not None] for row in rows]
        return blake2b(repr(filled).encode(), digest_size=8).hexdigest()

    def differing(self, wanted: Wanted, held: Held) -> Iterator[str]:
        """Our name of everything that is not held as it was written."""
        plan = self._plan
        yield from _differing(plan.main, wanted.main, held.main)
        if not _is_same_rest(wanted.main[-2], held.main.get(plan.rest.lower())):
            yield plan.rest
        for table, rows, there in zip(plan.lists, wanted.lists, held.lists, strict=True):
            known = {as_id(row[table.id.lower()]): row for row in there}
            if len(known) != len(rows):
                yield table.path
            for row in rows:
                if row[0] in known:
                    yield from (f"{table.path}.{name}" for name in _differing(table, row, known[str(row[0])]))

    def body(self, held: Held) -> bytes:
        """The dossier in our words again."""
        body = _decoded(held.main.get(self._plan.rest.lower()))
        for cell in self._plan.main.cells:
            _read(cell, held.main, body)
        is_numbered = bool(held.main.get(self._plan.number.lower()))
        for table, rows in zip(self._plan.lists, held.lists, strict=True):
            is_hung = is_numbered or table.parent[1] != self._plan.number
            if is_hung and (rows or table.path in body):
                body[table.path] = self._read_elements(table, held.id, rows, body.get(table.path, []))
        return msgspec.json.encode(body)

    def _read_elements(
        self, table: TablePlan, own: str, rows: Sequence[Mapping[str, Value]], rests: Sequence[Any]
    ) -> list[Any]:
        """Elements in their order; one without its row is gone, a row that we did not make comes last."""
        known = {as_id(row[table.id.lower()]): row for row in rows}
        places = [(known.pop(made_id(own, table.path, str(at)), None), rest) for at, rest in enumerate(rests)]
        found = [_element(table, row, rest) for row, rest in places if row is not None]
        return [*found, *(_element(table, row, {}) for row in known.values())]


def as_id(value: Value) -> str:
    """A GUID as we make it: SQL Server answers in capitals."""
    return str(value).lower()


def _element(table: TablePlan, row: Mapping[str, Value], element: dict[str, Any]) -> dict[str, Any]:
    for cell in table.cells:
        _read(cell, row, element)
    return element


# ---------------------------------------------------------------- one cell


def _written(cell: Cell, body: dict[str, Any], file_path: Callable[[str], str]) -> Value:
    """The value of a column; ours leaves the body unless it must stay there, too."""
    empty: Value = "" if cell.is_required and cell.kind in ("text", "code") else None
    above: Any = body
    for name in cell.ours[:-1]:
        above = above.get(name)
        if above is None:
            return empty
    value = above.get(cell.ours[-1])
    if value is None or value == "":
        return empty
    if cell.kind == "text":
        if (cell.longest and len(value) > cell.longest) or (cell.is_narrow and not value.isascii()):
            return empty
        written: Value = value
    elif cell.kind == "instant":
        written = _moment(value)
    elif cell.kind == "code":
        if str(value) not in cell.codes:
            return empty
        written = cell.codes[str(value)]
    elif cell.kind == "file":
        written = file_path(value)
    else:
        written = value if cell.kind == "day" else int(value)
    if not cell.is_copy:
        del above[cell.ours[-1]]
    return written


def _moment(text: str) -> str:
    """Local wall time to the second."""
    if not text.endswith(_ZONE) or len(text) != _SECONDS + len(_ZONE):
        text = datetime.fromisoformat(text).astimezone(LOCAL).isoformat(timespec="seconds")
    return f"{text[:10]} {text[11:_SECONDS]}"


def _plain(value: Value, kind: str) -> str:
    """A value as written or as read, so that the same is the same on every database."""
    if value is None:
        return ""
    text = str(value)
    if kind in ("number", "flag"):
        with suppress(ValueError):  # a clerk may write a word into a column of digits
            text = f"{float(value):.17g}"
    if kind == "instant":
        return text[:_SECONDS].replace("T", " ") if not text[_SECONDS:].strip(".0") else text
    return text[:10] if kind == "day" else text


def _read(cell: Cell, row: Mapping[str, Value], body: dict[str, Any]) -> None:
    """Put what a column holds back into its place in the body."""
    if cell.is_copy:
        return
    value = row.get(cell.key)
    text = "" if value is None else _plain(value, cell.kind)
    if not text:
        return
    found: Any = text
    if cell.kind == "instant":
        found = f"{text[:10]}T{text[11:]}{_ZONE}"
    elif cell.kind == "code":
        found = next((ours for ours, theirs in cell.codes.items() if theirs == text), text)
    elif cell.kind == "number":
        found = int(text) if text.lstrip("-").isdecimal() else text
    elif cell.kind == "flag":
        found = text != "0"
    above = body
    for name in cell.ours[:-1]:
        above = above.setdefault(name, {})
    above[cell.ours[-1]] = found


def _differing(table: TablePlan, wanted: Values, held: Mapping[str, Value]) -> Iterator[str]:
    first = 1 + bool(table.parent[0])
    for cell, value in zip(table.cells, wanted[first:], strict=False):
        found = held.get(cell.key)
        if found != value and _plain(found, cell.kind) != _plain(value, cell.kind):
            yield ".".join(cell.ours)
    for column, value in table.fixed.items():
        found = held.get(column.lower())
        if found != value and _plain(found, "number") != _plain(value, "number"):
            yield column


def _is_same_rest(wanted: Value, held: Value) -> bool:
    return wanted == held or _decoded(wanted) == _decoded(held)


def _decoded(rest: Value) -> dict[str, Any]:
    """The JSON in a text column; empty when it is none."""
    if not isinstance(rest, str | bytes):
        return {}
    try:
        found = msgspec.json.decode(rest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
