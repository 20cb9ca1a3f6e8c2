"""The dirt and the traps of an FSS, one kind a function: what is wrong, who must find it, what follows.

Each function spoils one ordinary dossier in one way. ``number`` counts the dossiers of its kind from 0, so that
variants of a kind take turns.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from connectors.rehearsal import wrong_numbers as wrong
from connectors.rehearsal.fss_case import FILES, MOVES, UNRESOLVED, Case
from connectors.rehearsal.fss_catalogue import LOST_UNITS
from connectors.rehearsal.fss_life import Life, Spoil
from connectors.rehearsal.fss_words import ETH, NEVER, UNKNOWN_STATUSES
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import SEX_WORDS, cccd, old_mobile
from connectors.rehearsal.usual_dirt import due_far, due_on_sunday, moment_in, nothing, put

_CAME, _DUE = "NgayNhan", "NgayHenTra"
_TEXT_DATES = ("sqlite",)  # elsewhere the column is a date
_NO_DAY = ("31/02/2025", "00/00/0000")
_TYPED = ("HS {}/2025", "BN {}-MC", "{}/TNHS-UBND")
_CONTACTS = ("gọi cho con trai", "không có điện thoại", "hỏi ông tổ trưởng", "ở cạnh nhà văn hóa")
_COUNTER: dict[str, object] = {"channel": "counter"}
_OPEN: dict[str, object] = {"status": "processing", "may_be_overdue": True}
_CLOSED: dict[str, object] = {"status": "done"}
_CITIZEN: dict[str, object] = {"is_citizen": True}
_DISTRICT: dict[str, object] = {"level": "district"}


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind of dirt."""
    return (*_dates(), *_state(), *_codes(), *_persons(), *_places(), *_files())


def _dates() -> tuple[Kind[Life, Case], ...]:
    straight: dict[str, object] = _OPEN | {"has_duration": True, "is_straight": True}
    timed: dict[str, object] = _OPEN | {"has_duration": True}
    return (
        Kind("filed_never", "filed_missing", "quarantined", 0.005, put(NgayNhan=NEVER), _CLOSED),
        Kind("filed_implausible", "filed_implausible", "quarantined", 0.005, _implausible, _CLOSED, size=2),
        Kind("date_unreadable", "date_unreadable", "quarantined", 0.005, _no_day, _OPEN, dialects=_TEXT_DATES),
        Kind("due_in_words", "", "untouched", 0.01, _due_in_words, _CLOSED | {"has_duration": True},
             dialects=_TEXT_DATES),
        Kind("due_1900", "due_missing", "quarantined", 0.005, put(NgayHenTra=NEVER), timed),
        Kind("dates_order", "dates_order", "warned", 0.005, _due_before, _CLOSED | {"has_duration": True}),
        Kind("due_on_day_off", "due_on_day_off", "warned", 0.005, due_on_sunday(_DUE), timed),
        Kind("due_far_off", "due_far_from_duration", "warned", 0.005, due_far(_DUE), straight),
    )  # fmt: skip


def _state() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("status_of_field", "status_undecided", "quarantined", 0.01, _unknown_status, _OPEN),
        Kind("unresolved_returned", "", "untouched", 0.01, nothing, {"status": "unresolved"}),
        Kind("unresolved_open", "", "untouched", 0.005, _unresolved, _OPEN),
        Kind("cancelled_open", "case_state_parked", "quarantined", 0.005, _cancelled, _OPEN),
        Kind("link_flag_zero", "code_undecided", "warned", 0.005, put(LienThong="0")),
        Kind("procedure_of_field", "procedure_unmapped", "warned", 0.01, put(MaLoaiHoSo="01")),
        Kind("procedure_of_field_district", "handling_procedure_undecided", "quarantined", 0.005,
             put(MaLoaiHoSo="01"), _DISTRICT),
        Kind("procedure_succeeded", "procedure_succeeded", "normalised", 0.005, _service("succeeded_services")),
        Kind("procedure_gone", "handling_procedure_gone", "quarantined", 0.005, _service("gone_services"), _OPEN),
        Kind("procedure_gone_closed", "procedure_gone_closed", "normalised", 0.005, _service("gone_services"), _CLOSED),
    )  # fmt: skip


def _codes() -> tuple[Kind[Life, Case], ...]:
    twice: dict[str, Any] = {"size": 2, "shares_code": True}
    return (
        Kind("duplicate_number", "duplicate_code", "quarantined", 0.006, nothing, _COUNTER, **twice),
        Kind("double_entry", "duplicate_code", "quarantined", 0.004, nothing, _COUNTER, **twice),
        Kind("code_missing", "code_missing", "quarantined", 0.005, _no_code),
        Kind("code_typed", "code_form_unknown", "warned", 0.01, _typed),
        Kind("refiled", "", "untouched", 0.01, _refiled),
    )


def _persons() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("eth_name", "text_lookalike", "normalised", 0.02, _eth, _CITIZEN),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps, _CITIZEN),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed, _CITIZEN),
        Kind("html_move", "html_stripped", "normalised", 0.01, _html),
        Kind("id_form_unknown", "id_form_unknown", "warned", 0.01, _odd_id, _CITIZEN),
        Kind("id_dummy", "id_dummy", "warned", 0.005, _typed_id, _CITIZEN),
        Kind("id_zero_lost", "id_zero_lost", "warned", 0.01, _lost_zero_id, _CITIZEN),
        Kind("id_province_unknown", "id_province_unknown", "warned", 0.005, _no_province, _CITIZEN),
        Kind("id_sex_differs", "id_sex_differs", "warned", 0.005, _other_sex, _CITIZEN),
        Kind("sex_as_number", "code_undecided", "warned", 0.005, put(GioiTinh="1"), _CITIZEN),
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("contact_anything", "", "untouched", 0.02, _contact),
    )


def _places() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("abolished_unit", "unit_succeeded", "normalised", 0.02, _abolished),
        Kind("address_unit_unknown", "address_unit_unknown", "warned", 0.005, _lost_unit),
        Kind("split_commune_address", "address_unit_split", "warned", 0.005, _split_address),
        Kind("user_unplaced", "handling_agency_unknown", "quarantined", 0.005, _user("ban.cd")),
        Kind("user_gone", "handling_agency_unknown", "quarantined", 0.005, _user("nghi.viec")),
        Kind("place_outside", "handling_place_outside", "quarantined", 0.005, _outside, _DISTRICT),
        Kind("place_missing", "handling_place_unknown", "quarantined", 0.01, _nowhere, _DISTRICT),
    )


def _files() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("file_gone", "attachment_missing", "warned", 0.005, _gone_file, needs_files=True),
        Kind("file_by_temporary_id", "", "untouched", 0.01, _early_file),
    )


# ---------------------------------------------------------------- dates


def _implausible(life: Life, case: Case, number: int) -> None:
    """Received in 1925, or at the end of the century."""
    received = moment_in(case, _CAME)
    if number % 2 == 0:
        case.row["NgayNhan"] = received.replace(year=1925, month=1, day=min(received.day, 28))
        return
    far = received.replace(year=2099, day=min(received.day, 28))
    case.row.update(NgayNhan=far, NgayHenTra=far + timedelta(days=14), NgayThucTra=far + timedelta(days=7))


def _no_day(life: Life, case: Case, number: int) -> None:
    case.row.update(NgayHenTra=_NO_DAY[number % len(_NO_DAY)], SoNgayGiaiQuyet=0)


def _due_in_words(life: Life, case: Case, number: int) -> None:
    """As the screens send it: nvarchar(10), style 103."""
    case.row["NgayHenTra"] = f"{_due(case):%d/%m/%Y}"


def _due_before(life: Life, case: Case, number: int) -> None:
    case.row["NgayHenTra"] = moment_in(case, _CAME) - timedelta(days=2)


# ---------------------------------------------------------------- status, procedure, codes


def _unknown_status(life: Life, case: Case, number: int) -> None:
    """A status that one field made up for itself."""
    case.row["MaTinhTrang"] = UNKNOWN_STATUSES[number % len(UNKNOWN_STATUSES)]


def _unresolved(life: Life, case: Case, number: int) -> None:
    """Marked as not to be resolved, and not yet handed back: it goes on."""
    case.add(UNRESOLVED, life.rows.row(UNRESOLVED, HoSoTiepNhanID=case.key))


def _cancelled(life: Life, case: Case, number: int) -> None:
    """Cancelled, and its status says that it is handled."""
    life.cancel(case)


def _service(name: str) -> Spoil:
    def spoil(life: Life, case: Case, number: int) -> None:
        case.row.update(MaLinhVuc="HSVP", MaLoaiHoSo=getattr(life.world, name)[0][0])

    return spoil


def _no_code(life: Life, case: Case, number: int) -> None:
    case.row["SoBienNhan"] = ("", None)[number % 2]


def _typed(life: Life, case: Case, number: int) -> None:
    case.row["SoBienNhan"] = _TYPED[number % len(_TYPED)].format(case.key)


def _refiled(life: Life, case: Case, number: int) -> None:
    case.row["SoBienNhanCu"] = life.receipt(str(case.row["MaLinhVuc"]), moment_in(case, _CAME).year - 1)


# ---------------------------------------------------------------- persons


def _eth(life: Life, case: Case, number: int) -> None:
    case.row["HoTenNguoiNop"] = f"Đặng Đình {str(case.row['HoTenNguoiNop']).split()[-1]}".translate(ETH)


def _all_caps(life: Life, case: Case, number: int) -> None:
    case.row["HoTenNguoiNop"] = str(case.row["HoTenNguoiNop"]).upper()


def _decomposed(life: Life, case: Case, number: int) -> None:
    """Letters and marks apart. "Số nhà" in the address always has some."""
    case.row["DiaChiThuongTru"] = unicodedata.normalize("NFD", str(case.row["DiaChiThuongTru"]))


def _html(life: Life, case: Case, number: int) -> None:
    case.rows(MOVES)[0]["NoiDungThuLy"] = "<p>Thiếu <b>bản sao</b></p>"


def _odd_id(life: Life, case: Case, number: int) -> None:
    """Too short or too long, or the twenty characters that the later column takes."""
    odd = wrong.odd_form(life.random, number)
    case.row["SoCMND"] = f"{odd} cap tai {odd}"[:20] if number % 2 else odd


def _typed_id(life: Life, case: Case, number: int) -> None:
    case.row["SoCMND"] = wrong.TYPED_IDS[number % len(wrong.TYPED_IDS)]


def _lost_zero_id(life: Life, case: Case, number: int) -> None:
    case.row["SoCMND"] = wrong.lost_zero_id(life.random, case.setting.agency.province_code, number)


def _no_province(life: Life, case: Case, number: int) -> None:
    case.row.update(SoCMND=wrong.unknown_province(life.random, number), GioiTinh=None)


def _other_sex(life: Life, case: Case, number: int) -> None:
    person = case.setting.person
    assert person.born is not None
    case.row["GioiTinh"] = SEX_WORDS[person.is_male]
    province = case.setting.agency.province_code
    case.row["SoCMND"] = cccd(life.random, province, person.born.year, is_male=not person.is_male)


def _old_phone(life: Life, case: Case, number: int) -> None:
    case.row["ThongTinLienLac"] = f"{('', 'ĐT: ')[number % 2]}{old_mobile(life.random)}"


def _contact(life: Life, case: Case, number: int) -> None:
    case.row["ThongTinLienLac"] = _CONTACTS[number % len(_CONTACTS)]


# ---------------------------------------------------------------- places, files


def _abolished(life: Life, case: Case, number: int) -> None:
    life.move_to(case, life.random.choice(life.world.gone_communes))


def _lost_unit(life: Life, case: Case, number: int) -> None:
    case.row["MaPhuong"] = LOST_UNITS[number % len(LOST_UNITS)]
    case.shown.pop("MaPhuong")


def _split_address(life: Life, case: Case, number: int) -> None:
    units = life.world.split_communes
    life.move_to(case, units[number % len(units)])


def _user(name: str) -> Spoil:
    """Received by a user of no known office, or by one whom the portal's database no longer has."""

    def spoil(life: Life, case: Case, number: int) -> None:
        case.row["MaNguoiNhan"] = name
        case.shown.pop("MaNguoiNhan")

    return spoil


def _outside(life: Life, case: Case, number: int) -> None:
    """The owner lives in another district of the province than the one that the matter is filed with."""
    agency = case.setting.agency
    others = [u for u in life.world.communes if u.province_code == agency.province_code]
    life.move_to(case, life.random.choice([unit for unit in others if unit.district_code != agency.unit_code]))


def _nowhere(life: Life, case: Case, number: int) -> None:
    case.row["MaPhuong"] = None
    case.shown.pop("MaPhuong")


def _gone_file(life: Life, case: Case, number: int) -> None:
    life.file(case)
    case.gone_files.add(next(iter(case.files)))


def _early_file(life: Life, case: Case, number: int) -> None:
    """Uploaded before the dossier was saved, and never given its id."""
    row = life.file(case)
    row.update(HoSoTiepNhanID=None, HoSoTiepNhanID_Temp=case.key)
    assert row in case.rows(FILES)


def _due(case: Case) -> datetime:
    due = case.row["NgayHenTra"]
    assert isinstance(due, datetime)
    return due
