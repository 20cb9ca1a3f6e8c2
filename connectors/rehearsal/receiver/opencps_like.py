"""The habits of OpenCPS v2 as a receiver, as its public code shows them (release-candidate-3.0).

Form fields with instants in milliseconds and JSON inside; 203 to whoever is not logged in and 403 to everything else
that is wrong; a dossier of the same number is overwritten without a word; the receipt is dropped when the filing is
missing; importData writes its own hours; nothing takes history.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from connectors.rehearsal.receiver import attachments
from connectors.rehearsal.receiver.foreign import REHEARSAL, Record, Shelf
from connectors.rehearsal.receiver.http import read_body, reply
from connectors.rehearsal.receiver.shape import VIETNAM
from connectors.rehearsal.receiver.store import Store

DATES: Final = (
    "createDate", "submitDate", "receiveDate", "dueDate", "releaseDate", "finishDate", "cancellingDate",
    "correcttingDate", "endorsementDate", "extendDate", "processDate",
)  # fmt: skip
TEXTS: Final = (
    "referenceUid", "serviceCode", "serviceName", "govAgencyCode", "govAgencyName", "dossierTemplateNo",
    "applicantName", "applicantIdType", "applicantIdNo", "applicantIdDate", "address", "contactName", "contactTelNo",
    "contactEmail", "delegateName", "online", "originality", "applicantNote", "dossierNo", "dossierStatus",
    "dossierSubStatus", "dossierName", "metaData",
)  # fmt: skip
IMPORT_HOURS: Final = {"receiveDate": 10, "dueDate": 10, "releaseDate": 9, "finishDate": 9}
IMPORT_IGNORES: Final = ("extendDate", "processDate", "metaData", "applicantNote")
_FORM: Final = "%d/%m/%Y %H:%M:%S"


class Wrong(Exception):
    """Anything that is wrong but a missing log-in."""


def opencps_routes(store: Store, push_token: str, read_token: str, now: Callable[[], str]) -> APIRouter:
    """Every route below /dossiers; the prefix /o/rest/v2 is part of the address that a site gives."""
    router, shelf = APIRouter(), Shelf(store, "opencps")

    async def answer(request: Request, work: Callable[[], Any], *, writes: bool) -> Response:
        token = request.headers.get("Token", "").encode()
        roles = [role for role, known in (("push", push_token), ("read", read_token)) if _is(known, token)]
        if not roles:
            return _failure(203, "Chưa đăng nhập.")
        if not request.headers.get("groupId") or (writes and "push" not in roles):
            return _failure(403, "No Content.")
        try:
            return reply(await run_in_threadpool(work), headers=REHEARSAL)
        except (Wrong, ValueError, KeyError):
            return _failure(403, "No Content.")

    @router.post("/dossiers/publish")
    async def publish(request: Request) -> Response:
        form = _form(await read_body(request))
        return await answer(request, lambda: _publish(shelf, _group(request), form, now()), writes=True)

    @router.post("/dossiers/publish/importData")
    async def import_data(request: Request) -> Response:
        form = _form(await read_body(request))
        return await answer(request, lambda: _import(shelf, _group(request), form, now()), writes=True)

    @router.put("/dossiers/{dossier}")
    async def change(request: Request, dossier: int) -> Response:
        form = _form(await read_body(request))
        return await answer(request, lambda: _change(shelf, _group(request), dossier, form, now()), writes=True)

    @router.get("/dossiers")
    async def search(request: Request) -> Response:
        return await answer(request, lambda: _search(shelf, _group(request), dict(request.query_params)), writes=False)

    @router.get("/dossiers/{dossier}/files")
    async def files(request: Request, dossier: int) -> Response:
        def listed() -> Any:
            held = shelf.files(dossier)
            data = [{"referenceUid": f["uid"], "displayName": f["name"], "fileSize": f["size"]} for f in held]
            return {"total": len(held), "data": data}

        return await answer(request, listed, writes=False)

    @router.post("/dossiers/{dossier}/files")
    async def upload(request: Request, dossier: int) -> Response:
        head = f"Content-Type: {request.headers.get('Content-Type', '')}\r\n\r\n".encode()
        body = await read_body(request)
        return await answer(request, lambda: _upload(shelf, dossier, head + body), writes=True)

    @router.get("/dossiers/{dossier}/files/{uid:path}")
    async def download(request: Request, dossier: int, uid: str) -> Response:
        found = [f for f in await run_in_threadpool(shelf.files, dossier) if f["uid"] == uid]
        allowed = await answer(request, dict, writes=False)
        if allowed.status_code != 200 or not found:
            return allowed if allowed.status_code != 200 else _failure(403, "No Content.")
        return StreamingResponse(attachments.stream(store, found[0]["sha256"]), 200, REHEARSAL)

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    async def other(request: Request, path: str) -> Response:
        """Anything else, history among it."""
        return await answer(request, _refuse, writes=request.method != "GET")

    return router


def _is(known: str, given: bytes) -> bool:
    return bool(known) and hmac.compare_digest(known.encode(), given)


def _group(request: Request) -> str:
    """The site of the portal: numbers are told apart within it only."""
    return request.headers.get("groupId", "")


def _failure(status: int, message: str) -> Response:
    said = {"message": message, "code": status, "description": "BusinessException"}
    return reply(said, status, REHEARSAL)


def _refuse() -> Any:
    raise Wrong


def _form(body: bytes) -> Record:
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _publish(shelf: Shelf, group: str, form: Record, at: str) -> Record:
    """Upsert by referenceUid, else by the number; the number wins over another referenceUid, without a word."""
    if not form.get("serviceCode") or not form.get("govAgencyCode"):
        raise Wrong
    uid, code = form.get("referenceUid", ""), form.get("dossierNo", "")
    found = shelf.find(uid=uid, unit=group) if uid else []
    if not found and code:
        found = shelf.find(number=code, unit=group)
    number = found[0][0] if found else shelf.number()
    record = {name: form.get(name, "") for name in TEXTS}
    record |= {name: _milliseconds(form.get(name, "")) for name in DATES}
    if not record["submitDate"]:
        record["receiveDate"] = 0
    record["referenceUid"] = uid or (found[0][1]["referenceUid"] if found else str(uuid4()))
    record |= {"dossierId": number, "modifiedDate": at}
    # originality 0 with a mapping to the national portal: the dossier would go there a second time
    record["publishQueue"] = int(form.get("originality", "0") == "0")
    shelf.put(number, record["referenceUid"], code, group, record)
    return _out(record)


def _import(shelf: Shelf, group: str, form: Record, at: str) -> Record:
    taken = {name: value for name, value in form.items() if name not in IMPORT_IGNORES}
    for name, hour in IMPORT_HOURS.items():
        if value := _milliseconds(form.get(name, "")):
            moved = datetime.fromtimestamp(value / 1000, VIETNAM).replace(hour=hour)
            taken[name] = str(int(moved.timestamp() * 1000))
    taken |= {"online": "false", "originality": "3", "dossierName": form.get("serviceName", "")}
    taken |= {"delegateName": form.get("applicantName", "")}
    return _publish(shelf, group, taken, at)


def _change(shelf: Shelf, group: str, number: int, form: Record, at: str) -> Record:
    found = shelf.find(id=number, unit=group)
    if not found:
        raise Wrong
    record = found[0][1] | {name: value for name, value in form.items() if name in TEXTS} | {"modifiedDate": at}
    shelf.put(number, record["referenceUid"], record["dossierNo"], group, record)
    return _out(record)


def _search(shelf: Shelf, group: str, asked: dict[str, str]) -> Record:
    start, end = int(asked.get("start", "0")), int(asked.get("end", "15"))
    where = {"referenceUid": "uid", "dossierNo": "number"}
    given = {column: asked[name] for name, column in where.items() if asked.get(name)}
    found = shelf.find(unit=group, **given)[start:end] if given else shelf.page(start, end - start, unit=group)
    return {"total": len(found), "data": [_out(record) for _, record in found]}


def _upload(shelf: Shelf, number: int, message: bytes) -> Record:
    if not shelf.find(id=number):
        raise Wrong
    fields: Record = {}
    content = b""
    for part in BytesParser(policy=HTTP).parsebytes(message).iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        if name == "file":
            content = payload
        else:
            fields[str(name)] = payload.decode()
    with attachments.spool(shelf.store) as spool:
        spool.take(content)
        shelf.put_file(number, fields["referenceUid"], fields.get("displayName", ""), spool)
    return {"referenceUid": fields["referenceUid"], "displayName": fields.get("displayName", "")}


def _milliseconds(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() else 0


def _out(record: Record) -> Record:
    """As the API tells it: instants as local text, a text of digits without a leading zero as a number."""
    said: Record = {}
    for name, value in record.items():
        if name in DATES:
            said[name] = datetime.fromtimestamp(value / 1000, VIETNAM).strftime(_FORM) if value else ""
        elif isinstance(value, str) and value.isascii() and value.isdecimal() and not value.startswith("0"):
            said[name] = int(value)
        else:
            said[name] = value
    return said
