"""Runs through Prefect: ``migrate`` from the command line, ``serve`` for runs started in the UI."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from connectors.base import Forbidden, Misconfigured, Unavailable
from flows import check as site_check
from flows import prefect_home as home
from flows.failures import MATCHED, USAGE, WRONG_SITE
from flows.pipeline import STAGES, RunOptions
from flows.screen import say
from flows.site import Site, load_site, make_private
from flows.workplace import open_workplace

RECORD_SECONDS: Final = 15


def run_migrate(path: Path, options: RunOptions) -> int:
    """Check the site and run the stages through Prefect; the exit code.

    Shown on the server of ``lienthong serve`` or PREFECT_API_URL when there is one, else on an own server that
    starts while the site is being checked and ends with the run.
    """
    if unknown := sorted(set(options.stages) - set(STAGES)):
        say(f"Không có bước {', '.join(unknown)}; có: {', '.join(STAGES)}.")
        return USAGE
    site = load_site(path)
    site.sources(options.sources)
    with home.server_for(site) as server:
        if not _is_whole(site):
            return WRONG_SITE
        from flows.migrate import MigrateForm, code_of, migrate  # Prefect: 4 s to import

        home.wait_for(server)
        with _in_words():
            state = migrate(MigrateForm.of(path, options), return_state=True)
        if state.message and not state.is_completed():
            say(state.message)
        if server.process is not None:
            _let_record(state.state_details.flow_run_id)
        return code_of(state)


def _is_whole(site: Site) -> bool:
    with open_workplace(site) as work:
        refusals = [f for f in site_check.check_site(work) if f.is_refusal]
    if refusals:
        site_check.print_findings(refusals)
    return not refusals


@contextmanager
def _in_words() -> Iterator[None]:
    """Trouble with Prefect's server, in words: what happened to dossiers is in the ledger."""
    import httpx
    from prefect.exceptions import PrefectException

    try:
        yield
    except (httpx.HTTPError, PrefectException) as error:
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (401, 403):
            raise Forbidden(
                "Máy chủ Prefect đòi mật khẩu. Thêm vào .env dòng PREFECT_API_AUTH_STRING=ten:mat_khau rồi chạy lại."
            ) from None
        raise Unavailable(
            f"Mất liên lạc với máy chủ Prefect ({type(error).__name__}). Sổ cái nguyên vẹn; xem lienthong status, "
            "rồi chạy lại lệnh để làm tiếp."
        ) from None


def _let_record(flow_run_id: UUID | None) -> None:
    """Give the own server time to write down the task runs and logs, which reach it asynchronously, before it ends."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=5)
    this = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id] if flow_run_id else []))
    deadline = time.monotonic() + RECORD_SECONDS
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            runs = client.read_task_runs(flow_run_filter=this)
            if all(run.state is not None and run.state.is_final() for run in runs):
                return
            time.sleep(0.2)


def run_serve(path: Path, host: str, port: int) -> int:
    """Start or join a Prefect server, serve this site's deployment until Ctrl-C or SIGTERM."""
    site = load_site(path)
    make_private(site.var)
    make_private(home.home_of(site))
    settings = home.settings_of(site)
    if not home.is_loopback(host) and "PREFECT_SERVER_API_AUTH_STRING" not in settings:
        say(
            f"Cảnh báo: ai tới được {host} cũng chạy được lệnh chuyển hồ sơ từ giao diện. Đặt mật khẩu trong .env:\n"
            "  PREFECT_SERVER_API_AUTH_STRING=ten:mat_khau"
        )
    server = _join(site, settings, host, port) or home.start_server(site, settings, host, port)
    os.environ.update({**settings, "PREFECT_API_URL": server.api})
    try:
        say(f"Đang {'khởi động' if server.process else 'nối vào'} máy chủ Prefect …")
        home.wait_for(server)
        with home.noted(site, server), _in_words():
            _serve(site, server)
    finally:
        server.stop()
    return MATCHED


def _join(site: Site, settings: dict[str, str], host: str, port: int) -> home.Server | None:
    """The server that PREFECT_API_URL names, or one that answers at this address."""
    if settings.get("PREFECT_API_URL"):
        return home.running_server(site, settings)
    if served := home.running_server(site, settings):
        raise Misconfigured(f"Site này đang được một lệnh serve khác phục vụ. Mở {served.url}")
    url = f"http://{host}:{port}"
    return home.Server(url, home.home_of(site) / "server.log") if port and home.is_listening(url) else None


def _serve(site: Site, server: home.Server) -> None:
    from flows.prefect_serve import serve_deployment

    def ready(page: str) -> None:
        say(
            f"Giao diện Prefect:        {server.url}\n"
            f"Chạy và xem site {site.settings.name}: {server.url}{page}\n"
            "Dừng: Ctrl-C. Lượt chạy đang dở dừng theo; sổ cái nguyên vẹn, lượt sau làm tiếp."
        )

    serve_deployment(site, ready)
