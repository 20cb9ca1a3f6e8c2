"""How a draft reads the tables that hang on a dossier: straight, by a query, or from the dossier's own row. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from mappings.draft_notes import OPEN, Notes, is_binary, is_secret, word
from mappings.table_guess import Hung
from mappings.table_relations import Table, row_key

HOLDER: Final = "KhoaHoSo"
"""Under this name a query gives the key of the dossier."""


def hook(main: Table) -> str:
    """The name by which a table would point to the dossier."""
    key = main.key[0]
    return key if key.lower() not in ("id", "ma", "code") else f"{main.name}_{key}"


def is_query(hung: Hung, main: Table) -> bool:
    """Whether only a query tells to which dossier a row belongs: by a text of it, or by a table between."""
    return len(hung.path) > 1 or bool(hung.path and (hung.path[0].key,) != main.key)


def child_key(hung: Hung, main: Table) -> str:
    """The column that tells the rows of a dossier apart."""
    return row_key(hung.table, hung.path[0].column) if hung.path else main.key[0]


def split_by(hung: Hung) -> str:
    """What parts the files in one cell of the column of files; "": there is one in a cell."""
    entry = hung.guess("attachment.entry")
    return entry.candidate.facts.parted_by if entry is not None and has_file(hung) else ""


def has_file(hung: Hung) -> bool:
    """Whether a file can be drafted: it is known by a number and a name beside it, or its name is all there is."""
    entry = hung.guess("attachment.entry")
    return entry is not None and (hung.guess("attachment.name") is not None or is_file_name(hung))


def is_file_name(hung: Hung) -> bool:
    """Whether the column of files holds names or paths of files: they tell the name."""
    entry = hung.guess("attachment.entry")
    return entry is not None and entry.candidate.facts.form("file") > 0.5


def read_columns(table: Table) -> list[str]:
    """The columns of a table that a query may bring along."""
    return [facts.name for facts in table.columns if not is_secret(facts) and not is_binary(facts)]


class ChildLines:
    """Writes one entry of ``reading.children``."""

    def __init__(self, notes: Notes, hung: Hung, main: Table) -> None:
        self.notes, self.hung, self.main = notes, hung, main

    def lines(self, joins: Sequence[str]) -> Iterator[str]:
        """The entry; ``joins``: the lines of its catalogues."""
        hung = self.hung
        yield f"    {hung.child}:"
        if not hung.path:
            yield from self._own_row()
        elif is_query(hung, self.main):
            yield from self._query()
        else:
            (relation,) = hung.path
            why = f"{relation.score}: cột {relation.column} chỉ tới hồ sơ"
            yield f"      table: {word(hung.table.name)}          # {why}"
            yield f"      parent: {word(relation.column)}"
            yield f"      key: {word(child_key(hung, self.main))}"
            yield from joins
        yield from self._file()

    def _own_row(self) -> Iterator[str]:
        key = word(self.main.key[0])
        entry = self.hung.guess("attachment.entry") or self.hung.fields[0]
        test = (
            f"{{{entry.candidate.column}}} > 0" if self.hung.into == "fees" else f"{{{entry.candidate.column}}} <> ''"
        )
        yield f"      table: {word(self.main.name)}          # ghi ngay trên dòng hồ sơ"
        yield f"      parent: {key}"
        yield f"      key: {key}"
        yield f"      where: {json.dumps(test, ensure_ascii=False)}"

    def _query(self) -> Iterator[str]:
        """By a text of the dossier (d), or by a table between (m)."""
        hung, relation, key = self.hung, self.hung.path[0], word(child_key(self.hung, self.main))
        is_text = len(hung.path) == 1
        above, alias, parent = (
            (self.main.name, "d", self.main.key[0]) if is_text else (relation.parent, "m", hung.path[1].column)
        )
        holder, columns = f"{{{alias}.{parent}}}", read_columns(hung.table)
        cells = ", ".join(f"{{t.{name}}} AS {name}" for name in columns if name != relation.column or not is_text)
        theirs = f"{{{alias}.{relation.key}}}"
        filled = f"{theirs} <> '' AND " if is_text else ""
        why = f"{relation.score}: cột {relation.column} chỉ tới {relation.parent}.{relation.key}"
        yield f"      parent: {HOLDER}          # {why}"
        yield f"      key: {key}"
        yield "      reads:"
        yield f"        {word(above)}: [{', '.join(map(word, dict.fromkeys((parent, relation.key))))}]"
        yield f"        {word(hung.table.name)}: [{', '.join(map(word, columns))}]"
        yield "      sql: >"
        yield f"        SELECT {holder} AS {HOLDER}, {cells}"
        yield f"        FROM {{#{above}}} {alias} JOIN {{#{hung.table.name}}} t ON {{t.{relation.column}}} = {theirs}"
        yield f"        WHERE {filled}{holder} > :lo AND {holder} <= :hi"
        yield f"        ORDER BY {holder}, {{t.{child_key(hung, self.main)}}}"
        if is_text:
            self.notes.open[f"cung_ma.{hung.child}"] = (
                f"Bảng {hung.table.name} gắn bằng chữ của {relation.key}: hai hồ sơ cùng chữ ấy thì lẫn dòng của nhau"
            )

    def _file(self) -> Iterator[str]:
        entry = self.hung.guess("attachment.entry")
        if entry is None or not has_file(self.hung):
            return
        column = entry.candidate.column
        self.notes.open[f"tep.{self.hung.child}"] = (
            "Cách phần mềm cũ đặt tên tệp trong kho tệp (khóa file), thử với vài tệp"
        )
        if parted := split_by(self.hung):
            yield f"      split: {{column: {word(column)}, by: {json.dumps(parted)}}}   # nhiều tệp trong một ô"
        yield f"      file: {json.dumps('{' + column + '}')}          # {OPEN}: tên tệp trong kho"
