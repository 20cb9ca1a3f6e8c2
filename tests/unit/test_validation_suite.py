"""The suite as a technician writes it: site first, then shipped; a mistake names its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.profile import ProfileError
from validations.suite import load_suite, when_text

RULE = """\
suite: dossier
title: Của site
forms: {ma: 'A\\d+'}
rules:
  - rule: mot
    entity: dossier
    columns: [code]
    expectation: matches
    params: {forms: [ma]}
    when: {is_received: true, channel: ['1', '2']}
    code: code_form_unknown
    severity: warning
    title: Mã bắt đầu bằng A
    why: Thử.
    remedy: Sửa.
"""


def write(site: Path, text: str) -> Path:
    (site / "suites").mkdir()
    (site / "suites" / "dossier.yaml").write_text(text, encoding="utf-8")
    return site


def test_a_site_without_a_suite_uses_the_shipped_one(tmp_path: Path) -> None:
    assert load_suite(tmp_path) == load_suite(None)
    assert len(load_suite(None).rules) >= 30


def test_the_suite_of_the_site_comes_first(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, RULE))
    assert [rule.rule for rule in suite.rules] == ["mot"]
    assert when_text(suite.rules[0]) == "is_received = có, channel = 1 hoặc 2"


def test_the_version_changes_with_the_content_only(tmp_path: Path) -> None:
    suite = load_suite(write(tmp_path, "# ghi chú\n" + RULE))
    (tmp_path / "suites" / "dossier.yaml").write_text(RULE, encoding="utf-8")
    assert load_suite(tmp_path).version == suite.version
    (tmp_path / "suites" / "dossier.yaml").write_text(RULE.replace("warning", "error"), encoding="utf-8")
    assert load_suite(tmp_path).version != suite.version


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("columns: [code]", "columns: [mahoso]", 5, "không có trường dossier.mahoso"),
        ("columns: [code]", "columns: [due_at]", 5, "không dùng được với matches"),
        ("entity: dossier", "entity: hoso", 5, "không có thực thể"),
        ("expectation: matches", "expectation: match", 8, "phải là một trong"),
        ("severity: warning", "severity: nặng", 12, "phải là error, warning hoặc info"),
        ("params: {forms: [ma]}", "params: {}", 5, "cần params: forms"),
        ("forms: [ma]}", "forms: [ma, la]}", 1, "chưa khai dạng la"),
        ("'A\\d+'", "'A('", 1, "biểu thức"),
        ("is_received: true", "code: true", 5, "không nhận giá trị kiểu này"),
        ("why: Thử.", "vi_sao: Thử.", 5, "thiếu khóa này"),
        ("title: Của site", "title: [", 3, "YAML hỏng"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in RULE
    with pytest.raises(ProfileError, match=r"dossier\.yaml") as caught:
        load_suite(write(tmp_path, RULE.replace(old, new)))
    assert says in str(caught.value)
    assert caught.value.line is not None
    assert abs(caught.value.line - line) <= 1
