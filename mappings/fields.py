"""Compiles declared words to closures: ``get(row, run)`` gives the value of one field and notes what it finds.

Compiled once per profile, run millions of times: the usual cell (plain ASCII text, a readable date) takes the
shortest way, everything odd goes through :class:`mappings.cells.Run`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import structs

from mappings.cells import Cell, Clock, Row, Run, clean_text, code_of, whole_number
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
from mappings.conditions import all_of, any_present, emit_key, first_match, key_by, matching_codes
from mappings.crosswalk import Crosswalk, read_crosswalk
from mappings.declared import ProfileError
from mappings.emit import Code, Memo, emitting, is_count, made_of
from mappings.model import BEFORE_MERGER, Address, Attachment, Issue, Paper, UnitRef
from mappings.papers import Components, compile_component
from mappings.spec import AddressColumns, FileColumns, Group, Lookup, UnitColumns, Value, struct_type
from mappings.steps import STEPS
from mappings.units import Units, declared_codes

Way = TypeVar("Way", bound=Callable[..., Any])


@dataclass(frozen=True)
class Compiler:
    """What closures may look into: the zone, the units, and the reference tables indexed once."""

    clock: Clock
    units: Units
    references: Mapping[str, Sequence[Row]]
    site_dir: Path | None = None
    components: Components = field(default_factory=dict)
    memo: dict[str, Mapping[str, str]] = field(default_factory=dict)
    clean: set[str] = field(default_factory=set)  # texts that need no cleaning, see mappings.emit
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)
    with_drafts: bool = False  # a rehearsal: drafted rows of crosswalks map

    def watch(self, path: str, name: str, way: Way) -> Way:
        """One of the ways in which the engine itself may fill ``path``; a tracing compiler hears its answers."""
        return way

    # ------------------------------------------------------------ groups

    def group(self, struct: type[msgspec.Struct], spec: Group, path: str, *, is_needed: bool = False) -> Get:
        """Build a struct from its declared fields; None when the row holds nothing for it, unless needed."""
        make = maker(struct, self.getters(struct, spec, path), self.clean)
        if is_needed:
            return make
        holds = all_of(spec.when) if spec.when else any_present(_own_columns(spec))

        def emit(code: Code) -> str:
            found = code.put("None")
            with code.block(f"if {code.test(holds)}:"):
                code.line(f"{found} = {code.value(make)}")
            return found

        return made_of(emit, self.clean)

    def getters(self, struct: type[msgspec.Struct], spec: Group, path: str) -> dict[str, Get]:
        """One getter for each field that the group fills, originals included."""
        types = {item.name: item for item in msgspec.structs.fields(struct)}
        getters: dict[str, Get] = {}
        for name, part in spec.parts():
            kind = struct_type(types[name].type)
            own = f"{path}.{name}" if path else name
            if struct is Paper and name == "component":
                getters[name] = self.component(part, own)
                continue
            getters[name] = self._part(kind, part, own, is_needed=types[name].required)
            if isinstance(part, Value) and part.original:
                if part.original not in types:
                    raise ProfileError(f"{own}: không có trường {part.original!r} để giữ bản gốc")
                getters[part.original] = original_text(part)
        return getters

    def component(self, spec: Value, path: str) -> Get:
        """The component of the procedure that a paper is, by its names."""
        return compile_component(spec, self.reference, self.components)

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

        def emit(code: Code) -> str:
            found = code.put(code.bind(empty))
            with code.block(f"if {code.test(holds)}:"):
                code.line(f"{found} = {code.value(getter)}")
            return found

        return emitting(guarded, emit)

    def _plain_value(self, kind: Any, spec: Value, path: str) -> Get:
        if kind is not str and not _fits(kind, spec):
            raise ProfileError(f"{path}: trường kiểu {getattr(kind, '__name__', kind)} không nhận cách khai này")
        if kind is not str and len(spec.source) > 1:
            parts = [spec.model_copy(update={"source": (name,), "when": ()}) for name in spec.source]
            return first_of([self.value(kind, part, path) for part in parts], _EMPTY.get(kind))
        if spec.first:
            return first_of([self.value(kind, part, path) for part in spec.first], _EMPTY.get(kind))
        if spec.collect:
            return matching_codes(spec.collect)
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
        base = self._day_text(base) if spec.is_day else base
        for step in (STEPS[name] for name in spec.steps):
            base = stepped(base, step, path, is_kept=bool(spec.original))
        if spec.crosswalk:
            rows = self.crosswalk(spec.crosswalk)
            plain = {code: target for (code, qualifier), target in rows.usable.items() if not qualifier}
            waiting = {code: f"{rows.name} {code}" for code, qualifier in rows.waiting if not qualifier}
            return tabled(base, plain, spec, path, waiting)
        return base if spec.table is None else tabled(base, spec.table, spec, path)

    def _day_text(self, base: Get) -> Get:
        """A stored midnight as the day that it was: in UTC it is an hour of the day before."""

        def get(row: Row, run: Run) -> str:
            text: str = base(row, run)
            day = self.clock.day(text)
            return f"{day:%d/%m/%Y}" if day else text

        return get

    def crosswalk(self, name: str, targets: Container[str] | None = None) -> Crosswalk:
        """A crosswalk of the site or shipped, read once. Raises ProfileError."""
        if name not in self.crosswalks:
            found = read_crosswalk(name, self.site_dir, with_drafts=self.with_drafts, targets=targets)
            self.crosswalks[name] = found
        return self.crosswalks[name]

    def _base_text(self, spec: Value, path: str) -> Get:
        if spec.value is not None:
            return constant(spec.value)
        if spec.child:
            return self._child_text(spec.child, path)
        if spec.reference:
            return self.reference(spec.reference)
        if len(spec.source) == 1:
            return column_text(spec.source[0], path, is_kept=bool(spec.original))
        parts = [column_text(column, path, is_kept=bool(spec.original)) for column in spec.source]
        return first_of(parts, "") if spec.join is None else joined(parts, spec.join)

    def _dated_child(self, spec: Lookup, read: Callable[[Cell], Any], path: str, *, is_error: bool) -> Get:
        """A date or instant of the first matching row of a child."""
        first = first_match(spec)
        inner = dated(spec.column[0], read, path, is_error=is_error)

        def get(row: Row, run: Run) -> Any:
            other = first(row, run)
            return inner(other, run) if other is not None else None

        return get

    def _instant(self, spec: Value, path: str) -> Get:
        return self._dated(spec, self.clock.known.__getitem__, path)

    def _day(self, spec: Value, path: str) -> Get:
        return self._dated(spec, self.clock.day, path)

    def _dated(self, spec: Value, read: Callable[[Cell], Any], path: str) -> Get:
        if spec.child:
            return self._dated_child(spec.child, read, path, is_error=spec.trouble == "error")
        return dated(spec.source[0], read, path, is_error=spec.trouble == "error")

    # ------------------------------------------------------------ look-ups

    def reference(self, spec: Lookup) -> Get:
        """The text of the only reference row that matches; "" when there is none or they disagree."""
        columns, known = self.reference_memo(spec)

        def emit(code: Code) -> str:
            return code.put(f"{code.bind(known)}[{''.join(f'{code.cell(column)}, ' for column in columns)}]")

        return emitting(lambda row, run: known[tuple([row.get(column) for column in columns])], emit)

    def reference_memo(self, spec: Lookup) -> tuple[tuple[str, ...], Memo]:
        """The columns that a reference is asked by, and a memo from their cells to its text."""
        found = self.table(spec)
        columns = tuple(spec.match.values())
        key = key_by(columns)
        return columns, Memo(lambda cells: found.get(key(dict(zip(columns, cells, strict=True))), ""))

    def table(self, spec: Lookup) -> Mapping[str, str]:
        """Matching values → text of a reference, without the keys on which its rows disagree."""
        key = spec.model_dump_json()
        if spec.json_in:
            raise ProfileError(f"{spec.name}: json chỉ dùng với bảng con (child), không dùng với danh mục")
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
        first = first_match(spec)
        texts = [column_text(column, path, is_kept=False) for column in spec.column]

        def get(row: Row, run: Run) -> str:
            other = first(row, run)
            return "/".join(filter(None, [text(other, run) for text in texts])) if other is not None else ""

        return emitting(get, lambda code: _if_any(code, spec.name, get, ""))

    # ------------------------------------------------------------ units

    def address(self, spec: AddressColumns, path: str) -> Get:
        """An Address: the old triple as declared, the new commune when it is certain."""
        text = self.value(str, spec.text, f"{path}.text") if spec.text else _EMPTY_TEXT
        commune, district, province = (_unit_columns(part) for part in (spec.commune, spec.district, spec.province))
        columns = (*province, *district, *commune)
        known = Memo(functools.partial(_read_place, units=self.units, path=path))
        is_ours = all_of(spec.units_when)

        def emit(code: Code) -> str:
            found = code.put("None")
            with code.block(f"if {code.test(present)}:"):
                words = code.value(text)
                cells = f"({', '.join(code.cell(column) for column in columns)})"
                if spec.units_when:
                    cells = f"{cells} if {code.test(is_ours)} else {(None,) * len(columns)}"
                place = code.put(f"{code.bind(known)}[{cells}]")
                some = f" if {words} or any({place}.units) else None" if spec.units_when else ""
                code.line(f"{found} = {code.bind(Address)}({words}, *{place}.units){some}")
                code.line(f"if {place}.issues: {code.bind(_note_place)}({place}, run)")
            return found

        present = any_present(_address_columns(spec))
        return made_of(emit, self.clean)

    # ------------------------------------------------------------ files

    def attachment(self, spec: FileColumns, path: str) -> Get:
        """An Attachment, or None when the row names no file. A file that is gone is kept and noted."""
        name = self.value(str, spec.name, f"{path}.name")
        media_type = self.value(str, spec.media_type, path) if spec.media_type else _EMPTY_TEXT
        version = self.value(str, spec.version, path) if spec.version else _EMPTY_TEXT
        entry = spec.entry

        def found(locator: Cell, size: Cell, number: str, run: Run) -> tuple[str, int, bool]:
            where = code_of(locator) if type(locator) is str else ""
            whole = None if size is None else whole_number(size)
            if where and whole is not None:
                return where, whole, False
            run.warning("attachment_missing", path)
            return where or f"{entry}:{number}", 0, True

        def emit(code: Code) -> str:
            made = code.put("None")
            number = emit_key(code, (entry,))
            with code.block(f"if {number} and {number} != '0':"):
                locator, size = code.cell("_locator"), code.cell("_size")
                where = code.put(f"({locator}, {size}, False)")
                code.line(
                    f"if not ({locator} and {locator}.__class__ is str and {locator}.isascii() and "
                    f"{is_count(size)}): {where} = {code.bind(found)}({locator}, {size}, {number}, run)"
                )
                words = [code.value(word) for word in (name, media_type, version)]
                code.line(
                    f"{made} = {code.bind(Attachment)}({where}[0], {words[0]}, {words[1]}, {where}[1], "
                    f"{words[2]}, {where}[2])"
                )
            return made

        return made_of(emit, self.clean)


def _fits(kind: Any, spec: Value) -> bool:
    if kind == tuple[str, ...]:
        return spec.collect is not None and len(spec.collect.column) == 1
    is_dated = kind in (date, datetime) and spec.child is not None and len(spec.child.column) == 1
    is_plain = bool(spec.source or spec.first or is_dated or (kind is bool and spec.value is not None))
    return is_plain and not (spec.steps or spec.table or spec.crosswalk or spec.join)


def _address_columns(spec: AddressColumns) -> tuple[str, ...]:
    """The columns that an address is made of; those that are only tested say nothing of where it is."""
    texts = [spec.text, *(spec.text.first if spec.text else ())]
    found = [column for text in texts if text for column in text.source]
    for part in (spec.province, spec.district, spec.commune):
        found += [column for _, column in part.uses()] if part else []
    return tuple(dict.fromkeys(found))


def _own_columns(spec: Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for frame, column in spec.uses() if not frame))


# ---------------------------------------------------------------- structs


def maker(struct: type[msgspec.Struct], getters: Mapping[str, Get], clean: set[str]) -> Get:
    """A getter of one struct, positional up to the last field that is filled: half the price of keywords."""
    parts: list[Get] = []
    last = 0
    for at, item in enumerate(msgspec.structs.fields(struct), start=1):
        getter = getters.get(item.name)
        last = at if getter else last
        parts.append(getter or constant(None if item.default is msgspec.NODEFAULT else item.default))
    parts = parts[:last]

    def emit(code: Code) -> str:
        values = [code.value(part) for part in parts]
        return code.put(f"{code.bind(struct)}({', '.join(values)})")

    return made_of(emit, clean)


def _if_any(code: Code, child: str, get: Get, empty: Any) -> str:
    """Rows of a child that this dossier does not have need no call."""
    return code.put(f"{code.bind(get)}(row, run) if run.children.get({child!r}) else {code.bind(empty)}")


_EMPTY: Final[Mapping[Any, Any]] = {str: "", int: 0, bool: False, tuple[str, ...]: ()}
_EMPTY_TEXT: Final = constant("")

# ---------------------------------------------------------------- units


def _unit_columns(part: UnitColumns | None) -> tuple[str, str]:
    return (part.code, part.name) if part else ("", "")


class _Place(NamedTuple):
    """The units of an address, and what was noted on the way; the same for every dossier that gives these cells."""

    units: tuple[UnitRef | None, UnitRef | None, UnitRef | None, UnitRef | None]  # province, district, commune, new
    issues: tuple[Issue, ...]
    originals: Mapping[str, str]


def _read_place(cells: tuple[Cell, ...], units: Units, path: str) -> _Place:
    run = Run({}, {})
    codes = declared_codes(cells[::2])
    old = [_old_unit(code, name, run, path) for code, name in zip(codes, cells[1::2], strict=True)]
    fate = units.resolve(codes[2], codes[1], codes[0])
    if not fate.is_known:
        run.warning("address_unit_unknown", path)
    if fate.is_succeeded:
        run.info("unit_succeeded", path)
    if fate.candidates:
        run.warning("address_unit_split", path, " ".join(fate.candidates))
    return _Place((old[0], old[1], old[2], fate.new), tuple(run.issues), run.extra)


def _note_place(place: _Place, run: Run) -> None:
    for issue in place.issues:
        run.issues.append(issue if issue.about or not run.about else structs.replace(issue, about=run.about))
    for name, text in place.originals.items():
        run.keep(name, text)


def _old_unit(code: str, cell: Cell, run: Run, path: str) -> UnitRef | None:
    name = cell if type(cell) is str and cell.isascii() else clean_text(cell, run, path, is_kept=False)
    if not code and not name:
        return None
    return UnitRef(code if code.isascii() else clean_text(code, run, path, is_kept=True), BEFORE_MERGER, name)
