"""The habits of TD.DichVuCong as a receiver: an envelope that says no under a 200, and a number of its own."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from connectors.rehearsal.receiver.foreign import REHEARSAL, Record, Shelf
from connectors.rehearsal.receiver.http import read_body, reply
from connectors.rehearsal.receiver.store import Store

COLUMNS: Final = {
    "MaTTHC": 50, "DonViId": 50, "KenhThucHien": 2, "TrichYeuHoSo": 2000, "ChuHoSo": 500, "SoDienThoaiChuHoSo": 50,
    "EmailChuHoSo": 100, "SoGiayToChuHoSo": 100, "DiaChiChuHoSo": 500, "LoaiDoiTuong": 50, "GhiChu": 500,
    "TrangThaiHoSoId": 5, "NgayNopHoSo": 0, "NgayTiepNhan": 0, "NgayHenTra": 0, "NgayKetThucXuLy": 0, "NgayTra": 0,
    "EFormData": 0,
}  # fmt: skip
"""Column → how many characters it holds; 0: no bound."""

SEARCHED: Final = 300
"""Characters of TrichYeuHoSo that a search looks at."""


def td_routes(store: Store, push_token: str, read_token: str, now: Callable[[], str]) -> APIRouter:
    """Create, change and search below /api/v1/HoSos."""
    router, shelf = APIRouter(prefix="/api/v1/HoSos"), Shelf(store, "td")

    def role(request: Request) -> str:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        known = (("push", push_token), ("read", read_token))
        return next((name for name, token in known if token and hmac.compare_digest(token.encode(), given)), "")

    @router.post("")
    async def create(request: Request) -> Response:
        if role(request) != "push":
            return _plain(403 if role(request) else 401)
        sent = await _json(request)
        if sent is None:
            return reply({"Message": "Dữ liệu không hợp lệ."}, 400, REHEARSAL)
        return await run_in_threadpool(_create, shelf, sent, now())

    @router.put("/{code}")
    async def change(request: Request, code: str) -> Response:
        if role(request) != "push":
            return _plain(403 if role(request) else 401)
        sent = await _json(request)
        return await run_in_threadpool(_change, shelf, code, sent or {}, now())

    @router.get("")
    async def search(request: Request) -> Response:
        if not role(request):
            return _plain(401)
        asked = request.query_params
        page, size = int(asked.get("pageNumber", "1")), int(asked.get("pageSize", "10"))
        found = await run_in_threadpool(shelf.page, (page - 1) * size, size, text=asked.get("tuKhoa", ""))
        return _said([record for _, record in found])

    return router


def _create(shelf: Shelf, sent: Record, at: str) -> Response:
    """A new record each time it is asked for: a number that the caller gives is not looked at."""
    if not sent.get("MaTTHC") or not sent.get("DonViId"):
        return _said(None, "Thiếu thủ tục hoặc đơn vị.")
    number = shelf.number()
    unit = str(sent["DonViId"])
    code = f"{unit}-{at[2:4]}{at[5:7]}{at[8:10]}-{number:04}"
    record = {**_columns(sent), "MaHoSo": code, "MaHoSoKhac": None, "LastModifiedOn": at}
    shelf.put(number, record["TrichYeuHoSo"][:SEARCHED], code, unit, record)
    return _said(code, status=201)


def _change(shelf: Shelf, code: str, sent: Record, at: str) -> Response:
    found = shelf.find(number=code)
    if not found:
        return _said(None, "Không tìm thấy hồ sơ.")
    number, held = found[0]
    record = held | {name: value for name, value in _columns(sent).items() if name in sent} | {"LastModifiedOn": at}
    shelf.put(number, record["TrichYeuHoSo"][:SEARCHED], code, record["DonViId"], record)
    return _said(code)


def _columns(sent: Record) -> Record:
    return {name: str(sent.get(name) or "")[: size or None] for name, size in COLUMNS.items()}


async def _json(request: Request) -> Record | None:
    try:
        return msgspec.json.decode(await read_body(request), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _said(data: Any, message: str = "", status: int = 200) -> Response:
    return reply({"Succeeded": not message, "Message": message or None, "Data": data}, status, REHEARSAL)


def _plain(status: int) -> Response:
    return Response("Unauthorized", status, REHEARSAL, "text/plain")
