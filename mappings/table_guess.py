"""Which table holds the dossiers, which hang on it, which are catalogues? A draft of the structure. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from mappings.cells import Cell
from mappings.column_facts import Facts
from mappings.column_words import common_prefix, concepts, fold, likeness
from mappings.field_guess import LISTS, Candidate, Dictionary, Guess, assign

CONTAINED: Final = 0.9
"""Share of the values that must stand among the keys they are said to point to."""
_PROVING: Final = ("code", "status.code", "received", "due_at", "applicant.name")
"""Fields that a dossier table has; without three of them a table is none."""
_LEAST_PROVEN: Final = 3
_LEAST_LIST: Final = 0.4
_FEW: Final = 3  # different values below which standing among keys proves nothing
_PLAIN_KEYS: Final = ("id", "ma", "code")
_NO_VALUE: Final = frozenset({"", "0", "-1"})


@dataclass(frozen=True)
class Table:
    """A table as the scan saw it. ``values``: what its columns of keys and codes hold in the sample (never shown)."""

    name: str
    key: tuple[str, ...]
    count: int
    is_counted: bool
    has_all_keys: bool  # ``keys`` are all of them
    columns: tuple[Facts, ...]
    values: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    keys: frozenset[str] = field(default=frozenset(), repr=False)  # of a key that is one column: all, or a sample

    def column(self, name: str) -> Facts | None:
        """The column of this name."""
        return next((facts for facts in self.columns if facts.name == name), None)


@dataclass(frozen=True)
class Relation:
    """``table.column`` points to ``parent.key``. ``contained``: share of the sampled values found there, if known."""

    table: str
    column: str
    parent: str
    key: str
    score: int
    contained: float | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the values say so, too."""
        return self.contained is not None and self.contained >= CONTAINED


@dataclass(frozen=True)
class Join:
    """A catalogue: ``ours`` (a column, or "alias.column") = ``theirs``; ``says``: whose it is."""

    table: str
    ours: str
    theirs: str
    says: frozenset[str]


@dataclass(frozen=True)
class Draft:
    """What the scan makes of a database."""

    dossiers: Table
    fields: tuple[Guess, ...]  # of the dossier and its lists, under their full paths
    lists: Mapping[str, tuple[Table, Relation]]  # list → its table and how it hangs on the dossier
    joins: Mapping[str, Mapping[str, Join]]  # list, or "" for the dossier → alias → the catalogue
    hanging: tuple[Relation, ...]  # every table that hangs on the dossier
    second: str = ""  # the table that came second as dossier table

    def guess(self, path: str) -> Guess | None:
        """The guess for a field."""
        return next((made for made in self.fields if made.field == path), None)


def ids(rows: Sequence[Mapping[str, Cell]], columns: Iterable[Facts], key: Sequence[str]) -> dict[str, frozenset[str]]:
    """Values of the columns that may be keys or point to some: short, without white space."""
    found: dict[str, frozenset[str]] = {}
    for facts in columns:
        says = facts.says
        if facts.name in key or says & {"id", "code", "number"} or facts.form("number") > 0.9:
            found[facts.name] = frozenset(_plain(row.get(facts.name)) for row in rows) - _NO_VALUE
    return found


def key_values(cells: Iterable[Cell]) -> frozenset[str]:
    """Keys as text."""
    return frozenset(map(_plain, cells)) - _NO_VALUE


def _plain(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


# ---------------------------------------------------------------- relations


def relations(tables: Sequence[Table]) -> list[Relation]:
    """For every column that points to the key of another table, the best such table."""
    prefix = common_prefix([table.name for table in tables])
    parents = [table for table in tables if len(table.key) == 1]
    found = []
    for table in tables:
        for facts in table.columns:
            if table.key == (facts.name,) or facts.is_date:
                continue
            options = [made for parent in parents if (made := _relation(table, facts, parent, prefix)) is not None]
            if options:
                found.append(max(options, key=lambda made: (made.score, made.contained or 0, made.parent)))
    return found


def _relation(table: Table, facts: Facts, parent: Table, prefix: str) -> Relation | None:
    mine, theirs = table.values.get(facts.name, frozenset()), parent.keys
    contained = len(mine & theirs) / len(mine) if mine and theirs else None
    if contained is not None and parent.has_all_keys and contained < CONTAINED:
        return None
    named = _points_by_name(facts.name, parent, prefix, is_own=table is parent)
    if contained == 0 and named < 1:
        return None
    proven = contained is not None and contained >= CONTAINED and len(mine) >= _FEW
    score = round(100 * (0.65 * named + (0.35 if proven else 0.1)))
    return Relation(table.name, facts.name, parent.name, parent.key[0], score, contained) if score >= 60 else None


def _points_by_name(column: str, parent: Table, prefix: str, *, is_own: bool) -> float:
    """1 for the very name of the key, or of the table with "id"; less for a name that says something alike."""
    letters, key, whole = _letters(column), _letters(parent.key[0]), _letters(parent.name.lower().removeprefix(prefix))
    if is_own:
        return 0.9 if "parent" in concepts(column) else 0.0
    if letters == key and key not in _PLAIN_KEYS:
        return 1.0
    if not letters.endswith(("id", "no", "code")) and not letters.startswith("ma"):
        return 0.0
    stem = re.sub(r"(id|no|code)$", "", letters)
    if stem == whole:
        return 1.0
    said, its = concepts(stem), concepts(whole)
    if "address" in said and "unit" in its:
        return 0.7
    spelt = fuzz.partial_ratio(stem, whole) / 100 * 0.85 if min(len(stem), len(whole)) > 5 else 0.0
    return max(0.9 * likeness(said, its), spelt)


def _letters(name: str) -> str:
    return fold(name).replace(" ", "")


# ---------------------------------------------------------------- the draft


def draft(tables: Sequence[Table], related: Sequence[Relation], dictionary: Dictionary) -> Draft | None:
    """The structure and the fields; None when no table looks like one of dossiers."""
    prefix = common_prefix([table.name for table in tables])
    ranked = sorted(((_dossier_score(table, prefix, dictionary), table.name) for table in tables), reverse=True)
    by_name = {table.name: table for table in tables}
    if not ranked or ranked[0][0] < _LEAST_PROVEN:
        return None
    main = by_name[ranked[0][1]]
    joins = {"": _joins(main, related, by_name)}
    fields = assign(dictionary, "", _candidates(main, joins[""], by_name))
    hanging = [one for one in related if one.parent == main.name and one.table != main.name]
    lists, taken = {}, list(fields)
    for name in LISTS:
        best = _list(name, hanging, by_name, related, dictionary)
        if best is not None:
            lists[name], joins[name] = (by_name[best.relation.table], best.relation), best.joins
            taken += best.fields
    second = ranked[1][1] if len(ranked) > 1 and ranked[1][0] >= _LEAST_PROVEN else ""
    return Draft(main, tuple(taken), lists, joins, tuple(hanging), second)


def _candidates(table: Table, joins: Mapping[str, Join], tables: Mapping[str, Table]) -> list[Candidate]:
    """Its own columns, and those of the catalogues that it points to: the pointing column says whose they are."""
    found, replaced = [], set()
    for alias, join in joins.items():
        for facts in tables[join.table].columns:
            if facts.name != join.theirs:
                found.append(Candidate(facts, join.says | facts.says, alias))
                replaced |= {join.ours} if facts.says & {"code", "name"} and "." not in join.ours else set()
    own = (Candidate(facts, facts.says, is_pointer=facts.name in replaced) for facts in table.columns)
    return [*own, *found]


def _joins(table: Table, related: Sequence[Relation], tables: Mapping[str, Table]) -> dict[str, Join]:
    """The proven ways from a table to its catalogues, and up the tree of units from a commune to its province."""
    own = {one.table: one for one in related if one.table == one.parent and "parent" in concepts(one.column)}
    found: dict[str, Join] = {}
    for one in related:
        if one.table != table.name or one.parent == table.name or not one.is_proven or one.column in table.key:
            continue
        alias = re.sub(r"\W", "_", re.sub(r"(_?id|_?no)$", "", one.column.lower()) or one.column.lower())
        says = concepts(one.column) - {"id", "code", "number"}
        tree = own.get(one.parent)
        if "unit" not in concepts(one.parent) or tree is None:
            found[alias] = Join(one.parent, one.column, one.key, says)
            continue
        found[alias] = Join(one.parent, one.column, one.key, says - {"address"} | {"commune"})
        for level, below in (("district", alias), ("province", f"{alias}_district")):
            found[f"{alias}_{level}"] = Join(
                one.parent, f"{below}.{tree.column}", one.key, says - {"address"} | {level}
            )
    return found


def _dossier_score(table: Table, prefix: str, dictionary: Dictionary) -> float:
    """How many of the proving fields it has, a name that says dossier, and whether it has rows and a key."""
    if len(table.key) != 1 or not table.count:
        return 0.0
    own = [Candidate(facts, facts.says) for facts in table.columns]
    proven = sum(guess.score / 100 for guess in assign(dictionary, "", own, _PROVING))
    return proven + _named("table.dossiers", table, prefix, dictionary) + 0.005 * len(own)


def _named(words: str, table: Table, prefix: str, dictionary: Dictionary) -> float:
    says = concepts(table.name.lower().removeprefix(prefix))
    return max((likeness(says, way) for way in dictionary.words.get(words, ())), default=0.0)


@dataclass(frozen=True)
class _Found:
    relation: Relation
    joins: dict[str, Join]
    fields: list[Guess]


def _list(
    name: str,
    hanging: Sequence[Relation],
    tables: Mapping[str, Table],
    related: Sequence[Relation],
    dictionary: Dictionary,
) -> _Found | None:
    """The table that makes this list best: by its name and by the fields that it fills."""
    prefix = common_prefix(list(tables))
    wanted = len(list(dictionary.fields(f"{name}.")))
    best, most = None, _LEAST_LIST
    for one in hanging:
        table = tables[one.table]
        named = _named(f"table.{name}", table, prefix, dictionary)
        if len(table.key) != 1 or named < _LEAST_LIST:
            continue
        joins = {alias: join for alias, join in _joins(table, related, tables).items() if join.table != one.parent}
        candidates = [c for c in _candidates(table, joins, tables) if c.column != one.column]
        made = assign(dictionary, f"{name}.", candidates)
        score = 0.6 * named + 0.4 * sum(guess.score for guess in made) / 100 / wanted + 0.001 * one.score
        if score > most:
            best, most = _Found(one, joins, made), score
    return best
