"""From a table to its catalogues: which joins a draft makes, and which columns they offer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.column_facts import Facts
from mappings.column_words import concepts
from mappings.field_guess import Candidate
from mappings.table_relations import UNITS, Relation, Table

_NOT_OURS: Final = frozenset({"id", "code", "number"})
"""Concepts of a pointing column that say nothing of what stands behind it."""


@dataclass(frozen=True)
class Join:
    """A catalogue: all of ``on`` are (ours: a column, or "alias.column"; theirs). ``says``: whose it is."""

    table: str
    on: tuple[tuple[str, str], ...]
    says: frozenset[str]

    @property
    def depth(self) -> int:
        """1: the row itself points there; 2: a catalogue of the row does."""
        return 2 if any("." in ours for ours, _ in self.on) else 1


def joins_of(table: Table, related: Sequence[Relation], tables: Mapping[str, Table]) -> dict[str, Join]:
    """The proven ways from a table to its catalogues, and up the tree of units from a commune to its province."""
    trees = {one.table: one for one in related if one.table == one.parent and "parent" in concepts(one.column)}
    found: dict[str, Join] = {}
    for one in related:
        if one.table != table.name or one.parent == table.name or not one.is_proven or table.key == (one.column,):
            continue
        if not tables[one.parent].is_unique([theirs for _, theirs in one.pairs]):
            continue  # a join would make one row two
        alias, says = _alias(one.column, found), concepts(one.column) - _NOT_OURS
        tree = trees.get(one.parent)
        if "unit" not in concepts(one.parent) or tree is None:
            found[alias] = Join(one.parent, one.pairs, says)
            continue
        found[alias] = Join(one.parent, one.pairs, says - {"address"} | {"commune"})
        for level, below in (("district", alias), ("province", f"{alias}_district")):
            up = ((f"{below}.{tree.column}", one.key),)
            found[f"{alias}_{level}"] = Join(one.parent, up, says - {"address"} | {level})
    return found


def further_joins(
    near: Mapping[str, Join], table: Table, related: Sequence[Relation], tables: Mapping[str, Table]
) -> dict[str, Join]:
    """From the catalogues of a table to theirs: the department of the account that received a dossier."""
    found: dict[str, Join] = {}
    for alias, join in near.items():
        if join.depth > 1:
            continue
        for further, beyond in joins_of(tables[join.table], related, tables).items():
            is_new = all((other.table, other.says) != (beyond.table, beyond.says) for other in near.values())
            if is_new and beyond.table not in (table.name, join.table) and beyond.depth == 1:
                on = tuple((f"{alias}.{ours}", theirs) for ours, theirs in beyond.on)
                found[f"{alias}_{further}"] = Join(beyond.table, on, beyond.says or join.says)
    return found


def candidates(table: Table, joins: Mapping[str, Join], tables: Mapping[str, Table]) -> list[Candidate]:
    """Its own columns, and those of the catalogues that it points to: the pointing column says whose they are."""
    found, replaced, coded = [], set[str](), set[str]()
    for alias, join in joins.items():
        ours, theirs = join.on[-1]
        for facts in tables[join.table].columns:
            if facts.name not in {key for _, key in join.on} and not (
                facts.name in tables[join.table].key and facts.says == {"id"}
            ):
                code = ours if "code" in concepts(theirs) else ""
                found.append(Candidate(facts, _says(facts.says, join), alias, depth=join.depth, code_column=code))
        if join.depth == 1 and _is_number_of_a_row(ours, theirs, tables[join.table]) and _names(tables[join.table]):
            replaced.add(ours)
        elif join.depth == 1 and "code" in concepts(theirs):
            coded.add(ours)
    own = (
        Candidate(facts, _own_says(facts, is_code=facts.name in coded), is_pointer=facts.name in replaced)
        for facts in table.columns
    )
    return [*own, *found]


def _own_says(facts: Facts, *, is_code: bool) -> frozenset[str]:
    """What a column says; of a commune that is called neither code nor name, what stands in it says which."""
    if is_code:
        return facts.says | {"code"}
    if facts.says & UNITS and not facts.says & {"code", "id", "name", "number"} and facts.filled:
        return facts.says | ({"name"} if facts.form("words") > 0.5 else {"code"})
    return facts.says


def _says(said: frozenset[str], join: Join) -> frozenset[str]:
    """What a catalogue's column says: whose it is instead of what the catalogue is called."""
    own = said - concepts(join.table.rpartition(".")[2]) or said
    return own | join.says if own and join.says else own


def _is_number_of_a_row(ours: str, theirs: str, catalogue: Table) -> bool:
    """Whether a column points by a number of the database, which means nothing elsewhere, and not by a code.

    A catalogue that holds mã định danh (QCVN 102:2016/BTTTT) has a better code than any that points to it.
    """
    if "code" in concepts(ours) or "id" not in concepts(ours):
        return False
    return catalogue.key == (theirs,) or any(facts.says == {"code", "identity"} for facts in catalogue.columns)


def _names(table: Table) -> bool:
    return any(facts.says & {"code", "name"} for facts in table.columns)


def _alias(column: str, taken: Mapping[str, Join]) -> str:
    alias = re.sub(r"\W", "_", re.sub(r"(_?id|_?no)$", "", column.lower()) or column.lower())
    while alias in taken:
        alias += "_x"
    return alias
