"""Compiles tests of a row, and look-ups among the rows of a dossier, to closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    column, wanted = spec.column, spec.empty
    if wanted is not None:
        return emitting(lambda row: is_blank(row.get(column)) is wanted, lambda code: _empty(code, column, wanted))
    holds = _cell_test(spec)
    known = Memo(holds)  # codes and flags: few values

    def emit(code: Code) -> str:
        return f"{code.bind(known)}[{code.cell(column)}]"

    return emitting(lambda row: holds(row.get(column)), emit)


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
    code = Code(set())
    made = code.done(emit_key(code, columns))
    return lambda row: str(made(row, None))


def emit_key(code: Code, columns: Sequence[str]) -> str:
    """The same inside a bigger function. Ids are mostly whole numbers, each met once: no memo for them."""
    codes = []
    for column in columns:
        cell, text = code.cell(column), code.fresh()
        code.line(f"{text} = str({cell}) if {is_count(cell)} else {code.bind(code_of)}({cell})")
        codes.append(text)
    return codes[0] if len(codes) == 1 else repr("\x1f") + f".join(({', '.join(codes)}))"


@dataclass(frozen=True)
class Matches:
    """Rows of a child that match the row at hand, or what ``pick`` makes of them; indexed once a dossier."""

    spec: Lookup
    theirs: Callable[[Row, Run], str | None]  # None: the row fails the tests
    ours: Callable[[Row, Run], str]
    pick: Callable[[Row], Any] = lambda row: row
    mark: str = ""
    objects: Callable[[Sequence[Row]], Sequence[Row]] | None = None  # the rows are JSON objects in a column of theirs

    def __call__(self, row: Row, run: Run) -> Sequence[Any]:
        rows = run.children.get(self.spec.name)
        if not rows:
            return ()
        index = self.index(run, rows)
        return index.get(self.ours(row, run), ()) if index else ()

    def first(self, row: Row, run: Run) -> Any:
        """The first match, None without one. The dossier's own row asks once: for it an index is not worth while."""
        rows = run.children.get(self.spec.name, ())
        if row is not run.main or self.objects:
            return next(iter(self(row, run)), None)
        key = self.ours(row, run)
        return next((self.pick(other) for other in rows if self.theirs(other, run) == key), None)

    def index(self, run: Run, rows: Sequence[Row]) -> Mapping[str, Sequence[Any]]:
        """Key → matches in the order of the child."""
        found = run.indexes.get(self.mark)
        if found is None:
            made: dict[str, list[Any]] = {}
            for other in self.objects(rows) if self.objects else rows:
                key = self.theirs(other, run)
                if key is not None:
                    made.setdefault(key, []).append(self.pick(other))
            run.indexes[self.mark] = found = made
        return found


def matching_rows(spec: Lookup) -> Matches:
    """Rows of a child that match the row at hand. Words alike share one index."""
    their_key, our_key = Code(set()), Code(set())
    if spec.when:
        their_key.line(f"if not {their_key.test(all_of(spec.when))}: return None")
    theirs = their_key.done(emit_key(their_key, tuple(spec.match)))
    ours = our_key.done(emit_key(our_key, tuple(spec.match.values())))
    objects = json_rows(spec.json_in, tuple(spec.match)) if spec.json_in else None
    return Matches(spec, theirs, ours, mark=spec.model_dump_json(exclude={"column"}), objects=objects)


def matching_codes(spec: Lookup) -> Matches:
    """The codes in the one column of the matching rows; "" where a row has none."""
    (column,) = spec.column
    codes = Memo(code_of)
    rows = matching_rows(spec)
    return replace(rows, pick=lambda row: codes[row.get(column)], mark=spec.model_dump_json())
