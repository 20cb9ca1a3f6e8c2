"""When a run stops because too much goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flows.error_policy import ENOUGH, AttachmentPolicy, ErrorPolicy, Kind, Limit, TooMuchTrouble, Watch, kind_of
from mappings.model import Issue, Severity

FINE: Sequence[Issue] = ()


def stopped(code: str, about: str = "", severity: Severity = Severity.ERROR) -> Sequence[Issue]:
    return (Issue(code, "f", severity, about),)


@pytest.mark.parametrize(
    ("code", "about", "kind"),
    [
        ("due_missing", "", "data"),
        ("value_too_long", "", "truncation"),
        ("refused_by_target", "string_too_long", "truncation"),
        ("refused_by_target", "unknown_code", "target"),
        ("worked_on_in_new_system", "", "target"),
        ("attachment_gone", "", "attachment"),
        ("attachment_refused", "too_long", "attachment"),
    ],
)
def test_a_finding_has_one_class(code: str, about: str, kind: Kind) -> None:
    assert kind_of(stopped(code, about)[0]) == kind


def test_nothing_declared_bears_everything() -> None:
    Watch(ErrorPolicy(), "site").judge("map", [stopped("due_missing")] * 10_000)


def test_the_number_is_counted_over_all_stages_and_batches_of_a_run() -> None:
    watch = Watch(ErrorPolicy(data=Limit(stop_after=3)), "thu")
    watch.judge("map", [stopped("due_missing")] * 2)
    watch.judge("validate", [stopped("code_missing"), FINE])
    with pytest.raises(TooMuchTrouble, match=r"errors\.data.*4 hồ sơ.*stop_after: 3.*quarantine thu"):
        watch.judge("validate", [stopped("code_missing")])


def test_other_classes_and_lesser_findings_do_not_count() -> None:
    watch = Watch(ErrorPolicy(attachment=AttachmentPolicy(stop_after=0)), "thu")
    watch.judge("map", [stopped("attachment_missing", severity=Severity.WARNING), stopped("due_missing")])
    with pytest.raises(TooMuchTrouble):
        watch.judge("push", [stopped("attachment_gone")])


def test_two_findings_of_one_class_are_one_dossier() -> None:
    watch = Watch(ErrorPolicy(data=Limit(stop_after=1)), "thu")
    watch.judge("map", [(*stopped("due_missing"), *stopped("code_missing"))])


def test_a_share_is_judged_once_there_are_enough_dossiers() -> None:
    watch = Watch(ErrorPolicy(target=Limit(stop_at_percent=2)), "thu")
    watch.judge("push", [stopped("refused_by_target")] * 3)
    watch.judge("push", [FINE] * (ENOUGH - 4))
    with pytest.raises(TooMuchTrouble, match=r"3 trong 100 hồ sơ ở bước push.*stop_at_percent: 2"):
        watch.judge("push", [FINE])
