"""Stored files of the rehearsal, laid out as Liferay's document library: company/folder/name/version."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from connectors.base import Forbidden, Misconfigured, Unavailable
from connectors.rehearsal.opencps_case import Row

_MARKER = ".lienthong_rehearsal"


class FileStore:
    """A folder that only the generator writes to. Everything in it is readable by its owner only."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._known: set[str] = set()

    def prepare(self) -> None:
        """Make the folder, or empty it when it is ours. Raises Misconfigured when something else is in it."""
        marker = self._folder / _MARKER
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            inside = [path for path in self._folder.iterdir() if path.name != _MARKER]
            if inside and not marker.exists():
                raise Misconfigured("Thư mục tệp của dữ liệu diễn tập có tệp khác; hãy chọn một thư mục trống.")
            for path in inside:
                shutil.rmtree(path)
            marker.touch(mode=0o600)
        except PermissionError:
            raise Forbidden("Không có quyền ghi thư mục tệp của dữ liệu diễn tập.") from None
        except OSError as error:
            raise Unavailable(f"Không ghi được thư mục tệp của dữ liệu diễn tập ({error.strerror}).") from None

    def write(self, entry: Row) -> None:
        """Write the bytes of one row of DLFileEntry, as many as it declares."""
        folder = f"{self._folder}/{entry['companyId']}/{entry['folderId']}"
        try:
            if folder not in self._known:
                os.makedirs(folder, mode=0o700, exist_ok=True)
                self._known = {folder}  # the files of a dossier come one after the other
            os.mkdir(f"{folder}/{entry['name']}", 0o700)
            place = f"{folder}/{entry['name']}/{entry['version']}"
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, self._bytes(entry))
            finally:
                os.close(handle)
        except OSError as error:
            raise Unavailable(f"Không ghi được tệp của dữ liệu diễn tập ({error.strerror}).") from None

    def _bytes(self, entry: Row) -> bytes:
        size = entry["size_"]
        assert isinstance(size, int)
        head = f"%PDF-1.4\n% Tài liệu diễn tập {self._seed}-{entry['name']}\n".encode()
        return (head + b"0 0 obj << /Type /Rehearsal >> endobj\n" * (size // 38 + 1))[:size]
