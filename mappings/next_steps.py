"""Reads where an open dossier stands in its old system, and asks the case map where it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mappings.case_drafts import Seen
from mappings.case_states import DRAINED, Case, CaseRow, compile_case_states, usable
from mappings.cells import Row, Run, code_of
from mappings.columns import Get, constant
from mappings.decisions import possible_targets
from mappings.fields import Compiler
from mappings.model import OPEN_STATUSES, Exclusion
from mappings.profile import Profile

Fields = Mapping[str, Any]
"""The fields of the dossier that the profile fills: ``process`` and ``open_step`` are read."""


@dataclass(frozen=True)
class Going:
    """Where a dossier goes on: empty for a closed one, or when an issue says why it cannot."""

    step: str = ""
    role: str = ""
    rule: str = ""
    exclusion: Exclusion | None = None


NOWHERE: Final = Going()
ReadCase = Callable[[Row, Run, int, str, str, Fields], Case]
GoOn = Callable[[Row, Run, int, str, str, Fields], Going]


def compile_reading(profile: Profile, compiler: Compiler, *, asks_role: bool) -> ReadCase:
    """``read(row, run, status, old_status, procedure, fields)``: the case of an open dossier."""
    words = profile.standing
    empty: Get = constant("")
    role = compiler.value(str, words.role, "standing.role") if words and words.role and asks_role else empty
    request = compiler.value(str, words.request, "standing.request") if words and words.request else empty

    def read(row: Row, run: Run, status: int, old_status: str, procedure: str, fields: Fields) -> Case:
        code, _, sub = old_status.partition("/")
        process, step = fields.get("process", ""), fields.get("open_step", "")
        return Case(process, procedure, step, sub, role(row, run), code, request(row, run), status)

    return read


def compile_cases(profile: Profile, compiler: Compiler, rows: Sequence[CaseRow], *, is_rehearsal: bool) -> GoOn:
    """``go_on(row, run, status, old_status, procedure, fields)`` of an open one; an issue says why it cannot."""
    table = compile_case_states(usable(rows, is_rehearsal=is_rehearsal))
    read = compile_reading(profile, compiler, asks_role=table.asks_role)
    made: dict[CaseRow, Going] = {}

    def go_on(row: Row, run: Run, status: int, old_status: str, procedure: str, fields: Fields) -> Going:
        case = read(row, run, status, old_status, procedure, fields)
        verdict = table.choose(case)
        if verdict.issue or verdict.row is None:
            run.error(verdict.issue, "next_step", case.name)
            return NOWHERE
        going = made.get(verdict.row)
        if going is None:
            made[verdict.row] = going = _going(verdict.row)
        return going

    return go_on


def _going(row: CaseRow) -> Going:
    if row.action == "drain":
        return Going(rule=row.name, exclusion=Exclusion(DRAINED))
    return Going(row.new_step, row.new_role, row.name)


# ---------------------------------------------------------------- what a draft is made of


@dataclass(frozen=True)
class ProcessSteps:
    """The old system's own process steps: names and codes, and the cases they may lead to."""

    names: Mapping[str, str]  # step code → name, "" where processes disagree
    idle: tuple[Seen, ...]  # one for each step and open status it may stand for, without dossiers


def read_steps(profile: Profile, compiler: Compiler, decisions: Mapping[str, str]) -> ProcessSteps:
    """The process steps of a source, from its references."""
    words = profile.standing.steps if profile.standing else None
    if words is None:
        return ProcessSteps({}, ())
    targets = possible_targets(profile, compiler, decisions)
    names: dict[str, str] = {}
    found: dict[Case, set[str]] = {}
    for row in compiler.references.get(words.reference, ()):
        step, status, sub, name = (code_of(row.get(c)) for c in (words.code, words.status, words.sub, words.name))
        names[step] = name if names.get(step, name) == name else ""
        for target in sorted(targets(status, sub) & OPEN_STATUSES):
            found.setdefault(Case("", "", step, sub, "", status, "", target), set()).add(name)
    idle = [Seen(case, next(iter(said)), True, 0) for case, said in found.items() if len(said) == 1]
    return ProcessSteps(names, tuple(idle))


def known_cases(counted: Mapping[Case, int], said: Mapping[Case, str], steps: ProcessSteps) -> Iterator[Seen]:
    """Every case that dossiers stand in (``counted``), then the steps that none stands in now. ``said``: step names."""
    for case, dossiers in sorted(counted.items(), key=lambda item: repr(item[0])):
        is_known = not steps.names or case.step in steps.names  # an old system without steps knows its cases by status
        yield Seen(case, said.get(case, "") or steps.names.get(case.step, ""), is_known, dossiers)
    yield from steps.idle
