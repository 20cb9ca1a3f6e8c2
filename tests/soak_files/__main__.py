"""The soak of files from the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak_files.run import Figures, soak


def main() -> int:
    """Run it and print the figures. Exit code 0 when every file is held as it was, else 1."""
    options = argparse.ArgumentParser(prog="make soakfiles ARGS=")
    options.add_argument("--files", type=int, default=20_000)
    options.add_argument("--gb", type=float, default=4.0, help="expected size of all files")
    options.add_argument("--kills", type=int, default=1)
    options.add_argument("--folder", type=Path, help="where to work; three times the size must be free")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="soakfiles-") as folder:
        found = soak(Path(folder) / "site", given.files, round(given.gb * 1e9), given.kills)
    print(words(found))
    return int(found.differing > 0 or found.equal == 0 or found.pushes[-1].code not in (0, 1))


def words(found: Figures) -> str:
    """The figures, one a line."""
    last = found.pushes[-1]
    seconds = sum(push.seconds for push in found.pushes)
    return "\n".join([
        f"files made: {found.files}, {found.bytes / 1e9:.2f} GB",
        f"held by dossiers and hashed on both sides: {found.equal} equal, {found.differing} differing",
        f"different contents: {found.contents}, held once each: {found.held_contents}",
        f"unfinished uploads left: {found.part_rests}",
        *(
            f"push {number}: exit {push.code}, {push.seconds:.0f} s, {push.memory[-1][0] if push.memory else 0} files "
            f"recorded, peak {push.peak_mb:.0f} MB"
            for number, push in enumerate(found.pushes, start=1)
        ),
        f"pushing in all: {seconds:.0f} s, {found.bytes / 1e6 / seconds:.1f} MB/s, {found.files / seconds:.0f} files/s",
        "peak of the last push by quarters: "
        + ", ".join(f"{last.peak_between(q / 4, (q + 1) / 4):.0f} MB" for q in range(4)),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
