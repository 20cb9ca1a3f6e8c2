"""Which table holds the dossiers, which hang on it, what do they make? A draft of the structure. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mappings.catalogue_joins import Join, candidates, further_joins, joins_of
from mappings.column_words import common_prefix, concepts, likeness
from mappings.field_assign import assign, pair_up
from mappings.field_guess import LISTS, Candidate, Dictionary, Guess
from mappings.table_relations import Relation, Table

_PROVING: Final = ("code", "status.code", "received", "due_at", "applicant.name")
"""Fields that a dossier table has; without three of them a table is none."""
_LEAST_PROVEN: Final = 3
_LEAST_LIST: Final = 0.4
_FEW_KINDS: Final = 6
_BESIDE: Final = 0.75
"""How well a further table of a list must be named."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "papers": ("name",), "results": ("number", "issued_on", "attachment.entry"), "steps": ("at",),
    "fees": ("fee", "total"), "requests": ("note", "kind"), "documents": ("code", "attachment.entry"),
}  # fmt: skip
"""A table makes a list only with one of these fields."""
_OTHER_MATTER: Final = frozenset({"supplement", "pause", "config"})
"""What a table may say that makes it none of the lists, but a stretch of a history or a setting."""
_OWN_ROW: Final[Mapping[str, tuple[frozenset[str], tuple[str, ...]]]] = {
    "fees": (frozenset({"fee", "amount"}), ("fees.fee", "fees.total")),
    "results": (frozenset({"result"}), ("results.attachment.entry", "results.number")),
}
"""Lists that the row of the dossier itself may hold: what its columns say, and fields one of which it needs."""


@dataclass(frozen=True)
class Hung:
    """A list of the new dossier, drafted from one table.

    ``path``: from the table up to the dossier; two steps where a table lies between, none where the row of the dossier
    itself holds the list.
    """

    child: str  # its name in the profile: the list, or the list with a number
    into: str
    table: Table
    path: tuple[Relation, ...]
    joins: Mapping[str, Join]
    fields: tuple[Guess, ...]
    told_by: str = ""  # the rows share a table with those of another list: the column that tells them apart

    def guess(self, name: str) -> Guess | None:
        """The guess for a field of the list."""
        return next((made for made in self.fields if made.field == f"{self.into}.{name}"), None)


@dataclass(frozen=True)
class Draft:
    """What the scan makes of a database."""

    dossiers: Table
    own: tuple[Guess, ...]  # the fields of the dossier
    lists: tuple[Hung, ...]
    joins: Mapping[str, Join]  # of the dossier: alias → the catalogue
    hanging: tuple[Relation, ...]  # every table that hangs on the dossier
    second: str = ""  # the table that came second as dossier table

    @property
    def fields(self) -> tuple[Guess, ...]:
        """Every guess, under its full path."""
        return (*self.own, *(made for hung in self.lists for made in hung.fields))

    def guess(self, path: str) -> Guess | None:
        """The guess for a field of the dossier."""
        return next((made for made in self.own if made.field == path), None)


def draft(tables: Sequence[Table], related: Sequence[Relation], dictionary: Dictionary) -> Draft | None:
    """The structure and the fields; None when no table looks like one of dossiers."""
    prefix = common_prefix([table.name for table in tables])
    ranked = sorted(((_dossier_score(table, prefix, dictionary), table.name) for table in tables), reverse=True)
    if not ranked or ranked[0][0] < _LEAST_PROVEN:
        return None
    work = _Work({table.name: table for table in tables}, related, dictionary, prefix)
    main = work.tables[ranked[0][1]]
    joins, own = work.dossier(main)
    lists = work.lists(main)
    hanging = [one for one in related if one.parent == main.name and one.table != main.name]
    second = ranked[1][1] if len(ranked) > 1 and ranked[1][0] >= _LEAST_PROVEN else ""
    return Draft(main, tuple(own), tuple(lists), joins, tuple(hanging), second)


def _dossier_score(table: Table, prefix: str, dictionary: Dictionary) -> float:
    """How many of the proving fields it has, a name that says dossier, and whether it has rows and a key."""
    if len(table.key) != 1 or not table.count:
        return 0.0
    own = [Candidate(facts, facts.says) for facts in table.columns]
    proven = sum(guess.score / 100 for guess in assign(dictionary, "", own, _PROVING))
    return proven + _named("table.dossiers", table, prefix, dictionary) + 0.005 * len(own)


def _named(words: str, table: Table, prefix: str, dictionary: Dictionary) -> float:
    says = concepts(table.name.lower().removeprefix(prefix).rpartition(".")[2])
    return max((likeness(says, way) for way in dictionary.words.get(words, ())), default=0.0)


def _marks(table: Table) -> frozenset[str]:
    """Columns by which the software marks when a row was written: one tells of its making, one of its last change."""
    dates = [facts for facts in table.columns if facts.is_date]
    made, changed = ({facts.name for facts in dates if word in facts.says} for word in ("create", "modify"))
    return frozenset(made | changed) if made and changed else frozenset()


@dataclass(frozen=True)
class _Found:
    into: str
    table: Table
    path: tuple[Relation, ...]
    joins: Mapping[str, Join]
    fields: tuple[Guess, ...]
    named: float
    score: float


@dataclass(frozen=True)
class _Work:
    tables: Mapping[str, Table]
    related: Sequence[Relation]
    dictionary: Dictionary
    prefix: str

    def dossier(self, main: Table) -> tuple[dict[str, Join], list[Guess]]:
        """The catalogues of the dossier and its fields; further catalogues only for what near ones do not tell."""
        joins = joins_of(main, self.related, self.tables)
        near = self._candidates(main, joins)
        further = further_joins(joins, main, self.related, self.tables)
        every = {**joins, **further}
        own = assign(self.dictionary, "", near)
        if further:
            own = assign(self.dictionary, "", self._candidates(main, every), known=own)
        return every, pair_up(own, self._candidates(main, every))

    def _candidates(self, table: Table, joins: Mapping[str, Join]) -> list[Candidate]:
        marks = {name: _marks(self.tables[name]) for name in (table.name, *(join.table for join in joins.values()))}
        return [
            replace(c, is_audit=c.facts.name in marks[c.facts.table], is_key=not c.via and table.key == (c.facts.name,))
            for c in candidates(table, joins, self.tables)
        ]

    def lists(self, main: Table) -> list[Hung]:
        """Every table that hangs on the dossier goes to the list that it makes best; a list may have several."""
        found: dict[str, list[_Found]] = {name: [] for name in LISTS}
        options = [made for path in self._paths(main) for name in LISTS if (made := self._found(name, path, main))]
        options.sort(key=lambda made: (-made.score, made.table.name))
        taken: set[str] = set()
        for made in options:
            between = any(
                made.table.name == one.table and other.into == made.into and other.named >= made.named
                for other in options
                for one in other.path[1:]
            )
            is_second = bool(found[made.into]) and (made.named < _BESIDE or "sync" in concepts(made.table.name))
            if made.table.name in taken or between or is_second:
                continue
            found[made.into].append(made)
            taken.add(made.table.name)
        for name in _OWN_ROW:
            made_own = self._own_row(name, main)
            if made_own is not None and not (name == "fees" and found[name]):
                found[name].append(made_own)
        return [
            *self._results_among_papers(main, found),
            *(
                Hung(name if not at else f"{name}_{at + 1}", name, made.table, made.path, made.joins, made.fields)
                for name, options_of in found.items()
                for at, made in enumerate(options_of)
            ),
        ]

    def _results_among_papers(self, main: Table, found: Mapping[str, Sequence[_Found]]) -> list[Hung]:
        """Where no table holds results, those papers may be some whose kind says so: people say which kind."""
        if found["results"] or not found["papers"]:
            return []
        papers = found["papers"][0]
        kind = next((made.candidate for made in papers.fields if made.field == "papers.kind"), None)
        if kind is None or kind.via or not 2 <= kind.facts.distinct <= _FEW_KINDS or len(papers.path) > 1:
            return []
        own = [c for c in self._candidates(papers.table, papers.joins) if c.column != papers.path[0].column]
        fields = tuple(assign(self.dictionary, "results.", own))
        return [Hung("results", "results", papers.table, papers.path, papers.joins, fields, told_by=kind.column)]

    def _paths(self, main: Table) -> Iterator[tuple[Relation, ...]]:
        """Ways up to the dossier: straight, or by way of one table between."""
        straight = self._straight(main)
        near = {one.table for one in straight}
        for one in straight:
            yield (one,)
        for one in self.related:
            if one.parent in near and one.table not in near | {main.name} and one.is_proven and not one.beside:
                up = next(up for up in straight if up.table == one.parent)
                if self.tables[one.parent].key == (one.key,) and (up.key,) == main.key:
                    yield one, up

    def _straight(self, main: Table) -> list[Relation]:
        """The best way from each table to the dossier: by its key, else by its code where the values prove it."""
        code = next(
            (
                made.candidate.facts.name
                for made in assign(
                    self.dictionary, "", [Candidate(facts, facts.says) for facts in main.columns], ("code",)
                )
            ),
            "",
        )
        found: dict[str, Relation] = {}
        for one in self.related:
            by_key, by_code = (one.key,) == main.key, one.key == code and one.is_proven
            if one.parent != main.name or one.table == main.name or one.beside or not (by_key or by_code):
                continue
            if not self.tables[one.table].count or one.contained is None:
                continue  # nothing hangs there
            known = found.get(one.table)
            if known is None or (by_key, one.score) > ((known.key,) == main.key, known.score):
                found[one.table] = one
        return list(found.values())

    def _found(self, name: str, path: tuple[Relation, ...], main: Table) -> _Found | None:
        table = self.tables[path[0].table]
        named = _named(f"table.{name}", table, self.prefix, self.dictionary)
        if named < _LEAST_LIST or concepts(table.name) & _OTHER_MATTER:
            return None
        is_plain = len(path) == 1 and (path[0].key,) == main.key
        joins = (
            {
                alias: join
                for alias, join in joins_of(table, self.related, self.tables).items()
                if join.table != main.name
            }
            if is_plain
            else {}
        )
        own = [c for c in self._candidates(table, joins) if c.column != path[0].column]
        fields = tuple(assign(self.dictionary, f"{name}.", own))
        if not any(made.field == f"{name}.{field}" for made in fields for field in _NEEDED[name]):
            return None
        wanted = len(list(self.dictionary.fields(f"{name}.")))
        score = 0.6 * named + 0.4 * sum(guess.score for guess in fields) / 100 / wanted + 0.001 * path[0].score
        score -= 0.1 * (len(path) - 1)
        return _Found(name, table, path, joins, fields, named, score) if score > _LEAST_LIST else None

    def _own_row(self, name: str, main: Table) -> _Found | None:
        says, needed = _OWN_ROW[name]
        own = [c for c in self._candidates(main, {}) if c.says & says]
        fields = tuple(assign(self.dictionary, f"{name}.", own))
        if not any(made.field in needed for made in fields):
            return None
        return _Found(name, main, (), {}, fields, 1.0, 1.0)
