"""What ``waves:`` of site.yaml may say: which dossiers go together, and what must be true before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Gates(_Model):
    quarantined_percent: Annotated[float, Field(ge=0, le=100)] | None = 0.5  # at most so many; null: not asked
    decisions_settled: bool = True


class EnterGates(_Gates):
    """Before a wave starts. ``after``: waves that must be finished; left out: the first one of the site, the pilot."""

    mapping_approved: bool = True
    after: list[str] | None = None


class LeaveGates(_Gates):
    """Before a wave is finished."""

    matched: bool = True
    attachments_lost: Annotated[int, Field(ge=0)] | None = 0


class WaveSettings(_Model):
    """Dossiers that fit every criterion given. ``communes``: codes of the units or agencies that handle them now."""

    title: str = ""
    communes: list[str] = Field(default_factory=list)
    procedures: list[str] = Field(default_factory=list)
    statuses: list[int] = Field(default_factory=list)
    codes: Path | None = None  # a file below the site, one old key or dossier code a line
    enter: EnterGates = EnterGates()
    leave: LeaveGates = LeaveGates()

    @model_validator(mode="after")
    def _is_a_set(self) -> WaveSettings:
        if not (self.communes or self.procedures or self.statuses or self.codes):
            raise ValueError("cần ít nhất một trong communes, procedures, statuses, codes")
        return self
