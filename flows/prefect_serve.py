"""The deployment of a site, and the runner that starts the runs asked for in the UI."""

# no `from __future__ import annotations`: this module hands the flow to Prefect

import asyncio
from copy import deepcopy
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.runner import Runner
from prefect.utilities.callables import parameter_schema

from flows.migrate import MigrateForm, migrate
from flows.site import Site


def serve_deployment(site: Site) -> None:
    """Register the site's deployment and start its runs, one at a time, until the process is told to end."""
    runner = Runner(name=site.settings.name, limit=1)
    deployment_id = runner.add_flow(
        migrate,
        name=site.settings.name,
        parameters={"form": MigrateForm(site=str(site.path)).model_dump(mode="json")},
        description=f"Chuyển hồ sơ của site **{site.settings.name}** (`{site.path}`), "
        f"hồ sơ nộp trước ngày {site.settings.cutoff:%d/%m/%Y}.",
        tags=["lienthong"],
    )
    assert isinstance(deployment_id, UUID), "outside an event loop Prefect answers at once"
    with get_client(sync_client=True) as client:
        client.update_deployment(deployment_id, DeploymentUpdate(parameter_openapi_schema=form_of(site)))
    asyncio.run(runner.start())


def form_of(site: Site) -> Any:
    """The schema of the form, narrowed to this site and its sources: the server refuses anything else."""
    schema = deepcopy(parameter_schema(migrate))
    schema.properties["form"]["title"] = "Lượt chạy"
    fields = schema.definitions["MigrateForm"]["properties"]
    fields["site"] |= {"enum": [str(site.path)], "default": str(site.path)}
    fields["sources"]["items"] |= {"enum": list(site.settings.sources)}
    return schema
