"""The tables of the receiver's own database."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION: Final = 1

metadata: Final = MetaData()

_BIG: Final = BigInteger().with_variant(Integer, "sqlite")
_ORDERED: Final = String(100).with_variant(String(100, collation="C"), "postgresql")  # same order in every locale
_INSTANT: Final = String(32)  # ISO 8601, always +07:00: sorts as time, reads the same in both databases


counter: Final = Table(
    "receiver_counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

dossier: Final = Table(
    "receiver_dossier",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("source", String(100), nullable=False),
    Column("key", _ORDERED, nullable=False),
    Column("code", String(50), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("procedure", String(255), nullable=False),
    Column("filed_at", _INSTANT, nullable=False),
    Column("received_at", _INSTANT),
    Column("due_at", _INSTANT),
    Column("handling_code", String(255), nullable=False),
    Column("handling_catalogue", String(100), nullable=False),
    Column("body", Text, nullable=False),  # JSON: what has no column and no child table of its own
    Column("body_sha256", String(64), nullable=False),  # of the whole dossier as sent, in canonical form
    Column("version", Integer, nullable=False),
    Column("idempotency_key", String(200), nullable=False),  # of the last write by a sender
    Column("idempotency_version", Integer, nullable=False),  # the version which that write made
    Column("created_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
    Column("updated_by", String(40), nullable=False),
    UniqueConstraint("key", "source"),  # key first: it chooses even before PostgreSQL has statistics
    Index("receiver_dossier_code", "code"),
)


def _child(name: str, *columns: Column[object]) -> Table:
    return Table(
        f"receiver_{name}",
        metadata,
        Column("dossier_id", _BIG, primary_key=True, autoincrement=False),
        Column("pos", Integer, primary_key=True, autoincrement=False),
        *columns,
        sqlite_with_rowid=False,  # the key is the order: one tree to write instead of two
    )


paper: Final = _child(
    "paper",
    Column("key", String(100)),
    Column("code", String(255)),
    Column("name", Text),
    Column("kind", String(10)),
    Column("rest", Text),
)

step: Final = _child(
    "step",
    Column("key", String(100)),
    Column("at", _INSTANT),
    Column("actor", Text),
    Column("action_code", String(255)),
    Column("action", Text),
    Column("from_step", String(255)),
    Column("step", String(255)),
    Column("step_name", Text),
    Column("status", String(255)),
    Column("rest", Text),
)

fee: Final = _child(
    "fee",
    Column("key", String(100)),
    Column("name", Text),
    Column("total", BigInteger),
    Column("status", String(255)),
    Column("paid_at", _INSTANT),
    Column("rest", Text),
)

result: Final = _child(
    "result",
    Column("key", String(100)),
    Column("origin", String(20)),
    Column("name", Text),
    Column("number", String(255)),
    Column("rest", Text),
)

link: Final = _child(
    "link",
    Column("kind", String(20)),
    Column("value", Text),
    Column("rest", Text),
)
Index("receiver_link_value", link.c.value)

other_code: Final = _child(
    "other_code",
    Column("code", String(255)),
    Column("kind", String(20)),
    Column("rest", Text),
)
Index("receiver_other_code_code", other_code.c.code)

upload: Final = Table(
    "receiver_upload",
    metadata,
    Column("key", _ORDERED, primary_key=True),
    Column("source", String(100), primary_key=True),
    Column("locator", String(1_000), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("serial", BigInteger, nullable=False),  # the highest of a locator is its newest content
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Index("receiver_upload_content", "sha256"),
    sqlite_with_rowid=False,
)

dossier_file: Final = Table(
    "receiver_dossier_file",
    metadata,
    Column("dossier_id", _BIG, primary_key=True, autoincrement=False),
    Column("locator", String(1_000), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

blob: Final = Table(
    "receiver_blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("pos", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

part_upload: Final = Table(  # files that come in parts and are not whole yet
    "receiver_part_upload",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", String(100), nullable=False),
    Column("key", _ORDERED, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("part_size", Integer, nullable=False),
    Index("receiver_part_upload_key", "key", "source"),
)

part: Final = Table(
    "receiver_part",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
)

part_piece: Final = Table(
    "receiver_part_piece",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("pos", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

change: Final = Table(
    "receiver_change",
    metadata,
    Column("dossier_id", _BIG, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", _INSTANT, nullable=False),
    Column("by", String(40), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("idempotency_key", String(200), nullable=False),
    sqlite_with_rowid=False,
)

notice: Final = Table(  # who was told of a write
    "receiver_notice",
    metadata,
    Column("dossier_id", _BIG, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(10), primary_key=True),
    Column("by", String(40), nullable=False),
    Column("at", _INSTANT, nullable=False),
    sqlite_with_rowid=False,
)

removal: Final = Table(
    "receiver_removal",  # what was taken back, by whom it was known there: enough to answer twice, no content
    metadata,
    Column("dossier_id", _BIG, primary_key=True, autoincrement=False),
    Column("source", String(100), nullable=False),
    Column("key", _ORDERED, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", _INSTANT, nullable=False),
    Column("idempotency_key", String(200), nullable=False),
    Index("receiver_removal_key", "key", "source"),
)

GROWING: Final = (counter, change, removal, notice)
"""Tables that never lose a row and hold no content: numbers given, who wrote, took back or was told what."""

foreign: Final = Table(
    "receiver_foreign",  # dossiers of the modes that play another vendor: a record in that vendor's own words
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("mode", String(20), nullable=False),
    Column("uid", String(300), nullable=False),
    Column("number", String(255), nullable=False),
    Column("unit", String(255), nullable=False),
    Column("record", Text, nullable=False),
    Index("receiver_foreign_uid", "mode", "uid"),
    Index("receiver_foreign_number", "mode", "number"),
)

foreign_file: Final = Table(
    "receiver_foreign_file",
    metadata,
    Column("foreign_id", _BIG, primary_key=True, autoincrement=False),
    Column("uid", String(1_000), primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
)

CHILD_FIELDS: Final[dict[str, tuple[Table, tuple[str, ...]]]] = {
    "TaiLieuNop": (paper, ("GiayToId", "MaThanhPhanHoSo", "TenGiayTo", "LoaiThanhPhan")),
    "TienTrinh": (
        step,
        (
            "BuocId", "ThoiDiemXuLy", "NguoiXuLy", "MaHanhDong", "NoiDungXuLy", "MaBuocTruoc", "MaBuoc", "TenBuoc",
            "TrangThaiCu",
        ),
    ),
    "DanhSachLePhi": (fee, ("LePhiId", "TenPhiLePhi", "Gia", "TrangThaiThanhToan", "NgayThanhToan")),
    "DanhSachGiayToKetQua": (result, ("GiayToId", "NguonKetQua", "TenGiayTo", "SoGiayTo")),
    "LienKet": (link, ("LoaiLienKet", "GiaTri")),
    "MaHoSoKhac": (other_code, ("MaHoSo", "LoaiMa")),
}  # fmt: skip
"""List of the record → its table and the fields that are columns there, in the table's order after (id, pos)."""
