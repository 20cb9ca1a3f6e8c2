"""Drafts of case_states.csv: the cases of the old system, grouped and counted, each with a suggestion for its owner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mappings.agency_names import fold_name
from mappings.case_states import ABSENT, Case, CaseRow, compile_case_states
from mappings.declared import ProfileError, find, read_csv
from mappings.model import OPEN_STATUSES

SUGGESTION_COLUMNS: Final = ("target_status", "words", "new_step", "new_role", "equivalence", "note")


@dataclass(frozen=True)
class Suggestion:
    """A step of the new system for old steps of a TrangThaiHoSo whose name holds these words (folded; none: all)."""

    target_status: int
    words: str
    new_step: str
    new_role: str
    equivalence: str


@dataclass(frozen=True)
class Seen:
    """A case of the old system with its dossiers. ``is_known``: the step stands among the old process steps."""

    case: Case
    step_name: str
    is_known: bool
    dossiers: int


def read_suggestions(site_dir: Path | None) -> tuple[Suggestion, ...]:
    """The site's suggestions, else the shipped ones, in order. Raises ProfileError."""
    file = find(site_dir, "crosswalks", "case_suggestions.csv")
    assert file is not None, "the shipped suggestions are part of the package"
    found = []
    for line, row in read_csv(file, SUGGESTION_COLUMNS):
        status = row["target_status"]
        if not status.isdecimal() or int(status) not in OPEN_STATUSES or not row["new_step"]:
            raise ProfileError("cần target_status của hồ sơ đang mở và new_step", file, line)
        if row["equivalence"] not in ("equal", "narrower", "wider"):
            raise ProfileError("equivalence phải là equal, narrower hoặc wider", file, line)
        words = fold_name(row["words"])
        found.append(Suggestion(int(status), words, row["new_step"], row["new_role"], row["equivalence"]))
    return tuple(found)


def draft_rows(seen: Iterable[Seen], known: Sequence[CaseRow], suggestions: Sequence[Suggestion]) -> list[CaseRow]:
    """A draft row for every case that no row names yet, most dossiers first.

    Cases that differ in their process only are one row, unless their steps' names suggest different things.
    """
    table = compile_case_states(known)
    groups: dict[tuple[str, ...], list[Seen]] = {}
    for each in seen:
        case = replace(each.case, role="")
        if table.choose(each.case).issue in ("case_state_unmapped", "case_state_contradicts"):
            where = (case.step, case.sub_status, case.old_status, case.request, str(case.status))
            groups.setdefault(where, []).append(each)
    taken = {(*row.case, row.target_status) for row in known}
    rows = [row for group in groups.values() for row in _of_group(group, suggestions)]
    fresh = [row for row in rows if (*row.case, row.target_status) not in taken]
    return sorted(fresh, key=lambda row: (-int(row.dossiers), row.case, row.target_status))


def _of_group(group: Sequence[Seen], suggestions: Sequence[Suggestion]) -> list[CaseRow]:
    by_process: dict[str, CaseRow] = {}
    for each in group:
        process = each.case.process or each.case.procedure
        row, count = _row(each, suggestions), each.dossiers
        if process in by_process:
            count += int(by_process[process].dossiers)
        by_process[process] = replace(row, process=process, dossiers=str(count))
    says = {(row.action, row.new_step) for row in by_process.values()}
    if len(says) > 1 and "" in by_process:  # steps without a dossier wait until somebody stands there
        del by_process[""]
        says = {(row.action, row.new_step) for row in by_process.values()}
    if len(says) > 1:
        return list(by_process.values())
    total = sum(int(row.dossiers) for row in by_process.values())
    return [replace(next(iter(by_process.values())), process="", dossiers=str(total))]


def _row(seen: Seen, suggestions: Sequence[Suggestion]) -> CaseRow:
    case = seen.case
    blank = CaseRow(
        step=case.step or ABSENT,
        sub_status=case.sub_status or ABSENT,
        request=case.request,
        old_status=case.old_status or ABSENT,
        target_status=str(case.status),
        source=f"Bước của phần mềm cũ: {seen.step_name}" if seen.step_name else "",
    )
    if case.request:
        return replace(blank, action="park", equivalence="none", note="Có yêu cầu của công dân chưa trả lời")
    if not seen.is_known:
        return replace(blank, note="Bước không có trong quy trình của phần mềm cũ: cần người quyết định")
    name = f" {fold_name(seen.step_name)} "
    for each in suggestions:
        if each.target_status == case.status and (not each.words or f" {each.words} " in name):
            return replace(
                blank,
                action="migrate",
                new_step=each.new_step,
                new_role=each.new_role,
                equivalence=each.equivalence,
                note="Gợi ý theo trạng thái và tên bước; chủ quản soát rồi duyệt",
            )
    return replace(blank, note="Không có gợi ý: cần người quyết định")
