"""The declared rules of competence: what a file may say, and how it is read. ``mappings.competence`` applies them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from mappings.catalogues import Procedure
from mappings.declared import ProfileError, explain, find, read_yaml
from mappings.profile import Profile
from mappings.spec import Names, Strict


class RuleWhen(Strict):
    """What a rule asks of the old agency and the procedure; an empty list asks nothing."""

    level: tuple[Literal["commune", "district", "province"], ...] = ()
    field: Names = ()
    procedure: Names = ()
    procedure_level: tuple[Literal["BO", "TINH", "XA", "KHAC"], ...] = ()

    def holds(self, level: str, code: str, procedure: Procedure) -> bool:
        """Whether an agency of this level and a procedure fit."""
        return (
            (not self.level or level in self.level)
            and (not self.field or procedure.field in self.field)
            and (not self.procedure or code in self.procedure)
            and (not self.procedure_level or not procedure.levels.isdisjoint(self.procedure_level))
        )


class Rule(Strict):
    """One rule. ``issue``: why a dossier waits, for ``undecided`` only."""

    rule: str
    when: RuleWhen
    to: Literal["successor", "commune_of_place", "department", "undecided"]
    issue: str = Field("", pattern=r"^(handling_[a-z_]{1,40})?$")
    note: str = Field(min_length=10)

    @model_validator(mode="after")
    def _reason(self) -> Self:
        if (self.to == "undecided") != bool(self.issue):
            raise ValueError("issue đi cùng to: undecided, và chỉ cùng nó")
        return self


class CompetenceRules(Strict):
    """The rules in order, and the places of a matter in the order in which they are asked."""

    places: Names
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [rule.rule for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"quy tắc khai hai lần: {', '.join(twice)}")
        return self


def load_rules(profile: Profile, site_dir: Path | None) -> CompetenceRules:
    """The site's rules, else the shipped ones. Raises ProfileError with file and line."""
    file = find(site_dir, "rules", "competence.yaml")
    assert file is not None, "the shipped rules are part of the package"
    declared = read_yaml(file)
    try:
        rules = CompetenceRules.model_validate(declared.data)
    except ValidationError as error:
        raise explain(error, declared) from None
    if unknown := [name for name in rules.places if name not in profile.places]:
        known = ", ".join(profile.places) or "không có nơi nào"
        message = f"places: profile {profile.name} không có {', '.join(unknown)}; có: {known}"
        raise ProfileError(message, file, declared.line(["places"]))
    return rules
