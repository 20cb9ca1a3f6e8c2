"""Receivers shared by the contract tests: one on SQLite, one on PostgreSQL, started when first asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.rehearsal.receiver.process import RunningReceiver, start
from tests.servers import MakeDatabase


@pytest.fixture(scope="session")
def sqlite_receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReceiver]:
    with start(str(tmp_path_factory.mktemp("receiver") / "var" / "receiver.sqlite")) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def postgres_receiver(make_postgres: MakeDatabase) -> Iterator[RunningReceiver]:
    with start(make_postgres()) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def opencps_receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReceiver]:
    with start(str(tmp_path_factory.mktemp("receiver") / "opencps.sqlite"), mode="opencps") as receiver:
        yield receiver


@pytest.fixture(scope="session")
def td_receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReceiver]:
    with start(str(tmp_path_factory.mktemp("receiver") / "td.sqlite"), mode="td") as receiver:
        yield receiver


@pytest.fixture(params=["sqlite", "postgres"])
def receiver(request: pytest.FixtureRequest) -> RunningReceiver:
    found: RunningReceiver = request.getfixturevalue(f"{request.param}_receiver")
    return found
