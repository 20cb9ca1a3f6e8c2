"""Differences in the ledger: merged from comparison to comparison, on SQLite and PostgreSQL; ledgers of before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, inspect, select, text

from flows import ledger_schema as t
from flows.difference_rows import count_settled, give_life, is_open, keep_differences
from flows.difference_tallies import count_alike
from flows.ledger import Item, Ledger
from flows.ledger_open import open_ledger
from tests.database.conftest import clock
from validations.compare import WORKED_ON, Difference

ITEM = Item("a", "1", t.PUSHED, 1, None, None, None, None, None, "")
OTHER = Item("a", "2", t.PUSHED, 1, None, None, None, None, None, "")
NOTE = Difference("GhiChu", "value", "một", "hai")
DUE = Difference("NgayHenTra", "time", "2025-07-01T03:00:00Z", "2025-07-02T03:00:00Z")


def rows(ledger: Ledger, key: str = "1") -> dict[str, Any]:
    """Path → row."""
    d = t.difference.c
    with ledger.transaction() as c:
        return {row.field: row for row in c.execute(select(t.difference).where(d.key == key))}


def compare(ledger: Ledger, *found: Difference) -> str:
    """A comparison that finds these; its run."""
    with ledger.run("compare") as run:
        keep_differences(ledger, run, [(ITEM, found), (OTHER, (NOTE,))])
    return run.id


def test_a_row_lives_from_the_first_comparison_to_the_last_that_finds_it(ledger: Ledger) -> None:
    first = compare(ledger, NOTE, DUE)
    born = rows(ledger)
    assert {field: (row.state, row.entity, row.why) for field, row in born.items()} == {
        "GhiChu": ("new", "dossier", ""),
        "NgayHenTra": ("new", "dossier", "day"),
    }
    second = compare(ledger, NOTE)
    note, due = rows(ledger)["GhiChu"], rows(ledger)["NgayHenTra"]
    assert (note.state, note.first_run, note.run_id, note.id) == ("new", first, second, born["GhiChu"].id)
    assert (due.state, due.fixed_run, due.run_id) == ("fixed", second, first)
    third = compare(ledger, NOTE, DUE)
    due = rows(ledger)["NgayHenTra"]
    assert (due.state, due.fixed_run, due.first_run, due.run_id) == ("reopened", None, first, third)
    assert rows(ledger, "2")["GhiChu"].state == "new"


def test_other_values_are_another_mark_and_what_was_accepted_is_open_again(ledger: Ledger) -> None:
    compare(ledger, NOTE)
    with ledger.transaction() as c:
        c.execute(t.difference.update().values(state="accepted", author="Chủ tịch", reason="x", until=None))
    was = rows(ledger)["GhiChu"].mark
    compare(ledger, NOTE)
    assert rows(ledger)["GhiChu"].state == "accepted"
    compare(ledger, Difference("GhiChu", "value", "một", "ba"))
    now = rows(ledger)["GhiChu"]
    assert (now.state, now.new, now.author) == ("reopened", "ba", None)
    assert now.mark != was
    assert rows(ledger, "2")["GhiChu"].state == "accepted"


def test_a_ledger_of_before_gives_its_differences_a_life(tmp_path: Path) -> None:
    file = tmp_path / "var" / "ledger.sqlite"
    old = open_ledger(f"sqlite:///{file}", clock)
    compare(old, NOTE)
    wanted = rows(old)["GhiChu"]
    later = ("entity", "pattern", "why", "mark", "state", "first_run", "first_at", "last_at", "fixed_run", "until")
    with old.transaction() as c:
        for column in later:
            c.execute(text(f"ALTER TABLE difference DROP COLUMN {column}"))
        c.execute(text("UPDATE meta SET value = '5' WHERE name = 'schema_version'"))
    old.close()
    new = open_ledger(f"sqlite:///{file}", clock)
    assert set(later) <= {column["name"] for column in inspect(new.engine).get_columns("difference")}
    assert rows(new)["GhiChu"] == wanted
    assert file.with_name("ledger.sqlite.v5.bak").exists()
    new.close()


def test_many_rows_of_before_are_given_life_page_by_page(ledger: Ledger) -> None:
    with ledger.transaction() as c:
        old = [
            {"source_id": "a", "key": str(n), "field": "GhiChu", "kind": "value", "old": "x", "new": "y", "run_id": "r"}
            for n in range(1203)
        ]
        c.execute(delete(t.difference))
        c.execute(insert(t.difference), old)
        give_life(c)
        marks = c.execute(select(t.difference.c.mark)).scalars().all()
    assert len(set(marks)) == 1203


def enter(ledger: Ledger, key: str, state: str) -> None:
    values = {"raw_fp": b"", "first_sweep": 1, "last_sweep": 1, "seen_at": "", "changed_at": "", "revision": 1}
    with ledger.transaction() as c:
        c.execute(insert(t.entry).values(source_id="a", key=key, state=state, **values))


def test_a_dossier_is_settled_when_every_difference_of_it_is_accepted(ledger: Ledger) -> None:
    known = Difference("TepDinhKem[x]", "by_design", "sha256 ab, 9 byte", "")
    worked = Difference("", WORKED_ON, "1", "2")
    found = {"1": (NOTE, DUE), "2": (NOTE, known), "3": (known,), "4": (worked,), "5": (worked,)}
    for key in found:
        enter(ledger, key, t.MATCHED if key in "34" else t.DIFFERENT)
    items = [
        (Item("a", key, "", 1, None, None, None, None, None, ""), differences) for key, differences in found.items()
    ]
    with ledger.run("compare") as run:
        keep_differences(ledger, run, items)
    d = t.difference.c

    def open_keys() -> list[str]:
        with ledger.transaction() as c:
            return list(c.execute(select(d.key).where(is_open()).distinct().order_by(d.key)).scalars())

    assert open_keys() == ["1", "2", "5"]
    for kind, settled, left in (("value", 1, ["1", "5"]), ("time", 2, ["5"]), (WORKED_ON, 3, [])):
        with ledger.transaction() as c:
            c.execute(t.difference.update().where(d.kind == kind).values(state="accepted"))
            assert count_settled(c) == settled
        assert open_keys() == left
    with ledger.transaction() as c:
        alike = list(count_alike(c, (d.kind, d.pattern), d.kind != WORKED_ON))
    assert alike == [
        (("by_design", "TepDinhKem[]"), 2, ("2", "3")),
        (("time", "NgayHenTra"), 1, ("1",)),
        (("value", "GhiChu"), 2, ("1", "2")),
    ]
