"""The deployment of a site, and the runner that starts the runs asked for in the UI."""

# no `from __future__ import annotations`: this module hands the flow to Prefect

import asyncio
import signal
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.runner import Runner
from prefect.schedules import RRule, Schedule
from prefect.utilities.callables import parameter_schema

from flows.migrate import MigrateForm, migrate
from flows.site import LOCAL, Site


def serve_deployment(site: Site, ready: Callable[[str], None]) -> None:
    """Register the site's deployment and start its runs, one at a time, until the process is told to end.

    ``ready`` is told the path of the deployment's page.
    """
    runner = Runner(name=site.settings.name, limit=1)
    deployment_id = runner.add_flow(
        migrate,
        name=site.settings.name,
        parameters={"form": MigrateForm(site=str(site.path)).model_dump(mode="json")},
        description=f"Chuyển hồ sơ của site **{site.settings.name}** (`{site.path}`), "
        f"hồ sơ nộp trước ngày {site.settings.cutoff:%d/%m/%Y}.",
        tags=["lienthong"],
        schedules=schedules_of(site, datetime.now(UTC)),
    )
    assert isinstance(deployment_id, UUID), "outside an event loop Prefect answers at once"
    with get_client(sync_client=True) as client:
        client.update_deployment(deployment_id, DeploymentUpdate(parameter_openapi_schema=form_of(site)))
    asyncio.run(_run(runner, lambda: ready(f"/deployments/deployment/{deployment_id}")))


def schedules_of(site: Site, now: datetime) -> list[Schedule]:
    """The comparisons that site.yaml asks for again and whose time is yet to come, each once."""
    form = MigrateForm(site=str(site.path), stages=["compare"]).model_dump(mode="json")
    return [
        RRule(
            f"DTSTART:{due:%Y%m%dT%H%M%S}\nRRULE:FREQ=DAILY;COUNT=1",
            timezone=str(LOCAL),
            parameters={"form": form},
            slug=f"doi-soat-lai-{due:%Y-%m-%d}",
        )
        for due in site.settings.compare.due(LOCAL)
        if due > now
    ]


async def _run(runner: Runner, ready: Callable[[], None]) -> None:
    """Run until Ctrl-C or SIGTERM, then cancel the run under way and leave.

    The runner's own answer to SIGTERM never stops it (3.8: its coroutine is not awaited), so it is replaced.
    """
    running = asyncio.ensure_future(runner.start())
    while not runner.started and not running.done():
        await asyncio.sleep(0.1)
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    ready()
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if runner.started:
        await runner.astop()
    await running


def form_of(site: Site) -> dict[str, Any]:
    """The schema of the form, narrowed to this site and its sources: the server refuses anything else."""
    schema = deepcopy(parameter_schema(migrate).model_dump_for_openapi())
    schema["properties"]["form"]["title"] = "Lượt chạy"
    fields = schema["definitions"]["MigrateForm"]["properties"]
    fields["site"] |= {"enum": [str(site.path)], "default": str(site.path)}
    fields["sources"]["items"] |= {"enum": list(site.settings.sources)}
    return schema
