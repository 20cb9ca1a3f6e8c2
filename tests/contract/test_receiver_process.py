"""The receiver as a process: private, quiet, gone with whoever started it."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable
from connectors.rehearsal.receiver.process import start
from mappings.model import encode
from tests.contract.dossiers import OWNER, dossier
from tests.contract.receivers import call
from tests.servers import MakeDatabase, free_port

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import sys, time
from connectors.rehearsal.receiver.process import start
with start(sys.argv[1]) as receiver:
    print(receiver.pid, flush=True)
    time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while is_alive(pid):
        assert time.monotonic() < deadline, "the receiver is still there"
        time.sleep(0.05)


def test_it_ends_with_the_block(tmp_path: Path) -> None:
    with start(str(tmp_path / "r.sqlite")) as receiver:
        assert call(receiver, "GET", "/v1/identity").status == 200
    assert not is_alive(receiver.pid)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_its_parent_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "r.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.send_signal(how)
    wait_until_gone(pid)


def test_what_it_held_is_there_again_after_a_restart(tmp_path: Path) -> None:
    database = str(tmp_path / "r.sqlite")
    with start(database) as receiver:
        created = call(receiver, "PUT", "/v1/dossiers/s/1", encode(dossier("s", "1")), headers={"If-None-Match": "*"})
    with start(database) as again:
        assert call(again, "GET", f"/v1/dossiers/{created.json['new_id']}").json["version"] == 1
        assert call(again, "GET", "/v1/identity", token=receiver.push_token).status == 401


def test_a_kill_in_the_middle_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    database = str(tmp_path / "r.sqlite")
    with start(database) as receiver:
        call(receiver, "PUT", "/v1/dossiers/s/1", encode(dossier("s", "1")), headers={"If-None-Match": "*"})
        os.kill(receiver.pid, signal.SIGKILL)
    with start(database) as again:
        assert call(again, "GET", "/v1/dossiers/keys?source=s").json["keys"] == [["1", 1]]


def test_its_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with start(str(folder / "r.sqlite")) as receiver:
        call(receiver, "PUT", "/v1/dossiers/s/1", encode(dossier("s", "1")), headers={"If-None-Match": "*"})
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {"r.sqlite", "r.sqlite-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_no_secret_stands_in_its_arguments_or_environment(tmp_path: Path) -> None:
    with start(str(tmp_path / "r.sqlite")) as receiver:
        seen = Path(f"/proc/{receiver.pid}/cmdline").read_bytes() + Path(f"/proc/{receiver.pid}/environ").read_bytes()
        assert receiver.push_token.encode() not in seen
        assert receiver.read_token.encode() not in seen
        assert receiver.push_token not in repr(receiver)


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with (
        start(str(tmp_path / "r.sqlite")) as receiver,
        pytest.raises(Misconfigured, match="cổng"),
        start(str(tmp_path / "s.sqlite"), port=int(receiver.url.rsplit(":", 1)[1])),
    ):
        pass


def wrong_schema(path: Path) -> str:
    with start(str(path)):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE receiver_counter SET value = 99 WHERE name = 'schema'")
    connection.close()
    return str(path)


def junk(path: Path) -> str:
    path.write_bytes(b"not a database, not at all " * 1000)
    return str(path)


def below_a_file(path: Path) -> str:
    path.write_bytes(b"")
    return str(path / "r.sqlite")


@pytest.mark.parametrize(
    "make", [wrong_schema, junk, below_a_file, lambda path: "mysql://a:secret@localhost/b", lambda path: "sqlite://"]
)
def test_a_database_that_is_not_its_own_is_refused(tmp_path: Path, make: object) -> None:
    database = make(tmp_path / "r.sqlite")  # type: ignore[operator]
    with pytest.raises(Misconfigured) as caught, start(database):
        pass
    assert "secret" not in str(caught.value)


def test_a_database_that_cannot_be_reached_is_unavailable() -> None:
    with (
        pytest.raises(Unavailable, match="hệ thống nhận") as caught,
        start(f"postgresql://nguoi:mat-khau@127.0.0.1:{free_port()}/x"),
    ):
        pass
    assert "mat-khau" not in str(caught.value)


def test_a_wrong_password_and_a_missing_database_are_told_apart(make_postgres: MakeDatabase) -> None:
    url = make_postgres()
    place = url.split("@")[1].rsplit("/", 1)[0]
    cases: list[tuple[str, type[ConnectorError]]] = [
        (f"postgresql://admin:sai@{place}/postgres", Forbidden),
        (url.rsplit("/", 1)[0] + "/khong_co", Misconfigured),
    ]
    for database, kind in cases:
        with pytest.raises(kind), start(database):
            pass


def test_an_error_inside_writes_no_value_anywhere(tmp_path: Path) -> None:
    database = tmp_path / "r.sqlite"
    with start(str(database)) as receiver:
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE receiver_step")
        connection.close()
        answer = call(receiver, "PUT", "/v1/dossiers/s/1", encode(dossier("s", "1")), headers={"If-None-Match": "*"})
        assert (answer.status, answer.json["code"]) == (503, "database_unavailable")
        assert OWNER not in answer.body.decode()
        assert call(receiver, "GET", "/v1/identity").status == 200
