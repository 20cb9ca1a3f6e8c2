"""What goes wrong in a register kept by hand in a spreadsheet, each with the finding that must tell of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import cccd, old_mobile
from connectors.rehearsal.register_life import WITH_STATE, Entry, RegisterLife

_IMPOSSIBLE: Final = ("31/02/{0}", "00/5/{0}", "2/6 và 3/6/{0}", "30.2.{0}", "tháng 5/{0}")
_IN_WORDS: Final = ("Hẹn sau", "Theo giấy hẹn", "Chờ ý kiến cấp trên")
_ODD_WAYS: Final = ("Nhờ người nhà", "Cán bộ thôn mang về")

SMALL_LETTERS: Final = "code_in_small_letters"
"""Found on the second row of each pair only: the first is the dossier."""
MARKS_APART: Final = "code_marks_apart"

AKind = Kind[RegisterLife, Entry]


def kinds() -> tuple[AKind, ...]:
    """Every kind of dirt."""
    ended: dict[str, object] = {"status": "done"}
    promised: dict[str, object] = {"has_duration": True, "status": "done"}
    twice: dict[str, Any] = {"size": 2, "shares_code": True}
    return (
        Kind("row_without_code", "code_missing", "quarantined", 0.006, _no_code),
        Kind("row_without_key", "register_key_missing", "quarantined", 0.006, _no_key),
        Kind("code_twice", "duplicate_code", "quarantined", 0.006, _nothing, **twice),
        Kind("double_entry", "duplicate_code", "quarantined", 0.006, _carried_over, **twice),
        Kind(SMALL_LETTERS, "register_key_twice", "quarantined", 0.006, _small_letters, **twice),
        Kind(MARKS_APART, "duplicate_code", "quarantined", 0.006, _marks_apart, **twice),
        Kind("heading_with_code", "register_heading_row", "excluded", 0.006, _heading, is_rule=True),
        Kind("received_impossible", "filed_unreadable", "quarantined", 0.006, _impossible, ended),
        Kind("due_in_words", "date_unreadable", "quarantined", 0.005, _due_in_words, promised),
        Kind("cell_error", "register_cell_error", "quarantined", 0.006, _error),
        Kind("agency_odd", "handling_agency_unknown", "quarantined", 0.005, _odd_agency),
        Kind("state_undecided", "status_undecided", "quarantined", 0.005, _undecided, wish_by=_with_state),
        Kind("due_before_receipt", "dates_order", "warned", 0.005, _due_before, promised),
        Kind("day_month_swapped", "code_date_differs", "warned", 0.01, _swapped, ended, _swappable),
        Kind("id_as_number", "id_zero_lost", "warned", 0.02, _as_number, {"is_citizen": True}),
        Kind("procedure_local", "procedure_unmapped", "warned", 0.01, _local),
        Kind("way_odd", "code_undecided", "quarantined", 0.005, _odd_way, ended),
        Kind("old_phone", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed),
    )


def share_code(first: Entry, other: Entry) -> None:
    """Give a row the code of another."""
    other.code = first.code
    spelled = {"small": first.code.lower(), "apart": unicodedata.normalize("NFD", first.code)}
    other.cells["code"] = spelled.get(first.spelling, first.code)


def _small_letters(life: RegisterLife, entry: Entry, number: int) -> None:
    """The second row writes the code in small letters."""
    entry.spelling = "small"


def _marks_apart(life: RegisterLife, entry: Entry, number: int) -> None:
    """The code bears Vietnamese letters; the second row writes their marks apart."""
    entry.spelling = "apart"
    entry.code += "-BỔ"
    entry.cells["code"] = entry.code


def _heading(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.heading = ("Mang sang trang sau", "Cộng")[number % 2]
    entry.cells["state"] = None


def _nothing(life: RegisterLife, entry: Entry, number: int) -> None:
    """What is wrong needs two rows."""


def _no_code(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["code"] = (None, "  ")[number % 2]


def _no_key(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["code"] = None
    entry.has_number = False


def _carried_over(life: RegisterLife, entry: Entry, number: int) -> None:
    """The second row stands in next year's book."""
    entry.year += number % 2


def _impossible(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["received"] = _IMPOSSIBLE[number % len(_IMPOSSIBLE)].format(entry.year)


def _due_in_words(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["due"] = _IN_WORDS[number % len(_IN_WORDS)]


def _error(life: RegisterLife, entry: Entry, number: int) -> None:
    """A look-up into a book that is gone."""
    entry.cells["note"] = ("#REF!", "#N/A")[number % 2]


def _odd_agency(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["agency"] = "Ban chỉ đạo dồn điền đổi thửa"


def _with_state(life: RegisterLife, number: int) -> Mapping[str, object]:
    return {"agency": life.communes[WITH_STATE], "status": "denied"}


def _undecided(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["state"] = "Trả lại"


def _due_before(life: RegisterLife, entry: Entry, number: int) -> None:
    received = entry.cells["received"]
    assert isinstance(received, datetime)
    entry.cells["due"] = received - timedelta(days=2)


def _swappable(life: RegisterLife, number: int) -> Mapping[str, object]:
    """A day that reads as an earlier one of the same year when day and month change places."""
    before = [day for day in life.office.days if day < life.cutoff.date() and day.day < day.month]
    return {"day": life.random.choice(before[-200:])}


def _swapped(life: RegisterLife, entry: Entry, number: int) -> None:
    """Typed as 03/05 on a machine of American ways: the cell became the fifth of March."""
    received = entry.cells["received"]
    assert isinstance(received, datetime)
    entry.cells["received"] = date(received.year, received.day, received.month)
    entry.style = "text"


def _as_number(life: RegisterLife, entry: Entry, number: int) -> None:
    """A column of numbers drops the zero in front."""
    province = entry.setting.agency.province_code
    year = life.random.randrange(1950, 2000)
    entry.cells["id"] = int(cccd(life.random, province, year, is_male=number % 2 == 0))


def _local(life: RegisterLife, entry: Entry, number: int) -> None:
    services = life.world.local_services
    entry.cells["procedure"] = services[number % len(services)][1]


def _odd_way(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["way"] = _ODD_WAYS[number % len(_ODD_WAYS)]


def _old_phone(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.phone = old_mobile(life.random)


def _all_caps(life: RegisterLife, entry: Entry, number: int) -> None:
    entry.cells["name"] = str(entry.cells["name"]).upper()


def _decomposed(life: RegisterLife, entry: Entry, number: int) -> None:
    """Letters and marks apart; "Khu … xã" in the address always has some."""
    for name in ("name", "address"):
        entry.cells[name] = unicodedata.normalize("NFD", str(entry.cells[name]))
