"""Whether one encoded dossier is acceptable: its faults as (path, code), never with a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from connectors.rehearsal.receiver.casework import faults as faults_of_work
from connectors.rehearsal.receiver.contract import DOSSIER, Dossier

RECEIVED: Final = frozenset({2, 4, 5, 6, 8, 9, 10})
"""TrangThaiHoSo that only a received dossier can have; 3 and 7 may come before the receipt."""

MAX_FAULTS: Final = 100
_NAME: Final = re.compile(r"[A-Za-z]{1,40}")

Fault = tuple[str, str]
"""(field path in the body, code)."""


def check(body: bytes, source: str, key: str) -> tuple[Dossier | None, list[Fault]]:
    """The dossier of an encoded body, or its faults."""
    try:
        dossier = DOSSIER.validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, [(_path(item["loc"]), item["type"]) for item in found[:MAX_FAULTS]]
    faults = list(_contradictions(dossier, source, key))
    if rb"\u0000" in body and _holds_nul(dossier):
        faults.append(("", "nul_character"))  # PostgreSQL cannot hold it in a text
    return (None, faults) if faults else (dossier, [])


def _contradictions(dossier: Dossier, source: str, key: str) -> Iterator[Fault]:
    if dossier["NguonHeThong"] != source:
        yield "NguonHeThong", "key_mismatch"
    if dossier["KhoaCu"] != key:
        yield "KhoaCu", "key_mismatch"
    unit = dossier["DonViXuLy"].get("DonViHanhChinh")
    if unit is not None and not unit["Ma"]:
        yield "DonViXuLy.DonViHanhChinh.Ma", "required"
    if dossier["TrangThaiHoSo"] in RECEIVED:
        if not dossier["MaHoSo"]:
            yield "MaHoSo", "required_at_status"
        if dossier.get("NgayTiepNhan") is None:
            yield "NgayTiepNhan", "required_at_status"
    yield from faults_of_work(dossier)


def _path(location: Sequence[int | str]) -> str:
    """Names of fields and positions in lists; the keys of free pairs are data and stay out."""
    if "ThongTinKhac" in location:
        location = location[: location.index("ThongTinKhac") + 1]
    return ".".join(str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in location)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)
