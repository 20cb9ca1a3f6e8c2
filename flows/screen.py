"""What a technician sees in the terminal: progress, tables, messages. Messages go to stderr, results to stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from flows.figures import Figures, Status
from flows.stages import Progress as ProgressCall

STAGE_NAMES: Final = {
    "sample": "Đổ dữ liệu diễn tập",
    "extract": "Trích xuất",
    "map": "Chuyển đổi",
    "validate": "Kiểm tra",
    "push": "Đẩy",
    "compare": "Đối soát",
    "rollback": "Rút lại",
    "whatif": "So hai cách chuyển",
    "review": "Đếm để soát xét",
    "scan": "Xem các bảng",
}
STATE_NAMES: Final = {
    "EXTRACTED": "đã trích xuất",
    "MAPPED": "đã chuyển đổi",
    "VALID": "hợp lệ, chờ đẩy",
    "PUSHED": "đã đẩy, chờ đối soát",
    "MATCHED": "khớp",
    "DIFFERENT": "khác biệt",
    "QUARANTINED": "cách ly",
    "VANISHED": "biến mất ở hệ thống cũ",
    "ROLLED_BACK": "đã rút lại",
}


DECIDED_NAMES: Final = {
    "drained": "giải quyết nốt ở hệ thống cũ theo quyết định",
    "merged_into": "bản ghi trùng, đã gộp vào hồ sơ khác",
}


def out() -> Console:
    """Results: stdout."""
    return Console(file=sys.stdout, highlight=False)


def err() -> Console:
    """Messages and progress: stderr."""
    return Console(file=sys.stderr, highlight=False)


def say(message: str) -> None:
    """One message to the technician."""
    err().print(message, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """A result for scripts."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


@contextmanager
def progress_bars() -> Iterator[ProgressCall]:
    """Bars on a terminal; elsewhere one line when a stage is done."""
    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}
        done_before: dict[str, int] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks or done < done_before.get(stage, 0):
                tasks[stage] = bars.add_task(STAGE_NAMES.get(stage, stage), total=total or None)
            done_before[stage] = done
            bars.update(tasks[stage], completed=done, total=max(total, done))
            if not console.is_terminal and (done == 0 or done >= total):
                console.print(f"{STAGE_NAMES.get(stage, stage)}: {number(done)}/{number(max(total, done))}")

        yield update


def number(value: int) -> str:
    """A whole number as Vietnamese offices write it: 12.345."""
    return f"{value:,}".replace(",", ".")


def print_status(status: Status) -> None:
    """The equation, in all and per source."""
    console = out()
    for name, figures in status.sources.items():
        console.print(_equation(f"Nguồn {name}", figures))
    if len(status.sources) > 1:
        console.print(_equation("Tất cả các nguồn", status.total))


def _equation(title: str, figures: Figures) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Tìm thấy ở hệ thống cũ", number(figures.found))
    for rule, n in figures.excluded.items():
        table.add_row(f"  − ngoài phạm vi: {rule}", number(n))
    table.add_row("= Trong phạm vi (đếm riêng ở hệ thống cũ)", number(figures.in_scope))
    for state, n in figures.states.items():
        table.add_row(f"    {STATE_NAMES.get(state, state)} ({state})", number(n))
        if state == "DIFFERENT" and figures.accepted:
            table.add_row("      đã chấp nhận", number(figures.accepted))
            table.add_row("      chưa xử lý", number(figures.unsettled))
    for rule, n in figures.decided.items():
        table.add_row(f"    {DECIDED_NAMES.get(rule, rule)} ({rule})", number(n))
    table.add_row("[bold]Cân[/bold]" if figures.balanced else "[bold red]KHÔNG CÂN[/bold red]", "")
    return table


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A plain table; the numbers' column is the second."""
    result = Table(title=title, title_justify="left", pad_edge=False)
    for position, head in enumerate(heads):
        result.add_column(head, justify="right" if position == 1 else "left", overflow="fold")
    for row in rows:
        result.add_row(*row)
    return result
