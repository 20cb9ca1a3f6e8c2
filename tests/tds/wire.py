"""Packets of TDS over a socket, in the clear or inside TLS."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from typing import Final

SQL_BATCH: Final = 1
RPC: Final = 3
REPLY: Final = 4
ATTENTION: Final = 6
TRANSACTION: Final = 14
LOGIN: Final = 16
PRELOGIN: Final = 18

HEADER: Final = 8
_END: Final = 1
_TLS_PIECE: Final = 16_384
_CLIENT_HELLO: Final = b"\x16"


class Gone(ConnectionError):
    """The client hung up."""


class Wire:
    """Messages of one client: read whole, written in packets of the agreed size."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.packet = 4096
        self.is_strict = False
        self._socket = connection
        self._tls: ssl.SSLObject | None = None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()

    def read(self) -> tuple[int, bytes]:
        """(type, body) of the next message."""
        body = b""
        while True:
            kind, status, size = struct.unpack(">BBH4x", self._exactly(HEADER))
            body += self._exactly(size - HEADER)
            if status & _END:
                return kind, body

    def write(self, body: bytes, kind: int = REPLY, *, is_last: bool = True) -> None:
        """One message, or with ``is_last=False`` a part of one whose length fills its packets."""
        step = self.packet - HEADER
        pieces = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
        framed = bytearray()
        for number, piece in enumerate(pieces, start=1):
            status = _END if is_last and number == len(pieces) else 0
            framed += struct.pack(">BBHHBB", kind, status, len(piece) + HEADER, 51, number & 255, 0) + piece
        self._send(bytes(framed))

    def enter_tls(self, context: ssl.SSLContext) -> None:
        """Encryption before the first packet (``Encrypt=strict``), where the client begins so. Raises ssl.SSLError."""
        if self._socket.recv(1, socket.MSG_PEEK) == _CLIENT_HELLO:
            self._socket = context.wrap_socket(self._socket, server_side=True)
            self.is_strict = True

    def close(self) -> None:
        self._socket.close()

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands inside PRELOGIN packets; everything after is encrypted. Raises ssl.SSLError."""
        tls = context.wrap_bio(self._in, self._out, server_side=True)
        while True:
            try:
                tls.do_handshake()
                is_done = True
            except ssl.SSLWantReadError:
                is_done = False
            finally:
                if said := self._out.read():
                    self.write(said, PRELOGIN)
            if is_done:
                break
            self._in.write(self.read()[1])
        self._tls = tls

    def stop_tls(self) -> None:
        """Go on in the clear: without encryption a client hides its log-in only."""
        self._tls = None

    def _send(self, data: bytes) -> None:
        if self._tls is None:
            self._socket.sendall(data)
            return
        for at in range(0, len(data), _TLS_PIECE):
            self._tls.write(data[at : at + _TLS_PIECE])
        self._socket.sendall(self._out.read())

    def _exactly(self, size: int) -> bytes:
        take: Callable[[int], bytes] = self._socket.recv if self._tls is None else self._decrypted
        data = b""
        while len(data) < size:
            piece = take(size - len(data))
            if not piece:
                raise Gone
            data += piece
        return data

    def _decrypted(self, size: int) -> bytes:
        assert self._tls is not None
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                received = self._socket.recv(65_536)
                if not received:
                    raise Gone from None
                self._in.write(received)
            except ssl.SSLZeroReturnError:
                raise Gone from None


class Reader:
    """A cursor over the bytes of a message."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self, letters: int) -> str:
        return self.take(2 * letters).decode("utf-16le")

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.data)


def short_text(text: str) -> bytes:
    """A text of up to 255 letters after its length in one byte."""
    return bytes([len(text.encode("utf-16le")) // 2]) + text.encode("utf-16le")


def long_text(text: str) -> bytes:
    """A text after its length in two bytes."""
    data = text.encode("utf-16le")
    return struct.pack("<H", len(data) // 2) + data


def skip_headers(body: bytes) -> int:
    """Where a request begins after its ALL_HEADERS."""
    return int.from_bytes(body[:4], "little")
