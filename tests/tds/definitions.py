"""Statements that SQL Server has and DuckDB has not, read token by token: definitions, rights, session settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from tests.tds.instance import Column, TdsError
from tests.tds.sql_types import LATIN, declared

_QUOTED: Final = (TokenType.IDENTIFIER, TokenType.STRING, TokenType.NATIONAL_STRING)


class Words:
    """The tokens of one statement, taken from the front."""

    def __init__(self, tokens: list[Token]) -> None:
        self._words: list[tuple[str, bool]] = []  # (text, whether it is a quoted name or a string)
        for token in tokens:
            is_quoted = token.token_type in _QUOTED
            parts = [token.text] if is_quoted else token.text.split()  # PRIMARY KEY comes as one token
            self._words += [(part, is_quoted) for part in parts]
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._words)

    @property
    def next(self) -> str:
        """The next word in upper case; "" for a quoted name and at the end."""
        return "" if self.is_done or self._words[self._at][1] else self._words[self._at][0].upper()

    def begins(self, *words: str) -> bool:
        """Take these words when the statement goes on with them."""
        found = [(text.upper(), is_quoted) for text, is_quoted in self._words[self._at : self._at + len(words)]]
        if found != [(word, False) for word in words]:
            return False
        self._at += len(words)
        return True

    def take(self) -> str:
        """The text of the next word. Raises TdsError 102 at the end."""
        if self.is_done:
            raise TdsError(102, "Incorrect syntax near the end of the statement.")
        self._at += 1
        return self._words[self._at - 1][0]

    def need(self, word: str) -> None:
        if not self.begins(word):
            raise TdsError(102, f"Incorrect syntax near '{self.next}'.")

    def name(self) -> list[str]:
        """A name of one to three parts."""
        parts = [self.take()]
        while self.begins("."):
            parts.append(self.take())
        return parts

    def listed(self) -> list[str]:
        """The words between the parentheses that come next; none when none come."""
        found: list[str] = []
        if self.begins("("):
            while not self.begins(")"):
                word = self.take()
                if word not in (",", "ASC", "DESC", "asc", "desc"):
                    found.append(word)
        return found

    def skip_to(self, *ends: str) -> None:
        """Pass over what belongs to a column or constraint and is of no account here."""
        depth = 0
        while not self.is_done and not (depth == 0 and self.next in ends):
            word = self.take()
            depth += (word == "(") - (word == ")")


def read_table(words: Words) -> tuple[list[str], list[Column], list[str]]:
    """(name, columns, primary key) of what follows CREATE TABLE."""
    name, columns, key = words.name(), [], []
    words.need("(")
    while not words.begins(")"):
        if words.next in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX"):
            key = _constraint(words) or key
        else:
            column, is_key = _column(words)
            columns.append(column)
            key = [column.name] if is_key else key
        words.begins(",")
    return name, columns, key


def _constraint(words: Words) -> list[str]:
    if words.begins("CONSTRAINT"):
        words.take()
    if not words.begins("PRIMARY", "KEY"):
        words.skip_to(",", ")")
        return []
    if words.next in ("CLUSTERED", "NONCLUSTERED"):
        words.take()
    found = words.listed()
    words.skip_to(",", ")")
    return found


def _column(words: Words) -> tuple[Column, bool]:
    name, kind = words.take(), words.name()[-1]
    kind = "float" if kind.upper() == "DOUBLE" and words.begins("PRECISION") else kind
    arguments, collation = words.listed(), LATIN
    is_nullable, is_identity, is_key = True, False, False
    while words.next not in (",", ")"):
        if words.begins("COLLATE"):
            collation = words.take()
        elif words.begins("IDENTITY"):
            is_identity = True
            words.listed()
        elif words.begins("NOT", "NULL"):
            is_nullable = False
        elif words.begins("PRIMARY", "KEY"):
            is_key, is_nullable = True, False
        elif words.next in ("NULL", "CLUSTERED", "FILESTREAM", "ROWGUIDCOL", "SPARSE"):
            words.take()
        else:
            words.skip_to(",", ")", "NOT", "NULL", "PRIMARY")
    try:
        made = declared(kind, arguments, collation)
    except KeyError:
        raise TdsError(2715, f"Column '{name}': cannot find data type {kind}.") from None
    return Column(name, made, is_nullable, is_identity), is_key


def statements(sql: str) -> Iterator[str]:
    """The statements of a batch, split at semicolons. Raises TdsError for what only other dialects know."""
    start = 0
    try:
        tokens = TSQL().tokenize(sql)
    except SqlglotError:
        raise TdsError(105, "Unclosed quotation mark after the character string.") from None
    for token in tokens:
        if token.token_type in (TokenType.LIMIT, TokenType.DPIPE, TokenType.DCOLON) or token.text == "`":
            raise TdsError(102, f"Incorrect syntax near '{token.text}'.")
        if token.token_type is TokenType.SEMICOLON:
            yield sql[start : token.start]
            start = token.end + 1
    yield sql[start:]
