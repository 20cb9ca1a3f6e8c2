"""Closures that read one column: ``get(row, run)`` gives its value in the type of the field.

The usual cell (plain ASCII text, a readable date) takes the shortest way; everything odd is noted in the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mappings.cells import Cell, Row, Run, clean_text, flag_of, is_blank, plain_text, whole_number
from mappings.model import Severity
from mappings.spec import Value
from mappings.steps import STEPS, Step

Get = Callable[[Row, Run], Any]


def constant(value: Any) -> Get:
    """The same value for every row."""
    return lambda row, run: value


def column_text(column: str, path: str, *, is_kept: bool) -> Get:
    """A column as NFC text; "" for NULL."""

    def get(row: Row, run: Run) -> str:
        cell = row.get(column)
        if cell is None:
            return ""
        if type(cell) is str and cell.isascii():
            return cell
        if type(cell) is int and -_LARGE < cell < _LARGE:
            return str(cell)
        return clean_text(cell, run, path, is_kept=is_kept)

    get.plain_column = column  # type: ignore[attr-defined]  # lets a group read the usual cell itself
    return get


_LARGE: Final = 10**18  # beyond it nobody counts rows, and Python may refuse to print


def first_of(getters: Sequence[Get], empty: Any) -> Get:
    """The first value that is not empty."""

    def get(row: Row, run: Run) -> Any:
        for getter in getters:
            found = getter(row, run)
            if found is not None and found is not False and found != empty:
                return found
        return empty

    return get


def joined(getters: Sequence[Get], sign: str) -> Get:
    """The texts that are not empty, with ``sign`` between them."""
    return lambda row, run: sign.join(filter(None, [get(row, run) for get in getters]))


def stepped(base: Get, step: Step, path: str, *, is_kept: bool) -> Get:
    """A text after one cleaning step; a change is noted and its original kept."""

    def get(row: Row, run: Run) -> str:
        text: str = base(row, run)
        if not text:
            return text
        changed = step.apply(text)
        if changed == text:
            return text
        if step.issue:
            run.info(step.issue, path)
            if not is_kept and not step.is_look:
                run.keep(f"{path}.original", text)
        return text if step.is_look else changed

    return get


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

    return get


def tabled(base: Get, table: Mapping[str, str], spec: Value, path: str) -> Get:
    """A code through its table; a code outside it is an issue, never a default."""
    note = Severity(spec.unknown.severity), spec.unknown.issue

    def get(row: Row, run: Run) -> str:
        code: str = base(row, run).strip()
        found = table.get(code)
        if found is None:
            if not code:
                return ""
            (run.error if note[0] is Severity.ERROR else run.warning)(note[1], path)
            run.keep(f"{path}.original", code)
            return ""
        return found

    return get


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

    return get


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

    return get


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

    return get
