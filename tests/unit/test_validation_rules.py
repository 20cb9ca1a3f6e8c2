"""The declared suite, at work on Great Expectations, over dossiers with one fault each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from mappings.model import Address, Dossier, Issue, Paper, Postal, Result, SupplementRound, UnitRef
from tests.unit.dossiers import CONTEXT, at, clean_dossier, new_commune
from validations.checks import national_agency
from validations.expectations import RuleOutcome, SuiteRun, validate_batch
from validations.suite import Suite, SuiteError, load_suite


@pytest.fixture(scope="module")
def run() -> SuiteRun:
    return SuiteRun(load_suite())


def judge(run: SuiteRun, *dossiers: tuple[str, Dossier]) -> dict[str, list[Issue]]:
    return dict(run.validate(dossiers, CONTEXT).issues)


FAULTS = [
    ("code_missing", "code", {"code": ""}),
    ("code_form_unknown", "code", {"code": "Số 12-MC"}),
    ("code_agency_unknown", "code", {"code": "000.00.53.H48-250505-0001"}),
    ("value_too_long", "code", {"code": "000.17.22.H44-250505-" + "0" * 30}),
    ("due_missing", "due_at", {"due_at": None}),
    ("dates_order", "received_at", {"filed_at": at(6)}),
    ("dates_order", "due_at", {"due_at": at(3)}),
    ("dates_order", "completed_at", {"completed_at": at(3)}),
    ("dates_order", "finished_at", {"finished_at": at(3)}),
    ("dates_order", "supplements.answered_at", {"supplements": (SupplementRound("1", at(9), answered_at=at(7)),)}),
    ("overdue_at_cutoff", "due_at", {"status": 4}),
    ("unit_not_in_catalogue", "handling_agency.unit.code", {"handling_agency__unit": new_commune("99999")}),
    ("unit_not_in_catalogue", "applicant.address.new_commune.code", {"applicant__address__new_commune__code": "9"}),
    (
        "unit_not_in_catalogue",
        "postal.address.new_commune.code",
        {"postal": Postal(address=Address(new_commune=new_commune("1")))},
    ),
    ("code_not_in_list", "status", {"status": 11}),
    ("code_not_in_list", "channel", {"channel": "4"}),
    ("code_not_in_list", "applicant.kind", {"applicant__kind": "7"}),
    ("code_not_in_list", "handling_agency.unit.catalogue", {"handling_agency__unit__catalogue": "2025"}),
    ("code_not_in_list", "papers.kind", {"papers": (Paper("1", kind="9"), Paper("2", kind="9"))}),
    ("code_not_in_list", "results.origin", {"results": (Result("1", "fax"),)}),
    ("value_too_long", "applicant.name", {"applicant__name": "Ă" * 501}),
    ("value_too_long", "papers.name", {"papers": (Paper("1", name="x" * 2001),)}),
]


@pytest.mark.parametrize(("code", "field", "changes"), FAULTS, ids=[f"{c}-{f}" for c, f, _ in FAULTS])
def test_each_fault_is_found_once_at_its_field_and_nowhere_else(
    run: SuiteRun, code: str, field: str, changes: dict[str, object]
) -> None:
    found = judge(run, clean_dossier(1), clean_dossier(2, **changes), clean_dossier(3))
    assert list(found) == ["2"]
    assert [(issue.code, issue.field) for issue in found["2"]] == [(code, field)]


def test_what_was_never_received_needs_neither_code_nor_due_date(run: SuiteRun) -> None:
    never = {"code": "", "received_at": None, "due_at": None, "status": 1, "completed_at": None, "finished_at": None}
    assert judge(run, clean_dossier(1, **never)) == {}


def test_a_due_date_is_only_asked_for_when_the_procedure_has_a_duration(run: SuiteRun) -> None:
    assert judge(run, clean_dossier(1, due_at=None, duration="0.0"), clean_dossier(2, due_at=None, duration="")) == {}


def test_due_exactly_at_the_cut_off_is_not_overdue(run: SuiteRun) -> None:
    assert judge(run, clean_dossier(1, status=4, due_at=CONTEXT.cutoff)) == {}


def test_an_old_unit_is_not_looked_up_in_the_new_catalogue(run: SuiteRun) -> None:
    old = UnitRef("230", "before-2025-07-01")
    assert judge(run, clean_dossier(1, handling_agency__unit=old)) == {}


def test_a_dossier_without_children_or_optional_parts_is_judged_too(run: SuiteRun) -> None:
    bare = {"papers": (), "results": (), "steps": (), "fees": (), "supplements": (), "links": ()}
    assert judge(run, clean_dossier(1, applicant__identity=None, applicant__address=None, **bare)) == {}


def test_both_forms_of_an_agency_code_name_the_same_agency(run: SuiteRun) -> None:
    assert national_agency("000.17.22.H56") == national_agency("H56.22.17") == "H56.22.17"
    assert judge(run, clean_dossier(1, code="H44.22.17-20250505-0000001")) == {}


def test_a_source_with_codes_of_its_own_is_not_held_against_national_ones() -> None:
    context = replace(CONTEXT, agency_codes=frozenset({"UBND_TIENLUONG"}))
    outcome = validate_batch([clean_dossier(1)], load_suite(), context)
    rule = next(rule for rule in outcome.rules if rule.code == "code_agency_unknown")
    assert (rule.checked, rule.failed) == (0, 0)
    assert outcome.issues == {}


def test_outcomes_say_what_was_checked_and_add_up_over_batches() -> None:
    run = SuiteRun(load_suite())
    for numbers in (range(1, 4), range(4, 6)):
        run.validate(
            [clean_dossier(n, code="" if n == 4 else f"000.17.22.H44-250505-{n:04d}") for n in numbers], CONTEXT
        )
    by_title = {rule.title: rule for rule in run.totals()}
    missing = by_title["Hồ sơ đã tiếp nhận phải có mã hồ sơ"]
    assert (missing.checked, missing.failed) == (5, 1)
    papers = by_title["Tên giấy tờ nộp kèm không dài quá 2.000 ký tự"]
    assert (papers.entity, papers.checked, papers.failed) == ("papers", 10, 0)
    assert len(run.figures()) == len(load_suite().rules)


def test_outcomes_are_additive() -> None:
    one = RuleOutcome("code_missing", "x", "dossier", "error", 10, 1)
    assert one + one == RuleOutcome("code_missing", "x", "dossier", "error", 20, 2)


def test_no_value_of_a_dossier_is_in_what_the_suite_gives_back(run: SuiteRun) -> None:
    person = {"applicant__name": "Trần Thị Bí Mật" * 60, "applicant__identity__number": "79", "title": "Riêng tư" * 900}
    said = repr(run.validate([clean_dossier(1, **person)], CONTEXT))
    assert "value_too_long" in said
    assert not [word for word in ("Bí Mật", "79", "Riêng tư") if word in said.replace("'1'", "")]


def test_an_expectation_that_raises_stops_the_run_and_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = Suite.model_validate(
        {
            "suite": "broken",
            "title": "x",
            "rules": [
                {
                    "rule": "hong", "entity": "dossier", "columns": ["code"], "expectation": "fits",
                    "params": {"max_chars": "77"}, "code": "value_too_long", "severity": "error", "title": "t",
                    "why": "w", "remedy": "r",
                }
            ],
        }
    )  # fmt: skip

    def broken(max_chars: int) -> object:
        def test(column: Sequence[str]) -> object:
            raise ZeroDivisionError(f"{max_chars} {list(column)}")

        return test

    monkeypatch.setattr("validations.expectations.fits", broken)
    run = SuiteRun(suite)
    with pytest.raises(SuiteError, match="hong") as caught:
        run.validate([clean_dossier(1, code="000.17.22.H44-250505-0001")], CONTEXT)
    assert "000.17.22" not in str(caught.value)
    assert [(rule.checked, rule.failed) for rule in run.totals()] == [(0, 0)]


def test_great_expectations_is_quiet(run: SuiteRun, capfd: pytest.CaptureFixture[str]) -> None:
    judge(run, clean_dossier(1))
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("great_expectations").level == logging.WARNING
