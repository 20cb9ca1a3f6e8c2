"""Which table holds the dossiers and what hangs on it: by names, proven by values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mappings.cells import Cell
from mappings.column_facts import facts
from mappings.field_guess import Candidate, assign, guess, read_dictionary
from mappings.known_systems import recognise
from mappings.profile import load_profile
from mappings.table_guess import Table, draft, ids, key_values, relations

DICTIONARY = read_dictionary()


def table(name: str, key: str, columns: Mapping[str, Sequence[Cell]]) -> Table:
    """A table whose sample is all of it."""
    told = tuple(facts(name, column, "varchar(50)", cells) for column, cells in columns.items())
    count = len(next(iter(columns.values())))
    rows = [{column: cells[at] for column, cells in columns.items()} for at in range(count)]
    keys = key_values(columns[key]) if key else frozenset()
    return Table(
        name, (key,) if key else (), count, True, bool(key), told, ids(rows, told, (key,) if key else ()), keys
    )


def dossiers(agency: Sequence[Cell]) -> Table:
    numbers = range(1, 21)
    return table(
        "HoSo",
        "HoSoID",
        {
            "HoSoID": list(numbers),
            "SoBienNhan": [f"2025.{n:05d}" for n in numbers],
            "TrangThai": ["DXL"] * 20,
            "NgayTiepNhan": ["2025-06-02 09:00:00"] * 20,
            "NgayHenTra": ["2025-06-12 09:00:00"] * 20,
            "ChuHoSo": ["Nguyễn Văn Mẫu"] * 20,
            "CoQuanID": agency,
        },
    )


AGENCIES = table("DM_CoQuan", "ID", {"ID": [7, 8, 9], "Ma": ["A", "B", "C"], "Ten": ["Xã A", "Xã B", "Xã C"]})
STEPS = table(
    "QuaTrinhHoSo", "ID", {"ID": list(range(5)), "HoSoID": [1, 2, 3, 3, 3], "NgayChuyen": ["2025-06-03 09:00:00"] * 5}
)


def test_values_among_the_keys_prove_a_relation() -> None:
    found = relations([dossiers([7, 8, 9, 7] * 5), AGENCIES, STEPS])
    assert {(one.table, one.column, one.parent) for one in found if one.is_proven} == {
        ("HoSo", "CoQuanID", "DM_CoQuan"),
        ("QuaTrinhHoSo", "HoSoID", "HoSo"),
    }


def test_a_value_outside_the_keys_refutes_a_relation_whatever_the_names_say() -> None:
    found = relations([dossiers([7, 8, 99, 100] * 5), AGENCIES])
    assert [one for one in found if one.parent == "DM_CoQuan"] == []


def test_the_code_and_name_of_a_catalogue_stand_in_for_the_number_that_points_to_it() -> None:
    tables = [dossiers([7, 8, 9, 7] * 5), AGENCIES, STEPS]
    made = draft(tables, relations(tables), DICTIONARY)
    assert made is not None
    assert made.dossiers.name == "HoSo"
    assert {name: hung.name for name, (hung, _) in made.lists.items()} == {"steps": "QuaTrinhHoSo"}
    found = {one.field: one.candidate.column for one in made.fields}
    assert (found["agency.code"], found["agency.name"]) == ("coquan.Ma", "coquan.Ten")
    assert (found["code"], found["received"], found["due_at"]) == ("SoBienNhan", "NgayTiepNhan", "NgayHenTra")


def test_without_a_table_of_dossiers_there_is_no_draft() -> None:
    assert draft([AGENCIES, STEPS], relations([AGENCIES, STEPS]), DICTIONARY) is None
    assert draft([], [], DICTIONARY) is None


def test_a_column_without_dates_is_never_a_date_whatever_its_name() -> None:
    words = facts("t", "NgayHenTra", "varchar(20)", ["sớm"] * 20)
    assert guess(DICTIONARY, "due_at", Candidate(words, words.says)) is None


def test_a_secret_fills_no_field() -> None:
    secret = facts("t", "MatKhauNguoiNop", "varchar(20)", ["x"] * 20)
    assert assign(DICTIONARY, "", [Candidate(secret, secret.says)]) == []


def test_a_system_left_out_of_the_dictionary_gives_no_reason() -> None:
    left_out = read_dictionary(["opencps_v2", "opencps_v1"])
    assert {known.system for columns in left_out.columns.values() for known in columns}.isdisjoint(
        {"opencps_v2", "opencps_v1"}
    )


def test_a_known_system_is_recognised_by_the_columns_that_its_profile_reads() -> None:
    profile = load_profile("cmon")
    there = {name: sorted(profile.used_columns(name)) for name in profile.read_tables()}
    assert ("cmon", 1.0) in [(known.profile, known.share) for known in recognise(there)]
    assert recognise({"HoSo": ["ID"]}) == []
