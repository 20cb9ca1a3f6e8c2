"""The crosswalk of units goes where the resolutions say, and no name fools the draft of agencies."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from mappings.agencies import AgencyRow, agencies_csv, draft_agencies, read_agencies, write_agencies
from mappings.agency_names import fold_name
from mappings.cells import Row
from mappings.declared import ProfileError
from mappings.profile import load_profile
from mappings.units import new_commune_codes, read_units

HERE = Path(__file__).parent
UNITS = read_units()
PROFILE = load_profile("opencps_v2")


def table(name: str) -> list[dict[str, str]]:
    with open(HERE / name, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


COMMUNES = table("phutho_communes.csv")


def test_all_476_unsplit_communes_go_where_the_table_says() -> None:
    whole = [row for row in COMMUNES if row["relation"] != "split"]
    assert len(whole) == 476
    for row in whole:
        found = UNITS.resolve(row["old_commune_code"], row["old_district_code"], row["old_province_code"])
        assert found.new is not None
        assert found.new.code == row["new_commune_code"]


def test_the_three_split_communes_have_candidates_and_no_new_unit() -> None:
    split: dict[str, set[str]] = defaultdict(set)
    for row in COMMUNES:
        if row["relation"] == "split":
            split[row["old_commune_code"]].add(row["new_commune_code"])
    assert len(split) == 3
    for code, candidates in split.items():
        found = UNITS.resolve(code, "", "")
        assert found.new is None
        assert set(found.candidates) == candidates


def test_every_abolished_code_resolves_through_its_successor() -> None:
    assert len(UNITS.abolished) == 145
    for code, unit in UNITS.abolished.items():
        assert code not in UNITS.communes
        found = UNITS.resolve(code, unit.district, unit.province)
        assert found.is_known
        assert found.is_succeeded
        assert bool(found.new) != bool(found.candidates)


def test_all_provinces_are_there_and_every_split_has_two_parts() -> None:
    assert len(UNITS.provinces) == 63
    assert len(UNITS.communes) == 10035
    assert len(UNITS.islands) == 5
    assert all(unit.targets for unit in UNITS.communes.values())


def test_every_new_code_of_phu_tho_reuses_an_old_one() -> None:
    new = {row["new_commune_code"] for row in COMMUNES}
    assert len(new) == 148
    assert new <= set(UNITS.communes)
    assert new <= new_commune_codes()


def test_a_site_may_add_abolished_codes(tmp_path: Path) -> None:
    (tmp_path / "crosswalks").mkdir()
    head = "gone_code,gone_name,district_code,district_name,province_code,province_name,last_seen,successor_code,"
    rows = "successor_name,source,note\n00002,Xã Cũ,001,Ba Đình,01,Hà Nội,2010,00004,Trúc Bạch,NQ 1,\n"
    (tmp_path / "crosswalks" / "abolished_units.csv").write_text(head + rows, encoding="utf-8")
    found = read_units(tmp_path).resolve("00002", "001", "01")
    assert found.is_succeeded
    assert found.new is not None


# ---------------------------------------------------------------- agencies


def tree(*units: tuple[int, int, str, str]) -> dict[str, Sequence[Row]]:
    """(id, parent, code, name) as working units."""
    return {
        "working_units": [
            {"workingUnitId": key, "parentWorkingUnitId": parent, "govAgencyCode": code, "name": name}
            for key, parent, code, name in units
        ]
    }


def drafted(*units: tuple[int, int, str, str]) -> dict[str, AgencyRow]:
    return {row.code: row for row in draft_agencies(tree(*units), PROFILE, UNITS)}


def test_the_22_name_traps_do_not_fool_the_draft() -> None:
    traps = table("phutho_name_traps.csv")
    assert len(traps) == 22
    for trap in traps:
        home = UNITS.communes[trap["old_commune_code"]]
        province, district = UNITS.provinces[home.province], UNITS.districts[home.district][0]
        rows = drafted(
            (1, 0, "T", f"UBND {province}"), (2, 1, "H", f"UBND {district}"),
            (3, 2, "X", f"UBND {trap['old_commune_name']}"),
        )  # fmt: skip
        assert (rows["X"].level, rows["X"].commune_code) == ("commune", trap["old_commune_code"])
        assert rows["H"].district_code == home.district


def test_a_name_that_several_communes_bear_is_left_to_people() -> None:
    rows = drafted((1, 0, "X", "UBND xã Tân Sơn"), (2, 0, "Y", "UBND xã Không Có Đâu"))
    assert (rows["X"].level, rows["Y"].level) == ("", "")
    assert "cần người quyết định" in rows["X"].note
    assert rows["Y"].note


def test_a_commune_that_stands_in_another_district_is_not_taken() -> None:
    rows = drafted((1, 0, "H", "UBND huyện Lâm Thao"), (2, 1, "X", "UBND xã Hiền Lương"))
    assert (rows["X"].level, rows["X"].district_code) == ("", "237")


@pytest.mark.parametrize("name", [
    "UBND thị trấn Lâm Thao", "Ủy ban nhân dân thị trấn Lâm Thao", "UỶ BAN NHÂN DÂN THỊ TRẤN LÂM THAO",
    "UBND TT. Lâm Thao", "UBND thị trấn Lâm Thao, huyện Lâm Thao",
    "UBND thị trấn Lâm Thao - huyện Lâm Thao - tỉnh Phú Thọ",
])  # fmt: skip
def test_a_name_is_read_in_every_spelling(name: str) -> None:
    rows = drafted((1, 0, "T", "UBND tỉnh Phú Thọ"), (2, 1, "X", name))
    assert (rows["X"].level, rows["X"].commune_code) == ("commune", "08494")


def test_the_own_words_of_a_name_narrow_it_without_a_tree() -> None:
    rows = drafted((1, 0, "X", "UBND xã Tân Sơn, huyện Tân Sơn"))
    assert rows["X"].commune_code == "08578"


def test_departments_and_offices_take_the_level_of_what_they_stand_under() -> None:
    rows = drafted(
        (1, 0, "T", "UBND tỉnh Phú Thọ"), (2, 1, "S", "Sở Tư pháp"), (3, 1, "H", "UBND thị xã Phú Thọ"),
        (4, 3, "D", "Chi nhánh Văn phòng đăng ký đất đai thị xã Phú Thọ"), (5, 3, "Y", "Trạm y tế xã Hà Lộc"),
        (6, 0, "?", "Trung tâm dịch vụ"),
    )  # fmt: skip
    assert {code: row.level for code, row in rows.items()} == {
        "T": "province", "S": "province", "H": "district", "D": "district", "Y": "", "?": "",
    }  # fmt: skip


def test_a_broken_tree_ends() -> None:
    rows = drafted((1, 2, "A", "UBND xã Tân Sơn"), (2, 1, "B", "UBND xã Tân Sơn"), (3, 3, "C", "UBND xã Tân Sơn"))
    assert set(rows) == {"A", "B", "C"}


def test_two_lists_that_disagree_are_left_to_people() -> None:
    references: dict[str, Sequence[Row]] = {
        **tree((1, 0, "T", "UBND tỉnh Phú Thọ"), (2, 1, "X", "UBND thị trấn Lâm Thao")),
        "dict_collections": [
            {"dictCollectionId": 1, "collectionCode": "GOVERNMENT_AGENCY"},
            {"dictCollectionId": 2, "collectionCode": "SERVICE_DOMAIN"},
        ],
        "dict_items": [
            {"dictItemId": 5, "dictCollectionId": 1, "itemCode": "X", "itemName": "UBND huyện Lâm Thao"},
            {"dictItemId": 6, "dictCollectionId": 2, "itemCode": "LV01", "itemName": "Hộ tịch"},
        ],
    }
    rows = {row.code: row for row in draft_agencies(references, PROFILE, UNITS)}
    assert set(rows) == {"T", "X"}
    assert rows["X"].level == ""


def test_names_fold_by_tone_place_and_case_but_not_by_tone() -> None:
    assert fold_name("Hòa Bình") == fold_name("HOÀ  BÌNH")
    assert fold_name("Ủy ban") == fold_name("Uỷ ban")
    assert fold_name("Thành Sơn") != fold_name("Thanh Sơn")
    assert fold_name("Vân Sơn") != fold_name("Văn Sơn")


def test_agencies_are_written_and_read_back(tmp_path: Path) -> None:
    rows = list(drafted((1, 0, "T", "UBND tỉnh Phú Thọ"), (2, 1, "X", "UBND thị trấn Lâm Thao")).values())
    file = tmp_path / "agencies.csv"
    write_agencies(file, rows)
    assert read_agencies(file) == rows
    assert file.read_text(encoding="utf-8") == agencies_csv(rows)


@pytest.mark.parametrize("line", [
    "A,,town,,,,draft,,", "A,,commune,,,,draft,,", "A,,,,,,perhaps,,", ",,,,,,draft,,", "A,,,,,,draft,",
])  # fmt: skip
def test_a_wrong_row_of_agencies_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "agencies.csv"
    file.write_text(agencies_csv([]) + line + "\n", encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        read_agencies(file)
    assert caught.value.line == 2
