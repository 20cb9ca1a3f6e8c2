"""Small declared cases of a profile: an old record, and the new fields and issues that it must become.

They stand in ``<profile>.cases/*.yaml`` beside the profile, written for technicians and officials; the engine that
maps runs them, heard by a trace that tells which fields and which crosswalk rows they exercise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from mappings.case_values import is_field
from mappings.cells import VIETNAM, Cell, Row
from mappings.declared import SHIPPED, Declared, ProfileError, Tree, check_name, explain, read_yaml
from mappings.profile import Profile
from mappings.spec import Names, Strict

SWEPT: Final = datetime(2026, 1, 1, tzinfo=VIETNAM)
"""When the sweep of a case began, unless it says so itself."""

Cells = dict[str, Any]
Decisions = dict[str, str]


class _Agency(Strict):
    """An agency as a row of agencies.csv."""

    code: str
    name: str = ""
    level: str = ""
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""
    status: str = "approved"


class _Setting(Strict):
    """The site around the cases of a file."""

    zone: str = "UTC"
    cutoff: date = date(2025, 7, 1)
    rehearsal: bool = False
    decisions: Decisions = Field(default_factory=dict)
    agencies: tuple[_Agency, ...] = ()
    references: dict[str, tuple[Cells, ...]] = Field(default_factory=dict)


class _Case(Strict):
    name: str = Field(min_length=10)
    given: Cells = Field(default_factory=dict)
    decisions: Decisions = Field(default_factory=dict)
    references: dict[str, tuple[Cells, ...]] = Field(default_factory=dict)
    expect: dict[str, Any] = Field(default_factory=dict)
    issues: Names = ()  # exactly these codes; none when nothing is said
    issues_include: Names = ()  # these among others
    excluded: str = ""


class _File(Strict):
    setting: _Setting = _Setting()
    base: Cells = Field(default_factory=dict)  # columns of the dossier; for a child: defaults of each of its rows
    cases: tuple[_Case, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Failure:
    """What a case says otherwise than the engine. Cases hold invented people: values are shown."""

    case: str
    file: Path
    line: int
    field: str
    expected: str
    got: str


@dataclass
class CaseReport:
    """What the cases of a profile came to. ``fields``: path → exercised; ``rows``: crosswalk row → exercised."""

    passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    fields: dict[str, bool] = field(default_factory=dict)
    rows: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    @property
    def missing_fields(self) -> list[str]:
        """Mapped fields that no case fills."""
        return sorted(path for path, is_there in self.fields.items() if not is_there)

    @property
    def missing_rows(self) -> list[str]:
        """Approved crosswalk rows that no case uses."""
        return sorted("/".join(filter(None, row)) for row, is_there in self.rows.items() if not is_there)

    def coverage(self) -> str:
        """Both figures in one sentence."""
        fields, rows = (sum(found.values()) for found in (self.fields, self.rows))
        return f"trường {fields}/{len(self.fields)}, dòng bảng chuyển đổi {rows}/{len(self.rows)}"


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Case:
    """A declared case, whole: what the file says once is in it."""

    name: str
    file: Path
    number: int
    declared: Declared
    setting: _Setting
    row: Row
    children: Mapping[str, Sequence[Row]]
    said: _Case

    def line(self, *path: str | int) -> int:
        """Line of a part of the case."""
        return self.declared.line(["cases", self.number, *path])


def read_cases(profile: Profile, root: Path | None = None, *, folder: str = "") -> list[Case]:
    """The cases of a profile in a site's folder, or the shipped ones. Raises ProfileError with file and line.

    ``folder``: the profile's name as its file has it, where that is another than the name it bears by ``extends``.
    """
    check_name(folder or profile.name)
    place = (root or SHIPPED) / "profiles" / f"{folder or profile.name}.cases"
    files = sorted(place.glob("*.yaml")) if place.is_dir() else []
    return [case for file in files for case in _read(file, profile)]


def _read(file: Path, profile: Profile) -> Iterator[Case]:
    declared = read_yaml(file)
    try:
        whole = _File.model_validate(declared.data)
    except ValidationError as error:
        raise explain(error, declared) from None
    known = _columns(profile)
    _check_columns(whole.base, known, declared, ["base"])
    _check_references(whole.setting.references, known, declared, ["setting", "references"])
    names: set[str] = set()
    for number, said in enumerate(whole.cases):
        at: list[str | int] = ["cases", number]
        if said.name in names:
            raise ProfileError(f"hai trường hợp cùng tên {said.name!r}", file, declared.line([*at, "name"]))
        names.add(said.name)
        _check_columns(said.given, known, declared, [*at, "given"])
        _check_references(said.references, known, declared, [*at, "references"])
        for path in said.expect:
            if not is_field(path):
                raise ProfileError(f"hồ sơ mới không có trường {path!r}", file, declared.line([*at, "expect", path]))
        row, children = _record(whole.base, said.given)
        yield Case(said.name, file, number, declared, whole.setting, row, children, said)


def _columns(profile: Profile) -> dict[str, set[str]]:
    """Frame → columns that the profile reads; what a connector adds included."""
    reading = profile.reading
    found: dict[str, set[str]] = {name: {"_locator", "_size", "_part"} for name in reading.children}
    found |= {name: set() for name in reading.references}
    found[""] = {reading.dossiers.key}
    for frame, column in profile.uses():
        found.setdefault(frame, set()).add(column)
    for name, read in (*reading.children.items(), *reading.references.items()):
        found[name] |= {*read.also, read.key} - {""}
    return found


def _check_columns(
    cells: Mapping[str, Any], known: Mapping[str, set[str]], declared: Declared, at: list[str | int]
) -> None:
    """Refuse a column that the profile does not read: the case would prove nothing."""
    for name, value in cells.items():
        where = [*at, name]
        if name in known and name:
            rows = value if isinstance(value, list) else [value]
            for number, row in enumerate(rows):
                if not isinstance(row, dict):
                    raise ProfileError(f"{name}: mỗi dòng là cột: giá trị", declared.file, declared.line(where))
                _check_row(name, row, known[name], declared, [*where, number] if isinstance(value, list) else where)
        elif isinstance(value, dict | list):
            raise ProfileError(f"profile không có bảng con {name!r}", declared.file, declared.line(where))
        else:
            _check_row("", {name: value}, known[""], declared, at)


def _check_references(
    references: Mapping[str, Sequence[Cells]], known: Mapping[str, set[str]], declared: Declared, at: list[str | int]
) -> None:
    for name, rows in references.items():
        if name not in known or not name:
            raise ProfileError(f"profile không có danh mục {name!r}", declared.file, declared.line([*at, name]))
        for number, row in enumerate(rows):
            _check_row(name, row, known[name], declared, [*at, name, number])


def _check_row(frame: str, row: Mapping[str, Any], known: set[str], declared: Declared, at: list[str | int]) -> None:
    for column, value in row.items():
        if column not in known or isinstance(value, dict | list):
            place = f"{frame}.{column}" if frame else column
            raise ProfileError(f"profile không đọc cột {place!r}", declared.file, declared.line([*at, column]))


def _record(base: Mapping[str, Tree], given: Mapping[str, Any]) -> tuple[Row, dict[str, list[Row]]]:
    """The record of a case: the base, what the case says over it, the defaults of each child's rows."""
    row: dict[str, Cell] = {name: value for name, value in base.items() if not isinstance(value, dict | list)}
    row |= {name: value for name, value in given.items() if not isinstance(value, dict | list)}
    children: dict[str, list[Row]] = {}
    for name, rows in given.items():
        if isinstance(rows, list):
            said = base.get(name)
            defaults: dict[str, Any] = said if isinstance(said, dict) else {}
            children[name] = [{**defaults, **cells} for cells in rows]
    return row, children
