"""What a source says of the database behind it, and of all that can be wrong on the way in."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from connectors.base import Forbidden, Misconfigured, Source, TableRead, Unavailable
from connectors.sql import SqlSource
from tests.contract.old_system import HELD, PLAN, SERVERS, STEPS, Door, everything, odbc
from tests.servers import free_port


def test_nothing_can_be_written(door: Door, source: SqlSource) -> None:
    for statement in ("DELETE FROM {#buoc}", "UPDATE {#buoc} SET ten = ''", "CREATE TABLE moi (id int)"):
        with pytest.raises(Misconfigured, match="chỉ được đọc"):
            source.count(statement, {})
    assert source.count("SELECT COUNT(*) FROM {#buoc} b", {}) == 2 * len(HELD) + 1


def test_a_probe_describes_the_tables_and_names_the_server(source: SqlSource) -> None:
    probe = source.probe()
    tables = {name.lower(): [column.name.lower() for column in columns] for name, columns in probe.tables.items()}
    assert tables["buoc"] == ["buocid", "hosoid", "ten"]
    assert set(tables) == {"ho_so", "giay_to", "tep", "buoc"}
    assert probe.server.split()[0] in {"SQLite", "MariaDB", "PostgreSQL", "SQL"}
    assert probe.can_write


def test_a_server_tells_its_own_clock_in_utc(source: SqlSource) -> None:
    probe = source.probe()
    if probe.server.startswith("SQLite"):  # no server, no clock of its own
        assert probe.utc == ""
        return
    told = datetime.fromisoformat(probe.utc).replace(tzinfo=UTC)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_parameter_that_nobody_gives_is_named(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=":cutoff"):
        asked.count("SELECT COUNT(*) FROM {#ho_so} h WHERE {h.nopLuc} < :cutoff", {})


def test_a_missing_table_is_named_with_what_is_near(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=r"(?i)bảng Ho_Sơ .*gần giống: ho_so"):
        asked.reference(TableRead("x", "Ho_Sơ", ("ma",)))
    with pytest.raises(Misconfigured, match="bảng khong_co"):
        asked.count("SELECT COUNT(*) FROM {#khong_co} k", {})


def test_a_missing_column_is_named_with_what_is_near(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=r"(?i)không có cột trang_thai .*trangthai"):
        asked.tally("ho_so", ["trang_thai"])
    with pytest.raises(Misconfigured, match="cột khongco"):
        asked.count("SELECT COUNT(*) FROM {#buoc} b WHERE b.khongco = 1", {})
    plan = dataclasses.replace(PLAN, children=(TableRead("x", "", ("la",), "hoSoId", sql=STEPS),))
    with pytest.raises(Misconfigured, match="không trả về cột la"):
        everything(asked, plan)


def test_sql_that_the_database_does_not_understand_is_the_profiles_fault(asked: Source) -> None:
    with pytest.raises(Misconfigured, match="SQL"):
        asked.count("SELEKT 1", {})


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_a_wrong_password_is_forbidden_and_not_repeated(door: Door) -> None:
    source = door.source(door.address.set(password="sai-mat-khau"))
    with pytest.raises(Forbidden, match="mật khẩu") as caught:
        source.probe()
    assert "sai-mat-khau" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Microsoft's driver knocks at a dead port for as long as it may."""
    monkeypatch.setattr("connectors._sql_mssql.CONNECT_SECONDS", 1)


@pytest.mark.parametrize("door", SERVERS, indirect=True)
@pytest.mark.usefixtures("little_patience")
def test_a_dead_port_is_unavailable(door: Door) -> None:
    with pytest.raises(Unavailable, match="Không kết nối được"):
        door.source(door.address.set(port=free_port())).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
@pytest.mark.usefixtures("little_patience")
def test_an_unknown_host_is_unavailable(door: Door) -> None:
    with pytest.raises(Unavailable, match="Không kết nối được"):
        door.source(door.address.set(host="khong-co.invalid")).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_an_unknown_database_is_named(door: Door) -> None:
    with pytest.raises(Misconfigured, match="khong_co_csdl"):
        door.source(door.address.set(database="khong_co_csdl")).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_an_account_that_may_only_read_is_known_and_what_it_may_not_read_is_named(door: Door) -> None:
    name = f"doc_{door.address.database}_{door.url.__name__}"
    if door.kind == "mssql":
        door.run(f"CREATE LOGIN {name} WITH PASSWORD = 'doc'")
    at = f"{name}@'127.0.0.1'" if door.kind == "mariadb" else name
    login = {
        "mariadb": f"{at} IDENTIFIED BY 'doc'",
        "postgres": f"{at} PASSWORD 'doc'",
        "mssql": f"{at} FOR LOGIN {at}",
    }
    door.run(
        f"CREATE USER {login[door.kind]}",
        *(f"GRANT SELECT ON {table} TO {at}" for table in ("Ho_So", "Giay_To", "Tep")),
    )
    source = door.source(door.address.set(username=name, password="doc"))
    assert not source.probe().can_write
    assert len(everything(source, dataclasses.replace(PLAN, children=PLAN.children[:1]))) == len(HELD)
    with pytest.raises(Forbidden, match=r"(?i)bảng buoc"):
        everything(source)
    source.close()


def test_a_database_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"khong_co.sqlite"):
        SqlSource(f"sqlite:///{tmp_path}/khong_co.sqlite")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_text("không phải cơ sở dữ liệu " * 100)
    with pytest.raises(Misconfigured, match=r"a.sqlite"):
        SqlSource(f"sqlite:///{tmp_path}/a.sqlite").probe()


def test_a_wrong_url_is_explained_without_its_password() -> None:
    for url in (
        "không phải url",
        "nosuch://a:bi-mat@h/d",
        "oracle+oracledb://a:bi-mat@h/d",
        "mysql+mysqldb://a:bi-mat@h/d",
    ):
        with pytest.raises(Misconfigured) as caught:
            SqlSource(url)
        assert "bi-mat" not in repr(caught.value)


def test_an_odbc_driver_that_is_not_installed_is_explained() -> None:
    source = SqlSource(odbc(make_url("mysql://a:bi-mat@127.0.0.1:1/d")).replace("MariaDB+Unicode", "Kh%C3%B4ng"))
    with pytest.raises(Misconfigured, match="apt-get install odbc-mariadb") as caught:
        source.probe()
    assert "bi-mat" not in repr(caught.value)


def test_an_odbc_driver_for_postgresql_that_is_not_installed_is_explained() -> None:
    with pytest.raises(Misconfigured, match="apt-get install odbc-postgresql"):
        SqlSource("postgresql+pyodbc://a:bi-mat@127.0.0.1/d?driver=khong-co")
