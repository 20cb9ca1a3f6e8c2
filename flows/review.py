"""``lienthong review``: the mapping as a workbook and a page, taken back after people edited it, approved in bulk."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flows import screen
from flows.approval import Approval
from flows.review_gather import Progress, gather, new_codes, site_tables
from flows.site import SiteError, load_site, make_private, write_private
from flows.workplace import Workplace, build_source_mapper, site_cases, source_encodings
from mappings.agencies import read_agencies
from mappings.profile import ProfileError
from mappings.review_tables import Cells, Key, Table, merged_rows, site_text
from validations.review import ListRow, Review, ReviewList, sheets, shown
from validations.review_import import Edited, edits
from validations.review_page import page
from validations.review_xlsx import workbook

BOOK: Final = "review.xlsx"
PAGE: Final = "review.html"
SURE: Final = 90
"""The least score with which a bulk approval takes a mere suggestion."""
TOLD: Final = 40
"""Changed rows of a table that are told one by one."""

# ---------------------------------------------------------------- writing


def write(work: Workplace, folder: Path | None, progress: Progress) -> tuple[Review, Path]:
    """Write workbook and page; the folder that holds them."""
    review = gather(work, progress)
    into = folder or make_private(make_private(work.site.var) / "review")
    into.mkdir(parents=True, exist_ok=True)
    found = sheets(review)
    write_private(into / BOOK, [workbook(found)])
    write_private(into / PAGE, [page(review, found).encode()])
    return review, into


def summary(review: Review) -> dict[str, Any]:
    """Per list: its rows by approval, and the dossiers that rest on a row that nobody has settled."""
    return {
        found.table.name: {
            **dict.fromkeys(("approved", "draft", "rejected"), 0),
            **Counter(row.cells["status"] for row in found.rows),
            "rows": len(found.rows),
            "open": len(found.open_rows()),
            "dossiers_open": sum(row.dossiers for row in found.open_rows()),
        }
        for found in review.lists
    }


def print_summary(review: Review, folder: Path) -> None:
    """What the review holds and where it lies."""
    rows = [
        [f"{found.table.title}\n[dim]{found.table.name}[/dim]", *(screen.number(n) for n in _figures(found))]
        for found in review.lists
    ]
    heads = ["Bảng", "Dòng", "Đã duyệt", "Bác bỏ", "Để ngỏ mà hồ sơ dùng", "Số hồ sơ ấy"]
    screen.out().print(screen.table(f"Soát xét trên {screen.number(review.records)} hồ sơ thô", heads, rows))
    screen.say(f"Sổ soát xét: {folder / BOOK}\nBản in:       {folder / PAGE}")


def _figures(found: ReviewList) -> list[int]:
    statuses = Counter(row.cells["status"] for row in found.rows)
    waiting = found.open_rows()
    dossiers = sum(row.dossiers for row in waiting)
    return [len(found.rows), statuses["approved"], statuses["rejected"], len(waiting), dossiers]


# ---------------------------------------------------------------- taking back


def take_back(work: Workplace, file: Path) -> list[Edited]:
    """Write what a workbook changes into the site's crosswalks. Raises ProfileError, and then writes nothing."""
    tables = site_tables(work)
    lists = [(table, merged_rows(table, work.site.path)) for table in tables]
    found = [edited for edited in edits(file, lists, new_codes(work)) if edited.rows or edited.kept]
    _write_tables(work, found)
    return found


def _write_tables(work: Workplace, found: Sequence[Edited]) -> None:
    """All tables or none: they must make a site that maps before the first of them is replaced."""
    texts = {
        f"{edited.table.name}.csv": site_text(edited.table, work.site.path, edited.rows)
        for edited in found
        if edited.rows
    }
    if not texts:
        return
    _rehearse(work, texts)
    folder = work.site.path / "crosswalks"
    folder.mkdir(exist_ok=True)
    parts = [folder / f".{name}.part" for name in texts]
    for part, text in zip(parts, texts.values(), strict=True):
        part.write_text(text, encoding="utf-8")
    for part, name in zip(parts, texts, strict=True):
        if (folder / name).exists():
            shutil.copymode(folder / name, part)
        part.replace(folder / name)


def _rehearse(work: Workplace, texts: Mapping[str, str]) -> None:
    """Compile the mapping of every source on a copy of the site with these tables."""
    with tempfile.TemporaryDirectory(prefix="lienthong-review-") as name:
        copy = Path(name) / "site"
        shutil.copytree(work.site.path, copy, ignore=shutil.ignore_patterns("var", ".git"))
        (copy / "crosswalks").mkdir(exist_ok=True)
        for file, text in texts.items():
            (copy / "crosswalks" / file).write_text(text, encoding="utf-8")
        site, agencies = load_site(copy), copy / "crosswalks" / "agencies.csv"
        try:
            for source in work.open_sources():
                rows = read_agencies(agencies) if agencies.exists() else []
                zone, cases, encodings = (
                    source.source.settings.zone,
                    site_cases(site),
                    source_encodings(site, source.id),
                )
                build_source_mapper(site, source.profile, zone, source.id, source.references, rows, cases, encodings)
        except ProfileError as error:
            place = error.file.replace(str(copy), str(work.site.path))
            raise ProfileError(error.message_vi, place, error.line) from None


def print_changes(work: Workplace, found: Sequence[Edited], before: Mapping[str, Mapping[Key, Cells]]) -> None:
    """Every row that changed: what it was and what it is."""
    total = sum(len(edited.rows) for edited in found)
    if not total:
        screen.say("Sổ không sửa gì: site giữ nguyên từng byte.")
    for edited in found:
        for key, cells in list(edited.rows.items())[:TOLD]:
            said = "; ".join(_told(edited.table, before[edited.table.name].get(key), cells))
            screen.say(f"{edited.table.name}.csv · {'/'.join(filter(None, key))}: {said}")
        if len(edited.rows) > TOLD:
            screen.say(f"{edited.table.name}.csv: và {screen.number(len(edited.rows) - TOLD)} dòng khác.")
        if edited.kept:
            screen.say(f"{edited.table.name}.csv: {edited.kept} dòng của site không có trong sổ, giữ nguyên.")
    if total:
        screen.say(
            f"Đã ghi {total} dòng. Xem hồ sơ nào đổi: lienthong whatif; rồi chạy: lienthong migrate {work.site.path}"
        )


def _told(table: Table, before: Cells | None, after: Cells) -> list[str]:
    was = before or dict.fromkeys(table.columns, "")
    shown_columns = [*table.target, "status", *filter(None, [table.relation])]
    changed = [name for name in shown_columns if was[name] != after[name]]
    told = [f"{name} {shown(name, was[name]) or '(trống)'} → {shown(name, after[name])}" for name in changed]
    return told or ["ghi chú, căn cứ hoặc người duyệt"]


# ---------------------------------------------------------------- approving many


def approve(work: Workplace, wanted: Approval, progress: Progress) -> list[Edited]:
    """Approve the open rows of a list that fit; a row without a target takes the suggested one."""
    review = gather(work, progress)
    lists = {found.table.name: found for found in review.lists}
    if wanted.table not in lists:
        raise SiteError(f"Không có bảng {wanted.table!r} để duyệt; có: {', '.join(lists)}.")
    found, known = lists[wanted.table], new_codes(work)
    rows = {
        found.table.key_of(row.cells): _approved(found.table, row, wanted)
        for row in found.rows
        if chosen(found.table, row, wanted)
    }
    for key, cells in rows.items():
        if fault := found.table.fault(cells, known):
            raise SiteError(f"Bảng {wanted.table}, mã {'/'.join(filter(None, key))}: {fault}. Không ghi gì.")
    edited = [Edited(found.table, dict(rows))] if rows else []
    _write_tables(work, edited)
    return edited


def chosen(table: Table, row: ListRow, wanted: Approval) -> bool:
    """Whether a bulk approval takes a row.

    A drafted target is taken as it is, unless ``min_score`` is given: then the suggestion must say the same with that
    score. A row without a target needs a suggestion of ``min_score``, :data:`SURE` when none is given.
    """
    if row.cells["status"] != "draft" or row.dossiers < wanted.min_dossiers:
        return False
    if not row.cells[table.key[0]].startswith(wanted.code):
        return False
    suggestion = row.suggestion
    if not table.has_target(row.cells):
        least = SURE if wanted.min_score is None else wanted.min_score
        return suggestion is not None and suggestion.score >= least
    if wanted.min_score is None:
        return True
    return (
        suggestion is not None
        and suggestion.score >= wanted.min_score
        and all(row.cells[name] == code for name, code in suggestion.cells.items())
    )


def _approved(table: Table, row: ListRow, wanted: Approval) -> dict[str, str]:
    cells = dict(row.cells) | {"status": "approved", table.person: wanted.author}
    if not table.has_target(cells) and row.suggestion is not None:
        cells |= row.suggestion.cells
        if table.relation and cells[table.relation] in ("", "none"):
            cells[table.relation] = "exact"
    ground = cells[table.ground]
    cells[table.ground] = f"{ground}; {wanted.note}" if ground and wanted.note not in ground else wanted.note
    return cells


def rows_now(work: Workplace) -> dict[str, dict[Key, dict[str, str]]]:
    """Every reviewed table as it stands, to tell afterwards what changed."""
    return {table.name: merged_rows(table, work.site.path) for table in site_tables(work)}
