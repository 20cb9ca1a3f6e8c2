"""The words of edXML (QCVN 102:2016/BTTTT): what a packet and a status message say, each field with its element.

Days are ISO here (``2025-06-20``, moments ``2025-06-20 08:00:00``, wall time of Viet Nam), ``yyyy/MM/dd`` in the file;
what is no day stays as it stands. The standard itself spells "Bussiness"; files that write "Business" are read, too.
"""

# ruff: noqa: RUF009 (group() is a field with a factory, which the rule does not see)

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ZIP: Final = "application/zip"
STATUSES: Final = {
    "01": "Đã đến",
    "02": "Từ chối nhận",
    "03": "Đã tiếp nhận",
    "04": "Phân công",
    "05": "Đang xử lý",
    "06": "Hoàn thành",
    "13": "Lấy lại",
    "15": "Đồng ý thu hồi, cập nhật",
    "16": "Từ chối thu hồi, cập nhật",
}
PURPOSES: Final = {"0": "Mới", "1": "Thu hồi", "2": "Cập nhật", "3": "Thay thế"}


def word(element: str, kind: str = "text") -> Any:
    """One text; ``kind``: text, day or moment."""
    return field(default="", metadata={"element": element, "kind": kind})


def words(element: str) -> Any:
    """Texts of an element that repeats; "List/Item" where a list is wrapped."""
    return field(default=(), metadata={"element": element, "kind": "text"})


def group(element: str, kind: type) -> Any:
    """A part with fields of its own."""
    return field(default_factory=kind, metadata={"element": element, "kind": kind})


def groups(element: str, kind: type) -> Any:
    """Such a part that repeats."""
    return field(default=(), metadata={"element": element, "kind": kind})


@dataclass(frozen=True)
class Organ:
    """An agency that sends or receives."""

    id: str = word("OrganId")
    in_charge: str = word("OrganizationInCharge")
    name: str = word("OrganName")
    address: str = word("OrganAdd")
    email: str = word("Email")
    telephone: str = word("Telephone")
    fax: str = word("Fax")
    website: str = word("Website")


@dataclass(frozen=True)
class Code:
    """Number and notation of a document."""

    number: str = word("CodeNumber")
    notation: str = word("CodeNotation")


@dataclass(frozen=True)
class Promulgation:
    """Where and when a document was issued."""

    place: str = word("Place")
    day: str = word("PromulgationDate", "day")


@dataclass(frozen=True)
class DocumentType:
    """Kind of document."""

    type: str = word("Type")
    detail: str = word("TypeDetail")
    name: str = word("TypeName")


@dataclass(frozen=True)
class Signer:
    """Who signed, and in which capacity."""

    competence: str = word("Competence")
    position: str = word("Position")
    name: str = word("FullName")


@dataclass(frozen=True)
class OtherInfo:
    """Urgency, spread, copies, pages, annexes."""

    priority: str = word("Priority")
    sphere: str = word("SphereOfPromulgation")
    typist: str = word("TyperNotation")
    copies: str = word("PromulgationAmount")
    pages: str = word("PageAmount")
    direction: str = word("Direction")
    appendixes: tuple[str, ...] = words("Appendixes/Appendix")


@dataclass(frozen=True)
class ResponseFor:
    """The document that this one answers."""

    organ_id: str = word("OrganId")
    code: str = word("Code")
    document_id: str = word("DocumentId")
    day: str = word("PromulgationDate", "day")


@dataclass(frozen=True)
class Staff:
    """Who handles it."""

    department: str = word("Department")
    staff: str = word("Staff")
    email: str = word("Email")
    mobile: str = word("Mobile")


@dataclass(frozen=True)
class Receiver:
    """A receiver of the document that a purpose touches."""

    type: str = word("ReceiverType")
    organ_id: str = word("OrganId")


@dataclass(frozen=True)
class BusinessDocument:
    """What of a document an update touches."""

    info: str = word("DocumentInfo")
    receiver: str = word("DocumentReceiver")
    receivers: tuple[Receiver, ...] = groups("ReceiverList/Receiver", Receiver)


@dataclass(frozen=True)
class Replacement:
    """A document that this one replaces."""

    document_id: str = word("DocumentId")
    organ_ids: tuple[str, ...] = words("OrganIdList/OrganId")


@dataclass(frozen=True)
class Business:
    """What is to be done with the packet (``PURPOSES``)."""

    type: str = word("BussinessDocType")
    reason: str = word("BussinessDocReason")
    paper: str = word("Paper")
    staff: Staff = group("StaffInfo", Staff)
    document: BusinessDocument = group("BussinessDocumentInfo", BusinessDocument)
    replacements: tuple[Replacement, ...] = groups("ReplacementInfoList/ReplacementInfo", Replacement)
    document_id: str = word("DocumentId")


@dataclass(frozen=True)
class Trace:
    """A system that the packet went through."""

    organ_id: str = word("OrganId")
    at: str = word("Timestamp", "moment")


@dataclass(frozen=True)
class Header:
    """What a packet says of its document."""

    sender: Organ = group("From", Organ)
    receivers: tuple[Organ, ...] = groups("To", Organ)
    document_id: str = word("DocumentId")
    code: Code = group("Code", Code)
    promulgation: Promulgation = group("PromulgationInfo", Promulgation)
    type: DocumentType = group("DocumentType", DocumentType)
    subject: str = word("Subject")
    content: str = word("Content")
    signer: Signer = group("SignerInfo", Signer)
    due_on: str = word("DueDate", "day")
    other: OtherInfo = group("OtherInfo", OtherInfo)
    answers: tuple[ResponseFor, ...] = groups("ResponseFor", ResponseFor)
    steering: str = word("SteeringType")
    to_places: tuple[str, ...] = words("ToPlaces/Place")


@dataclass(frozen=True)
class Traces:
    """The way of a packet and its purpose."""

    business: Business = group("Bussiness", Business)
    traces: tuple[Trace, ...] = groups("TraceHeader", Trace)


@dataclass(frozen=True)
class StatusHeader:
    """What a status message says."""

    sender: Organ = group("From", Organ)
    answers: ResponseFor = group("ResponseFor", ResponseFor)
    staff: Staff = group("StaffInfo", Staff)
    code: str = word("StatusCode")
    description: str = word("Description")
    at: str = word("Timestamp", "moment")


@dataclass(frozen=True)
class Attached:
    """A file of a packet; of media type ``ZIP`` it travels zipped, and ``content`` is what was zipped."""

    id: str
    name: str
    content: bytes
    description: str = ""
    media_type: str = ZIP


@dataclass(frozen=True)
class Packet:
    """A document on its way. ``signature`` is the signature's own XML, not verified; ``unknown`` are paths of what no
    field holds: it is not carried on."""

    header: Header
    traces: Traces = Traces()
    files: tuple[Attached, ...] = ()
    signature: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """What became of a packet over there (``STATUSES``)."""

    header: StatusHeader
    unknown: tuple[str, ...] = ()
