"""Compiles declared words to closures: ``get(row, run)`` gives the value of one field and notes what it finds.

Compiled once per profile, run millions of times: the usual cell (plain ASCII text, a readable date) takes the
shortest way, everything odd goes through :class:`mappings.cells.Run`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from mappings.cells import Clock, Row, Run, clean_text, code_of, whole_number
from mappings.columns import (
    Get,
    column_text,
    constant,
    dated,
    first_of,
    flag,
    joined,
    number,
    original_text,
    stepped,
    tabled,
)
from mappings.conditions import all_of, any_present, key_by, matching_rows
from mappings.crosswalk import Crosswalk, read_crosswalk
from mappings.declared import ProfileError
from mappings.model import BEFORE_MERGER, Address, Attachment, UnitRef
from mappings.spec import AddressColumns, FileColumns, Group, Lookup, UnitColumns, Value, struct_type
from mappings.steps import STEPS
from mappings.units import Units


@dataclass(frozen=True)
class Compiler:
    """What closures may look into: the zone, the units, and the reference tables indexed once."""

    clock: Clock
    units: Units
    references: Mapping[str, Sequence[Row]]
    site_dir: Path | None = None
    memo: dict[str, Mapping[str, str]] = field(default_factory=dict)
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)

    # ------------------------------------------------------------ groups

    def group(self, struct: type[msgspec.Struct], spec: Group, path: str, *, is_needed: bool = False) -> Get:
        """Build a struct from its declared fields; None when the row holds nothing for it, unless needed."""
        getters = self.getters(struct, spec, path)
        make = maker(struct, getters)
        if is_needed:
            return make
        holds = all_of(spec.when) if spec.when else any_present(_own_columns(spec))

        def build(row: Row, run: Run) -> Any:
            return make(row, run) if holds(row) else None

        return build

    def getters(self, struct: type[msgspec.Struct], spec: Group, path: str) -> dict[str, Get]:
        """One getter for each field that the group fills, originals included."""
        types = {item.name: item for item in msgspec.structs.fields(struct)}
        getters: dict[str, Get] = {}
        for name, part in spec.parts():
            kind = struct_type(types[name].type)
            own = f"{path}.{name}" if path else name
            getters[name] = self._part(kind, part, own, is_needed=types[name].required)
            if isinstance(part, Value) and part.original:
                if part.original not in types:
                    raise ProfileError(f"{own}: không có trường {part.original!r} để giữ bản gốc")
                getters[part.original] = original_text(part)
        return getters

    def _part(self, kind: Any, part: Any, path: str, *, is_needed: bool) -> Get:
        if isinstance(part, AddressColumns):
            return self.address(part, path)
        if isinstance(part, FileColumns):
            return self.attachment(part, path)
        if isinstance(part, Group):
            return self.group(kind, part, path, is_needed=is_needed)
        return self.value(kind, part, path)

    # ------------------------------------------------------------ values

    def value(self, kind: Any, spec: Value, path: str) -> Get:
        """One field of the given type (str, int, bool, date, datetime or tuple of str)."""
        getter = self._plain_value(kind, spec, path)
        if not spec.when:
            return getter
        holds, empty = all_of(spec.when), _EMPTY.get(kind)

        def guarded(row: Row, run: Run) -> Any:
            return getter(row, run) if holds(row) else empty

        return guarded

    def _plain_value(self, kind: Any, spec: Value, path: str) -> Get:
        if kind is not str and not _fits(kind, spec):
            raise ProfileError(f"{path}: trường kiểu {getattr(kind, '__name__', kind)} không nhận cách khai này")
        if kind is not str and len(spec.source) > 1:
            parts = [spec.model_copy(update={"source": (name,), "when": ()}) for name in spec.source]
            return first_of([self.value(kind, part, path) for part in parts], _EMPTY.get(kind))
        if spec.first:
            return first_of([self.value(kind, part, path) for part in spec.first], _EMPTY.get(kind))
        if spec.collect:
            return self._collect(spec.collect)
        if kind is datetime:
            return self._instant(spec, path)
        if kind is date:
            return self._day(spec, path)
        if kind is int:
            return number(spec, path)
        if kind is bool:
            return flag(spec, path)
        return self._text(spec, path)

    def _text(self, spec: Value, path: str) -> Get:
        base = self._base_text(spec, path)
        for step in (STEPS[name] for name in spec.steps):
            base = stepped(base, step, path, is_kept=bool(spec.original))
        if spec.crosswalk:
            rows = self.crosswalk(spec.crosswalk).approved
            return tabled(
                base, {code: target for (code, qualifier), target in rows.items() if not qualifier}, spec, path
            )
        return base if spec.table is None else tabled(base, spec.table, spec, path)

    def crosswalk(self, name: str) -> Crosswalk:
        """A crosswalk of the site or shipped, read once. Raises ProfileError."""
        if name not in self.crosswalks:
            self.crosswalks[name] = read_crosswalk(name, self.site_dir)
        return self.crosswalks[name]

    def _base_text(self, spec: Value, path: str) -> Get:
        if spec.value is not None:
            constant = spec.value
            return lambda row, run: constant
        if spec.child:
            return self._child_text(spec.child, path)
        if spec.reference:
            return self.reference(spec.reference)
        if len(spec.source) == 1:
            return column_text(spec.source[0], path, is_kept=bool(spec.original))
        parts = [column_text(column, path, is_kept=bool(spec.original)) for column in spec.source]
        return first_of(parts, "") if spec.join is None else joined(parts, spec.join)

    def _instant(self, spec: Value, path: str) -> Get:
        column, read = spec.source[0], self.clock.instant
        return dated(column, read, path, is_error=spec.trouble == "error")

    def _day(self, spec: Value, path: str) -> Get:
        column, read = spec.source[0], self.clock.day
        return dated(column, read, path, is_error=spec.trouble == "error")

    # ------------------------------------------------------------ look-ups

    def reference(self, spec: Lookup) -> Get:
        """The text of the only reference row that matches; "" when there is none or they disagree."""
        found = self.table(spec)
        key = key_by(tuple(spec.match.values()))
        return lambda row, run: found.get(key(row), "")

    def table(self, spec: Lookup) -> Mapping[str, str]:
        """Matching values → text of a reference, without the keys on which its rows disagree."""
        key = spec.model_dump_json()
        if key not in self.memo:
            holds, theirs = all_of(spec.when), key_by(tuple(spec.match))
            found: dict[str, str] = {}
            disagreed: set[str] = set()
            for row in self.references.get(spec.name, ()):
                if not holds(row):
                    continue
                at = theirs(row)
                text = "/".join(filter(None, (code_of(row.get(column)) for column in spec.column)))
                if found.setdefault(at, text) != text:
                    disagreed.add(at)
            self.memo[key] = {at: text for at, text in found.items() if at not in disagreed}
        return self.memo[key]

    def _child_text(self, spec: Lookup, path: str) -> Get:
        rows_of = matching_rows(spec)
        texts = [column_text(column, path, is_kept=False) for column in spec.column]

        def get(row: Row, run: Run) -> str:
            for other in rows_of(row, run):
                return "/".join(filter(None, [text(other, run) for text in texts]))
            return ""

        return get

    def _collect(self, spec: Lookup) -> Get:
        rows_of, (column,) = matching_rows(spec), spec.column

        def get(row: Row, run: Run) -> tuple[str, ...]:
            return tuple(filter(None, [code_of(other.get(column)) for other in rows_of(row, run)]))

        return get

    # ------------------------------------------------------------ units

    def address(self, spec: AddressColumns, path: str) -> Get:
        """An Address: the old triple as declared, the new commune when it is certain."""
        text = self.value(str, spec.text, f"{path}.text") if spec.text else _EMPTY_TEXT
        commune, district, province = (_unit_columns(part) for part in (spec.commune, spec.district, spec.province))
        present = any_present(_own_columns(spec))
        resolve = functools.partial(_resolve_address, units=self.units, path=path)

        def build(row: Row, run: Run) -> Address | None:
            if not present(row):
                return None
            codes = code_of(row.get(commune[0])), code_of(row.get(district[0])), code_of(row.get(province[0]))
            return Address(
                text(row, run),
                _old_unit(codes[2], row, province[1], run, path),
                _old_unit(codes[1], row, district[1], run, path),
                _old_unit(codes[0], row, commune[1], run, path),
                resolve(codes, run),
            )

        return build

    # ------------------------------------------------------------ files

    def attachment(self, spec: FileColumns, path: str) -> Get:
        """An Attachment, or None when the row names no file. A file that is gone is kept and noted."""
        name = self.value(str, spec.name, f"{path}.name")
        media_type = self.value(str, spec.media_type, path) if spec.media_type else _EMPTY_TEXT
        version = self.value(str, spec.version, path) if spec.version else _EMPTY_TEXT
        entry = spec.entry

        def build(row: Row, run: Run) -> Attachment | None:
            number = code_of(row.get(entry))
            if not number or number == "0":
                return None
            locator, size = row.get("_locator"), whole_number(row.get("_size"))
            if type(locator) is str and locator and size is not None:
                return Attachment(locator, name(row, run), media_type(row, run), size, version(row, run))
            run.warning("attachment_missing", path)
            where = locator if type(locator) is str and locator else f"{entry}:{number}"
            return Attachment(where, name(row, run), media_type(row, run), 0, version(row, run), True)

        return build


def _fits(kind: Any, spec: Value) -> bool:
    if kind == tuple[str, ...]:
        return spec.collect is not None and len(spec.collect.column) == 1
    is_plain = bool(spec.source or spec.first or (kind is bool and spec.value is not None))
    return is_plain and not (spec.steps or spec.table or spec.crosswalk or spec.join)


def _own_columns(spec: Group | AddressColumns) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for frame, column in spec.uses() if not frame))


# ---------------------------------------------------------------- structs


def maker(struct: type[msgspec.Struct], getters: Mapping[str, Get]) -> Get:
    # Positional arguments up to the last field that is filled: half the price of keywords. A plain column of ASCII
    # text or NULL, the most common cell by far, is taken here without a call.
    parts: list[tuple[str, Get]] = []
    last = 0
    for at, item in enumerate(msgspec.structs.fields(struct), start=1):
        getter = getters.get(item.name)
        last = at if getter else last
        default = None if item.default is msgspec.NODEFAULT else item.default
        parts.append((getattr(getter, "plain_column", ""), getter or constant(default)))
    parts = parts[:last]

    def make(row: Row, run: Run) -> Any:
        values: list[Any] = []
        for column, get in parts:
            if column:
                cell = row.get(column)
                if cell is None:
                    values.append("")
                    continue
                if type(cell) is str and cell.isascii():
                    values.append(cell)
                    continue
            values.append(get(row, run))
        return struct(*values)

    return make


_EMPTY: Final[Mapping[Any, Any]] = {str: "", int: 0, bool: False, tuple[str, ...]: ()}
_EMPTY_TEXT: Final = constant("")

# ---------------------------------------------------------------- units


def _unit_columns(part: UnitColumns | None) -> tuple[str, str]:
    return (part.code, part.name) if part else ("", "")


def _old_unit(code: str, row: Row, name: str, run: Run, path: str) -> UnitRef | None:
    cell = row.get(name)
    if type(cell) is not str or not cell.isascii():
        cell = clean_text(cell, run, path, is_kept=False)
    if not code and not cell:
        return None
    return UnitRef(code if code.isascii() else clean_text(code, run, path, is_kept=True), BEFORE_MERGER, cell)


def _resolve_address(codes: tuple[str, str, str], run: Run, units: Units, path: str) -> UnitRef | None:
    fate = units.resolve(*codes)
    if not fate.is_known:
        run.warning("address_unit_unknown", path)
    if fate.is_succeeded:
        run.info("unit_succeeded", path)
    if fate.candidates:
        run.warning("address_unit_split", path, " ".join(fate.candidates))
    return fate.new
