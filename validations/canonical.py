"""The canonical form of an encoded dossier: flat path → text. Pure.

``TaiLieuNop[<GiayToId>].TenGiayTo`` → text. Elements of a list are named by their own id, so order does not matter.
What two systems may write differently without meaning anything else is made equal: instants in any zone, numbers in
any notation, composed and decomposed letters (in names of fields and elements, too), a default that is left out.
Blanks count.
"""

from __future__ import annotations

import functools
import re
import types
import typing
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from mappings.model import Dossier


def canonical(body: bytes) -> dict[str, str]:
    """Flat path → canonical text of an encoded dossier. Raises msgspec.DecodeError when the body is no JSON.

    Encoding the answer as JSON and asking again gives the same answer: a path at the top level stands for itself.
    """
    return flatten(decode_body(body))


def decode_body(body: bytes) -> Any:
    """Plain data of a body, numbers exact. Raises msgspec.DecodeError or UnicodeDecodeError when it is no JSON."""
    return _DECODER.decode(body)


def flatten(body: Any) -> dict[str, str]:
    """Flat path → canonical text of a decoded body. What says nothing (null, empty, the default) is left out."""
    flat: dict[str, str] = {}
    _walk("", "", body, flat)
    return flat


# ---------------------------------------------------------------- the walk


def _walk(path: str, pattern: str, value: Any, flat: dict[str, str]) -> None:
    """Put everything that is no container into ``flat``. ``pattern`` is the path without its list keys."""
    if isinstance(value, dict):
        for said, inner in value.items():
            name = _composed(said)
            below = f"{path}.{name}" if path else name
            is_plain = "[" not in name and "]" not in name
            _walk(below, (f"{pattern}.{name}" if path else name) if is_plain else field_pattern(below), inner, flat)
    elif isinstance(value, list):
        for name, inner in named_elements(path, value):
            _walk(f"{path}[{name}]", f"{pattern}[]", inner, flat)
    elif value is not None:
        leaf = schema_leaves().get(pattern)
        if value == "" and not _is_emptied(leaf):
            return
        text = _text(leaf, value)
        if leaf is None or text != leaf.default:
            # Only a body that holds both "a.b" and a → b can say a path twice: nothing it says may be lost.
            flat[path] = text if path not in flat else "\n".join(sorted({*flat[path].split("\n"), text}))


def named_elements(path: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """The elements of a list by their own id; by position where they have none. A repeated id is numbered."""
    ids = list_ids(path)
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        parts = [item.get(name) for name in ids] if isinstance(item, dict) else []
        name = ":".join(str(part) for part in parts) if parts and None not in parts else f"#{position}"
        name = _composed(name).replace("[", "(").replace("]", ")")
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), item


def list_ids(path: str) -> tuple[str, ...]:
    """The fields that name an element of this list; none for a list of plain texts."""
    return _LIST_IDS.get(path) or _list_ids().get(path, ())


def field_pattern(path: str) -> str:
    """A path without its list keys: ``TaiLieuNop[].TenGiayTo``."""
    return _LIST_KEY.sub("[]", path) if "[" in path else path


_LIST_KEY: Final = re.compile(r"\[[^\[\]]*\]")
_LIST_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "LienKet": ("LoaiLienKet", "GiaTri"),  # these have no id of their own
    "MaHoSoKhac": ("LoaiMa", "MaHoSo"),
}


# ---------------------------------------------------------------- what the new schema says of a path


@dataclass(frozen=True)
class Leaf:
    """Type and default of a field; the default as canonical text, None when absence itself is the default."""

    type: Any
    default: str | None


@functools.cache
def schema_leaves() -> dict[str, Leaf]:
    return dict(_fields("", Dossier))


def _fields(pattern: str, struct: type[msgspec.Struct]) -> Iterator[tuple[str, Leaf]]:
    hints = typing.get_type_hints(struct)
    for field in msgspec.structs.fields(struct):
        path = f"{pattern}.{field.encode_name}" if pattern else field.encode_name
        hint = _bare(hints[field.name])
        if typing.get_origin(hint) is tuple:
            path, hint = f"{path}[]", typing.get_args(hint)[0]
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _fields(path, hint)
        else:
            says = field.default not in (msgspec.NODEFAULT, None, "", ())
            yield path, Leaf(hint, _text(Leaf(hint, None), field.default) if says else None)


@functools.cache
def _list_ids() -> dict[str, tuple[str, ...]]:
    """List → wire name of its elements' ``key``."""
    hints = typing.get_type_hints(Dossier)
    found: dict[str, tuple[str, ...]] = {}
    for field in msgspec.structs.fields(Dossier):
        if typing.get_origin(hints[field.name]) is tuple:
            inner = {f.name: f.encode_name for f in msgspec.structs.fields(typing.get_args(hints[field.name])[0])}
            if "key" in inner:
                found[field.encode_name] = (inner["key"],)
    return found


def _bare(hint: Any) -> Any:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


# ---------------------------------------------------------------- one value as text


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_emptied(leaf: Leaf | None) -> bool:
    """Whether an empty text says something: where the default is another value, "" is not that value.

    An empty number or flag is 0 or false in every system that has no NULL.
    """
    return leaf is not None and leaf.default is not None and not (leaf.type in (int, bool) and leaf.default in _ZEROS)


def _text(leaf: Leaf | None, value: Any) -> str:
    """The canonical text of a value that says something."""
    if isinstance(value, str):
        text = _composed(value)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = _number(Decimal(value) if isinstance(value, int | Decimal) else Decimal(str(value)))
    return _READ.get(leaf.type, _as_it_is)(text) if leaf else text


def _as_it_is(text: str) -> str:
    return text


def _day(text: str) -> str:
    return text[:10] if _DAY.fullmatch(text) else text


def _whole(text: str) -> str:
    return _number(Decimal(text)) if _NUMBER.fullmatch(text) else text


def _flag(text: str) -> str:
    return _FLAGS.get(text.lower(), text)


def _number(value: Decimal) -> str:
    """Exact, without zeros that say nothing."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    kept = "".join(map(str, digits)).lstrip("0")
    short = kept.rstrip("0")
    exponent += len(kept) - len(short)
    if not short:
        return "0"
    if 0 <= exponent <= 30:
        short, exponent = short + "0" * exponent, 0
    return str(Decimal((sign, tuple(map(int, short)), exponent)))


def _instant(text: str) -> str:
    """UTC, to the second. Without an offset it is wall time of Asia/Ho_Chi_Minh; what is no instant stays as it is."""
    try:
        found = datetime.fromisoformat(text)
        aware = found if found.tzinfo else found.replace(tzinfo=_HANOI)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except (ValueError, OverflowError):
        return text


_HANOI: Final = timezone(timedelta(hours=7))
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(T00:00:00.*)?")
_NUMBER: Final = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
_ZEROS: Final = frozenset({"0", "false"})
_FLAGS: Final[Mapping[str, str]] = {"1": "true", "0": "false", "true": "true", "false": "false"}
_READ: Final[Mapping[Any, Callable[[str], str]]] = {datetime: _instant, date: _day, int: _whole, bool: _flag}
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
