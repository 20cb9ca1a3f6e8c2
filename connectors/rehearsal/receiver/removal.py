"""Taking a dossier back: it, its files and its number go, unless somebody worked on it. The logs keep that it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from connectors.rehearsal.receiver.parts import forget
from connectors.rehearsal.receiver.shape import new_id
from connectors.rehearsal.receiver.store import Store, among
from connectors.rehearsal.receiver.tables import (
    CHILD_FIELDS,
    blob,
    change,
    dossier,
    dossier_file,
    part_upload,
    removal,
    upload,
)

_OF_DOSSIER: Final = (*(table for table, _ in CHILD_FIELDS.values()), dossier_file)


class Removed(msgspec.Struct, frozen=True):
    """What became of it. ``new_id`` "": nothing was there. ``version`` other than 0: it has this one, and stays."""

    new_id: str = ""
    version: int = 0


def remove(store: Store, source: str, key: str, if_match: str, idempotency_key: str, at: str) -> Removed:
    """Take one dossier back, only at this version. The same key again is answered as before."""
    d, r = dossier.c, removal.c
    with store.writing() as connection:
        query = select(d.id, d.version).where(d.source == source, d.key == key).with_for_update()
        held = connection.execute(query).one_or_none()
        same = select(r.dossier_id).where(
            r.source == source, r.key == key, r.idempotency_key == idempotency_key, r.idempotency_key != ""
        )
        before = connection.execute(same).scalar()
        if before is not None:
            return Removed(new_id(before))
        if held is None:
            _delete_uploads(connection, source, key)
            return Removed()
        if str(held.version) != if_match:
            return Removed(version=held.version)
        _delete_uploads(connection, source, key)
        for table in _OF_DOSSIER:
            connection.execute(delete(table).where(table.c.dossier_id == held.id))
        connection.execute(delete(dossier).where(d.id == held.id))
        connection.execute(
            insert(removal).values(
                dossier_id=held.id, source=source, key=key, version=held.version, at=at, idempotency_key=idempotency_key
            )
        )
        return Removed(new_id(held.id))


def _delete_uploads(connection: Connection, source: str, key: str) -> None:
    """What was uploaded for a dossier, and the contents that no other one shares."""
    u, b, p = upload.c, blob.c, part_upload.c
    begun = connection.execute(select(p.id).where(p.source == source, p.key == key)).scalars()
    forget(connection, list(begun))
    mine = (u.source == source) & (u.key == key)
    contents = sorted(set(connection.execute(select(u.sha256).where(mine)).scalars()))
    # locked first, asked afterwards: an upload of the same content at this moment keeps it
    connection.execute(select(b.pos).where(among(connection, b.sha256, contents), b.pos == 0).with_for_update())
    connection.execute(delete(upload).where(mine))
    kept = set(connection.execute(select(u.sha256).where(among(connection, u.sha256, contents))).scalars())
    gone = [content for content in contents if content not in kept]
    connection.execute(delete(blob).where(among(connection, b.sha256, gone)))


def spent_keys(connection: Connection, source: str, keys: Sequence[str]) -> set[tuple[str, str]]:
    """(old key, idempotency key) of every write to dossiers that were taken back: none may bring one back to life."""
    r, w = removal.c, change.c
    query = select(r.key, w.idempotency_key).join(change, w.dossier_id == r.dossier_id)
    where = (r.source == source) & among(connection, r.key, keys) & (w.idempotency_key != "")
    return {(row.key, row.idempotency_key) for row in connection.execute(query.where(where))}
