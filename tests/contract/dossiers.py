"""Dossiers to push in tests: invented people, every part of the schema."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec

from connectors.base import Push
from mappings.model import (
    BEFORE_MERGER,
    SINCE_MERGER,
    Address,
    AgencyRef,
    Applicant,
    Attachment,
    Delegate,
    Document,
    Dossier,
    Fee,
    Identity,
    Link,
    OtherCode,
    Paper,
    Pause,
    Postal,
    ProcedureVersion,
    Request,
    Result,
    Step,
    SupplementRound,
    UnitRef,
    encode,
)

HANOI = timezone(timedelta(hours=7))
OWNER = "Trần Thị Vô Danh"
ID_NUMBER = "025199000001"
PHONE = "0900000001"
STEP_OF = {
    1: "TIEP_NHAN",
    2: "PHAN_CONG",
    4: "THAM_DINH",
    5: "CHO_BO_SUNG",
    6: "CHO_THANH_TOAN",
    9: "CHO_TRA",
}
"""A step of the receiver for each open status: without one it takes no open dossier."""


def at(day: int, hour: int = 8) -> datetime:
    """An instant of May 2025, local time."""
    return datetime(2025, 5, day, hour, 30, 15, tzinfo=HANOI)


def new_source() -> str:
    """A source nobody else uses: tests share one receiver."""
    return f"nguon_{uuid.uuid4().hex[:12]}"


def dossier(source: str, key: str, **changes: Any) -> Dossier:
    """A whole dossier with papers, steps, a fee, a result and links, without files."""
    agency = AgencyRef("000.17.22.H44", f"agency:{source}", "UBND xã", "commune", UnitRef("08227", SINCE_MERGER))
    address = Address("Khu 3", UnitRef("25", BEFORE_MERGER, "Tỉnh Phú Thọ"), commune=UnitRef("08200", BEFORE_MERGER))
    plain = Dossier(
        source_id=source,
        key=key,
        code=f"000.17.22.H44-250505-{key:0>4}",
        status=4,
        old_status="processing/processing_1",
        procedure_code="1.001193",
        applicant=Applicant(
            "1", OWNER, identity=Identity(ID_NUMBER, "1", date(2021, 4, 5)), address=address, phone=PHONE
        ),
        receiving_agency=agency,
        handling_agency=agency,
        channel="1",
        filed_at=at(5),
        filed_from="submitDate",
        received_at=at(5, 9),
        due_at=at(12),
        duration="5",
        duration_unit="day",
        note="Ghi chú «đặc biệt»\n\tdòng hai \U0001f4c4",
        extra={"serverNo": "SERVER_PT"},
        papers=tuple(Paper(f"g{n}", f"TP0{n}", f"Giấy tờ {n}", is_original=n == 1) for n in range(4)),
        steps=tuple(Step(f"b{n}", at(5 + n), "Cán bộ một cửa", "1100", "Chuyển xử lý", step="200") for n in range(5)),
        fees=(Fee("p1", "Lệ phí", fee=8000, total=8000, status="5", paid_at=at(5, 10)),),
        results=(Result("k1", "deliverable", "Bản sao", number="12/2025", issued_on=date(2025, 5, 9)),),
        links=(Link("reference_uid", f"uid-{source}-{key}"), Link("origin_code", f"CU-{source}-{key}")),
    )
    made = msgspec.structs.replace(plain, **changes)
    return made if "next_step" in changes else msgspec.structs.replace(made, next_step=STEP_OF.get(made.status, ""))


def every_field(source: str, key: str) -> Dossier:
    """A dossier in which no field is left at its default."""
    file = Attachment("20109/1/2/1.0", "Tờ khai.pdf", "application/pdf", 12, "1.0", True)
    unit = UnitRef("08227", SINCE_MERGER, "Xã Tiên Lương")
    address = Address("Khu 3", unit, unit, unit, unit)
    identity = Identity(ID_NUMBER, "1", date(2021, 4, 5))
    return dossier(
        source,
        key,
        applicant=Applicant(
            "1", OWNER, "TRẦN THỊ VÔ DANH", identity, address, "Người liên hệ", PHONE, "01200000001", "a@example.vn",
            "1990", "2",
        ),
        extended_at=at(6), processing_at=at(6), completed_at=at(7), finished_at=at(8), refused_at=at(8),
        cancel_requested_at=at(6), correction_requested_at=at(6), answered_at=at(6), created_at=at(5),
        procedure_name="Đăng ký khai sinh", old_procedure_code="1.001193.000.00.00.H44", process="QT1", template="M1",
        open_step="200", next_step="THAM_DINH", next_role="CHUYEN_VIEN", case_rule="*/200/*",
        lock_state="LOCK", title="Hồ sơ khai sinh", summary="Trích yếu", note_original="<b>x</b>",
        return_by="1", postal=Postal("1", "EMS", PHONE, address, "G1", "N1"),
        delegate=Delegate("Người nộp", "NGƯỜI NỘP", identity, PHONE, "01200000001", "b@example.vn", address),
        is_migrated=False, handling_rule="commune_successor",
        papers=(Paper("g1", "TP01", "Giấy tờ", "3", True, True, "1", "ghi chú", '{"a": 1}', "1.001193/1/1", file),),
        results=(Result("k1", "file", "Kết quả", "KQ1", "12", date(2025, 5, 9), date(2030, 5, 9), True, file),),
        steps=(
            Step("b1", None, "Cán bộ", "1100", "Chuyển", "100", "200", "Thẩm định", "s", "n", at(9), True, ("1", "2")),
        ),
        fees=(Fee("p1", "Lệ phí", 1, 2, 3, 4, 10, "5", "KEYPAY", at(5), "HD1", "ghi chú"),),
        supplements=(SupplementRound("s1", at(6), "Cán bộ", "Bổ sung", at(7), True, at(12), at(14)),),
        pauses=(Pause("t1", at(6), at(7)),),
        requests=(Request("y1", "rut", at(6), "Xin rút", "1"),),
        documents=(Document("v1", "phieu", "Phiếu hẹn", "01/PH", at(5), file),),
        procedure_version=ProcedureVersion("HT-07", BEFORE_MERGER, "Khai sinh", "100/QĐ"),
        other_codes=(OtherCode("H44.17-250505-0009", "merged", "nguon_khac", "77"),),
    )  # fmt: skip


def at_default(dossier: Dossier) -> set[str]:
    """Fields of a dossier that nobody filled: no test proves that they are held."""
    fields = msgspec.structs.fields(dossier)
    return {item.name for item in fields if getattr(dossier, item.name) == item.default}


def push(
    source: str,
    key: str,
    *,
    token: str = "",
    if_match: str = "",
    files: tuple[tuple[str, str], ...] = (),
    **changes: Any,
) -> Push:
    """A push of that dossier; its idempotency key is new unless given."""
    return Push(source, key, encode(dossier(source, key, **changes)), token or uuid.uuid4().hex, if_match, files)
