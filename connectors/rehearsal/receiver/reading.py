"""What the receiver holds, read from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal, or_, select, union_all

from connectors.rehearsal.receiver.casework import actions_of
from connectors.rehearsal.receiver.shape import Row, new_id, number_of, put_together
from connectors.rehearsal.receiver.store import Store, among
from connectors.rehearsal.receiver.tables import CHILD_FIELDS, dossier, dossier_file, link, other_code

Files = dict[str, tuple[str, int]]
"""Locator → (sha256, size)."""

MAX_FOUND: Final = 100


def bound_files(connection: Connection, numbers: Sequence[int]) -> dict[int, Files]:
    """The files that belong to the stored dossiers with these numbers."""
    f = dossier_file.c
    files: dict[int, Files] = {}
    if numbers:
        query = select(dossier_file).where(among(connection, f.dossier_id, numbers)).order_by(f.dossier_id, f.locator)
        for row in connection.execute(query):
            files.setdefault(row.dossier_id, {})[row.locator] = (row.sha256, row.size)
    return files


def read(store: Store, source: str, keys: Sequence[str], *, is_full: bool) -> list[dict[str, Any]]:
    """The dossiers held under these old keys, in the order of the keys; what is not held is left out."""
    with store.reading() as connection:
        where = (dossier.c.source == source) & among(connection, dossier.c.key, keys)
        found = _read(connection, where, is_full=is_full)
    by_key = {item["key"]: item for item in found}
    return [by_key[key] for key in dict.fromkeys(keys) if key in by_key]


def read_work(store: Store, source: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Where the dossiers under these old keys stand and what may be done next, in the order of the keys."""
    d = dossier.c
    with store.reading() as connection:
        query = select(d.id, d.key, d.version, d.status, d.body).where(
            d.source == source, among(connection, d.key, keys)
        )
        found = {row["key"]: _work(row) for row in connection.execute(query).mappings()}
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def work_of(store: Store, text: str) -> dict[str, Any] | None:
    """The same of the dossier with this new id."""
    d = dossier.c
    with store.reading() as connection:
        query = select(d.id, d.key, d.version, d.status, d.body).where(d.id == number_of(text))
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _work(row)


def _work(row: RowMapping) -> dict[str, Any]:
    body = msgspec.json.decode(row["body"], type=_Place)
    at = {"BuocXuLyMoi": body.BuocXuLyMoi, "TrangThaiHoSo": row["status"]}
    return {
        "new_id": new_id(row["id"]),
        "key": row["key"],
        "version": row["version"],
        "status": row["status"],
        "step": body.BuocXuLyMoi,
        "role": body.VaiTroXuLy,
        "actions": [action.code for action in actions_of(at)],
    }


class _Place(msgspec.Struct, frozen=True):
    BuocXuLyMoi: str = ""
    VaiTroXuLy: str = ""


def read_one(store: Store, text: str) -> dict[str, Any] | None:
    """The dossier with this new id, whole."""
    number = number_of(text)
    if number is None:
        return None
    with store.reading() as connection:
        return load(connection, number)


def load(connection: Connection, number: int) -> dict[str, Any] | None:
    """One whole dossier inside a transaction."""
    return next(iter(_read(connection, dossier.c.id == number, is_full=True)), None)


def search(store: Store, code: str) -> list[dict[str, Any]]:
    """Dossiers by code: the code they came with, their new id, a second or merged one, a number they are tied to."""
    number = number_of(code)
    linked = select(link.c.dossier_id).where(link.c.value == code)
    also = select(other_code.c.dossier_id).where(other_code.c.code == code)
    ways = [dossier.c.code == code, dossier.c.id.in_(also), dossier.c.id.in_(linked)]
    ways += [dossier.c.id == number] if number is not None else []
    numbers = select(dossier.c.id).where(or_(*ways)).order_by(dossier.c.id).limit(MAX_FOUND)
    with store.reading() as connection:
        return _read(connection, dossier.c.id.in_(numbers), is_full=False)


def list_keys(store: Store, source: str, after: str, limit: int) -> list[tuple[str, int]]:
    """(old key, version) of the dossiers of a source, in key order, beyond ``after``."""
    d = dossier.c
    query = select(d.key, d.version).where(d.source == source, d.key > after).order_by(d.key).limit(limit)
    with store.reading() as connection:
        return [(row.key, row.version) for row in connection.execute(query)]


def _read(connection: Connection, where: ColumnElement[bool], *, is_full: bool) -> list[dict[str, Any]]:
    d = dossier.c
    columns = (
        d.id, d.source, d.key, d.version, d.code, d.status, d.received_at, d.due_at, d.updated_by, d.idempotency_key,
        d.idempotency_version,
    )  # fmt: skip
    wanted = (*columns, d.procedure, d.filed_at, d.body) if is_full else columns
    heads = [dict(row) for row in connection.execute(select(*wanted).where(where).order_by(d.id)).mappings()]
    numbers = [head["id"] for head in heads]
    files = bound_files(connection, numbers)
    if not is_full:
        counts = _counts(connection, numbers)
        return [_answer(head, files, counts[head["id"]]) for head in heads]
    children = {name: _children(connection, name, numbers) for name in CHILD_FIELDS}
    answers = []
    for head in heads:
        own = {name: found.get(head["id"], []) for name, found in children.items()}
        answer = _answer(head, files, {name: len(rows) for name, rows in own.items()})
        body = put_together(head, own)
        answers.append(answer | {"body": body, "actions": [action.code for action in actions_of(body)]})
    return answers


def _answer(head: Mapping[str, Any], files: Mapping[int, Files], counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "new_id": new_id(head["id"]),
        "source": head["source"],
        "key": head["key"],
        "version": head["version"],
        "code": head["code"],
        "status": head["status"],
        "received_at": head["received_at"],
        "due_at": head["due_at"],
        "updated_by": head["updated_by"],
        "idempotency_key": head["idempotency_key"] if head["idempotency_version"] == head["version"] else "",
        "counts": counts,
        "files": [(locator, *content) for locator, content in files.get(head["id"], {}).items()],
    }


def _counts(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, int]]:
    """Rows of each dossier by list, in one question."""
    parts = []
    for name, (table, _) in CHILD_FIELDS.items():
        c = table.c
        part = select(literal(name).label("name"), c.dossier_id, func.count().label("rows"))
        parts.append(part.where(among(connection, c.dossier_id, numbers)).group_by(c.dossier_id))
    counts: dict[int, dict[str, int]] = {number: dict.fromkeys(CHILD_FIELDS, 0) for number in numbers}
    for name, number, rows in connection.execute(union_all(*parts)):
        counts[number][name] = rows
    return counts


def _children(connection: Connection, name: str, numbers: Sequence[int]) -> dict[int, list[Row]]:
    table = CHILD_FIELDS[name][0]
    c = table.c
    query = select(table).where(among(connection, c.dossier_id, numbers)).order_by(c.dossier_id, c.pos)
    found: dict[int, list[Row]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(tuple(row[2:]))
    return found
