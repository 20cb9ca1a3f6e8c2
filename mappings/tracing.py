"""Listening to the engine: the very closures that map, each wrapped to tell what it read and what it made of it.

A :class:`Trace` is handed to ``build_mapper``; the mapper made so gives the same dossiers, byte for byte.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mappings.cells import Clock, Row, Run
from mappings.columns import Get
from mappings.conditions import all_of
from mappings.crosswalk import Crosswalk
from mappings.fields import Compiler, Way
from mappings.papers import Components
from mappings.spec import AddressColumns, FileColumns, Group, Value, When
from mappings.units import Units


@dataclass(slots=True)
class Told:
    """How one value came about. ``path`` in the new schema; ``row`` the old row it was read from.

    ``stages``: (cleaning step, text after it), the first with step "" is the text as it was read. ``inner``: the
    candidates of a "first of", or the parts of an address or a file. ``way``: what the engine itself decided by.
    """

    path: str
    about: str
    row: Row
    frame: str  # "" is the dossier's own row, else the child that the row belongs to
    spec: Value | AddressColumns | FileColumns | None = None
    result: Any = None
    stages: Sequence[tuple[str, str]] = ()
    inner: list[Told] = field(default_factory=list)
    way: str = ""
    holds: bool = True  # the tests of ``when``

    def taken(self) -> Told:
        """The candidate that gave the value: itself, or the last one asked of a "first of"."""
        parts = [part for part in self.inner if part.path == self.path]
        return parts[-1].taken() if parts and isinstance(self.spec, Value) else self


@dataclass
class Trace:
    """What was told while one dossier was mapped. Clear it before the next one."""

    told: list[Told] = field(default_factory=list)
    rows: list[tuple[str, str, str]] = field(default_factory=list)  # (crosswalk, code, qualifier) of rows that spoke
    _open: list[Told] = field(default_factory=list)

    def clear(self) -> None:
        """Forget the dossier before."""
        self.told.clear()
        self.rows.clear()
        self._open.clear()

    def compiler(
        self,
        clock: Clock,
        units: Units,
        references: Mapping[str, Sequence[Row]],
        site_dir: Path | None,
        components: Components,
        *,
        with_drafts: bool = False,
    ) -> Compiler:
        """A compiler whose closures tell this trace."""
        return TracingCompiler(clock, units, references, site_dir, components, with_drafts=with_drafts, trace=self)

    def way(self, path: str) -> Told | None:
        """By which of its own ways the engine filled a path; None when none answered."""
        return next((told for told in self.told if told.path == path and told.way), None)

    def at(self, path: str) -> Told | None:
        """How the value at a path outside of lists came about."""
        return next((told for told in self.told if told.path == path and told.spec is not None), None)

    def items(self, name: str, *, is_span: bool = False) -> list[list[Told]]:
        """What was told of each element of a list of the dossier, in its order.

        An element is made of one row; a stretch of the history (``is_span``) of two, told about the first.
        """
        groups: list[list[Told]] = []
        for told in self.told:
            if not told.path.startswith(f"{name}.") or told.spec is None:
                continue
            last = groups[-1][0] if groups else None
            if last is not None and (last.about == told.about if is_span else last.row is told.row):
                groups[-1].append(told)
            else:
                groups.append([told])
        return groups

    def walk(self) -> Iterator[Told]:
        """Everything that was told, parts included."""
        waiting = list(self.told)
        while waiting:
            told = waiting.pop()
            yield told
            waiting += told.inner

    def begin(self, told: Told) -> None:
        (self._open[-1].inner if self._open else self.told).append(told)
        self._open.append(told)

    def end(self, result: Any) -> None:
        self._open.pop().result = result


@dataclass(frozen=True)
class TracingCompiler(Compiler):
    """Compiles as :class:`Compiler` does, and wraps what it made."""

    trace: Trace = field(default_factory=Trace)

    def value(self, kind: Any, spec: Value, path: str) -> Get:
        return self._told(super().value(kind, spec, path), spec, path, self._stages(kind, spec, path), spec.when)

    def address(self, spec: AddressColumns, path: str) -> Get:
        return self._told(super().address(spec, path), spec, path)

    def attachment(self, spec: FileColumns, path: str) -> Get:
        return self._told(super().attachment(spec, path), spec, path)

    def component(self, spec: Value, path: str) -> Get:
        return self._told(super().component(spec, path), spec, path)

    def getters(self, struct: type[msgspec.Struct], spec: Group, path: str) -> dict[str, Get]:
        made = super().getters(struct, spec, path)
        for _, part in spec.parts():
            if isinstance(part, Value) and part.original:
                own = f"{path}.{part.original}" if path else part.original
                made[part.original] = self._told(made[part.original], part, own)
        return made

    def crosswalk(self, name: str, targets: Container[str] | None = None) -> Crosswalk:
        if name not in self.crosswalks:
            found = super().crosswalk(name, targets)
            self.crosswalks[name] = _Asked(found.name, found.usable, found.waiting, found.basis, self.trace)
        return self.crosswalks[name]

    def watch(self, path: str, name: str, way: Way) -> Way:
        trace = self.trace

        def answered(*asked: Any) -> Any:
            found = way(*asked)
            if found:
                row, run = asked[len(asked) - 2], asked[len(asked) - 1]
                trace.told.append(Told(path, run.about, row, "", result=found, way=name))
            return found

        return answered  # type: ignore[return-value]  # same signature, whatever it is

    def _told(
        self,
        get: Get,
        spec: Value | AddressColumns | FileColumns,
        path: str,
        stages: Sequence[tuple[str, Get]] = (),
        when: Sequence[When] = (),
    ) -> Get:
        trace, holds = self.trace, all_of(when)

        def told(row: Row, run: Run) -> Any:
            mark = Told(path, run.about, row, _frame_of(row, run), spec, holds=holds(row))
            trace.begin(mark)
            found = get(row, run)
            trace.end(found)
            if mark.holds:
                mark.stages = texts = [(name, str(stage(row, _quiet(run)) or "")) for name, stage in stages]
                if isinstance(spec, Value) and spec.crosswalk and found:
                    trace.rows.append((spec.crosswalk, texts[-1][1].strip(), ""))
            return found

        return told

    def _stages(self, kind: Any, spec: Value, path: str) -> list[tuple[str, Get]]:
        """The same value compiled with the first steps only, one more each time: what each step made of it."""
        if kind is not str or spec.first or not (spec.steps or spec.table or spec.crosswalk):
            return []
        compile_value, bare = super().value, {"table": None, "crosswalk": "", "when": ()}
        found = []
        for done in range(len(spec.steps) + 1):
            first_steps = spec.model_copy(update={**bare, "steps": spec.steps[:done]})
            found.append((spec.steps[done - 1] if done else "", compile_value(str, first_steps, path)))
        return found


@dataclass(frozen=True)
class _Asked(Crosswalk):
    trace: Trace = field(default_factory=Trace)

    def find(self, code: str, *qualifiers: str) -> str | None:
        row = self.row(code, *qualifiers)
        if row:
            self.trace.rows.append((self.name, *row))
        return super().find(code, *qualifiers)


def _quiet(run: Run) -> Run:
    """A run beside the real one: what is noted in it nobody reads."""
    aside = Run(run.main, run.children)
    aside.about, aside.filing_column = run.about, run.filing_column
    return aside


def _frame_of(row: Row, run: Run) -> str:
    if row is run.main:
        return ""
    return next((name for name, rows in run.children.items() if any(other is row for other in rows)), "")
