"""What SQL of a profile may say to SQL Server, which has no read-only transactions: one query that writes nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from connectors.base import Misconfigured

# a string, a quoted name, a comment, a word or a semicolon: only the last two can write
_PIECE: Final = re.compile(
    r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[^\W\d][\w$#@]*|;",
    re.DOTALL | re.IGNORECASE,
)
_WRITES: Final = frozenset({
    "insert", "update", "delete", "merge", "into", "truncate", "create", "alter", "drop", "grant", "revoke", "deny",
    "exec", "execute", "use", "backup", "restore", "dbcc", "shutdown", "kill", "bulk", "openrowset", "openquery",
    "opendatasource", "waitfor", "reconfigure", "begin", "commit", "rollback", "save", "set", "declare", "print",
    "raiserror", "enable", "disable", "receive", "send", ";",
})  # fmt: skip


def admitted(sql: str, is_whole: bool) -> str:
    """The SQL with its Vietnamese literals marked as Unicode. Raises Misconfigured when it could change something.

    Without N before it, SQL Server reads a literal in the code page of the database: Đ becomes Ð or a question mark.
    """
    pieces = _PIECE.findall(sql)
    words = [piece.lower() for piece in pieces if piece[0] not in "'[\"-/" and not piece.endswith("'")]
    first = next((piece.lower() for piece in pieces if not piece.startswith(("--", "/*"))), "")
    written = next((word for word in words if word in _WRITES), "")
    if ("next", "value") in pairwise(words):
        written = "next value for"
    if written or (is_whole and first not in ("select", "with")):
        what = f" ({written.upper()})" if written else ""
        raise Misconfigured(
            f"Một câu SQL trong profile không chỉ là SELECT{what}: nguồn chỉ được đọc. Sửa profile của nguồn này."
        )
    return _PIECE.sub(lambda match: _unicode(match[0]), sql)


def _unicode(piece: str) -> str:
    return piece if piece[0] != "'" or piece.isascii() else f"N{piece}"
