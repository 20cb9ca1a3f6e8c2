"""Which documents of a dossier become edXML packets, why others do not, and how messages are told."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest

from connectors._edxml_words import Organ, Packet, ResponseFor, Staff, Status, StatusHeader
from connectors.edxml import read_message, write_message
from connectors.memory import MemorySource
from flows import edxml_screen
from flows.edxml import NotSent, letters, packet
from mappings.model import Attachment, Document, Result
from tests.unit.dossiers import at, clean_dossier

SOURCE = MemorySource([], files={"kq/1.pdf": b"%PDF"})
FILE = Attachment("kq/1.pdf", "ket qua.pdf")
DAY = date(2025, 5, 9)
RESULTS = (
    Result("1", "deliverable", "Giấy phép", number="12/GP-UBND", issued_on=DAY, attachment=FILE),
    Result("2", "file", "Giấy phép", issued_on=DAY, attachment=FILE),
    Result("3", "file", "Giấy phép", number="13/GP", attachment=FILE),
    Result("4", "file", "Giấy phép", number="14/GP", issued_on=DAY),
    Result("5", "file", "Giấy phép", number="15/GP", issued_on=DAY, attachment=Attachment("kq/mat.pdf", "b.pdf")),
    Result("6", "file", "Giấy phép", number="16/GP", issued_on=DAY, attachment=FILE, is_removed=True),
)
SLIP = Document("7", "BN", "Biên nhận", "17", at(9, 23), FILE)


def test_a_document_with_number_day_and_file_becomes_a_packet_and_others_say_why() -> None:
    _, dossier = clean_dossier(results=RESULTS, documents=(SLIP,))
    made, left = [], []
    for letter in letters(dossier):
        try:
            made.append(packet(dossier, letter, SOURCE))
        except NotSent as why:
            left.append((letter.key, str(why)))
    assert left == [
        ("2", "thiếu số, ngày của văn bản"),
        ("3", "thiếu số, ngày của văn bản"),
        ("4", "không có tệp"),
        ("5", "tệp không còn ở hệ thống cũ"),
        ("6", "đã xóa ở hệ thống cũ"),
    ]
    first, slip = made
    assert first.header.document_id == "000.17.22.H44,2025/05/09,12/GP-UBND"
    assert (slip.header.code.number, slip.header.promulgation.day) == ("17", "2025-05-09")
    again = read_message(io.BytesIO(write_message(first)), "goi")
    assert isinstance(again, Packet)
    assert [(file.name, file.content) for file in again.files] == [("ket qua.pdf", b"%PDF")]


@pytest.mark.parametrize("is_masked", [True, False], ids=["masked", "unmasked"])
def test_a_status_message_is_told_without_its_people_unless_asked(
    is_masked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = ResponseFor("H44.33", document_id="H44.33,2025/05/02,7/ST")
    staff = Staff("Một cửa", "Lê Thị Thử", "le@thu.invalid", "0900000000")
    header = StatusHeader(Organ("H44.205"), answered, staff, "02", "Sai tên bà Thử", "2025-06-12 10:00:00")
    (tmp_path / "a.edxml").write_bytes(write_message(Status(header)))
    codes = [
        edxml_screen.show([tmp_path / "a.edxml"], is_masked=is_masked, as_json=as_json) for as_json in (False, True)
    ]
    shown = capsys.readouterr().out
    assert codes == [0, 0]
    for told in ("Trạng thái 02: Từ chối nhận, lúc 2025-06-12 10:00:00", "H44.33,2025/05/02,7/ST", '"kind": "status"'):
        assert told in shown
    personal = re.findall("Lê Thị Thử|Sai tên bà Thử|0900000000|le@thu.invalid", shown)
    assert set(personal) == (set() if is_masked else {"Lê Thị Thử", "Sai tên bà Thử", "0900000000", "le@thu.invalid"})
