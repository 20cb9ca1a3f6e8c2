"""The endpoint as a server on loopback: for tests in the same process, or by hand on a port."""

from __future__ import annotations

import argparse
import itertools
import secrets
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.tds.execution import Execution
from tests.tds.instance import Instance
from tests.tds.session import Session
from tests.tds.wire import Wire


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    instance: Instance
    tls: ssl.SSLContext | None = None
    needs_tls = False


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        served = self.server
        Session(Wire(self.request), served.instance, served.tls, needs_tls=served.needs_tls).run()


@dataclass
class TdsServer:
    """A running endpoint. ``instance`` makes databases and fills tables without the wire."""

    host: str
    port: int
    password: str
    instance: Instance
    _numbers: Iterator[int]

    def url(self, database: str = "master") -> str:
        """How a site's ``url_env`` names a database of it, for the powerful account."""
        login = f"sa:{self.password}@{self.host}:{self.port}"
        return f"mssql+pyodbc://{login}/{database}?encrypt=false"

    def run(self, database: str, sql: str) -> None:
        """A batch in T-SQL with the rights of the powerful account, past the wire."""
        work = Execution(self.instance, self.instance.accounts["sa"], database)
        for result in work.run(sql, {}):
            list(result.rows)
        work.close()

    def make_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"t{next(self._numbers)}"
        self.instance.create_database(name)
        return self.url(name)


@contextmanager
def tds_server(
    tls: ssl.SSLContext | None = None, *, needs_tls: bool = False, port: int = 0, host: str = "127.0.0.1"
) -> Iterator[TdsServer]:
    """An endpoint for as long as the context lasts."""
    password = secrets.token_hex(8)
    with _Listener((host, port), _Handler) as listener:
        listener.instance, listener.tls, listener.needs_tls = Instance(password), tls, needs_tls
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield TdsServer(host, listener.server_address[1], password, listener.instance, itertools.count(1))
        finally:
            listener.shutdown()
            thread.join()


def main() -> None:
    """Serve one empty database until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.tds.server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--database", default="motcua")
    given = parser.parse_args()
    with tds_server(port=given.port) as server:
        server.instance.create_database(given.database)
        print(server.url(given.database), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
