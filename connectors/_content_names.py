"""Locators of files that stand in a column of the database: ``db:Giay_To.noiDung?giayToId=11``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from connectors.base import Cell, Misconfigured, TableRead

_PREFIX: Final = "db:"
_LOCATOR: Final = re.compile(r"db:([^?=]+)\.([^.?=]+)\?([^?=]+)=([^?=]*)")


@dataclass(frozen=True)
class Content:
    """Where contents stand: a column of a table, and the column that tells its rows apart; names as declared."""

    table: str
    column: str
    key: str

    def locator(self, key: Cell) -> str | None:
        """The locator of the row with this key; None where the join found no row."""
        if key is None:
            return None
        if isinstance(key, float) and key.is_integer():
            key = int(key)
        if not isinstance(key, int | str):
            raise Misconfigured(
                f"Cột {self.key} của {self.table} không phải số nguyên hay chữ: không chỉ ra được nội dung tệp ở "
                f"{self.column}. Chọn cột khóa khác trong profile."
            )
        table, column, name, value = (quote(str(part), safe="") for part in (self.table, self.column, self.key, key))
        return f"{_PREFIX}{table}.{column}?{name}={value}"


def content_of(read: TableRead) -> tuple[str, Content]:
    """(alias, place) of the contents of a read; the alias of its own table is ""."""
    alias, dot, column = read.content.rpartition(".")
    if not dot:
        return "", Content(read.table, column, read.key)
    join = next(join for join in read.join if join.alias == alias)
    ((_, key),) = join.on
    return alias, Content(join.table, column, key)


def is_content(locator: str) -> bool:
    """Whether a locator names a row of the database; a file of a store never has such a name."""
    return locator.startswith(_PREFIX)


def read_locator(locator: str) -> tuple[Content, str]:
    """(place, key) behind a locator."""
    match = _LOCATOR.fullmatch(locator)
    if match is None:
        raise Misconfigured("Vị trí của một nội dung trong cơ sở dữ liệu sai dạng (db:bảng.cột?khóa=giá trị).")
    table, column, key, value = map(unquote, match.groups())
    return Content(table, column, key), value
