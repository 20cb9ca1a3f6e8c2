"""The arithmetic of the benchmark's one table, and the table as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

OURS, DLT, FLOOR = "A", "B", "C"
NAMES: Mapping[str, str] = {OURS: "A lienthong", DLT: "B dlt", FLOOR: "C COPY"}
HEADS = (
    "dossiers", "run / stage", "dossiers/s", "wall s: min – median – max", "CPU s", "receiver CPU s",
    "MariaDB CPU s", "PostgreSQL CPU s", "peak MB", "wall ÷ B", "wall ÷ C", "all CPU ÷ B",
)  # fmt: skip
START, END = "start, imports", "end"
RECEIVER, MARIADB, POSTGRES = "receiver", "MariaDB", "PostgreSQL"


@dataclass(frozen=True)
class Cost:
    """Seconds and megabytes of a run or of one stage of it; what was not measured is absent.

    ``cpu_s`` is that of all our processes, the receiver's included; ``parts`` are CPU seconds of the receiver and
    of the database servers.
    """

    wall_s: float
    cpu_s: float | None = None
    parts: Mapping[str, float] | None = None
    peak_mb: float | None = None

    @property
    def all_cpu_s(self) -> float | None:
        """CPU seconds of everybody: our processes and the servers (the receiver is one of ours)."""
        if self.cpu_s is None or self.parts is None:
            return None
        return self.cpu_s + sum(seconds for name, seconds in self.parts.items() if name != RECEIVER)


@dataclass(frozen=True)
class Run:
    """One run: what it cost as a whole, stage by stage in order, and the CPU seconds that others took meanwhile."""

    whole: Cost
    stages: Mapping[str, Cost]
    others_cpu_s: float = 0.0


Round = Mapping[str, Run]
"""Runs that stood next to each other, by OURS, DLT, FLOOR."""


@dataclass(frozen=True)
class Size:
    """All rounds over the same data."""

    dossiers: int
    rounds: tuple[Round, ...]


Pick = Callable[[Round], Cost | None]


def ratio(rounds: Sequence[Round], over: Pick, under: Pick, of: Callable[[Cost], float | None]) -> float | None:
    """Median of the ratios within each round (adjacent pairs): drift of the machine between rounds cancels out."""
    pairs = []
    for one in rounds:
        upper, lower = over(one), under(one)
        top, bottom = (of(upper) if upper else None), (of(lower) if lower else None)
        if top is not None and bottom:
            pairs.append(top / bottom)
    return median(pairs) if pairs else None


def rows_of(size: Size) -> list[tuple[str, ...]]:
    """The rows of one size: each run, followed by its stages."""
    rows = []
    for key, name in NAMES.items():
        rows.append(_row(size, name, _pick(key)))
        rows += [_row(size, f"{key} · {stage}", _pick(key, stage)) for stage in size.rounds[0][key].stages]
    return rows


def others_share(sizes: Sequence[Size], cpus: int) -> float:
    """The part of the machine that programs outside the benchmark took during its runs, 0 to 1."""
    runs = [one[key] for size in sizes for one in size.rounds for key in one]
    return sum(run.others_cpu_s for run in runs) / (sum(run.whole.wall_s for run in runs) * cpus)


def _pick(key: str, stage: str = "") -> Pick:
    return lambda one: one[key].stages.get(stage) if stage else one[key].whole


def markdown(sizes: Sequence[Size]) -> str:
    """The table, its columns padded so that it reads well in a terminal too."""
    rows = [HEADS, *(row for size in sizes for row in rows_of(size))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADS))]
    rule = "| " + " | ".join("-" * (width - 1) + (":" if n != 1 else "-") for n, width in enumerate(widths)) + " |"
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _row(size: Size, name: str, pick: Pick) -> tuple[str, ...]:
    costs = [cost for one in size.rounds if (cost := pick(one)) is not None]
    walls = sorted(cost.wall_s for cost in costs)
    middle = median(walls)
    parts = [_part(costs, part) for part in (RECEIVER, MARIADB, POSTGRES)]
    return (
        _whole(size.dossiers),
        name,
        "" if name.endswith((START, END)) else _whole(size.dossiers / middle),
        f"{walls[0]:.2f} – {middle:.2f} – {walls[-1]:.2f}",
        _number(_middle([cost.cpu_s for cost in costs])),
        *map(_number, parts),
        _number(_middle([cost.peak_mb for cost in costs]), digits=0),
        _number(ratio(size.rounds, pick, _pick(DLT), lambda cost: cost.wall_s)),
        _number(ratio(size.rounds, pick, _pick(FLOOR), lambda cost: cost.wall_s)),
        _number(ratio(size.rounds, pick, _pick(DLT), lambda cost: cost.all_cpu_s)),
    )


def _part(costs: Sequence[Cost], part: str) -> float | None:
    return _middle([cost.parts.get(part) if cost.parts else None for cost in costs])


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _number(value: float | None, *, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}".replace(",", ".")


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if n == 1 else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "| " + " | ".join(cells) + " |"
