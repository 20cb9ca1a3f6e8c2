"""Compare works out anew what the new system ought to hold: neither the push nor the ledger is its witness."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from openpyxl import load_workbook

from connectors.base import Stored, Target
from flows.figures import Status
from flows.payloads import compressed, fingerprint, plain
from flows.pipeline import site_status
from flows.proof import is_believable
from flows.site import load_site
from flows.stage_compare import CompareStage
from flows.stages import drain
from flows.workplace import open_workplace
from mappings.model import decode, encode
from tests.story.stage import change, go_on, ledger_rows, lienthong, look, make_ready, report, status

SEED = 41


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose dossiers are in the new system and were compared, one of them pushed with another title."""
    made = make_ready(tmp_path_factory.mktemp("independent") / "site", 200, SEED)
    falsify(made / "var" / "ledger.sqlite", falsified(made))
    for stage in ("push", "compare"):
        lienthong(stage, made, expect=1)
    return made


def falsified(site: Path) -> str:
    """The dossier that went wrong on its way: the first that is ready or in the new system."""
    keys = ledger_rows(site, "SELECT min(key) FROM entry WHERE state IN ('VALID', 'PUSHED', 'MATCHED', 'DIFFERENT')")
    return str(keys[0][0])


def falsify(ledger: Path, key: str) -> None:
    """Let the ledger hold another title than the old system, as if a stage had confused two dossiers."""
    with closing(sqlite3.connect(ledger)) as c, c:
        (mapped,) = c.execute("SELECT mapped FROM payload WHERE key = ?", (key,)).fetchone()
        body = encode(msgspec.structs.replace(decode(plain(mapped)), title="Việc khác"))
        c.execute("UPDATE payload SET mapped = ? WHERE key = ?", (compressed(body), key))
        c.execute("UPDATE entry SET mapped_fp = ? WHERE key = ?", (fingerprint(body), key))


def differing(site: Path) -> list[tuple[str, str]]:
    return ledger_rows(site, "SELECT key, field FROM difference WHERE state <> 'fixed'")


def test_what_the_push_made_of_it_is_held_against_the_old_system(site: Path) -> None:
    assert differing(site) == [(falsified(site), "TenHoSo")]
    figures = report(site)["total"]
    assert figures["derived"]["anew"] == sum(status(site)["states"][state] for state in ("MATCHED", "DIFFERENT"))


def test_a_site_that_spares_the_old_system_is_told_what_it_does_not_see(site: Path, tmp_path: Path) -> None:
    file = site / "site.yaml"
    kept = file.read_text(encoding="utf-8")
    file.write_text(f"{kept}compare: {{expected: ledger}}\n", encoding="utf-8")
    lienthong("compare", site, expect=1)
    file.write_text(kept, encoding="utf-8")
    assert differing(site) == []  # the ledger agrees with itself
    told = report(site)
    assert told["total"]["derived"]["spared"] == told["total"]["read_back"]
    assert any("không đọc lại hệ thống cũ" in line["what"] for line in told["not_checked"])


def test_what_moved_on_in_the_old_system_since_the_sweep_is_not_called_compared(site: Path) -> None:
    old, keys = site / "var" / "old.sqlite", "SELECT key FROM entry WHERE state = 'MATCHED' ORDER BY key DESC LIMIT 2"
    (changed,), (gone,) = ledger_rows(site, keys)
    change(old, f"UPDATE opencps_dossier SET dossierNote = 'Nộp thêm bản sao' WHERE dossierId = {changed}")
    change(old, f"DELETE FROM opencps_dossier WHERE dossierId = {gone}")
    lienthong("compare", site, expect=1)
    told = report(site)
    derived = told["total"]["derived"]
    assert (derived["changed"], derived["gone"], derived["mapping"], derived["spared"]) == (1, 1, 0, 0)
    steps = [step for step in told["next_steps"] if step["command"] == "lienthong migrate SITE" and step["is_blocking"]]
    assert 2 in [step["dossiers"] for step in steps]
    go_on(site)
    for stage in ("push", "compare"):
        lienthong(stage, site, expect=1)
    derived = report(site)["total"]["derived"]
    assert (derived["changed"], derived["gone"]) == (0, 0)


def test_repair_maps_anew_what_the_ledger_holds_wrongly(site: Path) -> None:
    key = falsified(site)
    assert differing(site) == [(key, "TenHoSo")]
    lienthong("differences", site, "repair", "--key", key)
    assert differing(site) == []
    assert ledger_rows(site, f"SELECT state FROM entry WHERE key = '{key}'") == [("MATCHED",)]


class Moving:
    """A new system in which somebody's change is through only after it was read once."""

    def __init__(self, target: Target, move: Callable[[], object]) -> None:
        self._target, self._move, self.read = target, move, 0

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        found = self._target.read_back(source_id, keys)
        self.read += 1
        if self.read == 1:
            self._move()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


@pytest.mark.parametrize("is_settled", [True, False])
def test_what_moves_between_two_readings_is_looked_at_once_more(site: Path, is_settled: bool) -> None:
    receiver, before = site / "var" / "receiver.sqlite", len(differing(site))
    (key,) = ledger_rows(site, "SELECT min(key) FROM entry WHERE state = 'MATCHED'")[0]
    (due,) = look(receiver, f"SELECT due_at FROM receiver_dossier WHERE key = '{key}'")[0]
    mine = f"UPDATE receiver_dossier SET due_at = %s WHERE key = '{key}'"
    assert change(receiver, mine % "'2025-09-09T00:00:00+07:00'") == 1
    settle = partial(change, receiver, mine % f"'{due}'") if is_settled else str
    with open_workplace(load_site(site)) as work, work.ledger.run("compare") as run:
        reader = Moving(work.target(reading=True), settle)
        drain(CompareStage(work, run, work.open_sources(), cast(Target, reader)), lambda *_: None)
    change(receiver, mine % f"'{due}'")
    assert reader.read == 2  # one batch, and what seemed to differ
    assert len(differing(site)) == before + (not is_settled)


def test_a_comparison_that_is_due_again_and_was_not_made_is_told_by_check(site: Path) -> None:
    with (site / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("compare: {again_from: 2025-07-15}\n")
    assert "Đến hạn đối soát lại" not in lienthong("check", site).stderr  # one was made since
    change(site / "var" / "ledger.sqlite", "UPDATE run SET started_at = '2025-07-20T00:00:00+00:00'")
    told = lienthong("check", site, COLUMNS="300").stderr
    assert "từ 19:00 ngày 14/08/2025" in told
    assert "lần gần nhất lúc 07:00 ngày 20/07/2025" in told


def test_a_comparison_is_not_believed_when_it_failed_its_own_test_or_its_sums_differ(site: Path) -> None:
    ledger = site / "var" / "ledger.sqlite"
    lienthong("compare", site, expect=1)
    with open_workplace(load_site(site)) as work:
        status = site_status(work)
        matched = replace(status.total, in_scope=status.total.states["MATCHED"] + sum(status.total.decided.values()))
        finished = Status(matched, status.sources)
        assert is_believable(work, finished)
        newest = "run_id = (SELECT id FROM run WHERE verb = 'compare' ORDER BY started_at DESC, id DESC LIMIT 1)"
        for name in ("total_new_papers", "selftest_value_found"):
            assert change(ledger, f"UPDATE check_figure SET value = value - 1 WHERE name = '{name}' AND {newest}") == 1
            assert not is_believable(work, finished)
            change(ledger, f"UPDATE check_figure SET value = value + 1 WHERE name = '{name}' AND {newest}")
        assert is_believable(work, finished)


def test_a_sample_is_drawn_by_chance_looked_at_and_told_in_the_report(site: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "mau.xlsx", tmp_path / "nua.xlsx"
    lienthong("handcheck", site, "draw", first, "--size", "40", expect=1)
    lienthong("handcheck", site, "draw", again, "--size", "40", expect=1)
    assert first.read_bytes() == again.read_bytes()  # nobody draws until it pleases
    book = load_workbook(first)
    sheet = book["Mẫu đối chiếu"]
    assert sheet.max_row == 41
    reasons = Counter(sheet.cell(line, 5).value for line in range(2, 42))
    assert reasons["đang mở, quá hạn hoặc sắp đến hạn trả"] == 5
    assert all(n <= 5 for why, n in reasons.items() if why != "ngẫu nhiên")
    for line in range(2, 42):
        sheet.cell(line, 6, "đúng")
        sheet.cell(line, 8, "Cán bộ Một cửa")
    book.save(first)
    lienthong("handcheck", site, "read", first)
    lienthong("report", site, expect=1)
    level = report(site)["levels"][8]
    assert (level["status"], level["rows_checked"], level["failing"]) == ("PASS", 40, 0)
    refused = lienthong("handcheck", site, "draw", again, expect=10).stderr
    assert "đã có 40 kết quả" in refused
    sheet.cell(2, 9, "dấu lạ")
    book.save(again)
    assert f"{again}:2" in lienthong("handcheck", site, "read", again, expect=10).stderr
