"""Differences as daily work: listed by cause, pushed again, accepted by name, open again when something changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.held import clerk_works
from tests.story.stage import change, go_on, ledger_rows, lienthong, look, make_ready, report, status

WHO = ("--author", "Chủ tịch UBND xã An Nghĩa", "--reason", "Biên bản 12/BB-UBND")
LATER = "strftime('%Y-%m-%dT%H:%M:%S', due_at, '+7 hours', '+1 day') || '+07:00'"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site of which everything arrived: what would be quarantined is not in its old system."""
    folder = make_ready(tmp_path_factory.mktemp("differences") / "site", 200)
    waiting = [key for (key,) in ledger_rows(folder, "SELECT key FROM entry WHERE state = 'QUARANTINED'")]
    change(folder / "var" / "old.sqlite", f"DELETE FROM opencps_dossier WHERE dossierId IN ({','.join(waiting)})")
    for file in (folder / "var").glob("ledger.sqlite*"):
        file.unlink()
    go_on(folder)
    lienthong("push", folder)
    lienthong("compare", folder)
    return folder


def differences(site: Path, *words: str, expect: int = 1) -> dict[str, Any]:
    """What ``differences --json`` prints."""
    found: dict[str, Any] = json.loads(lienthong("differences", site, *words, "--json", expect=expect).stdout)
    return found


def states(site: Path) -> dict[str, str]:
    return dict(ledger_rows(site, "SELECT key, state FROM entry WHERE state <> 'EXCLUDED'"))


def versions(site: Path) -> dict[str, int]:
    return dict(look(site / "var" / "receiver.sqlite", "SELECT key, version FROM receiver_dossier"))


def test_differences_are_listed_repaired_accepted_and_open_again(site: Path) -> None:
    receiver = site / "var" / "receiver.sqlite"
    late, filed, lost, named, paper = _tampered(receiver)
    lienthong("compare", site, expect=1)
    told = differences(site)
    groups = {(g["kind"], g["field"]): g for g in told["groups"]}
    assert {what: g["dossiers"] for what, g in groups.items()} == {
        ("time", "NgayHenTra"): 4,
        ("attachment", "TepDinhKem[]"): 1,
        ("missing", ""): 1,
        ("value", "TaiLieuNop[].TenGiayTo"): 1,
    }
    assert told["groups"][0]["keys"] == sorted(late)
    _list_is_masked(site, named)

    refused = lienthong("differences", site, "accept", "--kind", "missing", *WHO, expect=10).stderr
    assert "không chấp nhận cả nhóm" in " ".join(refused.split())
    assert not (site / "accepted.csv").exists()
    lienthong("differences", site, "accept", "--group", groups["value", "TaiLieuNop[].TenGiayTo"]["group"], *WHO)
    assert (site / "accepted.csv").stat().st_mode & 0o777 == 0o600
    assert "Giấy khác hẳn" not in (site / "accepted.csv").read_text(encoding="utf-8")

    (worked,) = ledger_rows(site, f"SELECT new_id FROM entry WHERE key = '{late[0]}'")[0]
    clerk_works(site, worked)
    before = versions(site)
    repaired = json.loads(lienthong("differences", site, "repair", "--json", expect=1).stdout)
    assert repaired["by_state"] == {"MATCHED": 5}
    assert [one["key"] for one in repaired["left"]] == [late[0]]
    raised = {key: n - before.get(key, 0) for key, n in versions(site).items() if n != before.get(key, 0)}
    assert raised == {**dict.fromkeys((*late[1:], filed, lost), 1)}
    assert {key for key, state in states(site).items() if state != "MATCHED"} == {late[0], named}
    assert report(site)["total"]["compared_since"] == 6
    assert [one["kind"] for one in differences(site, "--key", late[0])["differences"]] == ["worked_on_in_new_system"]

    _what_is_accepted_counts_as_said(site, late[0])
    change(receiver, f"UPDATE receiver_paper SET name = 'Giấy khác nữa' {paper}")
    lienthong("compare", site, expect=1)
    assert ledger_rows(site, f"SELECT state, author FROM difference WHERE key = '{named}'") == [("reopened", None)]
    assert differences(site)["accepted"]["unknown"] == [2]
    warned = [found["place"] for found in json.loads(lienthong("check", site, "--json").stdout)]
    assert f"{site / 'accepted.csv'}:2" in warned
    assert (status(site)["accepted"], report(site)["verdict"]["kind"]) == (1, "remains")


def _tampered(receiver: Path) -> tuple[list[str], str, str, str, str]:
    """A day later (four), a byte less, a dossier gone, a paper renamed: past the receiver's versions and hashes."""
    late = [key for (key,) in look(receiver, "SELECT key FROM receiver_dossier WHERE due_at NOT NULL LIMIT 4")]
    keys = ",".join(repr(key) for key in late)
    assert change(receiver, f"UPDATE receiver_dossier SET due_at = {LATER} WHERE key IN ({keys})") == len(late)
    rest = look(receiver, f"SELECT key, id FROM receiver_dossier WHERE key NOT IN ({keys}) ORDER BY key")
    filed, number = next(row for row in rest if _has(receiver, "dossier_file", row[1]))
    cut = f"size = size - 1, sha256 = 'cut' WHERE dossier_id = {number}"
    assert change(receiver, f"UPDATE receiver_dossier_file SET {cut}") > 0
    named, renamed = next(row for row in rest if row[0] != filed and _has(receiver, "paper", row[1]))
    paper = f"WHERE dossier_id = {renamed} AND pos = 0"
    assert change(receiver, f"UPDATE receiver_paper SET name = 'Giấy khác hẳn' {paper}") == 1
    lost, gone = next(row for row in rest if row[0] not in (filed, named))
    for (table,) in look(receiver, "SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE '%dossier_id%'"):
        change(receiver, f"DELETE FROM {table} WHERE dossier_id = {gone}")
    assert change(receiver, f"DELETE FROM receiver_dossier WHERE id = {gone}") == 1
    return late, filed, lost, named, paper


def _has(receiver: Path, table: str, number: int) -> bool:
    return bool(look(receiver, f"SELECT 1 FROM receiver_{table} WHERE dossier_id = {number}"))


def _list_is_masked(site: Path, key: str) -> None:
    (shown,) = differences(site, "--key", key)["differences"]
    assert (shown["new"], shown["state"], shown["entity"]) == ("(13 ký tự)", "new", "paper")
    assert not ledger_rows(site, "SELECT 1 FROM history WHERE reason LIKE 'unmasked by%'")
    (whole,) = differences(site, "--key", key, "--unmasked")["differences"]
    assert whole["new"] == "Giấy khác hẳn"
    assert ledger_rows(site, "SELECT DISTINCT key FROM history WHERE reason LIKE 'unmasked by%'") == [(key,)]


def _what_is_accepted_counts_as_said(site: Path, worked: str) -> None:
    """Exit code 0 when nothing but accepted differences remains; an acceptance that is over counts no more."""
    lienthong("differences", site, "accept", "--key", worked, *WHO, "--until", "2999-12-31")
    lienthong("compare", site)
    found, told = status(site), report(site)
    assert (found["accepted"], found["states"]["DIFFERENT"], told["verdict"]["kind"]) == (2, 2, "accepted")
    assert {(a["author"], a["until"], a["dossiers"]) for a in told["total"]["accepted"]} == {
        (WHO[1], "", 1),
        (WHO[1], "2999-12-31", 1),
    }
    assert told["total"]["differences"] == []
    table = site / "accepted.csv"
    whole = table.read_text(encoding="utf-8")
    table.write_text(whole.replace("2999-12-31", "2020-01-31"), encoding="utf-8")
    refused = lienthong("status", site, expect=10).stderr
    assert f"{table}:3: den_ngay đứng trước ngay" in refused.replace("\n", "")
    (on,) = {line.split(",")[-2] for line in whole.splitlines()[1:]}
    table.write_text(whole.replace("2999-12-31", "2020-01-31").replace(on, "2020-01-01"), encoding="utf-8")
    lienthong("status", site, expect=1)
    assert ledger_rows(site, "SELECT state FROM difference WHERE state IN ('accepted', 'reopened') ORDER BY 1") == [
        ("accepted",),
        ("reopened",),
    ]
    table.write_text(whole, encoding="utf-8")
    lienthong("status", site)
