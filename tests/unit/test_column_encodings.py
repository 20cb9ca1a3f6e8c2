"""encodings.csv: drafted from a sample, read back strictly, followed when it is approved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mappings.cells import Cell, Children, Row
from mappings.column_encodings import EncodingRow, draft_encodings, judge, read_encodings, write_encodings
from mappings.declared import ProfileError
from mappings.encodings import TCVN3, VNI, encode
from mappings.model import Mapped
from mappings.profile import load_profile
from tests.profiles.opencps import SWEEP, action, codes, dossier_of, make_mapper, row

PROFILE = load_profile("opencps_v2")
NOTE = "Đã đối chiếu bản gốc"


def settled(column: str, encoding: str, table: str = "opencps_dossier", *, status: str = "approved") -> EncodingRow:
    return EncodingRow("cu", table, column, encoding, status=status)


def mapped(*rows: EncodingRow, is_rehearsal: bool = False, children: Children | None = None, **cells: Cell) -> Mapped:
    mapper = make_mapper(is_rehearsal=is_rehearsal, encodings=rows)
    return mapper.map("101", row(**cells), children or {}, SWEEP)


def text_codes(found: Mapped) -> set[str]:
    return {code for code in codes(found) if code.startswith("text_")}


# ---------------------------------------------------------------- following the table


def test_a_cell_of_an_approved_column_is_converted_and_its_original_kept() -> None:
    stored = encode(NOTE, TCVN3)
    found = mapped(settled("briefNote", TCVN3), briefNote=stored)
    dossier = dossier_of(found)
    assert (dossier.summary, dossier.extra["briefNote.original"]) == (NOTE, stored)
    assert [(i.code, i.field, i.severity) for i in found.issues if i.code.startswith("text_")] == [
        ("text_converted", "briefNote", "info")
    ]


def test_a_cell_of_a_child_names_its_row() -> None:
    children = {"actions": [action(7, "200", "2025-06-02 02:00:00", actionNote=encode(NOTE, VNI))]}
    found = mapped(settled("actionNote", VNI, "OPENCPS_DossierAction"), children=children)
    assert dossier_of(found).steps[0].note == NOTE
    assert dossier_of(found).extra["actions.actionNote.original.7"] == encode(NOTE, VNI)
    assert [(i.field, i.about) for i in found.issues if i.code == "text_converted"] == [("actions.actionNote", "7")]


def test_a_draft_stops_text_that_it_would_convert_and_a_rehearsal_follows_it() -> None:
    draft = settled("briefNote", TCVN3, status="draft")
    stopped = mapped(draft, briefNote=encode(NOTE, TCVN3))
    assert [(i.code, i.severity) for i in stopped.issues if i.code.startswith("text_")] == [
        ("text_encoding_undecided", "error")
    ]
    assert dossier_of(stopped).summary == encode(NOTE, TCVN3)
    assert text_codes(mapped(draft, briefNote=encode(NOTE, TCVN3), is_rehearsal=True)) == {"text_converted"}


@pytest.mark.parametrize("text", ["Khu 3", NOTE, "5 µm", "Panasonic®", ""])
def test_what_no_decision_would_change_is_not_stopped_by_a_draft(text: str) -> None:
    for encoding in (TCVN3, VNI, "mixed"):
        found = mapped(settled("briefNote", encoding, status="draft"), briefNote=text)
        assert text_codes(found) == set()
        assert dossier_of(found).summary == text


def test_a_cell_of_a_mixed_column_is_taken_converted_or_stopped_by_itself() -> None:
    mixed = settled("briefNote", "mixed")
    assert text_codes(mapped(mixed, briefNote=NOTE)) == set()
    for encoding in (TCVN3, VNI):
        found = mapped(mixed, briefNote=encode(NOTE, encoding))
        assert (text_codes(found), dossier_of(found).summary) == ({"text_converted"}, NOTE)
    doubtful = mapped(mixed, briefNote="Đã nhận " + encode("giấy tờ", TCVN3))
    assert [(i.code, i.field, i.about) for i in doubtful.issues if i.code.startswith("text_")] == [
        ("text_encoding_mixed", "briefNote", "unicode tcvn3")
    ]


def test_a_legacy_cell_elsewhere_is_an_error_unless_the_column_is_declared_unicode() -> None:
    stored = encode("Số nhà 5, xã Gia Cẩm", TCVN3)
    found = mapped(address=stored)
    assert [(i.severity, i.field, i.about) for i in found.issues if i.code == "text_encoding_suspected"] == [
        ("error", "applicant.address.text", "unicode tcvn3")
    ]
    assert dossier_of(found).applicant.address is not None
    assert dossier_of(found).applicant.address.text == stored  # type: ignore[union-attr]
    assert text_codes(mapped(settled("address", "unicode"), address=stored)) == set()


def test_what_one_column_settles_is_still_a_finding_in_another() -> None:
    stored = encode(NOTE, TCVN3)
    mapper = make_mapper(encodings=[settled("briefNote", "unicode")])
    for _ in range(2):  # the second time, every memo is warm
        assert text_codes(mapper.map("1", row(briefNote=stored), {}, SWEEP)) == set()
        assert text_codes(mapper.map("1", row(address=stored), {}, SWEEP)) == {"text_encoding_suspected"}


def test_a_decision_changes_the_mapping_version_and_a_remark_does_not() -> None:
    draft = settled("briefNote", TCVN3, status="draft")
    versions = {
        make_mapper(encodings=rows).version
        for rows in ([], [draft], [settled("briefNote", TCVN3)], [settled("briefNote", VNI)])
    }
    assert len(versions) == 4
    noted = EncodingRow("cu", "opencps_dossier", "briefNote", TCVN3, 9, 9, note="đã xem")
    assert make_mapper(encodings=[noted]).version == make_mapper(encodings=[draft]).version


def test_a_column_that_nothing_reads_is_refused_with_its_line() -> None:
    with pytest.raises(ProfileError, match=r"encodings\.csv:7: .*opencps_dossier\.ghiChu"):
        make_mapper(encodings=[EncodingRow("cu", "opencps_dossier", "ghiChu", TCVN3, line=7)])


# ---------------------------------------------------------------- drafting and reading it


def drafted(*cells: str) -> list[EncodingRow]:
    sample: list[tuple[Row, Children]] = [({"briefNote": cell, "address": "Phố Huế"}, {}) for cell in cells]
    return draft_encodings(PROFILE, "cu", sample)


def test_a_column_in_tcvn3_is_drafted_with_counts_and_no_values() -> None:
    rest, found = drafted(*[encode(NOTE, TCVN3)] * 4, "Khu 3", "", "5 µm")
    assert (found.table, found.column, found.encoding, found.status) == ("opencps_dossier", "briefNote", TCVN3, "draft")
    assert (found.cells, found.non_ascii, found.tcvn3, found.vni, found.unicode, found.unsure) == (6, 5, 4, 0, 0, 0)
    assert (rest.table, rest.encoding, rest.unicode) == ("*", "unicode", 7)


@pytest.mark.parametrize(("kinds", "verdict"), [
    ({"ascii": 900}, "neutral"),
    ({"unicode": 900, "odd": 40, "either": 60}, "unicode"),
    ({"unicode": 900, "tcvn3": 2}, "unicode"),  # strays are seen one by one
    ({"unicode": 900, "tcvn3": 15}, "unicode"),
    ({"unicode": 900, "tcvn3": 30}, "mixed"),
    ({"unicode": 1, "tcvn3": 1}, "unicode"),
    ({"tcvn3": 1}, "tcvn3"),
    ({"tcvn3": 500, "unicode": 5, "odd": 80}, "tcvn3"),
    ({"vni": 500, "torn": 2}, "vni"),
    ({"vni": 50, "tcvn3": 50}, "mixed"),
    ({"torn": 3}, "mixed"),
])  # fmt: skip
def test_a_column_is_judged_by_the_cells_that_prove_something(kinds: dict[str, int], verdict: str) -> None:
    assert judge(kinds) == verdict


def test_the_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = drafted(*[encode(NOTE, VNI)] * 3)
    write_encodings(tmp_path / "encodings.csv", rows)
    assert sorted(map(str, read_encodings(tmp_path / "encodings.csv"))) != []
    assert set(read_encodings(tmp_path / "encodings.csv")) == set(rows)


def test_who_reads_the_table_while_it_is_written_anew_reads_the_whole_old_one(tmp_path: Path) -> None:
    file = tmp_path / "encodings.csv"
    write_encodings(file, drafted(*[encode(NOTE, VNI)] * 3))
    before = file.read_text(encoding="utf-8")
    with file.open(encoding="utf-8") as reading:
        write_encodings(file, [])
        assert reading.read() == before != file.read_text(encoding="utf-8")


HEAD = "source,table,column,encoding,cells,non_ascii,unicode,tcvn3,vni,unsure,status,author,note"


@pytest.mark.parametrize("lines", [
    ["cu,t,c,utf7,1,1,0,0,0,0,draft,,"],
    ["cu,t,c,tcvn3,1,1,0,0,0,0,ok,,"],
    ["cu,t,c,tcvn3,x,1,0,0,0,0,draft,,"],
    ["cu,t,,tcvn3,1,1,0,0,0,0,draft,,"],
    ["cu,t,c,tcvn3,1,1,0,0,0,0,draft,,", "cu,T,C,vni,1,1,0,0,0,0,draft,,"],
])  # fmt: skip
def test_a_wrong_line_is_refused_by_number(lines: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "encodings.csv").write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    with pytest.raises(ProfileError, match=f"encodings.csv:{len(lines) + 1}: "):
        read_encodings(tmp_path / "encodings.csv")
