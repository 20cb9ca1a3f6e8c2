"""The generator of registers: the same request gives the same rows, and nobody's files are touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from connectors.base import Misconfigured
from connectors.rehearsal.sample import SampleRequest
from connectors.rehearsal.so_theo_doi import MARK, generate
from tests.unit.sample_requests import request_for


def request(folder: Path, **options: object) -> SampleRequest:
    """Books below the folder."""
    return request_for(folder / "so", folder / "manifest.json", **options)


def rows(folder: Path) -> dict[str, object]:
    """Everything in the books of a folder."""
    found: dict[str, object] = {}
    for path in sorted((folder / "so").iterdir()):
        if path.suffix in (".xlsx", ".ods"):
            book = CalamineWorkbook.from_path(path)
            found |= {f"{path.name}/{name}": book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        else:
            found[path.name] = path.read_bytes()
    return found


def test_the_same_request_gives_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    made = [generate(request(tmp_path / name, seed=seed)) for name, seed in (("a", 5), ("b", 5), ("c", 6))]
    assert rows(tmp_path / "a") == rows(tmp_path / "b") != rows(tmp_path / "c")
    assert made[0] == made[1] == json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert made[0]["found"] == 220
    assert len(made[0]["kinds"]) == 26
    assert all((path.stat().st_mode & 0o077) == 0 for path in (tmp_path / "a" / "so").iterdir() if path.name != MARK)


def test_clean_registers_have_no_dirt(tmp_path: Path) -> None:
    made = generate(request(tmp_path, is_clean=True, dossiers=40))
    assert (made["found"], made["in_scope"], made["quarantined"]) == (40, 40, 0)
    assert {kind["kind"] for kind in made["kinds"]} <= {"overdue_at_cutoff"}


def test_a_folder_of_somebody_else_is_left_alone_and_its_own_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "so").mkdir()
    (tmp_path / "so" / "so_that.xlsx").write_bytes(b"x")
    with pytest.raises(Misconfigured, match="không phải dữ liệu diễn tập"):
        generate(request(tmp_path))
    assert (tmp_path / "so" / "so_that.xlsx").read_bytes() == b"x"
    (tmp_path / "so" / "so_that.xlsx").unlink()
    generate(request(tmp_path))
    generate(request(tmp_path, dossiers=10, is_clean=True))
    assert len(rows(tmp_path)) < 60
