"""What stands in XML that nobody has declared: every element and attribute, how often, and what its texts look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from connectors._xml_guard import PIECE, PROLOG, FileBroken, check_prolog

BYTES: Final = 8 * 1024 * 1024
"""Of one file that are looked at; what follows repeats it."""
PLACES: Final = 3000
TEXTS: Final = 5000
"""Different texts of one place that are told apart."""
SHORT: Final = 64
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_CONTENT: Final = re.compile(r"[A-Za-z0-9+/\s]{400,}={0,2}\s*", re.ASCII)

Path = tuple[str, ...]
"""Steps from the root, each ``{uri}name`` or ``name``; the last is ``@name`` for an attribute."""


@dataclass(eq=False)
class Place:
    """An element or attribute. ``most``: of its like in one parent; ``filled``: with a text of its own.

    ``is_unique``: no text came twice, and all were short. ``moments``, ``contents``: texts that are instants, base64.
    """

    path: Path
    count: int = 0
    most: int = 1
    filled: int = 0
    moments: int = 0
    contents: int = 0
    is_unique: bool = True
    _texts: set[int] = field(default_factory=set)

    def say(self, text: str) -> None:
        """Note a text that stands here."""
        text = text.strip()
        if not text:
            return
        self.filled += 1
        self.moments += bool(_MOMENT.fullmatch(text))
        self.contents += bool(_CONTENT.fullmatch(text))
        mark = hash(text)
        self.is_unique = self.is_unique and len(text) <= SHORT and mark not in self._texts
        if len(self._texts) < TEXTS:
            self._texts.add(mark)


class Survey:
    """Places found so far, in the order met."""

    def __init__(self) -> None:
        self.places: dict[Path, Place] = {}
        self.files = 0

    def read(self, read: Callable[[int], bytes]) -> None:
        """Look at one XML, at its beginning only when it is long. Raises FileBroken."""
        parser: Any = etree.XMLPullParser(
            events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        open_ones: list[tuple[Path, Counter[str]]] = []
        has_begun = False
        try:
            for piece in _pieces(read):
                parser.feed(piece)
                for event, element in parser.read_events():
                    has_begun = True
                    self._begin(element, open_ones) if event == "start" else self._end(element, open_ones)
        except etree.XMLSyntaxError as error:
            raise FileBroken("XML viết sai", error.lineno or 0) from None
        if not has_begun:
            raise FileBroken("tệp bị cắt cụt")
        self.files += 1

    def _begin(self, element: Any, open_ones: list[tuple[Path, Counter[str]]]) -> None:
        above, siblings = open_ones[-1] if open_ones else ((), Counter[str]())
        siblings[element.tag] += 1
        path = (*above, element.tag)
        if (place := self._place(path)) is not None:
            place.most = max(place.most, siblings[element.tag])
        open_ones.append((path, Counter()))
        for name, value in element.attrib.items():
            if (found := self._place((*path, f"@{name}"))) is not None:
                found.say(value)

    def _end(self, element: Any, open_ones: list[tuple[Path, Counter[str]]]) -> None:
        path, _ = open_ones.pop()
        if element.text and path in self.places:
            self.places[path].say(element.text)
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]

    def _place(self, path: Path) -> Place | None:
        """The place, one more time; None for a place more than are looked at."""
        place = self.places.get(path)
        if place is None:
            if len(self.places) >= PLACES:
                return None
            place = self.places[path] = Place(path)
        place.count += 1
        return place


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    head = b""
    while len(head) < PROLOG and (piece := read(PROLOG - len(head))):
        head += piece
    check_prolog(head)
    size = len(head)
    yield head
    while size < BYTES and (piece := read(PIECE)):
        size += len(piece)
        yield piece
