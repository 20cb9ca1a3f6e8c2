"""The write rules of the receiver: versions, idempotency, and an answer for every dossier of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.exc import IntegrityError

from connectors._sql_bulk import insert_rows
from connectors.rehearsal.receiver import notices
from connectors.rehearsal.receiver.check import check
from connectors.rehearsal.receiver.contract import Dossier
from connectors.rehearsal.receiver.reading import Files, bound_files, load
from connectors.rehearsal.receiver.removal import spent_keys
from connectors.rehearsal.receiver.shape import as_held, digest, files_of, new_id, take_apart
from connectors.rehearsal.receiver.store import Store, among
from connectors.rehearsal.receiver.tables import CHILD_FIELDS, change, dossier, dossier_file, upload

MIGRATION: Final[Literal["migration"]] = "migration"
ATTEMPTS: Final = 5


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dossier to upsert. ``if_match`` "" means: create only; ``silent``: nobody is told of it."""

    source: str
    key: str
    body: msgspec.Raw
    if_match: str = ""
    idempotency_key: str = ""
    files: tuple[tuple[str, str], ...] = ()
    silent: bool = False


class Fault(msgspec.Struct, frozen=True):
    """A fault of one dossier, without its value."""

    path: str
    code: str


class Answer(msgspec.Struct, frozen=True):
    """What became of one dossier: 201 created, 200 known or updated, 412 other version, 422 refused."""

    key: str
    status: int
    new_id: str = ""
    version: int = 0
    errors: tuple[Fault, ...] = ()


class Write(msgspec.Struct, frozen=True):
    number: int
    version: int
    dossier: Dossier
    sha256: str
    files: Files
    idempotency_key: str
    held: RowMapping | None
    is_silent: bool = False


def upsert(store: Store, items: Sequence[Item], at: str) -> list[Answer]:
    """Upsert dossiers; one answer each, in order. ``at``: ISO instant of the writing."""
    answers: dict[int, Answer] = {}
    pending = list(enumerate(items))
    while pending:  # a dossier named twice is written twice, one after the other
        first: dict[tuple[str, str], tuple[int, Item]] = {}
        for place, item in pending:
            first.setdefault((item.source, item.key), (place, item))
        places = {place for place, _ in first.values()}
        chosen = [(place, item) for place, item in pending if place in places]
        answers |= zip((p for p, _ in chosen), _attempt(store, [item for _, item in chosen], at), strict=True)
        pending = [(place, item) for place, item in pending if place not in places]
    return [answers[place] for place in range(len(items))]


def _attempt(store: Store, items: Sequence[Item], at: str) -> list[Answer]:
    for _ in range(ATTEMPTS - 1):
        try:
            return _upsert(store, items, at)
        except IntegrityError:  # another sender created one of them meanwhile: look again
            continue
    return _upsert(store, items, at)


def _upsert(store: Store, items: Sequence[Item], at: str) -> list[Answer]:
    checked = [check(bytes(item.body), item.source, item.key) for item in items]
    sound = [(item, found) for item, (found, _) in zip(items, checked, strict=True) if found is not None]
    numbers = iter(store.reserve("dossier", len(sound)) if any(not item.if_match for item, _ in sound) else ())
    answers: list[Answer] = []
    writes: list[Write] = []
    with store.writing() as connection:
        held = _held(connection, [item for item, _ in sound])
        uploads = _uploads(connection, sound)
        bound = bound_files(connection, [row["id"] for row in held.values()])
        spent = _spent(connection, [item for item, _ in sound if (item.source, item.key) not in held])
        for item, (found, faults) in zip(items, checked, strict=True):
            if found is None:
                answers.append(_refusal(item.key, faults))
                continue
            where = (item.source, item.key)
            if (*where, item.idempotency_key) in spent:
                answers.append(_refusal(item.key, [("", "idempotency_key_spent")]))
                continue
            is_intact = partial(_is_intact, connection, found)
            decided = _decide(item, found, held.get(where), uploads.get(where, {}), bound, is_intact)
            if isinstance(decided, Write):
                if decided.held is None:
                    decided = msgspec.structs.replace(decided, number=next(numbers))
                writes.append(decided)
                status = 200 if decided.held else 201
                decided = Answer(item.key, status, new_id(decided.number), decided.version)
            answers.append(decided)
        write(connection, writes, at, MIGRATION)
    return answers


def _refusal(key: str, faults: Sequence[tuple[str, str]]) -> Answer:
    return Answer(key, 422, errors=tuple(Fault(path, code) for path, code in faults))


def _decide(
    item: Item,
    found: Dossier,
    held: RowMapping | None,
    uploads: Files,
    bound: Mapping[int, Files],
    is_intact: Callable[[int], bool],
) -> Answer | Write:
    """What to do with a sound dossier, given what is held of it."""
    sha256 = digest(found)
    if held is not None and item.idempotency_key and item.idempotency_key == held["idempotency_key"]:
        return _repeated(item, held, sha256)
    if item.if_match != (str(held["version"]) if held is not None else ""):
        known = (new_id(held["id"]), held["version"]) if held is not None else ("", 0)
        return Answer(item.key, 412, *known)
    named = list(files_of(found))
    faults = [(path, "attachment_not_uploaded") for path, locator in named if locator not in uploads]
    files = {locator: uploads[locator] for _, locator in named if locator in uploads}
    faults += [("files", "attachment_differs") for locator, sent in item.files if files.get(locator, ("",))[0] != sent]
    if faults:
        return _refusal(item.key, faults)
    if held is None:
        return Write(0, 1, found, sha256, files, item.idempotency_key, None, item.silent)
    if held["body_sha256"] == sha256 and bound.get(held["id"], {}) == files and is_intact(held["id"]):
        return Answer(item.key, 200, new_id(held["id"]), held["version"])
    return Write(held["id"], held["version"] + 1, found, sha256, files, item.idempotency_key, held, item.silent)


def _is_intact(connection: Connection, found: Dossier, number: int) -> bool:
    """Whether what stands under this number is still this dossier: what was changed past us is written anew."""
    stands = load(connection, number)
    return stands is not None and stands["body"] == as_held(found)


def _repeated(item: Item, held: RowMapping, sha256: str) -> Answer:
    """The answer that was given before; it may have been lost on its way."""
    version = held["idempotency_version"]
    if version == held["version"] and held["body_sha256"] != sha256:
        return _refusal(item.key, [("", "idempotency_key_reused")])
    return Answer(item.key, 201 if version == 1 else 200, new_id(held["id"]), version)


def _held(connection: Connection, items: Sequence[Item]) -> dict[tuple[str, str], RowMapping]:
    """The rows held of these dossiers, locked until the transaction ends."""
    d = dossier.c
    held: dict[tuple[str, str], RowMapping] = {}
    columns = (
        d.id, d.source, d.key, d.version, d.body_sha256, d.idempotency_key, d.idempotency_version, d.created_at,
    )  # fmt: skip
    for source in sorted({item.source for item in items}):
        keys = [item.key for item in items if item.source == source]
        # in one order, so that two batches never wait for each other
        query = (
            select(*columns).where(d.source == source, among(connection, d.key, keys)).order_by(d.id).with_for_update()
        )
        held |= {(row["source"], row["key"]): row for row in connection.execute(query).mappings()}
    return held


def _spent(connection: Connection, items: Sequence[Item]) -> set[tuple[str, str, str]]:
    """(source, key, idempotency key) of late copies of what was taken back."""
    spent: set[tuple[str, str, str]] = set()
    for source in sorted({item.source for item in items}):
        keys = [item.key for item in items if item.source == source]
        spent |= {(source, *found) for found in spent_keys(connection, source, keys)}
    return spent


def _uploads(connection: Connection, sound: Sequence[tuple[Item, Dossier]]) -> dict[tuple[str, str], Files]:
    """The newest upload of every locator of the dossiers that name files."""
    u = upload.c
    newest: dict[tuple[str, str], Files] = {}
    naming = [item for item, found in sound if next(files_of(found), None)]
    for source in sorted({item.source for item in naming}):
        keys = [item.key for item in naming if item.source == source]
        query = select(u.key, u.locator, u.sha256, u.size).where(u.source == source, among(connection, u.key, keys))
        for row in connection.execute(query.order_by(u.serial)):
            newest.setdefault((source, row.key), {})[row.locator] = (row.sha256, row.size)
    return newest


def write(connection: Connection, writes: Sequence[Write], at: str, by: str) -> None:
    """Write whole dossiers, replacing what is held of them, and a line of the change log for each."""
    replaced = [item.number for item in writes if item.held is not None]
    tables = [table for table, _ in CHILD_FIELDS.values()]
    if replaced:
        connection.execute(delete(dossier).where(among(connection, dossier.c.id, replaced)))
        for table in (*tables, dossier_file):
            connection.execute(delete(table).where(among(connection, table.c.dossier_id, replaced)))
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in CHILD_FIELDS}
    heads, files, changes = [], [], []
    for item in writes:
        where = (item.dossier["NguonHeThong"], item.dossier["KhoaCu"])
        columns, children = take_apart(item.dossier, item.number)
        heads.append((item.number, *where, *columns, item.sha256, item.version, *_stamp(item, at, by)))
        for name, found in children.items():
            rows[name] += found
        files += [(item.number, locator, *content) for locator, content in item.files.items()]
        changes.append((item.number, item.version, at, by, item.sha256, item.idempotency_key))
    insert_rows(connection, dossier, heads)
    for name, (table, _) in CHILD_FIELDS.items():
        insert_rows(connection, table, rows[name])
    insert_rows(connection, dossier_file, files)
    insert_rows(connection, change, changes)
    notices.post(connection, writes, at, by)


def _stamp(item: Write, at: str, by: str) -> tuple[Any, ...]:
    created_at = item.held["created_at"] if item.held is not None else at
    if by == MIGRATION or item.held is None:
        return item.idempotency_key, item.version, created_at, at, by
    return item.held["idempotency_key"], item.held["idempotency_version"], created_at, at, by
