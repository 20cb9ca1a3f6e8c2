"""The wheel holds the four rooms with everything they read, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "connectors", "mappings", "validations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a wheel built from this working copy."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (built,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def shipped() -> set[str]:
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def test_a_wheel_holds_every_file_of_the_four_rooms(wheel: set[str]) -> None:
    assert shipped() - wheel == set()


def test_a_wheel_holds_nothing_but_the_four_rooms(wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel if ".dist-info/" not in name} == set(ROOMS)


@pytest.mark.parametrize(
    "pattern", ["mappings/profiles/*.yaml", "mappings/crosswalks/*.csv*", "validations/suites/*.yaml"]
)
def test_a_wheel_holds_what_a_technician_may_override(wheel: set[str], pattern: str) -> None:
    assert any(Path(name).match(pattern) for name in wheel)


def test_a_wheel_holds_the_report_page(wheel: set[str]) -> None:
    assert any(name.startswith("validations/templates/") for name in wheel)
