"""A push that dies at any boundary, loses any answer, or meets its double: every dossier is there exactly once."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Misconfigured, Unavailable
from connectors.rehearsal.receiver.process import RunningReceiver, start
from connectors.rest import RestTarget
from flows.agencies import ensure_agencies
from flows.cli import run as command
from flows.encodings import ensure_encodings
from flows.failures import UNAVAILABLE
from flows.faults import BOUNDARIES, POINTS, Faults, faults_of
from flows.site import load_site
from flows.stages import drain
from flows.stages_target import PushStage
from flows.workplace import open_workplace
from mappings.declared import SHIPPED
from tests.contract.receivers import clerk_edits
from tests.servers import MakeDatabase
from tests.story.office import SOURCE, Loaded, Office, ask, change, ended, fork, open_office

DOSSIERS = 24
ONCE = ("mark", "ask", "attachment_record")
"""Boundaries that a run passes once a batch or a source: their points strike the first time, all others the second."""
SWEEP = ("read", "page", "mark")
"""Boundaries of a sweep; all others but "rollback" are passed by a push."""


def points(*boundaries: str) -> list[str]:
    """The points of these boundaries."""
    return [point for point in POINTS if point.split(".")[0] in boundaries]


@dataclass(frozen=True)
class Town:
    """An office with copies of its ledger: empty, and with every dossier ready to be pushed."""

    office: Office
    valid: Path
    held: list[tuple[Any, ...]]  # what the receiver holds after a run that nothing disturbed

    def begin(self, *, is_valid: bool = True) -> Office:
        """The office before its first push, with an empty receiver."""
        wipe(self.office.database)
        ledger = self.office.site / "var" / "ledger.sqlite"
        for file in ledger.parent.glob("ledger.sqlite*"):
            file.unlink()
        if is_valid:
            shutil.copy(self.valid, ledger)
        return self.office


def small_parts(site: Path) -> None:
    """Every third file goes in three parts, as only large ones do elsewhere."""
    stored = sorted(path for path in (site / "var" / "old_files").rglob("*") if path.is_file() and path.name[0] != ".")
    for number, path in enumerate(stored[::3]):
        path.write_bytes(path.read_bytes() + random.Random(number).randbytes(2_500))
    declared = (SHIPPED / "targets" / "receiver.yaml").read_text(encoding="utf-8")
    (site / "targets").mkdir()
    small = declared.replace("size_kb: 4096", "size_kb: 1")
    assert small != declared
    (site / "targets" / "receiver.yaml").write_text(small, encoding="utf-8")


def wipe(database: str) -> None:
    """Empty the receiver."""
    tables = ask(database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'receiver_%'")
    change(database, *(f"DELETE FROM {name}" for (name,) in tables if name != "receiver_counter"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("once")
    site, database = folder / "site", folder / "receiver.sqlite"
    open_office(site, DOSSIERS)
    small_parts(site)
    with start(str(database)) as receiver:
        ledger = f"sqlite:///{site / 'var' / 'ledger.sqlite'}"
        first = Office(site, receiver, f"sqlite:///{database}", ledger, Loaded.of(site))
        first.settle()
        assert first.run("extract", "map", "validate") == 0
        shutil.copy(site / "var" / "ledger.sqlite", folder / "valid.sqlite")
        assert first.run("push") == 0
        assert set(first.states()) == {"PUSHED"}
        yield Town(first, folder / "valid.sqlite", first.held())


def there_once(office: Office, town: Town) -> None:
    """The receiver holds every dossier as it should be, written once, and the ledger has nothing left open."""
    assert office.held() == town.held
    assert office.writes() == office.states()["PUSHED"] == sum(office.states().values())
    assert office.unsettled() == 0


@pytest.mark.parametrize("point", points(*SWEEP))
def test_a_sweep_killed_at_any_point_is_finished_by_the_next_one(town: Town, point: str) -> None:
    entries = "SELECT key, state, revision, raw_fp FROM entry ORDER BY key"
    office = town.begin()
    swept = [(key, revision, fp) for key, _, revision, fp in ask(office.ledger, entries)]
    town.begin(is_valid=False)
    assert office.run("extract", fault=f"{point}:{1 if point.startswith(ONCE) else 2}:kill") == -signal.SIGKILL
    assert office.run("extract") == 0
    assert [(key, revision, fp) for key, _, revision, fp in ask(office.ledger, entries)] == swept
    assert office.states().keys() <= {"EXTRACTED", "EXCLUDED"}
    assert office.unsettled() == 0


def test_two_sweeps_that_begin_at_once_draft_the_tables_of_the_site_once(town: Town) -> None:
    office = town.begin()
    site = load_site(office.site)
    tables = [office.site / "crosswalks" / name for name in ("agencies.csv", "encodings.csv")]
    before = [table.read_text(encoding="utf-8") for table in tables]
    with open_workplace(site) as work:
        one, other = (*work.open_sources(), *work.open_sources())
        for table in tables:
            table.unlink()
        assert one.encodings == other.encodings == []  # neither knows that the other is about to draft
        for source in (one, other):
            ensure_agencies(site, [source])
            ensure_encodings(site, source)
    assert [table.read_text(encoding="utf-8") for table in tables] == before


@pytest.mark.parametrize("point", points(*(name for name in BOUNDARIES if name not in (*SWEEP, "rollback"))))
def test_a_push_killed_at_any_point_is_finished_by_the_next_one(town: Town, point: str) -> None:
    office = town.begin()
    if point.startswith("ask"):
        assert office.run("push", fault="call.after:1:kill") == -signal.SIGKILL
    assert office.run("push", fault=f"{point}:{1 if point.startswith(ONCE) else 2}:kill") == -signal.SIGKILL
    assert office.run("push") == 0
    there_once(office, town)


@pytest.mark.parametrize("point", points("rollback"))
def test_a_rollback_killed_at_any_point_is_finished_by_the_next_one(town: Town, point: str) -> None:
    office = town.begin()
    assert office.run("push") == 0
    ((run_id,),) = ask(office.ledger, "SELECT DISTINCT run_id FROM history WHERE state_to = 'PUSHED'")
    rollback = ["rollback", str(office.site), "--run", run_id]
    assert ended(fork(lambda: command(rollback), LIENTHONG_FAULT=f"{point}:1:kill")) == -signal.SIGKILL
    assert ended(fork(lambda: command(rollback))) == 0
    assert office.held() == []
    assert office.states().keys() == {"ROLLED_BACK"}
    assert office.unsettled() == 0


def test_a_run_that_fails_with_its_answers_in_hand_is_finished_by_the_next_one(town: Town) -> None:
    office = town.begin()
    for point in ("attachment.after", "call.after", "ask.after", "record.before", "record.after"):
        assert office.run("push", fault=f"{point}:1:raise") == UNAVAILABLE
    assert office.run("push") == 0
    there_once(office, town)


def test_a_fault_that_nobody_knows_is_refused_and_a_real_site_suffers_none() -> None:
    for text in ("call", "call.during", "call.after:0", "call.after:1:melt", "call.after:x"):
        with pytest.raises(Misconfigured, match="LIENTHONG_FAULT"):
            Faults.of(text)
    with pytest.raises(Misconfigured, match="site thật"):
        faults_of({"LIENTHONG_FAULT": "call.after"}, is_rehearsal=False)
    off = faults_of({}, is_rehearsal=False)
    assert off.around("call") is off.around("record")


def lose_answers(office: Office) -> list[str]:
    """A first batch whose answers are lost; its keys."""
    assert office.run("push", fault="call.after:1:kill") == -signal.SIGKILL
    return [key for (key,) in ask(office.database, "SELECT key FROM receiver_dossier ORDER BY key")]


@pytest.fixture
def renamed(town: Town) -> Iterator[Any]:
    """``renamed(key)`` changes a dossier of the old system; it is as before after the test."""
    old = town.office.site / "var" / "old.sqlite"
    kept = old.with_suffix(".kept")
    shutil.copy(old, kept)
    update = "UPDATE opencps_dossier SET dossierName = 'X' WHERE dossierId = {}"
    yield lambda key: change(f"sqlite:///{old}", update.format(key))
    shutil.copy(kept, old)


def issues(office: Office) -> list[str]:
    return [code for (code,) in ask(office.ledger, "SELECT code FROM issue WHERE stage IN ('push', 'compare')")]


@pytest.mark.parametrize("is_late", [False, True], ids=["asked", "asked_too_early"])
def test_a_dossier_whose_answer_was_lost_and_whose_source_then_changed_is_updated(
    town: Town, renamed: Any, *, is_late: bool
) -> None:
    office = town.begin()
    key = lose_answers(office)[0]
    if is_late:  # the target was asked while the call was still under way to it
        change(office.ledger, "UPDATE intent SET settled_at = 'x', outcome = 'not_there'")
    renamed(key)
    assert office.run() == 0
    assert issues(office) == []
    assert office.states() == {"PUSHED": len([row for row in town.held if len(row) == 4])}
    versions = dict(ask(office.database, "SELECT key, version FROM receiver_dossier WHERE version > 1"))
    assert versions == {key: 2}
    assert office.unsettled() == 0


def test_a_dossier_whose_answer_was_lost_and_that_a_clerk_then_edited_is_left_to_the_clerk(town: Town) -> None:
    office = town.begin()
    key, other = lose_answers(office)[:2]
    assert clerk_edits(office.receiver, SOURCE, key, note="Đã xem").status == 200
    assert office.run("push") == 0
    assert issues(office) == ["worked_on_in_new_system"]
    ((new_id, state),) = ask(office.ledger, f"SELECT new_id, state FROM entry WHERE key = '{key}'")
    assert (bool(new_id), state) == (True, "QUARANTINED")
    assert ask(office.ledger, f"SELECT state FROM entry WHERE key = '{other}'") == [("PUSHED",)]


@pytest.fixture
def cutting(town: Town) -> Iterator[RunningReceiver]:
    """The office's receiver, which cuts the connection after every call that it has not met before."""
    with start(town.office.database, faults=("cut:1",)) as receiver:
        replace(town.office, receiver=receiver).settle(batch=4)
        yield receiver
    town.office.settle()


def test_calls_that_are_all_cut_after_the_commit_and_sent_again_end_exactly_once(
    town: Town, cutting: RunningReceiver
) -> None:
    office = town.begin()
    assert office.run("push") == 0
    there_once(office, town)


def test_calls_that_are_all_cut_after_the_commit_and_sent_again_by_the_next_run_only_end_exactly_once(
    town: Town, cutting: RunningReceiver
) -> None:
    office = town.begin()
    runs = 1
    while not pushed_without_patience(office, cutting):
        runs += 1
    assert runs > DOSSIERS // 4
    there_once(office, town)


def pushed_without_patience(office: Office, receiver: RunningReceiver) -> bool:
    """A run that gives up at the first call without an answer; whether it got to its end."""
    with office.opened() as (work, run):
        target = RestTarget(receiver.url, receiver.push_token, retries=0)
        work.stack.callback(target.close)
        try:
            drain(PushStage(work, run, office.loaded.sources, target, batch=4), lambda *_: None)
        except Unavailable:
            return False
    return True


@pytest.fixture
def shared(town: Town, make_postgres: MakeDatabase) -> Iterator[Office]:
    """The office with its ledger on PostgreSQL, every dossier ready to be pushed."""
    office = replace(town.begin(is_valid=False), ledger=make_postgres())
    office.settle(batch=2)
    assert office.run("extract", "map", "validate") == 0
    yield office
    town.office.settle()


def test_two_workers_on_one_ledger_push_every_dossier_once(town: Town, shared: Office) -> None:
    workers = [shared.start("push") for _ in range(2)]
    assert [ended(pid) for pid in workers] == [0, 0]
    there_once(shared, town)
    tokens = "SELECT count(*), count(DISTINCT idempotency_key) FROM intent"
    assert ask(shared.ledger, tokens) == [(shared.writes(),) * 2]
    moves = "SELECT count(*) FROM history WHERE state_to = 'PUSHED'"
    assert ask(shared.ledger, moves) == [(shared.writes(),)]


@pytest.mark.parametrize("point", ["intent.after", "call.after"])
def test_the_late_write_of_a_worker_that_hung_on_another_machine_is_refused(
    town: Town, shared: Office, renamed: Any, point: str
) -> None:
    hung = shared.start("push", fault=f"{point}:1:stop")
    assert os.WIFSTOPPED(os.waitpid(hung, os.WUNTRACED)[1])
    assert shared.states().keys() == {"VALID"}
    ((late,),) = ask(shared.ledger, "SELECT id FROM run WHERE outcome IS NULL")
    change(shared.ledger, f"UPDATE run SET host = 'may-khac', expires = 0 WHERE id = '{late}'")
    ((key,),) = ask(shared.ledger, f"SELECT key FROM entry WHERE lease = '{late}' ORDER BY key LIMIT 1")
    renamed(key)
    assert shared.run() == 0
    assert shared.states().keys() == {"PUSHED"}
    entries = "SELECT key, version, pushed_fp, state FROM entry ORDER BY key"
    before = (ask(shared.ledger, entries), shared.held())
    os.kill(hung, signal.SIGCONT)
    ended(hung)
    assert before == (ask(shared.ledger, entries), shared.held())
    assert ask(shared.ledger, f"SELECT count(*) FROM history WHERE run_id = '{late}'") == [(0,)]
    assert shared.unsettled() == 0
