"""The shipped profile behind T-SQL: OpenCPS v2 also ran on SQL Server, and every query of it must be its dialect."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlglot
from sqlalchemy import Engine, event, make_url
from sqlglot import exp

from connectors.base import ReadPlan, Record
from connectors.rehearsal.opencps_v2 import SampleRequest, generate
from connectors.sql import SqlSource
from flows.check import check_site
from flows.payloads import fingerprint, pack
from flows.plan import build_plan
from flows.site import load_site
from flows.workplace import open_workplace
from mappings.profile import load_profile
from tests.tds.server import TdsServer, tds_server

PARAMS: dict[str, str | int] = {"cutoff": "2025-06-30 17:00:00", "sweep": "2026-11-20 00:00:00"}
TYPES = {"TEXT": "nvarchar(max)", "DOUBLE": "float", "DATETIME": "datetime2(6)", "INTEGER": "int"}


@pytest.fixture
def server() -> Iterator[TdsServer]:
    with tds_server() as running:
        yield running


def test_opencps_on_sql_server_gives_the_same_fingerprints_and_counts(server: TdsServer, tmp_path: Path) -> None:
    old, files = tmp_path / "old.sqlite", tmp_path / "files"
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    generate(SampleRequest(f"sqlite:///{old}", 120, 5, "UTC", date(2025, 7, 1), files, tmp_path / "m.json", moment))
    url = server.make_database()
    copy(old, server, str(make_url(url).database))
    plan = build_plan(load_profile("opencps_v2"), {}, PARAMS, 50)
    asked: set[str] = set()
    event.listen(Engine, "before_cursor_execute", lambda *call: asked.add(call[2]))
    theirs = read(f"sqlite:///{old}", files, plan)
    assert len(theirs[0]) > 90
    for driver in ("", "&odbc_driver=FreeTDS"):
        ours = read(url + driver, files, plan)
        assert ours[1:] == theirs[1:]  # counts and catalogues
        assert [record.key for record in ours[0]] == [record.key for record in theirs[0]]
        assert [a.key for a, b in zip(theirs[0], ours[0], strict=True) if mark(a) != mark(b)] == []
    queries = [statement for statement in asked if "[" in statement and statement.startswith("SELECT")]
    assert len(queries) > len(plan.children) + len(plan.counts)
    for query in queries:
        assert isinstance(sqlglot.parse_one(query, read="tsql"), exp.Query)


SITE = """\
name: thu
cutoff: 2025-07-01
rehearsal: true
sources:
  cu:
    connector: sql
    driver: mssql+pyodbc
    host: {host}
    port: {port}
    database: {database}
    user: sa
    password_env: PW
    profile: opencps_v2
    zone: UTC
    sqlserver: {{encrypt: false, read_only_intent: false}}
target: {{connector: rest, rehearsal: var/receiver.sqlite}}
"""


def test_a_site_on_sql_server_is_checked_and_told_what_to_ask_of_its_administrator(
    server: TdsServer, tmp_path: Path
) -> None:
    old, moment = tmp_path / "old.sqlite", datetime(2026, 11, 20, tzinfo=UTC)
    address = f"sqlite:///{old}"
    generate(SampleRequest(address, 40, 5, "UTC", date(2025, 7, 1), None, tmp_path / "m.json", moment))
    url = make_url(server.make_database())
    copy(old, server, str(url.database))
    server.run("master", f"ALTER DATABASE {url.database} SET ALLOW_SNAPSHOT_ISOLATION OFF")
    site = tmp_path / "site"
    site.mkdir()
    (site / "site.yaml").write_text(SITE.format(host=url.host, port=url.port, database=url.database), encoding="utf-8")
    (site / ".env").write_text(f"PW={server.password}\n", encoding="utf-8")
    with open_workplace(load_site(site)) as work:
        findings = check_site(work)
    assert [finding.message for finding in findings if finding.is_refusal] == []
    assert any("ALLOW_SNAPSHOT_ISOLATION" in finding.remedy for finding in findings)
    assert any("có quyền ghi" in finding.message for finding in findings)
    assert not server.instance.logins[-1]["read_only"]


def copy(old: Path, server: TdsServer, database: str) -> None:
    """The tables of a SQLite file, declared as SQL Server would, with their rows."""
    connection = sqlite3.connect(old)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
        lines = [f"[{column}] {as_tsql(kind)}" for _, column, kind, _, _, _ in columns]
        keys = [f"[{column}]" for _, column, _, _, _, place in sorted(columns, key=lambda c: c[5]) if place]
        lines += [f"PRIMARY KEY ({', '.join(keys)})"] if keys else []
        server.run(database, f"CREATE TABLE [{name}] ({', '.join(lines)})")
        server.instance.load(database, name, connection.execute(f'SELECT * FROM "{name}"').fetchall())
    connection.close()


def as_tsql(declared: str) -> str:
    kind = declared.upper()
    return TYPES.get(kind) or re.sub(r"^(VAR)?CHAR", "nvarchar", kind)


def read(url: str, files: Path, plan: ReadPlan) -> tuple[list[Record], object, object]:
    """Records, counts and catalogues of a source."""
    source = SqlSource(url, files=files)
    try:
        catalogues = {item.name: source.reference(item) for item in plan.references}
        return (
            [record for page in source.sweep(plan) for record in page],
            source.count_all(plan.counts, plan.params),
            catalogues,
        )
    finally:
        source.close()


def mark(record: Record) -> bytes:
    return fingerprint(pack(record))
