"""Declared cases: read strictly, run by the engine, what they leave out is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.case_runs import run_cases
from mappings.case_values import is_field
from mappings.cases import CaseReport, read_cases
from mappings.declared import ProfileError
from mappings.profile import load_profile

PROFILE = load_profile("opencps_v2")
HEAD = """\
setting:
  agencies:
    - {code: H44.01, level: commune, province_code: "25", district_code: "237", commune_code: "08494"}
base: {dossierId: 1, dossierNo: A-1, originality: 3, online_: 0, dossierStatus: processing, serviceCode: "1.001193",
  receiveDate: 2025-06-02 02:00:00, govAgencyCode: H44.01, applicantName: Mẫu, applicantIdType: citizen}
"""


def written(root: Path, text: str) -> Path:
    folder = root / "profiles" / "opencps_v2.cases"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(HEAD + text, encoding="utf-8")
    return root


def run(root: Path, text: str) -> CaseReport:
    return run_cases(PROFILE, read_cases(PROFILE, written(root, text)))


def test_a_case_that_holds_passes(tmp_path: Path) -> None:
    report = run(tmp_path, "cases:\n  - {name: Một hồ sơ tại quầy, expect: {code: A-1, channel: 1, papers: 0}}\n")
    assert (report.passed, report.failures) == (1, [])
    assert report.fields["code"]
    assert not report.fields["papers.name"]
    assert report.rows[("opencps_v2_status", "processing", "")]


def test_a_case_that_fails_tells_field_line_and_both_values(tmp_path: Path) -> None:
    report = run(tmp_path, "cases:\n  - name: Một hồ sơ tại quầy\n    expect:\n      code: A-1\n      channel: 2\n")
    (failure,) = report.failures
    assert (failure.field, failure.expected, failure.got, failure.line) == ("channel", "2", "1", 10)


def test_issues_are_exact_unless_some_of_them_are_enough(tmp_path: Path) -> None:
    given = "given: {originality: 4, dueDate: 31/02/2025}"
    texts = [
        f"cases:\n  - {{name: Hai phát hiện một lúc, {given}}}\n",
        f"cases:\n  - {{name: Hai phát hiện một lúc, {given}, issues: [date_unreadable]}}\n",
        f"cases:\n  - {{name: Hai phát hiện một lúc, {given}, issues_include: [date_unreadable]}}\n",
        f"cases:\n  - {{name: Hai phát hiện một lúc, {given}, issues: [date_unreadable, originality_undecided]}}\n",
    ]
    passed = [run(tmp_path / str(number), text).passed for number, text in enumerate(texts)]
    assert passed == [0, 0, 1, 1]


def test_a_dossier_left_out_must_be_expected_to_be(tmp_path: Path) -> None:
    report = run(tmp_path, "cases:\n  - {name: Bản nháp chưa nộp, given: {dossierStatus: null}}\n")
    assert [(f.field, f.expected, f.got) for f in report.failures] == [("excluded", "thuộc phạm vi", "draft")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases:\n  - {name: Cột không ai đọc, given: {tenKhac: 1}}\n", "profile không đọc cột 'tenKhac'"),
        ("cases:\n  - {name: Cột con không ai đọc, given: {files: [{x: 1}]}}\n", "profile không đọc cột 'files.x'"),
        ("cases:\n  - {name: Bảng không có, given: {tep: [{x: 1}]}}\n", "profile không có bảng con 'tep'"),
        ("cases:\n  - {name: Trường không có, expect: {applicant.ten: A}}\n", "hồ sơ mới không có trường"),
        ("cases:\n  - {name: Khóa lạ trong trường hợp, expects: {}}\n", "expects"),
        ("cases:\n  - {name: Ngắn}\n", "name"),
        ("cases:\n  - {name: Hai lần một tên}\n  - {name: Hai lần một tên}\n", "cùng tên"),
        ("cases: []\n", "cases"),
    ],
)
def test_a_case_file_that_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProfileError, match=r"a\.yaml:\d+: ") as refused:
        run(tmp_path, text)
    assert said in str(refused.value)


def test_a_path_leads_through_groups_lists_and_what_was_kept() -> None:
    good = ["code", "applicant.identity.number", "papers.0.attachment.name", "extra.papers.eForm.101", "steps"]
    bad = ["ten", "applicant.x", "papers.a.name", "code.x", ""]
    assert [path for path in good if not is_field(path)] == [path for path in bad if is_field(path)] == []
