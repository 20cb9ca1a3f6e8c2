"""From a profile to what is read: tables with just the columns used, counts, files. Plain data, no connector."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mappings.declared import ProfileError

if TYPE_CHECKING:
    from mappings.profile import Profile, Reading, ReadTable


@dataclass(frozen=True)
class PlannedJoin:
    """Fields as in ``connectors.base.Join``."""

    table: str
    alias: str
    on: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class PlannedRead:
    """Fields as in ``connectors.base.TableRead``."""

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str = ""
    key: str = ""
    join: tuple[PlannedJoin, ...] = ()
    where: str = ""
    sql: str = ""
    split: tuple[str, str] | None = None
    content: str = ""


@dataclass(frozen=True)
class Plan:
    """What a sweep reads. ``files``: (child, locator). Counts and queries take :cutoff and :sweep.

    ``orphans``: table → how many of its rows name a dossier that is not there.
    """

    main: PlannedRead
    children: tuple[PlannedRead, ...] = ()
    references: tuple[PlannedRead, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, str], ...] = ()
    orphans: Mapping[str, str] = field(default_factory=dict)


def make_plan(profile: Profile, decisions: Mapping[str, str]) -> Plan:
    """The reads of a profile with the site's decisions written into the SQL."""
    reading = profile.reading
    words = _fragments(profile, decisions)
    used = _used(profile)
    return Plan(
        _read("dossiers", reading.dossiers, used.get("", {}), words),
        tuple(_read(name, table, used.get(name, {}), words) for name, table in reading.children.items()),
        tuple(_read(name, table, used.get(name, {}), words) for name, table in reading.references.items()),
        {name: _expand(sql, words) for name, sql in reading.counts.items()},
        tuple((name, table.file) for name, table in reading.children.items() if table.file),
        dict(_orphans(reading)),
    )


def _orphans(reading: Reading) -> Iterator[tuple[str, str]]:
    """A count for every table whose rows name their dossier. A row that names none is not meant."""
    main = reading.dossiers
    hung = {table: [(theirs, ours)] for table, pair in reading.hung_by.items() for theirs, ours in pair.items()}
    for read in reading.children.values():
        if read.table and read.parent and read.table.lower() != main.table.lower():
            hung.setdefault(read.table, [(read.parent, main.key)])
    for table, pairs in hung.items():
        for theirs, ours in pairs:
            there = f"SELECT 1 FROM {{#{main.table}}} d WHERE {{d.{ours}}} = {{c.{theirs}}}"
            yield (
                table,
                f"SELECT COUNT(*) FROM {{#{table}}} c WHERE {{c.{theirs}}} IS NOT NULL AND NOT EXISTS ({there})",
            )


def selected_columns(profile: Profile, frame: str) -> frozenset[str]:
    """Columns of one read that its rows carry, "alias.column" for those of a join."""
    return frozenset(_used(profile)[frame])


def used_columns(profile: Profile, table: str) -> frozenset[str]:
    """Columns of ``table`` that any read selects, joins on or tests, and those that hold files."""
    wanted, found = table.lower(), set[str]()
    used = _used(profile)
    for name, read in _reads(profile):
        content = {read.content: None} if read.content else {}  # told of, though no row brings it along
        mine, joined = _split(read, {**used.get(name, {}), **content})
        if read.table.lower() == wanted:
            found.update(mine, filter(None, (read.parent, read.key)))
            found.update(column for join in read.join for column in join.match if "." not in column)
        for join in read.join:
            if join.table.lower() == wanted:
                found.update(joined.get(join.alias, ()), join.match.values(), _steps_on(read, join.alias))
        for other, columns in read.reads.items():
            if other.lower() == wanted:
                found.update(columns)
    return frozenset(found)


def ignored_columns(profile: Profile, table: str) -> dict[str, str]:
    """Column → reason of the columns of ``table`` left out by name."""
    found: dict[str, str] = {}
    for name, reasons in profile.reading.ignored_columns.items():
        if name == "*" or name.lower() == table.lower():
            found.update((column, reason) for reason, columns in reasons.items() for column in columns)
    used = {column.lower() for column in used_columns(profile, table)}
    return {column: reason for column, reason in found.items() if column.lower() not in used}


def read_tables(profile: Profile) -> frozenset[str]:
    """Tables of the dossiers, children, joins, references and declared queries."""
    found: set[str] = set()
    for _, read in _reads(profile):
        found.update(filter(None, (read.table, *(join.table for join in read.join), *read.reads)))
    return frozenset(found)


def _reads(profile: Profile) -> Iterator[tuple[str, ReadTable]]:
    yield "", profile.reading.dossiers
    yield from profile.reading.children.items()
    yield from profile.reading.references.items()


def _used(profile: Profile) -> dict[str, dict[str, None]]:
    used: dict[str, dict[str, None]] = {}
    for frame, column in profile.uses():
        used.setdefault(frame, {})[column] = None
    for name, read in _reads(profile):
        mine = used.setdefault(name, {})
        mine.update(dict.fromkeys(read.also))
        if read.split:
            mine[read.split.column] = None
        if read.file:
            mine.update(dict.fromkeys(part for _, part, _, _ in string.Formatter().parse(read.file) if part))
    return used


def _steps_on(read: ReadTable, alias: str) -> Iterator[str]:
    """Columns of a join that later joins hang on."""
    for join in read.join:
        yield from (ours.partition(".")[2] for ours in join.match if ours.partition(".")[0] == alias and "." in ours)


def _split(read: ReadTable, used: Mapping[str, None]) -> tuple[list[str], dict[str, list[str]]]:
    """(columns of the table itself, alias → columns of a join); what the connector adds is left out."""
    mine: list[str] = []
    joined: dict[str, list[str]] = {join.alias: [] for join in read.join}
    for name in sorted(used):
        alias, dot, column = name.partition(".")
        if dot and alias in joined:
            joined[alias].append(column)
        elif not name.startswith("_"):
            mine.append(name)
    return mine, joined


def _read(name: str, read: ReadTable, used: Mapping[str, None], words: Mapping[str, str]) -> PlannedRead:
    mine, joined = _split(read, used)
    columns = tuple(dict.fromkeys([*filter(None, (read.parent, read.key)), *mine]))
    joins = tuple(
        PlannedJoin(join.table, join.alias, tuple(join.match.items()), tuple(joined[join.alias])) for join in read.join
    )
    sql = _expand(read.sql, words)
    if sql:
        columns = tuple(column for column in columns if column != read.parent)
    split = (read.split.column, read.split.by) if read.split else None
    where = _expand(read.where, words)
    return PlannedRead(name, read.table, columns, read.parent, read.key, joins, where, sql, split, read.content)


# ---------------------------------------------------------------- SQL with the site's decisions in it

_MARK: Final = re.compile(r"<<(\w+) (\w+)>>")


def _fragments(profile: Profile, decisions: Mapping[str, str]) -> dict[str, str]:
    order = [candidate.column for candidate in profile.filing_order(decisions)]
    dated = {column: _dated(f"{{@.{column}}}", profile.dates.none) for column in [*order, profile.filed.received]}
    columns = ", ".join(dated[column] for column in order)
    decided = [_not_excluded(choice.column, value) for choice, value in profile.excluded_values(decisions)]
    return {
        **profile.reading.fragments,
        "filed": f"COALESCE({columns})" if len(order) > 1 else columns,
        "received": dated[profile.filed.received],
        "decided": "".join(f" AND {test}" for test in decided),
    }


def _dated(column: str, none: Sequence[str]) -> str:
    """A date column, NULL where it holds a day that stands for no date."""
    for day in none:
        column = f"NULLIF({column}, '{day} 00:00:00')"
    return column


def _not_excluded(column: str, value: str) -> str:
    if not value:
        return f"{{@.{column}}} IS NOT NULL"
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise ProfileError("giá trị trong decisions phải là số nguyên", "site.yaml")
    return f"({{@.{column}}} IS NULL OR {{@.{column}}} <> {value})"


def _expand(sql: str, words: Mapping[str, str], depth: int = 0) -> str:
    if depth > 8:
        raise ProfileError("reading.fragments gọi vòng quanh nhau")

    def put(mark: re.Match[str]) -> str:
        if mark[1] not in words:
            raise ProfileError(f"không có đoạn SQL {mark[1]!r} trong reading.fragments")
        return _expand(words[mark[1]].strip().replace("@", mark[2]), words, depth + 1)

    return " ".join(_MARK.sub(put, sql).split())
