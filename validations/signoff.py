"""A sign-off: who signed which report, when, in spite of what. A list that only grows, each line tied to the last."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

import msgspec

FILE: Final = "signoffs.csv"
SPOILT: Final = ("empty", "unbalanced", "in_progress")
"""Verdicts by which the figures do not add up yet, or still move."""


@dataclass(frozen=True)
class SignOff:
    """One line of signoffs.csv. ``manifest``: sha256 of the manifest that was signed, ``report`` its number.

    ``matters``: what was still open, each in words; ``despite`` why it was signed all the same. ``previous``: the
    signature of the line before. ``key`` and ``signature`` are the site's, not the signer's.
    """

    number: int
    signed_at: str
    author: str
    title: str
    note: str
    despite: str
    matters: str
    report: int
    manifest: str
    folder: str
    previous: str
    key: str
    signature: str = ""


def signed_bytes(record: SignOff) -> bytes:
    """What the signature is made over: all but itself."""
    return msgspec.json.encode(replace(record, signature=""), order="sorted")


def to_json(record: SignOff) -> bytes:
    """The record as it lies in the folder of the signed report."""
    return msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=1) + b"\n"


def from_json(data: bytes) -> SignOff | None:
    """The record that :func:`to_json` wrote, None for anything else."""
    try:
        found = msgspec.json.decode(data, type=SignOff)
        return found if to_json(found) == data else None
    except (msgspec.MsgspecError, ValueError):
        return None


# ---------------------------------------------------------------- the list

_NAMES: Final = tuple(field.name for field in fields(SignOff))


def to_csv(records: Iterable[SignOff]) -> bytes:
    """The list as people open it."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(record) for record in records)
    return buffer.getvalue().encode()


def from_csv(data: bytes) -> list[SignOff]:
    """The lines of a list; one that cannot be read stands for itself, unsigned, so that it is noticed."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        rows = [{}]
    return [_record(position, row) for position, row in enumerate(rows, start=1)]


def _record(position: int, row: Mapping[str, Any]) -> SignOff:
    texts = {name: str(row.get(name) or "") for name in _NAMES}
    numbers: dict[str, Any] = {name: _whole(texts[name]) for name in ("number", "report")}
    return SignOff(**{**texts, **numbers, "number": numbers["number"] or position})


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def faults(records: Sequence[SignOff], is_ours: Callable[[SignOff], bool]) -> list[str]:
    """What is wrong with the list itself, in words: a line changed, taken out, or written by a foreign key."""
    found, before = [], ""
    for position, record in enumerate(records, start=1):
        if not is_ours(record):
            found.append(f"dòng số {record.number}: chữ ký của công cụ không đúng")
        elif record.number != position or record.previous != before:
            found.append(f"dòng số {record.number}: không nối tiếp dòng trước")
        before = record.signature
    return found


# ---------------------------------------------------------------- what stands in the way


def matters(report: Mapping[str, Any]) -> Iterator[str]:
    """What a signer must know is still open, from the report's own JSON."""
    verdict = report["verdict"]
    if verdict["kind"] in SPOILT:
        yield verdict["sentence"].rstrip(".")
    for step in report["next_steps"]:
        if step["is_blocking"]:
            yield f"{step['what']} ({step['dossiers']} hồ sơ)" if step["dossiers"] else step["what"]
    for item in report["not_checked"]:
        if item.get("is_critical"):
            yield f"Chưa kiểm: {item['what']}"


# ---------------------------------------------------------------- does it still hold


def moment(text: str) -> str:
    """A local instant as offices write it; a text that is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(text):%H:%M ngày %d/%m/%Y}"
    except ValueError:
        return text


@dataclass(frozen=True)
class Standing:
    """A sign-off as it stands now. ``because``: why it holds no longer, in words; empty: it holds."""

    record: SignOff
    because: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.because

    def said(self) -> str:
        """In one line: who, when, whether it holds."""
        who = f"{self.record.author}, {self.record.title}"
        head = f"Báo cáo số {self.record.report}: {who} ký xác nhận lúc {moment(self.record.signed_at)}"
        held = "còn hiệu lực" if self.is_valid else f"HẾT HIỆU LỰC vì {'; '.join(self.because)}"
        despite = f" (ký dù còn vướng: {self.record.despite})" if self.record.despite else ""
        return f"{head}{despite}: {held}."

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**asdict(self.record), "is_valid": self.is_valid, "because": list(self.because)}
