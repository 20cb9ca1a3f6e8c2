"""Words of the profile language that CMON needed first: compared columns, placeholders, chained joins, child codes."""

from __future__ import annotations

from datetime import datetime

import pytest

from mappings.cells import VIETNAM, Clock
from mappings.conditions import all_of
from mappings.mapper import Mapper
from mappings.profile import load_profile
from mappings.spec import When
from tests.profiles import cmon_exch
from tests.profiles.cmon import make_mapper, row
from tests.profiles.opencps import SWEEP, codes, dossier_of
from validations.telling import Teller

PROFILE = load_profile("cmon")


@pytest.fixture(scope="module")
def mapper() -> Mapper:
    return make_mapper()


@pytest.mark.parametrize(
    ("one", "two", "same", "differs"),
    [("An", " An ", True, False), ("An", "an", False, True), ("", "An", False, False), (None, None, False, False),
     (5.0, "5", True, False)],
)  # fmt: skip
def test_two_columns_are_compared_as_codes_and_an_empty_one_says_nothing(
    one: str | float | None, two: str | float | None, same: bool, differs: bool
) -> None:
    cells = {"a": one, "b": two}
    assert all_of([When(column="a", same_as="b")])(cells) is same
    assert all_of([When(column="a", differs_from="b")])(cells) is differs


@pytest.mark.parametrize("test", [
    {"in": "1"}, {"not_in": "1"}, {"empty": True}, {"is": False}, {"below": 1}, {"above": 1}, {"fills": 60},
    {"same_as": "b"}, {"differs_from": "b"},
])  # fmt: skip
def test_every_test_of_a_column_is_told_in_words(test: dict[str, object]) -> None:
    teller = Teller(PROFILE, {}, frozenset(), is_masked=True)
    said = teller.tests((When.model_validate({"column": "a", **test}),))
    assert said.startswith("a ")
    assert len(said) > 4


def test_a_text_that_fills_its_column_may_have_been_cut() -> None:
    fills = all_of([When(column="a", fills=3)])
    assert [fills({"a": text}) for text in ("ab", "abc", "abcd", None, 123)] == [False, True, True, False, False]


def test_text_with_the_day_first_is_a_date_only_where_the_profile_says_so() -> None:
    clock = Clock("Asia/Ho_Chi_Minh", is_day_first=True)
    assert clock.instant("03/06/2025") == datetime(2025, 6, 3, tzinfo=VIETNAM)
    assert clock.instant("03/06/2025 10:11") == datetime(2025, 6, 3, 10, 11, tzinfo=VIETNAM)
    assert clock.instant("03/06/2025 10:11:12") == datetime(2025, 6, 3, 10, 11, 12, tzinfo=VIETNAM)
    assert str(clock.day("03/06/2025")) == "2025-06-03"
    assert [clock.instant(text) for text in ("3/6/2025", "31/02/2025", "03/06/25", "06-03-2025")] == [None] * 4
    assert Clock("Asia/Ho_Chi_Minh").instant("03/06/2025") is None


def test_a_placeholder_is_an_empty_cell_noted_with_its_column_and_row(mapper: Mapper) -> None:
    payments = [{"ID": 51.0, "SOTIEN": 5.0, "XACNHAN": 0.0, "NGAYTHUTIEN": "1753-01-01 00:00:00"}]
    found = mapper.map("101", row(NGAYHENTRAKETQUA="1753-01-01"), {"payments": payments}, SWEEP)
    noted = {(issue.field, issue.about) for issue in found.issues if issue.code == "date_placeholder"}
    assert noted == {("NGAYHENTRAKETQUA", ""), ("NGAYTHUTIEN", "51")}
    assert (dossier_of(found).due_at, dossier_of(found).fees[0].paid_at) == (None, None)


def test_a_placeholder_is_no_filing_date_in_the_counts_either() -> None:
    counted = PROFILE.plan().counts["in_scope"]
    filed = ", ".join(
        f"NULLIF({{d.{name}}}, '1753-01-01 00:00:00')" for name in ("NGAYNOPHOSO", "NGAYNHANHOSO", "NGAYTAO")
    )
    assert f"COALESCE({filed}) >= :cutoff" in counted
    assert "(NULLIF({d.NGAYNHANHOSO}, '1753-01-01 00:00:00') IS NULL OR" in counted


def test_a_join_that_hangs_on_another_counts_the_columns_it_hangs_on() -> None:
    main = PROFILE.plan().main
    assert {join.alias: join.on for join in main.join}["huyen"] == (("xa.CHAID", "ID"),)
    assert "CHAID" in PROFILE.used_columns("cmon_donvihanhchinh")
    assert "xa.CHAID" not in PROFILE.used_columns("cmon_hosotthccong")


def test_every_row_of_a_child_gives_a_code_that_is_not_said_yet(mapper: Mapper) -> None:
    children = {"counter_codes": [{"MAHOSO": code} for code in ("MC-1", "MC-1", "LTH2506020001", None, "MC-2")]}
    found = dossier_of(mapper.map("101", row(), children, SWEEP))
    assert [other.code for other in found.other_codes] == ["BN-2025-0001", "MC-1", "MC-2"]


def test_the_units_of_who_files_are_not_the_owners(mapper: Mapper) -> None:
    found = dossier_of(mapper.map("101", row(HOTENNGUOINOPHOSO="Trần Văn Ví"), {}, SWEEP))
    assert found.applicant.address is None
    assert found.delegate is not None
    assert found.delegate.address is not None
    assert found.delegate.address.commune is not None


def test_a_system_without_process_steps_knows_its_cases_by_status(mapper: Mapper) -> None:
    case_of = mapper.case_of(row(), {})
    assert case_of is not None
    case, name = case_of
    (seen,) = mapper.known_cases({case: 3}, {case: name})
    assert (seen.is_known, seen.step_name, case.old_status, case.step) == (True, "Đang xử lý", "15", "")


def test_a_withdrawal_that_nobody_answered_parks_an_open_dossier(mapper: Mapper) -> None:
    assert "case_state_unmapped" in codes(mapper.map("101", row(YEUCAUHUYHOSO=1.0), {}, SWEEP))


def test_an_instant_may_stand_in_a_child() -> None:
    exchange = cmon_exch.make_mapper()
    main = {"id": 31, "masohoso": "LTH2506020001", "ngaynophoso": "02/06/2025", "trangthaixuly": 0.0, "maloaihoso": "1"}
    found = {}
    for day in ("12/06/2025", "31/02/2025", None):
        results = [{"id": 5, "masohoso": "LTH2506020001", "said": "returned", "ngaynhanketqua": day}]
        mapped = exchange.map("31", main, {"results": results}, SWEEP)
        found[day] = (dossier_of(mapped).finished_at, "date_unreadable_minor" in codes(mapped))
    assert found == {
        "12/06/2025": (datetime(2025, 6, 12, tzinfo=VIETNAM), False), "31/02/2025": (None, True), None: (None, False),
    }  # fmt: skip
