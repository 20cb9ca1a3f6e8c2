"""What the contract tests share: receivers, started when first asked for, and the old system behind every source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.base import Source
from connectors.memory import MemorySource
from connectors.rehearsal.receiver.process import RunningReceiver, start
from connectors.sql import SqlSource
from tests.contract.old_system import DOORS, HELD, Door, held, old_system
from tests.contract.old_system_files import STAGED
from tests.contract.tables import Vendor
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


@pytest.fixture(scope="session")
def mariadb_tables(make_mariadb: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Vendor:
    return Vendor.made(make_mariadb(), tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def postgres_tables(make_postgres: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Vendor:
    return Vendor.made(make_postgres(), tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def mssql_tables(make_mssql: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Vendor:
    return Vendor.made(make_mssql(), tmp_path_factory.mktemp("files"))


@pytest.fixture(params=["sqlite", "postgres"])
def receiver(request: pytest.FixtureRequest) -> RunningReceiver:
    found: RunningReceiver = request.getfixturevalue(f"{request.param}_receiver")
    return found


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    with old_system(request.param, request, tmp_path) as built:
        yield built


@pytest.fixture
def source(door: Door) -> Iterator[SqlSource]:
    opened = door.source()
    yield opened
    opened.close()


@contextmanager
def opened(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind a source of this kind."""
    if kind in STAGED:
        with closing(STAGED[kind](tmp_path / "ket_xuat")) as staged:
            yield staged
        return
    with old_system(kind, request, tmp_path) as built, closing(built.source()) as source:
        yield source


@pytest.fixture(params=(*DOORS, *STAGED, "memory"))
def any_source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind every kind of source, the one in memory included: it is the oracle of other tests."""
    if request.param == "memory":
        yield MemorySource([held(key) for key in reversed(HELD)])
        return
    with opened(request.param, request, tmp_path) as source:
        yield source


@pytest.fixture(params=(*DOORS, "xml"))
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind every kind of source whose own key is the dossier's."""
    with opened(request.param, request, tmp_path) as source:
        yield source
