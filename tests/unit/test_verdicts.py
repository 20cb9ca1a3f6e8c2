"""Decisions of officials: what they describe, whom they settle, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.agencies import AgencyRow
from mappings.mapper import Mapper
from mappings.profile import ProfileError
from tests.profiles.opencps import SWEEP, codes, dossier_of, make_mapper, row

CAO_SON = AgencyRow("C1", "UBND xã Cao Sơn", "commune", "17", "152", "04957", "approved")
THERE = {"govAgencyCode": "C1", "wardCode": "04957", "districtCode": "152", "cityCode": "17"}
HEAD = "author: Sở Nội vụ\ndate: 2026-11-20\nnote: Công văn 12/SNV-CQ\ndecide:\n"
ONE, OTHER = "04924", "04960"
"""The two communes that Cao Sơn was divided between."""


def site(folder: Path, *lines: str, name: str = "cao-son.yaml") -> Path:
    file = folder / "decisions" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEAD + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")
    return folder


def at(folder: Path) -> Mapper:
    return make_mapper(agencies=(CAO_SON,), is_rehearsal=False, site_dir=folder)


def lives(address: str, **cells: str) -> dict[str, object]:
    return row(**THERE, address=address, **cells)


def test_a_village_settles_its_dossiers_and_no_other(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, f"{{cause: handling_agency_split, village: [xóm 1, Thôn Hòa], to: '{ONE}'}}"))
    for address in ("Số 3, xóm 1, Xã Cao Sơn", "XÓM 1", "thôn Hoà, xã Cao Sơn"):
        found = mapper.map("1", lives(address), {}, SWEEP)
        assert dossier_of(found).handling_agency.code == ONE, address
        assert dossier_of(found).handling_rule == "decision:cao-son#1"
        assert "handling_agency_split" not in codes(found)
    for address in ("xóm 12, Xã Cao Sơn", "xóm 2", "", "Thôn Hòa Bình 1"[:0]):
        assert "handling_agency_split" in codes(mapper.map("1", lives(address), {}, SWEEP)), address


def test_a_village_of_another_commune_is_another_village(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, f"{{cause: handling_agency_split, village: [xóm 1], to: '{ONE}'}}"))
    elsewhere = row(**{**THERE, "wardCode": "04948"}, address="xóm 1, Xã Trường Sơn")
    assert "handling_agency_split" in codes(mapper.map("1", elsewhere, {}, SWEEP))


def test_single_dossiers_are_named_by_old_key_or_by_code(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, f"{{dossiers: ['7', 000.01.21.H44-250602-0001], to: '{OTHER}'}}"))
    by_key = mapper.map("7", lives("", dossierNo="X"), {}, SWEEP)
    by_code = mapper.map("8", lives(""), {}, SWEEP)
    neither = mapper.map("9", lives("", dossierNo="X"), {}, SWEEP)
    assert [dossier_of(f).handling_agency.code for f in (by_key, by_code, neither)] == [OTHER, OTHER, "C1"]


def test_two_decisions_that_disagree_settle_nothing(tmp_path: Path) -> None:
    site(tmp_path, f"{{cause: handling_agency_split, agency: C1, to: '{ONE}'}}")
    folder = site(tmp_path, f"{{dossiers: ['7'], to: '{OTHER}'}}", name="rieng.yaml")
    assert "decision_conflict" in codes(at(folder).map("7", lives(""), {}, SWEEP))
    assert dossier_of(at(folder).map("8", lives(""), {}, SWEEP)).handling_agency.code == ONE


def test_a_commune_that_is_no_candidate_settles_nothing(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, "{cause: handling_agency_split, to: '08494'}"))
    assert "decision_not_a_candidate" in codes(mapper.map("1", lives(""), {}, SWEEP))


def test_what_the_rules_are_certain_of_no_decision_overrules(tmp_path: Path) -> None:
    lam_thao = AgencyRow("C2", "UBND thị trấn Lâm Thao", "commune", "25", "237", "08494", "approved")
    folder = site(tmp_path, f"{{dossiers: ['1'], to: '{ONE}'}}")
    mapper = make_mapper(agencies=(lam_thao,), is_rehearsal=False, site_dir=folder)
    assert dossier_of(mapper.map("1", row(govAgencyCode="C2"), {}, SWEEP)).handling_agency.code == "08494"


def test_an_agency_that_nobody_placed_is_settled_by_a_decision_too(tmp_path: Path) -> None:
    mapper = at(site(tmp_path, "{cause: handling_agency_unknown, agency: X9, to: H44.45}"))
    found = dossier_of(mapper.map("1", row(govAgencyCode="X9"), {}, SWEEP))
    assert (found.handling_agency.code, found.handling_agency.level) == ("H44.45", "province")


def test_a_decision_is_no_other_mapping_version(tmp_path: Path) -> None:
    before = at(tmp_path).version
    assert at(site(tmp_path, f"{{cause: handling_agency_split, to: '{ONE}'}}")).version == before


@pytest.mark.parametrize(("line", "said"), [
    ("{cause: handling_agency_split, to: '99999'}", "99999"),
    ("{village: [xóm 1], to: '04924'}", "cause"),
    ("{cause: due_missing, to: '04924'}", "cause"),
    ("{cause: handling_agency_split, vilage: [xóm 1], to: '04924'}", "vilage"),
    ("{cause: handling_agency_split, village: [','], to: '04924'}", "trống"),
])  # fmt: skip
def test_a_decision_that_cannot_be_right_names_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ProfileError, match=said) as caught:
        at(site(tmp_path, line))
    assert (Path(caught.value.file).name, caught.value.line) == ("cao-son.yaml", 5)


def test_a_decision_without_author_or_ground_is_refused(tmp_path: Path) -> None:
    folder = site(tmp_path, "{cause: handling_agency_split, to: '04924'}")
    file = folder / "decisions" / "cao-son.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("author: Sở Nội vụ\n", ""), encoding="utf-8")
    with pytest.raises(ProfileError, match="author"):
        at(folder)
