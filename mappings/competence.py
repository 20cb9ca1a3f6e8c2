"""Who goes on with a dossier since 1 July 2025: declared, ordered rules, each with its legal note.

The rules stand in ``rules/competence.yaml`` (the site's, else the shipped one). The first rule that fits an agency and
a procedure is used; what it cannot settle for certain is an issue, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from mappings.agencies import AgencyRow
from mappings.agency_names import fold_name
from mappings.catalogues import Catalogues, Procedure, bare_name, read_catalogues
from mappings.cells import Row, Run, clean_text, code_of, plain_text
from mappings.crosswalk import UNAPPROVED
from mappings.declared import ProfileError, explain, find, read_yaml
from mappings.emit import Memo
from mappings.fields import Compiler
from mappings.model import BEFORE_MERGER, SINCE_MERGER, AgencyRef, UnitRef
from mappings.profile import PlaceColumns, Profile
from mappings.spec import Names, Strict
from mappings.units import Units
from mappings.verdicts import MARK, Decided, Waiting, decide, read_decisions

AGENCIES_SINCE: Final = "agency:since-2025-07-01"
"""Catalogue of the agencies of the two-level government (new_agencies.csv)."""


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


@dataclass(frozen=True)
class Competence:
    """What decides who goes on: the rules, and the catalogues they look into. Read once for a mapper."""

    rules: CompetenceRules
    catalogues: Catalogues


def read_competence(profile: Profile, site_dir: Path | None) -> Competence:
    """Rules and catalogues of a site. Raises ProfileError with file and line."""
    return Competence(load_rules(profile, site_dir), read_catalogues(site_dir))


# ---------------------------------------------------------------- at work


@dataclass(frozen=True)
class _Outcome:
    """Who is competent now, or the issue that says why nobody knows; the rule that chose."""

    rule: str = ""
    now: AgencyRef | None = None
    issue: str = ""
    about: str = ""


@dataclass(frozen=True)
class _Old:
    """An agency of the old system as agencies.csv has it."""

    row: AgencyRow
    unit: UnitRef | None


Find = Callable[[Row], _Outcome]
Named = Callable[[], tuple[str, str]]
ChooseAgency = Callable[[Row, Run, str, Named], tuple[AgencyRef, AgencyRef, str]]


def compile_agency(
    profile: Profile,
    compiler: Compiler,
    source_id: str,
    agencies: Sequence[AgencyRow],
    competence: Competence,
    *,
    is_rehearsal: bool,
) -> tuple[ChooseAgency, tuple[Decided, ...]]:
    """``agency(row, run, procedure, named)``: where it was filed (history), who is competent now, and by which rule;
    and the decisions of the site. ``named`` tells key and code of the dossier, asked for only while it waits."""
    words = profile.agency
    catalogue = f"agency:{source_id}"
    name_of = compiler.value(str, words.name, "receiving_agency.name")
    known = {
        row.code: _Old(row, _unit_of(row))
        for row in agencies
        if row.level and (row.status == "approved" or (row.status == "draft" and is_rehearsal))
    }
    waiting = {row.code for row in agencies if row.level and row.status == "draft"} - known.keys()
    rules, catalogues = competence.rules, competence.catalogues
    chooser = _Chooser(rules, profile.places, compiler.units, catalogues, is_rehearsal)
    finders: dict[tuple[str, str], Find] = {}
    refs = Memo(lambda named: _receiving(named[0], named[1], catalogue, known.get(named[0])))
    decisions = read_decisions(compiler.site_dir, _targets(compiler.units, catalogues))

    def agency(row: Row, run: Run, procedure: str, named: Named) -> tuple[AgencyRef, AgencyRef, str]:
        code = code_of(row.get(words.code))
        if not code.isascii():
            code = clean_text(code, run, "receiving_agency.code", is_kept=False)
        found = known.get(code) or _Old(AgencyRow(code), None)
        old = refs[code, name_of(row, run)]
        find_now = finders.get((code, procedure))
        if find_now is None:
            find_now = _unapproved("agencies", code) if code in waiting else chooser.choose(found, procedure)
            finders[(code, procedure)] = find_now
        outcome = find_now(row)
        if outcome.issue and decisions and outcome.issue != UNAPPROVED:  # a row is approved, not decided around
            outcome = _decided(outcome, decisions, chooser.waiting(outcome.issue, found, row, *named()))
        if outcome.issue:
            run.error(outcome.issue, "handling_agency", outcome.about or code[:80])
        return old, outcome.now or old, outcome.rule

    return agency, decisions


def _receiving(code: str, name: str, catalogue: str, old: _Old | None) -> AgencyRef:
    return AgencyRef(code, catalogue, name, old.row.level if old else "", old.unit if old else None)


def _decided(outcome: _Outcome, decisions: Sequence[Decided], waiting: Waiting) -> _Outcome:
    """The outcome after the officials' decisions; what they do not settle waits on."""
    found, is_disputed = decide(decisions, waiting)
    if is_disputed:
        return replace(outcome, issue="decision_conflict", about=outcome.issue)
    if found is None:
        return outcome
    if outcome.issue in _SPLIT and found.to.code not in outcome.about.split():
        return replace(outcome, issue="decision_not_a_candidate", about=outcome.about)
    return _Outcome(f"{MARK}{found.id}", found.to)


_SPLIT: Final = frozenset({"handling_agency_split", "handling_place_split"})
"""Causes whose ``about`` lists the communes that may be meant."""


def _targets(units: Units, catalogues: Catalogues) -> dict[str, AgencyRef]:
    """Whom a decision may name, by code."""
    new = [unit for old in units.communes.values() for unit in old.targets] + list(units.islands.values())
    targets = {unit.code: _commune_agency(unit) for unit in new}
    targets |= {
        agency.code: AgencyRef(agency.code, AGENCIES_SINCE, agency.name, "province")
        for agency in catalogues.departments.values()
    }
    return targets


def _unit_of(row: AgencyRow) -> UnitRef | None:
    code = {"commune": row.commune_code, "district": row.district_code, "province": row.province_code}[row.level]
    return UnitRef(code, BEFORE_MERGER) if code else None


def _unapproved(table: str, code: str) -> Find:
    outcome = _Outcome(issue=UNAPPROVED, about=f"{table} {code}")
    return lambda row: outcome


_NOBODY: Final = _Outcome(issue="handling_agency_unknown")
_NO_PROCEDURE: Final = Procedure(frozenset(), "")


@dataclass(frozen=True)
class _Chooser:
    rules: CompetenceRules
    places: Mapping[str, PlaceColumns]
    units: Units
    catalogues: Catalogues
    is_rehearsal: bool

    def choose(self, old: _Old, code: str) -> Find:
        """What the first fitting rule says of an agency and a procedure, as far as it needs no dossier."""
        if not old.row.level:
            return lambda row: _NOBODY
        procedure = self.catalogues.procedures.get(code, _NO_PROCEDURE)
        for rule in self.rules.rules:
            if rule.when.holds(old.row.level, code, procedure):
                return self._apply(rule, old)
        missing = _Outcome(issue="handling_rule_missing")
        return lambda row: missing

    def waiting(self, cause: str, old: _Old, row: Row, key: str, code: str) -> Waiting:
        """A dossier that waits, as the decisions ask about it."""
        places = [self.places[name] for name in self.rules.places]
        texts = [plain_text(row.get(place.text)) for place in places if place.text]
        communes = {code_of(row.get(place.commune)) for place in places}
        is_there = cause == "handling_place_split" or old.row.commune_code in communes - {""}
        return Waiting(cause, key, code, old.row.code, f" {fold_name(' '.join(texts))} ", is_there)

    def _apply(self, rule: Rule, old: _Old) -> Find:
        if rule.to == "commune_of_place":
            return lambda row: self._of_place(rule.rule, old, row)
        fixed = {
            "successor": lambda: self._successor(rule.rule, old),
            "department": lambda: self._department(rule.rule, old),
            "undecided": lambda: _Outcome(rule.rule, issue=rule.issue),
        }[rule.to]()
        return lambda row: fixed

    def _successor(self, rule: str, old: _Old) -> _Outcome:
        fate = self.units.resolve(old.row.commune_code, old.row.district_code, old.row.province_code)
        if fate.candidates:
            return _Outcome(rule, issue="handling_agency_split", about=" ".join(fate.candidates))
        return _commune(rule, fate.new) if fate.new else _Outcome(rule, issue="handling_agency_unknown")

    def _department(self, rule: str, old: _Old) -> _Outcome:
        province = self.units.new_provinces.get(old.row.province_code, "")
        name = bare_name(old.row.name, self.units.provinces.get(old.row.province_code, ""))
        found = self.catalogues.department(name, province, with_drafts=self.is_rehearsal)
        if found is None and self.catalogues.department(name, province, with_drafts=True):
            return _Outcome(rule, issue=UNAPPROVED, about=f"departments {old.row.code}")
        if found is None:
            return _Outcome(rule, issue="handling_department_unknown")
        return _Outcome(rule, AgencyRef(found.code, AGENCIES_SINCE, found.name, "province"))

    def _of_place(self, rule: str, old: _Old, row: Row) -> _Outcome:
        """The new commune of the first place that is told; it must lie where the old agency was competent."""
        for name in self.rules.places:
            columns = self.places[name]
            codes = [code_of(row.get(column)) for column in (columns.commune, columns.district, columns.province)]
            if not codes[0]:
                continue
            fate = self.units.resolve(*codes)
            if not fate.is_known:
                return _Outcome(rule, issue="handling_place_unknown", about=codes[0][:80])
            if old.row.district_code not in self.units.districts_of(codes[0]):
                return _Outcome(rule, issue="handling_place_outside", about=codes[0])
            if fate.candidates:
                return _Outcome(rule, issue="handling_place_split", about=" ".join(fate.candidates))
            if fate.new:
                return _commune(rule, fate.new)
        return _Outcome(rule, issue="handling_place_unknown")


def _commune(rule: str, unit: UnitRef) -> _Outcome:
    return _Outcome(rule, _commune_agency(unit))


def _commune_agency(unit: UnitRef) -> AgencyRef:
    return AgencyRef(unit.code, SINCE_MERGER, f"UBND {unit.name[:1].lower()}{unit.name[1:]}", "commune", unit)
