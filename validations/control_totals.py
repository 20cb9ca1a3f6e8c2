"""Control totals: what the dossiers of one side hold in sum, in exact whole numbers. Pure.

They are made from the plain bodies, by no code of the comparer: a comparer that overlooks something does not move them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

Unit = Literal["number", "bytes", "money", "first", "last"]
PARTS_OF_A_DONG: Final = 10_000
"""Money is kept in so many parts of one đồng: whole numbers, exact to the fourth decimal."""


@dataclass(frozen=True)
class Total:
    """One total. ``path``: the field of the new schema that it is made of."""

    code: str
    title: str
    unit: Unit
    path: str


TOTALS: Final[tuple[Total, ...]] = (
    Total("dossiers", "Hồ sơ", "number", "KhoaCu"),
    Total("papers", "Thành phần hồ sơ", "number", "TaiLieuNop"),
    Total("results", "Giấy tờ kết quả", "number", "DanhSachGiayToKetQua"),
    Total("steps", "Bước xử lý", "number", "TienTrinh"),
    Total("supplements", "Lần yêu cầu bổ sung", "number", "DanhSachHoSoBoSung"),
    Total("pauses", "Lần tạm dừng", "number", "DanhSachTamDung"),
    Total("documents", "Phiếu", "number", "DanhSachVanBan"),
    Total("files", "Tệp đính kèm", "number", "TepDinhKem"),
    Total("bytes", "Dung lượng tệp đính kèm", "bytes", "TepDinhKem"),
    Total("fees", "Khoản phí, lệ phí", "number", "DanhSachLePhi"),
    Total("fee", "Tổng phí", "money", "DanhSachLePhi.Phi"),
    Total("advance", "Tổng tạm ứng", "money", "DanhSachLePhi.TamUng"),
    Total("service", "Tổng tiền dịch vụ", "money", "DanhSachLePhi.DichVu"),
    Total("shipping", "Tổng tiền vận chuyển", "money", "DanhSachLePhi.VanChuyen"),
    Total("price", "Tổng phải nộp", "money", "DanhSachLePhi.Gia"),
    Total("first_filed", "Ngày nộp sớm nhất", "first", "NgayNopHoSo"),
    Total("last_filed", "Ngày nộp muộn nhất", "last", "NgayNopHoSo"),
    Total("first_received", "Tiếp nhận sớm nhất", "first", "NgayTiepNhan"),
    Total("last_received", "Tiếp nhận muộn nhất", "last", "NgayTiepNhan"),
    Total("first_due", "Hẹn trả sớm nhất", "first", "NgayHenTra"),
    Total("last_due", "Hẹn trả muộn nhất", "last", "NgayHenTra"),
)
UNITS: Final[Mapping[str, Unit]] = {total.code: total.unit for total in TOTALS}


def totals_of(body: Any, file_sizes: Iterable[int]) -> dict[str, int]:
    """The totals of one dossier: its decoded body, and the sizes of its files as they were read."""
    sizes = list(file_sizes)
    found = {"dossiers": 1, "files": len(sizes), "bytes": sum(sizes)}
    if not isinstance(body, dict):
        return found
    for total in TOTALS:
        if total.code not in found and (value := _of(total, body)) is not None:
            found[total.code] = value
    return found


def _of(total: Total, body: Mapping[str, Any]) -> int | None:
    name, _, field = total.path.partition(".")
    value = body.get(name)
    if total.unit in ("first", "last"):
        return _second(value)
    items = value if isinstance(value, list) else []
    if total.unit == "money":
        return sum(_amount(item.get(field)) for item in items if isinstance(item, dict))
    return len(items)


def _amount(value: Any) -> int:
    """Parts of a đồng; 0 for what is no number."""
    if value is None or value == "" or isinstance(value, bool):
        return 0
    try:
        return int(Decimal(str(value)) * PARTS_OF_A_DONG)
    except (InvalidOperation, OverflowError, ValueError):
        return 0


def _second(value: Any) -> int | None:
    """The second of an instant since 1970, in UTC; without an offset it is wall time of Asia/Ho_Chi_Minh."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=_HANOI)
    return (aware - _EPOCH) // timedelta(seconds=1)


def add_totals(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Totals of both together."""
    found = dict(one)
    for code, value in other.items():
        if code not in found:
            found[code] = value
        elif UNITS[code] in ("first", "last"):
            found[code] = min(found[code], value) if UNITS[code] == "first" else max(found[code], value)
        else:
            found[code] += value
    return found


# ---------------------------------------------------------------- old beside new


@dataclass(frozen=True)
class TotalFigure:
    """One total on both sides, in the unit's own whole numbers; None: no dossier has one.

    ``is_lost``: the target's profile declares that it cannot hold this.
    """

    code: str
    title: str
    unit: Unit
    old: int | None
    new: int | None
    is_lost: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether both sides hold the same, to the last digit."""
        return self.old == self.new

    @property
    def old_text(self) -> str:
        return total_text(self.unit, self.old)

    @property
    def new_text(self) -> str:
        return total_text(self.unit, self.new)


def total_figures(old: Mapping[str, int], new: Mapping[str, int], lost: Iterable[str] = ()) -> tuple[TotalFigure, ...]:
    """Both sides line by line; what neither side has is left out."""
    gone = set(lost)
    return tuple(
        TotalFigure(total.code, total.title, total.unit, old.get(total.code), new.get(total.code), total.code in gone)
        for total in TOTALS
        if old.get(total.code) or new.get(total.code)
    )


def total_text(unit: Unit, value: int | None) -> str:
    """A total as Vietnamese write it."""
    if value is None:
        return "không có"
    if unit in ("first", "last"):
        at = (_EPOCH + timedelta(seconds=value)).astimezone(_HANOI)
        return f"{at:%H:%M:%S} ngày {at.day:02d}/{at.month}/{at.year}"
    if unit == "money":
        whole, part = divmod(value, PARTS_OF_A_DONG)
        rest = f",{part:04d}".rstrip("0") if part else ""
        return f"{_number(whole)}{rest} đồng"
    return f"{_number(value)} byte" if unit == "bytes" else _number(value)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


_HANOI: Final = timezone(timedelta(hours=7))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
