"""The routes of attachments: upload before or after the dossier, whole or in parts; download."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.params import Depends
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from connectors.rehearsal.receiver import attachments, document, parts
from connectors.rehearsal.receiver.http import Failure, read_json, reply
from connectors.rehearsal.receiver.store import Store


def attachment_routes(store: Store, reader: Depends, writer: Depends) -> APIRouter:
    """Every route below /v1/attachments and /v1/uploads."""
    router = APIRouter(tags=["Tệp đính kèm"])

    @router.post("/v1/attachments/{source}/{key:path}", dependencies=[writer], **document.UPLOAD)
    async def upload(
        request: Request,
        source: str,
        key: str,
        x_locator: Annotated[str, Header()],
        x_name: Annotated[str, Header()] = "",
        x_sha256: Annotated[str, Header()] = "",
    ) -> Response:
        locator, name = _text(x_locator, 1_000), _text(x_name, 4_000)
        if not locator or not source or not key or len(source) > 100 or len(key) > 100:
            raise Failure(400, "address_invalid", "Thiếu hoặc sai nguồn, khóa hồ sơ hoặc X-Locator.")
        with attachments.spool(store) as content:
            await _fill(content, request)
            _check(content, x_sha256)
            await run_in_threadpool(attachments.keep, store, source, key, locator, name, content)
            return reply({"sha256": content.sha256, "size": content.size})

    @router.get("/v1/attachments/{source}/{key:path}", dependencies=[reader], **document.DOWNLOAD)
    async def download(
        source: str, key: str, locator: Annotated[str, Query(min_length=1, max_length=1_000)]
    ) -> Response:
        found = await run_in_threadpool(attachments.find, store, source, key, locator)
        if found is None:
            raise Failure(404, "not_found", "Không có tệp này.")
        sha256, size = found
        headers = {"Content-Length": str(size), "X-SHA256": sha256}
        return StreamingResponse(attachments.stream(store, sha256), 200, headers, "application/octet-stream")

    @router.post("/v1/uploads:begin", dependencies=[writer], **document.BEGIN)
    async def begin(request: Request) -> Response:
        content = await read_json(request, parts.Content)
        content.check()
        return reply(await run_in_threadpool(parts.begin, store, content))

    @router.put("/v1/uploads/{upload_id}/{number}", dependencies=[writer], **document.PART)
    async def part(
        request: Request,
        upload_id: str,
        number: Annotated[int, Path(ge=0)],
        x_sha256: Annotated[str, Header()],
    ) -> Response:
        with attachments.spool(store) as content:
            await _fill(content, request)
            _check(content, x_sha256)
            await run_in_threadpool(parts.keep_part, store, upload_id, number, content)
            return reply({"sha256": content.sha256, "size": content.size})

    @router.post("/v1/uploads:finish", dependencies=[writer], **document.FINISH)
    async def finish(request: Request) -> Response:
        content = await read_json(request, parts.Content)
        content.check()
        return reply(await run_in_threadpool(parts.finish, store, content))

    return router


async def _fill(content: attachments.Spool, request: Request) -> None:
    try:
        await content.fill(request.stream())
    except attachments.TooLarge:
        raise Failure(413, "file_too_large", "Tệp lớn hơn mức cho phép.") from None


def _check(content: attachments.Spool, sha256: str) -> None:
    """Refuse what changed on its way."""
    if sha256 and sha256.lower() != content.sha256:
        error = [{"path": "X-SHA256", "code": "sha256_differs"}]
        raise Failure(422, "invalid", "Nội dung nhận được khác sha256 đã báo.", errors=error)


def _text(header: str, limit: int) -> str:
    """A percent-encoded UTF-8 header."""
    text = unquote(header, errors="replace")
    if len(text) > limit or "\x00" in text:
        raise Failure(400, "header_invalid", "X-Locator hoặc X-Name quá dài hoặc sai.")
    return text
