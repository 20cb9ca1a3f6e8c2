"""How fast and in how much memory XML is read: one file of a gigabyte, and a ZIP of 50,000 files.

``python -m tests.benchmark.xml_files`` makes both in a temporary folder and prints a table; ``--mb`` and ``--members``
say how large. Every figure is of a process of its own that stages the files and then sweeps all dossiers.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import FileSpec, ReadPlan, TableRead
from connectors.xml import open_xml

FIELDS = tuple(f"Truong{number}" for number in range(20))
SHAPES = XmlShapes(
    (
        XmlTable(
            "ho_so",
            "/k:DanhSach/k:HoSo",
            {
                "ma": XmlColumn("@ma"),
                "ten": XmlColumn("k:NguoiNop/k:Ten"),
                **{name: XmlColumn(f"k:{name}") for name in FIELDS},
            },
            "ma",
        ),
        XmlTable(
            "giay_to",
            "k:GiayTos/k:GiayTo",
            {"ten": XmlColumn("k:Ten"), "so": XmlColumn("@so"), "tep": XmlColumn("k:NoiDung", "file")},
            links=(("ma", "ho_so"),),
        ),
    ),
    {"k": "urn:do-toc-do"},
)
PLAN = ReadPlan(
    main=TableRead("dossier", "ho_so", ("ma", "ten", *FIELDS), "ma", "ma"),
    children=(TableRead("papers", "giay_to", ("ten", "so", "tep", "source_order"), "ma", "source_order"),),
    files=(FileSpec("papers", "{tep}"),),
)
HEAD, TAIL = '<DanhSach xmlns="urn:do-toc-do">\n', "</DanhSach>\n"


def dossier(number: int, attachment: str = "") -> str:
    """Some 1.5 KB of one dossier: 20 fields and four papers."""
    fields = "".join(f"<{name}>giá trị {number % 977} của {name}</{name}>" for name in FIELDS)
    papers = "".join(f'<GiayTo so="{n}"><Ten>Tờ khai số {n}</Ten></GiayTo>' for n in range(3))
    last = f'<GiayTo so="3"><Ten>Đơn</Ten><NoiDung>{attachment}</NoiDung></GiayTo>'
    person = f"<NguoiNop><Ten>Người thứ {number}</Ten></NguoiNop>"
    return f'<HoSo ma="HS{number:09}">{person}{fields}<GiayTos>{papers}{last}</GiayTos></HoSo>\n'


def write_file(path: Path, size: int) -> int:
    """One XML of at least ``size`` bytes, every hundredth dossier with an attachment of 30 KB; how many dossiers."""
    written = number = 0
    with path.open("wb") as stream:
        stream.write(HEAD.encode())
        while written < size:
            packed = base64.b64encode(number.to_bytes(8, "big") * 3750).decode() if number % 100 == 0 else ""
            written += stream.write(dossier(number, packed).encode())
            number += 1
        stream.write(TAIL.encode())
    return number


def write_zip(path: Path, members: int) -> int:
    """A ZIP of one-dossier files; how many dossiers."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(members):
            archive.writestr(f"{number % 100:02}/{number:06}.xml", HEAD + dossier(number) + TAIL)
    return members


def measure(path: Path) -> dict[str, Any]:
    """Read what lies at ``path`` in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmark.xml_files", "--read", str(path)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _read(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="lt-xml-", dir=path.parent) as folder:
        idle = _peak()
        source = open_xml(path, SHAPES, Path(folder) / "staged.sqlite")
        begun = time.perf_counter(), time.process_time()
        broken = len(source.probe().broken)
        staged = time.perf_counter(), time.process_time()
        peak = _peak()
        records = sum(len(page) for page in source.sweep(PLAN))
        swept = time.perf_counter()
        source.close()
    return {
        "records": records,
        "broken": broken,
        "stage_s": staged[0] - begun[0],
        "stage_cpu_s": staged[1] - begun[1],
        "sweep_s": swept - staged[0],
        "idle_mb": idle,
        "stage_peak_mb": peak,
        "peak_mb": _peak(),
    }


def _peak() -> float:
    """Most memory that this process ever held resident, MB; not what it inherits from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _rows(megabytes: int, members: int, folder: Path) -> Iterator[str]:
    yield "| what | MB | dossiers | stage s | stage CPU s | sweep s | dossiers/s | peak MB: idle – stage – sweep |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for title, path, wanted in (
        ("one file", folder / "a.xml", write_file(folder / "a.xml", megabytes * 10**6)),
        (f"ZIP of {members:,} files".replace(",", "."), folder / "b.zip", write_zip(folder / "b.zip", members)),
    ):
        found = measure(path)
        assert (found["records"], found["broken"]) == (wanted, 0)
        size = path.stat().st_size / 10**6
        yield (
            f"| {title} | {size:.0f} | {wanted} | {found['stage_s']:.0f} | {found['stage_cpu_s']:.0f} | "
            f"{found['sweep_s']:.0f} | {wanted / found['sweep_s']:.0f} | "
            f"{found['idle_mb']:.0f} – {found['stage_peak_mb']:.0f} – {found['peak_mb']:.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.xml_files", description=__doc__)
    parser.add_argument("--mb", type=int, default=1000, help="size of the one file")
    parser.add_argument("--members", type=int, default=50_000, help="files in the ZIP")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(options.read)))
        return
    with tempfile.TemporaryDirectory(prefix="lt-xml-") as folder:
        for row in _rows(options.mb, options.members, Path(folder)):
            print(row, flush=True)


if __name__ == "__main__":
    main()
