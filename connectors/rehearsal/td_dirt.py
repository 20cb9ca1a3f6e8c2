"""The dirt and the traps of a TD.DichVuCong, one kind a function: what is wrong, who must find it, what follows.

Each function spoils one ordinary dossier in one way. ``number`` counts the dossiers of its kind from 0, so that
variants of a kind take turns.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from connectors.rehearsal import wrong_numbers as wrong
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import cccd, old_mobile
from connectors.rehearsal.td_case import Case
from connectors.rehearsal.td_catalogue import GONE_GROUP, UNPLACED, group_code
from connectors.rehearsal.td_life import Life, Spoil
from connectors.rehearsal.td_schema import HANGING, PAPERS
from connectors.rehearsal.td_words import CONVERTED, NEVER, OTHER, UNKNOWN_STATUSES
from connectors.rehearsal.usual_dirt import (
    across,
    dates_order,
    due_far,
    due_on_sunday,
    land_office,
    moment_in,
    nothing,
    put,
    split_agency,
)
from connectors.rehearsal.world import Unit

_FILED, _CAME, _DUE = "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra"
_SQLITE = ("sqlite",)
_HTML = ("<p>Đề nghị <b>giải quyết</b> sớm</p>", "<div>Người nhà nộp thay<br/>đã ký nhận</div>")
_TYPED = ("HS {}/2025", "Số {}-MC", "{}/TNHS-UBND", "TN.{}")
_LOST_UNITS = ("25.237.99999", "98765")

_RECEIVED: dict[str, object] = {"channel": "counter"}
_OPEN: dict[str, object] = {"channel": "counter", "status": "processing", "may_be_overdue": True}
_CLOSED: dict[str, object] = {"channel": "counter", "status": "done"}
_FILED_ONLINE: dict[str, object] = {"channel": "online", "status": "new"}
_CITIZEN: dict[str, object] = {"is_citizen": True}


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind of dirt."""
    return (*_filing(), *_state(), *_codes(), *_persons(), *_places(), *_others())


def _filing() -> tuple[Kind[Life, Case], ...]:
    straight: dict[str, object] = _OPEN | {"has_duration": True, "is_straight": True}
    timed: dict[str, object] = _RECEIVED | {"has_duration": True}
    return (
        Kind("soft_deleted", "soft_deleted", "excluded", 0.02, _deleted, _RECEIVED, is_rule=True),
        Kind("filed_min_date", "filed_from_receipt", "warned", 0.01, put(NgayNopHoSo=NEVER), _RECEIVED),
        Kind("filed_nowhere", "filed_from_create_date", "warned", 0.005, put(NgayNopHoSo=None), _FILED_ONLINE),
        Kind("filed_implausible", "filed_implausible", "quarantined", 0.005, _implausible, _CLOSED),
        Kind("filed_across_cutoff", "filed_across_cutoff", "quarantined", 0.005, nothing, wish_by=across),
        Kind("filed_as_text", "", "untouched", 0.01, _as_text, _RECEIVED, dialects=_SQLITE),
        Kind("date_unreadable", "date_unreadable", "quarantined", 0.005, _no_day, _OPEN, dialects=_SQLITE),
        Kind("due_missing", "due_missing", "quarantined", 0.005, put(NgayHenTra=None), timed),
        Kind("dates_order", "dates_order", "warned", 0.005, dates_order(_FILED, _CAME, _DUE), _CLOSED),
        Kind("due_on_day_off", "due_on_day_off", "warned", 0.005, due_on_sunday(_DUE), _OPEN | {"has_duration": True}),
        Kind("due_far_off", "due_far_from_duration", "warned", 0.005, due_far(_DUE), straight),
    )  # fmt: skip


def _state() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("status_unknown", "status_undecided", "quarantined", 0.005, _unknown_status, _OPEN),
        Kind("procedure_unmapped", "procedure_unmapped", "warned", 0.01, _service("local_services")),
        Kind("procedure_succeeded", "procedure_succeeded", "normalised", 0.01, _service("succeeded_services")),
        Kind("procedure_gone", "handling_procedure_gone", "quarantined", 0.005, _service("gone_services"), _OPEN),
        Kind("procedure_gone_closed", "procedure_gone_closed", "normalised", 0.005, _service("gone_services"), _CLOSED),
        Kind("converted", "converted_before", "normalised", 0.02, _converted, _CLOSED),
    )


def _codes() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("code_at_two_units", "duplicate_code", "quarantined", 0.006, nothing, _RECEIVED, size=2, shares_code=True),
        Kind("code_missing", "code_missing", "quarantined", 0.005, _no_code, _RECEIVED),
        Kind("code_typed", "code_form_unknown", "warned", 0.01, _typed, _RECEIVED),
        Kind("code_of_other_day", "code_date_differs", "warned", 0.005, _other_day, _RECEIVED),
        Kind("children_other_case", "", "untouched", 0.02, _other_case, _RECEIVED, dialects=_SQLITE),
    )


def _persons() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("owner_kind_other", "code_undecided", "quarantined", 0.01, put(LoaiDoiTuong=OTHER), _CITIZEN),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps, _CITIZEN),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed, _CITIZEN),
        Kind("id_form_unknown", "id_form_unknown", "warned", 0.01, _odd_id, _CITIZEN),
        Kind("id_dummy", "id_dummy", "warned", 0.005, _typed_id, _CITIZEN),
        Kind("id_zero_lost", "id_zero_lost", "warned", 0.01, _lost_zero_id, _CITIZEN),
        Kind("id_year_differs", "id_year_differs", "warned", 0.005, _other_year, _CITIZEN),
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("phone_invalid", "phone_invalid", "warned", 0.005, _wrong_phone),
    )


def _places() -> tuple[Kind[Life, Case], ...]:
    at_district: dict[str, object] = {"level": "district"}
    return (
        Kind("bare_unit_codes", "", "untouched", 0.02, _bare_codes),
        Kind("abolished_unit", "unit_succeeded", "normalised", 0.02, _abolished),
        Kind("address_unit_unknown", "address_unit_unknown", "warned", 0.005, _lost_unit),
        Kind("split_commune_address", "address_unit_split", "warned", 0.005, _split_address),
        Kind("split_commune_agency", "handling_agency_split", "quarantined", 0.005, _in_village, wish_by=split_agency),
        Kind("agency_unplaced", "handling_agency_unknown", "quarantined", 0.005, _unplaced),
        Kind("group_gone", "handling_agency_unknown", "quarantined", 0.005, put(DonViId=GONE_GROUP)),
        Kind("district_land", "handling_land_undecided", "quarantined", 0.01, nothing, wish_by=land_office),
        Kind("place_outside", "handling_place_outside", "quarantined", 0.005, _outside, at_district),
    )


def _others() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("html_note", "html_stripped", "normalised", 0.01, _html),
        Kind("file_gone", "attachment_missing", "warned", 0.005, _gone_file, needs_files=True),
        Kind("paper_soft_deleted", "file_removed", "normalised", 0.01, _removed_paper),
    )


def _deleted(life: Life, case: Case, number: int) -> None:
    case.row.update(DeletedOn=case.setting.times.ended, LyDoXoa="Nhập nhầm")


# ---------------------------------------------------------------- dates


def _implausible(life: Life, case: Case, number: int) -> None:
    """A filing instant in the year 25."""
    received = moment_in(case, _CAME)
    case.row["NgayNopHoSo"] = received.replace(year=25, month=1, day=min(received.day, 28))


def _as_text(life: Life, case: Case, number: int) -> None:
    """As the first version of the tables held dates: varchar(20), the day first."""
    for column in ("NgayNopHoSo", "NgayTiepNhan"):
        moment = case.row[column]
        assert isinstance(moment, datetime)
        case.row[column] = f"{moment:%d/%m/%Y %H:%M:%S}"


def _no_day(life: Life, case: Case, number: int) -> None:
    case.row.update(NgayHenTra="31/02/2025 16:00:00", ThoiGianThucHien=None, LoaiThoiGianThucHien=None)


# ---------------------------------------------------------------- status, procedure, code


def _unknown_status(life: Life, case: Case, number: int) -> None:
    case.row["TrangThaiHoSoId"] = UNKNOWN_STATUSES[number % len(UNKNOWN_STATUSES)]


def _service(name: str) -> Spoil:
    def spoil(life: Life, case: Case, number: int) -> None:
        services = getattr(life.world, name)
        case.row["MaTTHC"] = services[number % len(services)][0]

    return spoil


def _converted(life: Life, case: Case, number: int) -> None:
    """Brought along from the software before, with the number that it had there."""
    case.row.update(ViTriDeHoSo=CONVERTED, MaHoSoKhac=f"MC{number:06d}/2022", TrangThaiDongBoDVC="0")


def _no_code(life: Life, case: Case, number: int) -> None:
    """What hung on the code hangs on nothing."""
    case.recode(("", None)[number % 2])
    case.children.clear()


def _typed(life: Life, case: Case, number: int) -> None:
    case.recode(_TYPED[number % len(_TYPED)].format(life.numbers.next("typed")))


def _other_day(life: Life, case: Case, number: int) -> None:
    """Numbered on the evening before, as the software does for what is filed online."""
    before = life.office.days[life.office.index(moment_in(case, _CAME).date()) - 1]
    case.recode(life.numbers.code(case.setting.agency.code, before))


def _other_case(life: Life, case: Case, number: int) -> None:
    """Rows hang on the code in small letters: to the database the same text."""
    for table, column in HANGING.items():
        for row in case.rows(table):
            row[column] = str(row[column]).lower()


# ---------------------------------------------------------------- persons


def _all_caps(life: Life, case: Case, number: int) -> None:
    case.row["ChuHoSo"] = str(case.row["ChuHoSo"]).upper()


def _decomposed(life: Life, case: Case, number: int) -> None:
    """Letters and marks apart. "Số nhà" in the address always has some, a name may have none."""
    for column in ("ChuHoSo", "DiaChiChuHoSo"):
        case.row[column] = unicodedata.normalize("NFD", str(case.row[column]))


def _odd_id(life: Life, case: Case, number: int) -> None:
    case.row["SoGiayToChuHoSo"] = wrong.odd_form(life.random, number * 5 + 2)


def _typed_id(life: Life, case: Case, number: int) -> None:
    case.row["SoGiayToChuHoSo"] = wrong.TYPED_IDS[number % len(wrong.TYPED_IDS)]


def _lost_zero_id(life: Life, case: Case, number: int) -> None:
    case.row["SoGiayToChuHoSo"] = wrong.lost_zero_id(life.random, case.setting.agency.province_code, number * 3)


def _other_year(life: Life, case: Case, number: int) -> None:
    """The dossier tells another year of birth than the card does."""
    person = case.setting.person
    assert person.born is not None
    year = person.born.year + 1 + number % 9
    province = case.setting.agency.province_code
    case.row["SoGiayToChuHoSo"] = cccd(life.random, province, year, is_male=person.is_male)


def _old_phone(life: Life, case: Case, number: int) -> None:
    case.row["SoDienThoaiChuHoSo"] = old_mobile(life.random)


def _wrong_phone(life: Life, case: Case, number: int) -> None:
    case.row["SoDienThoaiChuHoSo"] = wrong.WRONG_PHONES[number % len(wrong.WRONG_PHONES)]


# ---------------------------------------------------------------- places


def _live_in(life: Life, case: Case, unit: Unit) -> None:
    case.row.update(life.address(unit, "ChuHoSo"))


def _bare_codes(life: Life, case: Case, number: int) -> None:
    """Each code by itself, as dossiers had them before the software joined them."""
    case.row.update(QuanHuyenChuHoSo=case.home.district_code, XaPhuongChuHoSo=case.home.code)


def _abolished(life: Life, case: Case, number: int) -> None:
    _live_in(life, case, life.random.choice(life.world.gone_communes))


def _lost_unit(life: Life, case: Case, number: int) -> None:
    case.row["XaPhuongChuHoSo"] = _LOST_UNITS[number % len(_LOST_UNITS)]


def _split_address(life: Life, case: Case, number: int) -> None:
    units = life.world.split_communes
    _live_in(life, case, units[number % len(units)])


def _in_village(life: Life, case: Case, number: int) -> None:
    """The owner lives in a village of the commune that the agency belongs to."""
    code = case.setting.agency.unit_code
    _live_in(life, case, next(unit for unit in life.world.split_communes if unit.code == code))


def _unplaced(life: Life, case: Case, number: int) -> None:
    case.row["DonViId"] = group_code(UNPLACED[number % len(UNPLACED)])


def _outside(life: Life, case: Case, number: int) -> None:
    """The owner lives in another district of the province than the one that the matter is filed with."""
    agency = case.setting.agency
    others = [u for u in life.world.communes if u.province_code == agency.province_code]
    _live_in(life, case, life.random.choice([unit for unit in others if unit.district_code != agency.unit_code]))


# ---------------------------------------------------------------- texts, files


def _html(life: Life, case: Case, number: int) -> None:
    case.row["GhiChu"] = _HTML[number % len(_HTML)]


def _gone_file(life: Life, case: Case, number: int) -> None:
    case.gone_files.add(next(iter(case.files)))


def _removed_paper(life: Life, case: Case, number: int) -> None:
    case.rows(PAPERS)[0]["DeletedOn"] = case.setting.times.ended
