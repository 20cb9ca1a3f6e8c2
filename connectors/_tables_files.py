"""The folder of files of a new system whose tables hold paths: written whole or not at all, hashed from the disk."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from connectors._tables_rows import made_id
from connectors.base import Forbidden, Misconfigured, Readable, Unavailable

PIECE: Final = 256 * 1024
LONGEST_SUFFIX: Final = 10


class FileFolder:
    """Files of dossiers below one folder. Names are made of source, old key and locator, so a file has one place."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def check(self) -> None:
        """Raises Misconfigured when the folder is not there, Forbidden when it cannot be written to."""
        with self._told():
            if not self._root.is_dir():
                raise Misconfigured(
                    f"Không thấy thư mục tệp {self._root} của hệ thống mới. Gắn ổ đĩa, hoặc sửa target.files."
                )
            if not os.access(self._root, os.W_OK | os.X_OK):
                raise PermissionError

    @staticmethod
    def path(source_id: str, key: str, locator: str) -> str:
        """Where a file stands, from the folder on: what a column of the tables says."""
        suffix = PurePosixPath(locator.replace("\\", "/")).suffix
        plain = suffix if len(suffix) <= LONGEST_SUFFIX and suffix[1:].isascii() and suffix[1:].isalnum() else ""
        return f"{_home(source_id, key)}/{made_id(source_id, key, locator)}{plain.lower()}"

    def keep(self, source_id: str, key: str, locator: str, stream: Readable) -> tuple[str, int]:
        """Write a file; (sha256, size) as read back from the disk. Raises Unavailable, Forbidden."""
        place = self._root / self.path(source_id, key, locator)
        part = place.with_name(f"{place.name}.{uuid4().hex}.part")
        with self._told():
            place.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                while piece := stream.read(PIECE):
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            part.replace(place)
        held = self.look(source_id, key, locator)
        return held if held is not None else ("", 0)

    def look(self, source_id: str, key: str, locator: str) -> tuple[str, int] | None:
        """(sha256, size) of a file by its bytes; None when it is not there."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._told(), (self._root / self.path(source_id, key, locator)).open("rb") as file:
                while piece := file.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
        except FileNotFoundError:
            return None
        return digest.hexdigest(), size

    def is_there(self, source_id: str, key: str, locator: str) -> bool:
        """Whether a file stands in its place."""
        return (self._root / self.path(source_id, key, locator)).is_file()

    def drop(self, source_id: str, key: str) -> None:
        """Take away every file of a dossier."""
        if self._folder is None:
            return
        with self._told():
            shutil.rmtree(self._folder / _home(source_id, key), ignore_errors=False, onerror=_unless_gone)

    @property
    def _root(self) -> Path:
        if self._folder is None:
            raise Misconfigured("Hệ thống nhận này giữ tệp trong thư mục: ghi target.files trong site.yaml.")
        return self._folder

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except PermissionError:
            raise Forbidden(f"Không được ghi, đọc thư mục tệp {self._root}. Cấp quyền cho tài khoản này.") from None
        except OSError as error:
            said = os.strerror(error.errno or 0)
            raise Unavailable(f"Thư mục tệp {self._root} không dùng được lúc này ({said}). Chạy lại sau.") from None


def _home(source_id: str, key: str) -> str:
    own = made_id(source_id, key)
    return f"{quote(source_id, safe='')}/{own[:2]}/{own}"


def _unless_gone(_: object, __: str, found: tuple[type[BaseException], BaseException, object]) -> None:
    if not isinstance(found[1], FileNotFoundError):
        raise found[1]
