"""Every shipped profile: every column of the public schema accounted for, and the golden dossiers.

A profile has three files here: <name>_columns.csv (the columns of a spreadsheet are those that it declares itself),
<name>_records.json and <name>_golden.json.
``LIENTHONG_REWRITE_GOLDEN=1 pytest tests/profiles`` writes the golden files anew; look at the difference in git.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from mappings.declared import SHIPPED
from mappings.mapper import Mapper
from mappings.model import encode
from mappings.profile import load_profile
from mappings.tracing import Trace
from tests.profiles import (
    cmon,
    cmon_exch,
    dong_nai,
    fss_hshcqh,
    opencps,
    opencps_v1,
    so_theo_doi,
    td_dichvucong,
    xml_mau,
)

HERE = Path(__file__).parent
PROFILES = sorted(file.stem for file in (SHIPPED / "profiles").glob("*.yaml"))
MAKERS: Final[Mapping[str, Callable[..., Mapper]]] = {
    "opencps_v1": opencps_v1.make_mapper,
    "opencps_v2": opencps.make_mapper,
    "cmon": cmon.make_mapper,
    "cmon_exch": cmon_exch.make_mapper,
    "dong_nai": dong_nai.make_mapper,
    "fss_hshcqh": fss_hshcqh.make_mapper,
    "so_theo_doi": so_theo_doi.make_mapper,
    "td_dichvucong": td_dichvucong.make_mapper,
    "xml_mau": xml_mau.make_mapper,
}
SECRETS: Final = {
    "opencps_v1": {
        "opencps_dossier": ("keypayRedirectUrl",),
        "opencps_payment_file": ("keypayUrl", "paymentGateResponseData"),
    },
    "opencps_v2": {"opencps_dossier": ("password_",)},
    "cmon": {
        "cmon_taikhoannguoidung": ("MATKHAU", "CAUTRALOIMATKHAU"),
        "cmon_coquanquanly": ("ACCESSCODE", "SECURE_SECRET"),
    },
    "cmon_exch": {"cmon_coquanquanly": ("ACCESSCODE", "SECURE_SECRET")},
    "td_dichvucong": {"Catalog.Groups": ("CauHinhBienLaiThanhToan", "CauHinhBuuDien")},
}
every_profile = pytest.mark.parametrize("name", PROFILES)


def schema(name: str) -> dict[str, set[str]]:
    """Table → columns of the public schema."""
    shapes = load_profile(name).reading.spreadsheet
    if shapes:
        return {table: set(shapes.columns(table)) for table in shapes.tables}
    found: dict[str, set[str]] = defaultdict(set)
    with open(HERE / f"{name}_columns.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["table"]].add(row["column"])
    return found


def records(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / f"{name}_records.json").read_text(encoding="utf-8"))
    return found


@every_profile
def test_every_table_is_read_or_ignored_with_a_reason(name: str) -> None:
    profile = load_profile(name)
    known = {table.lower() for table in (*profile.read_tables(), *profile.ignored_tables())}
    assert {table for table in schema(name) if table.lower() not in known} == set()
    assert all(profile.ignored_tables().values())


@every_profile
def test_every_column_of_a_table_that_is_read_is_used_or_ignored_with_a_reason(name: str) -> None:
    profile = load_profile(name)
    read = {table.lower() for table in profile.read_tables()}
    for table, columns in schema(name).items():
        if table.lower() in read:
            known = {*profile.used_columns(table), *profile.ignored_columns(table)}
            assert columns - known == set(), table
            assert all(profile.ignored_columns(table).values())


@every_profile
def test_the_profile_names_no_table_or_column_that_is_not_there(name: str) -> None:
    profile, tables = load_profile(name), schema(name)
    everywhere = {column for each in profile.reading.ignored_columns.get("*", {}).values() for column in each}
    assert set(profile.ignored_tables()) <= set(tables)
    for table in profile.read_tables():
        named = {*profile.used_columns(table), *profile.ignored_columns(table)} - everywhere
        assert named <= tables[table], table


@every_profile
def test_a_secret_is_never_read(name: str) -> None:
    profile = load_profile(name)
    for table, columns in SECRETS.get(name, {}).items():
        for column in columns:
            assert "bí mật" in profile.ignored_columns(table)[column]
    if name == "opencps_v2":
        assert "opencps_accesstoken" in profile.ignored_tables()


@every_profile
def test_records_become_the_golden_dossiers(name: str) -> None:
    mapper = MAKERS[name]()
    made = {}
    for record in records(name):
        row, children = record["row"], record["children"]
        excluded = mapper.scope(record["key"], row, children)
        found = mapper.map(record["key"], row, children, opencps.SWEEP)
        made[record["about"]] = {
            "excluded": msgspec.to_builtins(excluded),
            "dossier": json.loads(encode(found.dossier)) if found.dossier else None,
            "issues": [" · ".join((i.severity, i.code, i.field, i.about)) for i in found.issues],
        }
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    golden = HERE / f"{name}_golden.json"
    if os.environ.get("LIENTHONG_REWRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text


@every_profile
def test_a_traced_mapper_gives_the_same_bytes_issues_and_version(name: str) -> None:
    trace = Trace()
    plain, traced = MAKERS[name](), MAKERS[name](observer=trace)
    assert traced.version == plain.version
    for record in records(name):
        trace.clear()
        key, main, children = record["key"], record["row"], record["children"]
        assert traced.scope(key, main, children) == plain.scope(key, main, children)
        one, other = traced.map(key, main, children, opencps.SWEEP), plain.map(key, main, children, opencps.SWEEP)
        assert one.issues == other.issues
        assert (one.dossier is None) == (other.dossier is None)
        if one.dossier is not None and other.dossier is not None:
            assert encode(one.dossier) == encode(other.dossier)
