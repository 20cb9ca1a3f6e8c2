"""Compiles the lists of a dossier: rows of a child, stretches of its history, links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from mappings.cells import Row, Run, clean_text, code_of, plain_text
from mappings.columns import Get
from mappings.conditions import Test, all_of, matching_rows
from mappings.fields import Compiler
from mappings.model import Issue, Link, Severity
from mappings.spec import Group, Items, Kept, LinkColumns, Note, Spans, Value, column_value, struct_type

Collect = Callable[[Run], tuple[Any, ...]]


def compile_list(compiler: Compiler, struct: type[msgspec.Struct], name: str, specs: Sequence[Items]) -> Collect:
    """``collect(run)`` gives one list of the dossier, in the order of its children."""
    parts = [_compile_items(compiler, struct, name, spec) for spec in specs]
    if not parts:
        return lambda run: ()

    def collect(run: Run) -> tuple[Any, ...]:
        found: list[Any] = []
        for part in parts:
            part(run, found)
        run.about = ""
        return tuple(found)

    return collect


def _compile_items(
    compiler: Compiler, struct: type[msgspec.Struct], name: str, spec: Items
) -> Callable[[Run, list[Any]], None]:
    fields: Group = spec.fields
    make = compiler.group(struct, fields, name, is_needed=True)
    key_of = compiler.getters(struct, fields, name)["key"]
    holds, notes, child = all_of(spec.when), compile_notes(spec.notes), spec.child
    told = matching_rows(spec.unless) if spec.unless else None
    keep = compile_kept(compiler, spec.extra, f"{name}.")

    def collect(run: Run, found: list[Any]) -> None:
        for row in run.children.get(child, ()):
            if not holds(row) or (told is not None and told(row, run)):
                continue
            run.about = key_of(row, run)
            found.append(make(row, run))
            for note in notes:
                note(row, run)
            keep(row, run)

    return collect


def compile_notes(specs: Sequence[Note]) -> list[Callable[[Row, Run], None]]:
    """Closures that note an issue when its test holds."""
    return [_compile_note(spec) for spec in specs]


def _compile_note(spec: Note) -> Callable[[Row, Run], None]:
    holds, severity = all_of(spec.when), Severity(spec.severity)

    def note(row: Row, run: Run) -> None:
        if holds(row):
            run.issues.append(Issue(spec.issue, spec.field, severity, run.about))

    return note


def compile_kept(compiler: Compiler, specs: Sequence[Kept], path: str) -> Callable[[Row, Run], None]:
    """``keep(row, run)``: columns without a field go to ``extra`` under their own names, below ``path``."""
    parts = [(spec.source, _kept_text(compiler, spec, f"{path}{spec.source}")) for spec in specs]

    def keep(row: Row, run: Run) -> None:
        for column, keep_one in parts:
            cell = row.get(column)
            if cell is not None and cell != "" and cell != 0:
                keep_one(row, run)

    return keep


def _kept_text(compiler: Compiler, spec: Kept, name: str) -> Callable[[Row, Run], None]:
    if spec.is_date:
        instant = compiler.value(datetime, column_value(spec.source), name)

        def keep_date(row: Row, run: Run) -> None:
            found = instant(row, run)
            if found is not None:
                run.keep(name, found.isoformat())

        return keep_date
    text_of = compiler.value(str, column_value(spec.source, spec.steps), name)

    def keep_text(row: Row, run: Run) -> None:
        text = text_of(row, run)
        if text and text != "0":
            run.keep(name, text)

    return keep_text


# ---------------------------------------------------------------- stretches of the history


def compile_spans(compiler: Compiler, struct: type[msgspec.Struct], name: str, spec: Spans | None) -> Collect:
    """Stretches in which the looked-up state is inside: supplement rounds, pauses."""
    if spec is None:
        return lambda run: ()
    types = {item.name: item.type for item in msgspec.structs.fields(struct)}
    state_of, skips, inside = compiler.reference(spec.state), _any_skip(spec), frozenset(spec.inside)
    first = _span_fields(compiler, types, name, spec.first)
    last = _span_fields(compiler, types, name, spec.last)
    child, ended = spec.child, spec.ended

    def collect(run: Run) -> tuple[Any, ...]:
        found: list[dict[str, Any]] = []
        is_open = False
        for row in run.children.get(child, ()):
            if skips(row):
                continue
            is_inside = state_of(row, run) in inside
            if is_inside and not is_open:
                run.about = code_of(row.get(spec_key))
                found.append({field: get(row, run) for field, get in first})
            elif is_open and not is_inside:
                found[-1].update((field, get(row, run)) for field, get in last)
                if ended:
                    found[-1][ended] = True
            is_open = is_inside
        run.about = ""
        return tuple([struct(**fields) for fields in found])

    spec_key = spec.first["key"].source[0]
    return collect


def _any_skip(spec: Spans) -> Test:
    return all_of(spec.skip) if spec.skip else lambda row: False


def _span_fields(
    compiler: Compiler, types: dict[str, Any], name: str, fields: dict[str, Value]
) -> list[tuple[str, Get]]:
    return [
        (field, compiler.value(struct_type(types[field]), spec, f"{name}.{field}")) for field, spec in fields.items()
    ]


# ---------------------------------------------------------------- links


def compile_links(specs: Sequence[LinkColumns]) -> Callable[[Row, Run], tuple[Link, ...]]:
    """Ties to other dossiers and numbers, in the declared order."""
    parts = [(spec.kind, spec.source, spec.split, frozenset(spec.ignore)) for spec in specs]

    def collect(row: Row, run: Run) -> tuple[Link, ...]:
        found: list[Link] = []
        for kind, column, sign, ignored in parts:
            cell = row.get(column)
            if cell is None or cell == "" or cell == 0:
                continue
            text = cell if type(cell) is str else plain_text(cell)
            if not text.isascii():
                text = clean_text(cell, run, f"links.{kind}", is_kept=False)
            for value in text.split(sign) if sign else (text,):
                value = value.strip()
                if value and value not in ignored:
                    found.append(Link(kind, value))
        return tuple(found)

    return collect
