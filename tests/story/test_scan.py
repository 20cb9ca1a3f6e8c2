"""``lienthong scan``: an unknown database is looked at, told without a person in it, and a profile is drafted."""

from __future__ import annotations

import importlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.rehearsal.sample import SampleRequest
from flows.scan import ScanOptions, scan_source
from flows.site import Site, load_site
from flows.site_files import write_site
from mappings.declared import SHIPPED
from mappings.draft_profile import DraftText
from mappings.field_guess import read_dictionary
from mappings.known_profiles import columns_of
from mappings.personal import column_kinds
from mappings.profile import load_profile
from tests.story.stage import ROOT, lienthong
from validations.scan_report import Scan

SOURCE = "cu"
LEAST_RIGHT, LEAST_PRECISE, LEAST_SURE = 0.8, 0.9, 0.9
HARD: Mapping[str, float] = {"opencps_v1": 0.77}
"""Share of right fields where a draft falls short (docs/limits.md): v1 keeps the names of steps, the proofs of payments
and accounts of applicants behind rows that a draft does not look up. The floor keeps it from getting worse."""
RELATIVES: Mapping[str, tuple[str, ...]] = {
    "opencps_v1": ("opencps_v2",), "opencps_v2": ("opencps_v1",), "cmon": ("cmon_exch",),
}  # fmt: skip
"""Systems of the dictionary that are of one family with a profile, or read the same tables: left out with it."""


def is_database(system: str) -> bool:
    """Whether a profile reads a database: files are shaped by a profile before they can be looked at."""
    reading = load_profile(system).reading
    return reading.xml is None and reading.spreadsheet is None


SYSTEMS = sorted(
    file.stem
    for file in (SHIPPED / "profiles").glob("*.yaml")
    if is_database(file.stem) and (ROOT / "connectors" / "rehearsal" / f"{file.stem}.py").exists()
)
"""Shipped profiles that a generator fills a database for."""
PERSONAL = ("name", "id", "phone", "email", "address")


@dataclass(frozen=True)
class Old:
    """A site with the rehearsal database of one system, and what a scan makes of it without knowing that system."""

    system: str
    site: Path
    scan: Scan
    draft: DraftText

    @property
    def database(self) -> Path:
        return self.site / "var" / "old.sqlite"


@pytest.fixture(scope="module", params=SYSTEMS)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Old:
    folder = tmp_path_factory.mktemp("scan") / "site"
    make_site(folder)
    importlib.import_module(f"connectors.rehearsal.{request.param}").generate(
        SampleRequest(
            url=f"sqlite:///{folder / 'var' / 'old.sqlite'}",
            dossiers=200,
            seed=5,
            zone="Asia/Ho_Chi_Minh",
            cutoff=date(2025, 7, 1),
            files_dir=None,
            manifest_path=folder / "var" / "manifest.json",
            now=datetime(2025, 8, 1, 9),
        )
    )
    unknown = read_dictionary([request.param, *RELATIVES.get(request.param, ())])
    found, draft = scan_source(load_site(folder), ScanOptions(SOURCE), lambda done, total: None, unknown)
    assert draft is not None
    return Old(request.param, folder, found, draft)


def make_site(folder: Path) -> Site:
    """A site whose source names a profile that nobody has written yet."""
    write_site(folder, name="la", source=SOURCE, is_rehearsal=True, old_url="sqlite:///var/old.sqlite", files="var/f")
    (folder / "var" / "f").mkdir()
    file = folder / "site.yaml"
    text = file.read_text(encoding="utf-8").replace("profile: opencps_v2", "profile: phan_mem_la")
    file.write_text(text.replace("zone: UTC", "zone: Asia/Ho_Chi_Minh"), encoding="utf-8")
    return load_site(folder)


def wanted(system: str) -> dict[str, set[tuple[str, str]]]:
    """Field → (table, column) from which the shipped profile fills it.

    Every field that it takes from a column counts, also from one of a row that it looks up; stretches of a history
    (supplements, pauses), what is kept without a field (extra) and ties to other dossiers (links) do not: a draft
    makes no suggestion for them.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for known in columns_of(load_profile(system)):
        found.setdefault(known.field, set()).add((known.table.lower(), known.column.lower()))
    return found


def drafted(old: Old) -> dict[str, set[tuple[str, str]]]:
    """Field → every (table, column) from which the draft, read back as a profile, fills it."""
    (old.site / "profiles" / "phan_mem_la.yaml").write_text(old.draft.profile, encoding="utf-8")
    found: dict[str, set[tuple[str, str]]] = {}
    for known in columns_of(load_profile("phan_mem_la", old.site)):
        found.setdefault(known.field, set()).add((known.table.lower(), known.column.lower()))
    return found


def test_a_draft_has_most_mapped_fields_right_although_the_system_is_not_in_the_dictionary(old: Old) -> None:
    right_ones, said = wanted(old.system), drafted(old)
    right = {field for field, columns in right_ones.items() if said.get(field, set()) & columns}
    wrong = [(field, at) for field, places in said.items() for at in places if at not in right_ones.get(field, set())]
    recall, precision = len(right) / len(right_ones), 1 - len(wrong) / sum(map(len, said.values()))
    print(f"{old.system}: {len(right)}/{len(right_ones)} fields right = {recall:.1%}, precision {precision:.1%}")
    assert recall >= HARD.get(old.system, LEAST_RIGHT), sorted(right_ones.keys() - right)
    assert precision >= LEAST_PRECISE, sorted(wrong)


def test_a_sure_suggestion_is_nearly_always_right(old: Old) -> None:
    """One for a field that the shipped profile does not fill counts as wrong."""
    assert old.scan.draft is not None
    right_ones = wanted(old.system)
    sure = [made for made in old.scan.draft.fields if made.is_sure]
    places = [(m.field, (m.candidate.facts.table.lower(), m.candidate.facts.name.lower())) for m in sure]
    wrong = [(field, at) for field, at in places if at not in right_ones.get(field, set())]
    print(f"{old.system}: {len(sure) - len(wrong)}/{len(sure)} sure ones right")
    assert 1 - len(wrong) / len(sure) >= LEAST_SURE, sorted(wrong)


def test_every_suggestion_says_why_and_every_doubt_is_an_open_point(old: Old) -> None:
    assert old.scan.draft is not None
    assert all(made.reason for made in old.scan.draft.fields)
    doubts = {f"truong.{made.field}" for made in old.scan.draft.fields if not made.is_sure}
    written = drafted(old)
    assert {point for point in doubts if point.removeprefix("truong.") in written} <= set(old.draft.open_points)
    assert {"trang_thai", "noi", "xem_lai"} <= set(old.draft.open_points)


def test_a_draft_whose_points_are_settled_reads_the_whole_database(old: Old) -> None:
    settled = re.sub(r"^open_points:.*?\n\n", "", old.draft.profile, flags=re.MULTILINE | re.DOTALL)
    (old.site / "profiles" / "phan_mem_la.yaml").write_text(settled, encoding="utf-8")
    decided = old.draft.crosswalk.replace(",,none,draft,,lienthong scan", ",4,exact,approved,Biên bản họp,ban chỉ đạo")
    (old.site / "crosswalks").mkdir(exist_ok=True)
    (old.site / "crosswalks" / "phan_mem_la_status.csv").write_text(decided, encoding="utf-8")
    assert decided != old.draft.crosswalk
    done = lienthong("check", old.site)
    assert "Site dùng được" in done.stderr, done.stderr


def test_no_personal_value_of_the_old_system_stands_in_any_output(old: Old) -> None:
    lienthong("scan", old.site, SOURCE, "--profile", "ban_nhap")
    folder = old.site / "var" / "scan" / SOURCE
    told = report(folder)
    told += (old.site / "profiles" / "ban_nhap.yaml").read_text(encoding="utf-8")
    told += (old.site / "crosswalks" / "ban_nhap_status.csv").read_text(encoding="utf-8")
    values = personal_values(old.system, old.database)
    assert len(values) > 500
    assert [value for value in values if value in told] == []
    assert (folder / "scan.html").stat().st_mode & 0o077 == 0


def report(folder: Path) -> str:
    """Page and workbook of a scan as text."""
    page = unescape((folder / "scan.html").read_text(encoding="utf-8"))
    return page + "\n".join(cells(folder / "scan.xlsx"))


def cells(book: Path) -> Iterator[str]:
    for sheet in load_workbook(book):
        for row in sheet.iter_rows(values_only=True):
            yield from (str(cell) for cell in row if cell is not None)


def personal_values(system: str, database_file: Path) -> set[str]:
    """Every name, number, phone, e-mail and address that stands in a personal column of any table."""
    kinds = column_kinds(load_profile(system))
    personal = {name.rpartition(".")[2].lower() for name, kind in kinds.items() if kind in PERSONAL}
    found: set[str] = set()
    with closing(sqlite3.connect(database_file)) as database:
        database.text_factory = lambda stored: stored.decode("utf-8", "ignore")
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for column in (row[1] for row in database.execute(f'PRAGMA table_info("{table}")').fetchall()):
                if column.lower() in personal:
                    found |= {str(row[0]).strip() for row in database.execute(f'SELECT "{column}" FROM "{table}"')}
    return {value for value in found if (len(value) >= 6 and re.search(r"\D", value)) or len(value) >= 8}


def test_a_known_system_is_named_apart_from_the_draft(old: Old) -> None:
    assert old.scan.known[0].profile == old.system


def test_the_old_system_is_left_as_it_was(old: Old) -> None:
    before = old.database.read_bytes()
    lienthong("scan", old.site, SOURCE, "--profile", "lan_hai", "--json")
    assert old.database.read_bytes() == before
