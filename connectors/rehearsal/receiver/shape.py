"""A dossier taken apart into the rows of the tables, and put together again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from connectors.rehearsal.receiver.contract import Dossier
from connectors.rehearsal.receiver.tables import CHILD_FIELDS

VIETNAM: Final = timezone(timedelta(hours=7))
NUMBER_PREFIX: Final = "H44-"
WITH_FILES: Final = ("TaiLieuNop", "DanhSachGiayToKetQua", "DanhSachVanBan")

_CANONICAL: Final = msgspec.json.Encoder(order="sorted")
_INSTANTS: Final = frozenset({"ThoiDiemXuLy", "NgayThanhToan"})
_NULL_COUNTS: Final = frozenset({"ThoiDiemXuLy"})  # required by the contract and may be null: null is not "left out"

HEAD_FIELDS: Final = ("MaHoSo", "TrangThaiHoSo", "MaTTHC", "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra")
"""Fields of the record that are columns of the dossier table, in this order from ``code`` on."""

Row = tuple[object, ...]


def new_id(number: int) -> str:
    """The number that the receiver gives a dossier, as its users see it."""
    return f"{NUMBER_PREFIX}{number:09d}"


def number_of(text: str) -> int | None:
    """The number behind a new id; None when the text is none."""
    digits = text.removeprefix(NUMBER_PREFIX)
    is_ours = text.startswith(NUMBER_PREFIX) and digits.isascii() and digits.isdigit() and len(digits) <= 15
    return int(digits) if is_ours else None


def instant(value: datetime | None) -> str | None:
    """ISO 8601 text at +07:00."""
    if value is None:
        return None
    text = value.isoformat()
    return text if text.endswith("+07:00") else value.astimezone(VIETNAM).isoformat()


def digest(dossier: Dossier) -> str:
    """Sha256 of a dossier's canonical form: the same whatever the order of its fields and the spaces between."""
    return hashlib.sha256(_CANONICAL.encode(dossier)).hexdigest()


def files_of(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """(path, locator) of every file that must have been uploaded."""
    record: Mapping[str, Any] = dossier
    for name in WITH_FILES:
        for pos, part in enumerate(record.get(name, ())):
            file = part.get("TepDinhKem")
            if file and not file.get("TepBiThieu", False):
                yield f"{name}.{pos}.TepDinhKem", file["TepDinhKemId"]


def take_apart(dossier: Dossier, number: int) -> tuple[Row, dict[str, list[Row]]]:
    """The dossier's own columns from ``code`` to ``body``, and the rows of its children by list. Empties it."""
    record: dict[str, Any] = dict(dossier)
    children = {
        name: [_child_row(number, pos, item, fields) for pos, item in enumerate(record.pop(name, ()))]
        for name, (_, fields) in CHILD_FIELDS.items()
    }
    del record["NguonHeThong"], record["KhoaCu"]
    handling = record["DonViXuLy"]
    code, status, procedure, *instants = [record.pop(name, None) for name in HEAD_FIELDS]
    times = [instant(value) for value in instants]
    head = (code, status, procedure, *times, handling["MaDonVi"], handling["DanhMuc"], _text(record))
    return head, children


def _child_row(number: int, pos: int, item: dict[str, Any], fields: Sequence[str]) -> Row:
    values = [instant(item.pop(name, None)) if name in _INSTANTS else item.pop(name, None) for name in fields]
    return (number, pos, *values, _text(item) if item else None)


def _text(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def put_together(head: Mapping[str, Any], children: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """The dossier in the words of the API, from its row and the rows of its children (without id and pos)."""
    record: dict[str, Any] = {"NguonHeThong": head["source"], "KhoaCu": head["key"]}
    columns = ("code", "status", "procedure", "filed_at", "received_at", "due_at")
    record |= {
        name: head[column] for name, column in zip(HEAD_FIELDS, columns, strict=True) if head[column] is not None
    }
    record |= msgspec.json.decode(head["body"])
    record |= {
        name: [_child(row, fields) for row in children[name]]
        for name, (_, fields) in CHILD_FIELDS.items()
        if children.get(name)
    }
    return record


def as_held(dossier: Dossier) -> dict[str, Any]:
    """The dossier as it will be read back."""
    source, key = dossier["NguonHeThong"], dossier["KhoaCu"]
    head, children = take_apart(deepcopy(dossier), 0)
    columns = ("code", "status", "procedure", "filed_at", "received_at", "due_at", "", "", "body")
    record = {"source": source, "key": key, **dict(zip(columns, head, strict=True))}
    return put_together(record, {name: [row[2:] for row in rows] for name, rows in children.items()})


def _child(row: Row, fields: Sequence[str]) -> dict[str, Any]:
    *values, rest = row
    item = {
        name: value for name, value in zip(fields, values, strict=True) if value is not None or name in _NULL_COUNTS
    }
    return item | msgspec.json.decode(rest) if isinstance(rest, str) else item
