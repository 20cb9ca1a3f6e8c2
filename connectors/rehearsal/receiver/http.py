"""What every route of the receiver shares: tokens, failures, bounded bodies. No value of a dossier is ever logged."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 64 * 1024 * 1024

Role = Literal["push", "read"]
Guard = Callable[..., Awaitable[None]]
T = TypeVar("T")

_BEARER: Final = HTTPBearer(auto_error=False, description="Mã truy cập; mã chỉ đọc không ghi được")


class Failure(HTTPException):
    """An answer that is no success: a code for programs, a Vietnamese sentence for people, never a value."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(status)
        self.body = {"code": code, "message": message, **more}


def reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, headers, "application/json")


async def fail(_: Request, error: Exception) -> Response:
    """Turn an HTTPException into the one form of all failures."""
    if isinstance(error, Failure):
        headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else None
        return reply(error.body, error.status_code, headers)
    status = error.status_code if isinstance(error, HTTPException) else 400
    return reply({"code": f"http_{status}", "message": "Yêu cầu không hợp lệ."}, status)


def guard(push_token: str, read_token: str, needed: Role) -> Guard:
    """A dependency that admits a token with this right (401 unknown, 403 too little) and notes its role."""
    roles: list[tuple[bytes, Role]] = [(push_token.encode(), "push"), (read_token.encode(), "read")]

    async def admit(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> None:
        sent = given.credentials.encode() if given else b""
        matching = [role for token, role in roles if token and hmac.compare_digest(token, sent)]
        if not matching:
            raise Failure(401, "token_wrong", "Thiếu mã truy cập hoặc mã truy cập sai.")
        if needed == "push" and matching[0] != "push":
            raise Failure(403, "right_missing", "Mã truy cập này chỉ được đọc.")
        request.state.role = matching[0]

    return admit


async def read_body(request: Request) -> bytes:
    """The whole body, bounded."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise Failure(413, "body_too_large", f"Yêu cầu lớn hơn {MAX_BODY // 1024**2} MB; chia nhỏ lô.")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request, kind: type[T]) -> T:
    """The body decoded; 400 when it is not of this form."""
    try:
        return msgspec.json.decode(await read_body(request), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Failure(400, "json_invalid", "Nội dung yêu cầu không đúng khuôn dạng JSON của API.") from None


class Shield:
    """The outermost layer: what goes wrong inside becomes a plain answer, and no text of it reaches a log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            return
        except DataError:  # such as a NUL, which PostgreSQL cannot even look for
            answer = reply({"code": "value_invalid", "message": "Yêu cầu có giá trị không dùng được."}, 400)
        except SQLAlchemyError:
            answer = reply({"code": "database_unavailable", "message": "Cơ sở dữ liệu không dùng được lúc này."}, 503)
        except Exception as error:
            answer = reply({"code": "mistake", "message": f"Lỗi của chương trình ({type(error).__name__})."}, 500)
        else:
            return
        if not has_started:
            await answer(scope, receive, send)
