"""Compiles tests of a row, and look-ups among the rows of a dossier, to closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mappings.cells import Cell, Row, Run, code_of, flag_of, is_blank, whole_number
from mappings.emit import Code, Memo, emitting, is_count
from mappings.forms import json_rows
from mappings.spec import Lookup, When

Test = Callable[[Row], bool]


def all_of(tests: Sequence[When]) -> Test:
    """One closure for a list of tests that must all hold; no test always holds."""
    made = [_test(test) for test in tests]
    if len(made) == 1:
        return made[0]
    return emitting(lambda row: all(test(row) for test in made), lambda code: _joined(code, made, "and", "True"))


def compiled_test(tests: Sequence[When]) -> Callable[[Row, Any], bool] | None:
    """The same as one function of row and run; None when there is nothing to test."""
    if not tests:
        return None
    code = Code(set())
    return code.done(code.test(all_of(tests)))


def _joined(code: Code, tests: Sequence[Test], word: str, empty: str) -> str:
    return f"({f' {word} '.join([code.test(test) for test in tests])})" if tests else empty


def _test(spec: When) -> Test:
    if spec.any_of:
        made = [_test(test) for test in spec.any_of]
        return emitting(lambda row: any(test(row) for test in made), lambda code: _joined(code, made, "or", "False"))
    if spec.same_as or spec.differs_from:
        return _compared(spec)
    column, wanted = spec.column, spec.empty
    if wanted is not None:
        return emitting(lambda row: is_blank(row.get(column)) is wanted, lambda code: _empty(code, column, wanted))
    holds = _cell_test(spec)
    known = Memo(holds)  # codes and flags: few values

    def emit(code: Code) -> str:
        return f"{code.bind(known)}[{code.cell(column)}]"

    return emitting(lambda row: holds(row.get(column)), emit)


def _compared(spec: When) -> Test:
    """Two cells of one row as codes; an empty one neither equals nor differs."""
    column, other, is_same = spec.column, spec.same_as or spec.differs_from or "", spec.same_as is not None

    def holds(row: Row) -> bool:
        one, two = code_of(row.get(column)), code_of(row.get(other))
        return bool(one and two) and (one == two) is is_same

    return holds


def _empty(code: Code, column: str, wanted: bool) -> str:
    cell = code.cell(column)
    is_text = f"{cell}.__class__ is str or {cell}.__class__ is bytes"
    blank = f"({cell} is None or (({is_text}) and not {cell}.strip()))"
    return blank if wanted else f"(not {blank})"


def _cell_test(spec: When) -> Callable[[Cell], bool]:
    if spec.one_of is not None:
        among = frozenset(spec.one_of)
        return lambda cell: code_of(cell) in among
    if spec.not_in is not None:
        outside = frozenset(spec.not_in)
        return lambda cell: code_of(cell) not in outside
    if spec.flag is not None:
        flag = spec.flag
        return lambda cell: flag_of(cell) is flag
    if spec.fills is not None:
        size = spec.fills
        return lambda cell: type(cell) is str and len(cell) >= size
    return _bounded(spec.below, spec.above)


def _bounded(below: int | None, above: int | None) -> Callable[[Cell], bool]:
    def holds(cell: Cell) -> bool:
        number = whole_number(cell)
        if number is None:
            return False
        return number < below if below is not None else above is not None and number > above

    return holds


def any_present(columns: Sequence[str]) -> Test:
    """True when any of the columns holds something other than zero."""

    def holds(row: Row) -> bool:
        for column in columns:
            cell = row.get(column)
            if cell is not None and cell != "" and cell != 0 and not is_blank(cell):
                return True
        return False

    def emit(code: Code) -> str:
        cells = [code.cell(column) for column in columns]
        # spaces alone: rare enough to ask the closure
        some = " or ".join(cells) or "False"  # None, "" and 0 are as good as false
        return f"(({some}) and {code.bind(holds)}(row))"

    return emitting(holds, emit)


# ---------------------------------------------------------------- look-ups


def key_by(columns: Sequence[str]) -> Callable[[Row], str]:
    """``key(row)``: the codes in ``columns`` as one text to look up by."""
    made = key_of(columns)
    return lambda row: str(made(row, None))


def key_of(columns: Sequence[str]) -> Callable[[Row, Any], str]:
    """The same as a function of row and run."""
    code = Code(set())
    return code.done(emit_key(code, columns))


def emit_key(code: Code, columns: Sequence[str]) -> str:
    """The same inside a bigger function. Ids are mostly whole numbers, each met once: no memo for them."""
    codes = []
    for column in columns:
        cell, text = code.cell(column), code.fresh()
        code.line(f"{text} = str({cell}) if {is_count(cell)} else {code.bind(code_of)}({cell})")
        codes.append(text)
    return codes[0] if len(codes) == 1 else repr("\x1f") + f".join(({', '.join(codes)}))"


def matching_rows(spec: Lookup) -> Callable[[Row, Run], Sequence[Row]]:
    """``matches(row, run)``: rows of a child that match the row at hand, in the order of the child."""
    mark = spec.model_dump_json(exclude={"column"})  # words alike share one index of a dossier
    index, ours = _indexed(spec, mark, "row"), key_of(tuple(spec.match.values()))

    def matches(row: Row, run: Run) -> Sequence[Row]:
        found = run.indexes.get(mark)
        if found is None:
            found = index(run)
        return found.get(ours(row, run), ()) if found else ()

    return matches


def first_match(spec: Lookup) -> Callable[[Row, Run], Row | None]:
    """The first row that matches, None without one. The dossier's own row asks once: it needs no index for that."""
    code = Code(set())
    if spec.when:
        code.line(f"if not {code.test(all_of(spec.when))}: return None")
    theirs, ours = code.done(emit_key(code, tuple(spec.match))), key_of(tuple(spec.match.values()))
    child, matches = spec.name, matching_rows(spec)

    def first(row: Row, run: Run) -> Row | None:
        if spec.json_in or row is not run.main:
            found = matches(row, run)
            return found[0] if found else None
        key = ours(row, run)
        for other in run.children.get(child, ()):
            if theirs(other, run) == key:
                return other
        return None

    return first


def matching_codes(spec: Lookup) -> Callable[[Row, Run], tuple[str, ...]]:
    """``codes(row, run)``: what the one column of the matching rows holds, without empty ones."""
    (column,), columns = spec.column, tuple(spec.match.values())
    mark = spec.model_dump_json()
    index, ours = _indexed(spec, mark, column), key_of(columns)

    def codes(row: Row, run: Run) -> tuple[str, ...]:
        found = run.indexes.get(mark)
        return tuple((index(run) if found is None else found).get(ours(row, run), ()))

    def emit(code: Code) -> str:
        found, made = code.put("()"), code.fresh()
        with code.block(f"if run.children.get({spec.name!r}):"):
            code.line(f"{made} = run.indexes.get({mark!r})")
            code.line(f"if {made} is None: {made} = {code.bind(index)}(run)")
            with code.block(f"if {made}:"):
                code.line(f"{found} = tuple({made}.get({emit_key(code, columns)}, ()))")
        return found

    return emitting(codes, emit)


def _indexed(spec: Lookup, mark: str, wanted: str) -> Callable[[Run], Mapping[str, Sequence[Any]]]:
    """``index(run)``: key → the rows ("row") or the codes of the column ``wanted``; kept under ``mark`` of the run."""
    code = Code(set())
    if spec.when:
        code.line(f"if not {code.test(all_of(spec.when))}: continue")
    key = emit_key(code, tuple(spec.match))
    if wanted != "row":
        wanted = code.put(f"{code.bind(Memo(code_of))}[{code.cell(wanted)}]")
        code.line(f"if not {wanted}: continue")
    make = code.each(f"found.setdefault({key}, []).append({wanted})", "{}")
    child, objects = spec.name, json_rows(spec.json_in, tuple(spec.match)) if spec.json_in else None

    def index(run: Run) -> Mapping[str, Sequence[Any]]:
        rows = run.children.get(child, ())
        made: Mapping[str, Sequence[Any]] = make(objects(rows) if objects else rows, run)
        run.indexes[mark] = made
        return made

    return index
