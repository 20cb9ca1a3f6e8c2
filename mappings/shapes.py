"""The shapes of a file source: which elements are rows of which table, and which parts are their columns.

A shape gives its table the declared columns, a link to every shape that it lies in (the key column of that shape, or
``<shape>_order`` when it has none), and ``source_file``, ``source_line``, ``source_order`` (place among its like in the
record). Paths use the shorthands of ``namespaces``; ``""`` there is the namespace of plain element names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final, Literal, Protocol, Self

from pydantic import BeforeValidator, Field, model_validator

from mappings.spec import Strict

ORDER: Final = "source_order"
PLACE: Final = ("source_file", "source_line", ORDER)
"""Columns of every shape: where its row stands."""

_NAME: Final = r"(?:(?:[^\W\d][\w.-]*|\*):)?[^\W\d][\w.-]*"
_PATH: Final = re.compile(rf"/?(?:{_NAME}/)*(?:@?{_NAME}|\.)")
_COLUMN: Final = re.compile(r"[^\W\d]\w*")


class ShapeColumn(Strict):
    """One column: a path below the record (``Ten``, ``NguoiNop/@loai``, ``.``) or from the root (``/So/@nam``).

    ``as``: text as it stands; integer; moment (a date, its offset turned into the source's zone); wall (the same, its
    offset dropped: some systems write a false "Z"); mixed (all text inside); xml (the element itself); file (base64,
    stored); path (name of a file beside, from the file that names it). ``join`` puts repeated values into one cell.
    """

    path: str
    form: Literal["text", "integer", "moment", "wall", "mixed", "xml", "file", "path"] = Field("text", alias="as")
    join: str = ""

    @model_validator(mode="after")
    def _is_path(self) -> Self:
        if not _PATH.fullmatch(self.path):
            raise ValueError(f"đường dẫn phần tử {self.path!r} viết sai; mẫu: NguoiNop/HoTen, @ma, /DanhSach/@nam")
        if self.path.rpartition("/")[2].startswith("@") and self.form in ("mixed", "xml", "file"):
            raise ValueError(f"thuộc tính {self.path!r} không đọc được dạng {self.form}")
        return self


AColumn = Annotated[ShapeColumn, BeforeValidator(lambda raw: {"path": raw} if isinstance(raw, str) else raw)]
"""A column, or just its path."""


class XmlShape(Strict):
    """Elements at ``record`` (from the root; below the record of ``parent`` when there is one) are rows."""

    record: str
    parent: str = ""
    key: str = ""
    repeats: Literal["refuse", "last"] = "refuse"  # a key that comes again: broken, or the later record counts
    columns: dict[str, AColumn] = Field(min_length=1)
    ignore: dict[str, str] = Field(default_factory=dict)  # path → reason; all below it is left out, too

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for path in (self.record, *self.ignore):
            if not _PATH.fullmatch(path):
                raise ValueError(f"đường dẫn phần tử {path!r} viết sai")
        if self.record.startswith("/") == bool(self.parent) or "@" in self.record or self.record.endswith("."):
            raise ValueError("record là đường dẫn phần tử: từ gốc (/A/B), hoặc dưới parent (A/B) khi có parent")
        if self.repeats == "last" and (self.parent or not self.key):
            raise ValueError("repeats: last cần key, và chỉ dùng cho bảng không có parent")
        if self.key and self.key not in self.columns:
            raise ValueError(f"key {self.key!r} không có trong columns")
        for name in self.columns:
            if not _COLUMN.fullmatch(name) or name in PLACE:
                raise ValueError(f"tên cột {name!r} không dùng được: chữ, số, _; không trùng {', '.join(PLACE)}")
        return self


class XmlReading(Strict):
    """The shapes of XML files. ``record_mb`` bounds one record with the attachments inside it."""

    namespaces: dict[str, str] = Field(default_factory=dict)
    record_mb: Annotated[int, Field(ge=1, le=1024)] = 64
    tables: dict[str, XmlShape] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for name, shape in self.tables.items():
            if not _COLUMN.fullmatch(name) or name.startswith("_"):
                raise ValueError(f"tên bảng {name!r} không dùng được: chữ, số, _")
            lowered = [column.lower() for column in self.columns(name)]
            if again := [column for column in lowered if lowered.count(column) > 1 and column not in self.links(name)]:
                raise ValueError(f"bảng {name}: cột {again[0]} khai hai lần (chữ hoa, chữ thường là một)")
            links = self.links(name)
            doubled = sorted(set(links) & set(shape.columns)) or [n for n in links if links.count(n) > 1]
            if doubled:
                raise ValueError(f"bảng {name}: cột {doubled[0]} trùng tên với cột nối lên bảng trên; đổi tên")
            for prefix in self._prefixes(shape):
                if prefix not in self.namespaces and prefix != "*":
                    raise ValueError(f"bảng {name}: tiền tố {prefix!r} chưa khai trong namespaces")
        return self

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        if len({name.lower() for name in self.tables}) < len(self.tables):
            raise ValueError("hai bảng trùng tên (chữ hoa, chữ thường là một)")
        return self

    @model_validator(mode="after")
    def _stands_apart(self) -> Self:
        tops = [(name, f"{shape.record}/") for name, shape in self.tables.items() if not shape.parent]
        for name, record in tops:
            for other, around in tops:
                if name != other and record.startswith(around):
                    raise ValueError(f"record của bảng {name} nằm trong record của bảng {other}: khai parent: {other}")
        return self

    @model_validator(mode="after")
    def _is_told_apart(self) -> Self:
        for name in self.tables:
            for _, above in self.ancestors(name)[:1]:
                if not self.tables[above].key:
                    raise ValueError(f"bảng {above} cần key: bảng {name} nằm dưới nó, thứ tự không đủ để nối")
        return self

    @model_validator(mode="after")
    def _takes_from_outside(self) -> Self:
        records = [shape.record for shape in self.tables.values() if not shape.parent]
        for name, shape in self.tables.items():
            for column, said in shape.columns.items():
                if said.path.startswith("/") and shape.parent:
                    raise ValueError(f"cột {column} của bảng {name}: chỉ bảng không có parent mới lấy được từ gốc")
                if any(f"{said.path}/".startswith(f"{record}/") for record in records):
                    raise ValueError(f"cột {column} của bảng {name}: {said.path} nằm trong một bản ghi")
        return self

    @model_validator(mode="after")
    def _claims_each_place_once(self) -> Self:
        """A text has one column: of two that want the same place one would stay empty without a word."""
        for name in self.tables:
            claims = list(self._claims(name))
            for at, (path, what, _) in enumerate(claims):
                for other, whose, takes in claims[:at] + claims[at + 1 :]:
                    if path == other or _is_taken(path, other, takes):
                        raise ValueError(f"bảng {name}: {what} và {whose} cùng đòi phần tử {'/'.join(path)}")
        return self

    def _claims(self, name: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """(Path, who takes it, what of it) of a shape and the shapes inside it: its text, all inside, or all of it."""
        shape = self.tables[name]
        for column, said in shape.columns.items():
            yield self._plain(said.path), f"cột {column}", "inside" if said.form in ("mixed", "xml") else "text"
        for path in shape.ignore:
            yield self._plain(path), f"ignore {path}", "all"
        for inside, other in self.tables.items():
            if other.parent == name:
                yield self._plain(other.record), f"bảng {inside}", "all"

    def _plain(self, path: str) -> tuple[str, ...]:
        """The steps of a path with URIs for shorthands; "." is no step."""
        steps = [step.rpartition(":") for step in path.split("/") if step != "."]
        return tuple(f"{self.namespaces.get(prefix, prefix)}:{name}" if prefix else name for prefix, _, name in steps)

    def links(self, name: str) -> list[str]:
        """Columns of a shape that hold the keys of the shapes it lies in, outermost first."""
        return [link for link, _ in self.ancestors(name)]

    def ancestors(self, name: str) -> list[tuple[str, str]]:
        """(link column, table) of the shapes that a shape lies in, outermost first."""
        found: list[tuple[str, str]] = []
        above = self.tables[name].parent
        while above:
            if above not in self.tables or above in (name, *(table for _, table in found)):
                raise ValueError(f"parent {above!r} của bảng {name} không có, hoặc đi vòng")
            found.insert(0, (self.tables[above].key or f"{above}_order", above))
            above = self.tables[above].parent
        return found

    def columns(self, name: str) -> list[str]:
        """All columns of a shape's table."""
        return [*self.tables[name].columns, *self.links(name), *PLACE]

    @staticmethod
    def _prefixes(shape: XmlShape) -> Iterator[str]:
        for path in (shape.record, *shape.ignore, *(column.path for column in shape.columns.values())):
            for step in path.split("/"):
                if ":" in step:
                    yield step.lstrip("@").partition(":")[0]


class Shapes(Protocol):
    """The tables of one kind of file."""

    @property
    def tables(self) -> Mapping[str, object]: ...

    def columns(self, name: str) -> list[str]: ...


def _is_taken(path: tuple[str, ...], other: tuple[str, ...], takes: str) -> bool:
    """Whether nothing of ``path`` is left once ``other`` was taken: what lies below, but not its own attributes."""
    if takes == "text" or path[: len(other)] != other or len(path) == len(other):
        return False
    return takes == "all" or len(path) > len(other) + 1 or "@" not in path[-1]


def shape_faults(kind: str, shapes: Shapes, used: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """(table, fault) where a profile reads what no shape declares. ``used``: table → columns read of it."""
    known = {name.lower(): name for name in shapes.tables}
    for table, columns in used.items():
        if table.lower() not in known:
            yield table, f"bảng {table} không có trong reading.{kind}.tables"
            continue
        declared = {column.lower() for column in shapes.columns(known[table.lower()])}
        for column in sorted(columns):
            if column.lower() not in declared:
                yield table, f"cột {column} không có trong reading.{kind}.tables.{table}.columns"
