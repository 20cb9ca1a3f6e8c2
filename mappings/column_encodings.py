"""encodings.csv of a site: which columns of the old system are stored in TCVN3 or VNI. Drafted from a sample of
dossiers with counts as evidence, approved by people; only then is a cell of such a column converted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from mappings.cells import Cell, Children, Row, Run, code_of
from mappings.declared import ProfileError, read_csv, replace_text
from mappings.encodings import LEGACY, TCVN3, TCVN5712, VNI
from mappings.legacy_cells import MIXED, NEUTRAL, TORN, UNICODE, read_cell, settle_cell
from mappings.profile import Profile

ENCODINGS: Final = (UNICODE, TCVN3, TCVN5712, VNI, MIXED)
EVERY: Final = "*"
"""Table and column of the row that says that the source was looked at, and how many cells."""
_FEWEST: Final = 3  # cells in a legacy encoding below which nothing is concluded about a column
_SHARE: Final = 0.02  # of the cells that prove something: below it the rest are strays, seen one by one


@dataclass(frozen=True)
class EncodingRow:
    """How one column of one source is stored, and the cells of the sample that say so (counts, never values)."""

    source: str
    table: str
    column: str
    encoding: str
    cells: int = 0  # filled
    non_ascii: int = 0
    unicode: int = 0  # certain Vietnamese as they stand
    tcvn3: int = 0  # Vietnamese only under TCVN3
    vni: int = 0  # only under VNI
    unsure: int = 0
    status: str = "draft"  # draft | approved
    author: str = ""
    note: str = ""
    line: int = field(default=0, compare=False)


COLUMNS: Final = tuple(item.name for item in fields(EncodingRow) if item.name != "line")
_COUNTS: Final = ("cells", "non_ascii", "unicode", "tcvn3", "vni", "unsure")


def read_encodings(file: Path) -> list[EncodingRow]:
    """Rows of an encodings.csv. Raises ProfileError with the line."""
    rows: list[EncodingRow] = []
    seen: set[tuple[str, str, str]] = set()
    for line, cells in read_csv(file, COLUMNS):
        counts = {name: cells.pop(name) or "0" for name in _COUNTS}
        if not all(count.isascii() and count.isdigit() for count in counts.values()):
            raise ProfileError(f"các cột {', '.join(_COUNTS)} là số ô, viết bằng chữ số", file, line)
        row = replace(EncodingRow(**cells), **{name: int(count) for name, count in counts.items()}, line=line)  # type: ignore[arg-type]
        key = (row.source, row.table.lower(), row.column.lower())
        if not all(key) or key in seen:
            raise ProfileError("source, table, column phải có đủ và không khai hai lần", file, line)
        if row.encoding not in ENCODINGS or row.status not in ("draft", "approved"):
            raise ProfileError(f"encoding là {', '.join(ENCODINGS)}; status là draft hoặc approved", file, line)
        seen.add(key)
        rows.append(row)
    return rows


def write_encodings(file: Path, rows: Iterable[EncodingRow]) -> None:
    """Write an encodings.csv, in order of source, table and column."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(asdict(row) for row in sorted(rows, key=lambda row: (row.source, row.table, row.column)))
    replace_text(file, out.getvalue())


# ---------------------------------------------------------------- drafting from a sample


def draft_encodings(profile: Profile, source: str, sample: Iterable[tuple[Row, Children]]) -> list[EncodingRow]:
    """A draft row for every column of the sample that is not plainly Unicode, and one for all the others together."""
    columns = _columns(profile)
    counted: dict[tuple[str, str], Counter[str]] = {}
    for frame, row in _rows(sample):
        for name, cell in row.items():
            at = columns.get((frame, name))
            if at and cell and type(cell) is str:
                counted.setdefault(at, Counter())[read_cell(cell).kind if not cell.isascii() else "ascii"] += 1
    drafted = [_row(source, *at, kinds) for at, kinds in sorted(counted.items())]
    rest = sum((kinds for at, kinds in counted.items() if judge(kinds) in (NEUTRAL, UNICODE)), Counter())
    everything = _row(source, EVERY, EVERY, rest, encoding=UNICODE, status="approved", note="các cột khác đã xét")
    return [everything, *(row for row in drafted if row.encoding not in (NEUTRAL, UNICODE))]


def judge(kinds: Mapping[str, int]) -> str:
    """What a column is stored in, by the kinds of its cells: unicode | tcvn3 | vni | mixed | neutral."""
    legacy = {name: kinds.get(name, 0) for name in LEGACY}
    unicode, torn = kinds.get(UNICODE, 0), kinds.get(TORN, 0)
    certain = unicode + torn + sum(legacy.values())
    strange = torn + sum(legacy.values())
    if not certain:
        return NEUTRAL
    if unicode and (strange < _FEWEST or strange < _SHARE * certain):
        return UNICODE
    main = max(legacy, key=lambda name: legacy[name])
    return main if certain - legacy[main] <= _SHARE * certain else MIXED


def _row(
    source: str, table: str, column: str, kinds: Mapping[str, int], *, encoding: str = "", status: str = "draft",
    note: str = "",
) -> EncodingRow:  # fmt: skip
    known = {name: kinds.get(name, 0) for name in (UNICODE, *LEGACY)}
    total = sum(kinds.values())
    ascii_only = kinds.get("ascii", 0)
    unsure = total - ascii_only - kinds.get(NEUTRAL, 0) - sum(known.values())
    return EncodingRow(
        source, table, column, encoding or judge(kinds), total, total - ascii_only, known[UNICODE], known[TCVN3],
        known[VNI], unsure, status, "lienthong", note,
    )  # fmt: skip


def _rows(sample: Iterable[tuple[Row, Children]]) -> Iterator[tuple[str, Row]]:
    for row, children in sample:
        yield "", row
        for child, found in children.items():
            for other in found:
                yield child, other


def _columns(profile: Profile) -> dict[tuple[str, str], tuple[str, str]]:
    """(frame, name in its rows) → (table, column) of everything that a sweep delivers."""
    plan, found = profile.plan(), dict[tuple[str, str], tuple[str, str]]()
    for frame, read in (("", plan.main), *((child.name, child) for child in plan.children)):
        if read.table:
            found.update(((frame, column), (read.table, column)) for column in read.columns)
        for join in read.join:
            found.update(((frame, f"{join.alias}.{column}"), (join.table, column)) for column in join.columns)
    return found


# ---------------------------------------------------------------- converting the rows of a dossier

Convert = Callable[[Row, Children, Run], tuple[Row, Children]]


def compile_convert(profile: Profile, rows: Sequence[EncodingRow], *, is_rehearsal: bool) -> Convert | None:
    """``convert(row, children, run)``: the rows as Unicode, with what was found in them; None: no column asks for it.

    A rehearsal follows drafts too. Elsewhere text in a drafted column stops its dossier, unless it is certain Unicode,
    which no decision about the column changes. Raises ProfileError for a column that nothing reads.
    """
    named = {(row.table.lower(), row.column.lower()): row for row in rows if row.table != EVERY}
    known: dict[str, list[tuple[str, str, bool]]] = {}
    met: set[tuple[str, str]] = set()
    for (frame, name), (table, column) in _columns(profile).items():
        row = named.get((table.lower(), column.lower()))
        if row is not None:
            met.add((table.lower(), column.lower()))
            known.setdefault(frame, []).append((name, row.encoding, is_rehearsal or row.status == "approved"))
    for at in named.keys() - met:
        message = f"profile {profile.name} không đọc cột {named[at].table}.{named[at].column}"
        raise ProfileError(message, "crosswalks/encodings.csv", named[at].line)
    if not known:
        return None
    main, keys = known.pop("", []), {name: read.key for name, read in profile.reading.children.items()}

    def convert(row: Row, children: Children, run: Run) -> tuple[Row, Children]:
        made = {frame: children[frame] for frame in children}
        for frame, columns in known.items():
            if frame in made:
                made[frame] = [_converted(other, columns, run, f"{frame}.", keys[frame]) for other in made[frame]]
        run.about = ""
        return _converted(row, main, run, "", ""), made

    return convert


def _converted(row: Row, columns: Sequence[tuple[str, str, bool]], run: Run, path: str, key: str) -> Row:
    made: dict[str, Cell] = {}
    for name, encoding, is_decided in columns:
        cell = row.get(name)
        if type(cell) is not str or cell.isascii():
            continue
        run.about = code_of(row.get(key)) if key else ""
        found = settle_cell(cell, encoding)
        run.settled |= {cell, found.text}
        if (found.is_converted or found.doubt) and not is_decided:
            run.error("text_encoding_undecided", f"{path}{name}", f"{run.about} {encoding}".strip())
        elif found.doubt:
            run.error("text_encoding_mixed", f"{path}{name}", f"{run.about} {found.doubt}".strip())
        elif found.is_converted:
            run.info("text_converted", f"{path}{name}")
            run.keep(f"{path}{name}.original", cell)
            made[name] = found.text
    run.about = ""
    return {**row, **made} if made else row


def version_of(rows: Iterable[EncodingRow]) -> list[tuple[str, str, str, str]]:
    """What of the rows can change an outcome, in order; evidence, author and note cannot."""
    return sorted((row.table, row.column, row.encoding, row.status) for row in rows if row.table != EVERY)
