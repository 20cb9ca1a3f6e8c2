"""The engine: one raw record to one Dossier and every issue, by a profile compiled to closures once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from mappings.agencies import AgencyRow, refuse_wrong_units
from mappings.case_drafts import Seen
from mappings.case_states import Case, CaseRow, usable
from mappings.cells import Children, Clock, Row, Run, code_of, compile_blank
from mappings.column_encodings import EncodingRow, compile_convert, version_of
from mappings.columns import Get, constant
from mappings.competence import Competence, compile_agency, read_competence
from mappings.conditions import Test, all_of
from mappings.corrections import Corrections, compile_corrections
from mappings.decisions import (
    check_decisions,
    compile_filing,
    compile_procedure,
    compile_status,
)
from mappings.declared import ProfileError
from mappings.emit import Code
from mappings.fields import Compiler
from mappings.fingerprint import digest
from mappings.lists import (
    Collect,
    compile_kept,
    compile_kept_rows,
    compile_links,
    compile_list,
    compile_notes,
    compile_spans,
)
from mappings.model import (
    MODEL_VERSION,
    OPEN_STATUSES,
    PROCEDURES_BEFORE,
    Document,
    Dossier,
    Exclusion,
    Fee,
    Issue,
    Mapped,
    Paper,
    Pause,
    ProcedureVersion,
    Request,
    Result,
    Severity,
    Step,
    SupplementRound,
)
from mappings.next_steps import NOWHERE, compile_cases, compile_reading, known_cases, read_steps
from mappings.own_codes import compile_second_codes, judge_code
from mappings.persons import RULES, Check, compile_persons
from mappings.profile import Choice, Profile, ScopeRule
from mappings.spec import COMPUTED
from mappings.tracing import Trace
from mappings.units import Units, read_units

ENGINE_VERSION: Final = 3
"""Part of every mapping version: raise it when the engine maps the same record otherwise."""


@dataclass(frozen=True)
class MappingContext:
    """What one source of one site adds to its profile. ``cutoff`` is aware; ``references`` by declared name.

    ``today``: crosswalk rows that hold on this day are used.
    """

    source_id: str
    zone: str
    cutoff: datetime
    today: date
    is_rehearsal: bool
    references: Mapping[str, Sequence[Row]]
    agencies: Sequence[AgencyRow]
    decisions: Mapping[str, str]
    site_dir: Path | None
    case_states: Sequence[CaseRow] | None = None  # None: nobody asks where open dossiers go on
    encodings: Sequence[EncodingRow] = ()  # of this source
    corrections: Corrections = field(default_factory=dict)  # of this source


class Mapper:
    """Maps records of one source. Same record, same version: same bytes. Never raises on data."""

    def __init__(self, profile: Profile, context: MappingContext, compiler: Compiler, competence: Competence) -> None:
        decisions = context.decisions
        self.compiler = compiler  # what the closures look into, for those who count what they read
        self._source_id = context.source_id
        self.corrections = context.corrections
        self._correct = compile_corrections(profile, context.corrections)
        self._convert = compile_convert(profile, context.encodings, is_rehearsal=context.is_rehearsal)
        keys = {name: read.key for name, read in profile.reading.children.items()}
        self._blank = compile_blank(profile.dates.none, keys)
        self._scope = [_compile_rule(rule) for rule in profile.scope]
        self._choices = [_compile_choice(choice, decisions) for choice in profile.choices]
        self._filing = compile_filing(profile, compiler.clock, context.cutoff, decisions)
        self._status = compile_status(profile, compiler, decisions)
        self._procedure = compile_procedure(profile, compiler)
        self._agency, self.decisions = compile_agency(
            profile,
            compiler,
            context.source_id,
            context.agencies,
            competence,
            today=context.today,
            is_rehearsal=context.is_rehearsal,
        )
        self._goes_on = context.case_states is not None
        self._go_on = compile_cases(profile, compiler, context.case_states or (), is_rehearsal=context.is_rehearsal)
        self._read_case = compile_reading(profile, compiler, asks_role=False)
        self._process_steps = read_steps(profile, compiler, decisions)
        name = profile.standing.step_name if profile.standing else None
        self._step_name = compiler.value(str, name, "standing.step_name") if name else constant("")
        getters = compiler.getters(Dossier, profile.dossier, "")
        self._place: dict[str, Get] = {name: getters[name] for name in ("process", "open_step") if name in getters}
        self._code_of = getters["code"]
        check = compile_persons(compiler.clock, context.cutoff)
        self._dossier = _compile_dossier(profile, compiler, getters, check, handed=self._place)
        self._version_of = functools.partial(_version, profile, context, compiler, competence)

    @functools.cached_property
    def version(self) -> str:
        """Hash of everything that can change an outcome, every crosswalk included that was read."""
        return self._version_of()

    def scope(self, key: str, row: Row, children: Children) -> Exclusion | None:
        """The first named rule that leaves this dossier out, with what its twin lacks; None: it is in scope."""
        for rule in self._scope:
            found = rule(row, children)
            if found is not None:
                return found
        for _, excluded in self._choices:
            rule_name = excluded(row)
            if rule_name:
                return Exclusion(rule_name)
        return None

    def map(self, key: str, row: Row, children: Children, seen_at: datetime) -> Mapped:
        """The dossier and all its issues. ``seen_at``: when the sweep began. None without a decided status."""
        run = Run(row, children)
        if self._correct is not None:
            row, children = run.main, run.children = self._correct(key, row, children, run)
        for change in (self._blank, self._convert):
            if change is not None:
                row, children = run.main, run.children = change(row, children, run)
        filing = self._filing(row, run, seen_at)
        status, old_status = self._status(row, run)
        filed = self._procedure(row, run)
        is_open = status is None or status in OPEN_STATUSES
        handling = self._agency(row, run, filed, is_open, lambda: (key, self._code_of(row, run)))
        procedure = run.procedure = handling.procedure
        for undecided, _ in self._choices:
            undecided(row, run)
        place: dict[str, Any] = {name: get(row, run) for name, get in self._place.items()}
        going = NOWHERE
        if self._goes_on and status in OPEN_STATUSES:
            going = self._go_on(row, run, status, old_status, filed.code, place)
        computed = {
            **place,
            "source_id": self._source_id,
            "key": key,
            "status": status,
            "old_status": old_status,
            "procedure_code": procedure,
            "old_procedure_code": filed.raw if filed.raw != procedure else "",
            "receiving_agency": handling.receiving,
            "handling_agency": handling.now,
            "handling_rule": handling.rule,
            "next_step": going.step,
            "next_role": going.role,
            "case_rule": going.rule,
            "filed_at": filing.at,
            "filed_from": filing.column,
            "extra": run.extra,
        }
        dossier = self._dossier(row, run, computed, filed.raw)
        issues = tuple(dict.fromkeys(run.issues)) if run.issues else ()
        return Mapped(dossier if status is not None else None, issues, going.exclusion)

    def case_of(self, row: Row, children: Children) -> tuple[Case, str] | None:
        """Where an open dossier stands, and the name of its step; None for any other."""
        run = Run(row, children)
        if self._blank is not None:
            row, children = run.main, run.children = self._blank(row, children, run)
        status, old_status = self._status(row, run)
        if status not in OPEN_STATUSES:
            return None
        procedure = self._procedure(row, run).code
        place: dict[str, Any] = {name: get(row, run) for name, get in self._place.items()}
        return self._read_case(row, run, status, old_status, procedure, place), self._step_name(row, run)

    def known_cases(self, counted: Mapping[Case, int], said: Mapping[Case, str]) -> Iterator[Seen]:
        """Cases for a draft of case_states.csv: those counted, with step names, and the idle process steps."""
        return known_cases(counted, said, self._process_steps)


def build_mapper(
    profile: Profile,
    context: MappingContext,
    observer: Trace | None = None,
    known: tuple[Units, Competence] | None = None,
) -> Mapper:
    """Compile a profile for one source. Raises ProfileError for a wrong zone, decision, step or crosswalk.

    ``observer`` is told how each value comes about; without one nothing listens, and nothing is paid for it.
    ``known``: the catalogues of the site where they were read already, for many mappers of one site.
    """
    check_decisions(profile, context.decisions)
    try:
        clock = Clock(context.zone, is_day_first=profile.dates.day_first)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ProfileError(f"không có múi giờ {context.zone!r}", "site.yaml") from error
    site_dir, compile_with = context.site_dir, Compiler if observer is None else observer.compiler
    units, competence = known or read_tables(profile, site_dir)
    refuse_wrong_units(context.agencies, units, site_dir)
    components, with_drafts = competence.catalogues.components, context.is_rehearsal
    compiler = compile_with(clock, units, context.references, site_dir, components, with_drafts=with_drafts)
    return Mapper(profile, context, compiler, competence)


def read_tables(profile: Profile, site_dir: Path | None) -> tuple[Units, Competence]:
    """The catalogues of a site, for ``known`` of :func:`build_mapper`. Raises ProfileError with file and line."""
    units = read_units(site_dir)
    return units, read_competence(profile, site_dir, frozenset(units.new_provinces.values()))


def _version(profile: Profile, context: MappingContext, compiler: Compiler, competence: Competence) -> str:
    # everything that can change the outcome of a record, and nothing that differs between two runs of the same;
    # decisions and corrections are left out: the dossiers that they touch are found one by one
    units = compiler.units
    parts: tuple[Any, ...] = (
        MODEL_VERSION,
        ENGINE_VERSION,
        RULES,
        profile.model_dump(mode="json", by_alias=True),
        [(n, sorted(cw.usable.items()), sorted(cw.waiting.items())) for n, cw in sorted(compiler.crosswalks.items())],
        sorted(context.decisions.items()),
        competence.rules.model_dump(mode="json"),
        sorted((*key, agency.code, agency.name) for key, agency in competence.catalogues.departments.items()),
        sorted(competence.catalogues.became.items()),
        sorted((code, sorted(known.levels), known.field) for code, known in competence.catalogues.procedures.items()),
        sorted(competence.successors.on(context.today, with_drafts=context.is_rehearsal).rows.items()),
        sorted(compiler.components.items()),
        sorted((asdict(row) for row in context.agencies), key=lambda row: str(row["code"])),
        sorted(
            (*row.case, row.target_status, row.action, row.new_step, row.new_role)
            for row in usable(context.case_states or (), is_rehearsal=context.is_rehearsal)
        ),
        version_of(context.encodings),
        (context.source_id, context.zone, context.cutoff.isoformat(), context.is_rehearsal),
        sorted((unit.code, unit.districts, unit.targets) for unit in units.abolished.values()),
        sorted((unit.code, unit.districts, unit.targets) for unit in units.communes.values()),
    )
    references = [
        (name, sorted(digest(dict(row)) for row in rows)) for name, rows in sorted(context.references.items())
    ]
    return digest((parts, references)).hex()


# ---------------------------------------------------------------- parts


def _compile_dossier(
    profile: Profile, compiler: Compiler, getters: Mapping[str, Get], check: Check, *, handed: Collection[str]
) -> Callable[[Row, Run, Mapping[str, Any], str], Dossier]:
    """``dossier(row, run, computed, filed)``: declared fields, lists, links and kept columns, in this order.

    ``filed``: the code of the procedure as the source has it. ``check`` looks at the persons as soon as they are made.
    ``handed``: declared fields that ``computed`` holds already.
    """
    code = Code(compiler.clean)
    values = {name: f"computed[{name!r}]" if name in handed else code.value(get) for name, get in getters.items()}
    values["procedure_version"] = _emit_version(code, profile, compiler, values.get("procedure_name", "''"))
    persons = [code.put(values.get(name, "None")) for name in ("applicant", "delegate")]
    values |= dict(zip(("applicant", "delegate"), persons, strict=True))
    code.line(f"{code.bind(check)}({', '.join(persons)}, run)")
    for name, collect in _compile_lists(profile, compiler):
        values[name] = code.value(collect)
    values["links"] = code.value(compile_links(profile.links))
    code.line(f"{code.bind(judge_code)}({values['code']}, {values.get('received_at', 'None')}, run)")
    values["other_codes"] = "()"
    if profile.second_codes:
        known = [code.cell(spec.source) for spec in profile.second_codes if not spec.child]
        known += [f"run.children.get({spec.child!r})" for spec in profile.second_codes if spec.child]
        cells = " or ".join(known)
        second = code.bind(compile_second_codes(profile.second_codes))
        values["other_codes"] = code.put(f"{second}(row, run, {values['code']}) if {cells} else ()")
    for word in (*compile_notes(profile.notes), compile_kept(compiler, profile.extra, "")):
        code.value(word)
    for child, kept in profile.keep_rows.items():
        code.line(f"{code.bind(compile_kept_rows(compiler, child, kept))}(run)")
    fields = msgspec.structs.fields(Dossier)
    needed = {item.name for item in fields} & (COMPUTED[Dossier] - set(values)) - {"is_migrated"}
    values |= {name: f"computed[{name!r}]" for name in sorted(needed)}
    defaults = {item.name: code.bind(item.default) for item in fields if item.name not in values}
    arguments = ", ".join([values.get(item.name) or defaults[item.name] for item in fields])
    return code.done(f"{code.bind(Dossier)}({arguments})", ", computed, filed")


def _emit_version(code: Code, profile: Profile, compiler: Compiler, name: str) -> str:
    published = profile.procedure.decision
    decision = code.value(compiler.value(str, published, "procedure_version.decision")) if published else "''"
    return code.put(f"{code.bind(ProcedureVersion)}(filed, {code.bind(PROCEDURES_BEFORE)}, {name}, {decision})")


def _compile_lists(profile: Profile, compiler: Compiler) -> tuple[tuple[str, Collect], ...]:
    structs: dict[str, type[Struct]] = {
        "papers": Paper, "results": Result, "steps": Step, "fees": Fee, "requests": Request, "documents": Document
    }  # fmt: skip
    lists = [(name, compile_list(compiler, struct, name, getattr(profile, name))) for name, struct in structs.items()]
    lists.append(("supplements", compile_spans(compiler, SupplementRound, "supplements", profile.supplements)))
    lists.append(("pauses", compile_spans(compiler, Pause, "pauses", profile.pauses)))
    return tuple(lists)


def _compile_rule(rule: ScopeRule) -> Callable[[Row, Children], Exclusion | None]:
    holds: Test = all_of(rule.when)
    lacking = tuple(rule.lacking.items())

    def excluded(row: Row, children: Children) -> Exclusion | None:
        if not holds(row):
            return None
        if not rule.twin:
            return Exclusion(rule.rule)
        twins = children.get(rule.twin, ())
        if not twins:
            return None
        issues = [
            Issue(issue, lack.field, Severity.WARNING, " ".join(code_of(other.get(lack.key)) for other in others[:20]))
            for issue, lack in lacking
            if (others := children.get(lack.child, ()))
        ]
        return Exclusion(rule.rule, code_of(twins[0].get(rule.twin_key)), tuple(issues))

    return excluded


def _compile_choice(
    choice: Choice, decisions: Mapping[str, str]
) -> tuple[Callable[[Row, Run], None], Callable[[Row], str]]:
    known = frozenset(choice.known)
    prefix = f"{choice.name}."
    decided = {key.removeprefix(prefix): value for key, value in decisions.items() if key.startswith(prefix)}
    migrated = {value for value, decision in decided.items() if decision == "migrate"}
    left_out = {value for value, decision in decided.items() if decision.startswith("exclude")} - known

    def undecided(row: Row, run: Run) -> None:
        code = code_of(row.get(choice.column))
        if code not in known and (code or "empty") not in migrated:
            run.error(choice.issue, choice.column, code[:80])

    def excluded(row: Row) -> str:
        code = code_of(row.get(choice.column))
        return f"{choice.name}_{code or 'empty'}" if (code or "empty") in left_out else ""

    return undecided, excluded
