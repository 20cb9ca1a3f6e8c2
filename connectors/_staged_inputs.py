"""The files below the path of a source, in the order of their names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path


def files_below(root: Path, is_read: Callable[[str], bool]) -> Iterator[tuple[str, Path]]:
    """(name from ``root`` on, path) of every file whose own name is read, and of every link to a folder.

    Such links are not followed: they come as an input, for the store to say so. Raises OSError when a folder cannot be
    listed: what lies in it would seem gone.
    """

    def fail(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(root, onerror=fail):
        folders.sort()
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in [*filter(is_read, names), *links]:
            path = Path(folder, name)
            yield path.relative_to(root).as_posix(), path


def in_order(name: str) -> tuple[tuple[str, int, str], ...]:
    """By what to sort names so that 9 comes before 10: a later export may take the place of an earlier one."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((text, int(digits or 0), digits) for text, digits in zip(parts[::2], [*parts[1::2], ""], strict=True))
