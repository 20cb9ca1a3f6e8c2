"""edXML (QCVN 102:2016/BTTTT): packets and status messages of the document systems of the government, read and written.

The door through which documents and results of a dossier are exchanged. Elements are matched by namespace and name,
never by prefix; what comes in is as little trusted as any XML (:mod:`connectors._xml_guard`).
"""

from __future__ import annotations

import binascii
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, BinaryIO, Final

from lxml import etree

from connectors._edxml_words import (
    NAMESPACE,
    STATUSES,
    ZIP,
    Attached,
    Header,
    Packet,
    Status,
    StatusHeader,
    Traces,
)
from connectors._xml_guard import Feed, FileBroken
from connectors._xml_rows import BLANKS
from connectors._xml_zip import Member, members, open_zip
from connectors.base import Broken, Misconfigured

MOST_UNKNOWN: Final = 100
MOST_MB: Final = 64
"""A message with its files; they are held in memory."""

_NS: Final = f"{{{NAMESPACE}}}"
_MANIFEST: Final = ("ContentId", "ContentType", "Description", "AttachmentName")
_OTHER_NAMESPACES: Final = {"http://www.go.vn/eDoc": "eDoc (http://www.go.vn/eDoc)"}
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_KNOWN_ATTRIBUTES: Final = frozenset({"id", "version", "mustUnderstand", "actor"})
"""What one SDK puts on every list of traces; they say nothing."""
_DAY: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d)( \d\d:\d\d:\d\d)?")
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)( \d\d:\d\d:\d\d)?")


def document_id(organ_id: str, day: str, number: str, notation: str) -> str:
    """The name of a document between systems: agency, day (ISO), number/notation."""
    return f"{organ_id},{day.replace('-', '/')},{number}/{notation}"


# ---------------------------------------------------------------- reading


def read_message(stream: BinaryIO, place: str, *, most_mb: int = MOST_MB) -> Packet | Status | Broken:
    """A packet, a status message, or why it is none; ``place`` names the file."""
    feed = Feed(stream.read, [f"{_NS}edXML"], record_bytes=most_mb << 20, is_huge=True)
    try:
        for _ in feed.elements():
            pass
        return _Reader(feed.root).message()
    except FileBroken as broken:
        return Broken(f"{place}:{broken.line}" if broken.line else place, broken.said)


class _Reader:
    """One message being read: what no field holds is noted by its path."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._unknown: list[str] = []

    def message(self) -> Packet | Status:
        if self._root.tag != f"{_NS}edXML":
            uri = etree.QName(self._root).namespace or ""
            other = f" mà theo {_OTHER_NAMESPACES[uri]}" if uri in _OTHER_NAMESPACES else ""
            raise FileBroken(f"không phải gói edXML theo QCVN 102:2016{other}", self._root.sourceline or 0)
        envelope = self._only(self._root, "edXMLEnvelope")
        header = self._only(envelope, "edXMLHeader")
        said = self._only(header, "MessageHeader")
        if said.find(f"{_NS}StatusCode") is not None:
            status = self._fields(said, StatusHeader)
            return Status(status, tuple(self._unknown))
        traces = header.find(f"{_NS}TraceHeaderList")
        signature = next((child for child in header if etree.QName(child).localname == "Signature"), None)
        packet_header, way = self._fields(said, Header), Traces()
        if traces is not None:
            way = self._fields(traces, Traces)
        self._note_others(self._root, ("edXMLEnvelope", "AttachmentEncoded"))
        self._note_others(envelope, ("edXMLHeader", "edXMLBody"))
        self._note_others(header, ("MessageHeader", "TraceHeaderList", "Signature"))
        files = self._files(envelope)
        shown = "" if signature is None else _canonical(signature)
        return Packet(packet_header, way, files, shown, tuple(self._unknown))

    def _only(self, element: Any, name: str) -> Any:
        found = element.findall(f"{_NS}{name}")
        if len(found) != 1:
            raise FileBroken(f"gói edXML phải có đúng một phần tử {name}", element.sourceline or 0)
        return found[0]

    def _fields(self, element: Any, kind: type[Any]) -> Any:
        """A part with everything below its element."""
        known = {part.metadata["element"]: part for part in fields(kind)}
        wrapped = {name.partition("/")[0]: part for name, part in known.items() if "/" in name}
        values: dict[str, Any] = {}
        for name in set(element.keys()) - _KNOWN_ATTRIBUTES:
            self._note(element, f"/@{name}")
        for child in element:
            name = _name(child)
            if name in wrapped:
                part = wrapped[name]
                inner = part.metadata["element"].partition("/")[2]
                self._note_others(child, (inner,))
                for item in child.findall(f"{_NS}{inner}"):
                    self._put(values, part, item)
            elif name in known:
                self._put(values, known[name], child)
            else:
                self._note(child)
        return kind(**values)

    def _put(self, values: dict[str, Any], part: Any, element: Any) -> None:
        kind = part.metadata["kind"]
        value = self._text(element, kind) if isinstance(kind, str) else self._fields(element, kind)
        if part.default == ():
            values[part.name] = (*values.get(part.name, ()), value)
        elif part.name in values:
            raise FileBroken(f"phần tử {_name(element)} lặp lại", element.sourceline or 0)
        else:
            values[part.name] = value

    def _text(self, element: Any, kind: str) -> str:
        for child in element:
            self._note(child)
        text = element.text or ""
        match = _DAY.fullmatch(text.strip()) if kind != "text" else None
        return f"{match[1]}-{match[2]}-{match[3]}{match[4] or ''}" if match else text

    def _files(self, envelope: Any) -> tuple[Attached, ...]:
        named = [
            reference.findtext(f"{_NS}ContentId") or reference.get(_HREF) or ""
            for reference in envelope.iterfind(f"{_NS}edXMLBody/{_NS}edXMLManifest/{_NS}Reference")
        ]
        files = tuple(_attached(element) for element in self._root.iterfind(f"{_NS}AttachmentEncoded/{_NS}Attachment"))
        if sorted(named) != sorted(file.id for file in files):
            raise FileBroken("danh mục tệp (edXMLManifest) không khớp với các tệp đính kèm")
        return files

    def _note_others(self, element: Any, known: Sequence[str]) -> None:
        for child in element:
            if _name(child) not in known and etree.QName(child).localname not in known:
                self._note(child)

    def _note(self, element: Any, last: str = "") -> None:
        above = [etree.QName(one).localname for one in element.iterancestors()]
        path = "/".join([*reversed(above[:-1]), etree.QName(element).localname]) + last
        if path not in self._unknown:
            self._unknown.append(path)
        if len(self._unknown) > MOST_UNKNOWN:
            raise FileBroken("có quá nhiều phần tử không thuộc QCVN 102:2016")


def _name(element: Any) -> str:
    """The name of an element of the standard; empty for one of another namespace."""
    name = str(element.tag)
    return name.removeprefix(_NS).replace("Business", "Bussiness") if name.startswith(_NS) else ""


def _canonical(signature: Any) -> str:
    try:
        return etree.tostring(signature, method="c14n", exclusive=True, with_tail=False).decode()
    except etree.C14NError:  # a namespace that is no address
        raise FileBroken("chữ ký viết sai", signature.sourceline or 0) from None


def _attached(element: Any) -> Attached:
    def text(name: str) -> str:
        return element.findtext(f"{_NS}{name}") or ""

    media_type = text("ContentType")
    packed = text("ContentTransferEncoded").translate(BLANKS)
    try:
        content = binascii.a2b_base64(packed, strict_mode=True)
    except ValueError:
        raise FileBroken("một tệp đính kèm không phải base64", element.sourceline or 0) from None
    if media_type == ZIP:
        content = _unzipped(content)
    return Attached(text("ContentId"), text("AttachmentName"), content, text("Description"), media_type)


def _unzipped(content: bytes) -> bytes:
    with open_zip(io.BytesIO(content)) as archive:
        inside = list(members(archive))
        if len(inside) != 1 or inside[0][1]:
            raise FileBroken(inside[0][1] if len(inside) == 1 else "ZIP của một tệp đính kèm phải có đúng một tệp")
        pieces = io.BytesIO()
        member = Member(archive, inside[0][0])
        while piece := member.read(1 << 20):
            pieces.write(piece)
        member.close()
        return pieces.getvalue()


# ---------------------------------------------------------------- writing


def write_message(message: Packet | Status) -> bytes:
    """The file of a message; the same message gives the same bytes. Raises Misconfigured when it cannot be sent."""
    faults = list(faults_of(message))
    if faults:
        raise Misconfigured(f"Chưa gửi được gói edXML: {'; '.join(faults)}.")
    default: Any = {None: NAMESPACE}
    root = etree.Element(f"{_NS}edXML", nsmap=default)
    envelope = etree.SubElement(root, f"{_NS}edXMLEnvelope", nsmap={"edXML": NAMESPACE})
    header = _below(envelope, "edXMLHeader")
    _write(_below(header, "MessageHeader"), message.header)
    if isinstance(message, Packet):
        _write_packet(root, envelope, header, message)
    etree.indent(root)
    if isinstance(message, Packet) and message.signature:  # not a blank of it may change
        header.append(etree.fromstring(message.signature, etree.XMLParser(resolve_entities=False, no_network=True)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def faults_of(message: Packet | Status) -> Iterator[str]:
    """Why a message cannot be sent, in Vietnamese."""
    header = message.header
    if not header.sender.id:
        yield "thiếu mã định danh nơi gửi"
    if isinstance(header, StatusHeader):
        if header.code not in STATUSES:
            yield f"mã trạng thái phải là một trong {', '.join(STATUSES)}"
        if not header.answers.document_id and not header.answers.code:
            yield "thiếu văn bản được trả lời"
        return
    if not header.receivers or not all(organ.id for organ in header.receivers):
        yield "thiếu mã định danh nơi nhận"
    if not (header.code.number and header.promulgation.day):
        yield "thiếu số, ngày của văn bản"
    assert isinstance(message, Packet)
    if len({file.id for file in message.files}) != len(message.files):
        yield "hai tệp đính kèm cùng số"


def _write_packet(root: Any, envelope: Any, header: Any, packet: Packet) -> None:
    if packet.traces != Traces():
        _write(_below(header, "TraceHeaderList"), packet.traces)
    if not packet.files:
        return
    manifest = _below(_below(envelope, "edXMLBody"), "edXMLManifest")
    manifest.set("version", "1.0")
    encoded = _below(root, "AttachmentEncoded")
    for file in packet.files:
        texts = (file.id, file.media_type, file.description, file.name)
        for element in (_below(manifest, "Reference"), _below(encoded, "Attachment")):
            for name, text in zip(_MANIFEST, texts, strict=True):
                _below(element, name).text = text
        content = _zipped(file) if file.media_type == ZIP else file.content
        _below(encoded[-1], "ContentTransferEncoded").text = binascii.b2a_base64(content, newline=False).decode()


def _write(element: Any, part: Any) -> None:
    """Everything that a part says, in the order of its fields; what is empty is left out."""
    for known in fields(part):
        value, kind = getattr(part, known.name), known.metadata["kind"]
        if value in ("", ()) or (not isinstance(kind, str) and value == kind()):
            continue
        *wrapper, name = known.metadata["element"].split("/")
        holder = _below(element, wrapper[0]) if wrapper else element
        for item in value if isinstance(value, tuple) else (value,):
            below = _below(holder, name)
            if isinstance(kind, str):
                below.text = _ISO.sub(r"\1/\2/\3\4", item) if kind != "text" and _ISO.fullmatch(item) else item
            else:
                _write(below, item)


def _zipped(file: Attached) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        name = re.sub(r"[/\\:]", "_", file.name).strip(". ") or "tep"
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), file.content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _below(element: Any, name: str) -> Any:
    return etree.SubElement(element, f"{_NS}{name}")
