"""Reading what people declare: strict YAML and CSV, site first, then shipped; a mistake names its file and line."""

from __future__ import annotations

import csv
import functools
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

SHIPPED: Final = Path(__file__).parent


class ProfileError(Exception):
    """A profile, crosswalk or suite is wrong (exit 10). The message is Vietnamese and holds no personal value."""

    def __init__(self, message_vi: str, file: str | Path = "", line: int | None = None) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message_vi)
        self.message_vi = message_vi
        self.file = str(file)
        self.line = line


def find(site_dir: Path | None, folder: str, *names: str) -> Path | None:
    """The first of ``names`` in the site's ``folder``, else in the shipped one; None when there is none."""
    for root in (site_dir, SHIPPED):
        for name in names:
            if root is not None and (root / folder / name).is_file():
                return root / folder / name
    return None


def check_name(name: str, file: str | Path = "") -> None:
    """Refuse a name that could leave its folder."""
    if not name or not all(c.isalnum() or c in "_-" for c in name):
        raise ProfileError(f"tên không hợp lệ: {name!r} (chỉ gồm chữ, số, _ và -)", file)


# ---------------------------------------------------------------- YAML

Tree = str | bool | None | list["Tree"] | dict[str, "Tree"]
"""Plain data of a declared file. Numbers stay text: codes such as ``01`` must keep their zeros."""


@dataclass(frozen=True)
class Declared:
    """A YAML file: its data and the nodes that know the lines."""

    file: Path
    data: dict[str, Tree]
    root: Node

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the deepest part of ``path`` that stands in the file."""
        return max((line for line, _ in _walk(self.root, path)), default=1)

    def holds(self, path: Sequence[str | int]) -> int:
        """How many steps of ``path`` stand in the file."""
        return sum(1 for _ in _walk(self.root, path))

    def owns(self, path: Sequence[str | int]) -> bool:
        """True when what stands at ``path`` is this file's: it holds the path, or a list or text on the way to it."""
        found = [node for _, node in _walk(self.root, path)]
        return len(found) == len(path) or any(not isinstance(node, MappingNode) for node in found)


def read_yaml(file: Path) -> Declared:
    """Read one YAML file. Raises ProfileError with the line of a syntax error, a doubled key or an alias."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError("tệp không phải UTF-8", file, 1) from error
    except OSError as error:
        raise ProfileError(f"không đọc được tệp: {error.strerror}", file) from error
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ProfileError(f"YAML hỏng: {error.problem}", file, mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise ProfileError("YAML hỏng: có ký tự không được phép", file) from error
    if not isinstance(root, MappingNode):
        raise ProfileError("tệp phải là một bảng khóa: giá trị", file, 1)
    data = _plain(root, file, set())
    assert isinstance(data, dict)
    return Declared(file, data, root)


def _plain(node: Node, file: Path, seen: set[int]) -> Tree:
    if id(node) in seen:  # an alias may be endless, and hides from the reader what a key really holds
        raise ProfileError("không dùng & và * trong tệp khai báo", file, node.start_mark.line + 1)
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        return [_plain(item, file, seen) for item in node.value]
    if isinstance(node, ScalarNode):
        if not node.style and node.value in _WORDS:
            return _WORDS[node.value]
        return str(node.value)
    found: dict[str, Tree] = {}
    assert isinstance(node, MappingNode)
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise ProfileError("khóa phải là chữ", file, line)
        if key.value in found:
            raise ProfileError(f"khóa {key.value!r} khai hai lần", file, line)
        found[key.value] = _plain(value, file, seen)
    return found


def _walk(node: Node, path: Sequence[str | int]) -> Iterator[tuple[int, Node]]:
    """(line, node) of each step of ``path`` that stands in the tree; a key's line is its own."""
    for step in path:
        if isinstance(node, MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                return
            node = found[1]
            yield found[0].start_mark.line + 1, node
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            yield node.start_mark.line + 1, node
        else:
            return


_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads eight times as fast
_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}


def explain(error: ValidationError, declared: Declared) -> ProfileError:
    """The first fault of a declared file that does not fit its model, with its line."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = [step for step in first["loc"] if isinstance(step, str | int)]
    where = ".".join(map(str, path)) or "tệp"
    said = first["msg"].removeprefix("Value error, ")
    return ProfileError(f"{where}: {said}", declared.file, declared.line(path))


# ---------------------------------------------------------------- CSV


def read_csv(file: Path, columns: Sequence[str], *, later: int = 0) -> list[tuple[int, dict[str, str]]]:
    """Rows (line, cells) of a UTF-8 CSV (``.gz`` too) that has exactly ``columns``. Raises ProfileError.

    ``later``: so many columns at the end came in later; a table from before may lack them and gives "" there. Nobody
    changes the rows: shipped tables are read once.
    """
    if file.is_relative_to(SHIPPED):
        return list(_read_shipped(file, tuple(columns), later))
    return _read_csv(file, columns, later)


@functools.cache
def _read_shipped(file: Path, columns: tuple[str, ...], later: int) -> list[tuple[int, dict[str, str]]]:
    return _read_csv(file, columns, later)


def _read_csv(file: Path, columns: Sequence[str], later: int) -> list[tuple[int, dict[str, str]]]:
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8-sig", newline="")
            if file.suffix == ".gz"
            else open(file, encoding="utf-8-sig", newline="") as stream
        ):
            reader = csv.reader(stream, strict=True)
            head = next(reader, [])
            if head not in (list(columns), list(columns[: len(columns) - later])):
                raise ProfileError(f"bảng phải có đúng các cột: {', '.join(columns)}", file, 1)
            blank = dict.fromkeys(columns, "") if later else {}
            return [(reader.line_num, blank | _named(row, head, file, reader.line_num)) for row in reader if row]
    except UnicodeDecodeError as error:
        raise ProfileError("tệp không phải UTF-8", file) from error
    except (csv.Error, EOFError) as error:
        raise ProfileError("CSV hỏng", file) from error
    except OSError as error:
        raise ProfileError(f"không đọc được tệp: {error.strerror or 'tệp nén hỏng'}", file) from error


def replace_text(file: Path, text: str) -> None:
    """Write a table in one step: whoever reads it, or is killed while writing it, finds the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f"{file.suffix}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _named(row: Sequence[str], columns: Sequence[str], file: Path, line: int) -> dict[str, str]:
    if len(row) != len(columns):
        raise ProfileError("dòng thừa hoặc thiếu ô", file, line)
    return {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
