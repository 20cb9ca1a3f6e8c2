"""``lienthong scan``: look at an unknown source within a time budget, report it, draft its profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from connectors import base
from connectors.sql import SqlSource
from flows import screen
from flows.scan_files import draft_shapes, open_drafted
from flows.site import LOCAL, Site, SiteError, Source, make_private, write_private
from flows.workplace import open_connector, system_clock
from mappings.column_facts import facts
from mappings.column_words import common_prefix, concepts
from mappings.declared import check_name, find
from mappings.draft_profile import DraftText, write_draft
from mappings.field_guess import Dictionary, read_dictionary
from mappings.known_systems import recognise
from mappings.profile import load_profile
from mappings.shapes import ORDER, PLACE
from mappings.table_guess import draft
from mappings.table_relations import Keys, Table, key_columns, pointing, relations, seen_keys, whole_keys
from validations.scan_report import Scan, book, page

ROWS: Final = 400
"""Rows of a table that are looked at."""
KEYS: Final = 20_000
"""Tables with so many rows or fewer give all their keys: what points to them can be proven."""
MARK: Final = "lienthong_rehearsal"

Progress = Callable[[int, int], None]
"""``progress(tables done, tables)``."""


@dataclass(frozen=True)
class ScanOptions:
    """``minutes``: no table is begun after them. ``profile``: name of the draft; "": as site.yaml says."""

    source: str
    minutes: float = 5
    profile: str = ""


@dataclass(frozen=True)
class Written:
    """A scan and where it was written. ``profile`` is None where no draft could be made."""

    scan: Scan
    folder: Path
    profile: Path | None


def scan_source(
    site: Site, options: ScanOptions, progress: Progress, dictionary: Dictionary | None = None
) -> tuple[Scan, DraftText | None]:
    """Look at a source and draft a profile; nothing is written. ``dictionary``: other words than the shipped ones.

    XML of an unknown shape gets its shapes first, then a draft like a database. Files whose shapes stand in a profile
    already get no draft.
    """
    (source,) = site.sources((options.source,))
    started = time.monotonic()
    shapes = draft_shapes(site, source)
    connector = open_drafted(site, source, shapes) if shapes else _open(site, source)
    try:
        probe = connector.probe()
        tables, skipped = _look(connector, probe, started + 60 * options.minutes, progress)
    finally:
        connector.close()
    related = relations(tables)
    can_draft = source.settings.path is None or shapes is not None
    made = draft(tables, related, dictionary or read_dictionary())
    at = system_clock().astimezone(LOCAL).strftime("%d/%m/%Y %H:%M")
    name = options.profile or _draft_name(site, source)
    text = (
        write_draft(name, made, tables, f"nguồn {source.name}, {probe.server}, {at}", shapes.lines if shapes else ())
        if made and can_draft
        else None
    )
    names = {table: [column.name for column in columns] for table, columns in probe.tables.items()}
    found = Scan(
        site.settings.name, source.name, probe.server, at, round(time.monotonic() - started), tuple(tables),
        tuple(skipped), tuple(related), tuple(recognise(names)), made, text.open_points if text else {}, name,
        MARK in {table.lower() for table in names},
    )  # fmt: skip
    return found, text


def _open(site: Site, source: Source) -> base.Source:
    if source.settings.path is None:  # no profile is needed to look, and there may be none yet
        return SqlSource(source.url, rate_rows_per_s=source.settings.rows_per_second)
    return open_connector(site, source, load_profile(source.settings.profile, site.path))


def _look(
    connector: base.Source, probe: base.Probe, deadline: float, progress: Progress
) -> tuple[list[Table], list[str]]:
    """The tables, those first whose names speak of dossiers; and those that time did not suffice for."""
    names = [name for name in probe.tables if name.lower() != MARK]
    prefix = common_prefix(names)
    names.sort(key=lambda name: ("dossier" not in concepts(name.lower().removeprefix(prefix)), name))
    found: list[Table] = []
    for done, name in enumerate(names):
        if time.monotonic() >= deadline:
            return found, names[done:]
        found.append(_table(connector, name, probe.tables[name]))
        progress(done + 1, len(names))
    return found, []


def _table(connector: base.Source, name: str, columns: Sequence[base.Column]) -> Table:
    look = connector.look(name, rows=ROWS)
    told = tuple(
        facts(name, c.name, c.type, [row.get(c.name) for row in look.rows]) for c in columns if c.name not in PLACE
    )
    cells = pointing(look.rows, told, look.key)
    keys = tuple(_keys(connector, name, look, key, cells) for key in key_columns(told, cells, look.key))
    # rows of a file may have no key of their own
    place = (ORDER,) if any(column.name == ORDER for column in columns) else ()
    return Table(name, look.key or place, look.count, look.is_counted, told, cells, keys)


def _keys(
    connector: base.Source, table: str, look: base.Look, key: tuple[str, ...], cells: Mapping[str, tuple[str, ...]]
) -> Keys:
    """The keys of a table: all of them where the sample is all of it, or where reading one column more tells them."""
    is_whole, is_key = look.is_counted and look.count <= len(look.rows), key == look.key
    if not is_whole and look.is_counted and look.count <= KEYS and len(key) == 1:
        return whole_keys(key, connector.column(table, key[0], limit=KEYS), is_key=is_key)
    return seen_keys(key, cells, is_whole=is_whole, is_key=is_key)


def _draft_name(site: Site, source: Source) -> str:
    """The name that site.yaml gives the source's profile, when there is none of that name yet."""
    name = source.settings.profile
    is_free = find(site.path, "profiles", f"{name}.yaml") is None
    return name if is_free else f"{source.name}_nhap".lower().replace("-", "_")


# ---------------------------------------------------------------- writing


def scan(site: Site, options: ScanOptions, progress: Progress) -> Written:
    """Scan, then write report and draft. A profile or crosswalk that is there already is never overwritten."""
    if options.profile:
        check_name(options.profile)
    found, text = scan_source(site, options, progress)
    folder = make_private(make_private(make_private(site.var) / "scan") / found.source)
    written = _write_draft(site, found, text) if text else None
    write_private(folder / "scan.xlsx", [book(found)])
    write_private(folder / "scan.html", [page(found)])
    return Written(found, folder, written)


def _write_draft(site: Site, found: Scan, text: DraftText) -> Path:
    profile = site.path / "profiles" / f"{found.profile}.yaml"
    crosswalk = site.path / "crosswalks" / f"{found.profile}_status.csv"
    for file in (profile, crosswalk):
        if file.exists():
            raise SiteError(
                f"{file} đã có, không ghi đè. Chọn tên khác cho bản nháp: --profile TÊN; hoặc dời tệp ấy đi."
            )
    for file, content in ((crosswalk, text.crosswalk), (profile, text.profile)):
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return profile


def to_json(written: Written) -> dict[str, Any]:
    """Figures and places, for programs."""
    found = written.scan
    return {
        "folder": str(written.folder),
        "profile": None if written.profile is None else str(written.profile),
        "tables": len(found.tables),
        "skipped": list(found.skipped),
        "dossiers": found.draft.dossiers.name if found.draft else None,
        "fields": {made.field: made.candidate.column for made in found.draft.fields} if found.draft else {},
        "open_points": dict(found.open_points),
        "known": {known.profile: round(known.share, 2) for known in found.known},
    }


def print_found(site: Path, written: Written) -> None:
    """What was found, where it lies, and what to do next."""
    found, say = written.scan, screen.say
    say(f"Đã xem {len(found.tables)} bảng của nguồn {found.source} trong {found.seconds} giây.")
    if found.skipped:
        say(f"Hết thời gian: còn {len(found.skipped)} bảng chưa xem. Chạy lại với --minutes lớn hơn.")
    for known in found.known:
        share = f"{known.found}/{known.columns} cột"
        say(f"Giống phần mềm đã biết {known.title} ({share}): thử profile {known.profile} trước.")
    if found.draft is not None and written.profile is None:
        say("Nguồn là tệp: hình dạng tệp đã khai ở profile của nguồn, nên chỉ có báo cáo, không có bản nháp.")
    elif found.draft is None or written.profile is None:
        say("Không bảng nào giống bảng hồ sơ, nên không có bản nháp profile. Xem báo cáo rồi tự viết profile.")
    else:
        unsure = sum(not made.is_sure for made in found.draft.fields)
        say(
            f"Bảng hồ sơ có vẻ là {found.draft.dossiers.name}: {len(found.draft.fields)} trường có gợi ý, "
            f"{unsure} trong đó chưa chắc.\nBản nháp:  {written.profile}\n{len(found.open_points)} điểm phải chốt: "
            "sửa tệp ấy, xóa từng dòng dưới open_points, "
            f"ghi profile: {found.profile} vào site.yaml, rồi chạy: lienthong check {site}"
        )
    say(f"Báo cáo:   {written.folder / 'scan.html'}\nSổ:        {written.folder / 'scan.xlsx'}")
