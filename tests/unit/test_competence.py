"""Who goes on with a dossier: the shipped rules on real units and procedures, and rules that a site writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mappings.agencies import AgencyRow
from mappings.competence import AGENCIES_SINCE
from mappings.mapper import Mapper
from mappings.model import SINCE_MERGER, Severity
from mappings.profile import ProfileError
from tests.profiles.opencps import SWEEP, codes, dossier_of, make_mapper, row

BIRTH, LAND, HOUSEHOLD_FIRM = "1.001193", "1.012753", "1.001612"
COMMITTEE = AgencyRow("D1", "UBND huyện Lâm Thao", "district", "25", "237", status="approved")
JUSTICE = AgencyRow("P1", "Sở Tư pháp tỉnh Hòa Bình", "province", "17", status="approved")
TRANSPORT = AgencyRow("P2", "Sở Giao thông vận tải tỉnh Vĩnh Phúc", "province", "26", status="approved")
AGENCIES = (COMMITTEE, JUSTICE, TRANSPORT)
RULES = """\
places: [applicant]
rules:
  - {{rule: dat_dai_ve_xa, when: {{level: [district], field: [Đất đai]}}, to: {to}, note: Quyết định 12/QĐ-UBND}}
"""


def mapper(
    *, site_dir: Path | None = None, is_rehearsal: bool = False, agencies: tuple[AgencyRow, ...] = AGENCIES
) -> Mapper:
    return make_mapper(
        agencies=agencies, is_rehearsal=is_rehearsal, site_dir=site_dir, references={"service_mapping": []}
    )


MAPPER = mapper()


def site(folder: Path, name: str, text: str) -> Path:
    """A site with one file of its own."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def test_every_commune_of_the_three_provinces_goes_where_the_resolution_says_or_waits() -> None:
    with (Path(__file__).parent / "phutho_communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    targets: dict[str, set[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    for r in rows:
        targets.setdefault(r["old_commune_code"], set()).add(r["new_commune_code"])
        places[r["old_commune_code"]] = (r["old_province_code"], r["old_district_code"])
    agencies = tuple(AgencyRow(f"X{c}", "", "commune", *places[c], c, "approved") for c in targets)
    at_work = mapper(agencies=agencies)
    wrong, waiting = [], set()
    for commune, wanted in targets.items():
        found = at_work.map("1", row(govAgencyCode=f"X{commune}", serviceCode=BIRTH), {}, SWEEP)
        if codes(found) == {"handling_agency_split"}:
            waiting.add(commune)
        elif codes(found) or {dossier_of(found).handling_agency.code} != wanted:
            wrong.append(commune)
    assert wrong == []
    assert waiting == {commune for commune, wanted in targets.items() if len(wanted) > 1}
    assert (len(targets), len(waiting)) == (479, 3)


def test_a_district_matter_that_communes_handle_now_goes_to_the_commune_of_the_place() -> None:
    found = MAPPER.map("1", row(govAgencyCode="D1", serviceCode=HOUSEHOLD_FIRM), {}, SWEEP)
    handling = dossier_of(found).handling_agency
    assert found.issues == ()
    assert (handling.code, handling.catalogue, handling.level) == ("08494", SINCE_MERGER, "commune")
    assert dossier_of(found).handling_rule == "district_to_commune"
    assert dossier_of(found).receiving_agency.code == "D1"


@pytest.mark.parametrize(("cells", "code", "about"), [
    ({"wardCode": "", "districtCode": "", "cityCode": ""}, "handling_place_unknown", "D1"),
    ({"wardCode": "99999"}, "handling_place_unknown", "99999"),
    ({"wardCode": "07903", "districtCode": "227", "cityCode": "25"}, "handling_place_outside", "07903"),
])  # fmt: skip
def test_a_place_that_is_not_certain_is_never_guessed(cells: dict[str, str], code: str, about: str) -> None:
    found = MAPPER.map("1", row(govAgencyCode="D1", serviceCode=HOUSEHOLD_FIRM, **cells), {}, SWEEP)
    (issue,) = [issue for issue in found.issues if issue.code.startswith("handling_")]
    assert (issue.code, issue.severity, issue.about) == (code, Severity.ERROR, about)
    assert dossier_of(found).handling_agency.code == "D1"


def test_a_place_in_a_split_commune_waits_with_its_candidates() -> None:
    luong_son = AgencyRow("D2", "UBND huyện Lương Sơn", "district", "17", "152", status="approved")
    cells = {"wardCode": "04957", "districtCode": "152", "cityCode": "17"}
    found = mapper(agencies=(luong_son,)).map(
        "1", row(govAgencyCode="D2", serviceCode=HOUSEHOLD_FIRM, **cells), {}, SWEEP
    )
    (issue,) = [issue for issue in found.issues if issue.code.startswith("handling_")]
    assert (issue.code, issue.about) == ("handling_place_split", "04924 04960")


def test_a_land_matter_of_a_district_waits_for_the_province() -> None:
    found = MAPPER.map("1", row(govAgencyCode="D1", serviceCode=LAND), {}, SWEEP)
    assert codes(found) == {"handling_land_undecided"}
    assert dossier_of(found).handling_rule == "district_land"


@pytest.mark.parametrize("service", ["2.000829", "NOI-BO-7"])
def test_a_district_matter_that_no_commune_handles_waits(service: str) -> None:
    found = MAPPER.map("1", row(govAgencyCode="D1", serviceCode=service), {}, SWEEP)
    assert "handling_procedure_undecided" in codes(found)


def test_a_department_becomes_that_of_the_new_province() -> None:
    handling = dossier_of(MAPPER.map("1", row(govAgencyCode="P1", serviceCode="2.000829"), {}, SWEEP)).handling_agency
    assert (handling.code, handling.catalogue, handling.name) == ("H44.19", AGENCIES_SINCE, "Sở Tư pháp")


@pytest.mark.parametrize(("name", "code"), [
    ("UBND tỉnh Hòa Bình", "H44"),
    ("Ủy ban nhân dân tỉnh Hòa Bình", "H44"),
    ("Văn phòng UBND tỉnh Hòa Bình", "H44.01"),
    ("Thanh tra tỉnh", "H44.23"),
    ("Sở Văn hoá, Thể thao và Du lịch Hoà Bình", "H44.20"),
])  # fmt: skip
def test_a_provincial_office_is_known_however_it_writes_its_province(name: str, code: str) -> None:
    office = AgencyRow("P9", name, "province", "17", status="approved")
    found = dossier_of(mapper(agencies=(office,)).map("1", row(govAgencyCode="P9", serviceCode="2.000829"), {}, SWEEP))
    assert found.handling_agency.code == code


def test_a_renamed_department_is_a_draft_until_somebody_approves_it(tmp_path: Path) -> None:
    cells = row(govAgencyCode="P2", serviceCode="2.000829")
    (issue,) = MAPPER.map("1", cells, {}, SWEEP).issues
    assert (issue.code, issue.about) == ("crosswalk_unapproved", "departments P2")
    assert dossier_of(mapper(is_rehearsal=True).map("1", cells, {}, SWEEP)).handling_agency.code == "H44.44"
    head = "old_name,new_name,status,source,note\n"
    approved = f"{head}Sở Giao thông vận tải,Sở Xây dựng,approved,Nghị quyết 1/NQ-HĐND,\n"
    own = mapper(site_dir=site(tmp_path, "crosswalks/departments.csv", approved))
    assert dossier_of(own.map("1", cells, {}, SWEEP)).handling_agency.code == "H44.44"


def test_another_province_works_by_data_alone(tmp_path: Path) -> None:
    head = "code,name,level,province_code,unit_code,valid_from,valid_to,source\n"
    folder = site(tmp_path, "crosswalks/new_agencies.csv", f"{head}H31.9,Sở Tư pháp,province,31,,2025-07-01,,thử\n")
    hai_duong = AgencyRow("Z1", "Sở Tư pháp tỉnh Hải Dương", "province", "30", status="approved")
    commune = AgencyRow("Z2", "UBND xã Thanh Lang", "commune", "30", "294", "10834", "approved")
    at_work = mapper(site_dir=folder, agencies=(hai_duong, commune))
    department = dossier_of(at_work.map("1", row(govAgencyCode="Z1", serviceCode="2.000829"), {}, SWEEP))
    assert department.handling_agency.code == "H31.9"
    assert dossier_of(at_work.map("1", row(govAgencyCode="Z2"), {}, SWEEP)).handling_agency.code == "10843"


def test_the_site_writes_its_own_rules_and_another_rule_is_another_mapping(tmp_path: Path) -> None:
    own = mapper(site_dir=site(tmp_path, "rules/competence.yaml", RULES.format(to="commune_of_place")))
    found = own.map("1", row(govAgencyCode="D1", serviceCode=LAND), {}, SWEEP)
    assert (dossier_of(found).handling_agency.code, dossier_of(found).handling_rule) == ("08494", "dat_dai_ve_xa")
    assert codes(own.map("1", row(govAgencyCode="D1", serviceCode=BIRTH), {}, SWEEP)) == {"handling_rule_missing"}
    assert own.version != MAPPER.version


@pytest.mark.parametrize(("text", "said", "line"), [
    (RULES.format(to="undecided"), "issue", 3),
    (RULES.format(to="di_dau_cung_duoc"), "rules.0.to", 3),
    (RULES.format(to="successor").replace("applicant", "thua_dat"), "thua_dat", 1),
    (RULES.format(to="successor") * 1 + RULES.format(to="successor").splitlines()[2] + "\n", "khai hai lần", 1),
    ("places: [applicant]\nrules: []\n", "rules", 2),
])  # fmt: skip
def test_rules_that_contradict_themselves_name_file_and_line(tmp_path: Path, text: str, said: str, line: int) -> None:
    with pytest.raises(ProfileError, match=said) as caught:
        mapper(site_dir=site(tmp_path, "rules/competence.yaml", text))
    assert (Path(caught.value.file).name, caught.value.line) == ("competence.yaml", line)


def test_a_table_of_departments_with_an_unknown_status_names_its_line(tmp_path: Path) -> None:
    text = "old_name,new_name,status,source,note\nSở A,Sở B,co_le,,\n"
    with pytest.raises(ProfileError, match="approved") as caught:
        mapper(site_dir=site(tmp_path, "crosswalks/departments.csv", text))
    assert caught.value.line == 2
