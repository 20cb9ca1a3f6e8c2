"""What site.yaml may say of the comparison: what it goes by, and when it is made again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class CompareSettings(BaseModel):
    """How compare works. ``expected``: worked out anew from the old system, or taken from the ledger to spare it.

    ``again_from``: the day of the hand-over; compare is due again ``again_after`` days later, at ``again_at``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expected: Literal["source", "ledger"] = "source"
    again_from: date | None = None
    again_after: Annotated[tuple[Annotated[int, Field(ge=1, le=3650)], ...], Field(min_length=1)] = (1, 7, 30)
    again_at: time = time(19)

    @model_validator(mode="after")
    def _has_a_beginning(self) -> CompareSettings:
        if self.again_from is None and {"again_after", "again_at"} & self.model_fields_set:
            raise ValueError("again_after, again_at cần again_from: ngày bàn giao (năm-tháng-ngày)")
        return self

    def due(self, zone: tzinfo) -> list[datetime]:
        """When compare is to be made again by the clocks of this zone, in order."""
        if self.again_from is None:
            return []
        days = sorted(set(self.again_after))
        return [datetime.combine(self.again_from + timedelta(days=n), self.again_at, zone) for n in days]
