"""Prefect as a technician meets it: the form, a run to watch, a run to cancel, and what must not be found there."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Chromium
from tests.servers import free_port
from tests.story.page import open_page
from tests.story.prefect_stage import (
    Served,
    family,
    held_until_terminated,
    is_gone,
    running,
    served,
    slow_down,
    wait_until,
)
from tests.story.stage import ledger_rows, lienthong, manifest, status

DOSSIERS = 400
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def prepare(folder: Path) -> Path:
    """A demo site that has not been run yet."""
    lienthong("demo", folder, "--dossiers", str(DOSSIERS), "--seed", "3", "--prepare")
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("compare: {again_from: 2099-12-30, again_after: [1, 30], again_at: '18:30'}\n")
    return folder


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served demo site; the stories of this file run it in turn."""
    with served(prepare(tmp_path_factory.mktemp("prefect") / "site")) as service:
        yield service


def test_a_real_server_starts_with_the_pinned_versions(at_work: Served) -> None:
    assert at_work.api("health") is True
    assert at_work.api("admin/version") == version("prefect")


def test_comparisons_that_are_due_again_wait_in_the_schedule(at_work: Served) -> None:
    found = at_work.api(f"deployments/{at_work.page.rpartition('/')[2]}")["schedules"]
    asked = sorted(
        (s["schedule"]["rrule"], s["schedule"]["timezone"], s["parameters"]["form"]["stages"]) for s in found
    )
    assert asked == [
        (f"DTSTART:{day}T183000\nRRULE:FREQ=DAILY;COUNT=1", "Asia/Ho_Chi_Minh", ["compare"])
        for day in ("20991231", "21000129")
    ]


def test_a_run_cancelled_in_the_ui_leaves_the_ledger_whole(at_work: Served, chromium: Chromium, tmp_path: Path) -> None:
    hurry = slow_down(at_work.site)
    with open_page(chromium) as page:
        page.open(f"{at_work.url}{at_work.page}/run")
        page.wait_for("Chạy thử")
        page.click("Submit")
        run = wait_until(lambda: [r for r in at_work.flow_runs() if r["state_type"] == "RUNNING"], "lượt chạy")[0]
        wait_until(lambda: "tien-do-phutho-extract-phutho-cu" in at_work.artifacts(run["id"]), "tiến độ trích xuất")
        work = family(at_work.work.process.pid)
        flow = next(p for p in work if "spawn_main" in Path(f"/proc/{p}/cmdline").read_text())
        with held_until_terminated(flow):
            page.open(f"{at_work.url}/runs/flow-run/{run['id']}")
            page.click("Artifacts")
            assert "Running" in page.wait_for("Trích xuất · phutho_cu: ")
            page.screenshot(tmp_path / "running.png")
            page.click("Cancel")
            page.click("Confirm")
        ended = at_work.wait_for_state(run["id"], *ENDED)
    assert ended["state_type"] == "CANCELLED"
    hurry()
    runs = ledger_rows(at_work.site, "SELECT outcome FROM run WHERE verb = 'migrate'")
    assert len(runs) == 1
    assert ledger_rows(at_work.site, "SELECT count(*) FROM entry WHERE lease IS NOT NULL") == [(0,)]
    assert not status(at_work.site)["states"].get("PUSHED")


def test_a_technician_fills_in_the_form_and_watches_the_run(
    at_work: Served, chromium: Chromium, tmp_path: Path
) -> None:
    before = {r["id"] for r in at_work.flow_runs()}
    with open_page(chromium) as page:
        page.open(f"{at_work.url}{at_work.page}/run")
        form = page.wait_for("Giới hạn")
        for words in ("Lượt chạy", "Site", "Nguồn", "Bước", "Chạy thử", "Chỉ hồ sơ đang giải quyết"):
            assert words in form
        page.screenshot(tmp_path / "form.png")
        page.click("Submit")
        run = wait_until(lambda: [r for r in at_work.flow_runs() if r["id"] not in before], "lượt chạy mới")[0]
        ended = at_work.wait_for_state(run["id"], *ENDED)
        assert (ended["state_type"], ended["state_name"]) == ("COMPLETED", "Còn việc phải xử lý")
        page.open(f"{at_work.url}/runs/flow-run/{run['id']}")
        page.wait_for("Còn việc phải xử lý")
        page.click("Artifacts")
        page.wait_for("ket-luan-phutho")
        page.screenshot(tmp_path / "finished.png")
        found = at_work.artifacts(run["id"])
        page.open(f"{at_work.url}/artifacts/artifact/{found['ket-luan-phutho']['id']}")
        verdict = page.wait_for("Việc tiếp theo")
        page.screenshot(tmp_path / "verdict.png")
        page.open(f"{at_work.url}/artifacts/artifact/{found['bao-cao-phutho']['id']}")
        page.wait_for("Mở báo cáo đối soát")
        link = found["bao-cao-phutho"]["data"].split("](")[1].rstrip(")")
        page.open(f"{at_work.url}{link}")
        page.wait_for("đối soát")
        outside = {url for url in page.asked if urlsplit(url).hostname not in ("127.0.0.1", None)}
    figures = status(at_work.site)
    assert figures["balanced"]
    assert figures["states"]["QUARANTINED"] == manifest(at_work.site)["quarantined"]
    assert f"Khớp {figures['states']['MATCHED']}/" in verdict
    table = {row["Con số"]: row["phutho_cu"] for row in json.loads(found["so-lieu-phutho"]["data"])}
    assert table["= Trong phạm vi"] == str(figures["in_scope"])
    assert table["Cân"] == "có"
    assert outside == set()


def test_the_form_refuses_another_site(at_work: Served) -> None:
    body = {"parameters": {"form": {"site": "/etc"}}, "state": {"type": "SCHEDULED"}}
    with pytest.raises(OSError, match="HTTP Error 4"):
        at_work.api(f"deployments/{at_work.page.rpartition('/')[2]}/create_flow_run", body)


def test_a_run_from_the_command_line_is_seen_on_the_server_that_serves(at_work: Served) -> None:
    before = {r["id"] for r in at_work.flow_runs()}
    done = lienthong("migrate", at_work.site, "--stage", "extract", "--stage", "map", expect=1, is_fresh=True)
    fresh = [r for r in at_work.flow_runs() if r["id"] not in before]
    assert [(r["state_type"], r["deployment_id"]) for r in fresh] == [("COMPLETED", None)]
    assert fresh[0]["name"].startswith("phutho · ")
    assert "http" not in done.stderr


def test_no_person_and_no_dossier_is_in_prefect(at_work: Served) -> None:
    with sqlite3.connect(at_work.site / "var" / "old.sqlite") as c:
        c.text_factory = lambda raw: raw.decode("utf-8", "replace")
        people = c.execute(
            "SELECT applicantName, applicantIdNo, contactTelNo, delegateName, delegateIdNo, delegateTelNo, dossierNo,"
            " address, contactEmail, referenceUid FROM opencps_dossier"
        ).fetchall()
    words = {text for row in people for text in row if text and len(text) > 5}
    assert len(words) > DOSSIERS
    secrets = {form.encode() for word in words for form in (word, json.dumps(word)[1:-1])}
    kept = b"\n".join(
        file.read_bytes()
        for file in (at_work.site / "var" / "prefect").rglob("*")
        if file.is_file() and "ui" not in file.relative_to(at_work.site / "var" / "prefect").parts
    )
    assert b"phutho_cu" in kept  # the search does look where Prefect writes
    assert [secret for secret in secrets if secret in kept or secret in at_work.work.words.encode()] == []


@pytest.mark.long
def test_a_killed_run_is_shown_as_crashed_and_the_next_one_goes_on(at_work: Served) -> None:
    hurry = slow_down(at_work.site)
    old_runs = len(ledger_rows(at_work.site, "SELECT id FROM run"))
    with running("migrate", at_work.site) as work:
        wait_until(lambda: len(ledger_rows(at_work.site, "SELECT id FROM run")) > old_runs, "lượt chạy mới")
        work.wait_for("Trích xuất")
        mine = family(work.process.pid)
        work.process.send_signal(signal.SIGKILL)
        wait_until(lambda: is_gone(mine), "tiến trình con dừng theo")
    hurry()
    lienthong("migrate", at_work.site, expect=1, is_fresh=True)
    assert status(at_work.site)["balanced"]
    assert [r["state_type"] for r in at_work.flow_runs()].count("CRASHED") == 1
    assert not [r for r in at_work.flow_runs() if r["state_type"] in ("RUNNING", "CANCELLING")]


def test_without_a_server_migrate_brings_its_own_and_takes_it_away(tmp_path: Path) -> None:
    site = prepare(tmp_path / "site")
    hurry = slow_down(site)
    with running("migrate", site) as work:
        work.wait_for("Trích xuất")
        mine = family(work.process.pid)
        assert any("flows.prefect_server" in Path(f"/proc/{pid}/cmdline").read_text() for pid in mine)
        work.process.send_signal(signal.SIGKILL)
        wait_until(lambda: is_gone(mine), "máy chủ Prefect dừng theo lệnh")
    hurry()
    done = lienthong("migrate", site, expect=1, is_fresh=True)
    assert status(site)["balanced"]
    assert not [word for word in ("Traceback", "http", "INFO", "WARNING") if word in done.stderr + done.stdout]
    with sqlite3.connect(site / "var" / "prefect" / "prefect.db") as c:
        assert c.execute("SELECT count(*) FROM task_run WHERE state_type != 'COMPLETED'").fetchone() == (1,)
        assert sorted(c.execute("SELECT state_type FROM flow_run").fetchall()) == [("COMPLETED",), ("CRASHED",)]
    for place in (site / "var" / "prefect").iterdir():
        assert place.stat().st_mode & 0o077 == 0, place


@pytest.mark.long
def test_ctrl_c_ends_serve_and_the_run_under_way(tmp_path: Path) -> None:
    site = prepare(tmp_path / "site")
    slow_down(site)
    with served(site, signal.SIGINT) as service:
        service.api(f"deployments/{service.page.rpartition('/')[2]}/create_flow_run", {"state": {"type": "SCHEDULED"}})
        service.work.wait_for("Trích xuất")
    assert ledger_rows(site, "SELECT count(*) FROM entry WHERE lease IS NOT NULL") == [(0,)]


@pytest.mark.long
def test_an_outage_of_the_new_system_is_waited_out(tmp_path: Path) -> None:
    site, port = prepare(tmp_path / "site"), free_port()
    file = site / "site.yaml"
    file.write_text(re.sub(r"^target:.*$", "target: {connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN}",
                           file.read_text(), flags=re.M))  # fmt: skip
    hurry = slow_down(site)
    access = {"NEW_TOKEN": "t" * 40, "NEW_URL": f"http://127.0.0.1:{port}"}
    receiver = ("receiver", "--database", tmp_path / "new.sqlite", "--port", str(port))
    with running(*receiver, **access) as new_system:
        new_system.wait_for("chạy tại")
        with running("migrate", site, **access) as work:
            work.wait_for("Trích xuất")
            new_system.process.kill()
            work.wait_for("Thử lại sau 5 giây (lần 1/3)")
            with running(*receiver, **access) as again:
                again.wait_for("chạy tại")
                assert work.process.wait(300) == 1
    hurry()
    assert status(site)["balanced"]
    assert status(site)["states"].keys() == {"MATCHED", "QUARANTINED"}
