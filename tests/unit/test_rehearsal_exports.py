"""The generator of exported XML: the same request gives the same files, and nobody's files are touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.base import Misconfigured
from connectors.rehearsal.sample import SampleRequest
from connectors.rehearsal.xml_mau import MARK, generate
from tests.unit.sample_requests import request_for


def request(folder: Path, **options: object) -> SampleRequest:
    """Exports below the folder."""
    return request_for(folder / "xuat", folder / "manifest.json", **options)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder of exports."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "xuat").rglob("*"))
        if path.is_file()
    }


def test_the_same_request_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    made = [generate(request(tmp_path / name, seed=seed)) for name, seed in (("a", 5), ("b", 5), ("c", 6))]
    assert files(tmp_path / "a") == files(tmp_path / "b") != files(tmp_path / "c")
    assert made[0] == made[1] == json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert made[0]["found"] == 220
    places = list((tmp_path / "a" / "xuat").rglob("*"))
    assert places
    assert all((path.stat().st_mode & 0o077) == 0 for path in places)


def test_clean_exports_have_no_dirt(tmp_path: Path) -> None:
    made = generate(request(tmp_path, is_clean=True, dossiers=40))
    assert (made["found"], made["in_scope"], made["quarantined"]) == (40, 40, 0)
    assert {kind["kind"] for kind in made["kinds"]} <= {"overdue_at_cutoff", "online_waiting"}


def test_a_folder_of_somebody_else_is_left_alone_and_its_own_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "xuat").mkdir()
    (tmp_path / "xuat" / "that.xml").write_bytes(b"x")
    with pytest.raises(Misconfigured, match="không phải dữ liệu diễn tập"):
        generate(request(tmp_path))
    assert files(tmp_path) == {"xuat/that.xml": b"x"}
    (tmp_path / "xuat" / "that.xml").unlink()
    generate(request(tmp_path))
    generate(request(tmp_path, dossiers=3, is_clean=True))
    assert len(files(tmp_path)) < 12
    assert (tmp_path / "xuat" / MARK).is_file()
