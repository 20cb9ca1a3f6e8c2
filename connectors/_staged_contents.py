"""Files that came inside other files, stored once by the hash of their content, readable by their owner only."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

_LOCATOR: Final = re.compile(r"sha256:([0-9a-f]{64})")


class Contents:
    """A folder of files by hash."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """(sha256, size) of a file whose bytes come in pieces."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._root, prefix=".")  # 0600
        part = Path(name)
        try:
            with open(handle, "wb") as stream:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    stream.write(piece)
            place = self._place(digest.hexdigest())
            place.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(part, place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size

    @staticmethod
    def locator(sha256: str) -> str:
        return f"sha256:{sha256}"

    def find(self, locator: str) -> Path | None:
        """Where a stored file lies; None for a locator of another kind."""
        match = _LOCATOR.fullmatch(locator)
        return self._place(match[1]) if match else None

    def has(self, sha256: str) -> bool:
        """Whether the file of this hash is there."""
        return self._place(sha256).is_file()

    def keep_only(self, wanted: Collection[str]) -> None:
        """Take away what no row names any more."""
        for folder in self._root.glob("*"):
            if folder.is_file():
                folder.unlink(missing_ok=True)  # left by a run that was killed
                continue
            for file in folder.iterdir():
                if folder.name + file.name not in wanted:
                    file.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]
