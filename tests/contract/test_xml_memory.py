"""Files of XML are read in constant memory: a short form of ``python -m tests.benchmark.xml_files``."""

from __future__ import annotations

from pathlib import Path

from tests.benchmark.xml_files import measure, write_file, write_zip

MB = 10**6


def test_five_times_the_file_takes_no_more_memory(tmp_path: Path) -> None:
    small, large = tmp_path / "nho.xml", tmp_path / "lon.xml"
    counts = write_file(small, 4 * MB), write_file(large, 20 * MB)
    found = measure(small), measure(large)
    assert tuple(one["records"] for one in found) == counts
    # the database's own page cache may still fill up to its bound of 32 MB
    assert found[1]["peak_mb"] - found[0]["peak_mb"] < 40, found
    assert found[1]["peak_mb"] < 150, found


def test_a_zip_of_many_files_is_read_in_place(tmp_path: Path) -> None:
    assert write_zip(tmp_path / "goi.zip", 3000) == 3000
    found = measure(tmp_path / "goi.zip")
    assert (found["records"], found["broken"]) == (3000, 0)
    assert found["peak_mb"] < 120, found
    assert [path.name for path in tmp_path.iterdir()] == ["goi.zip"]
