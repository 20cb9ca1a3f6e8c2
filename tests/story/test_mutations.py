"""The comparer's own test at length: thousands of seeded changes of every class over a province of mapped dossiers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from flows.payloads import plain
from tests.story.stage import lienthong
from validations.mutations import Pair, Score, score

CHUNK = 1000
CHANGES = 2000
"""Of every class, at least."""


@pytest.mark.long
def test_every_change_is_found_in_a_province_of_dossiers(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    wanted = max(CHUNK, int(request.config.getoption("--dossiers")))
    site = tmp_path / "site"
    lienthong("demo", site, "--dossiers", str(wanted * 5 // 4), "--seed", "11", "--prepare")
    for stage in ("extract", "map"):
        lienthong(stage, site, expect=(0, 1))
    found, dossiers = Score(), 0
    pairs = islice(mapped(site), wanted)
    while chunk := list(islice(pairs, CHUNK)):
        found += score(chunk, seed=dossiers, rounds=-(-CHANGES * CHUNK // wanted))
        dossiers += len(chunk)
    print(
        f"{dossiers} dossiers: {found.made} changes of {len(found.classes)} classes, {found.found} found, "
        f"{found.named} named; {found.equal} equal pairs, {found.alarms} false alarms"
    )
    assert dossiers == wanted
    assert [(c.code, c.made, c.found, c.named) for c in found.classes if not c.made == c.found == c.named] == []
    assert found.alarms == 0
    assert min(c.made for c in found.classes) >= CHANGES


def mapped(site: Path) -> Iterator[Pair]:
    """The mapped dossiers of a site, each beside what another program might write of it, with files of their names."""
    with closing(sqlite3.connect(f"file:{site / 'var' / 'ledger.sqlite'}?mode=ro", uri=True)) as ledger:
        for (stored,) in ledger.execute("SELECT mapped FROM payload WHERE mapped IS NOT NULL ORDER BY source_id, key"):
            body = plain(stored)
            held = json.loads(body)
            papers = [paper["TepDinhKem"] for paper in held.get("TaiLieuNop", ()) if "TepDinhKem" in paper]
            files = {file["TepDinhKemId"]: (f"{n:064x}", file.get("KichThuoc", 0)) for n, file in enumerate(papers)}
            yield Pair(body, json.dumps(held, sort_keys=True).encode(), files)
