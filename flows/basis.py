"""Is a report one of what is there now? Mapping, tool, ledger and target figures against its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection

from flows import seals
from flows.sealed import DIFFERS, HOLDS, UNCHECKED, Check, Sealed, sentence
from flows.sealing import read_seals, sealed_lines
from flows.site import Site
from validations.manifest import EXAMPLES, SEALS, Manifest, Moved, changes, moved


def check_basis(found: Sealed, manifest: Manifest, *, quick: bool) -> Iterator[Check]:
    """Mapping, tool, ledger and target figures against the manifest: is the report of what is there now?"""
    if found.site is None:
        for area, title in (("mapping", "Cách khai của site"), ("ledger", "Dữ liệu trong sổ cái")):
            yield Check(area, UNCHECKED, title, f"{sentence(found.why_not)}.")
    else:
        yield _mapping(found.site, manifest)
    yield _tool(manifest)
    if found.site is not None and found.ledger is None:
        yield Check("ledger", UNCHECKED, "Dữ liệu trong sổ cái", f"{sentence(found.why_not)}.")
    elif found.ledger is not None:
        with found.ledger.transaction() as c:
            yield _ledger(c, found, manifest, quick=quick)
            if not quick:
                yield _contents(c, sorted(manifest.data.sources))
            yield _counts(c, manifest)
            yield _target(c, manifest)


def _mapping(site: Site, manifest: Manifest) -> Check:
    title = "Cách khai của site"
    there = seals.settings_seals(site)
    if differing := changes(manifest.settings, there):
        return Check("mapping", DIFFERS, title, f"{differing.said()}.", differing.names)
    return Check("mapping", HOLDS, title, f"{len(there)} tệp đúng từng byte.")


def _tool(manifest: Manifest) -> Check:
    title = "Bảng và quy tắc kèm công cụ"
    if manifest.shipped != seals.shipped_seal():
        return Check("tool", DIFFERS, title, f"Khác với lúc viết báo cáo (lienthong {manifest.tool}).", ("lienthong",))
    return Check("tool", HOLDS, title, f"Như lúc viết báo cáo (lienthong {manifest.tool}).")


def _ledger(c: Connection, found: Sealed, manifest: Manifest, *, quick: bool) -> Check:
    title, data = "Dữ liệu trong sổ cái", manifest.data
    if not data.is_still:
        said = "Có lượt chạy khác làm đổi sổ cái trong lúc viết báo cáo; viết lại: lienthong report."
        return Check("ledger", DIFFERS, title, said)
    total = sum(source.dossiers for source in data.sources.values())
    if quick and seals.read_mark(c) == seals.Mark(data.history, data.runs, data.accepted):
        return Check("ledger", HOLDS, title, f"{total} hồ sơ; từ đó không lượt chạy nào.")
    file = found.folder / SEALS
    if not file.is_file() or seals.file_seal(file) != manifest.report.get(SEALS):
        return _ledger_as_a_whole(c, manifest, total)
    since = _moved_since(c, file, data.sources)
    if since.dossiers:
        return Check("ledger", DIFFERS, title, f"{sentence(since.said())}.", since.keys)
    return Check("ledger", HOLDS, title, f"{total} hồ sơ đúng như lúc viết báo cáo.")


def _moved_since(c: Connection, file: Path, source_ids: Iterable[str]) -> Moved:
    """Dossiers of the ledger that are not as the file of seals says."""
    total, met = Moved(), set()
    for source_id, before in read_seals(file):
        met.add(source_id)
        total += moved(before, seals.dossier_seals(c, source_id))
    for source_id in sorted(set(source_ids) - met):
        total += moved((), seals.dossier_seals(c, source_id))
    return total


def _ledger_as_a_whole(c: Connection, manifest: Manifest, total: int) -> Check:
    """By the hash of each source alone: which dossiers differ cannot be told without their seals."""
    title, now = "Dữ liệu trong sổ cái", dict[str, tuple[int, str]]()
    for _ in sealed_lines(c, sorted(manifest.data.sources), now):
        pass
    wrong = tuple(s.name for n, s in sorted(manifest.data.sources.items()) if now[n] != (s.dossiers, s.sha256))
    if wrong:
        said = f"Nguồn {', '.join(wrong)} đã đổi; {SEALS} cũng khác, nên không nêu được hồ sơ nào."
        return Check("ledger", DIFFERS, title, said, wrong)
    return Check("ledger", HOLDS, title, f"{total} hồ sơ đúng như lúc viết báo cáo.")


def _contents(c: Connection, source_ids: Iterable[str]) -> Check:
    """Records as the ledger stores them, against the fingerprints beside them."""
    title, wrong, count = "Nội dung lưu trong sổ cái", list[str](), 0
    for source_id in source_ids:
        for key, is_right in seals.stored_contents(c, source_id):
            count += 1
            wrong += [] if is_right else [key]
    if wrong:
        said = f"{len(wrong)} hồ sơ không đúng dấu vân tay (khóa cũ: {', '.join(wrong[:EXAMPLES])})."
        return Check("ledger", DIFFERS, title, said, tuple(wrong[:EXAMPLES]))
    return Check("ledger", HOLDS, title, f"{count} hồ sơ đúng dấu vân tay.")


def _counts(c: Connection, manifest: Manifest) -> Check:
    title = "Số đếm ở hệ thống cũ"
    wrong = tuple(
        source.name
        for source_id, source in manifest.data.sources.items()
        if seals.counts_seal(c, source_id, source.sweep) != source.counts
        or seals.references_seal(c, source_id) != source.references
    )
    if wrong:
        said = f"Số đếm hoặc danh mục của nguồn {', '.join(wrong)} trong sổ cái khác lúc viết báo cáo."
        return Check("counts", DIFFERS, title, said, wrong)
    return Check("counts", HOLDS, title, "Lần quét và lần đếm lại như lúc viết báo cáo.")


def _target(c: Connection, manifest: Manifest) -> Check:
    title, data = "Số đọc ở hệ thống mới", manifest.data
    if not data.compared_run:
        return Check("target", UNCHECKED, title, "Báo cáo viết khi chưa đối soát lần nào.")
    if seals.figures_seal(c, data.compared_run) != data.figures:
        said = f"Khác với lúc viết báo cáo (lượt {data.compared_run})."
        return Check("target", DIFFERS, title, said, (data.compared_run,))
    return Check("target", HOLDS, title, f"Như lượt đối soát {data.compared_run} đã đọc.")
