"""The shipped profile of OpenCPS v2: every column accounted for, and the golden dossiers.

``LIENTHONG_REWRITE_GOLDEN=1 pytest tests/profiles`` writes the golden files anew; look at the difference in git.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from pathlib import Path

import msgspec

from mappings.model import encode
from mappings.profile import load_profile
from tests.profiles.opencps import SWEEP, make_mapper

HERE = Path(__file__).parent
RECORDS = HERE / "opencps_v2_records.json"
GOLDEN = HERE / "opencps_v2_golden.json"
PROFILE = load_profile("opencps_v2")


def schema() -> dict[str, set[str]]:
    """Table → columns of the public schema."""
    found: dict[str, set[str]] = defaultdict(set)
    with open(HERE / "opencps_v2_columns.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["table"]].add(row["column"])
    return found


def test_every_table_is_read_or_ignored_with_a_reason() -> None:
    known = {name.lower() for name in (*PROFILE.read_tables(), *PROFILE.ignored_tables())}
    assert {table for table in schema() if table.lower() not in known} == set()
    assert all(PROFILE.ignored_tables().values())


def test_every_column_of_a_table_that_is_read_is_used_or_ignored_with_a_reason() -> None:
    for table, columns in schema().items():
        if table.lower() in {name.lower() for name in PROFILE.read_tables()}:
            known = {*PROFILE.used_columns(table), *PROFILE.ignored_columns(table)}
            assert columns - known == set(), table
            assert all(PROFILE.ignored_columns(table).values())


def test_the_profile_names_no_table_or_column_that_is_not_there() -> None:
    tables = schema()
    everywhere = {
        column for reasons in [PROFILE.reading.ignored_columns["*"]] for each in reasons.values() for column in each
    }
    assert set(PROFILE.ignored_tables()) <= set(tables)
    for table in PROFILE.read_tables():
        named = {*PROFILE.used_columns(table), *PROFILE.ignored_columns(table)} - everywhere
        assert named <= tables[table], table


def test_a_secret_is_never_read() -> None:
    assert "bí mật" in PROFILE.ignored_columns("opencps_dossier")["password_"]
    assert "opencps_accesstoken" in PROFILE.ignored_tables()


def test_records_become_the_golden_dossiers() -> None:
    mapper = make_mapper()
    made = {}
    for record in json.loads(RECORDS.read_text(encoding="utf-8")):
        row, children = record["row"], record["children"]
        excluded = mapper.scope(record["key"], row, children)
        found = mapper.map(record["key"], row, children, SWEEP)
        made[record["about"]] = {
            "excluded": msgspec.to_builtins(excluded),
            "dossier": json.loads(encode(found.dossier)) if found.dossier else None,
            "issues": [" · ".join((i.severity, i.code, i.field, i.about)) for i in found.issues],
        }
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("LIENTHONG_REWRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text
