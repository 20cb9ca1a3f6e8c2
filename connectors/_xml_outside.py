"""What stands around the records of a file: texts that every record takes, and what nobody declared."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

from connectors._xml_guard import FileBroken
from connectors._xml_shapes import Node, Plan, Table

DEPTH: Final = 100
_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
NIL: Final = f"{_INSTANCE}nil"
NO_DATA: Final = frozenset({NIL, f"{_INSTANCE}schemaLocation", f"{_INSTANCE}noNamespaceSchemaLocation"})


class Outside:
    """The elements outside of all records of one file. What a header told ends with the element it stands in."""

    def __init__(self, plan: Plan, undeclared: Callable[[str, str], None], late: Callable[[str, int], None]) -> None:
        """``late``: is told the place and line of a text that comes behind records which should have it."""
        self._plan = plan
        self._undeclared = undeclared
        self._late = late
        self._context: dict[tuple[str, ...], str] = {}
        self._lacking: dict[tuple[str, ...], Any] = {}  # path → the element around both that and a record without it

    def value(self, element: Any, table: Table, path: tuple[str, ...]) -> str | None:
        """The text that stands outside at ``path`` for a record: in an element around it, or before it."""
        if not path[-1].startswith("@") or table.path[: len(path) - 1] != path[:-1]:
            found = self._context.get(path)
            if found is None:
                around = list(takewhile(lambda pair: pair[0] == pair[1], zip(table.path[:-1], path, strict=False)))
                self._lacking[path] = _above(element, len(table.path) - len(around))
            return found
        for _ in table.path[len(path) - 1 :]:
            element = element.getparent()
        return None if element is None else element.get(path[-1][1:])

    def pass_by(self, element: Any, *, is_whole: bool = True) -> None:
        """Note what stands in an element outside of all records. ``is_whole``: it goes, and what it told ends."""
        node: Node | None = self._plan.outside
        known: tuple[str, ...] = ()
        for step in path_of(element):
            node = node.find(step) if node is not None else None
            if node is None or node.is_ignored:
                break
            known = (*known, node.name)
        if node is not None and is_whole:
            for path in [path for path in self._context if path[: len(known)] == known]:
                del self._context[path]
        if is_text(element.tail):
            self._note(path_of(element)[:-1])
        if node is None or not node.is_ignored:
            self._look_at(element, node, known, path_of(element))

    def _look_at(self, element: Any, node: Node | None, known: tuple[str, ...], path: tuple[str, ...]) -> None:
        if len(path) > DEPTH:
            raise FileBroken(f"phần tử lồng sâu hơn {DEPTH} bậc", element.sourceline or 0)
        for name, value in element.attrib.items():
            if node is not None and name in node.attributes:
                self._tell((*known, f"@{name}"), value, element)
            elif name not in NO_DATA and not (node is not None and f"@{name}" in node.children):
                self._note((*path, f"@{name}"))
        if node is not None and node.text is not None:
            self._tell(known, element.text or "", element)
        elif has_text(element):
            self._note(path)
        for child in element:
            found = node.find(child.tag) if node is not None else None
            if found is None or not found.is_ignored:
                name = found.name if found is not None else ""
                self._look_at(child, found, (*known, name), (*path, child.tag))

    def _tell(self, path: tuple[str, ...], text: str, element: Any) -> None:
        self._context[path] = text
        around = self._lacking.get(path)
        if around is not None and any(above is around for above in element.iterancestors()):
            del self._lacking[path]
            self._late(self._shown(path), element.sourceline or 0)

    def _note(self, path: tuple[str, ...]) -> None:
        self._undeclared(self._plan.first, self._shown(path))

    def _shown(self, path: tuple[str, ...]) -> str:
        return "/" + "/".join(f"@{self._plan.shown(s[1:])}" if s[0] == "@" else self._plan.shown(s) for s in path)


def _above(element: Any, levels: int) -> Any:
    for _ in range(levels):
        element = None if element is None else element.getparent()
    return element


def path_of(element: Any) -> tuple[str, ...]:
    """The tags from the root down to an element."""
    return (*(above.tag for above in reversed(list(element.iterancestors()))), element.tag)


def has_text(element: Any) -> bool:
    """Whether text stands in an element itself, before or between its children."""
    return is_text(element.text) or any(is_text(child.tail) for child in element)


def is_text(text: str | None) -> bool:
    """Whether there is more than blanks."""
    return bool(text) and not str(text).isspace()
