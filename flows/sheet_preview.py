"""What was made of a register before anything is moved: which row is the header, which column became which field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.table import Table

from connectors.base import ReadPlan, Row, TableRead
from flows import screen
from flows.check import broken_findings, print_findings
from flows.failures import MATCHED, REMAINS, WRONG_SITE
from flows.site import SiteError
from flows.workplace import OpenSource, Workplace
from mappings.profile import Profile
from mappings.profile_words import words

KIND: Final = "spreadsheet"
_SHEETS: Final = ("file", "sheet", "tbl", "note", "header", "header_rows", "rows", "blank", "left_out", "left_rows")
_COLUMNS: Final = ("file", "sheet", "at", "label", "column", "how", "filled", "odd")
_HOW: Final = {
    "exact": "đúng nhãn",
    "alike": "gần giống: xem lại",
    "ignored": "bỏ qua đích danh",
    "left": "CHƯA KHAI",
}


@dataclass(frozen=True)
class ColumnView:
    """A column of a sheet. ``fields``: what it fills in the new dossier; ``odd``: cells that should be dates and are
    none."""

    at: str
    label: str
    column: str
    how: str
    fields: tuple[str, ...]
    filled: int
    odd: int


@dataclass(frozen=True)
class SheetView:
    """A sheet; ``table`` is empty when it is not read, and ``note`` says why."""

    source: str
    file: str
    sheet: str
    table: str
    note: str
    header: int
    header_rows: int
    rows: int
    blank: int
    left_out: int
    left_rows: str
    columns: tuple[ColumnView, ...]

    @property
    def place(self) -> str:
        return f"{self.file} / {self.sheet}" if self.sheet else self.file


def show(work: Workplace, names: tuple[str, ...], key: str, *, as_json: bool) -> int:
    """Print the preview of every register of the site, or where the row of a key stands; the exit code."""
    sources = [source for source in work.open_sources(names) if source.source.settings.connector == KIND]
    if not sources:
        raise SiteError("Site không có nguồn nào là bảng tính (connector: spreadsheet). Xem docs/nguon-bang-tinh.md.")
    if key:
        return _find(sources, key, as_json=as_json)
    findings = [
        finding
        for source in sources
        for finding in broken_findings(f"nguồn {source.name}", source.connector.probe().broken)
    ]
    views = [view for source in sources for view in sheet_views(source)]
    if as_json:
        screen.print_json([asdict(view) for view in views])
    else:
        for view in views:
            _print(view)
        if findings:
            print_findings(findings)
    is_open = any(column.how == "left" for view in views for column in view.columns)
    return WRONG_SITE if is_open or any(finding.is_refusal for finding in findings) else MATCHED


def sheet_views(source: OpenSource) -> Iterator[SheetView]:
    """Every sheet of a source, in the order of its files."""
    columns: dict[tuple[str, str], list[Row]] = {}
    for row in source.connector.reference(TableRead("columns", "_sheet_columns", _COLUMNS)):
        columns.setdefault((str(row["file"]), str(row["sheet"])), []).append(row)
    for row in source.connector.reference(TableRead("sheets", "_sheets", _SHEETS)):
        place, table = (str(row["file"]), str(row["sheet"])), str(row["tbl"])
        fields, ignored = _fields(source.profile, table), source.profile.ignored_columns(table)
        seen = tuple(_column(each, fields, {name.lower() for name in ignored}) for each in columns.get(place, ()))
        head = (_count(row["header"]), _count(row["header_rows"]))
        counts = (_count(row["rows"]), _count(row["blank"]), _count(row["left_out"]))
        yield SheetView(source.name, *place, table, str(row["note"]), *head, *counts, str(row["left_rows"]), seen)


def _count(cell: object) -> int:
    return cell if isinstance(cell, int) else 0


def _column(row: Row, fields: dict[str, list[str]], ignored: set[str]) -> ColumnView:
    label, column, how = (str(row[name]) for name in ("label", "column", "how"))
    if how == "left" and label.lower() in ignored:
        how = "ignored"
    return ColumnView(
        str(row["at"]), label, column, how, tuple(fields.get(column, ())), _count(row["filled"]), _count(row["odd"])
    )


def _fields(profile: Profile, table: str) -> dict[str, list[str]]:
    """Column of a table → the fields of the new dossier that it fills."""
    reading = profile.reading
    frames = {"": reading.dossiers, **reading.children}
    found: dict[str, list[str]] = {}
    for word in words(profile):
        for frame, column in word.uses():
            home = frames.get(frame)
            if home is not None and home.table.lower() == table.lower():
                paths = found.setdefault(column, [])
                if word.path not in paths:
                    paths.append(word.path)
    return found


def _print(view: SheetView) -> None:
    console = screen.out()
    if not view.table:
        console.print(f"{view.place}: không đọc ({view.note}).", markup=False, soft_wrap=True)
        return
    left = f", {view.left_out} dòng để ngoài ({view.left_rows})" if view.left_out else ""
    lines = f" tới {view.header + view.header_rows - 1}" if view.header_rows > 1 else ""
    note = f" [{view.note}]" if view.note else ""
    console.print(
        f"{view.place}{note}: bảng {view.table}, tiêu đề ở dòng {view.header}{lines}, "
        f"{screen.number(view.rows)} dòng, {view.blank} dòng trống{left}.",
        markup=False,
        soft_wrap=True,
    )
    table = Table("Cột", "Nhãn trong sổ", "Thành cột", "Trường mới", "Nhận ra", "Ô có chữ", "Không phải ngày")
    for column in view.columns:
        shown = ", ".join(column.fields[:2]) + (", …" if len(column.fields) > 2 else "")
        odd = str(column.odd) if column.odd else ""
        table.add_row(column.at, column.label, column.column, shown, _HOW[column.how], str(column.filled), odd)
    console.print(table)


def _find(sources: Sequence[OpenSource], key: str, *, as_json: bool) -> int:
    """Say where the row of a key stands."""
    found: list[dict[str, Any]] = []
    for source in sources:
        table = source.plan.main.table
        read = TableRead("row", table, ("source_key", "source_file", "source_sheet", "source_row"), "source_key")
        source.connector.probe()
        for record in source.connector.fetch(ReadPlan(read), [key]):
            found.append({"source": source.name, **record.row})
    if as_json:
        screen.print_json(found)
    for row in [] if as_json else found:
        sheet = f", sheet {row['source_sheet']}" if row["source_sheet"] else ""
        screen.say(f"{row['source']}: {row['source_key']} ở tệp {row['source_file']}{sheet}, dòng {row['source_row']}.")
    if not found:
        screen.say("Không dòng nào mang khóa này. Khóa là mã hồ sơ như trong sổ, không phải tên người.")
    return MATCHED if found else REMAINS
