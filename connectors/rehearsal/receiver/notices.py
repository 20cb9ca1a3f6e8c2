"""Whom this system tells that a dossier was written: its owner, and the national portal by the queue to it.

A real one-stop sends a message to the phone or mail address in the dossier whenever a dossier is created or moves on,
and puts the change into a queue for the national portal. A writer may ask for silence; a dossier that says it was
brought over from an older system is on the portal already and never gets into the queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select

from connectors._sql_bulk import insert_rows
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.tables import dossier, notice

if TYPE_CHECKING:
    from connectors.rehearsal.receiver.upsert import Write

CITIZEN: Final = "citizen"
PORTAL: Final = "portal"


def post(connection: Connection, writes: Sequence[Write], at: str, by: str) -> None:
    """Note a message for everybody who is told of these writes."""
    rows = [(item.number, item.version, channel, by, at) for item in writes for channel in _channels(item)]
    insert_rows(connection, notice, rows)


def _channels(item: Write) -> Iterator[str]:
    if item.is_silent:
        return
    owner = item.dossier["ThongTinChuHoSo"]
    if owner.get("SoDienThoai") or owner.get("Email"):
        yield CITIZEN
    if not item.dossier.get("LaHoSoChuyenDoi", False):
        yield PORTAL


def count(store: Store, source: str, by: str) -> dict[str, int]:
    """Messages that writes of ``by`` (migration or clerk) caused on the dossiers of a source, by channel."""
    n, d = notice.c, dossier.c
    query = (
        select(n.channel, func.count())
        .select_from(notice.join(dossier, n.dossier_id == d.id))
        .where(d.source == source, n.by == by)
        .group_by(n.channel)
    )
    with store.reading() as connection:
        found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {channel: found.get(channel, 0) for channel in (CITIZEN, PORTAL)}
