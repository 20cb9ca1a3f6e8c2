"""The dirt and the traps of a MotCua, one kind a function: what is wrong, who must find it, what follows.

Each function spoils one ordinary dossier in one way. ``number`` counts the dossiers of its kind from 0, so that
variants of a kind take turns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from connectors.rehearsal import wrong_numbers as wrong
from connectors.rehearsal.dong_nai_case import Case
from connectors.rehearsal.dong_nai_catalogue import GONE_PROCEDURE, UNPLACED_FIELD, field_name
from connectors.rehearsal.dong_nai_life import Life
from connectors.rehearsal.dong_nai_schema import MOVES, PAPERS
from connectors.rehearsal.dong_nai_words import EMPTY_DATE, SEPARATOR, SUPPLEMENT, UNNAMED
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import cccd, old_mobile
from connectors.rehearsal.usual_dirt import moment_in, nothing, put

_CAME = "NgayNhan"
_SQLITE = ("sqlite",)
_HTML = ("<p>Đề nghị <b>giải quyết</b> sớm</p>", "<div>Người nhà nộp thay<br/>đã ký nhận</div>")
_TYPED = ("HS {}/2025", "Số {}-MC", "{}/TNHS-SYT", "TN.{}")
_OWN_NUMBERS = ((1, 12, 345), (48, 7, 21))
"""Areas by numbers that the software gave itself."""
_OPEN: dict[str, object] = {"status": "processing", "may_be_overdue": True}
_CLOSED: dict[str, object] = {"status": "done"}
_CITIZEN: dict[str, object] = {"is_citizen": True}


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind of dirt."""
    return (*_filing(), *_state(), *_codes(), *_persons(), *_others())


def _filing() -> tuple[Kind[Life, Case], ...]:
    nowhere = put(NgayNhan=None, CreatedDate=None)
    return (
        Kind("filed_empty_date", "filed_from_create_date", "warned", 0.01, put(NgayNhan=EMPTY_DATE), _CLOSED),
        Kind("filed_by_record", "filed_from_create_date", "warned", 0.005, put(NgayNhan=None), _CLOSED),
        Kind("filed_nowhere", "filed_missing", "quarantined", 0.005, nowhere, _CLOSED),
        Kind("filed_implausible", "filed_implausible", "quarantined", 0.005, _implausible, _CLOSED),
        Kind("filed_as_text", "", "untouched", 0.01, _as_text, _CLOSED, dialects=_SQLITE),
        Kind(
            "date_unreadable", "date_unreadable", "quarantined", 0.005, put(NgayHenTra="31/02/2025"), _CLOSED,
            dialects=_SQLITE,
        ),
        Kind("due_before_receipt", "dates_order", "warned", 0.005, _due_early, _CLOSED),
    )  # fmt: skip


def _state() -> tuple[Kind[Life, Case], ...]:
    succeeded, gone = _service("succeeded_services"), _service("gone_services")
    return (
        Kind("status_without_name", "status_undecided", "quarantined", 0.01, put(TrangThaiHoSoID=UNNAMED), _CLOSED),
        Kind("status_unknown", "status_undecided", "quarantined", 0.005, put(TrangThaiHoSoID=99), _CLOSED),
        Kind("procedure_renamed", "copied_name_differs", "warned", 0.01, put(TenThuTuc="Tên thủ tục lúc nhận")),
        Kind("field_moved", "copied_name_differs", "warned", 0.01, put(TenLinhVuc="Y, dược cổ truyền")),
        Kind("procedure_not_listed", "", "untouched", 0.01, put(ThuTucID=GONE_PROCEDURE)),
        Kind("procedure_succeeded", "procedure_succeeded", "normalised", 0.01, nothing, wish_by=succeeded),
        Kind("procedure_gone", "handling_procedure_gone", "quarantined", 0.005, nothing, _OPEN, wish_by=gone),
        Kind("procedure_gone_closed", "procedure_gone_closed", "normalised", 0.005, nothing, _CLOSED, wish_by=gone),
        Kind("field_without_office", "handling_agency_unknown", "quarantined", 0.005, _unplaced),
        Kind("reasons_several", "", "untouched", 0.01, _reasons, {"status": "waiting"}),
    )


def _codes() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("code_twice", "duplicate_code", "quarantined", 0.006, nothing, size=2, shares_code=True),
        Kind("code_missing", "code_missing", "quarantined", 0.005, _no_code),
        Kind("code_typed", "code_form_unknown", "warned", 0.01, _typed),
        Kind("code_of_other_day", "code_date_differs", "warned", 0.005, _other_day),
    )


def _persons() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps, _CITIZEN),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed, _CITIZEN),
        Kind("id_form_unknown", "id_form_unknown", "warned", 0.01, _odd_id, _CITIZEN),
        Kind("id_zero_lost", "id_zero_lost", "warned", 0.01, _lost_zero_id, _CITIZEN),
        Kind("id_year_differs", "id_year_differs", "warned", 0.005, _other_year, _CITIZEN),
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("phone_invalid", "phone_invalid", "warned", 0.005, _wrong_phone),
        Kind("unit_name_frozen", "", "untouched", 0.02, put(TenPhuongXa="Xã cũ", TenQuanHuyen="Huyện cũ")),
        Kind("unit_number_own", "address_unit_unknown", "warned", 0.01, _own_units),
        Kind("unit_abolished", "unit_succeeded", "normalised", 0.01, _abolished),
    )


def _others() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("html_note", "html_stripped", "normalised", 0.01, _html),
        Kind("file_gone", "attachment_missing", "warned", 0.005, _gone_file, needs_files=True),
        Kind("files_end_on_bar", "", "untouched", 0.01, _bar),
    )


# ---------------------------------------------------------------- dates


def _implausible(life: Life, case: Case, number: int) -> None:
    """A century too early, as far back as a datetime goes with the same day of a receipt number."""
    received = moment_in(case, _CAME)
    case.row["NgayNhan"] = received.replace(year=received.year - 100)


def _as_text(life: Life, case: Case, number: int) -> None:
    """As an export writes dates: the day first."""
    case.row["NgayNhan"] = f"{moment_in(case, _CAME):%d/%m/%Y %H:%M:%S}"


def _due_early(life: Life, case: Case, number: int) -> None:
    case.row["NgayHenTra"] = moment_in(case, _CAME) - timedelta(days=2)


# ---------------------------------------------------------------- procedure, field, steps


def _service(name: str) -> Callable[[Life, int], Mapping[str, object]]:
    def wish(life: Life, number: int) -> Mapping[str, object]:
        return {"procedure": life.odd[name][number % len(life.odd[name])].procedure}

    return wish


def _unplaced(life: Life, case: Case, number: int) -> None:
    case.row.update(LinhVucID=UNPLACED_FIELD, TenLinhVuc=field_name(UNPLACED_FIELD))


def _reasons(life: Life, case: Case, number: int) -> None:
    """A second supplement was asked for on the same step."""
    life.reason(case, SUPPLEMENT, case.rows(MOVES)[-1], case.setting.times.ended)


# ---------------------------------------------------------------- codes


def _no_code(life: Life, case: Case, number: int) -> None:
    case.row["SoBienNhan"] = ("", None)[number % 2]


def _typed(life: Life, case: Case, number: int) -> None:
    case.row["SoBienNhan"] = _TYPED[number % len(_TYPED)].format(life.numbers.next("typed"))


def _other_day(life: Life, case: Case, number: int) -> None:
    before = life.office.days[life.office.index(moment_in(case, _CAME).date()) - 1]
    case.row["SoBienNhan"] = life.receipt_number(datetime(before.year, before.month, before.day))


# ---------------------------------------------------------------- persons, places


def _all_caps(life: Life, case: Case, number: int) -> None:
    case.row["HoTenNguoiNop"] = str(case.row["HoTenNguoiNop"]).upper()


def _decomposed(life: Life, case: Case, number: int) -> None:
    """Letters and marks apart. "Số nhà" always has some, a name may have none."""
    for column in ("HoTenNguoiNop", "SoNha"):
        case.row[column] = unicodedata.normalize("NFD", str(case.row[column]))


def _odd_id(life: Life, case: Case, number: int) -> None:
    case.row["SoGiayTo"] = wrong.odd_form(life.random, number * 5 + 2)


def _lost_zero_id(life: Life, case: Case, number: int) -> None:
    case.row["SoGiayTo"] = wrong.lost_zero_id(life.random, case.setting.agency.province_code, number * 3)


def _other_year(life: Life, case: Case, number: int) -> None:
    """The column of a birth day holds a year alone, and another one than the card."""
    person = case.setting.person
    assert person.born is not None
    year, province = person.born.year, case.setting.agency.province_code
    case.row["NgaySinh"] = str(year)
    case.row["SoGiayTo"] = cccd(life.random, province, year + 1 + number % 9, is_male=person.is_male)


def _old_phone(life: Life, case: Case, number: int) -> None:
    case.row["Phone"] = old_mobile(life.random)


def _wrong_phone(life: Life, case: Case, number: int) -> None:
    case.row["Phone"] = wrong.WRONG_PHONES[number % len(wrong.WRONG_PHONES)]


def _own_units(life: Life, case: Case, number: int) -> None:
    province, district, commune = _OWN_NUMBERS[number % len(_OWN_NUMBERS)]
    case.row.update(TinhThanhID=province, QuanHuyenID=district, PhuongXaID=commune)


def _abolished(life: Life, case: Case, number: int) -> None:
    case.row.update(life.address(life.random.choice(life.world.gone_communes)))


# ---------------------------------------------------------------- texts, files


def _html(life: Life, case: Case, number: int) -> None:
    case.row["GhiChu"] = _HTML[number % len(_HTML)]


def _gone_file(life: Life, case: Case, number: int) -> None:
    case.gone_files.add(next(iter(case.files)))


def _bar(life: Life, case: Case, number: int) -> None:
    """The list of files ends on the sign between them."""
    paper = case.rows(PAPERS)[0]
    paper["AttachFile"] = f"{paper['AttachFile']}{SEPARATOR}"
