"""Closures that read one column: ``get(row, run)`` gives its value in the type of the field.

Each says what its usual cell (plain text, a readable date) reads like inside a bigger function; see
:mod:`mappings.emit`. Everything odd is noted in the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mappings.cells import Cell, Row, Run, clean_text, flag_of, is_blank, plain_text, whole_number
from mappings.crosswalk import UNAPPROVED
from mappings.emit import LARGE, SEEN, Code, emitting, is_count
from mappings.model import Severity
from mappings.odd_text import PLAIN
from mappings.spec import Value
from mappings.steps import STEPS, Step

Get = Callable[[Row, Run], Any]
_NOTHING: Final[Mapping[str, str]] = {}


def constant(value: Any) -> Get:
    """The same value for every row."""
    return emitting(lambda row, run: value, lambda code: code.bind(value))


def column_text(column: str, path: str, *, is_kept: bool) -> Get:
    """A column as NFC text; "" for NULL."""

    def read(cell: Cell, run: Run) -> str:
        if cell is None:
            return ""
        if type(cell) is str and cell.isascii():
            return cell
        if type(cell) is int and -LARGE < cell < LARGE:
            return str(cell)
        return clean_text(cell, run, path, is_kept=is_kept)

    def emit(code: Code) -> str:
        clean = code.clean

        def learn(cell: Cell, run: Run) -> str:
            noted = len(run.issues)
            # most text is plain, and not worth the calls
            text = cell if type(cell) is str and PLAIN(cell) else clean_text(cell, run, path, is_kept=is_kept)
            # a cell that is settled in one column may be a finding in another
            if text is cell and len(run.issues) == noted and cell not in run.settled:
                if len(clean) >= SEEN:
                    clean.clear()
                clean.add(text)
            return text

        cell, text = code.cell(column), code.fresh()
        code.line(f"if {cell} is None: {text} = ''")
        usual = f"{cell}.__class__ is str and ({cell}.isascii() or {cell} in {code.bind(clean)})"
        code.line(f"elif {usual}: {text} = {cell}")
        code.line(f"elif {is_count(cell)}: {text} = str({cell})")
        code.line(f"else: {text} = {code.bind(learn)}({cell}, run)")
        return text

    return emitting(lambda row, run: read(row.get(column), run), emit)


def first_of(getters: Sequence[Get], empty: Any) -> Get:
    """The first value that is not empty."""

    def get(row: Row, run: Run) -> Any:
        for getter in getters:
            found = getter(row, run)
            if found is not None and found is not False and found != empty:
                return found
        return empty

    def emit(code: Code) -> str:
        found = code.put(code.value(getters[0]))
        for getter in getters[1:]:
            with code.block(f"if not {found}:"):
                code.line(f"{found} = {code.value(getter)}")
        code.line(f"if not {found}: {found} = {code.bind(empty)}")
        return found

    return emitting(get, emit)


def joined(getters: Sequence[Get], sign: str) -> Get:
    """The texts that are not empty, with ``sign`` between them."""
    return lambda row, run: sign.join(filter(None, [get(row, run) for get in getters]))


def stepped(base: Get, step: Step, path: str, *, is_kept: bool) -> Get:
    """A text after one cleaning step; a change is noted and its original kept."""

    def note(text: str, changed: str, run: Run) -> str:
        if step.issue:
            run.info(step.issue, path)
            if not is_kept and not step.is_look:
                run.keep(f"{path}.original", text)
        return text if step.is_look else changed

    def get(row: Row, run: Run) -> str:
        text: str = base(row, run)
        changed = step.apply(text) if text else text
        return text if changed == text else note(text, changed, run)

    def emit(code: Code) -> str:
        text, changed = code.put(code.value(base)), code.fresh()
        with code.block(f"if {text}:"):
            code.line(f"{changed} = {code.bind(step.apply)}({text})")
            code.line(f"if {changed} != {text}: {text} = {code.bind(note)}({text}, {changed}, run)")
        return text

    return emitting(get, emit)


def original_text(spec: Value) -> Get:
    """The text as it was when a step changed it, else ""."""
    columns = spec.source
    steps = [STEPS[name] for name in spec.steps if not STEPS[name].is_look]

    def get(row: Row, run: Run) -> str:
        for column in columns:
            cell = row.get(column)
            if is_blank(cell):
                continue
            raw = cell if type(cell) is str else plain_text(cell)
            quiet = Run(row, {})
            text = raw if raw.isascii() else clean_text(raw, quiet, "", is_kept=True)
            for step in steps:
                text = step.apply(text)
            return "" if text == raw else raw.encode("utf-8", "replace").decode()
        return ""

    def emit(code: Code) -> str:
        if len(columns) != 1:
            return code.put(f"{code.bind(get)}(row, run)")
        cell, text = code.cell(columns[0]), code.fresh()
        usual = f"{cell}.__class__ is str and ({cell}.isascii() or {cell} in {code.bind(code.clean)})"
        changed = cell
        for step in steps:
            changed = f"{code.bind(step.apply)}({changed})"
        code.line(f"if {cell} is None or ({usual} and {changed} == {cell}): {text} = ''")
        code.line(f"else: {text} = {code.bind(get)}(row, run)")
        return text

    return emitting(get, emit)


def tabled(base: Get, table: Mapping[str, str], spec: Value, path: str, waiting: Mapping[str, str] = _NOTHING) -> Get:
    """A code through its table; a code outside it is an issue, never a default.

    ``waiting``: what to say of a code whose row nobody has approved yet.
    """
    note = Severity(spec.unknown.severity), spec.unknown.issue

    def find(text: str, run: Run) -> str:
        text = text.strip()
        found = table.get(text)
        if found is not None or not text:
            return found or ""
        if text in waiting:
            run.error(UNAPPROVED, path, waiting[text])
            return ""
        (run.error if note[0] is Severity.ERROR else run.warning)(note[1], path)
        run.keep(f"{path}.original", text)
        return ""

    def get(row: Row, run: Run) -> str:
        return find(base(row, run), run)

    def emit(code: Code) -> str:
        text, found = code.value(base), code.fresh()
        code.line(f"{found} = {code.bind(table)}.get({text})")
        code.line(f"if {found} is None: {found} = {code.bind(find)}({text}, run)")
        return found

    return emitting(get, emit)


def dated(column: str, read: Callable[[Cell], Any], path: str, *, is_error: bool) -> Get:
    """A date or instant; an unreadable one is an error, or a warning with the value kept."""

    def get(row: Row, run: Run) -> Any:
        cell = row.get(column)
        if cell is None:
            return None
        found = read(cell)
        if found is not None or is_blank(cell):
            return found
        if is_error:
            if column != run.filing_column:  # said already as filed_unreadable
                run.error("date_unreadable", path)
        elif column != run.filing_column:
            run.warning("date_unreadable_minor", path)
            run.keep(f"{path}.original", plain_text(cell) if type(cell) is not str else cell)
        return None

    def emit(code: Code) -> str:
        cell, found = code.cell(column), code.fresh()
        code.line(f"{found} = None if {cell} is None else {code.bind(read)}({cell})")
        code.line(f"if {found} is None and {cell} is not None: {found} = {code.bind(get)}(row, run)")
        return found

    return emitting(get, emit)


def number(spec: Value, path: str) -> Get:
    """A whole number; 0 for NULL."""
    column, is_error = spec.source[0], spec.trouble == "error"

    def get(row: Row, run: Run) -> int:
        cell = row.get(column)
        if type(cell) is int and -(2**63) < cell < 2**63:
            return cell
        if is_blank(cell):
            return 0
        number = whole_number(cell)
        if number is None:
            (run.error if is_error else run.warning)("number_unreadable", path)
            run.keep(f"{path}.original", clean_text(cell, run, path, is_kept=True))
            return 0
        return number

    def emit(code: Code) -> str:
        cell, found = code.cell(column), code.fresh()
        code.line(f"{found} = {cell} if {is_count(cell)} else 0 if {cell} is None else {code.bind(get)}(row, run)")
        return found

    return emitting(get, emit)


def flag(spec: Value, path: str) -> Get:
    """A flag; False for NULL."""
    if spec.value is not None:
        return constant(flag_of(spec.value) is True)
    column, is_error = spec.source[0], spec.trouble == "error"

    def get(row: Row, run: Run) -> bool:
        cell = row.get(column)
        if cell is None or cell is False or cell is True:
            return bool(cell)
        found = flag_of(cell)
        if found is None and not is_blank(cell):
            (run.error if is_error else run.warning)("flag_unreadable", path)
            run.keep(f"{path}.original", clean_text(cell, run, path, is_kept=True))
        return bool(found)

    def emit(code: Code) -> str:
        cell, found = code.cell(column), code.fresh()
        usual = f"{cell}.__class__ is int or {cell}.__class__ is bool"
        code.line(f"{found} = False if {cell} is None else {cell} != 0 if {usual} else {code.bind(get)}(row, run)")
        return found

    return emitting(get, emit)
