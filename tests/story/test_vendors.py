"""A province whose new system is a vendor's: what its API cannot hold is counted, everything else is matched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.story.stage import as_seeded, ledger_rows, lienthong, make_ready, manifest, report, status

VENDORS = {"opencps": "profile: opencps_v2, params: {groupId: '20126'}", "td": "profile: td_dichvucong"}
NOT_HELD = {"opencps": set[str](), "td": {"TepDinhKem[]"}}
"""Fields that compare finds different by design."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_ready(tmp_path_factory.mktemp("vendors") / "site", 200, seed=4)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_province_moves_into_a_vendors_system_and_every_loss_is_told_before_and_after(
    ready: Path, tmp_path: Path, vendor: str
) -> None:
    site = Path(shutil.copytree(ready, tmp_path / "site"))
    file = site / "site.yaml"
    target = f"target: {{connector: rest, {VENDORS[vendor]}, rehearsal: var/{vendor}.sqlite, mode: {vendor}}}"
    file.write_text(re.sub(r"^target:.*$", target, file.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")
    check = lienthong("check", site)
    told = check.stdout + check.stderr
    assert all(words in told for words in ("MẤT: ", "taking_back", "silence"))
    assert ("MẤT: API chỉ nhận tệp" in told) == bool(NOT_HELD[vendor])

    lienthong("push", site, expect=1)
    lienthong("compare", site, expect=1)
    wanted = manifest(site)
    as_seeded(status(site)["sources"]["phutho_cu"], wanted)
    verdict, found = (report(site)[part] for part in ("verdict", "total"))
    assert ("nội dung tệp đính kèm (" in verdict["explanation"]) == bool(NOT_HELD[vendor])
    assert {(d["kind"], d["field"]) for d in found["differences"]} == {("by_design", f) for f in NOT_HELD[vendor]}
    assert found["read_back"] == found["held_by_target"] == wanted["in_scope"] - wanted["quarantined"]
    assert found["unknown_in_target"] == 0

    intents = ledger_rows(site, "SELECT count(*) FROM intent")
    lienthong("push", site, expect=1)
    assert ledger_rows(site, "SELECT count(*) FROM intent") == intents
