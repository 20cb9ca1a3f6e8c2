"""The comparison report: what it says of given figures, and what must never stand in it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.unit.report_samples import clean_source, inputs, source
from validations.compare import Difference
from validations.mutations import ClassScore, score
from validations.report import DifferenceRow, Recount, build_report, differences_csv, to_html, to_json, validation_html


def test_everything_matched_is_said_in_one_sentence() -> None:
    report = build_report(inputs(clean_source()))
    assert report.verdict.kind == "matched"
    assert report.verdict.sentence.startswith("Cả 19.236 hồ sơ trong phạm vi đã sang hệ thống mới và khớp.")
    assert [step.what for step in report.next_steps if step.is_blocking] == []
    assert [step.what for step in report.next_steps][-1] == "Lưu báo cáo này và lập biên bản bàn giao"


def test_quarantine_and_differences_remain_and_name_what_to_do() -> None:
    report = build_report(inputs())
    assert report.verdict.kind == "remains"
    assert "18.710 trên 19.236" in report.verdict.sentence
    blocking = [step for step in report.next_steps if step.is_blocking]
    assert [(s.what, s.dossiers) for s in blocking[:2]] == [
        ("Hai hồ sơ trùng mã", 230),
        ("Trạng thái chưa có quyết định chuyển đổi", 124),
    ]
    assert blocking[0].command == "lienthong quarantine var/demo-site --code duplicate_code"
    assert all(step.who for step in blocking)


@pytest.mark.parametrize(
    "changes",
    [
        {"found": 20481},
        {"in_scope": 19237, "found": 20481},
        {"states": {"MATCHED": 18710, "QUARANTINED": 514}},
        {"recount": Recount("2025-07-01T03:40:00+00:00", 20479, 19235)},
        {"is_complete": False},
    ],
    ids=["found", "in scope", "lost in the ledger", "recount", "partial sweep"],
)
def test_figures_that_do_not_add_up_give_no_verdict_but_a_sweep(changes: dict[str, Any]) -> None:
    report = build_report(inputs(source(**changes)))
    assert report.verdict.kind == "unbalanced"
    assert not report.total.is_balanced
    assert report.next_steps[0].command == "lienthong migrate var/demo-site"


def test_an_imbalance_of_one_source_is_not_hidden_by_another() -> None:
    too_many, too_few = source("a", found=20481), source("b", found=20479)
    assert not build_report(inputs(too_many, too_few)).total.is_balanced


def test_dossiers_on_the_way_are_not_called_done() -> None:
    report = build_report(inputs(source(states={"MATCHED": 18000, "VALID": 710, "QUARANTINED": 514, "DIFFERENT": 12})))
    assert report.verdict.kind == "in_progress"
    assert "còn 710 trên 19.236" in report.verdict.sentence


def test_a_site_that_was_never_swept_says_so() -> None:
    never = source(swept_at="", found=0, in_scope=0, excluded={}, states={}, tallies=(), quarantine=(), differences=())
    report = build_report(inputs(never))
    assert report.verdict.kind == "empty"
    assert "Chưa có gì để đối soát" in to_html(report)


def test_two_runs_over_the_same_data_differ_in_the_run_only() -> None:
    other = {"run_id": "khac", "written_at": "2025-07-02T09:00:00+00:00", "target_read_at": "2025-07-02T08:59:00+00:00"}
    again = source(swept_at="2025-07-02T07:00:00+00:00", recount=Recount("2025-07-02T08:00:00+00:00", 20480, 19236))
    first = json.loads(to_json(build_report(inputs())))
    second = json.loads(to_json(build_report(inputs(again, **other))))
    assert first["run"] != second["run"]
    del first["run"], second["run"]
    assert first == second


def test_the_json_is_the_same_bytes_whatever_the_order_of_the_inputs() -> None:
    shuffled = source()
    mixed = source(
        quarantine=shuffled.quarantine[::-1],
        differences=shuffled.differences[::-1],
        issues=shuffled.issues[::-1],
        tallies=shuffled.tallies[::-1],
        states=dict(sorted(shuffled.states.items(), reverse=True)),
    )
    assert to_json(build_report(inputs(shuffled))) == to_json(build_report(inputs(mixed)))


def test_differences_of_a_field_are_counted_together_whatever_the_element() -> None:
    fields = {(f.kind, f.field): f.dossiers for f in build_report(inputs()).total.differences}
    assert fields == {("truncation", "TienTrinh[].NoiDungXuLy"): 7, ("time", "NgayHenTra"): 5}


def test_several_sources_add_up() -> None:
    report = build_report(inputs(source("a"), source("b")))
    assert (report.total.found, report.total.in_scope) == (40960, 38472)
    assert report.total.is_balanced
    assert sum(row.dossiers for row in report.total.by_unit) == 38472
    assert report.total.quarantine[0].dossiers == 460


def test_units_with_most_left_to_do_come_first() -> None:
    rows = build_report(inputs()).total.by_unit
    left = [row.dossiers - row.in_state("MATCHED") for row in rows]
    assert left == sorted(left, reverse=True)


def test_what_was_not_checked_is_said() -> None:
    report = build_report(inputs(source(recount=None, read_back=18000), not_checked=[("Tra cứu công dân", "Chưa có.")]))
    said = " ".join(item.what for item in report.not_checked)
    assert "722 hồ sơ đã đẩy chưa được đọc lại" in said
    assert "Số hồ sơ hiện nay của nguồn phutho_cu" in said
    assert "quy tắc không kiểm tra được" in said
    assert "Tra cứu công dân" in said


# ---------------------------------------------------------------- CSV

ROWS = [
    DifferenceRow("phutho_cu", "17", "000.17.22.H44-250505-0001", Difference("NgayHenTra", "time", "a", "b")),
    DifferenceRow("phutho_cu", "18", "", Difference("ThongTinChuHoSo.ChuHoSo", "value", "Nguyễn Văn Mẫu", "=1+1")),
    DifferenceRow("phutho_cu", "19", "", Difference("DonViXuLy.MaDonVi", "missing", "H44.22", "")),
]


def cells(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel needs the BOM"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_csv_masks_personal_values() -> None:
    rows = cells(b"".join(differences_csv(ROWS)))
    assert rows[0][:3] == ["nguon", "khoa_cu", "ma_ho_so"]
    assert [row[5:7] for row in rows[1:]] == [["a", "b"], ["(14 ký tự)", "(4 ký tự)"], ["H44.22", ""]]


def test_an_unmasked_csv_is_asked_for_and_is_no_formula() -> None:
    rows = cells(b"".join(differences_csv(ROWS, unmasked=True)))
    assert rows[2][5:7] == ["Nguyễn Văn Mẫu", "'=1+1"]


def test_a_long_csv_comes_in_pieces() -> None:
    pieces = list(differences_csv(ROWS[0] for _ in range(2500)))
    assert len(pieces) == 3
    assert len(cells(b"".join(pieces))) == 2501


# ---------------------------------------------------------------- HTML


class _Page(HTMLParser):
    """What matters of a page: headings, table heads without a scope, addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.bare_heads = 0
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.bare_heads += 1
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]


@pytest.mark.parametrize("render", [to_html, validation_html])
def test_the_page_is_self_contained_and_accessible(render: Any) -> None:
    html = render(build_report(inputs(source("a"), source("b"))))
    page = _Page(html)
    assert page.lang == "vi"
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.bare_heads == 0
    assert page.addresses == []
    assert not page.tags & {"script", "link", "iframe", "img", "object"}
    assert "http" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_what_the_inputs_bring_is_escaped() -> None:
    html = to_html(build_report(inputs(site="<script>alert(1)</script>")))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_page_reads_in_vietnamese_figures_and_times() -> None:
    html = to_html(build_report(inputs()))
    assert "hồ sơ nộp trước ngày 01/7/2025" in html
    assert "08:05 ngày 01/7/2025" in html
    assert "20.480" in html
    assert datetime.fromisoformat(inputs().written_at).strftime("%Y-%m-%d") not in html


def test_the_validation_page_shows_every_rule_with_what_it_checked() -> None:
    report = build_report(inputs())
    html = validation_html(report)
    assert html.count('<th scope="row">') == len(report.rules) >= 30
    assert "Hồ sơ đã tiếp nhận phải có mã hồ sơ" in html
    assert "in trên giấy tiếp nhận" in html


def test_what_a_decision_leaves_out_stands_in_the_equation_by_its_name() -> None:
    left = clean_source(decided={"drained": 36}, in_scope=19236 + 36, found=20480 + 36, recount=None)
    report = build_report(inputs(left))
    assert report.total.is_balanced
    assert report.verdict.kind == "matched"
    assert "36" in report.verdict.explanation
    assert ("drained", 36) in [(term.code, term.dossiers) for term in report.total.equations[1].right]
    assert "Giải quyết nốt ở hệ thống cũ" in to_html(report)


def test_the_report_says_in_numbers_that_open_dossiers_go_on() -> None:
    report = build_report(inputs(source(), source("hoabinh_cu")))
    assert report.total.open_work.actions_equal == 2 * 2209
    assert report.total.open_work.unmapped == 2 * 40
    page = to_html(report)
    assert "Hồ sơ đang mở đi tiếp ở hệ thống mới" in page
    assert ">4.418<" in page


def test_a_comparer_that_fails_its_own_test_gives_no_verdict() -> None:
    perfect = score([], seed=1)
    assert build_report(inputs(clean_source(), self_test=perfect)).verdict.kind == "matched"
    missed = replace(perfect, classes=(ClassScore("order", "Hai bước cùng giây bị đảo", 2, 1, 1), *perfect.classes))
    for failed in (missed, replace(perfect, alarms=1)):
        report = build_report(inputs(clean_source(), self_test=failed))
        assert report.verdict.kind == "unproven"
        assert failed.sentence in to_html(report)
    assert "Hai bước cùng giây bị đảo" in to_html(build_report(inputs(clean_source(), self_test=missed)))


def test_a_comparison_without_its_own_test_is_said_to_be_untried() -> None:
    untried = "Bộ đối soát có tìm ra lỗi hay không"
    assert untried in [item.what for item in build_report(inputs()).not_checked]
    assert untried not in [item.what for item in build_report(inputs(self_test=score([], seed=1))).not_checked]
