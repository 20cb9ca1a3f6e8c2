"""Cells that people corrected: what the papers of one dossier say, where the old system is wrong and stays as it is.

Files in SITE/corrections, each with author, date and ground:

    author: Bộ phận Một cửa xã An Nghĩa
    date: 2026-11-28
    note: Giấy tiếp nhận và hẹn trả kết quả số 12
    source: phutho_cu
    cells:
      - {dossier: "1042", column: dueDate, was: 0f3a…, value: "2025-07-15 17:00:00"}
      - {dossier: "1042", child: papers, row: "77", column: fileName, was: 9c1e…, value: ""}

A corrected cell goes through the mapping like any other: ``value`` is written as the old system writes it. ``was``
marks the cell that was corrected; when the old system says something else meanwhile, people must look again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from mappings.cells import Cell, Children, Row, Run, code_of, plain_text
from mappings.declared import ProfileError, explain, read_yaml
from mappings.fingerprint import digest
from mappings.profile import Profile
from mappings.spec import Strict

FOLDER: Final = "corrections"
_MARK_SIGNS: Final = 16


class CorrectedCell(Strict):
    """One cell. ``child`` and ``row`` (its key) name a row that hangs on the dossier; empty: the dossier's own row."""

    dossier: str = Field(min_length=1)
    child: str = ""
    row: str = ""
    column: str = Field(min_length=1)
    was: str = Field(pattern=rf"^[0-9a-f]{{{_MARK_SIGNS}}}$")
    value: str = ""


class CorrectionFile(Strict):
    """A file of corrections: who says so, since when, on what ground."""

    author: str = Field(min_length=3)
    date: date
    note: str = Field(min_length=10)
    source: str = Field(min_length=1)
    cells: tuple[CorrectedCell, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Correction:
    """A corrected cell at work. ``id``: its file."""

    id: str
    author: str
    on: date
    note: str
    cell: CorrectedCell

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Which cell: dossier, child, row, column."""
        return self.cell.dossier, self.cell.child, self.cell.row, self.cell.column


Corrections = Mapping[str, Sequence[Correction]]
"""Old key → the corrections of that dossier."""


def mark_of(cell: Cell) -> str:
    """What a cell holds, without telling it: the same on every database."""
    return digest(plain_text(cell)).hex()[:_MARK_SIGNS]


def hash_of(corrections: Sequence[Correction]) -> str:
    """The same as long as the cells of a dossier are corrected to the same values."""
    return digest(sorted((*one.place, one.cell.was, one.cell.value) for one in corrections)).hex()


def read_corrections(site_dir: Path | None, source: str, profile: Profile) -> dict[str, list[Correction]]:
    """The corrections of one source; of a cell that was corrected twice the later file counts.

    Raises ProfileError with file and line, also for a cell that the profile does not read.
    """
    folder = site_dir / FOLDER if site_dir else None
    files = sorted(folder.glob("*.yaml"), key=_order) if folder and folder.is_dir() else []
    found = {one.place: one for file in files for one in _read(file, source, profile)}
    by_dossier: dict[str, list[Correction]] = {}
    for one in found.values():
        by_dossier.setdefault(one.cell.dossier, []).append(one)
    return by_dossier


def _order(file: Path) -> tuple[str, int]:
    day, _, number = file.stem.rpartition("-")
    return day, int(number) if number.isdecimal() else 0


def _read(file: Path, source: str, profile: Profile) -> Iterator[Correction]:
    declared = read_yaml(file)
    try:
        whole = CorrectionFile.model_validate(declared.data)
    except ValidationError as error:
        raise explain(error, declared) from None
    if whole.source != source:
        return
    for number, cell in enumerate(whole.cells):
        if cell.child and cell.child not in profile.reading.children:
            message = f"cells.{number}.child: profile {profile.name} không đọc {cell.child}"
            raise ProfileError(message, file, declared.line(["cells", number, "child"]))
        if bool(cell.child) != bool(cell.row):
            message = f"cells.{number}: child và row đi cùng nhau"
            raise ProfileError(message, file, declared.line(["cells", number]))
        yield Correction(file.stem, whole.author, whole.date, whole.note, cell)


# ---------------------------------------------------------------- at work

Correct = Callable[[str, Row, Children, Run], tuple[Row, Children]]


def compile_corrections(profile: Profile, corrections: Corrections) -> Correct | None:
    """``correct(key, row, children, run)``: the rows with what people corrected; None when nothing is corrected."""
    if not corrections:
        return None
    keys = {name: read.key for name, read in profile.reading.children.items()}

    def correct(key: str, row: Row, children: Children, run: Run) -> tuple[Row, Children]:
        if key not in corrections:
            return row, children
        main, hanging = dict(row), {name: [dict(each) for each in rows] for name, rows in children.items()}
        for one in corrections[key]:
            cell = one.cell
            rows = [main] if not cell.child else _named(hanging.get(cell.child, ()), keys[cell.child], cell.row)
            _put(rows[0] if len(rows) == 1 else {}, one, run)
        return main, hanging

    return correct


def _named(rows: Sequence[dict[str, Cell]], key: str, wanted: str) -> list[dict[str, Cell]]:
    return [row for row in rows if code_of(row.get(key)) == wanted]


def _put(row: dict[str, Cell], one: Correction, run: Run) -> None:
    """Put the value where it belongs, and keep what stood there; a cell that changed meanwhile stays as it is."""
    column = one.cell.column
    if column not in row or mark_of(row[column]) != one.cell.was:
        run.error("correction_stale", column, one.id)
        return
    if plain_text(row[column]):
        run.keep(f"{'.'.join(filter(None, one.place[1:]))}.uncorrected", plain_text(row[column]))
    row[column] = _as_before(row[column], one.cell.value)
    run.info("value_corrected", column, one.id)


def _as_before(old: Cell, text: str) -> Cell:
    """A number where a number stood, when the text is one; NULL for nothing."""
    if not text:
        return None
    kind = type(old)
    if kind in (int, bool, float):
        try:
            return kind(int(text)) if kind is bool else kind(text)
        except ValueError:
            return text
    return text
