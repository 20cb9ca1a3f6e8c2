"""Raw records as canonical bytes (same record, same bytes, same fingerprint), and how the ledger keeps payloads."""

from __future__ import annotations

import threading
import zlib
from hashlib import blake2b
from typing import Final

import msgspec
import zstandard

from connectors.base import Record

_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")
_DECODER: Final = msgspec.msgpack.Decoder()


def pack(record: Record) -> bytes:
    """The record as MessagePack with sorted keys."""
    return _ENCODER.encode((record.key, record.row, record.children))


def unpack(data: bytes) -> Record:
    """The record that :func:`pack` wrote."""
    return Record(*_DECODER.decode(data))


def fingerprint(data: bytes) -> bytes:
    """16 bytes of BLAKE2b."""
    return blake2b(data, digest_size=16).digest()


def compressed(data: bytes) -> bytes:
    """A payload as the ledger keeps it."""
    return _ZSTD.pack(data)


def plain(data: bytes | None) -> bytes:
    """The payload that :func:`compressed` made; nothing where there is none."""
    if not data:
        return b""
    return zlib.decompress(data) if data[0] == _ZLIB else _ZSTD.unpack(data)


class _Zstd(threading.local):
    """A compressor for each thread: one for each payload would cost more than its work, one for all is not safe."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=1).compress
        self.unpack = zstandard.ZstdDecompressor().decompress


_ZSTD: Final = _Zstd()
_ZLIB: Final = 0x78  # how the ledgers of the first days begin their payloads
