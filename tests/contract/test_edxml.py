"""edXML packets and status messages: written as the standard says, read as they are met, refused when hostile."""

from __future__ import annotations

import base64
import dataclasses
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._edxml_words import (
    NAMESPACE,
    STATUSES,
    Attached,
    Business,
    BusinessDocument,
    Code,
    DocumentType,
    Header,
    Organ,
    OtherInfo,
    Packet,
    Promulgation,
    Receiver,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    Status,
    StatusHeader,
    Trace,
    Traces,
)
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import Broken, Misconfigured, ReadPlan, TableRead
from connectors.edxml import document_id, faults_of, read_message, write_message
from connectors.xml import open_xml

WARD = Organ("H44.205", "UBND tỉnh Phú Thọ", "UBND xã Thử", "Xã Thử", "xa@thu.invalid", "0200", "0201", "thu.invalid")
OFFICE = Organ("H44.33", name="Sở Thử")
ANSWERED = ResponseFor("H44.33", "7/ST", document_id("H44.33", "2025-05-02", "7", "ST"), "2025-05-02")
PACKET = Packet(
    Header(
        sender=WARD,
        receivers=(OFFICE, Organ("H44.34")),
        document_id=document_id("H44.205", "2025-06-11", "81", "UBND"),
        code=Code("81", "UBND"),
        promulgation=Promulgation("Xã Thử", "2025-06-11"),
        type=DocumentType("2", "1", "Công văn"),
        subject="Chuyển kết quả <giải quyết> & hồ sơ",
        content="  giữ khoảng trắng  ",
        signer=Signer("TM. UBND", "Chủ tịch", "Trần Thử"),
        due_on="2025-06-30",
        other=OtherInfo("1", "nội bộ", "tt", "2", "3", "false", ("Phụ lục A", "Phụ lục B")),
        answers=(ANSWERED, ResponseFor(code="8/ST")),
        steering="1",
        to_places=("Như trên", "Lưu"),
    ),
    Traces(
        Business(
            "3",
            "Thay thế",
            "1",
            Staff("Văn phòng", "Lê Thử", "le@thu.invalid", "0900000000"),
            BusinessDocument("1", "0", (Receiver("0", "H44.33"),)),
            (Replacement("H44.205,2025/06/01,80/UBND", ("H44.33", "H44.34")),),
            "H44.205,2025/06/11,81/UBND",
        ),
        (Trace("H44.205", "2025-06-11 08:30:00"), Trace("H44.00", "chưa rõ")),
    ),
    (
        Attached("cid:1", "kết quả.pdf", b"%PDF" + bytes(range(256)) * 50, "Kết quả"),
        Attached("cid:2", "ghi chú.txt", b"", media_type="text/plain"),
    ),
)
STATUS = Status(StatusHeader(WARD, ANSWERED, Staff("Một cửa", "Lê Thử"), "06", "Hoàn thành", "2025-06-12 10:00:00"))


def read(content: bytes) -> Packet | Status | Broken:
    return read_message(io.BytesIO(content), "goi.edxml")


@pytest.mark.parametrize("message", [PACKET, STATUS], ids=["packet", "status"])
def test_what_is_written_is_read_again_and_written_alike(message: Packet | Status) -> None:
    content = write_message(message)
    assert read(content) == message
    assert write_message(message) == content


def test_the_file_has_the_elements_of_the_standard() -> None:
    text = write_message(PACKET).decode()
    for expected in (
        f'<edXML xmlns="{NAMESPACE}">',
        f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">',
        "<edXML:DocumentId>H44.205,2025/06/11,81/UBND</edXML:DocumentId>",
        "<edXML:PromulgationDate>2025/06/11</edXML:PromulgationDate>",
        "<edXML:BussinessDocType>3</edXML:BussinessDocType>",
        "<edXML:Timestamp>2025/06/11 08:30:00</edXML:Timestamp>",
        '<edXML:edXMLManifest version="1.0">',
        "<AttachmentEncoded>",
    ):
        assert expected in text, expected
    order = [text.index(f"edXML:{name}>") for name in ("From", "To", "DocumentId", "Code", "Subject", "SteeringType")]
    assert order == sorted(order)
    packed = text.split("ContentTransferEncoded>")[1].split("<")[0]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive:
        assert archive.read("kết quả.pdf") == PACKET.files[0].content


OTHER_SDK = f"""<?xml version="1.0" encoding="utf-8"?>
<e:edXML xmlns:e="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xlink="http://www.w3.org/1999/xlink">
<e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader>
  <e:To><e:OrganId>H44.33</e:OrganId></e:To><e:From><e:OrganId>H44.205</e:OrganId><e:Moi>x</e:Moi></e:From>
  <e:Code><e:CodeNumber>81</e:CodeNumber></e:Code><e:ApplicationType>MCDT</e:ApplicationType>
  <e:PromulgationInfo><e:PromulgationDate>11/6/2025</e:PromulgationDate></e:PromulgationInfo>
</e:MessageHeader>
<e:TraceHeaderList id="a" version="1" mustUnderstand="1" actor="b"><e:TraceHeader la="1">
  <e:OrganId>H44.205</e:OrganId></e:TraceHeader><e:Business><e:BusinessDocType>0</e:BusinessDocType></e:Business>
</e:TraceHeaderList>
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"> <SignatureValue>AB</SignatureValue> </Signature>
</e:edXMLHeader><e:edXMLBody><e:edXMLManifest><e:Reference xlink:href="cid:1"/></e:edXMLManifest></e:edXMLBody>
</e:edXMLEnvelope><e:AttachmentEncoded><e:Attachment><e:ContentId>cid:1</e:ContentId>
  <e:ContentType>text/plain</e:ContentType><e:ContentTransferEncoded>eGlu IGNo
  w6Bv</e:ContentTransferEncoded></e:Attachment></e:AttachmentEncoded></e:edXML>"""


def test_the_other_ways_of_writing_are_read_and_what_has_no_field_is_told() -> None:
    packet = read(OTHER_SDK.encode())
    assert isinstance(packet, Packet)
    assert (packet.header.sender.id, packet.header.receivers[0].id) == ("H44.205", "H44.33")
    assert packet.header.promulgation.day == "11/6/2025"
    assert packet.traces.business.type == "0"
    assert [file.content.decode() for file in packet.files] == ["xin chào"]
    assert packet.unknown == (
        "edXMLEnvelope/edXMLHeader/MessageHeader/From/Moi",
        "edXMLEnvelope/edXMLHeader/MessageHeader/ApplicationType",
        "edXMLEnvelope/edXMLHeader/TraceHeaderList/TraceHeader/@la",
    )


def test_a_signature_is_carried_to_the_last_blank() -> None:
    packet = read(OTHER_SDK.encode())
    assert isinstance(packet, Packet)
    again = read(write_message(dataclasses.replace(packet, unknown=())))
    assert isinstance(again, Packet)
    assert again.signature == packet.signature
    assert "> <SignatureValue>AB</SignatureValue> <" in again.signature


def zipped(*names: str) -> str:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "x" if name != "bom" else "x" * (64 << 20))
    return base64.b64encode(stream.getvalue()).decode()


def with_file(encoded: str, media_type: str = "application/zip") -> str:
    text = OTHER_SDK.replace("text/plain", media_type)
    start = text.index("eGlu")
    return text[:start] + encoded + text[text.index("</e:ContentTransferEncoded") :]


BROKEN: dict[str, tuple[Callable[[], str], str]] = {
    "dtd": (lambda: OTHER_SDK.replace("<e:edXML ", "<!DOCTYPE a []><e:edXML ", 1), "DTD"),
    "cut": (lambda: OTHER_SDK[:-40], "cắt cụt"),
    "old standard": (lambda: '<EdXMLEnvelope xmlns="http://www.go.vn/eDoc"/>', "theo eDoc"),
    "another file": (lambda: "<html/>", "không phải gói edXML"),
    "no header": (lambda: f'<edXML xmlns="{NAMESPACE}"><edXMLEnvelope/></edXML>', "edXMLHeader"),
    "no namespace": (lambda: "<edXML><edXMLEnvelope/></edXML>", "không phải gói edXML"),
    "two senders": (lambda: OTHER_SDK.replace("<e:Code>", "<e:From/><e:Code>"), "From lặp lại"),
    "not base64": (lambda: with_file("????"), "không phải base64"),
    "no zip": (lambda: with_file("eGlu"), "ZIP hỏng"),
    "two in one": (lambda: with_file(zipped("a", "b")), "đúng một tệp"),
    "a way out": (lambda: with_file(zipped("../a")), "dẫn ra ngoài"),
    "a bomb": (lambda: with_file(zipped("bom")), "bom nén"),
    "an unnamed file": (lambda: OTHER_SDK.replace('xlink:href="cid:1"', ""), "không khớp"),
    "a signature that has no form": (lambda: OTHER_SDK.replace("http://www.w3.org/2000/09/", "dsig/"), "chữ ký"),
    "many strange names": (
        lambda: OTHER_SDK.replace("<e:Code>", "".join(f"<e:N{n}/>" for n in range(100_000)) + "<e:Code>"),
        "quá nhiều phần tử",
    ),
    "too large": (lambda: with_file("eGlu" * (17 << 20), "text/plain"), "lớn hơn 64 MB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_message_that_cannot_be_trusted_is_named_with_its_reason(name: str) -> None:
    content, said = BROKEN[name]
    found = read(content().encode())
    assert isinstance(found, Broken)
    assert found.place.startswith("goi.edxml")
    assert said in found.said


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (dataclasses.replace(STATUS, header=dataclasses.replace(STATUS.header, code="99")), "mã trạng thái"),
        (dataclasses.replace(STATUS, header=dataclasses.replace(STATUS.header, answers=ResponseFor())), "được trả lời"),
        (dataclasses.replace(PACKET, header=dataclasses.replace(PACKET.header, sender=Organ())), "nơi gửi"),
        (dataclasses.replace(PACKET, header=dataclasses.replace(PACKET.header, receivers=())), "nơi nhận"),
        (dataclasses.replace(PACKET, header=dataclasses.replace(PACKET.header, code=Code())), "số, ngày"),
        (dataclasses.replace(PACKET, files=PACKET.files[:1] * 2), "cùng số"),
    ],
)
def test_a_message_that_nobody_could_take_is_not_written(message: Packet | Status, said: str) -> None:
    assert [fault for fault in faults_of(message) if said in fault]
    with pytest.raises(Misconfigured, match=said):
        write_message(message)


def test_a_folder_of_packets_is_read_as_any_xml(tmp_path: Path) -> None:
    (tmp_path / "vao").mkdir()
    for number in ("1", "2"):
        header = dataclasses.replace(PACKET.header, document_id=number)
        (tmp_path / "vao" / f"{number}.edxml").write_bytes(write_message(dataclasses.replace(PACKET, header=header)))
    head = "e:edXMLEnvelope/e:edXMLHeader/e:MessageHeader"
    columns = {"ma": XmlColumn(f"{head}/e:DocumentId"), "nhan": XmlColumn(f"{head}/e:To/e:OrganId", join=" ")}
    files = {"ten": XmlColumn("e:AttachmentName"), "tep": XmlColumn("e:ContentTransferEncoded", "file")}
    shapes = XmlShapes(
        (
            XmlTable("goi", "/e:edXML", columns, "ma"),
            XmlTable("tep", "e:AttachmentEncoded/e:Attachment", files, links=(("ma", "goi"),)),
        ),
        {"e": NAMESPACE},
    )
    source = open_xml(tmp_path / "vao", shapes, tmp_path / "staged.sqlite")
    plan = ReadPlan(
        TableRead("dossier", "goi", ("nhan",), "ma", "ma"),
        (TableRead("files", "tep", ("ten", "tep"), "ma", "source_order"),),
    )
    (page,) = source.sweep(plan)
    assert [(record.key, record.row["nhan"]) for record in page] == [("1", "H44.33 H44.34"), ("2", "H44.33 H44.34")]
    with source.open_file(str(page[0].children["files"][0]["tep"])) as stream:
        assert zipfile.ZipFile(io.BytesIO(stream.read())).namelist() == ["kết quả.pdf"]
    source.close()


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=("Cc", "Cs", "Cn")), max_size=20
)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS, st.binary(max_size=300), st.sampled_from(sorted(STATUSES)))
def test_any_text_and_any_file_come_back_as_they_were(subject: str, name: str, content: bytes, code: str) -> None:
    header = dataclasses.replace(PACKET.header, subject=subject)
    packet = dataclasses.replace(PACKET, header=header, files=(Attached("cid:1", name, content),))
    status = dataclasses.replace(STATUS, header=dataclasses.replace(STATUS.header, code=code, description=subject))
    assert read(write_message(packet)) == packet
    assert read(write_message(status)) == status


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(OTHER_SDK)), st.integers(0, 9), st.binary(max_size=9)), max_size=5))
def test_a_damaged_packet_is_read_or_named(cuts: list[tuple[int, int, bytes]]) -> None:
    content = OTHER_SDK.encode()
    for at, gone, put in cuts:
        content = content[:at] + put + content[at + gone :]
    assert isinstance(read(content), Packet | Status | Broken)
