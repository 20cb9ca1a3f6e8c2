"""case_states.csv of a site: where an open dossier goes on in the new system, by where it stood in the old one.

A row names a case of the old system (process or procedure, step, sub-status, role, open request, status) and one
action: migrate (to a step, a role and a TrangThaiHoSo), drain (finish in the old system), park or refuse. There is no
default: a case that no usable row names refuses its dossier.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from mappings.declared import ProfileError, read_csv
from mappings.model import OPEN_STATUSES

ACTIONS: Final = ("migrate", "drain", "park", "refuse")
EQUIVALENCES: Final = ("equal", "narrower", "wider", "none")
STATUSES: Final = ("draft", "approved", "rejected")
DRAINED: Final = "drained"
"""The scope rule of a dossier that is finished in the old system."""
ABSENT: Final = "-"
"""In a cell of a case: the dossier has nothing there. An empty cell holds for all, but for a request: it says none."""


@dataclass(frozen=True)
class CaseRow:
    """One row. ``new_step`` is the new step's equal, or narrower or wider than the old one (``equivalence``)."""

    process: str = ""  # number of the process, or code of the procedure; "" all
    step: str = ""
    sub_status: str = ""
    role: str = ""
    request: str = ""  # kind of the open request; "" none
    old_status: str = ""
    action: str = ""  # migrate | drain | park | refuse; "" nobody has said (drafts only)
    new_step: str = ""
    new_role: str = ""
    target_status: str = ""  # TrangThaiHoSo; it must be what the status crosswalk says
    equivalence: str = ""  # equal | narrower | wider | none
    owner: str = ""
    status: str = "draft"  # draft | approved | rejected
    dossiers: str = ""  # how many there were when the row was drafted
    source: str = ""
    note: str = ""

    @property
    def case(self) -> tuple[str, ...]:
        """What the row asks, without TrangThaiHoSo."""
        return self.process, self.step, self.sub_status, self.role, self.old_status, self.request

    @property
    def name(self) -> str:
        """The row as dossiers and reports name it: process/step/sub-status, and the open request."""
        where = "/".join(part or "*" for part in (self.process, self.step, self.sub_status))
        return f"{where}+{self.request}" if self.request else where


COLUMNS: Final = tuple(item.name for item in fields(CaseRow))
_OPEN: Final = frozenset(map(str, OPEN_STATUSES))
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{0,60}")


def case_states_file(site_dir: Path) -> Path:
    """The site's own table."""
    return site_dir / "crosswalks" / "case_states.csv"


def read_case_states(file: Path) -> list[tuple[int, CaseRow]]:
    """(line, row) of a case_states.csv; none when there is no such file. Raises ProfileError with the line."""
    if not file.is_file():
        return []
    found: list[tuple[int, CaseRow]] = []
    said: dict[tuple[str, ...], dict[str, int]] = {}  # case → TrangThaiHoSo → line
    for line, cells in read_csv(file, COLUMNS):
        row = CaseRow(**cells)
        if fault := _fault(row):
            raise ProfileError(fault, file, line)
        known = said.setdefault(row.case, {})
        if row.target_status in known:
            raise ProfileError(f"trường hợp này đã khai ở dòng {known[row.target_status]}", file, line)
        if known and ("" in known or not row.target_status):
            other = min(known.values())
            raise ProfileError(
                f"mâu thuẫn với dòng {other}: cùng trường hợp, một dòng để trống target_status", file, line
            )
        known[row.target_status] = line
        found.append((line, row))
    return found


def _fault(row: CaseRow) -> str:
    if row.status not in STATUSES:
        return f"status phải là một trong: {', '.join(STATUSES)}"
    if row.action not in ("", *ACTIONS):
        return f"action {row.action!r} lạ; chỉ nhận: {', '.join(ACTIONS)}"
    if row.equivalence not in ("", *EQUIVALENCES):
        return f"equivalence {row.equivalence!r} lạ; chỉ nhận: {', '.join(EQUIVALENCES)}"
    if not row.step and not row.old_status:
        return "dòng phải nêu step hoặc old_status: không có dòng mặc định cho mọi hồ sơ"
    if row.target_status and row.target_status not in _OPEN:
        return "target_status phải là TrangThaiHoSo của hồ sơ đang mở (1, 2, 4, 5, 6, 9) hoặc trống"
    if row.dossiers and not row.dossiers.isdecimal():
        return "dossiers phải là một số"
    if not (_CODE.fullmatch(row.new_step) and _CODE.fullmatch(row.new_role)):
        return "new_step và new_role là mã của hệ thống mới: chữ không dấu, số, _ . -"
    return _approval_fault(row) or _action_fault(row)


def _approval_fault(row: CaseRow) -> str:
    if row.status != "approved":
        return ""
    if not row.owner:
        return "dòng đã duyệt phải có owner (ai quyết định)"
    if not row.action or not row.equivalence:
        return "dòng đã duyệt phải có action và equivalence"
    return ""


def _action_fault(row: CaseRow) -> str:
    if row.action == "migrate":
        if not row.new_step or not row.target_status:
            return "migrate phải có new_step và target_status"
        return "migrate không đi với equivalence none" if row.equivalence == "none" else ""
    if row.new_step or row.new_role:
        return "new_step và new_role chỉ đi với migrate"
    return f"{row.action} đi với equivalence none" if row.action and row.equivalence not in ("", "none") else ""


def case_states_csv(rows: Iterable[CaseRow]) -> str:
    """The text of a case_states.csv, in the order of the rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return out.getvalue()


# ---------------------------------------------------------------- at work


@dataclass(frozen=True)
class Case:
    """Where one open dossier stands. Texts are codes of the old system; ``status`` is its TrangThaiHoSo."""

    process: str
    procedure: str
    step: str
    sub_status: str
    role: str
    old_status: str
    request: str
    status: int

    @property
    def name(self) -> str:
        """The case as issues name it."""
        where = "/".join(part or ABSENT for part in (self.process or self.procedure, self.step, self.sub_status))
        return (f"{where}+{self.request}" if self.request else where)[:120]


@dataclass(frozen=True)
class Verdict:
    """What becomes of a case: the row that says so, or the issue that says why nobody knows."""

    row: CaseRow | None
    issue: str = ""


@dataclass(frozen=True)
class CaseStates:
    """The usable rows, looked up by case. The most specific row wins.

    Specific by the declared order: process (its number before the procedure), step, sub-status, role, old status. So a
    row of one process outranks a row of all processes, whatever else either names.
    """

    rows: Mapping[tuple[str, ...], Mapping[str, CaseRow]]
    shapes: tuple[tuple[bool, ...], ...]  # which of the five a row names; most specific first
    memo: dict[Case, Verdict] = field(default_factory=dict, compare=False)

    @property
    def asks_role(self) -> bool:
        """Whether any row names a role of the old system."""
        return any(shape[3] for shape in self.shapes)

    def choose(self, case: Case) -> Verdict:
        """The most specific row of a case."""
        found = self.memo.get(case)
        if found is None:
            found = self._choose(case)
            if len(self.memo) < MEMO_CASES:
                self.memo[case] = found
        return found

    def _choose(self, case: Case) -> Verdict:
        own = tuple(part or ABSENT for part in (case.step, case.sub_status, case.role, case.old_status))
        for shape in self.shapes:
            masked = tuple(part if is_named else "" for part, is_named in zip(own, shape[1:], strict=True))
            for process in (case.process, case.procedure) if shape[0] else ("",):
                by_status = self.rows.get((process, *masked, case.request)) if process or not shape[0] else None
                if by_status is not None:
                    row = by_status.get(str(case.status)) or by_status.get("")
                    return Verdict(row, _ISSUES.get(row.action, "")) if row else Verdict(None, "case_state_contradicts")
        return Verdict(None, "case_state_unmapped")


MEMO_CASES: Final = 50_000
_ISSUES: Final = {"park": "case_state_parked", "refuse": "case_state_refused"}


def compile_case_states(rows: Iterable[CaseRow]) -> CaseStates:
    """Rows made ready to be asked."""
    found: dict[tuple[str, ...], dict[str, CaseRow]] = {}
    shapes: set[tuple[bool, ...]] = set()
    for row in rows:
        found.setdefault(row.case, {})[row.target_status] = row
        shapes.add(tuple(bool(part) for part in row.case[:5]))
    return CaseStates(found, tuple(sorted(shapes, reverse=True)))


def usable(rows: Sequence[CaseRow], *, is_rehearsal: bool) -> list[CaseRow]:
    """The rows that count: approved ones, in a rehearsal also drafts that say what to do."""
    return [row for row in rows if row.status == "approved" or (is_rehearsal and row.status == "draft" and row.action)]
