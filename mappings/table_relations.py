"""Which column points to which table? By its name, and proven by what stands in it. Pure.

A table is pointed to by its primary key or by any other column that tells its rows apart: an id, a code, a log-in name;
also by two columns together, as catalogues are whose codes have a meaning within a field of work only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

from mappings.cells import Cell
from mappings.column_facts import Facts
from mappings.column_words import common_prefix, concepts, fold, likeness

CONTAINED: Final = 0.9
"""Share of the rows whose value must stand among the keys that it is said to point to."""
KEYS_OF_A_TABLE: Final = 4
"""Columns by which the rows of a table may be known elsewhere, the primary key among them."""
_UNLIKE: Final = 0.95  # different values to a value, of a column that tells rows apart
_FEW: Final = 3  # different values below which standing among keys proves nothing
_LEAST: Final = 60
_CERTAIN: Final = 100
_BY_VALUES: Final = 62  # score of a pointer whose name says nothing and whose values say all
_LONGEST: Final = 64
_FEW_ROWS: Final = 2000
UNITS: Final = frozenset({"commune", "district", "province"})
_PLAIN_KEYS: Final = ("id", "ma", "code")
_NO_VALUE: Final = frozenset({"", "0", "-1"})
_KEY_WORDS: Final = frozenset({"id", "code", "number"})
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True)
class Keys:
    """By what the rows of a table are known elsewhere, and the values seen there (never shown)."""

    columns: tuple[str, ...]
    is_whole: bool  # ``values`` are all of them
    is_unique: bool  # no two rows have the same: a join on it makes no row two
    values: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Table:
    """A table as the scan saw it. ``cells``: its columns of keys and codes, row by row of the sample (never shown)."""

    name: str
    key: tuple[str, ...]
    count: int
    is_counted: bool
    columns: tuple[Facts, ...]
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    keys: tuple[Keys, ...] = ()

    def is_unique(self, columns: Sequence[str]) -> bool:
        """Whether these columns are proven to tell every row apart."""
        return any(keys.is_unique and set(keys.columns) == set(columns) for keys in self.keys)


@dataclass(frozen=True)
class Relation:
    """``table.column`` points to ``parent.key``. ``contained``: share of the sampled rows found there, if known.

    ``beside``: further pairs (column, key) that must be equal, too.
    """

    table: str
    column: str
    parent: str
    key: str
    score: int
    contained: float | None = None
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether the values say so, too."""
        return self.contained is not None and self.contained >= CONTAINED

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(column, key) of all that must be equal."""
        return (*self.beside, (self.column, self.key))


# ---------------------------------------------------------------- what a sample tells


def pointing(
    rows: Sequence[Mapping[str, Cell]], columns: Iterable[Facts], key: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The columns that may be keys or point to some, row by row: what is short and has no white space in it."""
    found: dict[str, tuple[str, ...]] = {}
    for facts in columns:
        if facts.is_date or (facts.longest > _LONGEST and facts.name not in key):
            continue
        cells = tuple(_plain(row.get(facts.name)) for row in rows)
        spaced = sum(1 for cell in cells if re.search(r"\s", cell))
        if facts.name in key or facts.says & _KEY_WORDS or (facts.filled and spaced * 10 <= facts.filled):
            found[facts.name] = cells
    return found


def key_columns(
    columns: Iterable[Facts], cells: Mapping[str, tuple[str, ...]], key: Sequence[str]
) -> list[tuple[str, ...]]:
    """By what the rows of a table may be known elsewhere, its primary key first."""
    found = [tuple(key)] if key else []
    for facts in columns:
        tells = facts.filled >= _UNLIKE * facts.cells and facts.distinct >= _UNLIKE * facts.filled
        is_code = bool(facts.says & _KEY_WORDS) or facts.form("number") < 0.5
        if tells and facts.distinct >= _FEW and is_code and facts.name in cells and (facts.name,) not in found:
            found.append((facts.name,))
    return found[:KEYS_OF_A_TABLE]


def seen_keys(columns: tuple[str, ...], cells: Mapping[str, tuple[str, ...]], *, is_whole: bool, is_key: bool) -> Keys:
    """The keys of a sample; those of several columns joined."""
    values = [joined for joined in _joined(cells, columns) if joined not in _NO_VALUE]
    is_unique = is_key or (is_whole and len(set(values)) == len(values))
    return Keys(columns, is_whole, is_unique, frozenset(values))


def whole_keys(columns: tuple[str, ...], cells: Iterable[Cell], *, is_key: bool) -> Keys:
    """Keys from every row of one column."""
    values = [value for cell in cells if (value := _plain(cell)) not in _NO_VALUE]
    return Keys(columns, True, is_key or len(set(values)) == len(values), frozenset(values))


def _joined(cells: Mapping[str, tuple[str, ...]], columns: Sequence[str]) -> Iterator[str]:
    for parts in zip(*(cells.get(column, ()) for column in columns), strict=False):
        yield _BETWEEN.join(parts) if all(part not in _NO_VALUE for part in parts) else ""


def _plain(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def row_key(table: Table, parent: str) -> str:
    """The column that tells apart the rows of one dossier, to which ``parent`` points; else ``parent`` itself."""
    if table.key:
        return next((name for name in table.key if name != parent), table.key[0])
    for name, cells in table.cells.items():
        pairs = list(zip(table.cells.get(parent, ()), cells, strict=False))
        is_code = name != parent and concepts(name) & _KEY_WORDS
        if is_code and pairs and len(set(pairs)) == len(pairs) and "" not in cells:
            return name
    return parent


# ---------------------------------------------------------------- who points to whom


def relations(tables: Sequence[Table]) -> list[Relation]:
    """For every column that points to another table, the best such table; then what two columns point to together."""
    prefix = common_prefix([table.name for table in tables])
    by_name = {table.name: table for table in tables}
    found: list[Relation] = []
    for table in tables:
        for facts in table.columns:
            if facts.is_date:
                continue
            options = list(_options(table, facts, tables, prefix))
            if table.key == (facts.name,):  # a row beside each row of another table
                options = [one for one in options if one.is_proven and one.score == _CERTAIN]
            if options:
                found.append(max(options, key=lambda one: _rank(one, by_name[one.parent])))
        found += _units_beside(table, found, by_name)
        found += _by_several(table, tables)
    return found


def _rank(one: Relation, parent: Table) -> tuple[int, bool, float, int, str]:
    return one.score, parent.key == (one.key,), one.contained or 0, parent.count, one.parent


def _units_beside(table: Table, found: Sequence[Relation], tables: Mapping[str, Table]) -> list[Relation]:
    """Where the commune points, there the district and the province point, too, if their values stand there."""
    mine = [one for one in found if one.table == table.name and concepts(one.column) & UNITS]
    pointing_ones, more = {one.column for one in mine}, []
    for facts in table.columns:
        if not facts.says & UNITS or facts.name in pointing_ones or facts.name not in table.cells:
            continue
        for one in mine:
            (keys,) = (keys for keys in tables[one.parent].keys if keys.columns == (one.key,))
            cells = [cell for cell in table.cells[facts.name] if cell not in _NO_VALUE]
            contained = sum(cell in keys.values for cell in cells) / len(cells) if cells else 0.0
            if contained >= CONTAINED:
                more.append(Relation(table.name, facts.name, one.parent, one.key, _BY_VALUES, contained))
                break
    return more


def _options(table: Table, facts: Facts, tables: Sequence[Table], prefix: str) -> Iterator[Relation]:
    mine = Counter(cell for cell in table.cells.get(facts.name, ()) if cell not in _NO_VALUE)
    for parent in tables:
        for keys in parent.keys:
            if len(keys.columns) == 1 and (parent is not table or keys.columns == parent.key):
                made = _relation(table, facts, mine, parent, keys, prefix)
                if made is not None:
                    yield made


def _relation(
    table: Table, facts: Facts, mine: Counter[str], parent: Table, keys: Keys, prefix: str
) -> Relation | None:
    rows = mine.total()
    contained = sum(n for cell, n in mine.items() if cell in keys.values) / rows if rows and keys.values else None
    if contained is not None and keys.is_whole and contained < CONTAINED:
        return None
    (key,) = keys.columns
    named = _points_by_name(facts.name, parent, key, prefix, is_own=table is parent)
    if contained == 0 and named < 1:
        return None
    proven = contained is not None and contained >= CONTAINED and len(mine) >= _FEW
    score = round(100 * (0.65 * named + (0.35 if proven else 0.1)))
    if proven and keys.is_whole and table is not parent and _tell(mine, is_small=len(keys.values) < _FEW_ROWS):
        score = max(score, _BY_VALUES)
    return Relation(table.name, facts.name, parent.name, key, score, contained) if score >= _LEAST else None


def _tell(mine: Counter[str], *, is_small: bool) -> bool:
    """Whether values are such that standing among keys is no chance: small numbers stand among any."""
    least = 5 if is_small else 9
    return sum(1 for cell in mine if not cell.isdigit() or len(cell) >= least) > 0.9 * len(mine)


def _points_by_name(column: str, parent: Table, key: str, prefix: str, *, is_own: bool) -> float:
    """1 for the very name of the key, or of the table with "id"; less for a name that says something alike."""
    letters, theirs, whole = _letters(column), _letters(key), _letters(_own_name(parent.name, prefix))
    if is_own:
        return 0.9 if "parent" in concepts(column) else 0.0
    if letters == theirs and theirs not in _PLAIN_KEYS:
        return 1.0
    if not letters.endswith(("id", "no", "code")) and not letters.startswith("ma"):
        return 0.9 if letters == whole.removesuffix("s") and (key,) != parent.key else 0.0
    stem = re.sub(r"(id|no|code)$", "", letters)
    if stem == whole:
        return 1.0
    said, its = concepts(stem), concepts(whole)
    if "address" in said and "unit" in its:
        return 0.7
    spelt = fuzz.partial_ratio(stem, whole) / 100 * 0.85 if min(len(stem), len(whole)) > 5 else 0.0
    return max(0.9 * likeness(said, its), spelt)


def _own_name(table: str, prefix: str) -> str:
    """The name of a table without its database or schema, and without what all tables begin with."""
    return table.lower().removeprefix(prefix).rpartition(".")[2]


def _letters(name: str) -> str:
    return fold(name).replace(" ", "")


# ---------------------------------------------------------------- by two columns together


def _by_several(table: Table, tables: Sequence[Table]) -> Iterator[Relation]:
    for parent in tables:
        for keys in parent.keys:
            if len(keys.columns) < 2 or parent is table or not keys.values:
                continue
            mine = [_same_word(table, key) for key in keys.columns]
            if None in mine or len(set(mine)) < len(mine) or set(mine) == set(table.key):
                continue
            columns = [column for column in mine if column is not None]
            rows = [joined for joined in _joined(table.cells, columns) if joined]
            contained = sum(joined in keys.values for joined in rows) / len(rows) if rows else None
            if contained is None or contained < CONTAINED:
                continue
            pairs = list(zip(columns, keys.columns, strict=True))
            score = 100 if all(_letters(ours) == _letters(theirs) for ours, theirs in pairs) else 85
            yield Relation(table.name, *_ends(pairs, parent), score, contained, tuple(pairs[:-1]))


def _ends(pairs: Sequence[tuple[str, str]], parent: Table) -> tuple[str, str, str]:
    column, key = pairs[-1]
    return column, parent.name, key


def _same_word(table: Table, key: str) -> str | None:
    """Our column that bears the name of their key, or says the same."""
    exact = next((name for name in table.cells if _letters(name) == _letters(key)), None)
    if exact is not None:
        return exact
    alike = sorted(((likeness(concepts(name), concepts(key)), name) for name in table.cells), reverse=True)
    return alike[0][1] if alike and alike[0][0] >= 0.8 else None
