"""The service that tells the port of a named instance: one datagram each way (MC-SQLR), always on UDP port 1434."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PORT: Final = 1434
_ASKED: Final = 4  # CLNT_UCAST_INST
_ANSWER: Final = b"\x05"


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, reply = self.request
        name = data[1:].rstrip(b"\0").decode("ascii")
        ports: dict[str, int] = self.server.ports  # type: ignore[attr-defined]
        if data[0] != _ASKED or name.upper() not in ports:
            return
        told = f"ServerName;MAY;InstanceName;{name};IsClustered;No;Version;16.0.4105.2;tcp;{ports[name.upper()]};;"
        reply.sendto(_ANSWER + len(told).to_bytes(2, "little") + told.encode("ascii"), self.client_address)


@contextmanager
def browser(host: str, ports: dict[str, int]) -> Iterator[None]:
    """Tell the ports of these instances (upper-case names) on one loopback address for as long as the context lasts."""
    with socketserver.ThreadingUDPServer((host, _PORT), _Answer) as server:
        server.ports = ports  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
