"""The declared cases of every shipped profile hold, and exercise every field that it fills."""

from __future__ import annotations

import functools

import pytest

from mappings.case_runs import run_cases
from mappings.cases import Case, CaseReport, read_cases
from mappings.declared import SHIPPED
from mappings.profile import load_profile

PROFILES = sorted(file.stem for file in (SHIPPED / "profiles").glob("*.yaml"))
CASES = [case for name in PROFILES for case in read_cases(load_profile(name))]


@functools.cache
def report(name: str) -> CaseReport:
    profile = load_profile(name)
    return run_cases(profile, read_cases(profile))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_engine_says_what_the_case_expects(case: Case) -> None:
    profile = case.file.parent.name.removesuffix(".cases")
    failures = [f for f in report(profile).failures if (f.file, f.case) == (case.file, case.name)]
    assert [f"{f.file.name}:{f.line} {f.field}: {f.expected!r} != {f.got!r}" for f in failures] == []


@pytest.mark.parametrize("name", PROFILES)
def test_every_mapped_field_of_a_shipped_profile_is_exercised(name: str) -> None:
    assert report(name).missing_fields == [], f"write a case that fills them, in mappings/profiles/{name}.cases"


@pytest.mark.parametrize("name", PROFILES)
def test_every_approved_crosswalk_row_of_a_shipped_profile_is_exercised(name: str) -> None:
    assert report(name).missing_rows == []
