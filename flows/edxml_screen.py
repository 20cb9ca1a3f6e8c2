"""What edXML packets and status messages say, on the screen and as JSON, with personal values masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

from connectors._edxml_words import PURPOSES, STATUSES, Organ, Packet, ResponseFor, Status
from connectors.base import Broken
from connectors.edxml import read_message
from flows import screen
from flows.failures import MATCHED, WRONG_SITE
from mappings.personal import Kind, mask

_PERSONAL: Final[dict[str, Kind]] = {
    "Signer.name": "name", "Staff.staff": "name", "Staff.email": "email", "Staff.mobile": "phone",
    "Attached.name": "file", "OtherInfo.typist": "name",
    **dict.fromkeys(
        ("Header.subject", "Header.content", "OtherInfo.appendixes", "Business.reason", "Attached.description",
         "StatusHeader.description"),
        "text",
    ),
}  # fmt: skip
"""What a message may tell of a person; the rest are codes, days and offices."""


def show(files: Sequence[Path], *, is_masked: bool, as_json: bool) -> int:
    """Print what each file says; a file that cannot be read is named, and its neighbours are read."""
    found = [(file, _read(file)) for file in files]
    if as_json:
        screen.print_json([{"file": str(file), **to_builtins(said, is_masked=is_masked)} for file, said in found])
    for file, said in [] if as_json else found:
        if not isinstance(said, Broken):
            for line in _lines(file.name, said, is_masked=is_masked):
                screen.out().print(line, markup=False, soft_wrap=True)
    for _, said in found:
        if isinstance(said, Broken):
            screen.say(f"{said.place}: {said.said}. Xin nơi gửi xuất lại gói, hoặc bỏ tệp này khỏi lệnh.")
    return WRONG_SITE if any(isinstance(said, Broken) for _, said in found) else MATCHED


def _read(file: Path) -> Packet | Status | Broken:
    if not file.is_file():
        return Broken(str(file), "không thấy tệp này, hoặc không phải một tệp")
    try:
        with file.open("rb") as stream:
            return read_message(stream, str(file))
    except OSError as error:
        return Broken(str(file), f"không đọc được tệp ({error.strerror})")


def to_builtins(said: Packet | Status | Broken, *, is_masked: bool) -> dict[str, Any]:
    """A message for scripts: what is empty is left out, of files only their sizes are told."""
    kind = {Packet: "packet", Status: "status", Broken: "broken"}[type(said)]
    return {"kind": kind, **_plain(said, is_masked=is_masked)}


def _plain(part: Any, *, is_masked: bool) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for known in fields(part):
        name, value = f"{type(part).__name__}.{known.name}", getattr(part, known.name)
        if name == "Attached.content":
            told["size"] = len(value)
        elif name == "Packet.signature":
            told["is_signed"] = bool(value)
        elif value is False or _is_empty(value):
            continue
        else:
            told[known.name] = _value(name, value, is_masked=is_masked)
    return told


def _is_empty(value: Any) -> bool:
    """Whether a part says nothing, down to its smallest part."""
    if not is_dataclass(value):
        return value in ("", ())
    return all(_is_empty(getattr(value, known.name)) for known in fields(value))


def _value(name: str, value: Any, *, is_masked: bool) -> Any:
    if isinstance(value, tuple):
        return [_value(name, item, is_masked=is_masked) for item in value]
    if is_dataclass(value):
        return _plain(value, is_masked=is_masked)
    return mask(_PERSONAL.get(name, "open"), value) if is_masked else value


def _lines(name: str, said: Packet | Status, *, is_masked: bool) -> Iterator[str]:
    def shown(field: str, text: str) -> str:
        return mask(_PERSONAL[field], text) if is_masked else text

    header = said.header
    yield f"{name}: {'gói văn bản' if isinstance(said, Packet) else 'thông báo trạng thái'}"
    yield f"  Nơi gửi: {_organ(header.sender)}"
    if isinstance(said, Status):
        answer = said.header
        status = STATUSES.get(answer.code, "không thuộc QCVN 102")
        yield f"  Trạng thái {answer.code}: {status}{f', lúc {answer.at}' if answer.at else ''}"
        yield f"  Về văn bản: {_answered(answer.answers)}"
        if answer.staff.staff or answer.staff.department:
            who = ", ".join(filter(None, (shown("Staff.staff", answer.staff.staff), answer.staff.department)))
            yield f"  Người xử lý: {who}"
        if answer.description:
            yield f"  Ghi chú: {shown('StatusHeader.description', answer.description)}"
    else:
        yield from _packet_lines(said, is_masked=is_masked)
    if said.unknown:
        yield f"  Không thuộc QCVN 102, không được đọc: {', '.join(said.unknown)}"


def _packet_lines(said: Packet, *, is_masked: bool) -> Iterator[str]:
    told, header = to_builtins(said, is_masked=is_masked), said.header
    shown = told.get("header", {})
    yield f"  Nơi nhận: {'; '.join(map(_organ, header.receivers)) or '(trống)'}"
    number = "/".join(filter(None, (header.code.number, header.code.notation)))
    yield f"  Văn bản: {number or '(không số)'}, ngày {header.promulgation.day or '(trống)'}; mã {header.document_id}"
    if header.type.name:
        yield f"  Loại: {header.type.name}"
    purpose = said.traces.business.type
    if purpose:
        yield f"  Nghiệp vụ: {PURPOSES.get(purpose, f'{purpose}, không thuộc QCVN 102')}"
    for title, field in (("Trích yếu", "subject"), ("Nội dung", "content")):
        if field in shown:
            yield f"  {title}: {shown[field]}"
    if header.signer.name:
        yield f"  Người ký: {shown['signer']['name']}"
    for answer in header.answers:
        yield f"  Trả lời văn bản: {_answered(answer)}"
    for file in told.get("files", ()):
        yield f"  Tệp: {file.get('name', '(không tên)')} ({screen.number(file['size'])} byte)"
    if said.signature:
        yield "  Chữ ký số: có, không được kiểm"


def _organ(organ: Organ) -> str:
    return " ".join(filter(None, (organ.id, organ.name))) or "(trống)"


def _answered(answer: ResponseFor) -> str:
    return ", ".join(filter(None, (answer.document_id or answer.code, answer.organ_id, answer.day))) or "(trống)"
