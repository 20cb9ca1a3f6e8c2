"""Stored files of the rehearsal: as many bytes as their rows declare."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from connectors.base import Forbidden, Misconfigured, Unavailable

_MARKER = ".lienthong_rehearsal"


def make_room(folder: Path, mark: str) -> None:
    """Empty a folder that the file ``mark`` shows to be ours. Raises Misconfigured where somebody else put a file."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / mark).is_file():
        raise Misconfigured(f"{folder} đã có tệp và không phải dữ liệu diễn tập do lienthong tạo. Chọn thư mục trống.")
    shutil.rmtree(folder)


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
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            marker.touch(mode=0o600)
        except PermissionError:
            raise Forbidden("Không có quyền ghi thư mục tệp của dữ liệu diễn tập.") from None
        except OSError as error:
            raise Unavailable(f"Không ghi được thư mục tệp của dữ liệu diễn tập ({error.strerror}).") from None

    def write(self, locator: str, name: str, size: int, extension: str = "pdf") -> None:
        """Write ``size`` bytes below the folder, which begin as a file of that kind does; ``name`` stands in them."""
        folder, _, last = f"{self._folder}/{locator}".rpartition("/")
        try:
            if folder not in self._known:
                os.makedirs(folder, mode=0o700, exist_ok=True)
                self._known = {folder}  # the files of a dossier come one after the other
            handle = os.open(f"{folder}/{last}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, self._bytes(name, size, extension))
            finally:
                os.close(handle)
        except OSError as error:
            raise Unavailable(f"Không ghi được tệp của dữ liệu diễn tập ({error.strerror}).") from None

    def _bytes(self, name: str, size: int, extension: str) -> bytes:
        begins = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\n" if extension == "jpg" else b"%PDF-1.4\n"
        head = begins + f"% Tài liệu diễn tập {self._seed}-{name}\n".encode()
        return (head + b"0 0 obj << /Type /Rehearsal >> endobj\n" * (size // 38 + 1))[:size]
