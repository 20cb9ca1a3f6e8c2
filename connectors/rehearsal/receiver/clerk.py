"""What a clerk does in the new system: an edit that raises the version, as real work there would."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from connectors.rehearsal.receiver.check import Fault, check
from connectors.rehearsal.receiver.reading import bound_files, load
from connectors.rehearsal.receiver.shape import digest, number_of
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.tables import dossier
from connectors.rehearsal.receiver.upsert import Write, write

CLERK = "clerk"


class NotFound(Exception):
    """No dossier has this new id."""


class VersionDiffers(Exception):
    """The dossier has another version than the one named."""


class Invalid(Exception):
    """The edited dossier would break the contract."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


def edit(store: Store, text: str, changes: dict[str, Any], if_match: str, at: str) -> int:
    """Set fields of the dossier with this new id, in the words of the API; its new version."""
    number = number_of(text)
    with store.writing() as connection:
        query = select(dossier).where(dossier.c.id == number).with_for_update()
        held = connection.execute(query).mappings().one_or_none()
        if held is None or number is None:
            raise NotFound
        if if_match and if_match != str(held["version"]):
            raise VersionDiffers
        stored = load(connection, number)
        body = (stored["body"] if stored else {}) | changes
        edited, faults = check(msgspec.json.encode(body), held["source"], held["key"])
        if edited is None:
            raise Invalid(faults)
        files = bound_files(connection, [number]).get(number, {})
        item = Write(number, held["version"] + 1, edited, digest(edited), files, "", held)
        write(connection, [item], at, CLERK)
        return item.version
