"""How one value came about, in Vietnamese sentences: which old cells, which cleaning steps, which row of which table.

It only puts into words what :mod:`mappings.tracing` heard while the engine mapped; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mappings.cells import Cell, code_of, plain_text
from mappings.personal import Kind, kinds, mask
from mappings.profile import Profile
from mappings.spec import AddressColumns, FileColumns, Lookup, Value, When
from mappings.steps import STEPS
from mappings.tracing import Told

LONG: Final = 160


@dataclass(frozen=True)
class OldCell:
    """A cell of the old system. ``column`` as the profile names it."""

    column: str
    value: str


@dataclass(frozen=True)
class Teller:
    """Puts into words. ``columns``: old column → what it holds; ``catalogue``: texts that catalogues hold."""

    profile: Profile
    columns: Mapping[str, Kind]
    catalogue: frozenset[str]
    is_masked: bool

    # ------------------------------------------------------------ values

    def shown(self, kind: Kind, text: str) -> str:
        """A value as it may be shown. What a catalogue holds word for word says nothing about a person."""
        if self.is_masked and kind != "open" and not (kind in ("text", "file") and text in self.catalogue):
            return mask(kind, text)
        return text if len(text) <= LONG else f"{text[:LONG]}… ({len(text)} ký tự)"

    def cell(self, column: str, cell: Cell) -> OldCell:
        """An old cell; "(trống)" for NULL. A column that fills no field is masked unless it holds a plain number."""
        if cell is None or cell == "":
            return OldCell(column, "(trống)")
        kind = self.columns.get(column, "open" if isinstance(cell, int | float) else "text")
        return OldCell(column, self.shown(kind, plain_text(cell).encode("utf-8", "replace").decode()))

    def table(self, frame: str) -> str:
        """The table behind a frame of the profile."""
        reading = self.profile.reading
        read = reading.children.get(frame) or reading.references.get(frame) or reading.dossiers
        return read.table or frame

    # ------------------------------------------------------------ where from

    def cells(self, told: Told) -> tuple[OldCell, ...]:
        """The old cells that a value was read from, each once."""
        return tuple(dict.fromkeys(self._cells(told.taken())))

    def _cells(self, told: Told) -> Iterator[OldCell]:
        spec = told.spec
        if isinstance(spec, AddressColumns):
            units = (part for part in (spec.commune, spec.district, spec.province) if part)
            for column in (column for part in units for column in (part.code, part.name) if column):
                yield self.cell(column, told.row.get(column))
        elif isinstance(spec, FileColumns):
            yield self.cell(spec.entry, told.row.get(spec.entry))
        elif isinstance(spec, Value):
            lookups = [part for part in (spec.child, spec.reference, spec.collect) if part]
            for column in (*spec.source, *(ours for lookup in lookups for ours in lookup.match.values())):
                if len(spec.source) < 2 or spec.join is not None or not _is_empty(told.row.get(column)):
                    yield self.cell(column, told.row.get(column))
                    if len(spec.source) > 1 and spec.join is None:
                        return  # the first that is not empty
            if spec.value is not None:
                for column in _tested(spec.when):
                    yield self.cell(column, told.row.get(column))

    # ------------------------------------------------------------ how

    def how(self, told: Told) -> tuple[str, ...]:
        """The sentences; nothing for a value that was copied as it stands."""
        taken = told.taken()
        sentences = [*self._passed_over(told), *self._source(taken), *self._stages(taken)]
        return tuple(dict.fromkeys(sentences))

    def _passed_over(self, told: Told) -> Iterator[str]:
        if not isinstance(told.spec, Value):
            return
        before = [part for part in told.inner if part.path == told.path][:-1]
        empty = [
            column for part in before if part.holds and isinstance(part.spec, Value) for column in part.spec.source
        ]
        if empty:
            yield f"{', '.join(empty)} trống nên lấy chỗ kế tiếp"

    def _source(self, told: Told) -> Iterator[str]:
        spec = told.spec
        if isinstance(spec, FileColumns):
            yield f"tệp trong kho cũ, chỉ tới bằng cột {spec.entry}"
        if isinstance(spec, AddressColumns) and spec.units_when:
            yield f"tỉnh, huyện, xã chỉ lấy khi {self.tests(spec.units_when)}"
        if not isinstance(spec, Value):
            return
        if spec.when and told.holds:
            yield f"vì {self.tests(spec.when)}"
        if spec.join is not None:
            yield f"ghép các cột bằng “{spec.join}”"
        elif len(spec.source) > 1:
            passed = _before_first(spec.source, told)
            if passed:
                yield f"{', '.join(passed)} trống nên lấy cột kế tiếp"
        for lookup, word in ((spec.child, "tra bảng"), (spec.reference, "tra danh mục"), (spec.collect, "gom từ bảng")):
            if lookup:
                yield self._lookup(lookup, word)

    def _lookup(self, lookup: Lookup, word: str) -> str:
        same = ", ".join(ours if ours == theirs else f"{theirs} = {ours}" for theirs, ours in lookup.match.items())
        return f"{word} {self.table(lookup.name)}, cột {' và '.join(lookup.column)}, theo {same}"

    def _stages(self, told: Told) -> Iterator[str]:
        spec = told.spec
        if not isinstance(spec, Value) or not told.stages:
            return
        path_kind = kinds().get(told.path, "text")
        kind = next(
            (found for column in spec.source if (found := self.columns.get(column, "text")) != "open"), path_kind
        )
        result = str(told.result or "")

        def said(text: str) -> str:
            return self.shown(path_kind if text == result else kind, text) or "trống"

        before = told.stages[0][1]
        for step, after in told.stages[1:]:
            if after != before:
                yield f"{STEPS[step].meaning}: “{said(before)}” → “{said(after)}”"
            before = after
        if spec.table is not None and before.strip():
            yield _tabled("đổi mã", said(before.strip()), said(result) if result else "")
        if spec.crosswalk and before.strip():
            yield _tabled(f"bảng chuyển đổi {spec.crosswalk}", said(before.strip()), said(result) if result else "")

    # ------------------------------------------------------------ tests

    def tests(self, whens: tuple[When, ...]) -> str:
        """Conditions as a person would say them."""
        return " và ".join(_test_words(when) for when in whens)


def _tabled(table: str, code: str, target: str) -> str:
    return f"{table}: {code} → {target}" if target else f"{table} không có mã “{code}”: để trống"


def _is_empty(cell: Cell) -> bool:
    return not code_of(cell)


def _before_first(columns: tuple[str, ...], told: Told) -> list[str]:
    found: list[str] = []
    for column in columns:
        if not _is_empty(told.row.get(column)):
            return found
        found.append(column)
    return []


def _tested(whens: tuple[When, ...]) -> Iterator[str]:
    for when in whens:
        yield from (column for _, column in when.uses())


def _test_words(when: When) -> str:
    if when.any_of:
        return " hoặc ".join(_test_words(test) for test in when.any_of)
    said: list[tuple[object, Callable[[], str]]] = [
        (when.one_of, lambda: f"là {' hoặc '.join(when.one_of or ())}"),
        (when.not_in, lambda: f"không phải {', '.join(when.not_in or ())}"),
        (when.empty, lambda: "trống" if when.empty else "có giá trị"),
        (when.flag, lambda: "là có" if when.flag else "là không"),
        (when.below, lambda: f"nhỏ hơn {when.below}"),
        (when.above, lambda: f"lớn hơn {when.above}"),
        (when.fills, lambda: f"dài từ {when.fills} ký tự"),
        (when.same_as, lambda: f"cùng chữ với {when.same_as}"),
        (when.differs_from, lambda: f"khác chữ với {when.differs_from}"),
    ]
    return f"{when.column} {next(words() for test, words in said if test is not None)}"
