"""Where the stored files of a source lie: in a folder, or behind HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from connectors.base import FileSpec, Record


class Files(Protocol):
    """The files beside the rows of a source."""

    at_once: int  # how many it may be asked for side by side

    def check(self) -> None:
        """Refuse a declared place that is not there, or does not let us in."""

    def wait_for(self) -> None:
        """Raise Unavailable while that place is away."""

    def stat(self, locator: str) -> int | None:
        """Size in bytes; None when the file is gone, Unreadable when it is there and cannot be measured."""

    def open(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes. Raises FileNotFoundError, Unreadable."""

    def close(self) -> None:
        """Close what is kept open."""


class HangsFiles(Files, Protocol):
    """Files that measure what rows name."""

    def hang(self, specs: Sequence[FileSpec], records: Sequence[Record]) -> None:
        """Add ``_locator`` and ``_size`` to the rows that name a file."""


@dataclass(frozen=True)
class FileServer:
    """A store behind HTTP. ``url_env`` and ``login_env`` name the variables that a message may speak of."""

    url: str = field(repr=False)
    url_env: str
    token: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    login_env: str = ""
    ca: Path | None = None  # certificates to trust instead of the system's
    per_second: float | None = None  # requests
    at_once: int = 4


Store = Path | FileServer | None
"""A folder, a server, or none: then every file counts as gone."""
