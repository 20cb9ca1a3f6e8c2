"""What ``handover:`` of site.yaml may say: who hands over to whom, on what ground. What is left out stays dotted."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from validations.minutes import PLACE

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartySettings(_Model):
    """One party. ``{place}`` in ``organisation`` becomes the commune or agency that the minutes are about."""

    role: Annotated[Line, Field(min_length=1)]
    organisation: Line = ""
    representative: Line = ""
    title: Line = ""

    @field_validator("organisation")
    @classmethod
    def _known_braces(cls, value: str) -> str:
        if {"{", "}"} & set(value.replace(PLACE, "")):
            raise ValueError(f"dấu ngoặc nhọn chỉ dùng cho {PLACE} (xã, phường hoặc cơ quan của biên bản)")
        return value


class HandoverSettings(_Model):
    """The form of the minutes (NĐ 30/2020/NĐ-CP, Phụ lục I). ``rollback_until``: the last day agreed for it."""

    parent_agency: Line = ""
    agency: Line = ""
    place: Line = ""
    number_suffix: Annotated[str, StringConstraints(pattern=r"^[^\s/]{0,40}$")] = ""
    legal_basis: Annotated[list[Line], Field(max_length=20)] = Field(default_factory=list)
    parties: Annotated[list[PartySettings], Field(max_length=6)] = Field(default_factory=list)
    copies: Annotated[int, Field(ge=1, le=99)] | None = None
    rollback_until: date | None = None

    @field_validator("legal_basis")
    @classmethod
    def _whole_lines(cls, value: list[str]) -> list[str]:
        if "" in value:
            raise ValueError("có một căn cứ trống; xóa dòng ấy hoặc ghi đủ tên văn bản")
        return [line.rstrip(";.") for line in value]
