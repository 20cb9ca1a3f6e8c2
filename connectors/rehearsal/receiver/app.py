"""The service: one FastAPI application over an open store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from connectors.rehearsal.receiver import document
from connectors.rehearsal.receiver.http import Shield, fail, guard, reply
from connectors.rehearsal.receiver.opencps_like import opencps_routes
from connectors.rehearsal.receiver.routes_attachments import attachment_routes
from connectors.rehearsal.receiver.routes_dossiers import dossier_routes
from connectors.rehearsal.receiver.shape import VIETNAM
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.td_like import td_routes

NAME = "lienthong-receiver"


Mode = Literal["strict", "opencps", "td"]
"""Whom the receiver plays: the contract of this tool, or a vendor's API with its habits."""


def system_clock() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


def create_app(
    store: Store,
    push_token: str,
    read_token: str,
    *,
    mode: Mode = "strict",
    clock: Callable[[], datetime] = system_clock,
    on_ready: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The service over an open store. ``on_ready`` is called once it takes requests."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        on_ready()
        yield

    app = FastAPI(
        title="lienthong-receiver: hệ thống một cửa mới dùng để diễn tập",
        description=document.DESCRIPTION,
        version=_version(),
        openapi_url="/v1/openapi.json",
        docs_url=None,  # these pages load their scripts from outside
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Shield)
    app.add_exception_handler(HTTPException, fail)
    app.add_exception_handler(RequestValidationError, fail)
    reader, writer = (Depends(guard(push_token, read_token, role)) for role in ("read", "push"))

    def now() -> str:
        return clock().astimezone(VIETNAM).isoformat(timespec="milliseconds")

    @app.get("/v1/identity", dependencies=[reader], **document.IDENTITY)
    async def identity(request: Request) -> Response:
        return reply({"name": NAME, "version": _version(), "rehearsal": True, "role": request.state.role})

    if mode == "strict":
        app.include_router(dossier_routes(store, reader, writer, now))
        app.include_router(attachment_routes(store, reader, writer))
        document.describe(app)
    elif mode == "opencps":
        app.include_router(opencps_routes(store, push_token, read_token, now))
    else:
        app.include_router(td_routes(store, push_token, read_token, now))
    return app


def _version() -> str:
    try:
        return version("lienthong")
    except PackageNotFoundError:  # run from a folder that was not installed
        return "0"
