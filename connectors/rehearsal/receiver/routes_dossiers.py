"""The routes of dossiers: upsert, batch, read back, look-up, a clerk's edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.params import Depends
from starlette.concurrency import run_in_threadpool

from connectors.rehearsal.receiver import casework, clerk, document, notices, reading
from connectors.rehearsal.receiver.http import Failure, read_body, read_json, reply
from connectors.rehearsal.receiver.removal import remove
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.upsert import MIGRATION, Answer, Fault, Item, upsert

MAX_BATCH: Final = 1_000


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The envelope of a batch; the dossiers inside stay bytes until each is checked by itself."""

    items: list[Item]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dossiers to read back."""

    source: str
    keys: list[str]
    fields: Literal["head", "full", "actions"] = "head"


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a clerk changes; what is left out stays."""

    status: int | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


def dossier_routes(store: Store, reader: Depends, writer: Depends, now: Callable[[], str]) -> APIRouter:
    """Every route below /v1/dossiers."""
    router = APIRouter(tags=["Hồ sơ"])

    @router.post("/v1/dossiers:batch", dependencies=[writer], **document.BATCH)
    async def push_batch(request: Request) -> Response:
        batch = await read_json(request, Batch)
        _limit(len(batch.items))
        return reply({"answers": await run_in_threadpool(upsert, store, batch.items, now())})

    @router.post("/v1/dossiers:read", dependencies=[reader], **document.READ)
    async def read_back(request: Request) -> Response:
        wanted = await read_json(request, Wanted)
        _limit(len(wanted.keys))

        def work() -> Response:
            if wanted.fields == "actions":
                return reply({"dossiers": reading.read_work(store, wanted.source, wanted.keys)})
            is_full = wanted.fields == "full"
            return reply({"dossiers": reading.read(store, wanted.source, wanted.keys, is_full=is_full)})

        return await run_in_threadpool(work)

    @router.get("/v1/dossiers/keys", dependencies=[reader], **document.KEYS)
    async def list_keys(
        source: str, after: str = "", limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000
    ) -> Response:
        return reply({"keys": await run_in_threadpool(reading.list_keys, store, source, after, limit)})

    @router.get("/v1/dossiers", dependencies=[reader], **document.SEARCH)
    async def search(code: Annotated[str, Query(min_length=1, max_length=1_000)]) -> Response:
        return reply({"dossiers": await run_in_threadpool(reading.search, store, code)})

    @router.get("/v1/notices", dependencies=[reader], **document.NOTICES)
    async def count_notices(source: str, by: Literal["migration", "clerk"] = MIGRATION) -> Response:
        return reply(await run_in_threadpool(notices.count, store, source, by))

    @router.get("/v1/process", dependencies=[reader], **document.PROCESS)
    async def process() -> Response:
        return reply(casework.catalogue())

    @router.get("/v1/dossiers/{new_id}/actions", dependencies=[reader], **document.ACTIONS)
    async def next_actions(new_id: str) -> Response:
        found = await run_in_threadpool(reading.work_of, store, new_id)
        if found is None:
            raise Failure(404, "not_found", "Không có hồ sơ này.")
        return reply(found, headers=_etag(found["version"]))

    @router.post("/v1/dossiers/{new_id}/actions/{action}", dependencies=[writer], **document.ACT)
    async def act(
        new_id: str, action: str, if_match: Annotated[str, Header()] = "", dry_run: Annotated[bool, Query()] = False
    ) -> Response:
        return await run_in_threadpool(_act, store, new_id, action, _version_of(if_match), now(), dry_run)

    @router.get("/v1/dossiers/{new_id}", dependencies=[reader], **document.ONE)
    async def read_one(new_id: str) -> Response:
        found = await run_in_threadpool(reading.read_one, store, new_id)
        if found is None:
            raise Failure(404, "not_found", "Không có hồ sơ này.")
        return reply(found, headers=_etag(found["version"]))

    @router.put("/v1/dossiers/{source}/{key:path}", dependencies=[writer], **document.PUT)
    async def put(
        request: Request,
        source: str,
        key: str,
        if_match: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Response:
        if if_none_match not in ("", "*") or (if_match and if_none_match):
            raise Failure(400, "precondition_invalid", 'Dùng If-Match: "phiên bản" hoặc If-None-Match: *.')
        body = msgspec.Raw(await read_body(request))
        item = Item(source, key, body, _version_of(if_match), idempotency_key)
        return _answer((await run_in_threadpool(upsert, store, [item], now()))[0])

    @router.delete("/v1/dossiers/{source}/{key:path}", dependencies=[writer], **document.DELETE)
    async def take_back(
        source: str,
        key: str,
        if_match: Annotated[str, Header()] = "",
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Response:
        version = _version_of(if_match)
        if version in ("", "*"):
            raise Failure(428, "precondition_required", 'Rút hồ sơ phải kèm If-Match: "phiên bản".')
        done = await run_in_threadpool(remove, store, source, key, version, idempotency_key, now())
        return _conflict(done.version) if done.version else reply({"new_id": done.new_id})

    @router.patch("/v1/dossiers/{new_id}", dependencies=[writer], **document.PATCH)
    async def patch(request: Request, new_id: str, if_match: Annotated[str, Header()] = "") -> Response:
        edit = msgspec.structs.asdict(await read_json(request, Edit))
        names = {"status": "TrangThaiHoSo", "note": "GhiChu"}
        changes = {names[name]: value for name, value in edit.items() if value is not msgspec.UNSET}
        return await run_in_threadpool(_edit, store, new_id, changes, _version_of(if_match), now())

    return router


def _limit(count: int) -> None:
    if count > MAX_BATCH:
        raise Failure(413, "batch_too_large", f"Nhiều nhất {MAX_BATCH} hồ sơ một lần.")


def _version_of(header: str) -> str:
    return header.removeprefix("W/").strip('"')


def _etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def _answer(answer: Answer) -> Response:
    if answer.status == 412:
        return _conflict(answer.version)
    if answer.status == 422:
        return _invalid(answer.errors)
    content = {"new_id": answer.new_id, "version": answer.version}
    return reply(content, answer.status, _etag(answer.version))


def _conflict(version: int | None = None) -> Response:
    known = {} if version is None else {"version": version}
    return reply({"code": "version_differs", "message": "Hồ sơ có phiên bản khác.", **known}, 412)


def _invalid(errors: tuple[Fault, ...]) -> Response:
    return reply({"code": "invalid", "message": "Hồ sơ không hợp lệ.", "errors": errors}, 422)


def _edit(store: Store, new_id: str, changes: dict[str, Any], if_match: str, at: str) -> Response:
    def work() -> Response:
        version = clerk.edit(store, new_id, changes, if_match, at)
        return reply({"new_id": new_id, "version": version}, headers=_etag(version))

    return _of_clerk(work)


def _act(store: Store, new_id: str, action: str, if_match: str, at: str, is_dry: bool) -> Response:
    def work() -> Response:
        done = clerk.act(store, new_id, action, if_match, at, is_dry=is_dry)
        now: dict[str, Any] = dict(done.dossier)
        content = {
            "new_id": new_id,
            "version": done.version,
            "status": now["TrangThaiHoSo"],
            "step": now["BuocXuLyMoi"],
            "role": now["VaiTroXuLy"],
            "actions": [each.code for each in casework.actions_of(now)],
            "dry_run": is_dry,
        }
        return reply(content, headers=None if is_dry else _etag(done.version))

    return _of_clerk(work)


def _of_clerk(work: Callable[[], Response]) -> Response:
    try:
        return work()
    except clerk.NotFound:
        return reply({"code": "not_found", "message": "Không có hồ sơ này."}, 404)
    except clerk.VersionDiffers:
        return _conflict()
    except clerk.NotAllowed as error:
        message = "Hồ sơ không ở bước cho phép việc này."
        return reply({"code": "action_not_allowed", "message": message, "allowed": error.allowed}, 409)
    except clerk.Invalid as error:
        return _invalid(tuple(Fault(path, code) for path, code in error.faults))
