"""Raw records as canonical bytes: same record, same bytes, same fingerprint."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

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
