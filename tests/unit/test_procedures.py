"""What became of a procedure: the table of successors, and the competence, version and papers of dossiers under it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from mappings.agencies import AgencyRow
from mappings.cells import VIETNAM, Cell
from mappings.mapper import Mapper
from mappings.model import PROCEDURES_BEFORE, Mapped, Severity
from mappings.procedures import COLUMNS, Successors, read_successors
from mappings.profile import ProfileError
from tests.profiles.opencps import SWEEP, codes, dossier_of, file, make_mapper, row

TOWN = AgencyRow("C1", "UBND thị trấn Lâm Thao", "commune", "25", "237", "08494", "approved")
DISTRICT = AgencyRow("D1", "UBND huyện Lâm Thao", "district", "25", "237", status="approved")
DEATH, CERTIFICATE, GONE = "1.000656", "1.004873", "1.099001"
CATALOGUE = frozenset({DEATH, CERTIFICATE, "2.002835", "1.014716"})
PROVINCES = frozenset({"25", "31"})
TODAY = date(2026, 11, 25)
PLACE: dict[str, Cell] = {"govAgencyCode": "C1"}


def site(folder: Path, *rows: str, name: str = "procedures.csv", head: tuple[str, ...] = COLUMNS) -> Path:
    """A site with one table of its own."""
    file = folder / "crosswalks" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join((",".join(head), *rows)) + "\n", encoding="utf-8")
    return folder


def line(code: str, target: str, **cells: str) -> str:
    """An approved row of the table."""
    usual = {
        "code": code, "target": target, "relation": "replaced" if target else "repealed", "decision": "1/QĐ-UBND",
        "status": "approved", "source": "Công báo", "author": "Sở Tư pháp",
    }  # fmt: skip
    made = usual | cells
    return ",".join(made.get(name, "") for name in COLUMNS)


def table(folder: Path, *rows: str, today: date = TODAY, with_drafts: bool = False) -> Successors:
    return read_successors(site(folder, *rows), CATALOGUE, PROVINCES).on(today, with_drafts=with_drafts)


def at(folder: Path | None = None, *, is_rehearsal: bool = False) -> Mapper:
    return make_mapper(agencies=(TOWN, DISTRICT), is_rehearsal=is_rehearsal, site_dir=folder)


def filed(mapper: Mapper, code: str, **cells: Cell) -> Mapped:
    return mapper.map("1", row(**PLACE, serviceCode=code, **cells), {}, SWEEP)


# ---------------------------------------------------------------- the table


def test_chains_are_followed_to_the_code_of_today(tmp_path: Path) -> None:
    found = table(tmp_path, line("1.1", "1.2"), line("1.2", DEATH), line("1.3", "1.2", province="31"))
    assert [found.fate(code, "25").code for code in ("1.1", "1.2", DEATH)] == [DEATH] * 3
    assert found.fate("1.3", "25").code == "1.3"
    assert found.fate("1.3", "31").code == DEATH


def test_a_repeal_in_one_province_is_no_repeal_elsewhere(tmp_path: Path) -> None:
    found = table(tmp_path, line(DEATH, "", province="31"))
    assert found.fate(DEATH, "31").is_gone
    assert not found.fate(DEATH, "25").is_gone
    assert not found.fate(DEATH, "").is_gone


def test_a_row_holds_from_its_first_day_to_the_day_before_its_last(tmp_path: Path) -> None:
    rows = (
        line(GONE, DEATH, valid_from="2025-07-01", valid_to="2027-01-01"),
        line(GONE, CERTIFICATE, valid_from="2027-01-01"),
    )
    days = {date(2026, 12, 31): DEATH, date(2027, 1, 1): CERTIFICATE, date(2025, 6, 30): GONE}
    assert {day: table(tmp_path, *rows, today=day).fate(GONE, "").code for day in days} == days


def test_a_draft_serves_a_rehearsal_only_and_the_site_may_reject_it(tmp_path: Path) -> None:
    draft = line(GONE, DEATH, status="draft")
    assert table(tmp_path, draft).fate(GONE, "").is_gone
    assert table(tmp_path, draft, with_drafts=True).fate(GONE, "").code == DEATH
    rejected = line("1.011516", "2.002835", status="rejected")
    assert table(tmp_path, rejected, with_drafts=True).fate("1.011516", "25").is_gone
    assert table(tmp_path, draft, with_drafts=True).fate("1.011516", "25").code == "2.002835"


def test_a_code_that_is_no_national_one_is_not_gone_but_unknown(tmp_path: Path) -> None:
    found = table(tmp_path, line("TT40_BVHTTDL", DEATH))
    assert found.fate("TT40_BVHTTDL", "25").code == DEATH
    assert not found.fate("NOI-BO-7", "25").is_gone
    assert found.fate(GONE, "25").is_gone


@pytest.mark.parametrize(("rows", "said", "number"), [
    ((line(GONE, DEATH), line(GONE, DEATH)), "hai lần", 3),
    ((line(GONE, DEATH), line(GONE, CERTIFICATE)), "trái với dòng 2", 3),
    ((line(GONE, DEATH, valid_to="2027-01-01"), line(GONE, "", valid_from="2026-01-01")), "trái với dòng 2", 3),
    ((line(GONE, "1.2"), line("1.2", "1.3"), line("1.3", GONE)), "đi vòng: 1.099001 → 1.2 → 1.3 → 1.099001", 2),
    ((line("1.2", "1.3", province="31"), line("1.3", "1.2")), "đi vòng", 2),
    ((line(GONE, GONE),), "đi vòng", 2),
    ((line(DEATH, "2.002835"), line(GONE, "9.999999")), "9.999999", 3),
    ((line("1.099001.000.00.00.H44", DEATH),), "mã trần", 2),
    ((line(GONE, DEATH, decision=""),), "decision", 2),
    ((line(GONE, DEATH, relation="repealed"),), "target", 2),
    ((line(GONE, "", relation="replaced"),), "target", 2),
    ((line(GONE, DEATH, status="xong"),), "approved", 2),
    ((line(GONE, DEATH, province="99"),), "99", 2),
    ((line(GONE, DEATH, valid_from="01/7/2025"),), "YYYY-MM-DD", 2),
    ((line(GONE, DEATH, valid_from="2026-01-01", valid_to="2025-01-01"),), "YYYY-MM-DD", 2),
])  # fmt: skip
def test_a_table_that_cannot_be_right_names_file_line_and_cause(
    tmp_path: Path, rows: tuple[str, ...], said: str, number: int
) -> None:
    with pytest.raises(ProfileError, match=said) as caught:
        table(tmp_path, *rows)
    assert (Path(caught.value.file).name, caught.value.line) == ("procedures.csv", number)


def test_what_is_shipped_can_be_read_and_decides_nothing_for_a_real_site() -> None:
    shipped = read_successors(None, CATALOGUE, PROVINCES)
    assert shipped.on(TODAY, with_drafts=False).rows == {}
    drafts = shipped.on(TODAY, with_drafts=True)
    assert drafts.fate("1.011516", "25").code == "2.002835"
    assert drafts.rows[("1.000280", "31")] == ""
    assert ("1.011606", "31") not in drafts.rows  # repealed from 2027 on


# ---------------------------------------------------------------- dossiers


@pytest.mark.parametrize("code", [GONE, "1.099001.000.00.00.H44", "1.099001.H44"])
def test_an_open_dossier_of_a_procedure_that_is_gone_waits(code: str) -> None:
    found = filed(at(), code)
    (issue,) = found.issues
    assert (issue.code, issue.severity, issue.about) == ("handling_procedure_gone", Severity.ERROR, GONE)
    assert dossier_of(found).handling_agency.code == "C1"


def test_a_rule_that_names_a_procedure_which_is_gone_settles_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules" / "competence.yaml"
    rules.parent.mkdir()
    told = f"{{rule: bai_bo, when: {{procedure: ['{GONE}']}}, to: successor, note: Công văn 12/STP}}"
    rest = "{rule: con_lai, when: {}, to: successor, note: Luật 72/2025/QH15}"
    rules.write_text(f"places: [applicant]\nrules:\n  - {told}\n  - {rest}\n", encoding="utf-8")
    mapper = at(tmp_path)
    assert dossier_of(filed(mapper, GONE)).handling_rule == "bai_bo"
    assert filed(mapper, GONE).issues == ()
    assert codes(filed(mapper, "1.099002")) == {"handling_procedure_gone"}


def test_a_closed_dossier_of_it_goes_where_the_rules_say_for_it_is_only_looked_up() -> None:
    closed = {"dossierStatus": "done", "finishDate": "2025-06-10 02:00:00", "releaseDate": "2025-06-10 02:00:00"}
    found = filed(at(), GONE, **closed)
    assert codes(found) == {"procedure_gone_closed"}
    assert (dossier_of(found).handling_agency.code, dossier_of(found).procedure_code) == ("08494", GONE)


def test_a_successor_changes_the_procedure_but_neither_the_version_nor_the_due_date(tmp_path: Path) -> None:
    found = filed(at(site(tmp_path, line(GONE, DEATH))), "1.099001.000.00.00.H44", serviceName="Tên lúc nộp")
    dossier = dossier_of(found)
    assert codes(found) == {"procedure_succeeded"}
    assert (dossier.procedure_code, dossier.old_procedure_code) == (DEATH, "1.099001.000.00.00.H44")
    version = dossier.procedure_version
    assert version is not None
    assert (version.code, version.catalogue, version.name) == (
        "1.099001.000.00.00.H44", PROCEDURES_BEFORE, "Tên lúc nộp",
    )  # fmt: skip
    assert dossier.due_at == datetime(2025, 6, 16, 9, tzinfo=VIETNAM)
    assert dossier.handling_rule == "commune_successor"


def test_the_competence_is_that_of_the_successor(tmp_path: Path) -> None:
    cells: dict[str, Cell] = {"govAgencyCode": "D1", "serviceCode": GONE}
    household_firm = at(site(tmp_path, line(GONE, "1.001612"))).map("1", row(**cells), {}, SWEEP)
    assert dossier_of(household_firm).handling_rule == "district_to_commune"
    land = at(site(tmp_path, line(GONE, "1.012753"))).map("1", row(**cells), {}, SWEEP)
    assert codes(land) == {"procedure_succeeded", "handling_land_undecided"}


def test_a_private_code_is_asked_of_the_source_first_and_of_the_table_then(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, line("TT40_BVHTTDL", DEATH), line("HT-07", CERTIFICATE)))
    assert dossier_of(filed(mapper, "TT40_BVHTTDL")).procedure_code == DEATH
    assert dossier_of(filed(mapper, "HT-07")).procedure_code == "1.001193"
    assert codes(filed(mapper, "NOI-BO-7")) == {"procedure_unmapped"}


def test_a_source_that_knows_the_decision_pins_it_too(tmp_path: Path) -> None:
    profile = tmp_path / "profiles" / "opencps_v2.yaml"
    profile.parent.mkdir()
    profile.write_text("extends: opencps_v2\nprocedure: {decision: documentNo}\n", encoding="utf-8")
    version = dossier_of(filed(at(tmp_path), DEATH, documentNo="12/QĐ-BTP")).procedure_version
    assert version is not None
    assert version.decision == "12/QĐ-BTP"


def test_another_table_is_another_mapping_and_a_row_of_tomorrow_is_not(tmp_path: Path) -> None:
    before = at(tmp_path).version
    assert at(site(tmp_path, line(GONE, DEATH))).version != before
    assert at(site(tmp_path, line(GONE, DEATH, valid_from="2030-01-01"))).version == before


# ---------------------------------------------------------------- decisions


def decided(folder: Path, *decisions: str) -> Path:
    file = folder / "decisions" / "bai-bo.yaml"
    file.parent.mkdir(parents=True)
    head = "author: Sở Tư pháp\ndate: 2026-11-20\nnote: Công văn 12/STP\ndecide:\n"
    file.write_text(head + "".join(f"  - {one}\n" for one in decisions), encoding="utf-8")
    return folder


def test_a_decision_names_the_successor_and_the_rules_choose_the_agency(tmp_path: Path) -> None:
    mapper = at(decided(tmp_path, f"{{procedure: {GONE}, procedure_to: {DEATH}}}"))
    dossier = dossier_of(filed(mapper, "1.099001.000.00.00.H44"))
    assert codes(filed(mapper, GONE)) == {"procedure_succeeded"}
    assert (dossier.procedure_code, dossier.handling_agency.code) == (DEATH, "08494")
    assert dossier.handling_rule == "decision:bai-bo#1 + commune_successor"
    assert codes(filed(mapper, "1.099002")) == {"handling_procedure_gone"}


def test_a_decision_names_who_goes_on_with_a_procedure_that_is_gone(tmp_path: Path) -> None:
    mapper = at(decided(tmp_path, f"{{cause: handling_procedure_gone, procedure: {GONE}, to: H44.45}}"))
    found = filed(mapper, GONE)
    assert found.issues == ()
    assert (dossier_of(found).handling_agency.code, dossier_of(found).procedure_code) == ("H44.45", GONE)


def test_a_successor_may_leave_another_question_that_another_decision_answers(tmp_path: Path) -> None:
    land = f"{{procedure: {GONE}, procedure_to: 1.012753}}"
    cells: dict[str, Cell] = {"govAgencyCode": "D1", "serviceCode": GONE}
    found = at(decided(tmp_path / "a", land)).map("1", row(**cells), {}, SWEEP)
    assert codes(found) == {"procedure_succeeded", "handling_land_undecided"}
    assert dossier_of(found).handling_rule == "decision:bai-bo#1 + district_land"
    both = at(decided(tmp_path / "b", land, "{cause: handling_land_undecided, agency: D1, to: H44.45}"))
    found = both.map("1", row(**cells), {}, SWEEP)
    assert codes(found) == {"procedure_succeeded"}
    assert dossier_of(found).handling_rule == "decision:bai-bo#1 + decision:bai-bo#2"
    assert dossier_of(found).handling_agency.code == "H44.45"


def test_two_successors_for_one_procedure_settle_nothing(tmp_path: Path) -> None:
    one, other = (f"{{procedure: {GONE}, procedure_to: {code}}}" for code in (DEATH, CERTIFICATE))
    assert codes(filed(at(decided(tmp_path, one, other)), GONE)) == {"decision_conflict"}


@pytest.mark.parametrize(("decision", "said"), [
    (f"{{procedure: {GONE}, procedure_to: '9.999999'}}", "9.999999"),
    (f"{{procedure: {GONE}}}", "procedure_to"),
    (f"{{procedure: {GONE}, to: H44.45, procedure_to: {DEATH}}}", "procedure_to"),
])  # fmt: skip
def test_a_decision_about_a_procedure_that_cannot_be_right_names_its_line(
    tmp_path: Path, decision: str, said: str
) -> None:
    with pytest.raises(ProfileError, match=said) as caught:
        at(decided(tmp_path, decision))
    assert (Path(caught.value.file).name, caught.value.line) == ("bai-bo.yaml", 5)


# ---------------------------------------------------------------- papers

PAPERS = ("procedure", "component", "key", "name", "source")
FORM = "Tờ khai đăng ký khai tử theo mẫu (nếu người có yêu cầu lựa chọn nộp hồ sơ theo hình thức trực tiếp);"


def component(mapper: Mapper, code: str, **cells: Cell) -> str:
    found = mapper.map("1", row(**PLACE, serviceCode=code), {"files": [file(1, part="TP01", **cells)]}, SWEEP)
    (paper,) = dossier_of(found).papers
    assert found.issues == ()
    assert paper.kind == "1"
    return paper.component


def test_a_paper_with_the_name_of_a_component_is_that_component() -> None:
    mapper = at()
    assert component(mapper, DEATH, displayName=FORM) == "1.000656-26"
    assert component(mapper, DEATH, displayName=f"-  {FORM.upper()}") == "1.000656-26"
    assert component(mapper, DEATH, displayName="Tờ khai đăng ký khai tử") == ""
    assert component(mapper, CERTIFICATE, displayName=FORM) == ""


def test_the_name_in_the_template_counts_before_the_name_somebody_typed() -> None:
    parts = [{"templateNo": "MHS", "partNo": "TP01", "partName": FORM}]
    mapper = make_mapper(agencies=(TOWN,), is_rehearsal=False, references={"parts": parts})
    assert component(mapper, DEATH, displayName="ảnh chụp 1") == "1.000656-26"


def test_a_site_adds_names_of_its_own(tmp_path: Path) -> None:
    site(tmp_path, f"{DEATH},{DEATH}-26,,Tờ khai khai tử,Sở Tư pháp", name="procedure_papers.csv", head=PAPERS)
    mapper = at(tmp_path)
    assert component(mapper, DEATH, displayName="TỜ KHAI KHAI TỬ") == f"{DEATH}-26"
    assert component(mapper, DEATH, displayName=FORM) == f"{DEATH}-26"
    assert mapper.version != at().version


@pytest.mark.parametrize(("rows", "said", "number"), [
    ((f"{DEATH},A,,Tờ khai,x", f"{DEATH},B,,TỜ KHAI,x"), "hai lần", 3),
    ((f"{DEATH},A,,,x",), "name", 2),
    ((f"{DEATH},A,,--,x",), "name", 2),
])  # fmt: skip
def test_a_table_of_papers_that_contradicts_itself_names_its_line(
    tmp_path: Path, rows: tuple[str, ...], said: str, number: int
) -> None:
    site(tmp_path, *rows, name="procedure_papers.csv", head=PAPERS)
    with pytest.raises(ProfileError, match=said) as caught:
        at(tmp_path)
    assert (Path(caught.value.file).name, caught.value.line) == ("procedure_papers.csv", number)
