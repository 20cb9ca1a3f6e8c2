"""Seals of what a report rests on: each dossier of the ledger, the files of the site, what came with the tool."""

from __future__ import annotations

import functools
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec
import zstandard
from sqlalchemy import Column, Connection, Table, and_, func, select

from flows import ledger_schema as t
from flows.payloads import fingerprint, plain
from flows.site import Site
from mappings.declared import SHIPPED
from mappings.mapper import ENGINE_VERSION
from mappings.model import MODEL_VERSION
from validations.differences import ACCEPTED
from validations.manifest import FileSeal
from validations.suite import SHIPPED as SUITES

_ENCODER: Final = msgspec.msgpack.Encoder()
_PAGE: Final = 2000
_ENTRY: Final = (
    *("state", "revision", "raw_fp", "mapped_fp", "rule", "twin", "code", "second_code", "uid", "group_keys", "status"),
    *("is_open", "due_at", "unit", "procedure", "new_id", "version", "pushed_fp"),
)
"""What a dossier is. When and by which run something was found is no part of it."""
_PARTS: Final[dict[Table, tuple[str, ...]]] = {
    t.issue: ("stage", "code", "field", "severity", "about"),
    t.difference: ("field", "kind", "old", "new", "why", "state", "author", "reason", "until"),
    t.attachment: ("locator", "stamp", "sha256", "size", "trouble", "about"),
    t.deadline: (
        *("is_held", "received_at", "due_at", "rounds", "pauses", "due"),
        *("received_equal", "rounds_equal", "pauses_equal"),
    ),
    t.obligation: ("kind", "old", "new"),
}
"""What hangs on an entry and is sealed with it."""

SETTINGS: Final = ("profiles", "crosswalks", "decisions", "corrections", "rules", "suites", "targets")
"""Folders of a site that a mapped, checked or compared dossier rests on."""
_FILES: Final = ("site.yaml", "accepted.csv")


# ---------------------------------------------------------------- dossiers


def dossier_seals(c: Connection, source_id: str) -> Iterator[tuple[str, str]]:
    """(old key, seal) of every dossier of a source, in the order of their keys; a page of each table in memory."""
    parts = [_Hanging(_rows(c, table, names, source_id)) for table, names in _PARTS.items()]
    for key, *values in _rows(c, t.entry, _ENTRY, source_id):
        hanging = [part.of(key) for part in parts]
        yield key, hashlib.blake2b(_ENCODER.encode([values, hanging]), digest_size=16).hexdigest()


def _rows(c: Connection, table: Table, names: Sequence[str], source_id: str) -> Iterator[Any]:
    key: Column[Any] = table.c.key
    order = key if c.dialect.name == "sqlite" else key.collate("C")  # the order in which Python compares texts
    query = select(key, *(table.c[name] for name in names)).where(table.c.source_id == source_id).order_by(order)
    yield from c.execute(query.execution_options(yield_per=_PAGE))


class _Hanging:
    """Rows of one table, handed out dossier by dossier."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, key: str) -> list[bytes]:
        """The rows of this dossier, in an order of their own. Keys must come in order."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != key:
            return []
        rows = sorted(_ENCODER.encode(tuple(row)[1:]) for row in self._next[1])
        self._next = next(self._groups, None)
        return rows


def stored_contents(c: Connection, source_id: str) -> Iterator[tuple[str, bool]]:
    """(old key, whether what is stored of it gives the fingerprints that stand beside) of every stored dossier."""
    e, p = t.entry.c, t.payload.c
    both = t.payload.join(t.entry, and_(e.source_id == p.source_id, e.key == p.key))
    query = select(p.key, p.raw, e.raw_fp, p.mapped, e.mapped_fp).select_from(both).where(p.source_id == source_id)
    for key, raw, raw_fp, mapped, mapped_fp in c.execute(query.execution_options(yield_per=200)):
        yield key, _is_of(raw, raw_fp) and _is_of(mapped, mapped_fp)


def _is_of(stored: bytes | None, mark: bytes | None) -> bool:
    try:
        return not stored or fingerprint(plain(stored)) == mark
    except (zlib.error, zstandard.ZstdError):
        return False


@dataclass(frozen=True)
class Mark:
    """How far the ledger's own log has come: number of the last move, number of runs; differences accepted now."""

    history: int
    runs: int
    accepted: int


def read_mark(c: Connection) -> Mark:
    """Where the log stands now. Runs count, too: a comparison may find something else and move nothing."""
    history = c.execute(select(func.max(t.history.c.id))).scalar() or 0
    accepted = select(func.count()).where(t.difference.c.state == ACCEPTED)
    runs = select(func.count()).select_from(t.run)
    return Mark(history, c.execute(runs).scalar_one(), c.execute(accepted).scalar_one())


def references_seal(c: Connection, source_id: str) -> str:
    """Hash of the old system's catalogues as the last sweep read them."""
    r = t.reference.c
    rows = c.execute(select(r.name, r.payload).where(r.source_id == source_id).order_by(r.name))
    return _digest([tuple(row) for row in rows])


def counts_seal(c: Connection, source_id: str, number: int) -> str:
    """Hash of what the old system counted at this sweep, and when counted afresh."""
    s = t.sweep.c
    columns = (s.started_at, s.is_filtered, s.found, s.in_scope, s.after_cutoff)
    again = (s.recount_found, s.recount_in_scope, s.recount_after_cutoff)
    rows = c.execute(select(*columns, *again).where(s.source_id == source_id, s.number == number))
    return _digest([tuple(row) for row in rows])


def figures_seal(c: Connection, run_id: str) -> str:
    """Hash of what a comparison counted at the target."""
    f = t.check_figure.c
    query = select(f.source_id, f.name, f.value).where(f.run_id == run_id)
    return _digest(sorted(tuple(row) for row in c.execute(query)))


def _digest(rows: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256(_ENCODER.encode(rows)).hexdigest()


# ---------------------------------------------------------------- files


def file_seal(file: Path) -> FileSeal:
    """A file by its content, read in pieces."""
    with file.open("rb") as stream:
        return FileSeal(hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell())


def folder_seals(folder: Path) -> dict[str, FileSeal]:
    """Every file below a folder by its name from there on."""
    return {file.relative_to(folder).as_posix(): file_seal(file) for file in _below(folder)}


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(at, name) for name in sorted(names) if not name.startswith((".~lock.", "~$")))


def settings_seals(site: Site) -> dict[str, FileSeal]:
    """The files of a site that its mapping, its rules and its comparison depend on. Never ``.env``."""
    settings = site.settings
    named: list[str | Path | None] = [*_FILES, *(wave.codes for wave in settings.waves.values())]
    named += [source.xsd for source in settings.sources.values()]
    alone = [site.path / name for name in named if name]
    files = chain((file for file in alone if file.is_file()), *(_below(site.path / name) for name in SETTINGS))
    return {_name(site, file): file_seal(file) for file in files if file.name != ".gitignore"}


def _name(site: Site, file: Path) -> str:
    return file.relative_to(site.path).as_posix() if file.is_relative_to(site.path) else file.as_posix()


@functools.cache
def shipped_seal() -> str:
    """Hash of the tables, profiles, rules and suites that came with the tool, and of how they are read."""
    whole = hashlib.sha256(f"{MODEL_VERSION}\n{ENGINE_VERSION}\n".encode())
    for root in (SHIPPED, SUITES):
        for file in _below(root):
            if file.suffix not in (".py", ".pyc"):
                whole.update(f"{file.relative_to(root).as_posix()}\n{file_seal(file).sha256}\n".encode())
    return whole.hexdigest()
