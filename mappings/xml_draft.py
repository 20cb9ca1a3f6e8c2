"""The draft of ``reading.xml`` for files of an unknown shape: which element is a dossier, what hangs on it, what its
columns are called. Pure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mappings.shapes import PLACE

Path = tuple[str, ...]
_TAG: Final = re.compile(r"(@?)(?:\{([^}]*)\})?(.+)", re.DOTALL)
_PLAIN: Final = re.compile(r"[^\W\d][\w.-]*")
_KEYS: Final = ("id", "ma", "so", "key", "code", "uid", "stt")


@dataclass(frozen=True)
class Element:
    """An element or attribute as met in the files: see the survey of the connector for the fields.

    ``form``: what a column of it would be read as (``text``, ``moment``, ``file``).
    """

    path: Path
    count: int
    most: int
    filled: int
    is_unique: bool
    form: str = "text"

    @property
    def is_attribute(self) -> bool:
        return self.path[-1].startswith("@")


def draft_xml(elements: Sequence[Element]) -> dict[str, Any]:
    """``reading.xml`` as data, of at least one element; :class:`mappings.shapes.XmlReading` takes it."""
    shapes = _Shapes(elements)
    return shapes.tables(shapes.head())


def xml_lines(said: dict[str, Any]) -> Iterator[str]:
    """The lines of ``reading.xml`` in a profile."""
    yield "  xml:"
    yield f"    namespaces: {_flow(said['namespaces'])}"
    yield "    tables:"
    for name, table in said["tables"].items():
        yield f"      {name}:"
        for key, value in table.items():
            if isinstance(value, dict):
                yield f"        {key}:"
                yield from (f"          {_flow(inner)}: {_flow(path)}" for inner, path in value.items())
            else:
                yield f"        {key}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


class _Shapes:
    def __init__(self, elements: Sequence[Element]) -> None:
        self._at = {element.path: element for element in elements}
        self._below: dict[Path, list[Element]] = {}
        for element in elements:
            self._below.setdefault(element.path[:-1], []).append(element)
        self._short = self._prefixes()

    def head(self) -> Element:
        """The element with the most of its own: the root of each file, or one that comes again and again."""
        candidates = [e for e in self._at.values() if self._is_record(e) or len(e.path) == 1]
        return max(candidates, key=lambda e: (len(self._own(e.path)), -len(e.path)))

    def tables(self, head: Element) -> dict[str, Any]:
        """The head, what lies in it, and what stands beside it."""
        records = [e for e in self._at.values() if self._is_record(e) and e.path != head.path]
        inside = [e for e in records if e.path[: len(head.path)] == head.path]
        beside = [e for e in records if head.path[: len(e.path)] != e.path and not _is_in(e, [head, *inside])]
        names: dict[Path, str] = {}
        tables: dict[str, dict[str, Any]] = {}
        for element in (head, *inside, *(e for e in beside if not _is_in(e, [b for b in beside if b is not e]))):
            name = names[element.path] = _free(_name(element.path[-1]).lower(), tables)
            above = next((path for path in _prefixes_of(element.path) if path in names), ())
            parent = names.get(above, "")
            if above not in ((), head.path) and "key" not in tables[parent]:
                del names[element.path]
                tables[parent].setdefault("ignore", {})[self._shown(element.path, above)] = (
                    "CHƯA CHỐT: lặp bên trong một phần lặp không có mã; cần key ở bảng trên để đọc"
                )
                continue
            tables[name] = self._table(name, element, above, parent, tables, is_head=element is head)
        return {"namespaces": {prefix: uri for uri, prefix in self._short.items()}, "tables": tables}

    def _table(
        self,
        named: str,
        element: Element,
        above: Path,
        parent: str,
        tables: dict[str, dict[str, Any]],
        *,
        is_head: bool,
    ) -> dict[str, Any]:
        taken = {*PLACE, *(tables[name].get("key", f"{name}_order").lower() for name in tables)}
        columns: dict[str, Any] = {}
        paths: dict[str, Element] = {}
        own = self._own(element.path)
        for leaf in [*own, *(self._outer(element) if is_head else ())]:
            name = _free(self._column(leaf, element.path, own), {*taken, *map(str.lower, columns)})
            is_outer = leaf.path[: len(element.path)] != element.path
            path = self._shown(leaf.path) if is_outer else self._shown(leaf.path, element.path)
            form = {"as": leaf.form} if leaf.form != "text" and not (leaf.form == "file" and leaf.is_attribute) else {}
            join = {"join": "; "} if leaf.most > 1 and leaf.path != element.path else {}
            columns[name] = {"path": path, **form, **join} if form or join else path
            if not is_outer and not join and leaf.is_unique and leaf.filled == element.count:
                paths[name] = leaf
        key = min(paths, key=lambda name: _key_rank(name, paths[name]), default="")
        if key.lower() in _KEYS:  # what hangs on it calls it by this name, too: a name of its own
            own_name = _free(f"{named}_{key}", {*taken, *map(str.lower, columns)})
            columns = {own_name if name == key else name: path for name, path in columns.items()}
            key = own_name
        said = {"record": self._shown(element.path, above), "parent": parent, "key": key}
        return {**{name: text for name, text in said.items() if text}, "columns": columns}

    def _is_record(self, element: Element) -> bool:
        return not element.is_attribute and element.most > 1 and element.path in self._below

    def _own(self, path: Path) -> list[Element]:
        """What holds a text at or below a record, without what lies in another record there."""
        own, below = self._at[path], [e for e in self._below.get(path, ()) if not self._is_record(e)]
        attributes = [element for element in below if element.is_attribute]
        if own.filled and len(attributes) < len(below):  # words with marks inside: the words belong together
            return [replace(own, form="mixed"), *attributes]
        found = [own] if own.filled else []
        for element in below:
            found += [element] if element.is_attribute else self._own(element.path)
        return found

    def _outer(self, head: Element) -> list[Element]:
        """What stands around the head and holds for all of it."""
        found: list[Element] = []
        for path in _prefixes_of(head.path):
            for element in self._below.get(path, ()):
                is_around = head.path[: len(element.path)] == element.path
                if not is_around and not self._is_record(element) and element.filled:
                    found.append(element)
                found += [e for e in self._below.get(element.path, ()) if e.is_attribute and not is_around and e.filled]
        return found

    def _column(self, leaf: Element, record: Path, own: Sequence[Element]) -> str:
        steps = leaf.path[len(record) :] if leaf.path[: len(record)] == record else leaf.path
        if not steps:
            return _name(leaf.path[-1])
        last = _name(steps[-1])
        alike = sum(_name(other.path[-1]).lower() == last.lower() for other in own)
        is_vague = leaf.is_attribute or alike > 1
        return f"{_name(steps[-2])}_{last}" if is_vague and len(steps) > 1 else last

    def _prefixes(self) -> dict[str, str]:
        """URI → shorthand; the commonest is the one of plain element names."""
        uris = Counter(m[2] for path in self._at for m in [_TAG.fullmatch(path[-1])] if m and m[2])
        elements = Counter(
            m[2] for e in self._at.values() for m in [_TAG.fullmatch(e.path[-1])] if m and m[2] and not e.is_attribute
        )
        plain = any(not e.is_attribute and "{" not in e.path[-1] for e in self._at.values())
        first = next((uri for uri, _ in elements.most_common(1)), "") if not plain else ""
        others = [uri for uri, _ in uris.most_common() if uri != first]
        return ({first: ""} if first else {}) | {uri: f"n{number}" for number, uri in enumerate(others, 1)}

    def _shown(self, path: Path, below: Path = ()) -> str:
        steps = path[len(below) :]
        if not steps:
            return "."
        return ("" if below else "/") + "/".join(self._step(step) for step in steps)

    def _step(self, step: str) -> str:
        found = _TAG.fullmatch(step)
        assert found is not None
        prefix = self._short.get(found[2] or "", "")
        return f"{found[1]}{prefix}:{found[3]}" if prefix else f"{found[1]}{found[3]}"


def _prefixes_of(path: Path) -> Iterator[Path]:
    """The paths above, the nearest first."""
    return (path[:end] for end in range(len(path) - 1, 0, -1))


def _is_in(element: Element, others: Sequence[Element]) -> bool:
    return any(element.path[: len(other.path)] == other.path for other in others)


def _name(step: str) -> str:
    found = _TAG.fullmatch(step)
    assert found is not None
    name = re.sub(r"\W", "_", found[3])
    return name if name[:1].isalpha() else f"c_{name}"


def _free(name: str, taken: Any) -> str:
    """The name, with a number behind it when it is taken."""
    number, free = 1, name
    while free.lower() in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _key_rank(name: str, leaf: Element) -> tuple[int, int, int]:
    """Which of the columns that tell records apart is their key: an id by name, an attribute, the first."""
    words = re.split(r"[_\W]", name.lower())
    rank = min((_KEYS.index(word) for word in words if word in _KEYS), default=len(_KEYS))
    return rank, not leaf.is_attribute, len(leaf.path)
