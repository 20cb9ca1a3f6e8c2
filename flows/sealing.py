"""Sealing a report: its manifest, signed and chained to the one before. The last thing that happens to a report."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select, text

from flows import ledger_schema as t
from flows import seals
from flows.comparisons import last_compare
from flows.ledger import Ledger
from flows.signing import is_signed, site_signer
from flows.site import Site, make_private, write_private
from flows.sweeps import last_number
from flows.workplace import OpenSource, Workplace
from validations.manifest import (
    NAME,
    SEALS,
    DataSeal,
    Link,
    Manifest,
    SourceSeal,
    parse,
    signed_bytes,
    signed_part,
    to_bytes,
)
from validations.report import Report

HEAD: Final = "report_head"
"""Under which the ledger remembers the last manifest: a chain that lost its end is noticed."""
_LOCK: Final = 7052026


@dataclass(frozen=True)
class SealedDossiers:
    """The dossiers of the sources as they were when a report began, and how far the log had come."""

    mark: seals.Mark
    sources: dict[str, tuple[int, str]]  # source id → dossiers, hash over their lines


def seal_dossiers(ledger: Ledger, sources: Sequence[OpenSource], folder: Path) -> SealedDossiers:
    """Write seals.jsonl: one line a dossier, source by source in key order."""
    found: dict[str, tuple[int, str]] = {}
    with ledger.transaction() as c:
        mark = seals.read_mark(c)
        write_private(folder / SEALS, sealed_lines(c, sorted(source.id for source in sources), found))
    return SealedDossiers(mark, found)


def sealed_lines(c: Connection, source_ids: Sequence[str], found: dict[str, tuple[int, str]]) -> Iterator[bytes]:
    """The lines of seals.jsonl; ``found`` gets, by source, how many they are and the hash over them."""
    for source_id in source_ids:
        whole, count = hashlib.sha256(), 0
        for key, seal in seals.dossier_seals(c, source_id):
            line = msgspec.json.encode((source_id, key, seal)) + b"\n"
            whole.update(line)
            count += 1
            yield line
        found[source_id] = (count, whole.hexdigest())


def read_seals(file: Path) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
    """Source id → (old key, seal) of its dossiers, in the order of the file; each is read before the next."""
    with file.open("rb") as stream:
        rows = (msgspec.json.decode(line, type=tuple[str, str, str]) for line in stream)
        for source_id, group in groupby(rows, key=itemgetter(0)):
            yield source_id, ((key, seal) for _, key, seal in group)


# ---------------------------------------------------------------- the manifest


def seal_report(
    work: Workplace, sources: Sequence[OpenSource], report: Report, folder: Path, sealed: SealedDossiers
) -> Manifest:
    """Write manifest.json beside the report, and into the chain."""
    signer = site_signer(work.site)
    draft = Manifest(
        number=0,
        previous="",
        site=report.site,
        written_at=report.run.written_at,
        run=report.run.id,
        tool=importlib.metadata.version("lienthong"),
        shipped=seals.shipped_seal(),
        report={name: seal for name, seal in seals.folder_seals(folder).items() if name != NAME},
        settings=seals.settings_seals(work.site),
        data=DataSeal({}, "", "", "", 0, 0, 0, False),
        key=signer.key,
    )
    with work.ledger.transaction() as c:
        if not work.ledger.is_sqlite:  # two commands may end a report at the same moment
            c.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        head = last_link(c, work.site)
        data = _data(c, sources, report, sealed)
        draft = replace(draft, number=head.number + 1, previous=head.sha256, data=data)
        manifest = replace(draft, signature=signer.sign(signed_bytes(draft)))
        body = to_bytes(manifest)
        write_private(_chain_folder(work.site) / f"{manifest.number:06d}.json", [body])
        write_private(folder / NAME, [body])
        _remember(c, manifest.number, body)
    return manifest


def _data(c: Connection, sources: Sequence[OpenSource], report: Report, sealed: SealedDossiers) -> DataSeal:
    compared = last_compare(c)
    compared_run = compared.id if compared else ""
    versions = {figures.name: figures.mapping_version for figures in report.sources}
    found = {}
    for source in sources:
        dossiers, sha256 = sealed.sources[source.id]
        sweep = last_number(c, source.id) or 0
        found[source.id] = SourceSeal(
            name=source.name,
            dossiers=dossiers,
            sha256=sha256,
            references=seals.references_seal(c, source.id),
            sweep=sweep,
            counts=seals.counts_seal(c, source.id, sweep),
            mapping_version=versions.get(source.name, ""),
            swept_at=report.run.swept_at.get(source.name, ""),
            recounted_at=report.run.recounted_at.get(source.name, ""),
        )
    return DataSeal(
        sources=found,
        compared_run=compared_run,
        target_read_at=report.run.target_read_at,
        figures=seals.figures_seal(c, compared_run),
        history=sealed.mark.history,
        runs=sealed.mark.runs,
        accepted=sealed.mark.accepted,
        is_still=seals.read_mark(c) == sealed.mark,
    )


# ---------------------------------------------------------------- the chain


def _chain_folder(site: Site) -> Path:
    return make_private(make_private(site.var / "reports") / "chain")


def last_link(c: Connection, site: Site) -> Link:
    """The end of the chain, by the files or by the ledger's memory, whichever is later; number 0: nothing yet."""
    links = chain_links(site)
    last = links[-1][0] if links else Link(0, "", "")
    head = ledger_head(c)
    return head if head and head.number > last.number else last


def chain_links(site: Site) -> list[tuple[Link, bool]]:
    """Every manifest of the chain's folder, in order, and whether it is whole, signed, and in its place."""
    found = []
    for file in sorted((site.var / "reports" / "chain").glob("*.json")):
        if file.stem.isdigit():
            body = file.read_bytes()
            manifest = parse(body)
            sha256 = hashlib.sha256(body).hexdigest()
            link = Link(int(file.stem), sha256, manifest.previous if manifest else "")
            found.append((link, manifest is not None and manifest.number == link.number and holds(body)))
    return found


def holds(body: bytes) -> bool:
    """Whether a manifest is whole and signed by the key that it names."""
    manifest = parse(body)
    return manifest is not None and is_signed(signed_part(body), manifest.signature, manifest.key)


def ledger_head(c: Connection) -> Link | None:
    """The last manifest as the ledger remembers it."""
    said = c.execute(select(t.meta.c.value).where(t.meta.c.name == HEAD)).scalar()
    if not said:
        return None
    known: dict[str, Any] = msgspec.json.decode(said)
    return Link(known["number"], known["sha256"], "")


def _remember(c: Connection, number: int, body: bytes) -> None:
    said = msgspec.json.encode({"number": number, "sha256": hashlib.sha256(body).hexdigest()}).decode()
    c.execute(delete(t.meta).where(t.meta.c.name == HEAD))
    c.execute(insert(t.meta).values(name=HEAD, value=said))
