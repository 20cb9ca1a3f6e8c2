"""Which table holds the dossiers and what hangs on it: by names, proven by values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mappings.cells import Cell
from mappings.column_facts import facts
from mappings.draft_profile import write_draft
from mappings.field_assign import assign
from mappings.field_guess import Candidate, guess, read_dictionary
from mappings.known_systems import recognise
from mappings.profile import load_profile
from mappings.table_guess import draft
from mappings.table_relations import Relation, Table, key_columns, pointing, relations, seen_keys

DICTIONARY = read_dictionary()


def table(name: str, key: str, columns: Mapping[str, Sequence[Cell]]) -> Table:
    """A table whose sample is all of it."""
    told = tuple(facts(name, column, "varchar(50)", cells) for column, cells in columns.items())
    count = len(next(iter(columns.values())))
    rows = [{column: cells[at] for column, cells in columns.items()} for at in range(count)]
    cells = pointing(rows, told, keys := tuple(filter(None, key.split())))
    known_by = tuple(seen_keys(one, cells, is_whole=True, is_key=one == keys) for one in key_columns(told, cells, keys))
    return Table(name, keys, count, True, told, cells, known_by)


DOSSIER: Mapping[str, Sequence[Cell]] = {
    "HoSoID": list(range(1, 21)),
    "SoBienNhan": [f"2025.{n:05d}" for n in range(1, 21)],
    "TrangThai": ["DXL"] * 20,
    "NgayTiepNhan": ["2025-06-02 09:00:00"] * 20,
    "NgayHenTra": ["2025-06-12 09:00:00"] * 20,
    "ChuHoSo": ["Nguyễn Văn Mẫu"] * 20,
}


def dossiers(agency: Sequence[Cell]) -> Table:
    return table("HoSo", "HoSoID", {**DOSSIER, "CoQuanID": agency})


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
    assert {hung.child: hung.table.name for hung in made.lists} == {"steps": "QuaTrinhHoSo"}
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


def found_by(tables: Sequence[Table], parent: str) -> dict[str, Relation]:
    """Table → its relation to ``parent``."""
    return {one.table: one for one in relations(tables) if one.parent == parent}


def test_a_rare_stray_does_not_refute_a_relation() -> None:
    """Rows are weighed, not values: one stray among twenty rows is dirt, though it is a quarter of the values."""
    mostly = dossiers([*[7, 8, 9] * 6, 7, 99])
    assert found_by([mostly, AGENCIES], "DM_CoQuan")["HoSo"].contained == 0.95


def test_two_columns_together_point_to_a_catalogue_whose_codes_mean_something_within_a_field_only() -> None:
    kinds = table(
        "DM_LoaiHoSo",
        "MaLinhVuc MaLoai",
        {"MaLinhVuc": ["A", "A", "B", "B"], "MaLoai": ["1", "2", "1", "2"], "TenLoai": ["w", "x", "y", "z"]},
    )
    rows = table("HoSo", "HoSoID", {"HoSoID": [1, 2, 3], "MaLinhVuc": ["A", "B", "B"], "MaLoai": ["2", "1", "2"]})
    assert found_by([rows, kinds], "DM_LoaiHoSo")["HoSo"].pairs == (("MaLinhVuc", "MaLinhVuc"), ("MaLoai", "MaLoai"))
    broken = table("HoSo", "HoSoID", {"HoSoID": [1, 2], "MaLinhVuc": ["A", "B"], "MaLoai": ["3", "3"]})
    assert found_by([broken, kinds], "DM_LoaiHoSo") == {}


def test_rows_that_bear_the_code_of_a_dossier_are_read_by_a_query() -> None:
    codes = [f"2025.{n:05d}" for n in range(1, 6)]
    moves = table(
        "QuaTrinhHoSo", "Id", {"Id": [*range(5)], "SoBienNhan": codes, "NgayChuyen": ["2025-06-03 09:00:00"] * 5}
    )
    tables = [dossiers([7] * 20), moves]
    made = draft(tables, relations(tables), DICTIONARY)
    assert made is not None
    text = write_draft("la", made, tables, "thử").profile
    assert "FROM {#HoSo} d JOIN {#QuaTrinhHoSo} t ON {t.SoBienNhan} = {d.SoBienNhan}" in text
    assert "hung_by:\n    QuaTrinhHoSo: {SoBienNhan: SoBienNhan}" in text


def with_columns(more: Mapping[str, Sequence[Cell]]) -> dict[str, str]:
    """Field → column of a draft whose dossiers have further columns."""
    tables = [table("HoSo", "HoSoID", {**DOSSIER, **more}), AGENCIES]
    made = draft(tables, relations(tables), DICTIONARY)
    assert made is not None
    return {one.field: one.candidate.column for one in made.fields}


def test_a_fee_on_the_row_of_the_dossier_makes_a_list_of_fees() -> None:
    assert with_columns({"LePhi": [15000, 0] * 10})["fees.fee"] == "LePhi"
    assert "fees.fee" not in with_columns({"GhiChu": ["x"] * 20})


def test_the_permanent_address_goes_before_the_present_one() -> None:
    found = with_columns({"HienNayQuanHuyenID": [231, 232] * 10, "QuanHuyenID": [233, 234] * 10})
    assert found["applicant.address.district.code"] == "QuanHuyenID"


def test_without_an_owner_who_files_is_the_applicant_and_nobody_is_the_delegate() -> None:
    found = with_columns({"ChuHoSo": [None] * 20, "HoTenNguoiNop": ["Trần Thị Mẫu"] * 20, "Phone": ["0912000001"] * 20})
    assert found["applicant.name"] == "HoTenNguoiNop"
    assert not {field for field in found if field.startswith(("delegate.", "postal."))}


def test_a_catalogue_in_which_names_of_agencies_stand_tells_the_agency() -> None:
    fields = table(
        "DM_Nhom", "NhomID", {"NhomID": [7, 8, 9], "Ma": ["A", "B", "C"], "MoTa": ["Sở A", "Phòng B", "Sở C"]}
    )
    tables = [table("HoSo", "HoSoID", {**DOSSIER, "NhomID": [7, 8, 9, 7] * 5}), fields]
    made = draft(tables, relations(tables), DICTIONARY)
    assert made is not None
    found = {one.field: one.candidate.column for one in made.fields}
    assert (found["agency.code"], found["agency.name"]) == ("nhom.Ma", "nhom.MoTa")
