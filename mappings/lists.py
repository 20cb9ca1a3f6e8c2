"""Compiles the lists of a dossier: rows of a child, stretches of its history, links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from mappings.cells import Cell, Row, Run, clean_text, code_of, plain_text
from mappings.columns import Get
from mappings.conditions import all_of, compiled_test, matching_rows
from mappings.emit import Code, emitting, made_of
from mappings.fields import Compiler, maker
from mappings.model import Issue, Link, Severity
from mappings.profile import KeptRows
from mappings.spec import Group, Items, Kept, LinkColumns, Note, Spans, Value, column_value, struct_type

Collect = Callable[[Run], tuple[Any, ...]]


def compile_list(compiler: Compiler, struct: type[msgspec.Struct], name: str, specs: Sequence[Items]) -> Collect:
    """``collect(run)`` gives one list of the dossier, in the order of its children."""
    parts = [_compile_items(compiler, struct, name, spec) for spec in specs]

    def collect(run: Run) -> tuple[Any, ...]:
        found: list[Any] = []
        for part in parts:
            part(run, found)
        run.about = ""
        return tuple(found)

    return _if_any(collect, [spec.child for spec in specs])


def _if_any(collect: Collect, children: Sequence[str]) -> Collect:
    """Children that this dossier does not have need no call."""

    def emit(code: Code) -> str:
        some = " or ".join(f"run.children.get({child!r})" for child in dict.fromkeys(children)) or "False"
        return code.put(f"{code.bind(collect)}(run) if {some} else ()")

    return emitting(collect, emit)


def _compile_items(
    compiler: Compiler, struct: type[msgspec.Struct], name: str, spec: Items
) -> Callable[[Run, list[Any]], None]:
    """``collect(run, found)`` adds the structs of one child, and notes and keeps what its rows say."""
    told = matching_rows(spec.unless) if spec.unless else None
    child, wanted, one = spec.child, compiled_test(spec.when), _compile_row(compiler, struct, name, spec)

    def collect(run: Run, found: list[Any]) -> None:
        for row in run.children.get(child, ()):
            if (wanted is None or wanted(row, run)) and (told is None or not told(row, run)):
                one(row, run, found)

    return collect


def _compile_row(
    compiler: Compiler, struct: type[msgspec.Struct], name: str, spec: Items
) -> Callable[[Row, Run, list[Any]], None]:
    fields: Group = spec.fields
    getters = compiler.getters(struct, fields, name)
    code = Code(compiler.clean, about="about")
    key = code.put(code.value(getters["key"]))
    code.line(f"run.about = about = {key}")
    getters["key"] = emitting(lambda row, run: run.about, lambda code: key)
    code.line(f"found.append({code.value(maker(struct, getters, compiler.clean))})")
    for note in compile_notes(spec.notes):
        code.value(note)
    code.value(compile_kept(compiler, spec.extra, f"{name}."))
    return code.done("None", ", found")


def compile_notes(specs: Sequence[Note]) -> list[Callable[[Row, Run], None]]:
    """Closures that note an issue when its test holds."""
    return [_compile_note(spec) for spec in specs]


def _compile_note(spec: Note) -> Callable[[Row, Run], None]:
    holds, severity = all_of(spec.when), Severity(spec.severity)

    def note(run: Run) -> None:
        run.issues.append(Issue(spec.issue, spec.field, severity, run.about))

    def emit(code: Code) -> str:
        code.line(f"if {code.test(holds)}: {code.bind(note)}(run)")
        return "None"

    return made_of(emit, set())


def compile_kept(compiler: Compiler, specs: Sequence[Kept], path: str) -> Callable[[Row, Run], None]:
    """``keep(row, run)``: columns without a field go to ``extra`` under their own names, below ``path``."""
    parts = [
        (spec.source, f"{path}{spec.source}", _kept_text(compiler, spec, f"{path}{spec.source}")) for spec in specs
    ]

    def emit(code: Code) -> str:
        for column, name, text in parts:
            cell = code.cell(column)
            with code.block(f"if {cell}:"):  # not NULL, "" or 0
                kept = code.value(text)
                key = f"({name + '.'!r} + {code.about} if {code.about} else {name!r})" if code.about else repr(name)
                code.line(f"if {kept} and {kept} != '0': run.extra[{key}] = {kept}")
        return "None"

    return made_of(emit, compiler.clean)


def compile_kept_rows(compiler: Compiler, child: str, kept: KeptRows) -> Callable[[Run], None]:
    """``keep(run)``: rows without a list of their own go to ``extra``, each column under its row's key."""
    code = Code(compiler.clean, about="about")
    code.line(f"run.about = about = {code.bind(code_of)}({code.cell(kept.key)})")
    keep = code.done(code.value(compile_kept(compiler, kept.columns, f"{child}.")))

    def keep_all(run: Run) -> None:
        for row in run.children.get(child, ()):
            keep(row, run)
        run.about = ""

    return keep_all


def _kept_text(compiler: Compiler, spec: Kept, name: str) -> Get:
    if not spec.is_date:
        return compiler.value(str, column_value(spec.source, spec.steps), name)
    instant = compiler.value(datetime, column_value(spec.source), name)

    def iso(row: Row, run: Run) -> str:
        found = instant(row, run)
        return found.isoformat() if found is not None else ""

    def emit(code: Code) -> str:
        cell, text = code.cell(spec.source), code.fresh()
        code.line(f"{text} = {code.bind(compiler.clock.texts)}[{cell}]")
        code.line(f"if {text} is None: {text} = {code.bind(iso)}(row, run)")
        return text

    return emitting(iso, emit) if hasattr(instant, "emit") else iso


# ---------------------------------------------------------------- stretches of the history


def compile_spans(compiler: Compiler, struct: type[msgspec.Struct], name: str, spec: Spans | None) -> Collect:
    """Stretches in which the looked-up state is inside: supplement rounds, pauses."""
    if spec is None:
        return _if_any(lambda run: (), [])
    types = {item.name: item.type for item in msgspec.structs.fields(struct)}
    states_of, inside = _compile_states(compiler, spec), frozenset(spec.inside)
    first = _span_fields(compiler, types, name, spec.first)
    last = _span_fields(compiler, types, name, spec.last)
    child, ended = spec.child, spec.ended

    def collect(run: Run) -> tuple[Any, ...]:
        rows = run.children.get(child, ())
        states = states_of(rows, run)
        if inside.isdisjoint(states):
            return ()
        found: list[dict[str, Any]] = []
        is_open = False
        for row, state in zip(rows, states, strict=True):
            if state is None:
                continue
            is_inside = state in inside
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
    return _if_any(collect, [child])


def _compile_states(compiler: Compiler, spec: Spans) -> Callable[[Sequence[Row], Run], list[str | None]]:
    """``states(rows, run)``: what each row of the history says, None where it is to be skipped."""
    code = Code(compiler.clean)
    is_skipped = code.test(all_of(spec.skip)) if spec.skip else "False"
    state = spec.state
    told = compiler.reference(state.reference) if state.reference else compiler.value(str, state, spec.child)
    return code.each(f"found.append(None if {is_skipped} else {code.value(told)})")


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

    def add(cell: Cell, run: Run, part: tuple[str, str, str, frozenset[str]], found: list[Link]) -> None:
        kind, _, sign, ignored = part
        text = cell if type(cell) is str else plain_text(cell)
        if not text.isascii():
            text = clean_text(cell, run, f"links.{kind}", is_kept=False)
        for value in text.split(sign) if sign else (text,):
            value = value.strip()
            if value and value not in ignored:
                found.append(Link(kind, value))

    def emit(code: Code) -> str:
        found = code.put("[]")
        for part in parts:
            cell = code.cell(part[1])
            code.line(f"if {cell}: {code.bind(add)}({cell}, run, {code.bind(part)}, {found})")
        return f"tuple({found})"

    return made_of(emit, set())
