"""The old databases that every run reads: clean dossiers of a fixed shape, filled by the project's own generator."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pymysql

from connectors.rehearsal.opencps_v2 import generate
from connectors.rehearsal.sample import SampleRequest
from tests.benchmark.copied import TABLES, address

PAPERS, STEPS = 4, 5
SEED = 20250701
CUTOFF = date(2025, 7, 1)
NOW = datetime(2026, 1, 15, tzinfo=UTC)
ZONE = "UTC"


@dataclass(frozen=True)
class OldData:
    """A filled old database: its address, its dossiers, and the rows of each copied table."""

    url: str
    dossiers: int
    rows: dict[str, int]


def fill(url: str, dossiers: int, folder: Path) -> OldData:
    """Fill an empty database with ``dossiers`` clean dossiers of four papers and five steps, without files."""
    request = SampleRequest(
        url=url,
        dossiers=dossiers,
        seed=SEED,
        zone=ZONE,
        cutoff=CUTOFF,
        files_dir=None,
        manifest_path=folder / f"manifest-{dossiers}.json",
        now=NOW,
        is_clean=True,
        with_files=False,
        papers=PAPERS,
        steps=STEPS,
    )
    generate(request)
    return OldData(url, dossiers, _count(url))


def _count(url: str) -> dict[str, int]:
    rows = {}
    with closing(pymysql.connect(**address(url))) as connection, connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            found = cursor.fetchone()
            rows[table] = int(found[0]) if found else 0
    return rows
