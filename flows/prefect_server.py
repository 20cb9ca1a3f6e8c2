"""The process of a Prefect server: ``python -m flows.prefect_server FD HOME REPORTS``; ends when its input ends.

Prefect's own start command opens its own port, prints a banner and outlives a parent that is killed.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Final

from flows.prefect_home import REPORTS_ROUTE

WATCH_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 5
_ASCII_FONT: Final = re.compile(r"chars:\w+\.ASCII\b")
_WIDER_FONT: Final = 'chars:[[" ","~"],["\u00a0","\u024f"],["\u1ea0","\u1ef9"]]'


def main(listener: int, home: Path, reports: str) -> None:
    """Serve Prefect's API and UI, and below ``/bao-cao`` the site's reports ("" = none)."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    import prefect
    import uvicorn
    from prefect.server.api.server import create_app
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    # without the second UI there is no banner for it, and no page that asks an outside host
    vars(prefect)["__ui_v2_static_path__"] = Path(os.devnull, "none")
    app = create_app(final=True)
    widen_graph_font(home / "ui")
    if reports:
        # in front of the UI, which answers every other path; browsers follow no file:// link from an http page
        app.router.routes.insert(0, Mount(REPORTS_ROUTE, StaticFiles(directory=reports, check_dir=False, html=True)))
    config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listener)])


def widen_graph_font(ui: Path) -> None:
    """Let the graph of a run draw Vietnamese: the UI prepares its letters in advance, and only those of ASCII.

    Changes the site's own copy of the UI. Where the words are not found (another release), nothing changes.
    """
    for script in ui.glob("v1/assets/*.js"):
        text = script.read_text(encoding="utf-8")
        wider = _ASCII_FONT.sub(_WIDER_FONT, text)
        if wider != text:
            script.write_text(wider, encoding="utf-8")


def _end_with(parent: int) -> None:
    """Wait until the pipe from the parent ends or the parent is gone (a fork of it may hold the pipe open)."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        while not selector.select(WATCH_SECONDS) and os.getppid() == parent:
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
