"""Who goes on with a dossier since 1 July 2025: declared, ordered rules, each with its legal note.

The rules stand in ``rules/competence.yaml`` (the site's, else the shipped one). The first rule that fits an agency and
a procedure is used; what it cannot settle for certain is an issue, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from mappings.agencies import AgencyRow
from mappings.agency_names import fold_name
from mappings.catalogues import Catalogues, Procedure, bare_name, read_catalogues
from mappings.cells import Row, Run, clean_text, code_of, plain_text
from mappings.competence_rules import CompetenceRules, Rule, load_rules
from mappings.conditions import Test, all_of
from mappings.crosswalk import UNAPPROVED
from mappings.decisions import Filed
from mappings.emit import Memo
from mappings.fields import Compiler
from mappings.model import BEFORE_MERGER, SINCE_MERGER, AgencyRef, UnitRef
from mappings.procedures import Successors, SuccessorTable, national_code, read_successors
from mappings.profile import PlaceColumns, Profile
from mappings.units import Units, declared_codes
from mappings.verdicts import MARK, THEN, Decided, Known, Waiting, decide, read_decisions

AGENCIES_SINCE: Final = "agency:since-2025-07-01"
"""Catalogue of the agencies of the two-level government (new_agencies.csv)."""


@dataclass(frozen=True)
class Competence:
    """What decides who goes on: the rules, and the tables they look into. Read once for a mapper."""

    rules: CompetenceRules
    catalogues: Catalogues
    successors: SuccessorTable


def read_competence(profile: Profile, site_dir: Path | None, provinces: Collection[str]) -> Competence:
    """Rules, catalogues and successors of a site. Raises ProfileError with file and line.

    ``provinces``: the codes of the new ones."""
    catalogues = read_catalogues(site_dir)
    successors = read_successors(site_dir, catalogues.procedures, provinces)
    return Competence(load_rules(profile, site_dir), catalogues, successors)


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


@dataclass(frozen=True)
class _Course:
    """How the rules handle one agency and one procedure: the procedure of today, and who is competent."""

    procedure: str
    find: Find
    is_gone: bool = False  # the procedure no longer exists, and nothing is known to have replaced it


class Handling(NamedTuple):
    """Where a dossier was filed (history), who is competent now, by which rule, under which procedure of today."""

    receiving: AgencyRef
    now: AgencyRef
    rule: str
    procedure: str


ChooseAgency = Callable[[Row, Run, Filed, bool, Named], Handling]


def compile_agency(
    profile: Profile,
    compiler: Compiler,
    source_id: str,
    agencies: Sequence[AgencyRow],
    competence: Competence,
    *,
    today: date,
    is_rehearsal: bool,
) -> tuple[ChooseAgency, tuple[Decided, ...]]:
    """``agency(row, run, filed, is_open, named)``: who goes on, and under which procedure; and the site's decisions.

    ``named`` tells key and code of the dossier, asked for only while it waits."""
    words = profile.agency
    catalogue = f"agency:{source_id}"
    name_of = compiler.value(str, words.name, "receiving_agency.name")
    known = {
        row.code: _Old(row, _unit_of(row))
        for row in agencies
        if row.level and (row.status == "approved" or (row.status == "draft" and is_rehearsal))
    }
    waiting = {row.code for row in agencies if row.level and row.status == "draft"} - known.keys()
    catalogues = competence.catalogues
    successors = competence.successors.on(today, with_drafts=is_rehearsal)
    tests = {name: all_of(place.when) for name, place in profile.places.items()}
    chooser = _Chooser(competence.rules, profile.places, compiler.units, catalogues, successors, is_rehearsal, tests)
    refs = Memo(lambda named: _receiving(named[0], named[1], catalogue, known.get(named[0])))
    courses: dict[tuple[str, str], _Course] = {}
    decisions = read_decisions(compiler.site_dir, Known(_targets(compiler.units, catalogues), catalogues.procedures))

    def agency(row: Row, run: Run, filed: Filed, is_open: bool, named: Named) -> Handling:
        code = code_of(row.get(words.code))
        if not code.isascii():
            code = clean_text(code, run, "receiving_agency.code", is_kept=False)
        found = known.get(code) or _Old(AgencyRow(code), None)
        old = refs[code, name_of(row, run)]
        course = courses.get((code, filed.code))
        if course is None:
            course = chooser.course(found, filed.code)
            if code in waiting:
                course = replace(course, find=_unapproved("agencies", code), is_gone=False)
            courses[(code, filed.code)] = course
        outcome = _GONE if course.is_gone and is_open else course.find(row)
        if outcome.issue and decisions:
            course, outcome = _settle(chooser, decisions, found, filed, (course, outcome), row, named)
        _note(run, filed, course, outcome, code)
        return Handling(old, outcome.now or old, outcome.rule, course.procedure)

    return agency, decisions


def _receiving(code: str, name: str, catalogue: str, old: _Old | None) -> AgencyRef:
    return AgencyRef(code, catalogue, name, old.row.level if old else "", old.unit if old else None)


def _note(run: Run, filed: Filed, course: _Course, outcome: _Outcome, agency: str) -> None:
    if course.procedure != filed.code:
        run.info("procedure_succeeded", "procedure_code", f"{filed.code[:80]} {course.procedure}")
    elif course.is_gone and not outcome.issue and not outcome.rule.startswith(MARK):
        run.info("procedure_gone_closed", "procedure_code", filed.code)
    elif not national_code(course.procedure):
        run.warning("procedure_unmapped", "procedure_code")
    if outcome.issue:
        about = filed.code if outcome is _GONE else outcome.about or agency[:80]
        run.error(outcome.issue, "handling_agency", about)


def _settle(
    chooser: _Chooser,
    decisions: Sequence[Decided],
    old: _Old,
    filed: Filed,
    waits: tuple[_Course, _Outcome],
    row: Row,
    named: Named,
) -> tuple[_Course, _Outcome]:
    """Course and outcome after the officials' decisions: about the procedure first, then about who goes on."""
    course, outcome = waits
    before = ""
    while outcome.issue and outcome.issue != UNAPPROVED:  # a row is approved, not decided around
        found, is_disputed = decide(decisions, chooser.waiting(outcome.issue, old, filed, row, *named()))
        if is_disputed:
            outcome = replace(outcome, issue="decision_conflict", about=outcome.issue)
            break
        if found is None:
            break
        mark = f"{MARK}{found.id}"
        if found.to is not None:
            is_outside = outcome.issue in _SPLIT and found.to.code not in outcome.about.split()
            outcome = replace(outcome, issue="decision_not_a_candidate") if is_outside else _Outcome(mark, found.to)
            break
        before = f"{before}{mark}{THEN}"
        course = chooser.course(old, found.verdict.procedure_to)
        outcome = course.find(row)
        decisions = [decided for decided in decisions if decided.to is not None]
    return course, replace(outcome, rule=f"{before}{outcome.rule}".removesuffix(THEN)) if before else outcome


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
_GONE: Final = _Outcome(issue="handling_procedure_gone")
_NO_PROCEDURE: Final = Procedure(frozenset(), "")


@dataclass(frozen=True)
class _Chooser:
    rules: CompetenceRules
    places: Mapping[str, PlaceColumns]
    units: Units
    catalogues: Catalogues
    successors: Successors
    is_rehearsal: bool
    tests: Mapping[str, Test]  # of each place: whether it is told at all

    def course(self, old: _Old, code: str) -> _Course:
        """What a procedure is today in the province of an agency, and what the first fitting rule says of it.

        A rule that names a procedure which is gone settles it.
        """
        fate = self.successors.fate(code, self.units.new_provinces.get(old.row.province_code, ""))
        rule = self._rule(old.row.level, fate.code)
        is_told = rule is not None and fate.code in rule.when.procedure
        return _Course(fate.code, self._find(rule, old), fate.is_gone and not is_told)

    def _rule(self, level: str, code: str) -> Rule | None:
        procedure = self.catalogues.procedures.get(code, _NO_PROCEDURE)
        return next((rule for rule in self.rules.rules if rule.when.holds(level, code, procedure)), None)

    def _find(self, rule: Rule | None, old: _Old) -> Find:
        """Who is competent by a rule, as far as it needs no dossier."""
        if not old.row.level or rule is None:
            nobody = _Outcome(issue="handling_rule_missing") if old.row.level else _NOBODY
            return lambda row: nobody
        return self._apply(rule, old)

    def waiting(self, cause: str, old: _Old, filed: Filed, row: Row, key: str, code: str) -> Waiting:
        """A dossier that waits, as the decisions ask about it."""
        places = [self.places[name] for name in self.rules.places if self.tests[name](row)]
        texts = [plain_text(row.get(place.text)) for place in places if place.text]
        communes = {_codes(place, row)[2] for place in places}
        is_there = cause == "handling_place_split" or old.row.commune_code in communes - {""}
        procedures = frozenset((filed.code, filed.raw))
        return Waiting(cause, key, code, procedures, old.row.code, f" {fold_name(' '.join(texts))} ", is_there)

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
            province, district, commune = _codes(columns, row)
            if not commune or not self.tests[name](row):
                continue
            fate = self.units.resolve(commune, district, province)
            if not fate.is_known:
                return _Outcome(rule, issue="handling_place_unknown", about=commune[:80])
            if old.row.district_code not in self.units.districts_of(commune):
                return _Outcome(rule, issue="handling_place_outside", about=commune)
            if fate.candidates:
                return _Outcome(rule, issue="handling_place_split", about=" ".join(fate.candidates))
            if fate.new:
                return _commune(rule, fate.new)
        return _Outcome(rule, issue="handling_place_unknown")


def _codes(place: PlaceColumns, row: Row) -> tuple[str, str, str]:
    return declared_codes([row.get(name) for name in (place.province, place.district, place.commune)])


def _commune(rule: str, unit: UnitRef) -> _Outcome:
    return _Outcome(rule, _commune_agency(unit))


def _commune_agency(unit: UnitRef) -> AgencyRef:
    return AgencyRef(unit.code, SINCE_MERGER, f"UBND {unit.name[:1].lower()}{unit.name[1:]}", "commune", unit)
