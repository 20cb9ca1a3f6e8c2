"""Encodings and odd text under any input."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mappings.column_encodings import judge
from mappings.encodings import TCVN3, TCVN5712, VNI, decode, encode, letters
from mappings.legacy_cells import TORN, UNICODE, read_cell, settle_cell
from mappings.odd_text import is_plain, make_whole
from mappings.syllables import is_syllable

ENCODINGS = ("unicode", TCVN3, TCVN5712, VNI, "mixed")
SMALL = "".join(letter for letter in letters() if letter.islower())
ONSETS = ("ngh", "ch", "gh", "kh", "ng", "nh", "ph", "th", "tr", *"bcdđghklmnrstvx", "")
RHYMES = ("a", "anh", "ăng", "âu", "ên", "iêu", "oan", "ông", "ơi", "uôn", "ư", "ươi", "ươc", "uyên", "yêu", "êt")
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


@st.composite
def syllables(draw: st.DrawFn) -> str:
    rhyme = draw(st.sampled_from(RHYMES))
    marked = [at for at, letter in enumerate(rhyme) if letter in "aăâeêioôơuưy"]
    at = draw(st.sampled_from(marked))
    word = f"{draw(st.sampled_from(ONSETS))}{rhyme[: at + 1]}{draw(st.sampled_from(TONES))}{rhyme[at + 1 :]}"
    return unicodedata.normalize("NFC", word)


sentences = st.lists(syllables().filter(is_syllable), min_size=1, max_size=6).map(" ".join)
anything = st.one_of(st.text(), st.text("NguyÔn V¨§µ®\xadöôøáêÐ\u200b\u0301 5m,\n"), sentences)


@given(st.text(alphabet=[*letters(), *"abcxyzABC 0129,.-()"]))
def test_vietnamese_text_comes_back_from_every_encoding(text: str) -> None:
    assert decode(encode(text, TCVN5712), TCVN5712) == text
    assert decode(encode(text, TCVN3), TCVN3).casefold() == text.casefold()


@given(sentences)
def test_vietnamese_words_come_back_from_vni(text: str) -> None:
    for shown in (text, text.upper(), text.title()):
        assert decode(encode(shown, VNI), VNI) == shown


@given(anything, st.sampled_from((TCVN3, TCVN5712, VNI)))
def test_coding_never_fails_and_leaves_printable_ascii(text: str, encoding: str) -> None:
    for work in (decode, encode):
        assert isinstance(work(text, encoding), str)
        plain = "".join(letter for letter in text if " " <= letter <= "~")
        assert work(plain, encoding) == plain


@given(sentences)
def test_unicode_text_is_never_converted_in_a_mixed_column_and_raises_no_alarm(text: str) -> None:
    assert settle_cell(text, "mixed").text == text
    assert read_cell(text).kind not in (TCVN3, VNI, TORN)
    made = make_whole(text)
    assert (made.text, made.notes, made.legacy) == (text, (), "")


@given(sentences, st.sampled_from((TCVN3, VNI)))
def test_conversion_done_twice_changes_nothing_when_one_letter_proves_unicode(text: str, encoding: str) -> None:
    text = f"{text} được"
    once = settle_cell(encode(text, encoding), encoding)
    assert (once.text, once.is_converted) == (text, True)
    again = settle_cell(once.text, encoding)
    assert (again.text, again.is_converted, again.doubt) == (text, False, "")


@given(anything, st.sampled_from(ENCODINGS))
def test_settling_a_cell_is_total_and_keeps_what_it_does_not_convert(text: str, encoding: str) -> None:
    settled = settle_cell(text, encoding)
    assert settled.is_converted == (settled.text != text)
    assert not (settled.is_converted and settled.doubt)
    if text.isascii() or encoding == UNICODE:
        assert settled.text == text


@given(anything)
def test_making_whole_is_total_idempotent_and_gives_composed_text(text: str) -> None:
    made = make_whole(text)
    again = make_whole(made.text)
    assert again.text == made.text
    assert again.notes == ()
    if made.legacy:
        assert made.text == text
    else:
        assert unicodedata.is_normalized("NFC", made.text)
    if is_plain(text):
        assert made.text == text
        assert (made.notes, made.legacy) == ((), "")


@given(st.dictionaries(st.sampled_from(("ascii", "neutral", "unicode", "tcvn3", "vni", "either", "torn", "odd")),
                       st.integers(0, 5000)))  # fmt: skip
def test_every_column_gets_a_verdict_and_a_plain_one_no_alarm(kinds: dict[str, int]) -> None:
    verdict = judge(kinds)
    assert verdict in (*ENCODINGS, "neutral")
    if not any(kinds.get(name) for name in ("tcvn3", "vni", "torn")):
        assert verdict in ("unicode", "neutral")
