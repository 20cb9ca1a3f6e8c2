"""Seals of dossiers: the same on SQLite and PostgreSQL, in the order of keys that Python knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert, update

from flows import ledger_schema as t
from flows.ledger import Ledger
from flows.ledger_open import open_ledger
from flows.seals import dossier_seals, read_mark
from tests.database.conftest import clock

KEYS = ("2", "10", "a", "B", "Đ1", "é", "a-1", "_")


def fill(ledger: Ledger) -> None:
    """Dossiers whose keys a locale sorts otherwise than bytes do, with rows that hang on some of them."""
    entry = {"source_id": "a", "state": t.MATCHED, "revision": 1, "raw_fp": b"r" * 16, "is_open": True, "status": 4}
    seen = {"first_sweep": 1, "last_sweep": 1, "seen_at": "x", "changed_at": "x"}
    issue = {"source_id": "a", "stage": "map", "field": "", "severity": "info", "about": ""}
    file = {"source_id": "a", "locator": "1", "stamp": "1", "sha256": "0", "size": 2**40}
    with ledger.transaction() as c:
        c.execute(insert(t.entry), [{**entry, **seen, "key": key} for key in KEYS])
        c.execute(insert(t.issue), [{**issue, "key": key, "code": code} for key in KEYS[:5] for code in ("z", "b")])
        c.execute(insert(t.attachment), [{**file, "key": key} for key in KEYS[2:]])


def sealed(ledger: Ledger) -> dict[str, str]:
    with ledger.transaction() as c:
        return dict(dossier_seals(c, "a"))


def test_seals_are_the_same_on_every_database_and_in_the_order_of_their_keys(ledger: Ledger, tmp_path: Path) -> None:
    other = open_ledger(f"sqlite:///{tmp_path / 'other.sqlite'}", clock)
    fill(other)
    fill(ledger)
    assert list(sealed(ledger)) == sorted(KEYS)
    assert sealed(ledger) == sealed(other)
    other.close()


def test_what_changes_of_a_dossier_changes_its_seal_and_no_other(ledger: Ledger) -> None:
    fill(ledger)
    before = sealed(ledger)
    with ledger.transaction() as c:
        c.execute(update(t.issue).where(t.issue.c.key == "Đ1", t.issue.c.code == "b").values(code="c"))
        c.execute(update(t.attachment).where(t.attachment.c.key == "a-1").values(size=1))
        c.execute(update(t.entry).where(t.entry.c.key == "2").values(is_open=False))
        c.execute(update(t.entry).where(t.entry.c.key == "10").values(last_sweep=2, changed_at="y", lease="z"))
        assert read_mark(c).accepted == 0
    now = sealed(ledger)
    assert {key for key in KEYS if now[key] != before[key]} == {"Đ1", "a-1", "2"}
