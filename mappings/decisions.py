"""Rules that a site may decide: filing time, status, procedure. Compiled once, with the decisions in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from mappings.cells import VIETNAM, Clock, Row, Run, clean_text, code_of, is_blank
from mappings.crosswalk import UNAPPROVED
from mappings.declared import ProfileError
from mappings.emit import Memo
from mappings.fields import Compiler
from mappings.procedures import national_code
from mappings.profile import Profile

OLDEST: Final = datetime(1990, 1, 1, tzinfo=VIETNAM)
"""No dossier of a one-stop is older; an earlier filing instant is a typing error."""


def check_decisions(profile: Profile, decisions: Mapping[str, str]) -> None:
    """Refuse a decision that nothing reads or that says what cannot be. Raises ProfileError."""
    choices = {choice.name for choice in profile.choices}
    for key, decision in decisions.items():
        name, dot, _ = key.partition(".")
        if key == "filed_order":
            profile.filing_order(decisions)
        elif key == "received_after_cutoff":
            _require(decision == "migrate", key, "chỉ nhận migrate")
        elif dot and name == "status":
            _require(target_status(decision) is not None, key, "phải là TrangThaiHoSo từ 1 đến 10")
        elif dot and name in choices:
            _require(decision == "migrate" or decision.startswith("exclude"), key, "chỉ nhận migrate hoặc exclude")
        else:
            _require(False, key, "không có quyết định nào tên này")


def decisions_about(
    profile: Profile, common: Mapping[str, str], own: Mapping[str, str], others: Iterable[Profile] = ()
) -> dict[str, str]:
    """The decisions of one source: those of the site that its profile asks about, under its own.

    ``others``: the other profiles of the site; a decision that none of them asks about stays, and is refused.
    """
    known = [{choice.name for choice in each.choices} for each in (profile, *others)]
    asked_elsewhere = set[str]().union(*known[1:]) - known[0]
    return {key: value for key, value in common.items() if key.partition(".")[0] not in asked_elsewhere} | dict(own)


def _require(holds: bool, key: str, message: str) -> None:
    if not holds:
        raise ProfileError(f"decisions.{key}: {message}", "site.yaml")


# ---------------------------------------------------------------- filing time


class Filing(NamedTuple):
    """When a dossier was filed, and the source column that says so."""

    at: datetime | None
    column: str


def compile_filing(
    profile: Profile, clock: Clock, cutoff: datetime, decisions: Mapping[str, str]
) -> Callable[[Row, Run, datetime], Filing]:
    """``filing(row, run, seen_at)``: the first filing column that is not empty, believed or noted."""
    order = profile.filing_order(decisions)
    received_column = profile.filed.received
    late_receipt_is_fine = decisions.get("received_after_cutoff") == "migrate"

    def doubt(filed: datetime, row: Row, run: Run, seen_at: datetime) -> None:
        if filed < OLDEST or filed > seen_at:
            run.error("filed_implausible", "filed_at")
            return
        received = clock.known[row.get(received_column)]
        if received is None or (filed < cutoff) == (received < cutoff):
            return
        if filed >= cutoff or not late_receipt_is_fine:
            run.error("filed_across_cutoff", "filed_at")

    def filing(row: Row, run: Run, seen_at: datetime) -> Filing:
        for candidate in order:
            cell = row.get(candidate.column)
            if cell is None or is_blank(cell):
                continue
            run.filing_column = candidate.column
            filed = clock.known[cell]
            if filed is None:
                run.error("filed_unreadable", "filed_at")
                return Filing(None, candidate.column)
            if candidate.issue:
                run.warning(candidate.issue, "filed_at")
            doubt(filed, row, run, seen_at)
            return Filing(filed, candidate.column)
        run.error("filed_missing", "filed_at")
        return Filing(None, "")

    return filing


# ---------------------------------------------------------------- status


def target_status(text: str) -> int | None:
    """A TrangThaiHoSo of 1 to 10 as a number; None for anything else."""
    return _TARGETS.get(text.strip())


_TARGETS: Final = {str(number): number for number in range(1, 11)}


def compile_status(
    profile: Profile, compiler: Compiler, decisions: Mapping[str, str]
) -> Callable[[Row, Run], tuple[int | None, str]]:
    """``status(row, run)``: TrangThaiHoSo (None when undecided) and the old status, its sub-status after "/"."""
    words = profile.status
    decided = {key.removeprefix("status."): value for key, value in decisions.items() if key.startswith("status.")}
    own = _own_mapping(profile, compiler)
    crosswalk = compiler.crosswalk(words.crosswalk, _TARGETS)
    qualifier = compiler.value(str, words.qualifier, "status") if words.qualifier else lambda row, run: ""

    def at_site(code: str, sub: str, row: Row, run: Run) -> str | None:
        return decided.get(f"{code}/{sub}") or decided.get(code)

    def at_source(code: str, sub: str, row: Row, run: Run) -> str | None:
        return own.get((code, sub)) or own.get((code, ""))

    def by_crosswalk(code: str, sub: str, row: Row, run: Run) -> str | None:
        return crosswalk.find(code, sub, qualifier(row, run))

    named = (("decision", at_site, decided), ("source", at_source, own), ("crosswalk", by_crosswalk, True))
    ways = [compiler.watch("status", name, way) for name, way, is_there in named if is_there]

    def find(code: str, sub: str, row: Row, run: Run) -> str | None:
        for way in ways:
            found = way(code, sub, row, run)
            if found:
                return found
        return None

    def status(row: Row, run: Run) -> tuple[int | None, str]:
        code = code_of(row.get(words.code))
        sub = code_of(row.get(words.sub)) if words.sub else ""
        old = f"{code}/{sub}" if sub else code
        old = old if old.isascii() else clean_text(old, run, "old_status", is_kept=True)
        target = find(code, sub, row, run)
        number = target_status(target) if target else None
        if number is None and target is None and crosswalk.is_waiting(code, sub, qualifier(row, run)):
            run.error(UNAPPROVED, "status", f"{crosswalk.name} {old[:80]}")
        elif number is None:
            run.error("status_undecided", "status", old[:80])
        return number, old

    return status


def possible_targets(
    profile: Profile, compiler: Compiler, decisions: Mapping[str, str]
) -> Callable[[str, str], set[int]]:
    """``targets(code, sub)``: every TrangThaiHoSo that a dossier of this old status may get, whatever else it holds."""
    own = _own_mapping(profile, compiler)
    usable = compiler.crosswalk(profile.status.crosswalk).usable

    def targets(code: str, sub: str) -> set[int]:
        said = decisions.get(f"status.{code}/{sub}") or decisions.get(f"status.{code}")
        said = said or own.get((code, sub)) or own.get((code, "")) or usable.get((code, sub or "-"))
        texts = [said] if said else [target for (known, _), target in usable.items() if known == code]
        return {number for text in texts if (number := target_status(text)) is not None}

    return targets


def _own_mapping(profile: Profile, compiler: Compiler) -> dict[tuple[str, str], str]:
    words = profile.status.mapping
    found: dict[tuple[str, str], str] = {}
    if words is None:
        return found
    for row in compiler.references.get(words.reference, ()):
        key = (code_of(row.get(words.code)), code_of(row.get(words.sub)))
        target = code_of(row.get(words.target))
        if target and found.setdefault(key, target) != target:
            found[key] = "?"  # the source contradicts itself: nobody has decided
    return found


# ---------------------------------------------------------------- procedure


@dataclass(frozen=True)
class Filed:
    """The procedure a dossier was filed under: its plain code, else the source's own; ``raw`` as it stands there."""

    code: str
    raw: str


def compile_procedure(profile: Profile, compiler: Compiler) -> Callable[[Row, Run], Filed]:
    """``procedure(row, run)``: the source's own mapping, else the national code in the code, else the code itself."""
    words = profile.procedure
    mapped = compiler.reference(words.mapping) if words.mapping else lambda row, run: ""
    mapped = compiler.watch("procedure_code", "source", mapped)
    columns = words.code, words.within
    known = Memo(_filed)

    def procedure(row: Row, run: Run) -> Filed:
        code, within = (code_of(row.get(column)) if column else "" for column in columns)
        if not (code.isascii() and within.isascii()):
            code, within = (clean_text(text, run, "procedure_code", is_kept=False) for text in (code, within))
        found: Filed = known[code, within, mapped(row, run)]
        return found

    return procedure


def _filed(told: tuple[str, str, str]) -> Filed:
    code, within, mapped = told
    raw = f"{within}/{code}" if within and code else code
    return Filed(national_code(mapped) or mapped or national_code(code) or raw, raw)
