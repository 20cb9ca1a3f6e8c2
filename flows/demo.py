"""The demo site: a complete rehearsal on SQLite, and its figures held against what the generator seeded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from connectors.rehearsal import cmon, dong_nai, fss_hshcqh, opencps_v1, opencps_v2, so_theo_doi, td_dichvucong, xml_mau
from connectors.rehearsal.sample import Progress, SampleRequest
from flows import screen
from flows.figures import Status
from flows.ledger_schema import QUARANTINED
from flows.site import Site, SiteError, load_site, make_private, mark_rehearsal
from flows.site_files import write_site
from flows.workplace import system_clock
from mappings.profile import load_profile

SOURCE = "phutho_cu"
MARK = ".lienthong-demo"
GENERATORS: Final = {
    opencps_v2.PROFILE: opencps_v2.generate,
    opencps_v1.PROFILE: opencps_v1.generate,
    cmon.PROFILE: cmon.generate,
    td_dichvucong.PROFILE: td_dichvucong.generate,
    dong_nai.PROFILE: dong_nai.generate,
    fss_hshcqh.PROFILE: fss_hshcqh.generate,
    so_theo_doi.PROFILE: so_theo_doi.generate,
    xml_mau.PROFILE: xml_mau.generate,
}
"""Profile → what fills such an old system."""


def prepare(folder: Path, *, dossiers: int, seed: int, profile: str = opencps_v2.PROFILE) -> None:
    """Make the site and fill its old database; a demo site that is there already is made anew."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise SiteError(f"{folder} đã có dữ liệu và không phải site diễn tập do lệnh này tạo. Chọn thư mục khác.")
        shutil.rmtree(folder)
    old_url = "sqlite:///var/old.sqlite"
    write_site(
        folder, name="phutho", source=SOURCE, is_rehearsal=True, old_url=old_url, files="var/old_files", profile=profile
    )
    (folder / MARK).write_text("Site diễn tập do lienthong demo tạo; có thể xóa.\n", encoding="utf-8")
    fill(
        folder,
        source=SOURCE,
        url="" if load_profile(profile).reading.kind_of_files else old_url,
        dossiers=dossiers,
        seed=seed,
        is_clean=False,
    )


def fill(path: Path, *, source: str, url: str, dossiers: int, seed: int, is_clean: bool) -> None:
    """Fill an empty database, or a folder of books or XML, with rehearsal data for a source; mark the site as one."""
    site = load_site(path)
    name = source or next(iter(site.settings.sources))
    chosen = site.settings.sources.get(name)
    if chosen is None:
        raise SiteError(f"site.yaml không có nguồn {name}; có: {', '.join(site.settings.sources)}.")
    declared = load_profile(chosen.profile, site.path)
    if (declared.reading.kind_of_files or "sql") != chosen.connector:
        raise SiteError(f"Nguồn {name}: profile {chosen.profile} không đọc được {chosen.connector}.")
    if bool(url) == (chosen.path is not None):
        raise SiteError(f"Nguồn {name}: cơ sở dữ liệu thì cần --url; tệp thì ghi vào path, không có --url.")
    generate = _generator(site, chosen.profile)
    make_private(site.var)
    request = SampleRequest(
        url=site.database_url(url) if chosen.path is None else str(site.path / chosen.path),
        dossiers=dossiers,
        seed=seed,
        zone=chosen.zone,
        cutoff=site.settings.cutoff,
        files_dir=None if chosen.files is None else site.path / chosen.files,
        manifest_path=manifest_file(site, name),
        is_clean=is_clean,
        now=system_clock(),
    )
    with screen.progress_bars() as progress:
        manifest = generate(request, lambda done: progress("sample", done, dossiers))
    mark_rehearsal(site.path)
    screen.say(
        f"Đã đổ {screen.number(manifest['found'])} dòng hồ sơ diễn tập (hạt giống {seed}); site là site diễn tập.\n"
        f"Danh sách lỗi đã gieo: {manifest_file(site, name)}"
    )


def _generator(site: Site, name: str) -> Callable[[SampleRequest, Progress], dict[str, Any]]:
    """What fills the old system of a profile, or of the one that it extends."""
    profile = load_profile(name, site.path)
    while profile.name not in GENERATORS and profile.extends:
        profile = load_profile(profile.extends, site.path)
    if profile.name not in GENERATORS:
        raise SiteError(f"Không có bộ sinh dữ liệu diễn tập cho profile {name}; có: {', '.join(GENERATORS)}.")
    return GENERATORS[profile.name]


def manifest_file(site: Site, source: str) -> Path:
    """What was seeded into a source; a site of one source needs no name for it."""
    return site.var / ("manifest.json" if len(site.settings.sources) == 1 else f"manifest-{source}.json")


def compare_with_manifest(status: Status, manifest_file: Path) -> list[str]:
    """Every figure that is not what was seeded; empty when all are."""
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    total = status.total
    mistakes = []
    if not total.balanced:
        mistakes.append("phương trình không cân")
    expected = {
        "tìm thấy": (manifest["found"], total.found),
        "trong phạm vi": (manifest["in_scope"], total.in_scope),
        "cách ly": (manifest["quarantined"], total.states.get(QUARANTINED, 0)),
        "khớp": (manifest["in_scope"] - manifest["quarantined"], total.states.get("MATCHED", 0)),
    }
    mistakes += [
        f"{name}: gieo {seeded}, thấy {found}" for name, (seeded, found) in expected.items() if seeded != found
    ]
    mistakes += _kinds(manifest["kinds"], status)
    return mistakes


def _kinds(kinds: list[dict[str, Any]], status: Status) -> list[str]:
    seeded: dict[tuple[str, str], int] = {}
    for kind in kinds:
        for what in ("code", "rule"):
            if kind.get(what):
                where = (what, kind[what])
                seeded[where] = seeded.get(where, 0) + kind["count"]
    found = {("code", code): n for code, n in status.total.issues.items()}
    found |= {("rule", rule): n for rule, n in (*status.total.excluded.items(), *status.total.decided.items())}
    return [
        f"{name}: gieo {seeded.get((what, name), 0)}, thấy {found.get((what, name), 0)}"
        for what, name in sorted(set(seeded) | set(found))
        if seeded.get((what, name), 0) != found.get((what, name), 0)
    ]
