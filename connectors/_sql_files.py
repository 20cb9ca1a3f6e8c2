"""The stored files of an old system: a folder, and locators made from cells."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from connectors._content_names import is_content
from connectors.base import Cell, FileSpec, Forbidden, Misconfigured, Record, Row, Unavailable, Unreadable

_CELL = re.compile(r"\{([^{}]+)\}")


class StoredFiles:
    """The folder of a source, or none: then every file counts as gone."""

    at_once = 1  # a folder answers at once

    def __init__(self, root: Path | None) -> None:
        self._root = root

    def check(self) -> None:
        """Refuse a declared folder that is not there."""
        if self._root is not None and not self._root.is_dir():
            raise Misconfigured(f"Không thấy thư mục tệp đính kèm {self._root}. Sửa `files` của nguồn này.")

    def stat(self, locator: str) -> int | None:
        """Size in bytes; None when the file is gone."""
        try:
            return self._path(locator).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise self._no_right() from None
        except OSError as error:
            raise Unavailable(f"Không đọc được thư mục tệp đính kèm {self._root}: {error.strerror}.") from None

    def open(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes. Raises FileNotFoundError when the file is gone, Unreadable when only this one cannot be read."""
        try:
            return self._path(locator).open("rb")
        except PermissionError:
            if self._root is not None and os.access(self._root, os.R_OK | os.X_OK):
                raise Unreadable(f"Không được đọc tệp {locator}. Cấp quyền đọc tệp này.") from None
            raise self._no_right() from None
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileNotFoundError(f"Tệp {locator} không còn.") from None

    def close(self) -> None:
        """Nothing is kept open."""

    def hang(self, specs: Sequence[FileSpec], records: Sequence[Record]) -> None:
        """Add ``_locator`` and ``_size`` to the rows that name a file."""
        if specs:
            self.wait_for()
        hang_files(specs, records, self._size)

    def wait_for(self) -> None:
        """Raise Unavailable while the folder is away: its files would seem gone."""
        if self._root is not None and not self._root.is_dir():
            raise Unavailable(f"Thư mục tệp đính kèm {self._root} không mở được. Kiểm tra ổ đĩa mạng đã gắn chưa.")

    def _size(self, locator: str) -> int | None:
        # a name from the data that leads out of the folder is no file of ours: the row stays, its file is gone
        if self._root is None or not is_inside(locator):
            return None
        return self.stat(locator)

    def _path(self, locator: str) -> Path:
        if self._root is None:
            raise Misconfigured("Nguồn này chưa khai thư mục tệp đính kèm. Thêm `files` vào site.yaml.")
        if not is_inside(locator):
            raise Misconfigured("Đường dẫn một tệp đính kèm chỉ ra ngoài thư mục `files`. Sửa `files` trong profile.")
        return self._root / locator

    def _no_right(self) -> Forbidden:
        return Forbidden(f"Không được đọc tệp trong {self._root}. Cấp quyền đọc thư mục này.")


def hang_files(
    specs: Sequence[FileSpec], records: Sequence[Record], size_of: Callable[[str], int | None], at_once: int = 1
) -> None:
    """Add ``_locator`` and ``_size`` to the rows that name a file; ``at_once`` are asked for side by side."""
    named: dict[str, list[Row]] = {}
    for spec in specs:
        pattern, names = _CELL.sub("{}", spec.locator), _CELL.findall(spec.locator)
        for record in records:
            for row in record.children[spec.child]:
                cells = [_whole(row[name]) for name in names]
                is_named = all(isinstance(cell, str | int) and cell != "" for cell in cells)
                row["_locator"], row["_size"] = (pattern.format(*cells) if is_named else None), None
                if is_named:
                    named.setdefault(str(row["_locator"]), []).append(row)
    for locator, size in zip(named, _sizes(list(named), size_of, at_once), strict=True):
        for row in named[locator]:
            row["_size"] = size


def _sizes(locators: Sequence[str], size_of: Callable[[str], int | None], at_once: int) -> Iterable[int | None]:
    """The size of each. A file that is there and cannot be measured counts as empty: the push will name its trouble."""

    def measured(locator: str) -> int | None:
        try:
            return size_of(locator)
        except Unreadable:
            return 0

    if at_once == 1 or len(locators) < 2:
        return map(measured, locators)
    pool = ThreadPoolExecutor(at_once, "sizes")
    try:
        return list(pool.map(measured, locators))
    finally:
        pool.shutdown(cancel_futures=True)  # after the first error nothing else is asked


def _whole(cell: Cell) -> Cell:
    """An id that the old system keeps in a column of floating point names its file as a whole number."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def is_inside(locator: str) -> bool:
    """Whether a name from the data stays below the folder it is looked up in, and is that of no content."""
    if is_content(locator):
        return False
    path = PurePosixPath(locator)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not set("\0\\") & set(locator)
