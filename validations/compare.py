"""Field-by-field comparison of a dossier as expected with the dossier as the new system holds it. Pure.

Both bodies become flat texts: ``TaiLieuNop[<GiayToId>].TenGiayTo`` → text. Elements of a list are named by their own
id, so order does not matter. What two systems may write differently without meaning anything else is made equal:
instants in any zone, numbers in any notation, composed and decomposed letters, a default that is left out.
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

WORKED_ON: Final = "worked_on_in_new_system"
"""Kind of difference when the target's version is not the one the ledger wrote: somebody worked there."""

Files = Mapping[str, tuple[str, int]]
"""Locator → (sha256, size in bytes)."""


@dataclass(frozen=True, order=True)
class Difference:
    """One difference. ``field`` is a path in the portal's words, "" for the whole dossier.

    ``kind``: missing | extra | value | time | code_list | truncation | encoding | attachment | WORKED_ON.
    ``old`` and ``new`` are values of the dossier (personal!): they stay in the ledger and in unmasked exports.
    """

    field: str
    kind: str
    old: str
    new: str


def compare(
    expected: bytes, stored: bytes, expected_files: Files | None = None, stored_files: Files | None = None
) -> tuple[Difference, ...]:
    """Every difference between two encoded dossiers and their files, in order of field; empty when they are equal."""
    files = _compare_files(expected_files or {}, stored_files or {})
    if expected == stored:
        return tuple(sorted(files))
    try:
        held = _DECODER.decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return (Difference("", "encoding", "", ""), *sorted(files))
    wanted = _DECODER.decode(expected)
    if wanted == held:
        return tuple(sorted(files))
    return tuple(sorted([*_compare_fields(*_flat_parts(wanted, held)), *files]))


def _flat_parts(wanted: Any, held: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Both bodies flat, without the top-level parts that are equal as they stand."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        same = {name for name, value in wanted.items() if name in held and held[name] == value}
        wanted = {name: value for name, value in wanted.items() if name not in same}
        held = {name: value for name, value in held.items() if name not in same}
    return flatten(wanted), flatten(held)


def canonical(body: bytes) -> dict[str, str]:
    """Flat path → canonical text of an encoded dossier. Raises msgspec.DecodeError when the body is no JSON.

    Encoding the answer as JSON and asking again gives the same answer: a path at the top level stands for itself.
    """
    return flatten(_DECODER.decode(body))


def flatten(body: Any) -> dict[str, str]:
    """Flat path → canonical text of a decoded body. What says nothing (null, empty, the default) is left out."""
    flat: dict[str, str] = {}
    _walk("", "", body, flat)
    return flat


# ---------------------------------------------------------------- the walk


def _walk(path: str, pattern: str, value: Any, flat: dict[str, str]) -> None:
    """Put everything that is no container into ``flat``. ``pattern`` is the path without its list keys."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            is_plain = "[" not in name and "]" not in name
            _walk(below, (f"{pattern}.{name}" if path else name) if is_plain else field_pattern(below), inner, flat)
    elif isinstance(value, list):
        for name, inner in _named(path, value):
            _walk(f"{path}[{name}]", f"{pattern}[]", inner, flat)
    elif value is not None and value != "":
        leaf = _schema().get(pattern)
        text = _text(leaf, value)
        if leaf is None or text != leaf.default:
            # Only a body that holds both "a.b" and a → b can say a path twice: nothing it says may be lost.
            flat[path] = text if path not in flat else "\n".join(sorted({*flat[path].split("\n"), text}))


def _named(path: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """The elements of a list by their own id; by position where they have none. A repeated id is numbered."""
    ids = _LIST_IDS.get(path) or _list_ids().get(path, ())
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        parts = [item.get(name) for name in ids] if isinstance(item, dict) else []
        name = ":".join(str(part) for part in parts) if parts and None not in parts else f"#{position}"
        name = name.replace("[", "(").replace("]", ")")
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), item


def field_pattern(path: str) -> str:
    """A path without its list keys: ``TaiLieuNop[].TenGiayTo``."""
    return _LIST_KEY.sub("[]", path) if "[" in path else path


_LIST_KEY: Final = re.compile(r"\[[^\[\]]*\]")
_LIST_IDS: Final[Mapping[str, tuple[str, ...]]] = {"LienKet": ("LoaiLienKet", "GiaTri")}  # a link has no id of its own


# ---------------------------------------------------------------- what the new schema says of a path


@dataclass(frozen=True)
class _Leaf:
    """Type and default of a field; the default as canonical text, None when absence itself is the default."""

    type: Any
    default: str | None


@functools.cache
def _schema() -> dict[str, _Leaf]:
    return dict(_fields("", Dossier))


def _fields(pattern: str, struct: type[msgspec.Struct]) -> Iterator[tuple[str, _Leaf]]:
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
            yield path, _Leaf(hint, _text(_Leaf(hint, None), field.default) if says else None)


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


def _text(leaf: _Leaf | None, value: Any) -> str:
    """The canonical text of a value that says something."""
    if isinstance(value, str):
        text = value if value.isascii() else unicodedata.normalize("NFC", value)
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
_FLAGS: Final[Mapping[str, str]] = {"1": "true", "0": "false", "true": "true", "false": "false"}
_READ: Final[Mapping[Any, Callable[[str], str]]] = {datetime: _instant, date: _day, int: _whole, bool: _flag}
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


# ---------------------------------------------------------------- differences and their kinds


def _compare_fields(wanted: Mapping[str, str], held: Mapping[str, str]) -> Iterator[Difference]:
    if wanted == held:
        return
    lost = _whole_elements(wanted, held)
    added = _whole_elements(held, wanted)
    for element in sorted(lost):
        yield Difference(element, "missing", _elements_text(wanted, element), "")
    for element in sorted(added):
        yield Difference(element, "extra", "", _elements_text(held, element))
    for path in wanted.keys() | held.keys():
        if _element(path) in lost or _element(path) in added:
            continue
        leaf = _schema().get(field_pattern(path))
        default = (leaf.default if leaf else None) or ""
        old, new = wanted.get(path, default), held.get(path, default)
        if old != new:
            yield Difference(path, kind_of(path, old, new), old, new)


def _element(path: str) -> str:
    """``TaiLieuNop[12]`` of ``TaiLieuNop[12].TenGiayTo``; "" for a path outside of lists."""
    return path[: path.find("]") + 1]


def _whole_elements(here: Mapping[str, str], there: Mapping[str, str]) -> set[str]:
    return {_element(path) for path in here} - {_element(path) for path in there} - {""}


def _elements_text(flat: Mapping[str, str], element: str) -> str:
    return "; ".join(
        f"{path[len(element) :].lstrip('.')}={flat[path]}" for path in sorted(flat) if _element(path) == element
    )


def kind_of(path: str, old: str, new: str) -> str:
    """The class of a difference between two texts at a path ("" = nothing there)."""
    pattern = field_pattern(path)
    leaf = _schema().get(pattern)
    if not new:
        return "missing"
    if not old:
        return "extra"
    if leaf and leaf.type in (datetime, date):
        return "time"
    if pattern.rpartition(".")[2] in CODE_FIELDS:
        return "code_list"
    if _is_garbled(old, new):
        return "encoding"
    if len(new) < len(old) and old.startswith(new.removesuffix("...").removesuffix("…").rstrip()):
        return "truncation"
    return "value"


def _is_garbled(old: str, new: str) -> bool:
    """Whether ``new`` is ``old`` after a wrong character set: letters replaced, read as Latin, or stripped of marks."""
    if old.isascii():
        return False
    if len(old) == len(new) and all(a == b or b in "?\ufffd" for a, b in zip(old, new, strict=True)):
        return True
    if new.isascii() and new == _without_marks(old):
        return True
    for charset in ("cp1252", "latin-1"):
        try:
            if new.encode(charset).decode("utf-8") == old:
                return True
        except UnicodeError:
            continue
    return False


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


CODE_FIELDS: Final = frozenset(
    {
        "TrangThaiHoSo", "LoaiDoiTuong", "KenhThucHien", "HinhThuc", "LoaiDinhDanh", "LoaiThanhPhan", "NguonKetQua",
        "DonViThoiHan", "LoaiLienKet", "DanhMuc", "Ma", "MaDonVi", "CapDonVi", "TrangThaiThanhToan",
    }
)  # fmt: skip


def _compare_files(expected: Files, stored: Files) -> Iterator[Difference]:
    for locator in expected.keys() | stored.keys():
        old, new = expected.get(locator), stored.get(locator)
        if old != new:
            yield Difference(f"TepDinhKem[{locator}]", "attachment", _file_text(old), _file_text(new))


def _file_text(file: tuple[str, int] | None) -> str:
    return f"sha256 {file[0]}, {file[1]} byte" if file else ""
