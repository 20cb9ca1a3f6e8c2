"""The dirt and the traps of a CMON, one kind a function: what is wrong, who must find it, what follows.

Each function spoils one ordinary dossier in one way. ``number`` counts the dossiers of its kind from 0, so that
variants of a kind take turns.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from connectors.rehearsal import wrong_numbers as wrong
from connectors.rehearsal.cmon_case import Case
from connectors.rehearsal.cmon_catalogue import LOST_UNITS, UNPLACED
from connectors.rehearsal.cmon_exchange import move
from connectors.rehearsal.cmon_life import Life, Spoil
from connectors.rehearsal.cmon_papers import PAPERS
from connectors.rehearsal.cmon_talk import OPINIONS
from connectors.rehearsal.cmon_words import COUNTER_PROCESSING, NEVER, UNKNOWN_STATUSES
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import cccd, citizen, old_mobile
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
from connectors.rehearsal.world import Unit, street

_FILED, _CAME, _DUE = "NGAYNOPHOSO", "NGAYNHANHOSO", "NGAYHENTRAKETQUA"
_ZERO = "0000-00-00 00:00:00"
_NO_DATE = ("sqlite", "mysql")
_HTML = ("<p>Đề nghị <b>giải quyết</b> sớm</p>", "<div>Người nhà nộp thay<br/>đã ký nhận</div>")
_TYPED = ("HS {}/2025", "Số {}-MC", "{}/TNHS-UBND", "TN.{}")
_LONG = (
    "Đề nghị xác nhận tình trạng hôn nhân để đăng ký kết hôn với công dân thường trú tại tỉnh khác",
    "Đề nghị chứng thực bản sao từ bản chính văn bằng, chứng chỉ và học bạ phục vụ việc xét tuyển",
)
SUMMARY_SIZE = 60

_RECEIVED: dict[str, object] = {"channel": "counter"}
_OPEN: dict[str, object] = {"channel": "counter", "status": "processing", "may_be_overdue": True}
_CLOSED: dict[str, object] = {"channel": "counter", "status": "done"}
_FILED_ONLINE: dict[str, object] = {"channel": "online", "status": "new"}
_CITIZEN: dict[str, object] = {"is_citizen": True}


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind of dirt."""
    return (*_filing(), *_state(), *_codes(), *_texts(), *_persons(), *_places(), *_others())


def _filing() -> tuple[Kind[Life, Case], ...]:
    straight: dict[str, object] = _OPEN | {"has_duration": True, "is_straight": True}
    timed: dict[str, object] = _RECEIVED | {"has_duration": True}
    return (
        Kind("soft_deleted", "soft_deleted", "excluded", 0.02, put(DAXOA=1), _RECEIVED, is_rule=True),
        Kind("filed_placeholder", "filed_from_receipt", "warned", 0.01, put(NGAYNOPHOSO=NEVER), _RECEIVED),
        Kind("filed_nowhere", "filed_from_create_date", "warned", 0.005, _created_only, _FILED_ONLINE),
        Kind("filed_implausible", "filed_implausible", "quarantined", 0.005, _implausible, _CLOSED, size=2),
        Kind("filed_unreadable", "filed_unreadable", "quarantined", 0.005, put(NGAYNOPHOSO=_ZERO), _CLOSED,
             dialects=_NO_DATE),
        Kind("filed_across_cutoff", "filed_across_cutoff", "quarantined", 0.005, nothing, wish_by=across),
        Kind("date_unreadable", "date_unreadable", "quarantined", 0.005, put(NGAYHENTRAKETQUA=_ZERO, SONGAYXULY=0),
             _OPEN, dialects=_NO_DATE),
        Kind("due_placeholder", "due_missing", "quarantined", 0.005, put(NGAYHENTRAKETQUA=NEVER), timed),
        Kind("dates_order", "dates_order", "warned", 0.005, dates_order(_FILED, _CAME, _DUE), _CLOSED),
        Kind("due_on_day_off", "due_on_day_off", "warned", 0.005, due_on_sunday(_DUE), _OPEN | {"has_duration": True}),
        Kind("due_far_off", "due_far_from_duration", "warned", 0.005, due_far(_DUE), straight),
    )  # fmt: skip


def _state() -> tuple[Kind[Life, Case], ...]:
    denied: dict[str, object] = {"channel": "counter", "status": "denied"}
    return (
        Kind("status_16_refused", "", "untouched", 0.005, nothing, denied),
        Kind("status_16_not_accepted", "", "untouched", 0.005, _never_received, {"channel": "online", "status": "new"}),
        Kind("status_16_cancelled", "", "untouched", 0.005, _cancelled, denied),
        Kind("status_16_unclear", "status_undecided", "quarantined", 0.005, _unclear, denied),
        Kind("status_17_received", "status_undecided", "quarantined", 0.005, put(TRANGTHAIHOSO=17), _OPEN),
        Kind("status_unknown", "status_undecided", "quarantined", 0.005, _unknown_status, _OPEN),
        Kind("withdrawal_open", "case_state_parked", "quarantined", 0.005, put(YEUCAUHUYHOSO=1), _OPEN),
        Kind("procedure_unmapped", "procedure_unmapped", "warned", 0.01, _service("local_services")),
        Kind("procedure_succeeded", "procedure_succeeded", "normalised", 0.01, _service("succeeded_services")),
        Kind("procedure_gone", "handling_procedure_gone", "quarantined", 0.005, _service("gone_services"), _OPEN),
        Kind("procedure_gone_closed", "procedure_gone_closed", "normalised", 0.005, _service("gone_services"), _CLOSED),
    )


def _codes() -> tuple[Kind[Life, Case], ...]:
    twice: dict[str, Any] = {"size": 2, "shares_code": True}
    return (
        Kind("duplicate_number", "duplicate_code", "quarantined", 0.006, _unhand, _RECEIVED, **twice),
        Kind("double_entry", "duplicate_code", "quarantined", 0.004, _unhand, _RECEIVED, **twice),
        Kind("code_missing", "code_missing", "quarantined", 0.005, _no_code, _RECEIVED),
        Kind("code_typed", "code_form_unknown", "warned", 0.01, _typed, _RECEIVED),
        Kind("code_national", "", "untouched", 0.01, _national, _RECEIVED),
    )


def _texts() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("several_owners", "owners_several", "normalised", 0.02, _several_owners, _CITIZEN),
        Kind("summary_cut", "text_cut_off", "warned", 0.01, _cut),
        Kind("agency_name_differs", "copied_name_differs", "warned", 0.01, _other_agency_name),
        Kind("procedure_name_differs", "copied_name_differs", "warned", 0.005, _other_procedure_name),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps, _CITIZEN),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed, _CITIZEN),
        Kind("html_note", "html_stripped", "normalised", 0.01, _html),
    )


def _persons() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("id_form_unknown", "id_form_unknown", "warned", 0.01, _odd_id, _CITIZEN),
        Kind("id_dummy", "id_dummy", "warned", 0.005, _typed_id, _CITIZEN),
        Kind("id_zero_lost", "id_zero_lost", "warned", 0.01, _lost_zero_id, _CITIZEN),
        Kind("id_province_unknown", "id_province_unknown", "warned", 0.005, _no_province, _CITIZEN),
        Kind("id_year_differs", "id_year_differs", "warned", 0.005, _other_year, _CITIZEN),
        Kind("id_sex_differs", "id_sex_differs", "warned", 0.005, _other_sex, _CITIZEN),
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("phone_invalid", "phone_invalid", "warned", 0.005, _wrong_phone),
        Kind("phone_zero_lost", "phone_zero_lost", "warned", 0.005, _lost_zero_phone),
    )


def _places() -> tuple[Kind[Life, Case], ...]:
    at_district: dict[str, object] = {"level": "district"}
    return (
        Kind("abolished_unit", "unit_succeeded", "normalised", 0.02, _abolished),
        Kind("address_unit_unknown", "address_unit_unknown", "warned", 0.005, _lost_unit),
        Kind("split_commune_address", "address_unit_split", "warned", 0.005, _split_address),
        Kind("split_commune_agency", "handling_agency_split", "quarantined", 0.005, _in_village, wish_by=split_agency),
        Kind("agency_unplaced", "handling_agency_unknown", "quarantined", 0.005, _unplaced),
        Kind("district_land", "handling_land_undecided", "quarantined", 0.01, nothing, wish_by=land_office),
        Kind("place_outside", "handling_place_outside", "quarantined", 0.005, _outside, at_district),
        Kind("owner_elsewhere", "handling_place_unknown", "quarantined", 0.01, _filed_by_other, at_district),
    )


def _others() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("file_gone", "attachment_missing", "warned", 0.005, _gone_file, needs_files=True),
        Kind("file_soft_deleted", "file_removed", "normalised", 0.01, _removed_file),
        Kind("move_status_unknown", "code_undecided", "warned", 0.005, _odd_move, _RECEIVED),
        Kind("move_date_unreadable", "date_unreadable_minor", "warned", 0.005, _undated_move, _RECEIVED),
    )


# ---------------------------------------------------------------- dates


def _created_only(life: Life, case: Case, number: int) -> None:
    """Neither filing nor receipt is known; every other one without even a placeholder for the receipt."""
    case.row.update(NGAYNOPHOSO=NEVER, NGAYNHANHOSO=(NEVER, None)[number % 2], NGAYTAO=case.setting.times.created)


def _implausible(life: Life, case: Case, number: int) -> None:
    """A filing instant in the year 25, or one at the end of the century."""
    received = moment_in(case, _CAME)
    if number % 2 == 0:
        case.row["NGAYNOPHOSO"] = received.replace(year=25, month=1, day=min(received.day, 28))
        return
    far = received.replace(year=2099, day=min(received.day, 28))
    case.row.update(NGAYNOPHOSO=far, NGAYNHANHOSO=far, NGAYHENTRAKETQUA=far + timedelta(days=14))
    case.row.update(NGAYKETTHUCXULY=far + timedelta(days=7), NGAYTRAKETQUA=far + timedelta(days=7))


# ---------------------------------------------------------------- status, procedure


def _never_received(life: Life, case: Case, number: int) -> None:
    """Not accepted: the first meaning of status 16."""
    case.row["TRANGTHAIHOSO"] = 16


def _cancelled(life: Life, case: Case, number: int) -> None:
    """Cancelled at the citizen's wish: the third meaning; by turns in the dossier itself and in an opinion."""
    case.rows(OPINIONS)[-1]["LOAI"] = 1
    if number % 2:
        case.rows(OPINIONS).pop()
        case.row["YEUCAUHUYHOSO"] = 1


def _unclear(life: Life, case: Case, number: int) -> None:
    """Received, status 16, and nothing says which meaning."""
    case.rows(OPINIONS).pop()


def _unknown_status(life: Life, case: Case, number: int) -> None:
    case.row["TRANGTHAIHOSO"] = UNKNOWN_STATUSES[number % len(UNKNOWN_STATUSES)]


def _service(name: str) -> Spoil:
    def spoil(life: Life, case: Case, number: int) -> None:
        services = getattr(life.world, name)
        code, title = services[number % len(services)]
        case.row.update(THUTUCHANHCHINHID=life.catalogue.procedures[code], TENTHUTUCHANHCHINH=title)

    return spoil


# ---------------------------------------------------------------- codes


def _unhand(life: Life, case: Case, number: int) -> None:
    """Out of the tables of exchange: a code that two dossiers share leads to neither."""
    for table in ("cmon_hosoanhxa", "exch_hosomotcua", "exch_trangthaihoso", "exch_ketquahoso"):
        case.rows(table).clear()


def _no_code(life: Life, case: Case, number: int) -> None:
    case.row["MASOHOSO"] = ("", None)[number % 2]


def _typed(life: Life, case: Case, number: int) -> None:
    case.row["MASOHOSO"] = _TYPED[number % len(_TYPED)].format(case.key)


def _national(life: Life, case: Case, number: int) -> None:
    """In the form of Thông tư 01/2018/TT-VPCP, as offices that obeyed it numbered in the end."""
    case.row["MASOHOSO"] = life.numbers.code(case.setting.agency.code, moment_in(case, _CAME).date())


# ---------------------------------------------------------------- texts


def _several_owners(life: Life, case: Case, number: int) -> None:
    other = citizen(life.random, case.setting.agency.province_code)
    case.row["CHUSOHUU"] = f"{case.row['CHUSOHUU']}{('; ', ';')[number % 2]}{other.name}"


def _cut(life: Life, case: Case, number: int) -> None:
    case.row["TRICHYEU"] = _LONG[number % len(_LONG)][:SUMMARY_SIZE]


def _other_agency_name(life: Life, case: Case, number: int) -> None:
    """The agency was renamed after the dossier was filed."""
    case.row["TENCOQUANTIEPNHAN"] = f"{case.row['TENCOQUANTIEPNHAN']} (cũ)"


def _other_procedure_name(life: Life, case: Case, number: int) -> None:
    case.row["TENTHUTUCHANHCHINH"] = f"{case.row['TENTHUTUCHANHCHINH']} (theo mẫu cũ)"


def _all_caps(life: Life, case: Case, number: int) -> None:
    _rename(case, str.upper)


def _decomposed(life: Life, case: Case, number: int) -> None:
    """Letters and marks apart. "Số nhà" in the address always has some, a name may have none."""
    _rename(case, lambda text: unicodedata.normalize("NFD", text))
    address = str(case.row["DIACHITHUONGTRUNGUOINOP"])
    case.row["DIACHITHUONGTRUNGUOINOP"] = unicodedata.normalize("NFD", address)[:200]


def _rename(case: Case, write: Any) -> None:
    """The owner's name, and the filer's copy of it where he came himself."""
    if case.is_by_owner:
        case.row["HOTENNGUOINOPHOSO"] = write(str(case.row["HOTENNGUOINOPHOSO"]))
    case.row["CHUSOHUU"] = write(str(case.row["CHUSOHUU"]))


def _html(life: Life, case: Case, number: int) -> None:
    case.row["GHICHU"] = _HTML[number % len(_HTML)]


# ---------------------------------------------------------------- persons


def _odd_id(life: Life, case: Case, number: int) -> None:
    case.citizen["SOCMND"] = wrong.odd_form(life.random, number)


def _typed_id(life: Life, case: Case, number: int) -> None:
    case.citizen["SOCMND"] = wrong.TYPED_IDS[number % len(wrong.TYPED_IDS)]


def _lost_zero_id(life: Life, case: Case, number: int) -> None:
    case.citizen["SOCMND"] = wrong.lost_zero_id(life.random, case.setting.agency.province_code, number)


def _no_province(life: Life, case: Case, number: int) -> None:
    case.citizen["SOCMND"] = wrong.unknown_province(life.random, number)


def _other_year(life: Life, case: Case, number: int) -> None:
    """The citizen's row tells another year of birth than his card does."""
    _own_card(life, case, years=1 + number % 9)


def _other_sex(life: Life, case: Case, number: int) -> None:
    _own_card(life, case, is_other_sex=True)


def _own_card(life: Life, case: Case, *, years: int = 0, is_other_sex: bool = False) -> None:
    """The owner comes himself, with a card that says otherwise than his row."""
    filer, province = case.filer, case.setting.agency.province_code
    assert filer.born is not None
    case.row.update(CHUSOHUU=case.row["HOTENNGUOINOPHOSO"])
    is_male = filer.is_male is not is_other_sex
    case.citizen["SOCMND"] = cccd(life.random, province, filer.born.year + years, is_male=is_male)


def _old_phone(life: Life, case: Case, number: int) -> None:
    case.row.update(SODIENTHOAIDIDONGNGUOINOP=old_mobile(life.random))


def _wrong_phone(life: Life, case: Case, number: int) -> None:
    case.row.update(SODIENTHOAIDIDONGNGUOINOP=wrong.WRONG_PHONES[number % len(wrong.WRONG_PHONES)])


def _lost_zero_phone(life: Life, case: Case, number: int) -> None:
    case.row.update(SODIENTHOAIDIDONGNGUOINOP=wrong.lost_zero_phone(life.random))


# ---------------------------------------------------------------- places


def _live_in(life: Life, case: Case, unit: Unit) -> None:
    case.row.update(DIACHITHUONGTRUNGUOINOPID=life.catalogue.units[unit.code])
    case.row.update(DIACHITHUONGTRUNGUOINOP=street(life.random, unit))


def _abolished(life: Life, case: Case, number: int) -> None:
    _live_in(life, case, life.random.choice(life.world.gone_communes))


def _lost_unit(life: Life, case: Case, number: int) -> None:
    case.row["DIACHITHUONGTRUNGUOINOPID"] = life.catalogue.units[LOST_UNITS[number % len(LOST_UNITS)]]


def _split_address(life: Life, case: Case, number: int) -> None:
    units = life.world.split_communes
    _live_in(life, case, units[number % len(units)])


def _in_village(life: Life, case: Case, number: int) -> None:
    """The filer lives in a village of the commune that the agency belongs to."""
    code = case.setting.agency.unit_code
    _live_in(life, case, next(unit for unit in life.world.split_communes if unit.code == code))


def _unplaced(life: Life, case: Case, number: int) -> None:
    code = UNPLACED[number % len(UNPLACED)]
    name = "Ban chỉ đạo dồn điền đổi thửa"
    case.row.update(COQUANTIEPNHANID=life.catalogue.agencies[code], TENCOQUANTIEPNHAN=name)


def _outside(life: Life, case: Case, number: int) -> None:
    """The owner lives in another district of the province than the one that the matter is filed with."""
    agency = case.setting.agency
    others = [u for u in life.world.communes if u.province_code == agency.province_code]
    _live_in(life, case, life.random.choice([unit for unit in others if unit.district_code != agency.unit_code]))


def _filed_by_other(life: Life, case: Case, number: int) -> None:
    """Somebody else came: where the owner lives stands in no column."""
    owner = citizen(life.random, case.setting.agency.province_code)
    case.row.update(CHUSOHUU=f"{owner.name} Anh", DIACHICHUHOSO="Khu 3")


# ---------------------------------------------------------------- files, exchange


def _gone_file(life: Life, case: Case, number: int) -> None:
    case.gone_files.add(next(iter(case.files)))


def _removed_file(life: Life, case: Case, number: int) -> None:
    case.rows(PAPERS)[0]["DAXOA"] = 1


def _odd_move(life: Life, case: Case, number: int) -> None:
    """A status that the counter software never told CMON about."""
    _moved(life, case)["trangthaihientai"] = (7, 9)[number % 2]


def _undated_move(life: Life, case: Case, number: int) -> None:
    _moved(life, case)["ngaygioluanchuyen"] = ("31/02/2025 10:00:00", "3/6/25 8h")[number % 2]


def _moved(life: Life, case: Case) -> dict[str, Any]:
    row = move(life, case, str(case.row["MASOHOSO"]), COUNTER_PROCESSING, moment_in(case, _CAME))
    row["hosotthccongid"] = case.key
    return row
