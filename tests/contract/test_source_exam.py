"""The exam every source sits: pages, records and questions, the same behind SQLite, MariaDB (two drivers), PostgreSQL,
SQL Server, XML and sheets."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from sqlalchemy import Engine, event

from connectors.base import Join, Misconfigured, ReadPlan, Source, TableRead
from connectors.memory import MemorySource
from connectors.sql import SqlSource
from tests.contract.old_system import HELD, PLAN, Door, everything, held, lower


def test_pages_come_in_key_order_as_numbers_and_keys_as_text(any_source: Source) -> None:
    assert [[record.key for record in page] for page in any_source.sweep(PLAN)] == [
        ["1", "2", "3"],
        ["9", "10", "11"],
        ["100"],
    ]


def test_a_record_is_whole_under_the_declared_names(any_source: Source) -> None:
    assert everything(any_source) == [held(key) for key in HELD]


def test_a_sweep_goes_on_after_the_key_it_is_given(any_source: Source) -> None:
    assert [record.key for record in everything(any_source, after="9")] == ["10", "11", "100"]
    assert everything(any_source, after="100") == []


def test_fetch_gives_the_same_records_in_key_order(any_source: Source) -> None:
    assert any_source.fetch(PLAN, ["100", "10", "2", "7"]) == [held(2), held(10), held(100)]
    assert any_source.fetch(PLAN, []) == []


def test_a_look_at_a_small_table_sees_all_of_it(any_source: Source) -> None:
    table = any_source.main if isinstance(any_source, MemorySource) else "HO_SO"
    look = any_source.look(table, rows=50)
    assert {row["ma"] for row in look.rows} >= {f"H44-{key}" for key in HELD}
    assert (look.count, look.is_counted) == (len(look.rows), True)


def test_a_look_at_a_large_table_reads_both_ends_of_its_key_and_no_more_than_it_may(
    door: Door, source: SqlSource
) -> None:
    for start in range(1001, 3001, 500):
        values = ", ".join(f"({key}, 'H-{key}', '{'x' * 20}', 0)" for key in range(start, start + 500))
        door.run(f"INSERT INTO Ho_So (hoSoId, ma, trangThai, daXoa) VALUES {values}")
    look = source.look("ho_so", rows=90)
    keys = [int(str(lower(row)["hosoid"])) for row in look.rows]
    assert [key.lower() for key in look.key] == ["hosoid"]
    assert {1, 3000} <= set(keys)
    assert len(keys) == len(set(keys)) <= 99
    assert any(1001 < key < 2500 for key in keys)
    assert look.count == 2000 + len(HELD) + 1


def test_a_look_cuts_long_text(door: Door, source: SqlSource) -> None:
    door.run(f"UPDATE Ho_So SET ghiChu = '{'x' * 5000}' WHERE hoSoId = 1")
    rows = [lower(row) for row in source.look("ho_so", rows=50).rows]
    assert {len(str(row["ghichu"])) for row in rows if row["hosoid"] == 1} == {200}


def test_each_page_sees_one_moment(door: Door, source: SqlSource) -> None:
    if door.kind == "sqlite":
        door.run("PRAGMA journal_mode = WAL")
    changed: list[str] = []

    def change_once(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if (
            "ma" in statement
            and "giay_to" not in statement.lower()
            and re.search("LIMIT|TOP", statement)
            and not changed
        ):
            changed.append(statement)
            door.run("INSERT INTO Giay_To VALUES (7777, 1, 'Thêm sau', NULL), (7778, 9, 'Thêm sau', NULL)")

    event.listen(Engine, "after_cursor_execute", change_once)
    try:
        records = {record.key: len(record.children["papers"]) for record in everything(source)}
    finally:
        event.remove(Engine, "after_cursor_execute", change_once)
    assert changed
    assert (records["1"], records["9"]) == (2, 3)  # not on the page under way, but on the next one


def test_a_page_that_outgrows_its_bytes_is_read_in_smaller_ones(door: Door, source: SqlSource) -> None:
    door.run(f"UPDATE Ho_So SET ghiChu = '{'x' * 50_000}'")
    pages = list(source.sweep(dataclasses.replace(PLAN, page_rows=1000, page_bytes=120_000)))
    assert [record.key for page in pages for record in page] == [str(key) for key in HELD]
    assert max(len(page) for page in pages) <= 2


def test_parameters_and_conditions_of_the_profile_reach_the_database(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET nopLuc = '2025-06-30 17:00:00' WHERE hoSoId = 9")
    params: dict[str, str | int] = {"cutoff": "2025-06-30 17:00:00", "unused": 1}
    where = "COUNT(*) FROM {#ho_so} h WHERE {h.nopLuc} < :cutoff AND {h.daXoa} = 0 AND {h.ma} LIKE 'H44-%'"
    assert source.count(f"SELECT {where}", params) == len(HELD) - 1
    before = dataclasses.replace(PLAN, main=dataclasses.replace(PLAN.main, where="{nopLuc} >= :cutoff"), params=params)
    assert [record.key for record in everything(source, before)] == ["9"]


def test_a_tally_tells_apart_what_a_collation_equates(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET trangThai = 'Done' WHERE hoSoId IN (1, 2)")
    door.run("UPDATE Ho_So SET trangThai = NULL WHERE hoSoId = 3")
    assert source.tally("ho_so", ["trangThai", "daXoa"])[:2] == [(("done", 0), 4), (("Done", 0), 2)]
    assert (((None, 0), 1)) in source.tally("ho_so", ["trangThai", "daXoa"])


CHAIN = (
    Join("ho_so", "h", (("hoSoId", "hoSoId"),), ("ma",)),
    Join("tep", "t", (("h.hoSoId", "tepId"),), ("tenTep",)),
)


def test_a_join_may_hang_on_an_earlier_join(asked: Source) -> None:
    rows = asked.reference(TableRead("steps", "buoc", ("buocId",), key="buocId", join=CHAIN))
    assert rows[1] == {"buocId": 10, "h.ma": "H44-1", "t.tenTep": "1.pdf"}
    assert {row["t.tenTep"] for row in rows if row["h.ma"] == "xóa"} == {None}


def test_a_tally_counts_by_a_column_of_a_join(asked: Source) -> None:
    found = asked.tally("buoc", ["t.tenTep"], CHAIN)
    assert dict(found) == {(f"{key}.pdf",): 2 for key in HELD} | {(None,): 1}


BY_CODE = ReadPlan(
    TableRead("d", "don", ("ma",), "ma", "ma"),
    (TableRead("papers", "to_don", ("so", "ten"), "don", "so", split=("ten", "##")),),
    page_rows=1,
)
"""Dossiers whose key is a text, and papers with several values in one cell."""
EQUAL_ROWS = {"mariadb": 6, "mssql": 5}
"""How many of six rows have a dossier where letter case says nothing; the endpoint does count blanks at the end."""


def test_rows_hang_on_the_text_key_that_the_database_takes_for_theirs(door: Door, source: SqlSource) -> None:
    words = "nvarchar(50)" if door.kind == "mssql" else "varchar(50)"
    door.run(f"CREATE TABLE Don (ma {words}, so int)", f"CREATE TABLE To_Don (so int, don {words}, ten {words})")
    door.run("INSERT INTO Don VALUES ('H44-a', 1), ('H44-B', 2), ('H44-c', 3)")
    door.run("INSERT INTO To_Don VALUES (1, 'H44-a', 'x'), (2, 'h44-A', 'x'), (3, 'H44-b', 'x'), (4, 'H44-B  ', 'x')")
    door.run("INSERT INTO To_Don VALUES (5, 'H44-c', 'a.pdf##b.pdf####c.pdf##'), (6, 'H44-c', NULL)")
    records = everything(source, BY_CODE)
    found = {record.key: record.children["papers"] for record in records}
    hung = {row["so"] for rows in found.values() for row in rows}
    assert len(hung) == source.count("SELECT COUNT(*) FROM {#don} d JOIN {#to_don} p ON {p.don} = {d.ma}", {})
    assert len(hung) == EQUAL_ROWS.get(door.kind, 3)
    assert [(row["so"], row["ten"], row["_part"]) for row in found["H44-c"]] == [
        (5, "a.pdf", ""), (5, "b.pdf", "2"), (5, "c.pdf", "3"), (6, None, ""),
    ]  # fmt: skip
    assert source.fetch(BY_CODE, list(found)) == records
    door.run("INSERT INTO Don VALUES ('h44-A', 4)")
    if door.kind not in EQUAL_ROWS:
        assert len(everything(source, BY_CODE)) == 4
        return
    for page_rows in (1, 10):
        with pytest.raises(Misconfigured, match="coi hai giá trị của nó là một"):
            everything(source, dataclasses.replace(BY_CODE, page_rows=page_rows))


def test_a_column_comes_newest_first_without_nulls(asked: Source) -> None:
    assert asked.column("HO_SO", "nopluc", limit=2) == ["2025-06-30 16:59:59"] * 2
    assert asked.column("ho_so", "ma", limit=3) == ["H44-100", "H44-11", "H44-10"]


def test_a_reference_comes_whole_in_the_order_of_its_key(asked: Source) -> None:
    read = TableRead("tep", "tep", ("tenTep",), key="tepId", where="{thuMuc} = 7")
    assert [row["tenTep"] for row in asked.reference(read)] == [f"{key}.pdf" for key in HELD]


def test_fetch_gives_the_same_records_and_leaves_out_the_vanished(door: Door, source: SqlSource) -> None:
    swept = {record.key: record for record in everything(source)}
    door.run("DELETE FROM Ho_So WHERE hoSoId = 9")
    assert source.fetch(PLAN, ["100", "9", "10", "2", "khác"]) == [swept["2"], swept["10"], swept["100"]]
    assert source.fetch(PLAN, []) == []
