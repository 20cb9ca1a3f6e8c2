"""The deadline ledger of a demo site: every promise is kept, and one that is tampered with is told."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests.story.stage import change, ledger_rows, lienthong, look, report

DOSSIERS = 300
OPEN_MATCHED = "state='MATCHED' AND is_open=1"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo site that has been run once."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    lienthong("demo", folder, "--dossiers", str(DOSSIERS), "--seed", "11")
    return folder


@pytest.fixture
def site(demo: Path, tmp_path: Path) -> Path:
    """A copy of it for one story."""
    return Path(shutil.copytree(demo, tmp_path / "site"))


def deadline_rows(site: Path) -> dict[str, dict[str, str]]:
    """The CSV beside the report by old key."""
    with open(site / "var" / "reports" / "latest" / "han_tra.csv", encoding="utf-8-sig", newline="") as stream:
        return {row["khoa_cu"]: row for row in csv.DictReader(stream)}


def owed(site: Path) -> dict[str, tuple[int, int]]:
    return {o["code"]: (o["old"], o["new"]) for o in report(site)["total"]["deadlines"]["owed"]}


def test_every_open_dossier_has_its_row_and_every_migrated_one_kept_its_promise(demo: Path) -> None:
    rows, figures = deadline_rows(demo), report(demo)["total"]["deadlines"]
    assert rows.keys() == {k for (k,) in ledger_rows(demo, "SELECT key FROM entry WHERE is_open=1")}
    matched = {k for (k,) in ledger_rows(demo, f"SELECT key FROM entry WHERE {OPEN_MATCHED}")}
    assert {rows[key]["ket_luan"] for key in matched} == {"bằng", "không có hạn"}
    assert {row["ket_luan"] for key, row in rows.items() if key not in matched} == {"chưa đối soát"}
    due = {count["code"]: count["dossiers"] for count in figures["due"]}
    assert due["due_equal"] + due["due_none"] == figures["compared"] == len(matched)
    assert all(count["dossiers"] == len(matched) for count in figures["kept"])
    assert sum(count["dossiers"] for count in figures["left"]) == figures["open"] == len(rows)
    assert figures["is_kept"]


def test_promises_and_obligations_are_those_that_the_old_database_holds(demo: Path) -> None:
    keys = ",".join(k for (k,) in ledger_rows(demo, f"SELECT key FROM entry WHERE {OPEN_MATCHED}"))
    old = demo / "var" / "old.sqlite"
    stored = look(
        old, f"SELECT dossierId, datetime(dueDate, '+7 hours') FROM opencps_dossier WHERE dossierId IN ({keys})"
    )
    rows = deadline_rows(demo)
    assert {str(key): due or "" for key, due in stored} == {key: rows[key]["han_tra_moi"] for key in keys.split(",")}
    among = f"FROM opencps_dossier WHERE dossierId IN ({keys}) AND dossierStatus"
    fees = f"FROM opencps_paymentfile WHERE dossierId IN ({keys}) AND paymentStatus"
    for kind, query in {
        "results_uncollected": f"{among}='releasing'",
        "opinions_awaited": f"{among}='interoperating'",
        "papers_requested": f"{among}='waiting'",
        "fees_due": f"{fees}=1",
        "fees_unreconciled": f"{fees}=2",
    }.items():
        ((number,),) = look(old, f"SELECT count(*) {query}")
        assert owed(demo)[kind] == (number, number), kind
    assert sum(old_side for old_side, _ in owed(demo).values()) > 10


def test_a_due_date_tampered_with_in_the_new_system_is_told_and_no_other(site: Path) -> None:
    key, due = ledger_rows(site, f"SELECT key, due_at FROM entry WHERE {OPEN_MATCHED} AND due_at IS NOT NULL")[0]
    lost = ledger_rows(site, f"SELECT key FROM entry WHERE {OPEN_MATCHED} AND due_at IS NOT NULL AND key<>'{key}'")[0][
        0
    ]
    receiver = site / "var" / "receiver.sqlite"
    later = "strftime('%Y-%m-%dT%H:%M:%S', due_at, '+7 hours', '+2 days', '+1 second') || '+07:00'"
    assert change(receiver, f"UPDATE receiver_dossier SET due_at={later} WHERE key='{key}'") == 1
    assert change(receiver, f"UPDATE receiver_dossier SET due_at=NULL WHERE key='{lost}'") == 1
    lienthong("compare", site, expect=1)
    rows = deadline_rows(site)
    told = {k: row for k, row in rows.items() if row["ket_luan"] in ("lệch", "mất", "thêm")}
    assert told.keys() == {key, lost}
    assert (told[key]["lech"], told[lost]["ket_luan"]) == ("muộn 2 ngày 00:00:01", "mất")
    assert told[key]["han_tra"] == due[:19].replace("T", " ")
    figures = report(site)["total"]["deadlines"]
    assert {c["code"]: c["dossiers"] for c in figures["due"] if c["code"] in ("due_shifted", "due_lost")} == {
        "due_shifted": 1,
        "due_lost": 1,
    }
    assert not figures["is_kept"]
    assert "1 hồ sơ có hạn trả lệch; 1 hồ sơ có hạn trả mất" in figures["sentence"]


def test_what_officials_did_in_the_new_system_is_not_called_shifted(site: Path) -> None:
    (key,) = ledger_rows(site, f"SELECT key FROM entry WHERE {OPEN_MATCHED} AND due_at IS NOT NULL")[0]
    done = "version=version+1, updated_by='clerk', due_at='2025-12-31T10:00:00+07:00'"
    assert change(site / "var" / "receiver.sqlite", f"UPDATE receiver_dossier SET {done} WHERE key='{key}'") == 1
    lienthong("compare", site, expect=1)
    row, figures = deadline_rows(site)[key], report(site)["total"]["deadlines"]
    assert (row["ket_luan"], row["han_tra_moi"]) == ("cán bộ đã xử lý", "2025-12-31 10:00:00")
    assert (figures["worked_on"], figures["is_kept"]) == (1, True)


def test_an_obligation_that_the_new_system_lost_is_told_at_its_unit(site: Path) -> None:
    ((key, unit),) = ledger_rows(
        site,
        "SELECT o.key, e.unit FROM obligation o JOIN entry e ON e.key=o.key WHERE o.kind='results_uncollected' LIMIT 1",
    )
    before = owed(site)["results_uncollected"]
    assert change(site / "var" / "receiver.sqlite", f"UPDATE receiver_dossier SET status=10 WHERE key='{key}'") == 1
    lienthong("compare", site, expect=1)
    assert owed(site)["results_uncollected"] == (before[0], before[1] - 1)
    figures = report(site)["total"]["deadlines"]
    assert figures["owed_differing"] == 1
    differing = [u["code"] for u in figures["owed_by_unit"] if any(o["old"] != o["new"] for o in u["owed"])]
    assert differing == [unit]


def test_a_day_off_of_the_site_shortens_the_time_left_and_moves_no_due_date(site: Path) -> None:
    before = deadline_rows(site)
    table = site / "crosswalks" / "holidays.csv"
    table.write_text("date,kind,source,note\n2025-07-01,off,Công văn 1/UBND-NC,\n", encoding="utf-8")
    lienthong("report", site, expect=1)
    after = deadline_rows(site)
    later = {key for key, row in before.items() if row["han_tra"] >= "2025-07-02"}
    assert len(later) > 10
    for key, row in after.items():
        assert row["han_tra"] == before[key]["han_tra"]
        if not row["han_tra"].startswith("2025-07-01"):  # on the day itself only its own hours are gone
            left, was = (int(side["phut_lam_viec_con"] or 0) for side in (row, before[key]))
            assert left == was - 480 * (key in later)


def test_a_wrong_table_of_days_off_is_refused_with_its_line(site: Path) -> None:
    table = site / "crosswalks" / "holidays.csv"
    table.write_text("date,kind,source,note\n2025-07-03,nghỉ,x,\n", encoding="utf-8")
    refused = lienthong("check", site, expect=10)
    assert f"{table}:2" in (refused.stdout + refused.stderr).replace("\n", "")
