"""Is this machine fit for the work? Every part is looked at by itself, also when others fail; each has its remedy.

``check`` asks whether a site is whole; this asks what stands between the site and its work: programs, drivers, disk,
clock, text, connections, rights, ports. It changes nothing: no ledger is made or upgraded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.table import Table

from flows import screen
from flows.failures import MATCHED, explain


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at. ``level``: ok, doubt, or fault; ``code``: the exit code of a fault."""

    area: str
    subject: str
    found: str
    remedy: str = ""
    level: str = "ok"
    code: int = MATCHED

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


Look = Callable[[], Iterator[Sign]]


def doubt(area: str, subject: str, found: str, remedy: str) -> Sign:
    """Work can go on, but somebody should look."""
    return Sign(area, subject, found, remedy, "doubt")


def fault(area: str, subject: str, found: str, remedy: str, code: int) -> Sign:
    """Work cannot go on."""
    return Sign(area, subject, found, remedy, "fault", code)


def guarded(area: str, subject: str, look: Look) -> Iterator[Sign]:
    """What a look finds; an exception is a fault of its own, told in the words of failures.py."""
    try:
        yield from look()
    except Exception as error:
        said, code = explain(error)
        yield fault(area, subject, said, "Sửa theo thông báo rồi chạy lại lienthong doctor.", code)


def exit_code(signs: Sequence[Sign]) -> int:
    """0 when nothing is broken, else the code of the first fault."""
    return next((sign.code for sign in signs if sign.level == "fault"), MATCHED)


_WORDS: Final = {"ok": "[green]tốt[/green]", "doubt": "[yellow]lưu ý[/yellow]", "fault": "[bold red]HỎNG[/bold red]"}


def print_signs(signs: Sequence[Sign]) -> None:
    """Area by area; the remedy below whatever is not well."""
    console = screen.out()
    for area in dict.fromkeys(sign.area for sign in signs):
        table = Table(title=area, title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_column(ratio=3, overflow="fold")
        for sign in signs:
            if sign.area == area:
                remedy = f"\n→ {sign.remedy}" if sign.remedy else ""
                table.add_row(_WORDS[sign.level], sign.subject, f"{sign.found}{remedy}")
        console.print(table)
    faults, doubts = (sum(sign.level == level for sign in signs) for level in ("fault", "doubt"))
    screen.say(f"{faults} chỗ hỏng, {doubts} lưu ý." if faults or doubts else "Máy này đủ điều kiện làm việc.")
