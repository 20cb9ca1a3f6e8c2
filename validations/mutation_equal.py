"""Changes that the canonical form declares equal: a difference reported after one of them is a false alarm. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any, Final

from validations.compare import NAME_FIELDS
from validations.mutation_places import STEPS, Pair, Place, Shadow, days, elements, instants, moment, places, steps
from validations.mutation_values import Change, Damage

_HANOI: Final = timezone(timedelta(hours=7))
_EMPTY: Final = ("GhiChu", "TrichYeuHoSo", "QuyTrinh", "NgayGiaHan", "NgayTuChoi", "DanhSachTamDung")
_DEFAULTS: Final[dict[str, object]] = {"HinhThuc": "0", "LaHoSoChuyenDoi": True}


def equal(*rewrites: Callable[[dict[str, Any]], None]) -> Change:
    """Write one side otherwise without saying anything else."""

    def change(side: Shadow, _: Shadow, __: Pair, ___: Random) -> Damage:
        for rewrite in rewrites:
            rewrite(side.body)
        return Damage("")

    return change


def each(find: Callable[[dict[str, Any]], list[Place]], say: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Say every value that ``find`` finds in another way."""

    def rewrite(body: dict[str, Any]) -> None:
        for place in find(body):
            place.put(say(place.value))

    return rewrite


def _strings(body: dict[str, Any]) -> list[Place]:
    return [place for place in places(body) if isinstance(place.value, str) and not place.value.isascii()]


def _ints(body: dict[str, Any]) -> list[Place]:
    return [place for place in places(body) if place.type is int and type(place.value) is int]


def _flags(body: dict[str, Any]) -> list[Place]:
    return [place for place in places(body) if place.type is bool and isinstance(place.value, bool)]


def _in_utc(value: str) -> str:
    found = moment(value)
    assert found is not None, "places of instants hold instants"
    aware = found if found.tzinfo else found.replace(tzinfo=_HANOI)
    return aware.astimezone(UTC).replace(microsecond=250_000, tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _local(value: str) -> str:
    found = moment(value)
    assert found is not None, "places of instants hold instants"
    aware = found if found.tzinfo else found.replace(tzinfo=_HANOI)
    return aware.astimezone(_HANOI).replace(tzinfo=None).isoformat(" ")


def _day_with_time(value: str) -> str:
    return f"{date.fromisoformat(value[:10])}T00:00:00"


def _decompose_names(body: dict[str, Any]) -> None:
    """Names of free pairs and ids of ties are text as any other."""
    free = body.get("ThongTinKhac")
    if isinstance(free, dict):
        body["ThongTinKhac"] = {unicodedata.normalize("NFD", name): value for name, value in free.items()}
    for tie in body.get("LienKet") or ():
        if isinstance(tie.get("GiaTri"), str):
            tie["GiaTri"] = unicodedata.normalize("NFD", tie["GiaTri"])


def _reverse_keys(body: dict[str, Any]) -> None:
    for name in reversed(list(body)):
        body[name] = body.pop(name)


def _reverse_lists(body: dict[str, Any]) -> None:
    """Lists whose elements have ids, each once; steps only when their times tell the order."""
    moments = [moment(step["ThoiDiemXuLy"]) for step in steps(body)]
    is_told = len(set(moments)) == len(moments) == len(body.get(STEPS) or ())
    found: dict[str, list[str]] = {}
    for path, _, _ in elements(body):
        found.setdefault(path.partition("[")[0], []).append(path)
    for name, paths in found.items():
        is_named = len(paths) == len(body[name]) and not any("#" in path for path in paths)
        if is_named and (name != STEPS or is_told):
            body[name].reverse()


def _say_nothing(say: object) -> Callable[[dict[str, Any]], None]:
    """An empty text, or null, for what is not there."""

    def rewrite(body: dict[str, Any]) -> None:
        for name in _EMPTY:
            if body.get(name) in (None, "", []):
                body[name] = say

    return rewrite


def _write_defaults(body: dict[str, Any]) -> None:
    for name, default in _DEFAULTS.items():
        body.setdefault(name, default)


def _capitals(body: dict[str, Any]) -> None:
    for place in places(body):
        if place.path in NAME_FIELDS and isinstance(place.value, str):
            new = place.value.upper()
            if new.casefold() == place.value.casefold():
                place.put(new)


def nfd(text: str) -> str:
    """Decomposed letters, as macOS and some exports write them."""
    return unicodedata.normalize("NFD", text)


REWRITES: Final[dict[str, tuple[str, Callable[[dict[str, Any]], None]]]] = {
    "equal_nfd": ("Chữ tách dấu (NFD)", each(_strings, nfd)),
    "equal_nfd_names": ("Tên trường tự do, mã liên kết tách dấu", _decompose_names),
    "equal_utc": ("Cùng lúc, viết theo UTC, có phần nghìn giây", each(instants, _in_utc)),
    "equal_local": ("Cùng lúc, giờ Việt Nam không ghi múi giờ", each(instants, _local)),
    "equal_day": ("Ngày kèm 00:00:00", each(days, _day_with_time)),
    "equal_empty": ("Chữ rỗng thay cho không có", _say_nothing("")),
    "equal_null": ("null thay cho không có", _say_nothing(None)),
    "equal_default": ("Giá trị ngầm định được viết ra", _write_defaults),
    "equal_number_text": ("Số viết thành chữ", each(_ints, str)),
    "equal_decimal": ("Số có phần lẻ bằng không", each(_ints, lambda n: Decimal(f"{n}.00"))),
    "equal_flag": ("Đúng/sai viết thành 1/0", each(_flags, lambda flag: "1" if flag else "0")),
    "equal_keys": ("Trường theo thứ tự khác", _reverse_keys),
    "equal_lists": ("Danh sách theo thứ tự khác, các bước vẫn có giờ riêng", _reverse_lists),
    "equal_capitals": ("Tên người viết hoa toàn bộ", _capitals),
}
"""Code → title and rewriting."""
