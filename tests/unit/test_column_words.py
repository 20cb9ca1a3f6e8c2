"""Names of columns, whatever their spelling and language, say the same concepts."""

from __future__ import annotations

import pytest

from mappings.column_words import common_prefix, concepts, lexicon, likeness


@pytest.mark.parametrize("name", ["NGAYHENTRA", "NgayHenTra", "ngay_hen_tra", "Ngày hẹn trả", "dueDate", "DUE_DATE"])
def test_a_due_date_is_one_in_every_spelling(name: str) -> None:
    assert concepts(name) == {"date", "due"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("DIACHITHUONGTRUNGUOINOP", {"address", "permanent", "filer"}),
        ("applicantIdNo", {"applicant", "identity"}),
        ("delegateWardCode", {"delegate", "commune", "code"}),
        ("opencps_dossierfile", {"dossier", "paper"}),
        ("xyzzy", set()),
    ],
)
def test_long_names_fall_into_their_words(name: str, said: set[str]) -> None:
    assert concepts(name) == said


def test_names_that_share_only_a_faint_word_are_not_alike() -> None:
    assert likeness(concepts("modifiedDate"), frozenset({"date", "due"})) < 0.5
    assert likeness(concepts("NgayHenTra"), frozenset({"date", "due"})) == 1
    assert likeness(frozenset(), frozenset({"date"})) == 0


def test_the_prefix_of_a_software_says_nothing_about_a_table() -> None:
    assert common_prefix(["cmon_a", "cmon_b", "exch_c"]) == "cmon_"
    assert common_prefix(["HoSo", "GiayTo_x"]) == ""


def test_every_word_is_small_ascii_and_stands_once() -> None:
    assert all(word.isascii() and word.islower() and word.isalnum() for word in lexicon())
