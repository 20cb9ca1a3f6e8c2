"""A ledger on each database that may hold one, and the clock it goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.ledger import Ledger
from flows.ledger_open import open_ledger


def clock() -> datetime:
    """Always the same moment."""
    return datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'var' / 'ledger.sqlite'}"
    make_postgres: Callable[[], str] = request.getfixturevalue("make_postgres")
    return make_postgres()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """An empty ledger."""
    opened = open_ledger(url, clock)
    yield opened
    opened.close()
