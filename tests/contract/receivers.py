"""A plain HTTP client for tests of the receiver: what any foreign client would send, byte for byte."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.rehearsal.receiver.process import RunningReceiver
from connectors.rest import DeclaredTarget
from flows.target_door import build_target_plan
from mappings.targets import load_target


@dataclass(frozen=True)
class Reply:
    """Status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(
    receiver: RunningReceiver,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One call with the push token, or another; ``token=""`` sends none. Bodies but bytes and files become JSON."""
    place = urlsplit(receiver.url)
    given = receiver.push_token if token is None else token
    sent = {"Authorization": f"Bearer {given}"} if given else {}
    data = body if body is None or isinstance(body, bytes) or hasattr(body, "read") else json.dumps(body).encode()
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        connection.request(method, path, data, {**sent, **(headers or {})})
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def declared_target(
    receiver: RunningReceiver, name: str, group: str, *, token: str = "", **ways: Any
) -> DeclaredTarget:
    """A client of a receiver in another vendor's mode, as the shipped target profile of that name says."""
    plan = build_target_plan(load_target(name), {"groupId": group})
    return DeclaredTarget(plan, receiver.url, token or receiver.push_token, **ways)


def foreign_clerk_notes(receiver: RunningReceiver, target: DeclaredTarget, source: str, key: str) -> Reply:
    """A clerk writes a note on a dossier in another vendor's system; the group is named like the source."""
    (held,) = target.read_back(source, [key])
    note = "Cán bộ đã xem"
    if "-" in held.new_id:  # a number of TD.DichVuCong
        return call(receiver, "PUT", f"/api/v1/HoSos/{quote(held.new_id)}", {"GhiChu": note})
    sent = {"Token": receiver.push_token, "groupId": source}
    return call(receiver, "PUT", f"/dossiers/{held.new_id}", urlencode({"applicantNote": note}).encode(), headers=sent)


def clerk_edits(receiver: RunningReceiver, source: str, key: str, **changes: Any) -> Reply:
    """A clerk changes a dossier there."""
    held = call(receiver, "POST", "/v1/dossiers:read", {"source": source, "keys": [key]}).json["dossiers"][0]
    return call(receiver, "PATCH", f"/v1/dossiers/{quote(held['new_id'])}", changes)
