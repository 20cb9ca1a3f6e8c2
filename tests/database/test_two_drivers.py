"""One database behind two drivers each: a site that changes its driver must not see every dossier as changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.base import Record
from connectors.rehearsal.opencps_v2 import generate
from connectors.rehearsal.sample import SampleRequest
from connectors.sql import SqlSource
from flows.payloads import fingerprint, pack
from flows.plan import build_plan
from mappings.profile import load_profile
from tests.servers import MakeDatabase, odbc_url

PARAMS: dict[str, str | int] = {"cutoff": "2025-06-30 17:00:00", "sweep": "2026-11-20 00:00:00"}


@pytest.mark.parametrize("kind", ["mariadb", "postgres"])
def test_the_odbc_driver_and_the_native_one_read_the_same_fingerprints(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    make: MakeDatabase = request.getfixturevalue(f"make_{kind}")
    url, files = make(), tmp_path / "files"
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    generate(SampleRequest(url, 300, 5, "UTC", date(2025, 7, 1), files, tmp_path / "manifest.json", moment))
    direct, through_odbc = read(url, files), read(odbc_url(url), files)
    assert len(direct) > 250
    assert [record.key for record in through_odbc] == [record.key for record in direct]
    assert [differing(a, b) for a, b in zip(direct, through_odbc, strict=True) if mark(a) != mark(b)] == []


def read(url: str, files: Path) -> list[Record]:
    plan = build_plan(load_profile("opencps_v2"), {}, PARAMS, 100)
    source = SqlSource(url, files=files)
    try:
        return [record for page in source.sweep(plan) for record in page]
    finally:
        source.close()


def mark(record: Record) -> bytes:
    return fingerprint(pack(record))


def differing(one: Record, other: Record) -> list[str]:
    """Where two readings of a dossier differ, for the message of a failure."""
    found = [f"{column}: {cell!r} / {other.row[column]!r}" for column, cell in one.row.items()
             if other.row[column] != cell]  # fmt: skip
    for name, rows in one.children.items():
        if rows != other.children[name]:
            pairs = zip(rows, other.children[name], strict=False)
            found += [f"{name}.{c}: {a[c]!r} / {b[c]!r}" for a, b in pairs for c in a if a[c] != b[c]]
    return [one.key, *found[:5]]
