"""The generator of exported XML in the model shape: a file for each agency and year, some packed into a ZIP, results
beside them.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

import zipfile
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, cast

from lxml import etree

from connectors.base import Unavailable
from connectors.rehearsal.plan import Made, Plan, slot_of
from connectors.rehearsal.sample import Progress, SampleRequest, checked, make_scene, refuse_foreign, write_manifest
from connectors.rehearsal.stored_files import make_room
from connectors.rehearsal.story import OPEN, last_filing_day
from connectors.rehearsal.tally import OVERDUE, LifeTally, Told, is_before, undecided
from connectors.rehearsal.xml_dirt import kinds, share_code
from connectors.rehearsal.xml_life import Export, XmlLife, record

PROFILE: Final = "xml_mau"
ZONE: Final = "Asia/Ho_Chi_Minh"
MARK: Final = "lienthong_rehearsal"
"""The file that marks a folder of exports as invented."""
NAMESPACE: Final = "urn:lienthong:xuat-ho-so:1"
PACKED_SINCE: Final = 2025
"""Exports of this year and later are packed into one ZIP."""
AGAIN_EVERY: Final = 50
"""One dossier in so many was exported before, while it was still being handled."""
_REPORT_EVERY: Final = 200
_LIFE: Final[tuple[Told, ...]] = (("online_waiting", "code", "online_not_received", "normalised"), OVERDUE)


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Write the exports into the folder ``request.url`` and the manifest; the manifest.

    The same request gives the same files. Raises Misconfigured when the folder holds anything that the generator did
    not make.
    """
    refuse_foreign(request, "XML mẫu", ZONE)
    now, _ = checked(request)
    folder = Path(request.url)
    request.manifest_path.unlink(missing_ok=True)  # of an earlier filling: it would mark the wrong answers
    make_room(folder, MARK)
    random = Random(request.seed)
    scene, _ = make_scene(request, random, now, "sqlite")
    life = XmlLife(random, scene)
    plan = Plan(request.dossiers, request.is_clean, last_filing_day(request.cutoff, now))
    seeded = () if request.is_clean else kinds()
    bears = partial(_bears, cutoff=life.cutoff, unclear=undecided(seeded))
    tally = LifeTally(seeded, _LIFE, bears, status="TrangThai", is_clean=request.is_clean)
    exports: list[Export] = []
    for made in plan.make(life, life.case, [slot_of(life, life.case, kind, share_code) for kind in seeded]):
        exports.append(made.case)
        tally.add(made)
        if len(exports) % _REPORT_EVERY == 0:
            progress(len(exports))
    try:
        _write(folder, exports)
    except OSError as error:
        raise Unavailable(f"Không ghi được tệp XML diễn tập vào {folder} ({error.strerror}).") from None
    progress(len(exports))
    return write_manifest(request, PROFILE, tally.manifest(), has_files=True)


def _bears(made: Made[Export], *, cutoff: datetime, unclear: frozenset[str]) -> dict[str, bool]:
    """What of ordinary life a dossier brings along."""
    row, setting = made.case.row, made.case.setting
    is_open = setting.status in OPEN and unclear.isdisjoint(made.kinds)
    return {
        "online_waiting": setting.is_online and row["NgayTiepNhan"] is None,
        "overdue_at_cutoff": is_open and is_before(row["NgayHenTra"], cutoff),
    }


def _write(folder: Path, exports: list[Export]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(folder / MARK, "Tệp XML diễn tập do lienthong sinh ra; người trong tệp không có thật.\n".encode())
    packed: dict[str, bytes] = {}
    for (year, agency), written in sorted(_files(exports).items()):
        name, whole = f"{year}/{agency}.xml", _document(written)
        if year >= PACKED_SINCE:
            packed[name] = whole
        else:
            _keep(folder / name, whole)
        for export in written:
            for path, content in export.beside.items():
                if year >= PACKED_SINCE:
                    packed[f"{year}/{path}"] = content
                else:
                    _keep(folder / str(year) / path, content)
    with zipfile.ZipFile(folder / f"{PACKED_SINCE}-nay.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in packed.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 10, 1, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
    (folder / f"{PACKED_SINCE}-nay.zip").chmod(0o600)
    for number, export in enumerate(exports[::AGAIN_EVERY]):  # sorts before every year: what is exported later counts
        _keep(folder / f"0-lan-dau/{number}.xml", _document([export.before()]))


def _files(exports: list[Export]) -> dict[tuple[int, str], list[Export]]:
    """(Year, agency) → what one file holds."""
    found: dict[tuple[int, str], list[Export]] = {}
    for export in exports:
        found.setdefault((export.year, export.agency), []).append(export)
    return found


def _document(exports: list[Export]) -> bytes:
    """One export. Its agency stands around the records, so it is of one agency."""
    root = etree.Element(f"{{{NAMESPACE}}}XuatHoSo", nsmap=cast(Any, {None: NAMESPACE}), lucXuat="2025-10-01T08:00:00")
    agency = etree.SubElement(root, f"{{{NAMESPACE}}}DonVi", ma=exports[0].agency)
    agency.text = exports[0].office
    for export in exports:
        root.append(record(NAMESPACE, export))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _keep(file: Path, content: bytes) -> None:
    for folder in reversed([parent for parent in file.parents if not parent.exists()]):
        folder.mkdir(mode=0o700)
    file.write_bytes(content)
    file.chmod(0o600)
