"""A difference as work: what it is about, why it is there, its mark, its life; and accepted.csv."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flows.figures import Figures, Status
from flows.pipeline import RunOptions, exit_code
from mappings.declared import ProfileError
from tests.unit.report_samples import clean_source, inputs, tallies
from validations.accepted import COLUMNS, Accepted, accepted_text, read_accepted
from validations.compare import WORKED_ON, Difference
from validations.differences import (
    ENTITIES,
    ENTITY_WORDS,
    entity_of,
    group_of,
    is_whole,
    mark_of,
    next_state,
    stored_field,
    why_of,
    why_words,
)
from validations.report import AcceptedTally, build_report, to_html

PLACE = ("phutho_cu", "17")


@pytest.mark.parametrize(
    ("field", "entity"),
    [
        ("", "dossier"),
        ("NgayHenTra", "dossier"),
        ("ThongTinChuHoSo.ChuHoSo", "dossier"),
        ("TaiLieuNop[12].TenGiayTo", "paper"),
        ("TaiLieuNop[12]", "paper"),
        ("TaiLieuNop[12].TepDinhKem.TenTep", "attachment"),
        ("TepDinhKem[a.b/TienTrinh[1].pdf]", "attachment"),
        ("TienTrinh[881].NoiDungXuLy", "step"),
        ("DanhSachLePhi[3].SoTien", "fee"),
        ("DanhSachHoSoBoSung[1].NgayBoSung", "supplement"),
        ("DanhSachGiayToKetQua[5].TenGiayTo", "result"),
        ("LienKet[group:9].GiaTri", "link"),
    ],
)
def test_a_path_says_what_a_difference_is_about(field: str, entity: str) -> None:
    assert entity_of(field) == entity
    assert ENTITY_WORDS.keys() == {"dossier", *ENTITIES.values()}


@pytest.mark.parametrize(
    ("kind", "field", "old", "new", "words"),
    [
        ("missing", "", "H44-1", "", "cả hồ sơ"),
        ("missing", "TienTrinh[881]", "x", "", "cả dòng"),
        ("missing", "GhiChu", "x", "", ""),
        ("time", "NgayHenTra", "2025-07-01T03:00:00Z", "2025-07-01T10:00:00Z", "lệch đúng +7 giờ: múi giờ"),
        ("time", "NgayHenTra", "2025-07-01T03:00:00Z", "2025-06-30T20:30:00Z", "lệch đúng -6,5 giờ: múi giờ"),
        ("time", "NgayHenTra", "2025-07-01T03:00:00Z", "2025-07-01T03:00:59Z", "lệch dưới một phút"),
        ("time", "NgayHenTra", "2025-07-01T03:00:00Z", "2025-07-09T03:00:00Z", "lệch ngày"),
        ("time", "NgayHenTra", "2025-07-01T03:00:00Z", "chín giờ", ""),
        ("truncation", "GhiChu", "a" * 300, "a" * 255, "còn lại 255 ký tự"),
        ("truncation", "GhiChu", "a" * 300, "a" * 119, ""),
        ("value", "GhiChu", "a  b", "a b ", "chỉ khác khoảng trắng"),
        ("value", "GhiChu", "An", "AN", "chỉ khác chữ hoa, chữ thường"),
        ("attachment", "TepDinhKem[x]", "sha256 ab, 9 byte", "sha256 cd, 8 byte", "khác cỡ"),
        ("attachment", "TepDinhKem[x]", "sha256 ab, 9 byte", "sha256 cd, 9 byte", "cùng cỡ, khác nội dung"),
        ("attachment", "TepDinhKem[x]", "sha256 ab, 9 byte", "", "không có tệp"),
    ],
)
def test_a_kind_has_classes_of_explanation(kind: str, field: str, old: str, new: str, words: str) -> None:
    assert why_words(why_of(Difference(field, kind, old, new))) == words


def test_a_mark_stands_for_exactly_these_values_of_this_dossier() -> None:
    found = Difference("GhiChu", "value", "a", "b")
    others = [
        mark_of("s", PLACE, Difference("GhiChu", "value", "a", "c")),
        mark_of("s", PLACE, Difference("GhiChu", "value", "ab", "")),
        mark_of("s", PLACE, Difference("GhiChu", "truncation", "a", "b")),
        mark_of("s", ("phutho_cu", "18"), found),
        mark_of("another ledger", PLACE, found),
    ]
    assert len({mark_of("s", PLACE, found), *others}) == 6
    worked = [mark_of("s", PLACE, Difference("", WORKED_ON, "3", version)) for version in ("4", "9")]
    assert worked[0] == worked[1]


def test_a_path_too_long_for_the_ledger_keeps_its_own_name() -> None:
    long = [f"TepDinhKem[{'x' * 200}{n}]" for n in range(2)]
    assert len({stored_field(field) for field in long}) == 2
    assert max(len(stored_field(field)) for field in long) == 200
    assert stored_field("GhiChu") == "GhiChu"


@pytest.mark.parametrize(
    ("state", "mark", "then"),
    [
        ("new", "m", "new"),
        ("new", "other", "new"),
        ("new", None, "fixed"),
        ("accepted", "m", "accepted"),
        ("accepted", "other", "reopened"),
        ("accepted", None, "fixed"),
        ("fixed", "m", "reopened"),
        ("fixed", None, "fixed"),
        ("reopened", "m", "reopened"),
        ("reopened", None, "fixed"),
    ],
)
def test_a_difference_lives_from_comparison_to_comparison(state: str, mark: str | None, then: str) -> None:
    assert next_state(state, "m", mark) == then


def test_only_what_is_about_the_dossier_itself_is_whole() -> None:
    assert [is_whole("missing", ""), is_whole("missing", "GhiChu"), is_whole(WORKED_ON, "")] == [True, False, False]


def test_a_cause_has_one_name_in_every_list() -> None:
    assert group_of("time", "NgayHenTra", "day") == group_of("time", "NgayHenTra", "day")
    assert len({group_of("time", "NgayHenTra", why) for why in ("day", "seconds", "")}) == 3


# ---------------------------------------------------------------- accepted.csv

ROW = Accepted(
    "phutho_cu", "17", "H44-1", "GhiChu", "value", "k0123456789ab", "Chủ tịch UBND xã", "Biên bản 3", date(2025, 8, 1)
)


def written(tmp_path: Path, line: str) -> Path:
    file = tmp_path / "accepted.csv"
    file.write_text(",".join(COLUMNS) + "\n" + line + "\n", encoding="utf-8")
    return file


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "accepted.csv"
    assert read_accepted(file) == []
    file.write_text(accepted_text([ROW], with_heads=True), encoding="utf-8")
    (read,) = read_accepted(file)
    assert read.place == ("phutho_cu", "17", "k0123456789ab")
    assert (read.author, read.reason, read.on, read.line) == ("Chủ tịch UBND xã", "Biên bản 3", date(2025, 8, 1), 2)
    assert read.holds(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,17,,GhiChu,value,k0123456789ab,Ai,Vì,2025-08-01", "thừa hoặc thiếu ô"),
        ("a,17,,GhiChu,value,0123456789ab,Ai,Vì,2025-08-01,", "dấu '0123456789ab' không đúng dạng"),
        ("a,17,,GhiChu,value,k0123456789ab,,Vì,2025-08-01,", "cột nguoi_chap_nhan trống"),
        ("a,17,,GhiChu,value,k0123456789ab,Ai,,2025-08-01,", "cột ly_do trống"),
        ("a,17,,GhiChu,value,k0123456789ab,Ai,Vì,01/08/2025,", "ngay '01/08/2025' không phải ngày"),
        ("a,17,,GhiChu,value,k0123456789ab,Ai,Vì,2025-08-01,2025-02-30", "den_ngay '2025-02-30' không phải ngày"),
        ("a,17,,GhiChu,value,k0123456789ab,Ai,Vì,2025-08-01,2025-07-31", "den_ngay đứng trước ngay"),
        (f"a,17,,GhiChu,value,k0123456789ab,{'A' * 121},Vì,2025-08-01,", "dài quá 120"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_what_to_do(tmp_path: Path, line: str, said: str) -> None:
    file = written(tmp_path, line)
    with pytest.raises(ProfileError, match=f"{file}:2: .*{said}"):
        read_accepted(file)


def test_a_row_holds_until_its_last_day(tmp_path: Path) -> None:
    (row,) = read_accepted(written(tmp_path, "a,17,,GhiChu,value,k0123456789ab,Ai,Vì,2025-08-01,2025-08-31"))
    assert [row.holds(date(2025, 8, 31)), row.holds(date(2025, 9, 1))] == [True, False]


# ---------------------------------------------------------------- what accepted means


def figures(accepted: int, different: int = 2, quarantined: int = 0) -> Status:
    states = {"MATCHED": 98, "DIFFERENT": different, "QUARANTINED": quarantined}
    total = Figures(100, 98 + different + quarantined, {}, states, {}, True, "x", accepted=accepted)
    return Status(total, {})


def test_the_exit_code_is_0_when_nothing_but_accepted_differences_remains() -> None:
    options = RunOptions()
    assert exit_code(figures(accepted=2), options) == 0
    assert exit_code(figures(accepted=1), options) == 1
    assert exit_code(figures(accepted=2, quarantined=1), options) == 1


ACCEPTED = [
    AcceptedTally("time", "NgayHenTra", "Chủ tịch UBND xã An Nghĩa", "Biên bản 3", "2025-12-31", 11, ["17", "29"]),
    AcceptedTally("missing", "", "Sở KHCN", "Công văn 12", "", 1, ["31"]),
]


def test_accepted_differences_are_named_and_never_called_matched() -> None:
    states = {"MATCHED": 19224, "DIFFERENT": 12}
    source = replace(clean_source(), states=states, tallies=tallies(19224, 0, 12), accepted=ACCEPTED)
    report = build_report(inputs(replace(source, dossiers_accepted=12)))
    assert report.verdict.kind == "accepted"
    assert "12 hồ sơ còn khác biệt đã có người chấp nhận" in report.verdict.sentence
    assert "1 hồ sơ không có ở hệ thống mới" in report.verdict.sentence
    assert "Không hồ sơ nào bị mất" not in report.verdict.sentence
    assert "Chủ tịch UBND xã An Nghĩa" in report.verdict.explanation
    assert report.total.unsettled == 0
    page = to_html(report)
    assert "Khác biệt đã được chấp nhận" in page
    assert "31/12/2025" in page
    one_open = replace(source, dossiers_accepted=11)
    assert build_report(inputs(one_open)).verdict.kind == "remains"
