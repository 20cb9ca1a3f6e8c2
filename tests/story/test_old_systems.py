"""Every old system on its own kind of database: filled by `sample`, taken through all five stages, and added up.

A new old system is a line of SYSTEMS. CMON, Đồng Nai and OpenCPS stand together in test_cmon.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from flows.site_files import write_site
from tests.story.stage import as_seeded, lienthong, manifest, status
from tests.story.test_twins import run

SYSTEMS = {
    "td_dichvucong": "make_mssql",
    "fss_hshcqh": "make_mssql",
}
"""Profile → what makes the database that such a software stood on."""
FURTHER = {"fss_hshcqh": "portal"}
"""Profile → its name of a further database on that server."""
DOSSIERS = "120"


@pytest.mark.parametrize("profile", SYSTEMS)
def test_an_old_system_is_carried_over_and_every_kind_of_dirt_is_found(
    profile: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    make_database = request.getfixturevalue(SYSTEMS[profile])
    site, url = tmp_path / "site", str(make_database())
    if profile in FURTHER:
        url = f"{url}&database.{FURTHER[profile]}={make_url(make_database()).database}"
    files = "var/old_files"
    write_site(site, name="thu", source="cu", is_rehearsal=True, old_url=url, files=files, profile=profile)
    lienthong("sample", site, "--url", url, "--dossiers", DOSSIERS)
    run(site)
    found = status(site)
    assert found["balanced"]
    as_seeded(found["sources"]["cu"], manifest(site))
