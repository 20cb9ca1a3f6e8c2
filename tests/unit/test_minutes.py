"""The handover minutes: figures that add up, words that invent nothing, a DOCX that reads as it was meant."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest

from validations.minutes import (
    Five,
    Form,
    Minutes,
    Numbers,
    Party,
    Split,
    Stretch,
    Subject,
    Table,
    Text,
    Trouble,
    WholeSite,
)
from validations.minutes_docx import to_docx
from validations.minutes_words import build_minutes, five_figures

COMMUNE = Subject("commune", "08236", "Xã Tiên Lương")
SITE = WholeSite(
    site_path="var/demo-site",
    is_rehearsal=False,
    cutoff="2025-07-01",
    compared_at="2025-07-02T03:41:00+00:00",
    run_id="20250702-0105-7c2e",
    swept_at={"phutho_cu": "2025-07-02T01:05:00+00:00"},
    found=20480,
    in_scope=19236,
    excluded=1244,
    is_balanced=True,
    can_take_back=True,
)
NUMBERS = Numbers(
    found=12,
    states={"MATCHED": 6, "DIFFERENT": 1, "QUARANTINED": 2, "VALID": 1, "ROLLED_BACK": 1},
    decided={"drained": 1},
    by_status=[Split("4", "", {"MATCHED": 2, "QUARANTINED": 2}), Split("10", "", {"MATCHED": 4, "EXCLUDED": 1})],
    by_procedure=[Split("1.001193", "Hộ tịch", {"MATCHED": 5}), Split("", "", {"QUARANTINED": 2})],
    other_procedures=3,
    others=Split("", "", {"MATCHED": 1, "DIFFERENT": 1, "VALID": 1, "ROLLED_BACK": 1, "EXCLUDED": 1}),
    quarantine=[Trouble("duplicate_code", 2, ("H44.05-250612-0007", "khóa cũ 1043"), ("Tổ Một cửa",))],
    differences=[Trouble("truncation", 1, ("H44.05-250612-0011",))],
    is_open=4,
    held=7,
)
FORM = Form(
    parent_agency="Ủy ban nhân dân tỉnh Phú Thọ",
    agency="Văn phòng",
    place="Phú Thọ",
    number_suffix="BB-VP",
    legal_basis=("Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ", "Căn cứ Kế hoạch chuyển đổi"),
    parties=(Party("Bên giao", "Tổ chuyển đổi"), Party("Bên nhận", "Ủy ban nhân dân {place}", "Lê A & B", "Chủ tịch")),
    copies=4,
    rollback_until="2025-09-30",
)


def words(minutes: Minutes) -> str:
    """Everything that stands in the document."""
    said = [*minutes.basis, minutes.subject, minutes.opening, *(" ".join(party) for party in minutes.parties)]
    for section in minutes.sections:
        said.append(section.title)
        for block in section.blocks:
            said += [block.text] if isinstance(block, Text) else [cell for row in block.rows for cell in row]
    return "\n".join([*said, *minutes.closing, minutes.number, minutes.dateline, minutes.notice])


def tables(minutes: Minutes) -> list[Table]:
    return [block for section in minutes.sections for block in section.blocks if isinstance(block, Table)]


def test_the_five_figures_are_each_a_count_and_add_up() -> None:
    assert five_figures(NUMBERS) == Five(found=12, matched=6, different=1, quarantined=2, rest=3)
    assert "Phép cộng: 12 = 6 + 1 + 2 + 3. Khớp" in words(build_minutes(FORM, COMMUNE, NUMBERS, SITE))


def test_a_dossier_that_is_nowhere_is_said_and_not_balanced_away() -> None:
    minutes = build_minutes(FORM, COMMUNE, replace(NUMBERS, found=13), SITE)
    assert not minutes.five.is_balanced
    assert "KHÔNG KHỚP: 13 so với 12, chênh 1" in words(minutes)
    assert "Chưa đủ căn cứ để bàn giao" in words(minutes)


def test_where_the_whole_does_not_add_up_no_part_is_handed_over() -> None:
    said = words(build_minutes(FORM, COMMUNE, NUMBERS, replace(SITE, is_balanced=False)))
    assert "CHƯA CÂN" in said
    assert "không hồ sơ nào bị mất" not in said
    assert "Chưa đủ căn cứ để bàn giao" in said


def test_every_breakdown_ends_with_the_whole() -> None:
    _, by_status, by_procedure, _ = tables(build_minutes(FORM, COMMUNE, NUMBERS, SITE))
    assert by_status.rows[-1] == ("Cộng", "9", "6", "0", "2", "1")
    assert by_procedure.rows[-1] == ("Cộng", "12", "6", "1", "2", "3")
    assert [row[0] for row in by_procedure.rows[:-1]] == ["1.001193 (Hộ tịch)", "Chưa xác định", "3 thủ tục khác"]


def test_open_exceptions_name_cause_owner_remedy_and_dossiers_by_code() -> None:
    issues = tables(build_minutes(FORM, COMMUNE, NUMBERS, SITE))[-1]
    assert issues.rows[0][:3] == ("Hai hồ sơ trùng mã (ví dụ: H44.05-250612-0007, khóa cũ 1043)", "2", "Tổ Một cửa")
    assert [row[0].partition(" (")[0] for row in issues.rows[1:]] == [
        "Nội dung bị cắt ngắn", "Đang trên đường", "Đã rút lại",
    ]  # fmt: skip
    assert all(row[3] for row in issues.rows)


def test_what_was_accepted_by_name_is_handed_over_with_the_name() -> None:
    accepted = [Trouble("truncation", 1, ("H44.05-250612-0011",), ("Chánh Văn phòng",))]
    minutes = build_minutes(FORM, COMMUNE, replace(NUMBERS, differences=(), accepted=accepted, settled=1), SITE)
    said = words(minutes)
    assert "trong đó: đã được chấp nhận đích danh" in said
    assert "6 hồ sơ đã sang hệ thống mới và khớp và 1 hồ sơ chỉ khác ở điều đã được chấp nhận" in said
    assert tables(minutes)[-1].rows[1][:3] == (
        "Nội dung bị cắt ngắn (ví dụ: H44.05-250612-0011)",
        "1",
        "Chánh Văn phòng",
    )
    assert "2. 5 hồ sơ khác biệt" in said


def test_a_commune_without_dossiers_has_minutes_that_say_so() -> None:
    minutes = build_minutes(FORM, COMMUNE, Numbers(), SITE)
    assert minutes.five == Five(0, 0, 0, 0, 0)
    assert "Không có hồ sơ nào" in words(minutes)
    assert "Không còn vướng mắc nào" in words(minutes)
    assert len(tables(minutes)) == 1


def test_what_the_site_does_not_say_is_left_to_the_pen() -> None:
    minutes = build_minutes(Form(), COMMUNE, NUMBERS, SITE)
    assert minutes.number == "Số: ……/BB-……"
    assert set(minutes.agency) == {"…"}
    assert [party[0].partition(":")[0] for party in minutes.parties] == ["Bên giao", "Bên nhận", "Đơn vị kỹ thuật"]
    assert all(set(party[0].partition(": ")[2]) == {"…"} for party in minutes.parties)
    assert all(set(line.removeprefix("Căn cứ ").strip(";.")) == {"…"} for line in minutes.basis)
    assert [signature.name for signature in minutes.signatures] == ["", "", ""]


def test_what_the_site_says_stands_where_offices_look_for_it() -> None:
    minutes = build_minutes(FORM, COMMUNE, NUMBERS, SITE)
    assert (minutes.parent_agency, minutes.agency) == ("ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ", "VĂN PHÒNG")
    assert minutes.dateline.startswith("Phú Thọ, ngày ……")
    assert minutes.basis[0].startswith("Căn cứ Nghị định số 118/2025/NĐ-CP")
    assert [line[-1] for line in minutes.basis] == [";", "."]
    assert minutes.parties[1] == ("Bên nhận: Ủy ban nhân dân xã Tiên Lương", "Đại diện: Lê A & B; chức vụ: Chủ tịch")
    assert "đến hết ngày 30/9/2025" in words(minutes)


def test_minutes_say_as_of_when_and_what_moved_since() -> None:
    assert "chốt lúc 10:41 ngày 02/7/2025, khi lượt đối soát 20250702-0105-7c2e" in words(
        build_minutes(FORM, COMMUNE, NUMBERS, SITE)
    )
    moved = build_minutes(FORM, COMMUNE, replace(NUMBERS, changed_since=3), SITE)
    assert "3 hồ sơ đã đổi trạng thái" in words(moved)
    assert "Chưa đủ căn cứ để bàn giao" in words(moved)


def test_a_rehearsal_can_not_be_taken_for_a_handover() -> None:
    minutes = build_minutes(FORM, COMMUNE, NUMBERS, replace(SITE, is_rehearsal=True))
    assert "KHÔNG CÓ GIÁ TRỊ BÀN GIAO" in minutes.notice
    assert build_minutes(FORM, COMMUNE, NUMBERS, SITE).notice == ""


def test_the_way_back_is_only_promised_where_there_is_one() -> None:
    wave = Subject("wave", "thi-diem", "Thí điểm", (Stretch("Thí điểm", "đang chuyển", "2025-07-02T01:05:00+00:00"),))
    can = words(build_minutes(FORM, wave, replace(NUMBERS, worked_on=2), SITE))
    assert "lienthong wave var/demo-site rollback thi-diem" in can
    assert "2 hồ sơ thuộc trường hợp này" in can
    assert "Đợt chuyển Thí điểm: đang chuyển, lúc 08:05 ngày 02/7/2025" in can
    assert "Theo nơi giải quyết" in can
    cannot = words(build_minutes(FORM, wave, NUMBERS, replace(SITE, can_take_back=False)))
    assert "không rút lại được bằng công cụ" in cannot
    assert "rollback" not in cannot


def test_what_was_not_checked_is_in_every_minutes() -> None:
    said = words(build_minutes(FORM, COMMUNE, NUMBERS, replace(SITE, losses=("Phí từng lần",), left_unread=2)))
    for part in ("ngoài phạm vi", "đúng như giấy tờ", "mở được hay không", "Phí từng lần", "2 chỗ không đọc được"):
        assert part in said


# ---------------------------------------------------------------- DOCX


def test_a_docx_reads_back_as_the_minutes_say() -> None:
    minutes = build_minutes(FORM, COMMUNE, NUMBERS, SITE)
    book = docx.Document(io.BytesIO(to_docx(minutes)))
    paragraphs = [paragraph.text for paragraph in book.paragraphs]
    head, *rest, signatures = book.tables
    assert [cell.text.strip().splitlines() for cell in head.rows[0].cells] == [
        ["ỦY BAN NHÂN DÂN TỈNH PHÚ THỌ", "VĂN PHÒNG"],
        ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"],
    ]
    assert "BIÊN BẢN" in paragraphs
    for section in minutes.sections:
        assert section.title in paragraphs
    for table, written in zip(tables(minutes), rest, strict=True):
        assert [[cell.text for cell in row.cells] for row in written.rows] == [[*table.heads], *map(list, table.rows)]
    assert [cell.text.splitlines()[0] for cell in signatures.rows[0].cells] == ["BÊN GIAO", "BÊN NHẬN"]


def test_a_docx_has_the_paper_margins_and_letters_of_the_decree() -> None:
    book = docx.Document(io.BytesIO(to_docx(build_minutes(FORM, COMMUNE, NUMBERS, SITE))))
    page = book.sections[0]
    assert [round(length.mm) for length in (page.page_width, page.page_height)] == [210, 297]
    assert 20 <= page.top_margin.mm <= 25
    assert 20 <= page.bottom_margin.mm <= 25
    assert 30 <= page.left_margin.mm <= 35
    assert 15 <= page.right_margin.mm <= 20
    styles = zipfile.ZipFile(io.BytesIO(to_docx(build_minutes(FORM, COMMUNE, NUMBERS, SITE)))).read("word/styles.xml")
    assert b'w:ascii="Times New Roman"' in styles
    assert page.different_first_page_header_footer  # the first page bears no number
    assert "PAGE" in page.header._element.xml


def test_equal_minutes_are_equal_files() -> None:
    assert to_docx(build_minutes(FORM, COMMUNE, NUMBERS, SITE)) == to_docx(build_minutes(FORM, COMMUNE, NUMBERS, SITE))


@pytest.mark.parametrize("odd", ["<w:p>&amp;", "#set page() [*x*] \\ $a$", "\x00\x0b\u200bA", "a\"b'c"])
def test_odd_letters_of_a_site_stay_letters(odd: str) -> None:
    minutes = build_minutes(replace(FORM, agency=odd, place=odd), COMMUNE, NUMBERS, SITE)
    text = docx.Document(io.BytesIO(to_docx(minutes))).tables[0].rows[1].cells[1].text
    assert text.startswith(re.sub("[\x00\x0b]", "\ufffd", odd).replace("\u200b", ""))
