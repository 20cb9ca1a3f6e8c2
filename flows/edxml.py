"""Documents and results of dossiers as edXML packets (QCVN 102:2016), and what packets and status messages say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from connectors._edxml_words import (
    Attached,
    Business,
    Code,
    DocumentType,
    Header,
    Organ,
    Packet,
    Promulgation,
    Traces,
)
from connectors.base import Misconfigured, Source
from connectors.edxml import document_id, faults_of, write_message
from flows import ledger_schema as t
from flows.explain import find_entries, record_unmasked
from flows.failures import MATCHED, REMAINS
from flows.payloads import plain
from flows.screen import number, say
from flows.site import SiteError, make_private, write_private
from flows.workplace import Workplace
from mappings.cells import VIETNAM
from mappings.model import AgencyRef, Attachment, Dossier, decode

MOST_FILE_MB: Final = 45
"""A larger file would make a packet that the reading side refuses."""
READY: Final = (t.VALID, *t.IN_TARGET)
"""States in which a mapped dossier has passed every rule."""
_NEW: Final = "0"


@dataclass(frozen=True)
class Letter:
    """A document or result of a dossier, as a packet carries it."""

    key: str
    name: str
    kind: str
    number: str
    day: str  # ISO; "" when the old system has none
    attachment: Attachment | None
    is_removed: bool


class NotSent(Exception):
    """Why no packet can be made of a letter, in Vietnamese."""


def export(work: Workplace, wanted: Sequence[str], out: Path | None) -> int:
    """Write a packet for each document and result of these dossiers; the exit code."""
    folder = out or work.site.var / "edxml"
    if folder.exists() and not folder.is_dir():
        raise SiteError(f"{folder} là một tệp, không phải thư mục. Chọn thư mục khác ở --out.")
    rows, left = _find(work, wanted)
    names = {source_id: name for name, source_id in work.site.source_ids().items()}
    sources = (
        {s.id: s.connector for s in work.open_sources(tuple({names[row.source_id] for row in rows}))} if rows else {}
    )
    numbers: Counter[str] = Counter()
    if rows:
        if not folder.is_dir():
            make_private(folder)
        who = record_unmasked(work, rows)
        say(f"Gói chứa dữ liệu cá nhân không che: đã ghi vào sổ cái tên tài khoản {who}.")
    for row in rows:
        dossier = decode(plain(row.mapped))
        for letter in letters(dossier):
            try:
                message = write_message(packet(dossier, letter, sources[row.source_id]))
            except NotSent as why:
                left.append(f"{row.code or row.key}, văn bản {letter.key}: {why}")
                continue
            name = re.sub(r"[^\w.-]", "_", row.code or row.key)
            numbers[name] += 1
            write_private(folder / f"{name}_{numbers[name]:02}.edxml", [message])
    for line in left:
        say(f"Không xuất: {line}.")
    written = numbers.total()
    say(f"Đã ghi {number(written)} gói edXML vào {folder} (chưa ký; không gửi đi đâu).")
    return REMAINS if left or not written else MATCHED


def _find(work: Workplace, wanted: Sequence[str]) -> tuple[list[Any], list[str]]:
    """Entries whose dossiers may go out, and why others may not."""
    ready: dict[tuple[str, str], Any] = {}
    left = []
    source_ids = list(work.site.source_ids().values())
    for code in dict.fromkeys(wanted):
        with work.ledger.transaction() as c:
            found = find_entries(c, code, source_ids)
        if not found:
            left.append(f"{code}: sổ cái không có hồ sơ nào mang mã hay khóa này")
        for row in found:
            if row.state in READY and row.mapped:
                ready[row.source_id, row.key] = row
            else:
                left.append(f"{code}: hồ sơ chưa qua bước kiểm tra (trạng thái {row.state})")
    return list(ready.values()), left


def letters(dossier: Dossier) -> Iterator[Letter]:
    """Results first, then the documents that the old system made."""
    for result in dossier.results:
        day = result.issued_on.isoformat() if result.issued_on else ""
        yield Letter(result.key, result.name, result.code, result.number, day, result.attachment, result.is_removed)
    for made in dossier.documents:
        day = made.at.astimezone(VIETNAM).date().isoformat() if made.at else ""
        yield Letter(made.key, made.name, made.kind, made.code, day, made.attachment, is_removed=False)


def packet(dossier: Dossier, letter: Letter, source: Source) -> Packet:
    """The packet of a letter: from where the dossier was received to who is competent now. Raises NotSent."""
    if letter.is_removed:
        raise NotSent("đã xóa ở hệ thống cũ")
    sent, notation = (part.strip() for part in letter.number.partition("/")[::2])
    sender = dossier.receiving_agency
    name = document_id(sender.code, letter.day, sent, notation)
    header = Header(
        sender=_organ(sender),
        receivers=(_organ(dossier.handling_agency),),
        document_id=name,
        code=Code(sent, notation),
        promulgation=Promulgation(day=letter.day),
        type=DocumentType(name=letter.kind),
        subject=f"{letter.name} (hồ sơ {dossier.code or dossier.key})",
        content=dossier.summary,
    )
    message = Packet(header, Traces(Business(_NEW, document_id=name)))
    faults = list(faults_of(message))
    if faults:
        raise NotSent("; ".join(faults))
    return Packet(header, message.traces, (_attached(letter, source),))


def _organ(agency: AgencyRef) -> Organ:
    return Organ(id=agency.code, name=agency.name)


def _attached(letter: Letter, source: Source) -> Attached:
    file = letter.attachment
    if file is None:
        raise NotSent("không có tệp")
    try:
        with source.open_file(file.locator) as stream:
            content = stream.read((MOST_FILE_MB << 20) + 1)
    except FileNotFoundError:
        raise NotSent("tệp không còn ở hệ thống cũ") from None
    except Misconfigured as error:
        raise NotSent(str(error).rstrip(".")) from None
    if len(content) > MOST_FILE_MB << 20:
        raise NotSent(f"tệp lớn hơn {MOST_FILE_MB} MB")
    return Attached("cid:1", file.name or letter.name, content, letter.name)
