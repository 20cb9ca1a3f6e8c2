"""``lienthong serve``: the Prefect UI of a site."""

from __future__ import annotations

from typing import Final

from flows.verbs.options import Host, Port, Says, Site

SAYS: Final[Says] = {
    "serve": (
        "Mở giao diện Prefect và chờ lệnh chạy từ đó.",
        "Start the Prefect UI and wait for runs started from it.",
    ),
}


def run(site: Site, host: Host = "127.0.0.1", port: Port = 4200) -> int:
    """Serve the UI and wait for runs started from it."""
    from flows.runs import run_serve  # Prefect's server

    return run_serve(site, host, port)
