"""A dossier for tests of the validations: complete, without fault, of an invented person."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from mappings.calendar import read_calendar
from mappings.model import (
    BEFORE_MERGER,
    SINCE_MERGER,
    Address,
    AgencyRef,
    Applicant,
    Attachment,
    Dossier,
    Fee,
    Identity,
    Link,
    Paper,
    Result,
    Step,
    SupplementRound,
    UnitRef,
)
from validations.expectations import ValidationContext

HANOI = timezone(timedelta(hours=7))
CUTOFF = datetime(2025, 7, 1, tzinfo=HANOI)
CALENDAR = read_calendar()
CONTEXT = ValidationContext(
    frozenset({"000.17.22.H44"}), CUTOFF, frozenset({"08227", "08230"}), is_rehearsal=True, calendar=CALENDAR
)


def at(day: int, hour: int = 8, month: int = 5) -> datetime:
    """An instant of 2025, local time."""
    return datetime(2025, month, day, hour, tzinfo=HANOI)


def new_commune(code: str = "08227") -> UnitRef:
    return UnitRef(code, SINCE_MERGER)


def clean_dossier(number: int = 1, **changes: Any) -> tuple[str, Dossier]:
    """(key, dossier); ``changes`` replace fields of the dossier, ``applicant__name`` those one level down."""
    agency = AgencyRef("000.17.22.H44", "phutho_cu", "UBND xã Tiên Lương", "commune", new_commune())
    old = UnitRef("08200", BEFORE_MERGER, "Xã Tiên Lương")
    dossier = Dossier(
        source_id="s1",
        key=str(number),
        code=f"000.17.22.H44-250505-{number:04d}",
        status=10,
        old_status="done",
        procedure_code="1.001193",
        applicant=Applicant(
            "1",
            "Nguyễn Văn Mẫu",
            identity=Identity("025123456789", "1"),
            address=Address("Khu 3", commune=old, new_commune=new_commune()),
            phone="0912345678",
        ),
        receiving_agency=agency,
        handling_agency=agency,
        channel="1",
        filed_at=at(5),
        filed_from="submitDate",
        received_at=at(5, 9),
        due_at=at(20),
        completed_at=at(18),
        finished_at=at(19),
        duration="10",
        duration_unit="day",
        title="Đăng ký khai sinh",
        papers=tuple(
            Paper(f"{number}{n}", "TP01", "Tờ khai", attachment=Attachment(f"10/{number}{n}", "to-khai.pdf", size=1200))
            for n in range(2)
        ),
        results=(Result(f"{number}9", "file", "Giấy khai sinh"),),
        steps=tuple(Step(f"{number}{n}", at(6 + n), "Cán bộ Một cửa", action="Tiếp nhận") for n in range(3)),
        fees=(Fee(f"{number}", "Lệ phí", total=8000),),
        supplements=(SupplementRound(f"{number}", at(7), content="Bổ sung bản sao", answered_at=at(9)),),
        links=(Link("reference_uid", f"uid-{number}"),),
    )
    for name, value in changes.items():
        dossier = _changed(dossier, name.split("__"), value)
    return dossier.key, dossier


def _changed(thing: Any, path: list[str], value: Any) -> Any:
    inner = value if len(path) == 1 else _changed(getattr(thing, path[0]), path[1:], value)
    return msgspec.structs.replace(thing, **{path[0]: inner})
