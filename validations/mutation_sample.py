"""Two invented dossiers in which every class of change finds a place, whatever real ones lack. Pure."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta, timezone
from typing import Final

from mappings.model import (
    BEFORE_MERGER,
    PROCEDURES_BEFORE,
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
    ProcedureVersion,
    Result,
    Step,
    SupplementRound,
    UnitRef,
    encode,
)
from validations.mutation_places import Pair

_HANOI: Final = timezone(timedelta(hours=7))


@functools.cache
def own_pairs() -> tuple[Pair, Pair]:
    """Both, each equal on both sides."""
    one = _pair(1, "Nguyễn Văn Mẫu", "Xã Tiên Lương", datetime(2025, 5, 5, 8, tzinfo=_HANOI))
    return one, _pair(2, "Trần Thị Thử", "Xã Bình Phú", datetime(2025, 6, 2, 14, 30, tzinfo=_HANOI))


def _pair(number: int, owner: str, commune: str, filed: datetime) -> Pair:
    dossier = _dossier(number, owner, commune, filed)
    files = {paper.attachment.locator: (f"{number}a" * 32, 1200) for paper in dossier.papers if paper.attachment}
    return Pair(encode(dossier), encode(dossier), files)


def _dossier(number: int, owner: str, commune: str, filed: datetime) -> Dossier:
    unit = UnitRef(f"0822{number}", SINCE_MERGER, commune)
    agency = AgencyRef(f"H44.10{number}", "thu", f"UBND {commune}", "commune", unit)
    return Dossier(
        source_id="thu",
        key=f"thu-{number}",
        code=f"H44.10{number}-250505-000{number}",
        status=4,
        old_status="processing",
        procedure_code=f"1.00119{number}",
        applicant=Applicant(
            "1",
            owner,
            identity=Identity(f"02512345678{number}", "1", date(2021, 3, 4)),
            address=Address("Khu Đồi Chè", commune=UnitRef("08200", BEFORE_MERGER, commune), new_commune=unit),
            phone=f"091234567{number}",
        ),
        receiving_agency=agency,
        handling_agency=agency,
        channel="1",
        filed_at=filed,
        filed_from="submitDate",
        received_at=filed + timedelta(hours=1),
        due_at=filed + timedelta(days=15),
        procedure_version=ProcedureVersion(f"1.00119{number}", PROCEDURES_BEFORE, "Đăng ký khai sinh"),
        title="Đăng ký khai sinh có yếu tố nước ngoài",
        note="Bổ sung bản sao giấy chứng sinh",
        extra={"Nơi lưu": "Kho số 3, ngăn 12"},
        papers=tuple(
            Paper(
                f"{number}{n}", "TP01", "Tờ khai đăng ký khai sinh",
                attachment=Attachment(f"{number}/{n}", "tờ khai.pdf", size=1200),
            )
            for n in range(2)
        ),
        results=(Result(f"{number}9", "file", "Giấy khai sinh", issued_on=date(2025, 6, 30)),),
        steps=tuple(
            Step(f"{number}{n}", filed + timedelta(days=n), "Cán bộ Một cửa", action="Thẩm định", assignees=("7",))
            for n in range(3)
        ),
        fees=(Fee(f"{number}", "Lệ phí hộ tịch", total=8000),),
        supplements=(SupplementRound(f"{number}", filed + timedelta(days=2), content="Bổ sung bản sao công chứng"),),
        links=(Link("reference_uid", f"uid-{number}"),),
    )  # fmt: skip
