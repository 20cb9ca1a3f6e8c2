"""Compiles tests of a row, and look-ups among the rows of a dossier, to closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mappings.cells import Row, Run, code_of, flag_of, is_blank, whole_number
from mappings.spec import Lookup, When

Test = Callable[[Row], bool]


def all_of(tests: Sequence[When]) -> Test:
    """One closure for a list of tests that must all hold; no test always holds."""
    made = [_test(test) for test in tests]
    if not made:
        return lambda row: True
    if len(made) == 1:
        return made[0]
    return lambda row: all(test(row) for test in made)


def _test(spec: When) -> Test:
    column = spec.column
    if spec.any_of:
        made = [_test(test) for test in spec.any_of]
        return lambda row: any(test(row) for test in made)
    if spec.one_of is not None:
        among = frozenset(spec.one_of)
        return lambda row: code_of(row.get(column)) in among
    if spec.not_in is not None:
        outside = frozenset(spec.not_in)
        return lambda row: code_of(row.get(column)) not in outside
    if spec.empty is not None:
        wanted = spec.empty
        return lambda row: is_blank(row.get(column)) is wanted
    if spec.flag is not None:
        flag = spec.flag
        return lambda row: flag_of(row.get(column)) is flag
    return _bounded(column, spec.below, spec.above)


def _bounded(column: str, below: int | None, above: int | None) -> Test:
    def holds(row: Row) -> bool:
        number = whole_number(row.get(column))
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

    return holds


# ---------------------------------------------------------------- look-ups


def key_by(columns: Sequence[str]) -> Callable[[Row], str]:
    """``key(row)``: the codes in ``columns`` as one text to look up by."""
    if len(columns) == 1:
        (only,) = columns
        return lambda row: code_of(row.get(only))
    if len(columns) == 2:
        one, two = columns
        return lambda row: f"{code_of(row.get(one))}\x1f{code_of(row.get(two))}"
    return lambda row: "\x1f".join([code_of(row.get(column)) for column in columns])


def matching_rows(spec: Lookup) -> Callable[[Row, Run], Sequence[Row]]:
    """Rows of a child that match the row at hand; the child is indexed once a dossier."""
    theirs, ours, holds = key_by(tuple(spec.match)), key_by(tuple(spec.match.values())), all_of(spec.when)
    name, mark = spec.name, spec.model_dump_json(exclude={"column"})  # words alike share one index

    def rows_of(row: Row, run: Run) -> Sequence[Row]:
        rows = run.children.get(name)
        if not rows:
            return ()
        index = run.indexes.get(mark)
        if index is None:
            made: dict[str, list[Row]] = {}
            for other in rows:
                if holds(other):
                    made.setdefault(theirs(other), []).append(other)
            run.indexes[mark] = index = made
        return index.get(ours(row), ())

    return rows_of
