"""Fingerprints: 16 bytes of BLAKE2b over canonical bytes. Same data, same print, on every run and machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")


def digest(data: object) -> bytes:
    """16 bytes over any plain data; the order of a mapping's keys does not count."""
    try:
        packed = _ENCODER.encode(data)
    except (OverflowError, UnicodeEncodeError):  # a number of more than 64 bits, half of a surrogate pair
        packed = repr(_ordered(data)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(packed, digest_size=16).digest()


def _ordered(data: object) -> object:
    if isinstance(data, Mapping):
        return [(key, _ordered(data[key])) for key in sorted(data)]
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return [_ordered(item) for item in data]
    return hex(data) if type(data) is int else data
