"""The comparison report: frozen data first, then JSON, a CSV of differences, and one self-contained HTML page."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import jinja2
import msgspec

from validations import report_charts
from validations import report_words as words
from validations.compare import CODE_FIELDS, Difference, field_pattern
from validations.differences import ENTITY_WORDS, STATE_WORDS
from validations.levels import MARKS, STATUSES
from validations.remedies import title_of
from validations.report_data import Report
from validations.report_figures import build_report
from validations.report_inputs import (
    AcceptedTally,
    Attachments,
    BoardLine,
    CauseTally,
    CounterFloor,
    DeadlineInputs,
    Derived,
    DifferenceTally,
    HandFigures,
    IssueTally,
    ObligationTally,
    OpenWork,
    Papers,
    ProcedureTally,
    Recount,
    ReportInputs,
    SourceInputs,
    Tally,
    Told,
    WayBack,
)
from validations.spreadsheet import plain_cell, taken

__all__ = [
    "AcceptedTally",
    "Attachments",
    "BoardLine",
    "CauseTally",
    "CounterFloor",
    "DeadlineInputs",
    "Derived",
    "DifferenceRow",
    "DifferenceTally",
    "HandFigures",
    "IssueTally",
    "ObligationTally",
    "OpenWork",
    "Papers",
    "ProcedureTally",
    "Recount",
    "Report",
    "ReportInputs",
    "SourceInputs",
    "Tally",
    "Told",
    "WayBack",
    "build_report",
    "differences_csv",
    "render",
    "shown_values",
    "to_html",
    "to_json",
    "validation_html",
]


def to_json(report: Report) -> bytes:
    """The report as JSON, keys sorted: same report, same bytes. ``run`` holds all ids and times."""
    return msgspec.json.format(msgspec.json.encode(report, order="sorted"), indent=2) + b"\n"


# ---------------------------------------------------------------- differences as CSV


@dataclass(frozen=True)
class DifferenceRow:
    """One difference of one dossier. ``code`` is the dossier code, "" when there is none.

    ``mark`` stands for the values, ``state`` says how it stands as work; ``first_at``, ``last_at``: when it was seen.
    """

    source: str
    key: str
    code: str
    difference: Difference
    state: str = ""
    mark: str = ""
    first_at: str = ""
    last_at: str = ""
    entity: str = ""


_HEADS: Final = (
    "nguon", "khoa_cu", "ma_ho_so", "loai_khac_biet", "truong", "gia_tri_cu", "gia_tri_moi", "tinh_trang", "dau",
    "lan_dau", "lan_cuoi", "doi_tuong",
)  # fmt: skip
_OPEN_KINDS: Final = frozenset(
    {"time", "attachment", "order", "other_dossier", "worked_on_in_new_system", "next_actions_differ"}
)
_CHUNK: Final = 1000


def differences_csv(rows: Iterable[DifferenceRow], *, unmasked: bool = False) -> Iterator[bytes]:
    """Pieces of a CSV that Excel opens as it is (UTF-8 with BOM). Values are masked unless asked for by name.

    Times, codes of code lists and hashes are shown; of every other value only its length.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(_HEADS)
    for count, row in enumerate(rows, start=1):
        writer.writerow([plain_cell(text) for text in difference_texts(row, unmasked=unmasked)])
        if count % _CHUNK == 0:
            yield taken(buffer)
    yield taken(buffer)


def difference_texts(row: DifferenceRow, *, unmasked: bool = False) -> list[str]:
    """The cells of a difference, in the order of the CSV's heads."""
    found = row.difference
    told = (
        STATE_WORDS.get(row.state, row.state),
        row.mark,
        row.first_at,
        row.last_at,
        ENTITY_WORDS.get(row.entity, ""),
    )
    values = shown_values(found, unmasked=unmasked)
    return [row.source, row.key, row.code, title_of(found.kind, "differences"), found.field, *values, *told]


def shown_values(found: Difference, *, unmasked: bool = False) -> tuple[str, str]:
    """Both values of a difference, masked unless they can say nothing of a person."""
    is_open = unmasked or found.kind in _OPEN_KINDS or field_pattern(found.field).rpartition(".")[2] in CODE_FIELDS
    return (found.old, found.new) if is_open else (_mask(found.old), _mask(found.new))


def _mask(value: str) -> str:
    return f"({len(value)} ký tự)" if value else ""


# ---------------------------------------------------------------- HTML


def to_html(report: Report, pages: Mapping[str, str] | None = None, lookup: str = "") -> str:
    """The whole report as one page: no script, no outside address, printable on A4.

    ``pages``: old key → address of a dossier's own page beside the report; ``lookup``: address of the look-up page.
    """
    return _page("report.html.j2", report, pages or {}, lookup)


def validation_html(report: Report) -> str:
    """The validation suite by itself: every rule with what it checked and what failed."""
    return _page("validation.html.j2", report, {}, "")


def _page(template: str, report: Report, pages: Mapping[str, str], lookup: str) -> str:
    return render(
        template,
        report=report,
        pages=pages,
        lookup=lookup,
        charts=report_charts,
        columns=shown_states(report),
        level_words=STATUSES,
        level_marks=MARKS,
    )


def render(template: str, **values: object) -> str:
    """A page of the templates folder; ``words`` are the report's unless others are given."""
    return _templates().get_template(template).render(**{"words": words, **values})


@functools.cache
def _templates() -> jinja2.Environment:
    """The templates, compiled once: a report has a page for each of its examples."""
    folder = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=words.number, day=day, moment=moment, share=_share)
    return environment


def shown_states(report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """Columns of the breakdowns: the states that occur, those on the way as one."""
    present = {count.code for count in report.total.states}
    columns: list[tuple[str, tuple[str, ...]]] = [
        (words.STATES[state], (state,)) for state in words.STATES if state in present - set(words.ON_THE_WAY)
    ]
    if present & set(words.ON_THE_WAY):
        columns.append(("Đang trên đường", words.ON_THE_WAY))
    return columns


def day(text: str) -> str:
    """2025-07-01 → 01/7/2025."""
    found = date.fromisoformat(text)
    return f"{found.day:02d}/{found.month}/{found.year}"


def moment(text: str) -> str:
    """An ISO instant as local wall time: 14:05 ngày 01/7/2025."""
    if not text:
        return "chưa có"
    found = datetime.fromisoformat(text).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return f"{found:%H:%M} ngày {found.day:02d}/{found.month}/{found.year}"


def _share(part: int, whole: int) -> str:
    """A part of a whole in per cent for a bar, never rounded up to the whole."""
    return f"{int(part * 10000 / whole) / 100:.2f}" if whole else "0"
