"""The database that a generator fills, on SQL Server: types, a further database, what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import make_url

from connectors.base import Forbidden, Misconfigured, TableRead
from connectors.rehearsal.store import open_store
from connectors.rehearsal.tables import Column, Schema, Table
from connectors.sql import SqlSource
from tests.servers import MakeDatabase

MOMENT = datetime(2025, 6, 30, 16, 59, 59)
GUID = "6F9619FF-8B86-D011-B42D-00C04FC964FF"
CELLS = {
    "id BIGINT PK": (1, 1), "a INTEGER": (7, 7), "b BIT": (1, 1), "c FLOAT": (1.5, 1.5), "d MONEY": (3.5, "3.5000"),
    "e DECIMAL(10,2)": (4.25, "4.25"), "f DATETIME": (MOMENT, "2025-06-30 16:59:59"),
    "g DATETIME2": (MOMENT, "2025-06-30 16:59:59"), "h DAY": ("2025-06-30", "2025-06-30"),
    "i UNIQUEIDENTIFIER": (GUID, GUID), "j NVARCHAR(50)": ("Đặng", "Đặng"), "k NVARCHAR(MAX)": ("Ơ" * 5000, "Ơ" * 5000),
    "l VARCHAR(20)": ("", ""), "m VARBINARY(MAX)": (None, None), "n DATETIME": (None, None),
}  # fmt: skip
"""Column → what is stored, and what a source reads."""
COLUMNS = tuple(Column(*words.split(" ", 1), is_required=words.endswith("PK")) for words in CELLS)
SCHEMA = Schema((Table("HoSo", COLUMNS), Table("NganhY.GiayPhep", COLUMNS[:2])), (("HoSo", "a"),))
ROW = {column.name: stored for column, (stored, _) in zip(COLUMNS, CELLS.values(), strict=True)}


def fill(url: str, rows: int, schema: Schema = SCHEMA) -> None:
    with open_store(url, timedelta(0), 5, rows, schema) as store:
        for number in range(rows):
            store.add("HoSo", {**ROW, "id": number})
            if len(schema.tables) > 1:
                store.add("NganhY.GiayPhep", {"id": number, "a": 2})
        store.finish()


def test_a_filled_sql_server_reads_back_as_it_was_written_in_both_its_databases(make_mssql: MakeDatabase) -> None:
    url = f"{make_mssql()}&database.NganhY={make_url(make_mssql()).database}"
    fill(url, 3)
    fill(url, 2)  # our own is emptied
    source = SqlSource(url)
    try:
        rows = source.reference(TableRead("h", "HoSo", tuple(ROW), key="id"))
        others = source.reference(TableRead("g", "NganhY.GiayPhep", ("id", "a"), key="id"))
    finally:
        source.close()
    wanted = {column.name: read for column, (_, read) in zip(COLUMNS, CELLS.values(), strict=True)}
    assert [dict(row) for row in rows] == [{**wanted, "id": number} for number in range(2)]
    assert [row["a"] for row in others] == [2, 2]


def test_a_sql_server_that_holds_anything_foreign_is_left_alone(make_mssql: MakeDatabase) -> None:
    url, other = make_mssql(), make_url(make_mssql()).database
    fill(f"{url}&database.NganhY={other}", 1)
    with pytest.raises(Misconfigured, match=r"nganhy\.GiayPhep"):
        fill(f"{make_mssql()}&database.NganhY={other}", 1)
    with pytest.raises(Misconfigured, match=r"database\.NganhY"):
        fill(make_mssql(), 1)
    with pytest.raises(Misconfigured, match="HoSo"):
        fill(url, 1, Schema((Table("HoSoKhac", COLUMNS),)))


def test_a_wrong_door_of_sql_server_is_named_without_its_password(make_mssql: MakeDatabase) -> None:
    url = make_url(make_mssql())
    with pytest.raises(Misconfigured, match="không tồn tại") as caught:
        fill(url.set(database="khong_co").render_as_string(hide_password=False), 1)
    with pytest.raises(Forbidden, match="quyền"):
        fill(url.set(password="sai").render_as_string(hide_password=False), 1)
    assert str(url.password) not in str(caught.value)
