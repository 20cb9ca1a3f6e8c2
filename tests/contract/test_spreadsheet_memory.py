"""A CSV of any length is read in constant memory; a book is refused before it takes more than its bound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from connectors._sheet_shapes import SheetShapes
from connectors.base import ReadPlan, TableRead
from connectors.spreadsheet import open_spreadsheet
from tests.contract.books import xlsx
from tests.contract.test_spreadsheet import HEAD, REGISTER, ROW

SCRIPT = """
import sys
from pathlib import Path
from connectors.base import ReadPlan, TableRead
from connectors.spreadsheet import open_spreadsheet
from tests.contract.test_spreadsheet import SHAPES
source = open_spreadsheet(Path(sys.argv[1]), SHAPES, Path(sys.argv[1] + ".store"))
plan = ReadPlan(TableRead("dossier", "so", ("ma", "ten"), "source_key", "source_key"))
records = sum(len(page) for page in source.sweep(plan))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(records, int(peak.split()[1]) // 1024)
"""


def measure(path: Path) -> tuple[int, int]:
    """(records, highest memory in MB) of a sweep in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    records, memory = done.stdout.split()
    return int(records), int(memory)


def test_eight_times_the_csv_takes_no_more_memory(tmp_path: Path) -> None:
    found = []
    for name, rows in (("nho.csv", 1000), ("lon.csv", 8000)):
        lines = (f"{n},H44-{n},Nguyễn Thị Mẫu {n},02/06/2025,,{'x' * 1500}\n" for n in range(rows))
        (tmp_path / name).write_text(",".join(HEAD) + "\n" + "".join(lines), encoding="utf-8")
        found.append(measure(tmp_path / name))
    assert [records for records, _ in found] == [1000, 8000]
    # the database's own page cache may still fill up to its bound of 32 MB
    assert found[1][1] - found[0][1] < 40, found
    assert found[1][1] < 180, found


def test_a_sheet_beyond_its_bound_is_refused_and_its_neighbours_are_not_read_in_part(tmp_path: Path) -> None:
    xlsx(tmp_path / "so.xlsx", {"Vừa": [HEAD, ROW], "Quá": [HEAD, *[ROW] * 30]})
    source = open_spreadsheet(tmp_path / "so.xlsx", SheetShapes((REGISTER,), cells=100), tmp_path / "cu.sqlite")
    ((place, said),) = [(part.place, part.said) for part in source.probe().broken]
    assert (place, said.partition(":")[0]) == ("so.xlsx", "sheet Quá trải tới dòng 31, cột 6")
    plan = ReadPlan(TableRead("dossier", "so", ("ma",), "source_key", "source_key"))
    assert source.count("SELECT COUNT(*) FROM {#so} d", plan.params) == 0
    source.close()
