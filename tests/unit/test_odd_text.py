"""Look-alikes, hidden characters and signs that must stay."""

from __future__ import annotations

import unicodedata

import pytest

from mappings.odd_text import is_plain, make_whole


@pytest.mark.parametrize(("odd", "whole", "notes"), [
    ("Ðặng Văn Ðức", "Đặng Văn Đức", ("text_lookalike",)),
    ("NÐ-CP, HÐND", "NĐ-CP, HĐND", ("text_lookalike",)),
    ("Ðắk Lắk", "Đắk Lắk", ("text_lookalike",)),
    ("đƣợc", "được", ("text_lookalike",)),
    ("Số\u200b nhà\ufeff 1", "Số nhà 1", ("text_invisible",)),
    ("Số nhà\xa01", "Số nhà 1", ("text_invisible",)),
    ("Số\x0bnhà", "Số\nnhà", ("text_invisible",)),
    ("Số nhà\x1f\x00 1", "Số nhà 1", ("text_invisible",)),
    ("thông\xad tin", "thông tin", ("text_invisible",)),
    (unicodedata.normalize("NFD", "Phố Huế"), "Phố Huế", ("unicode_composed",)),
    ("ê\u200b\u0301", "ế", ("text_invisible", "unicode_composed")),
])  # fmt: skip
def test_odd_text_is_made_whole(odd: str, whole: str, notes: tuple[str, ...]) -> None:
    made = make_whole(odd)
    assert (made.text, made.notes, made.legacy) == (whole, notes, "")
    assert make_whole(whole).notes == ()


@pytest.mark.parametrize("text", [
    "bụi 5 µm", "Panasonic®", "© 2019", "3 m² ± 2 °C", "12–2025 — “Số”…", "Guðmundur", "José Müller", "日本", "😀",
    "Nguyễn\n\tVăn", "5 × 4", "Hòa, Hoà",
])  # fmt: skip
def test_ordinary_text_stays_and_says_nothing(text: str) -> None:
    made = make_whole(text)
    assert (made.text, made.notes, made.legacy) == (text, (), "")


@pytest.mark.parametrize("text", ["NguyÔn V¨n A", "phöôøng Taân Phuù", "Nguyễn V¨n A"])
def test_a_legacy_cell_among_unicode_is_noticed_and_not_converted(text: str) -> None:
    assert not is_plain(text)
    made = make_whole(text)
    assert (made.text, made.notes) == (text, ())
    assert made.legacy
    assert make_whole(text, is_settled=True).legacy == ""


@pytest.mark.parametrize("text", ["Nguyễn Thị Mẫu", "Lê Thành Long", "Số 12, khu 3 – phường Gia Cẩm", "Hà Nam"])
def test_most_vietnamese_text_is_plain_at_once(text: str) -> None:
    assert is_plain(text)
