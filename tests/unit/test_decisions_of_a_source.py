"""Decisions of a site with several kinds of old software: each reaches the one that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.site import Site, SiteError, SiteSettings, load_site
from flows.site_files import write_site
from flows.workplace import source_decisions
from mappings.decisions import check_decisions
from mappings.declared import ProfileError
from mappings.profile import load_profile

SOURCES = {
    "one": {"url_env": "A", "profile": "opencps_v2", "zone": "UTC", "decisions": {"status.pausing": 4}},
    "two": {"url_env": "B", "profile": "cmon", "zone": "Asia/Ho_Chi_Minh", "id": "hai", "decisions": {"status.17": 4}},
}


def site(tmp_path: Path, decisions: dict[str, str]) -> Site:
    target = {"rehearsal": "var/r.sqlite"}
    said = {"name": "x", "cutoff": "2025-07-01", "sources": SOURCES, "target": target, "decisions": decisions}
    return Site(tmp_path, SiteSettings.model_validate(said), {})


def test_a_source_follows_its_own_decisions_and_those_of_the_site_that_it_asks_about(tmp_path: Path) -> None:
    both = site(tmp_path, {"originality.4": "migrate", "received_after_cutoff": "migrate"})
    opencps, cmon = load_profile("opencps_v2"), load_profile("cmon")
    assert source_decisions(both, "one", opencps) == {
        "originality.4": "migrate", "received_after_cutoff": "migrate", "status.pausing": "4",
    }  # fmt: skip
    found = source_decisions(both, "hai", cmon)
    assert found == {"received_after_cutoff": "migrate", "status.17": "4"}
    check_decisions(cmon, found)


def test_a_decision_that_no_source_asks_about_is_still_refused(tmp_path: Path) -> None:
    cmon = load_profile("cmon")
    with pytest.raises(ProfileError, match="khong_co"):
        check_decisions(cmon, source_decisions(site(tmp_path, {"khong_co.1": "migrate"}), "hai", cmon))


@pytest.mark.parametrize("key", ["status.17", "filed_order"])
def test_a_code_or_column_of_one_software_is_not_decided_for_all(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=r"sources\.<nguồn>\.decisions"):
        site(tmp_path, {key: "4"})


def test_a_new_site_takes_the_zone_that_its_profile_suggests(tmp_path: Path) -> None:
    for profile, zone in (("opencps_v2", "UTC"), ("cmon", "Asia/Ho_Chi_Minh")):
        write_site(tmp_path / profile, name="x", source="cu", is_rehearsal=True, files="f", profile=profile)
        settings = load_site(tmp_path / profile).settings.sources["cu"]
        assert (settings.profile, settings.zone) == (profile, zone)
    with pytest.raises(ProfileError, match="khong-co"):
        write_site(tmp_path / "la", name="x", source="cu", is_rehearsal=True, files="f", profile="khong-co")
    with pytest.raises(SiteError):
        load_site(tmp_path / "la")
