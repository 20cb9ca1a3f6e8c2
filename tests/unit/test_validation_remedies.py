"""Every code that a dossier may carry has a name and a remedy in Vietnamese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from validations import remedies
from validations.compare import WORKED_ON
from validations.suite import load_suite

ROOT = Path(__file__).parents[2]
SAID = re.compile(r'(?:Issue\(|run\.(?:error|warning|info)\(|issue: )\s*"?([a-z0-9]+_[a-z0-9_]+)')
DIFFERENCES = [
    "missing", "extra", "value", "type", "time", "code_list", "truncation", "encoding", "attachment", "order",
    "other_dossier", WORKED_ON,
]  # fmt: skip


def test_every_code_that_the_suite_gives_has_a_remedy() -> None:
    assert {rule.code for rule in load_suite().rules} <= remedies.known_codes()


def test_every_code_that_mapping_and_flows_give_has_a_remedy() -> None:
    files = [*ROOT.glob("mappings/*.py"), *ROOT.glob("flows/*.py"), *ROOT.glob("mappings/profiles/*.yaml")]
    said = {code for file in files for code in SAID.findall(file.read_text(encoding="utf-8"))}
    assert "text_not_utf8" in said, "the pattern no longer finds what the code says"
    assert said <= remedies.known_codes()


@pytest.mark.parametrize("kind", DIFFERENCES)
def test_every_class_of_difference_has_a_remedy_and_somebody_to_act(kind: str) -> None:
    assert kind in remedies.known_codes("differences")
    assert remedies.look_up(kind, "differences").who


@pytest.mark.parametrize("rule", ["after_cutoff", "negative_originality", "draft", "online_twin"])
def test_every_scope_rule_has_a_name(rule: str) -> None:
    assert rule in remedies.known_codes("excluded")


def test_a_code_that_a_site_invented_is_its_own_title() -> None:
    assert remedies.title_of("ma_la") == "ma_la"
    assert "tệp khai báo" in remedies.remedy_of("ma_la")
