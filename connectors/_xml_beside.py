"""Attachments that lie beside the XML that names them: in the folder, or in the same ZIP, read in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from zipfile import ZipFile

from connectors._sql_files import StoredFiles, is_inside
from connectors._xml_guard import FileBroken
from connectors._xml_zip import Member, open_zip
from connectors.base import Misconfigured


class BesideFiles:
    """Files below the path of a source; a ZIP on the way is like a folder (``thang6.zip/tep/1.pdf``)."""

    at_once = 1  # one ZIP is open at a time

    def __init__(self, root: Path) -> None:
        self._folder = root if root.is_dir() else root.parent
        self._stored = StoredFiles(self._folder)
        self._zip: tuple[str, ZipFile, dict[str, int]] | None = None
        self._held = ExitStack()

    def check(self) -> None:
        """Refuse a path that is not there."""
        self._stored.check()

    def wait_for(self) -> None:
        """Raise Unavailable while the folder is away."""
        self._stored.wait_for()

    def stat(self, locator: str) -> int | None:
        """Size in bytes; None when the file is gone."""
        zipped = self._zipped(locator)
        if self._leads_out(locator if zipped is None else zipped[0]):
            return None
        if zipped is None:
            return self._stored.stat(locator)
        try:
            return self._opened(zipped[0])[1].get(zipped[1])
        except FileBroken:  # told as broken already: what lies in it is gone
            return None

    def open(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes. Raises FileNotFoundError when the file is gone."""
        zipped = self._zipped(locator)
        if self._leads_out(locator if zipped is None else zipped[0]):
            raise FileNotFoundError(f"Tệp {locator} là liên kết dẫn ra ngoài thư mục nguồn.")
        return self._stored.open(locator) if zipped is None else self._member(locator, *zipped)

    def close(self) -> None:
        """Close the ZIP that was read last."""
        self._held.close()
        self._zip = None

    def _leads_out(self, name: str) -> bool:
        """Whether a link leads out: the folder comes from elsewhere, its links are no more to be trusted than names."""
        try:
            return not (self._folder / name).resolve().is_relative_to(self._folder.resolve())
        except (RuntimeError, OSError):  # a link to itself
            return True

    def _zipped(self, locator: str) -> tuple[str, str] | None:
        """(ZIP, member) of a locator that passes through a ZIP."""
        if not is_inside(locator):
            raise Misconfigured("Đường dẫn một tệp đính kèm chỉ ra ngoài thư mục nguồn.")
        parts = PurePosixPath(locator).parts
        for at, part in enumerate(parts[:-1], start=1):
            name = "/".join(parts[:at])
            if part.lower().endswith(".zip") and (self._folder / name).is_file():
                return name, "/".join(parts[at:])
        return None

    def _opened(self, name: str) -> tuple[ZipFile, dict[str, int]]:
        if self._zip is None or self._zip[0] != name:
            self.close()
            archive = open_zip(self._held.enter_context((self._folder / name).open("rb")))
            self._held.enter_context(archive)
            self._zip = name, archive, {info.filename: info.file_size for info in archive.infolist()}
        return self._zip[1], self._zip[2]

    @contextmanager
    def _member(self, locator: str, name: str, inside: str) -> Iterator[BinaryIO]:
        try:
            archive, sizes = self._opened(name)
            if inside not in sizes:
                raise FileNotFoundError(f"Tệp {locator} không còn.")
            member = Member(archive, archive.getinfo(inside))
            yield cast(BinaryIO, member)  # it can be read, and that is all anybody does
            member.close()
        except FileBroken as broken:
            raise FileNotFoundError(f"Tệp {locator} không đọc được: {broken.said}.") from None
