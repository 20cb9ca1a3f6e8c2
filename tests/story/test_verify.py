"""A report that is sealed and signed off: what changed since is named, and what was signed holds no longer."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import change, go_on, ledger_rows, lienthong, make_ready, status


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site, pushed and compared."""
    path = make_ready(tmp_path_factory.mktemp("verify") / "site", 200, 3)
    lienthong("push", path, expect=(0, 1))
    lienthong("compare", path, expect=(0, 1))
    return path


def latest(site: Path) -> Path:
    return site / "var" / "reports" / "latest"


def differing(place: Path, *words: str | Path) -> dict[str, list[str]]:
    """Area → what differs there; the exit code says whether anything does."""
    done = lienthong("verify", place, *words, "--json", expect=(0, 1))
    found: dict[str, Any] = json.loads(done.stdout)
    checks = {each["area"]: each["items"] for each in found["checks"] if each["state"] == "differs"}
    assert (done.returncode, found["holds"]) == ((1, False) if checks else (0, True))
    return checks


def unchecked(place: Path, *words: str | Path) -> set[str]:
    found = json.loads(lienthong("verify", place, *words, "--json", expect=(0, 1)).stdout)
    return {each["area"] for each in found["checks"] if each["state"] == "unchecked"}


@contextmanager
def another_byte(file: Path) -> Iterator[None]:
    before = file.read_bytes()
    file.write_bytes(before[:-2] + bytes([before[-2] ^ 1]) + before[-1:])
    yield
    file.write_bytes(before)


def test_a_report_holds_wherever_it_is_named(site: Path) -> None:
    for place in (site, latest(site), latest(site) / "manifest.json"):
        assert differing(place) == {}
    assert unchecked(site) == {"outside"}


@pytest.mark.parametrize(
    ("where", "area"),
    [
        (lambda site: latest(site) / "report.html", "report"),
        (lambda site: next((latest(site) / "dossiers").iterdir()), "report"),
        (lambda site: site / "crosswalks" / "agencies.csv", "mapping"),
        (lambda site: site / "site.yaml", "mapping"),
    ],
)
def test_one_byte_of_a_file_is_found_and_named(site: Path, where: Callable[[Path], Path], area: str) -> None:
    file = where(site)
    root = latest(site) if area == "report" else site
    with another_byte(file):
        assert differing(site) == {area: [file.relative_to(root).as_posix()]}


@pytest.mark.parametrize(
    ("table", "column", "area"),
    [("entry", "new_id", "ledger"), ("attachment", "sha256", "ledger"), ("issue", "code", "ledger")],
)
def test_one_letter_of_a_dossier_in_the_ledger_is_found_and_its_key_named(
    site: Path, table: str, column: str, area: str
) -> None:
    ((key,),) = ledger_rows(site, f"SELECT key FROM {table} WHERE {column} <> '' ORDER BY key LIMIT 1")
    ((rowid,),) = ledger_rows(site, f"SELECT max(rowid) FROM {table} WHERE key = '{key}' AND {column} <> ''")
    ledger = site / "var" / "ledger.sqlite"
    assert change(ledger, f"UPDATE {table} SET {column} = {column} || 'x' WHERE rowid = {rowid}") == 1
    assert differing(site) == {area: [key]}
    undo = f"UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 1) WHERE rowid = {rowid}"
    assert change(ledger, undo) == 1
    assert differing(site) == {}


def test_one_byte_of_a_stored_record_is_found(site: Path) -> None:
    ledger = site / "var" / "ledger.sqlite"
    ((key, raw),) = ledger_rows(site, "SELECT key, hex(raw) FROM payload ORDER BY key LIMIT 1")
    other = raw[:-2] + f"{int(raw[-2:], 16) ^ 1:02X}"
    change(ledger, f"UPDATE payload SET raw = x'{other}' WHERE key = '{key}'")
    assert differing(site) == {"ledger": [key]}
    change(ledger, f"UPDATE payload SET raw = x'{raw}' WHERE key = '{key}'")


def test_what_the_two_systems_counted_cannot_be_changed_unseen(site: Path) -> None:
    ledger = site / "var" / "ledger.sqlite"
    change(ledger, "UPDATE check_figure SET value = value + 1 WHERE name = 'held_by_target'")
    change(ledger, "UPDATE sweep SET found = found + 1")
    assert set(differing(site)) == {"target", "counts"}
    change(ledger, "UPDATE check_figure SET value = value - 1 WHERE name = 'held_by_target'")
    change(ledger, "UPDATE sweep SET found = found - 1")


def test_a_copy_without_its_site_is_checked_as_far_as_it_goes(site: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(latest(site), tmp_path / "copy"))
    assert differing(copy) == {}
    assert unchecked(copy) == {"signature", "chain", "mapping", "ledger", "outside"}
    assert "signature" not in unchecked(copy, "--key", site / "signing.pub")
    assert differing(copy, "--site", site) == {}
    foreign = tmp_path / "signing.pub"
    foreign.write_text(f"ed25519 {'A' * 43}=\n")
    assert set(differing(copy, "--key", foreign)) == {"signature"}
    (copy / "seals.jsonl").write_text("[]")
    assert differing(copy, "--site", site) == {"report": ["seals.jsonl"]}


def test_what_is_no_report_is_said_to_be_none(site: Path, tmp_path: Path) -> None:
    assert "manifest.json" in lienthong("verify", tmp_path, expect=10).stderr
    assert "signing.pub" in lienthong("verify", site, "--key", site / "site.yaml", expect=10).stderr


def test_a_link_taken_out_of_the_chain_is_noticed(site: Path) -> None:
    lienthong("report", site, expect=(0, 1))
    lienthong("report", site, expect=(0, 1))
    middle = site / "var" / "reports" / "chain" / "000002.json"
    kept = middle.read_bytes()
    middle.unlink()
    assert differing(site) == {"chain": ["2"]}
    middle.write_bytes(kept)
    assert differing(site) == {}


def test_a_signoff_holds_until_data_or_mapping_change(site: Path) -> None:
    assert status(site)["signoff"] is None
    assert "--title" in lienthong("signoff", site, "--author", "Lê Thị B", expect=2).stderr
    who = ("--author", "Lê Thị B", "--title", "Chủ tịch UBND xã Thử")
    refused = lienthong("signoff", site, *who, expect=1).stderr
    assert "trùng mã" in refused
    assert not (site / "signoffs.csv").exists()
    lienthong("signoff", site, *who, "--despite", "Chờ quyết định 12/QĐ-UBND")
    with open(site / "signoffs.csv", encoding="utf-8", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["author"], line["despite"]) == ("Lê Thị B", "Chờ quyết định 12/QĐ-UBND")
    assert "trùng mã" in line["matters"]
    signed = site / "var" / "reports" / "signed" / line["folder"]
    assert differing(signed) == {}
    assert status(site)["signoff"]["is_valid"]

    with another_byte(signed / "report.html"):
        assert "report.html" in status(site)["signoff"]["because"][0]
    with another_byte(site / "crosswalks" / "agencies.csv"):
        assert "agencies.csv" in status(site)["signoff"]["because"][0]
    with another_byte(site / "signoffs.csv"):
        assert "signoffs.csv" in status(site)["signoff"]["because"][0]
    assert status(site)["signoff"]["is_valid"]

    lienthong("compare", site, expect=(0, 1))
    assert status(site)["signoff"]["is_valid"]
    assert "Chữ ký còn hiệu lực" in (latest(site) / "report.html").read_text(encoding="utf-8")

    ((key,),) = ledger_rows(site, "SELECT key FROM entry WHERE state = 'MATCHED' ORDER BY key LIMIT 1")
    old = site / "var" / "old.sqlite"
    assert change(old, f"UPDATE opencps_dossier SET dossierName = 'Tên khác' WHERE dossierId = {key}") == 1
    go_on(site)
    (because,) = status(site)["signoff"]["because"]
    assert f"1 hồ sơ đã đổi; khóa cũ {key}" in because
    assert "HẾT HIỆU LỰC" in lienthong("signoff", site, expect=1).stdout
    assert differing(signed) == {"ledger": [key]}
    assert "Chưa ký được" in lienthong("signoff", site, *who, "--despite", "x", expect=1).stderr

    lienthong("push", site, expect=(0, 1))
    lienthong("compare", site, expect=(0, 1))
    page = (latest(site) / "report.html").read_text(encoding="utf-8")
    assert "Hết hiệu lực" in page
    assert differing(site) == {}
    lienthong("signoff", site, *who, "--despite", "Chờ quyết định 12/QĐ-UBND")
    found = json.loads(lienthong("signoff", site, "--json").stdout)
    assert [each["is_valid"] for each in found] == [False, True]
