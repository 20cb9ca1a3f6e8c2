"""What a dossier's own code tells while it is mapped, and the second codes that it is looked up by."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mappings.cells import Cell, Row, Run, clean_text, plain_text
from mappings.dossier_codes import read_code
from mappings.model import OtherCode
from mappings.profile import SecondCode

SECOND = "second"


def judge_code(code: str, received_at: datetime | None, run: Run) -> None:
    """Note a code whose day is not the day of receipt in Vietnam, or whose form is an old software's own.

    A code that fits no form is the suite's finding. Source: Thông tư 01/2018/TT-VPCP, điều 19 (YYMMDD is the day of
    receipt).
    """
    if not code:
        return
    # 000.17.22.H56-210531-0001: what nearly every code looks like
    if len(code) == 25 and code[20] == "-" and received_at is not None and code[14:20] == _day_text(received_at.date()):
        return
    found = read_code(code)
    if not found.form:
        return
    if not found.is_national:
        run.info("code_form_old", "code", found.form)
    if received_at is not None and not found.is_of(received_at.date()):
        run.warning("code_date_differs", "code")


@functools.lru_cache(4096)
def _day_text(day: object) -> str:
    return f"{day:%y%m%d}"


def compile_second_codes(specs: Sequence[SecondCode]) -> Callable[[Row, Run, str], tuple[OtherCode, ...]]:
    """``second(row, run, code)``: the other codes of the dossier, each once, in the declared order."""

    def cells(row: Row, run: Run) -> Iterator[Cell]:
        for spec in specs:
            for one in run.children.get(spec.child, ()) if spec.child else (row,):
                yield one.get(spec.source)

    def second(row: Row, run: Run, code: str) -> tuple[OtherCode, ...]:
        found: tuple[OtherCode, ...] = ()
        for cell in cells(row, run):
            if cell is None or cell == "" or cell == 0:
                continue
            text = cell if type(cell) is str else plain_text(cell)
            if not text.isascii():
                text = clean_text(text, run, "other_codes", is_kept=False)
            text = text.strip()
            if text and text != "0" and text != code and all(text != other.code for other in found):
                found += (OtherCode(text, SECOND),)
        return found

    return second
