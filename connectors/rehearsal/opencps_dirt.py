"""The dirt of real old systems, one kind a function: what is wrong with a dossier, who must find it, what follows.

Each function spoils one ordinary dossier in one way. ``number`` counts the dossiers of its kind from 0, so that
variants of a kind take turns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.rehearsal import opencps_codes as codes
from connectors.rehearsal import opencps_wrong_numbers as wrong
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_children import fee_row, request_row
from connectors.rehearsal.opencps_fonts import text_kinds
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_process import UNDECIDED
from connectors.rehearsal.opencps_rows import place
from connectors.rehearsal.people import old_mobile
from connectors.rehearsal.store import Row
from connectors.rehearsal.usual_dirt import across, land_office, nothing, put, split_agency
from connectors.rehearsal.world import street

_NO_DATE = {"sqlite": ("31/02/2025", "0000-00-00 00:00:00"), "mysql": ("0000-00-00 00:00:00",)}
_HTML = (
    "<div><p>Đề nghị <b>xem xét</b> sớm&nbsp;giúp gia đình.</p><br/>Xin cảm ơn.</div>",
    '<p style="margin:0"><span>Nộp thay người thân</span></p><ul><li>Bản sao</li></ul>',
)
# "Đường Hùng Vương, phường Gia Cẩm" as TCVN3 wrote it: no UTF-8.
_TCVN3_ADDRESS = b"\xa7\xad\xeang H\xefng V\xad\xacng, ph\xad\xeang Gia C\xc8m"


_RECEIVED: dict[str, object] = {"channel": "counter"}
_CLOSED: dict[str, object] = {"channel": "counter", "status": "done"}
_FILED_ONLINE: dict[str, object] = {"channel": "online", "status": "new"}


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind that concerns one dossier or a pair with the same number; pairs of online copies are apart."""
    return (
        *_excluded(), *_filing(), *_state(), *_codes(), *_texts(), *_persons(), *_places(), *_files(), *text_kinds(),
    )  # fmt: skip


def spoil_paper_of_twin(copy: Case, twin: Case) -> None:
    """Take from the twin a paper that the online copy has."""
    paper = first_stored(copy)
    twin.papers[:] = [other for other in twin.papers if other["referenceUid"] != paper["referenceUid"]]


def spoil_fee_of_twin(life: Life, copy: Case, twin: Case) -> None:
    """Take the twin's fee away; the online copy has one."""
    twin.children["opencps_paymentfile"].clear()
    fee = copy.setting.procedure.fee or 10_000
    copy.children["opencps_paymentfile"][:] = [fee_row(life.random, life.numbers, copy, fee)]


def _excluded() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("negative_originality", "negative_originality", "excluded", 0.005, _negative, _RECEIVED, is_rule=True),
        Kind("draft", "draft", "excluded", 0.008, _draft, _FILED_ONLINE, is_rule=True),
        Kind("lone_online", "online_not_received", "normalised", 0.01, put(originality=1), _FILED_ONLINE),
    )


def _filing() -> tuple[Kind[Life, Case], ...]:
    can_hold = ("sqlite", "mysql")
    open_ended: dict[str, object] = {"channel": "counter", "status": "processing"}
    straight: dict[str, object] = {"has_duration": True, "is_straight": True}
    return (
        Kind("filed_from_create_date", "filed_from_create_date", "warned", 0.005, put(submitDate=None), _FILED_ONLINE),
        Kind("filed_implausible", "filed_implausible", "quarantined", 0.005, _implausible, _CLOSED, size=2),
        Kind("filed_unreadable", "filed_unreadable", "quarantined", 0.005, _no_submit, _CLOSED, dialects=can_hold),
        Kind("filed_across_cutoff", "filed_across_cutoff", "quarantined", 0.005, nothing, wish_by=across),
        Kind("date_unreadable", "date_unreadable", "quarantined", 0.005, _no_due, open_ended, dialects=can_hold),
        Kind("date_unreadable_minor", "date_unreadable_minor", "warned", 0.005, _no_minor, dialects=can_hold),
        Kind("dates_order", "dates_order", "warned", 0.005, _dates_order, _CLOSED),
        Kind("due_on_day_off", "due_on_day_off", "warned", 0.005, _due_on_sunday, open_ended | {"has_duration": True}),
        Kind("due_far_off", "due_far_from_duration", "warned", 0.005, _due_far, open_ended | straight),
        Kind("reappointed_again", "reappointed_again", "warned", 0.005, _two_apologies, _RECEIVED),
        Kind("due_missing", "due_missing", "quarantined", 0.005, _no_due_date, _RECEIVED | {"has_duration": True}),
    )


def _state() -> tuple[Kind[Life, Case], ...]:
    open_at_counter: dict[str, object] = {"channel": "counter", "status": "processing", "may_be_overdue": True}
    return (
        Kind("originality_undecided", "originality_undecided", "quarantined", 0.005, _originality, _RECEIVED),
        Kind("status_undecided", "status_undecided", "quarantined", 0.006, nothing, _RECEIVED, _undecided),
        Kind("step_unknown", "case_state_unmapped", "quarantined", 0.005, _unknown_step, open_at_counter),
        Kind("request_open", "case_state_parked", "quarantined", 0.005, _open_request, open_at_counter),
        Kind("procedure_unmapped", "procedure_unmapped", "warned", 0.01, _local_service),
        Kind("procedure_succeeded", "procedure_succeeded", "normalised", 0.01, _succeeded_service),
        Kind("procedure_gone", "handling_procedure_gone", "quarantined", 0.01, _gone_service, open_at_counter),
        Kind("procedure_gone_closed", "procedure_gone_closed", "normalised", 0.005, _gone_service, _CLOSED),
        Kind("group_link_unresolved", "group_link_unresolved", "warned", 0.005, _lost_group),
    )


def _codes() -> tuple[Kind[Life, Case], ...]:
    twice: dict[str, Any] = {"size": 2, "shares_code": True}
    return (
        Kind("duplicate_number", "duplicate_code", "quarantined", 0.006, nothing, _RECEIVED, **twice),
        Kind("double_entry", "duplicate_code", "quarantined", 0.004, nothing, _RECEIVED, **twice),
        Kind("code_missing", "code_missing", "quarantined", 0.005, _no_code, _RECEIVED),
        Kind("code_form_unknown", "code_form_unknown", "warned", 0.01, codes.typed, _RECEIVED),
        Kind("code_form_old", "code_form_old", "normalised", 0.01, codes.of_old_software, _RECEIVED),
        Kind("code_agency_unknown", "code_agency_unknown", "warned", 0.005, codes.foreign, _RECEIVED),
        Kind("code_date_differs", "code_date_differs", "warned", 0.005, codes.of_another_day, _RECEIVED),
        Kind("code_qd_20", "", "untouched", 0.01, codes.province_first, _RECEIVED),  # in order: nothing is found
        Kind("second_code", "", "untouched", 0.01, codes.second, _RECEIVED),
    )


def _texts() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.03, _all_caps),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed),
        Kind("html_note", "html_stripped", "normalised", 0.02, _html),
        Kind("bytes_not_utf8", "text_not_utf8", "quarantined", 0.005, _bad_bytes, dialects=("sqlite",)),
    )


def _persons() -> tuple[Kind[Life, Case], ...]:
    citizen: dict[str, object] = {"is_citizen": True}
    return (
        Kind("id_form_unknown", "id_form_unknown", "warned", 0.01, wrong.odd_form, citizen),
        Kind("id_dummy", "id_dummy", "warned", 0.005, wrong.typed_id, citizen),
        Kind("id_zero_lost", "id_zero_lost", "warned", 0.01, wrong.lost_zero_id, citizen),
        Kind("id_province_unknown", "id_province_unknown", "warned", 0.005, wrong.unknown_province, citizen),
        Kind("id_checksum_wrong", "id_checksum_wrong", "warned", 0.005, wrong.wrong_check_digit),
        Kind("id_year_differs", "id_year_differs", "warned", 0.005, wrong.other_year, citizen),
        Kind("id_sex_differs", "id_sex_differs", "warned", 0.005, wrong.other_sex, citizen),
        Kind("phone_zero_lost", "phone_zero_lost", "warned", 0.005, wrong.lost_zero_phone),
        Kind("phone_invalid", "phone_invalid", "warned", 0.005, wrong.wrong_phone),
    )


def _places() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("abolished_unit", "unit_succeeded", "normalised", 0.02, _abolished),
        Kind("address_unit_unknown", "address_unit_unknown", "warned", 0.005, _unknown_unit),
        Kind("split_commune_address", "address_unit_split", "warned", 0.005, _split_address),
        Kind("split_commune_agency", "handling_agency_split", "quarantined", 0.005, _in_village, wish_by=split_agency),
        Kind("agency_unknown", "handling_agency_unknown", "quarantined", 0.005, _unknown_agency),
        Kind("district_land", "handling_land_undecided", "quarantined", 0.02, nothing, wish_by=land_office),
        Kind("place_outside", "handling_place_outside", "quarantined", 0.005, _outside, {"level": "district"}),
    )


def _files() -> tuple[Kind[Life, Case], ...]:
    return (
        Kind("file_gone", "attachment_missing", "warned", 0.005, _gone_file, needs_files=True),
        Kind("file_soft_deleted", "file_removed", "normalised", 0.01, _removed_file),
    )


def _negative(life: Life, case: Case, number: int) -> None:
    case.row["originality"] = (-2, -3, -4)[number % 3]


def _draft(life: Life, case: Case, number: int) -> None:
    case.row.update(dossierStatus=("", None)[number % 2], dossierStatusText="", dossierSubStatus="")
    case.row.update(submitDate=None, dossierActionId=0)
    case.children["opencps_dossieraction"].clear()
    case.children["opencps_dossieractionuser"].clear()


def _implausible(life: Life, case: Case, number: int) -> None:
    """A filing instant in the year 25, or one at the end of the century."""
    received = case.row["receiveDate"]
    assert isinstance(received, datetime)
    if number % 2 == 0:
        case.row["submitDate"] = received.replace(year=25, month=1, day=min(received.day, 28))
        return
    far = received.replace(year=2099, day=min(received.day, 28))
    case.row.update(submitDate=None, receiveDate=far, dueDate=far + timedelta(days=14), extendDate=None)
    case.row["dossierNo"] = life.numbers.code(case.setting.agency.code, far.date())
    case.row.update(releaseDate=far + timedelta(days=7), finishDate=far + timedelta(days=7))


def _no_submit(life: Life, case: Case, number: int) -> None:
    forms = _NO_DATE[life.dialect]
    case.row["submitDate"] = forms[number % len(forms)]


def _no_due(life: Life, case: Case, number: int) -> None:
    forms = _NO_DATE[life.dialect]
    case.row.update(dueDate=forms[number % len(forms)], durationCount=0.0, extendDate=None)


def _no_minor(life: Life, case: Case, number: int) -> None:
    forms = _NO_DATE[life.dialect]
    case.row[("applicantIdDate", "documentDate")[number % 2]] = forms[number // 2 % len(forms)]


def _undecided(life: Life, number: int) -> Mapping[str, object]:
    return {"status": UNDECIDED[number % len(UNDECIDED)]}


def _unknown_step(life: Life, case: Case, number: int) -> None:
    """The dossier stands at a step that its process no longer has."""
    code, name = (("905", "Xin ý kiến sở chuyên ngành"), ("906", "Chờ họp hội đồng"))[number % 2]
    case.children["opencps_dossieraction"][-1].update(stepCode=code, stepName=name)


def _open_request(life: Life, case: Case, number: int) -> None:
    """The citizen asked for something and nobody has answered."""
    kind = ("cancelling", "correcting")[number % 2]
    case.children["opencps_dossierrequests"][:] = [request_row(life.random, life.numbers, case, kind, is_open=True)]


def _dates_order(life: Life, case: Case, number: int) -> None:
    """Due before receipt or, when that stays before the cut-off, received before filing."""
    received = case.row["receiveDate"]
    assert isinstance(received, datetime)
    if number % 2 and received + timedelta(days=1) < life.cutoff:
        case.row["submitDate"] = received + timedelta(days=1)
    else:
        case.row.update(dueDate=received - timedelta(days=2), extendDate=None)


def _no_due_date(life: Life, case: Case, number: int) -> None:
    case.row.update(dueDate=None, extendDate=None)


def _due_on_sunday(life: Life, case: Case, number: int) -> None:
    """Promised for the Sunday after: the old calendar lacked a day off."""
    due = case.row["dueDate"]
    assert isinstance(due, datetime)
    sunday = due + timedelta(days=6 - due.weekday())
    case.row.update(dueDate=sunday, extendDate=sunday if case.row["extendDate"] else None)


def _due_far(life: Life, case: Case, number: int) -> None:
    """Promised twelve working days later than the procedure takes, with no reason on record."""
    due = case.row["dueDate"]
    assert isinstance(due, datetime)
    case.row["dueDate"] = life.office.later(due, 12)


def _two_apologies(life: Life, case: Case, number: int) -> None:
    received = case.row["receiveDate"]
    assert isinstance(received, datetime)
    for days in (3, 9):
        life.papers.apology(case, received + timedelta(days=days))


def _originality(life: Life, case: Case, number: int) -> None:
    case.row["originality"] = (0, 4)[number % 2]


def _no_code(life: Life, case: Case, number: int) -> None:
    case.row["dossierNo"] = ("", None)[number % 2]


def _local_service(life: Life, case: Case, number: int) -> None:
    services = life.world.local_services
    case.row["serviceCode"], case.row["serviceName"] = services[number % len(services)]


def _succeeded_service(life: Life, case: Case, number: int) -> None:
    services = life.world.succeeded_services
    case.row["serviceCode"], case.row["serviceName"] = services[number % len(services)]


def _gone_service(life: Life, case: Case, number: int) -> None:
    services = life.world.gone_services
    case.row["serviceCode"], case.row["serviceName"] = services[number % len(services)]


def _lost_group(life: Life, case: Case, number: int) -> None:
    case.row["groupDossierId"] = str(990_000_001 + number)


def _old_phone(life: Life, case: Case, number: int) -> None:
    case.row["contactTelNo"] = old_mobile(life.random)


def _all_caps(life: Life, case: Case, number: int) -> None:
    case.row["applicantName"] = str(case.row["applicantName"]).upper()


def _decomposed(life: Life, case: Case, number: int) -> None:
    """Letters and marks apart. "Số nhà" in the address always has some, a name may have none."""
    for column in ("applicantName", "address"):
        case.row[column] = unicodedata.normalize("NFD", str(case.row[column]))


def _html(life: Life, case: Case, number: int) -> None:
    case.row["submissionNote"] = _HTML[number % len(_HTML)]


def _bad_bytes(life: Life, case: Case, number: int) -> None:
    case.spoilt = ("address", _TCVN3_ADDRESS)


def _abolished(life: Life, case: Case, number: int) -> None:
    unit = life.random.choice(life.world.gone_communes)
    case.row.update({**place(unit), "address": street(life.random, unit)})


def _unknown_unit(life: Life, case: Case, number: int) -> None:
    case.row.update(wardCode=("99999", "98765")[number % 2], wardName="Xã không rõ")


def _split_address(life: Life, case: Case, number: int) -> None:
    units = life.world.split_communes
    unit = units[number % len(units)]
    case.row.update({**place(unit), "address": street(life.random, unit)})


def _outside(life: Life, case: Case, number: int) -> None:
    """The owner lives in another district of the province than the one that the matter is filed with."""
    agency = case.setting.agency
    others = [u for u in life.world.communes if u.province_code == agency.province_code]
    unit = life.random.choice([unit for unit in others if unit.district_code != agency.unit_code])
    case.row.update({**place(unit), "address": street(life.random, unit)})


def _in_village(life: Life, case: Case, number: int) -> None:
    """The owner lives in a village of the commune that the agency belongs to."""
    unit = next(unit for unit in life.world.split_communes if unit.code == case.setting.agency.unit_code)
    case.row.update({**place(unit), "address": street(life.random, unit)})


def _unknown_agency(life: Life, case: Case, number: int) -> None:
    case.row.update(govAgencyCode=f"000.99.{77 + number % 3}.H44", govAgencyName="Ban chỉ đạo dồn điền đổi thửa")


def _gone_file(life: Life, case: Case, number: int) -> None:
    case.gone_files.add(first_stored(case)["fileEntryId"])


def _removed_file(life: Life, case: Case, number: int) -> None:
    first_stored(case)["removed"] = 1


def first_stored(case: Case) -> Row:
    """The first paper that has a stored file: every ordinary dossier has one."""
    return next(paper for paper in case.papers if paper["fileEntryId"])
