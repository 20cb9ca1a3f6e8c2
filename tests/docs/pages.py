"""What the documents hold: fenced blocks, commands with the exit code they promise, links, table rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
GUIDES = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *GUIDES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "DECISIONS.md"]

_BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PROMISE = re.compile(r"#.*\bmã thoát (\d+)")


@dataclass(frozen=True)
class Command:
    """One line of a ``sh`` block. ``code``: the exit code that its comment promises, 0 when it says nothing."""

    page: Path
    text: str
    code: int


def blocks(page: Path, info: str) -> Iterator[str]:
    """Bodies of the fenced blocks with exactly this info string."""
    for found, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if found.strip() == info:
            yield body


def commands(page: Path, info: str = "sh") -> list[Command]:
    """The commands of a page, in order."""
    lines = [line.strip() for body in blocks(page, info) for line in body.splitlines()]
    made = []
    for line in lines:
        text = re.sub(r"\s+#.*$", "", line)
        if text and not text.startswith("#"):
            promise = _PROMISE.search(line)
            made.append(Command(page, text, int(promise[1]) if promise else 0))
    return made


def links(page: Path) -> Iterator[str]:
    """Targets of the page's links into this project."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    yield from (target for target in _LINK.findall(text) if "://" not in target)


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page give."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", head).lower()).replace(" ", "-") for head in heads}


def rows(page: Path, first: str) -> list[list[str]]:
    """Cells of every table row of a page whose first cell matches ``first``."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [row for row in cells if re.fullmatch(first, row[0])]
