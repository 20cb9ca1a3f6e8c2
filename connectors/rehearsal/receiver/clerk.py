"""What a clerk does in the new system: an edit or the next action. Both raise the version, as real work there would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import select

from connectors.rehearsal.receiver import casework
from connectors.rehearsal.receiver.check import Fault, check
from connectors.rehearsal.receiver.reading import bound_files, load
from connectors.rehearsal.receiver.shape import NUMBER_PREFIX, digest, number_of
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


class NotAllowed(Exception):
    """The action is none of those that the dossier's step allows now."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__()
        self.allowed = allowed


Body = dict[str, Any]


def edit(store: Store, text: str, changes: Body, if_match: str, at: str) -> int:
    """Set fields of the dossier with this new id, in the words of the API; its new version.

    A status set by hand takes the dossier to the step where such dossiers wait.
    """

    def changed(body: Body, version: int) -> Body:
        status: Any = changes.get("TrangThaiHoSo", body.get("TrangThaiHoSo"))
        moved = {} if status == body.get("TrangThaiHoSo") else casework.placed(casework.place_of(status), status)
        return body | moved | changes

    return _work(store, text, changed, if_match, at).version


def act(store: Store, text: str, code: str, if_match: str, at: str, *, is_dry: bool) -> Write:
    """Take one of the next allowed actions: the step, the status and the history move on. Dry: nothing is kept."""

    def taken(body: Body, version: int) -> Body:
        allowed = casework.actions_of(body)
        action = next((each for each in allowed if each.code == code), None)
        if action is None:
            raise NotAllowed([each.code for each in allowed])
        told = {
            "BuocId": f"{NUMBER_PREFIX}{version}",
            "ThoiDiemXuLy": at,
            "NguoiXuLy": casework.ROLES[casework.STEPS[body["BuocXuLyMoi"]].role],
            "MaHanhDong": action.code,
            "NoiDungXuLy": action.name,
            "MaBuocTruoc": body["BuocXuLyMoi"],
            "MaBuoc": action.to,
            "TenBuoc": casework.STEPS[action.to].name if action.to else "",
        }
        history = [*body.get("TienTrinh", ()), told]
        moved = body | casework.placed(action.to, action.status) | {"TienTrinh": history}
        return _received(moved, text, at) if action.status == casework.RECEIVED else moved

    return _work(store, text, taken, if_match, at, is_dry=is_dry)


def _received(body: Body, text: str, at: str) -> Body:
    """A dossier at its receipt gets a code and the instant; one that has them keeps them."""
    return body | {"MaHoSo": body["MaHoSo"] or text, "NgayTiepNhan": body.get("NgayTiepNhan") or at}


def _work(
    store: Store, text: str, change: Callable[[Body, int], Body], if_match: str, at: str, *, is_dry: bool = False
) -> Write:
    """Change the dossier with this new id and write it as its next version."""
    number = number_of(text)
    with store.writing() as connection:
        query = select(dossier).where(dossier.c.id == number).with_for_update()
        held = connection.execute(query).mappings().one_or_none()
        if held is None or number is None:
            raise NotFound
        if if_match and if_match != str(held["version"]):
            raise VersionDiffers
        stored = load(connection, number)
        version = held["version"] + 1
        body = change(stored["body"] if stored else {}, version)
        edited, faults = check(msgspec.json.encode(body), held["source"], held["key"])
        if edited is None:
            raise Invalid(faults)
        files = bound_files(connection, [number]).get(number, {})
        item = Write(number, version, edited, digest(edited), files, "", held)
        if not is_dry:
            write(connection, [item], at, CLERK)
        return item
