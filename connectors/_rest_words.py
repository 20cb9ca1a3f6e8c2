"""The words of the REST contract as the client needs them; a dossier stays bytes but for its head."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from connectors.base import Conflict, Push, Receipt, Refused, Stored, TargetStep


class Identity(Struct, frozen=True):
    """What the server says of itself."""

    name: str
    version: str = ""
    rehearsal: bool = False
    role: str = ""


class Item(Struct, frozen=True):
    """One dossier of a batch."""

    source: str
    key: str
    if_match: str
    idempotency_key: str
    files: tuple[tuple[str, str], ...]
    body: Raw
    silent: bool = True  # a migration is no news for a citizen

    @classmethod
    def of(cls, push: Push) -> Item:
        """The item that carries this push; the body is embedded as it is."""
        return cls(push.source_id, push.key, push.if_match, push.idempotency_key, push.files, Raw(push.body))


class Fault(Struct, frozen=True):
    """Why a dossier was refused."""

    path: str
    code: str


class Answer(Struct, frozen=True):
    """The server's answer for one dossier."""

    key: str
    status: Literal[200, 201, 412, 422]
    new_id: str = ""
    version: int = 0
    errors: tuple[Fault, ...] = ()


class Answers(Struct, frozen=True):
    """The server's answer for a batch."""

    answers: list[Answer]


class Wanted(Struct, frozen=True):
    """Which dossiers to read back."""

    source: str
    keys: list[str]
    fields: str


class Held(Struct, frozen=True):
    """A dossier as the server holds it; ``body`` only when the whole was asked for."""

    new_id: str
    source: str
    key: str
    version: int
    code: str
    status: int
    received_at: str | None
    due_at: str | None
    counts: dict[str, int]
    files: tuple[tuple[str, str, int], ...]
    body: Raw = Raw(b"{}")
    actions: tuple[str, ...] | None = None
    idempotency_key: str | None = None

    def stored(self) -> Stored:
        """The same in the words of every target."""
        version, body = str(self.version), bytes(self.body)
        files, actions, written_by = self.files, self.actions, self.idempotency_key
        return Stored(self.source, self.key, self.new_id, version, body, files, actions, written_by)


class ActionWords(Struct, frozen=True):
    """What may be done at a step."""

    code: str


class StepWords(Struct, frozen=True):
    """A step of the server's process."""

    code: str
    name: str = ""
    role: str = ""
    statuses: tuple[int, ...] = ()
    actions: tuple[ActionWords, ...] = ()

    def step(self) -> TargetStep:
        """The same in the words of every target."""
        actions = tuple(action.code for action in self.actions)
        return TargetStep(self.code, self.name, self.role, self.statuses, actions)


class ProcessWords(Struct, frozen=True):
    """The server's process."""

    steps: tuple[StepWords, ...]


class Place(Struct, frozen=True):
    """Where a dossier stands and what may be done next."""

    version: int
    step: str
    actions: tuple[str, ...]


class ReadAnswer(Struct, frozen=True):
    """What was found of the dossiers asked for."""

    dossiers: list[Held]


class KeyPage(Struct, frozen=True):
    """One page of (old key, version)."""

    keys: list[tuple[str, int]]


class Told(Struct, frozen=True):
    """Messages that the server sent because of this sender's writes."""

    citizen: int
    portal: int


class Removed(Struct, frozen=True):
    """What went; ``new_id`` "" when there was nothing."""

    new_id: str


class Failed(Struct, frozen=True):
    """An answer that is no success."""

    code: str = ""
    errors: tuple[Fault, ...] = ()


class Sent(Struct, frozen=True):
    """The head of a dossier as sent: what is compared with what is read back at once."""

    MaHoSo: str = ""
    TrangThaiHoSo: int = 0
    NgayTiepNhan: str | None = None
    NgayHenTra: str | None = None
    TaiLieuNop: list[Raw] = []
    TienTrinh: list[Raw] = []
    DanhSachLePhi: list[Raw] = []
    DanhSachGiayToKetQua: list[Raw] = []


def receipt(answer: Answer) -> Receipt:
    """The receipt for an answer."""
    if answer.status == 412:
        error = Conflict("Hồ sơ đã có trong hệ thống mới với phiên bản khác.")
        return Receipt(answer.key, version=str(answer.version or ""), error=error)
    if answer.status == 422:
        reasons = tuple((fault.path, fault.code) for fault in answer.errors)
        return Receipt(answer.key, error=Refused("Hệ thống mới từ chối hồ sơ.", reasons))
    return Receipt(answer.key, answer.new_id, str(answer.version))


def differs(push: Push, held: Held) -> tuple[tuple[str, str], ...]:
    """(field, read_back_differs) for each field of the head that is not held as it was sent."""
    sent = msgspec.json.decode(push.body, type=Sent)
    return tuple((name, "read_back_differs") for name in _differing(push, sent, held))


def _differing(push: Push, sent: Sent, held: Held) -> Iterator[str]:
    if held.code != sent.MaHoSo:
        yield "MaHoSo"
    if held.status != sent.TrangThaiHoSo:
        yield "TrangThaiHoSo"
    if not _is_same_instant(held.received_at, sent.NgayTiepNhan):
        yield "NgayTiepNhan"
    if not _is_same_instant(held.due_at, sent.NgayHenTra):
        yield "NgayHenTra"
    for name in ("TaiLieuNop", "TienTrinh", "DanhSachLePhi", "DanhSachGiayToKetQua"):
        if held.counts.get(name) != len(getattr(sent, name)):
            yield name
    files = {locator: sha256 for locator, sha256, _ in held.files}
    if any(files.get(locator) != sha256 for locator, sha256 in push.files):
        yield "files"


def _is_same_instant(held: str | None, sent: str | None) -> bool:
    if held == sent:
        return True
    try:
        return held is not None and sent is not None and datetime.fromisoformat(held) == datetime.fromisoformat(sent)
    except (ValueError, TypeError):
        return False
