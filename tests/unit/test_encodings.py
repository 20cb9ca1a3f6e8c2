"""TCVN3, TCVN 5712 and VNI: tables, syllables, and what a cell is written in."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mappings.encodings import TCVN3, TCVN5712, VNI, decode, encode, letters
from mappings.legacy_cells import EITHER, NEARLY, NEUTRAL, ODD, TORN, UNICODE, read_cell, settle_cell
from mappings.syllables import is_syllable

CAPITALS_WITHOUT_TONE = set("ĂÂÊÔƠƯĐ")


def test_there_are_134_letters_and_each_comes_back_from_every_encoding() -> None:
    assert len(set(letters())) == 134
    for letter in letters():
        assert decode(encode(letter, TCVN5712), TCVN5712) == letter
        assert decode(encode(letter, VNI), VNI) == letter
        has_own = letter.islower() or letter in CAPITALS_WITHOUT_TONE
        assert decode(encode(letter, TCVN3), TCVN3) == (letter if has_own else letter.lower())


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")
@pytest.mark.parametrize("encoding", [TCVN3, TCVN5712])
def test_the_tables_agree_with_iconv(encoding: str) -> None:
    for letter in letters():
        stored = encode(letter, encoding).encode("latin-1")
        done = subprocess.run(["iconv", "-f", "TCVN", "-t", "UTF-8"], input=stored, capture_output=True, check=False)
        if done.returncode:
            pytest.skip("this iconv has no TCVN")
        assert done.stdout.decode("utf-8") == decode(encode(letter, encoding), encoding)


def test_capitals_with_a_tone_may_also_have_come_as_windows_1252() -> None:
    as_latin = encode("Ờ Ớ", TCVN5712)
    assert decode(as_latin.encode("latin-1").decode("cp1252"), TCVN5712) == "Ờ Ớ"


@pytest.mark.parametrize(
    "words",
    [
        "Nguyễn Trường Thịnh nghiêng quyết khuỷu giếng gì gìn quốc yến ý",
        "hòa hoà khỏe khoẻ thúy thuý quý qúy Lý Mỹ xoong ngoằn ngoèo khuếch uống",
    ],
)
def test_syllables_are_known_in_old_and_new_spelling(words: str) -> None:
    assert [word for word in words.split() if not is_syllable(word)] == []


def test_what_no_vietnamese_word_can_be_is_no_syllable() -> None:
    wrong = "nguyôn Vaên céng ka cê ge nge tàc tach taì ươ qa th José Müller josộ bcd êng ngghe nguyễễn"
    assert [word for word in wrong.split() if is_syllable(word)] == []


@pytest.mark.parametrize(("text", "kind"), [
    ("", NEUTRAL), ("Khu 3", NEUTRAL), ("5 µm", NEUTRAL), ("®", NEUTRAL), ("Panadol® 500", NEUTRAL), ("©", NEUTRAL),
    ("25 °C, 3 m², ±2, § 12, 3×4", NEUTRAL),
    ("Hà Nội", UNICODE), ("là", UNICODE), ("Café Trung Nguyễn", UNICODE), ("12/NĐ-CP", UNICODE), ("QÐ", UNICODE),
    ("NguyÔn V¨n A", TCVN3), ("ph\xad\xeang", TCVN3), ("NGUYÔN V¡N MINH", TCVN3), ("Q§ sè 5", TCVN3),
    ("Nguyeãn Vaên An", VNI), ("phöôøng Taân Phuù", VNI), ("QÑ", VNI),
    ("Líp", EITHER), ("Chì", EITHER), ("Nguyễn V¨n A", TORN), ("Đã nhận giÊy", NEARLY),
    ("Café", ODD), ("Müller", ODD), ("com\xadputer", NEUTRAL),
])  # fmt: skip
def test_a_cell_is_read_by_its_words(text: str, kind: str) -> None:
    assert read_cell(text).kind == kind


@pytest.mark.parametrize(("stored", "encoding", "text"), [
    ("NguyÔn V¨n A", TCVN3, "Nguyễn Văn A"),
    ("NGUYÔN V¡N MINH", TCVN3, "NGUYỄN VĂN MINH"),  # a font of capitals: the case is known again
    ("ë UBND x·", TCVN3, "ở UBND xã"),
    ("ph\xad\xeang", TCVN3, "phường"),  # the soft hyphen is ư
    ("Líp", TCVN3, "Lớp"),  # the column decides what the cell alone cannot
    ("bôi 5 µm, gi¸ 500®", TCVN3, "bụi 5 µm, giá 500đ"),
    ("Phường Gia Cẩm", TCVN3, "Phường Gia Cẩm"),  # typed later, in Unicode
    ("5 µm", TCVN3, "5 µm"),
    ("Nguyeãn Thò Hoàng", VNI, "Nguyễn Thị Hồng"),
    ("NguyÔn V¨n A", "mixed", "Nguyễn Văn A"),
    ("Nguyeãn Vaên A", "mixed", "Nguyễn Văn A"),
    ("Nguyễn Văn A", "mixed", "Nguyễn Văn A"),
    ("NguyÔn V¨n A", "unicode", "NguyÔn V¨n A"),
])  # fmt: skip
def test_a_cell_of_a_settled_column_becomes_unicode(stored: str, encoding: str, text: str) -> None:
    settled = settle_cell(stored, encoding)
    assert (settled.text, settled.is_converted, settled.doubt) == (text, text != stored, "")


@pytest.mark.parametrize(("stored", "encoding", "doubt"), [
    ("Nguyễn V¨n A", TCVN3, "unicode tcvn3"),
    ("Nguyeãn Vaên A", TCVN3, "vni"),
    ("Líp", "mixed", "unicode tcvn3"),
    ("Đã nhận giÊy tê", "mixed", "unicode tcvn3"),
    ("Nguyễn V¨n A", "mixed", "unicode tcvn3"),
])  # fmt: skip
def test_a_cell_that_is_not_certain_is_left_as_it_is_with_its_candidates(
    stored: str, encoding: str, doubt: str
) -> None:
    settled = settle_cell(stored, encoding)
    assert (settled.text, settled.is_converted, settled.doubt) == (stored, False, doubt)
