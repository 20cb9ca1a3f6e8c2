"""What one record of OpenCPS v2 becomes: filing time, scope, status, agency, text, lists."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from mappings.agencies import AgencyRow
from mappings.cells import VIETNAM, Clock
from mappings.model import SINCE_MERGER, Severity, decode, encode
from mappings.persons import year_of
from mappings.profile import ProfileError
from tests.profiles.opencps import AGENCIES, CUTOFF, SWEEP, action, codes, dossier_of, file, make_mapper, row

MAPPER = make_mapper()


def mapped(children=None, **cells):  # type: ignore[no-untyped-def]
    return MAPPER.map("101", row(**cells), children or {}, SWEEP)


def test_a_clean_dossier_has_no_issue_and_survives_encoding() -> None:
    found = mapped()
    assert found.issues == ()
    assert decode(encode(dossier_of(found))) == found.dossier


# ---------------------------------------------------------------- filing


def test_filed_is_submit_then_receive_then_create() -> None:
    assert dossier_of(mapped(submitDate="2025-06-01 20:00:00")).filed_from == "submitDate"
    assert dossier_of(mapped()).filed_from == "receiveDate"
    found = mapped(receiveDate=None)
    assert dossier_of(found).filed_from == "createDate"
    assert codes(found) == {"filed_from_create_date"}


def test_the_site_may_order_the_filing_columns() -> None:
    mapper = make_mapper(decisions={"filed_order": "receiveDate,submitDate"})
    found = mapper.map("101", row(submitDate="2025-06-01 20:00:00"), {}, SWEEP)
    assert dossier_of(found).filed_from == "receiveDate"


def test_a_wrong_filing_order_is_refused() -> None:
    with pytest.raises(ProfileError, match="filed_order"):
        make_mapper(decisions={"filed_order": "dueDate"})


@pytest.mark.parametrize("stored", ["31/02/2025", "0000-00-00 00:00:00", "2025-02-31 10:00:00", "hôm qua", b"\xff"])
def test_a_filing_instant_that_is_no_date_is_not_replaced_by_the_next_column(stored: str | bytes) -> None:
    found = mapped(submitDate=stored)
    assert codes(found) == {"filed_unreadable"}
    assert dossier_of(found).filed_at is None


def test_an_unreadable_receipt_that_is_also_the_filing_is_said_once() -> None:
    assert codes(mapped(receiveDate="0000-00-00 00:00:00")) == {"filed_unreadable"}


def test_a_dossier_without_any_date_is_filed_missing() -> None:
    assert "filed_missing" in codes(mapped(receiveDate=None, createDate=None))


@pytest.mark.parametrize("stored", ["0025-05-01 01:00:00", "1989-12-31 16:59:59", "2026-12-01 00:00:00"])
def test_a_filing_instant_before_1990_or_after_the_sweep_is_not_believed(stored: str) -> None:
    assert codes(mapped(submitDate=stored)) == {"filed_implausible"}


def test_filing_and_receipt_on_two_sides_of_the_cutoff_are_a_finding() -> None:
    late = {"submitDate": "2025-06-30 16:59:59", "receiveDate": "2025-06-30 17:00:00", "dossierNo": ""}
    early = {"submitDate": "2025-07-02 01:00:00", "receiveDate": "2025-06-27 01:00:00", "dossierNo": ""}
    assert codes(mapped(**late)) == {"filed_across_cutoff"}
    assert codes(mapped(**early)) == {"filed_across_cutoff"}
    decided = make_mapper(decisions={"received_after_cutoff": "migrate"})
    assert codes(decided.map("101", row(**late), {}, SWEEP)) == set()


@pytest.mark.parametrize(("zone", "before", "after"), [
    ("UTC", "2025-06-30 16:59:59", "2025-06-30 17:00:00"),
    ("Asia/Ho_Chi_Minh", "2025-06-30 23:59:59", "2025-07-01 00:00:00"),
    ("Asia/Tokyo", "2025-07-01 01:59:59", "2025-07-01 02:00:00"),
])  # fmt: skip
def test_the_second_of_the_cutoff_is_decided_in_vietnam(zone: str, before: str, after: str) -> None:
    mapper = make_mapper(zone=zone)
    first = dossier_of(mapper.map("1", row(receiveDate=before + ".999999"), {}, SWEEP)).received_at
    second = dossier_of(mapper.map("1", row(receiveDate=after), {}, SWEEP)).received_at
    assert first == datetime(2025, 6, 30, 23, 59, 59, tzinfo=VIETNAM) < CUTOFF
    assert second == CUTOFF


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ProfileError, match="múi giờ"):
        make_mapper(zone="Asia/Hanoi_City")


def test_an_unreadable_due_date_is_an_error_and_an_unreadable_minor_date_is_kept() -> None:
    found = mapped(dueDate="31/02/2025")
    assert [(issue.code, issue.field) for issue in found.issues] == [("date_unreadable", "due_at")]
    found = mapped(extendDate="31/02/2025", documentDate="không rõ")
    assert codes(found) == {"date_unreadable_minor"}
    assert dossier_of(found).extra["extended_at.original"] == "31/02/2025"
    assert dossier_of(found).extra["documentDate.original"] == "không rõ"


# ---------------------------------------------------------------- scope


def test_scope_rules_are_tried_in_order() -> None:
    twins = {"twins": [{"dossierId": 101, "twinId": 55}]}

    def rule(**cells: object) -> str:
        found = MAPPER.scope("101", row(**cells), twins)  # type: ignore[arg-type]
        return found.rule if found else ""

    assert rule(originality=-2, dossierStatus="") == "negative_originality"
    assert rule(originality=1, dossierStatus="  ") == "draft"
    assert rule(originality=1, dossierStatus=None) == "draft"
    assert rule(originality=1) == "online_twin"
    assert rule(originality=2) == ""
    assert rule(originality=0) == ""


def test_a_lone_online_dossier_is_in_scope() -> None:
    assert MAPPER.scope("101", row(originality=1), {"twins": []}) is None
    found = mapped(originality=1, online_=1, receiveDate=None, submitDate="2025-06-02 01:00:00", dossierStatus="new")
    assert codes(found) == {"online_not_received"}
    assert dossier_of(found).channel == "2"


def test_an_excluded_copy_says_what_its_twin_lacks() -> None:
    children = {
        "twins": [{"twinId": 55}, {"twinId": 56}],
        "twin_papers": [{"dossierFileId": 1}, {"dossierFileId": 2}],
        "twin_fees": [{"paymentFileId": 9}],
    }
    found = MAPPER.scope("101", row(originality=1), children)
    assert found is not None
    assert found.twin == "55"
    assert [(issue.code, issue.severity, issue.about) for issue in found.issues] == [
        ("twin_lacks_paper", Severity.WARNING, "1 2"),
        ("twin_lacks_fee", Severity.WARNING, "9"),
    ]


@pytest.mark.parametrize("originality", [0, 4, None, 7])
def test_an_originality_nobody_decided_is_an_error(originality: int | None) -> None:
    assert codes(mapped(originality=originality)) == {"originality_undecided"}


def test_the_site_may_migrate_or_exclude_an_originality() -> None:
    decided = make_mapper(decisions={"originality.0": "migrate", "originality.4": "exclude_not_ours"})
    assert codes(decided.map("101", row(originality=0), {}, SWEEP)) == set()
    found = decided.scope("101", row(originality=4), {})
    assert found is not None
    assert found.rule == "originality_4"


# ---------------------------------------------------------------- status


@pytest.mark.parametrize(("status", "target"), [
    ("processing", 4), ("interoperating", 4), ("waiting", 5), ("paying", 6), ("releasing", 9), ("done", 10),
    ("denied", 3), ("cancelled", 7), ("unresolved", 8), ("new", 2), ("receiving", 2),
])  # fmt: skip
def test_a_status_with_a_stated_source_maps(status: str, target: int) -> None:
    assert dossier_of(mapped(dossierStatus=status, dossierSubStatus=None)).status == target


def test_new_without_receipt_is_newly_registered() -> None:
    assert dossier_of(mapped(dossierStatus="new", receiveDate=None, submitDate="2025-06-02 01:00:00")).status == 1


@pytest.mark.parametrize("status", ["pausing", "cancelling", "correcting", "posting", "collecting", "handover", "400"])
def test_a_status_nobody_decided_is_never_guessed(status: str) -> None:
    found = mapped(dossierStatus=status, dossierSubStatus="")
    assert found.dossier is None
    assert [(issue.code, issue.about) for issue in found.issues] == [("status_undecided", status)]


def test_all_issues_are_collected_even_without_a_status() -> None:
    found = mapped(dossierStatus="posting", govAgencyCode="?", originality=0, contactTelNo="01681234567")
    wanted = {"status_undecided", "handling_agency_unknown", "originality_undecided", "phone_converted"}
    assert codes(found) == wanted


def test_the_sources_own_mapping_outranks_the_crosswalk_sub_status_first() -> None:
    rows = [
        {"statusCode": "processing", "subStatusCode": "processing_1", "statusCodeDVCQG": "2"},
        {"statusCode": "processing", "subStatusCode": "", "statusCodeDVCQG": "4"},
        {"statusCode": "pausing", "subStatusCode": None, "statusCodeDVCQG": "8"},
        {"statusCode": "done", "subStatusCode": "", "statusCodeDVCQG": "11"},
    ]
    mapper = make_mapper(references={"status_mapping": rows})

    def status(code: str, sub: str) -> int | None:
        found = mapper.map("1", row(dossierStatus=code, dossierSubStatus=sub), {}, SWEEP)
        return found.dossier.status if found.dossier else None

    assert status("processing", "processing_1") == 2
    assert status("processing", "processing_6") == 4
    assert status("pausing", "") == 8
    assert status("waiting", "") == 5
    assert status("done", "") is None  # the source says something that is no TrangThaiHoSo


def test_a_source_that_contradicts_itself_has_decided_nothing() -> None:
    rows = [{"statusCode": "done", "subStatusCode": "", "statusCodeDVCQG": code} for code in ("9", "10")]
    found = make_mapper(references={"status_mapping": rows}).map("1", row(dossierStatus="done"), {}, SWEEP)
    assert codes(found) == {"status_undecided"}


def test_the_sites_decision_outranks_all() -> None:
    mapper = make_mapper(decisions={"status.pausing": "4"})
    assert dossier_of(mapper.map("1", row(dossierStatus="pausing"), {}, SWEEP)).status == 4


@pytest.mark.parametrize("decision", [{"status.pausing": "11"}, {"originality.4": "maybe"}, {"tình trạng": "4"}])
def test_a_decision_that_says_nothing_possible_is_refused(decision: dict[str, str]) -> None:
    with pytest.raises(ProfileError, match=r"decisions\."):
        make_mapper(decisions=decision)


# ---------------------------------------------------------------- procedure


@pytest.mark.parametrize(("code", "national", "old", "issues"), [
    ("HT-07", "1.001193", "HT-07", set()),
    ("1.004222", "1.004222", "", set()),
    ("1.004222.000.00.00.H44", "1.004222", "1.004222.000.00.00.H44", set()),
    ("2.000815.H55.02", "2.000815", "2.000815.H55.02", set()),
    ("TTHC-99", "TTHC-99", "", {"procedure_unmapped"}),
    ("1.00422", "1.00422", "", {"procedure_unmapped"}),
    (None, "", "", {"procedure_unmapped"}),
])  # fmt: skip
def test_a_procedure_gets_its_national_code(code: str | None, national: str, old: str, issues: set[str]) -> None:
    found = mapped(serviceCode=code)
    assert (dossier_of(found).procedure_code, dossier_of(found).old_procedure_code) == (national, old)
    assert codes(found) == issues


# ---------------------------------------------------------------- agencies


def test_a_commune_agency_becomes_the_new_commune_and_history_keeps_the_old() -> None:
    found = dossier_of(mapped())
    assert (found.handling_agency.code, found.handling_agency.catalogue) == ("08494", SINCE_MERGER)
    assert found.handling_agency.name == "UBND xã Lâm Thao"
    assert (found.receiving_agency.code, found.receiving_agency.catalogue) == ("H44.01", "agency:cu")


def test_a_split_commune_is_never_guessed() -> None:
    for code in ("H44.03", "H44.05"):  # Cao Sơn itself, and Trường Sơn that had joined it in 2019
        found = mapped(govAgencyCode=code)
        (issue,) = found.issues
        assert (issue.code, issue.severity, issue.about) == ("handling_agency_split", Severity.ERROR, "04924 04960")
        assert dossier_of(found).handling_agency.code == code


def test_a_draft_by_name_serves_a_rehearsal_only() -> None:
    production = make_mapper(is_rehearsal=False)
    (issue,) = production.map("1", row(), {}, SWEEP).issues
    assert (issue.code, issue.severity) == ("crosswalk_unapproved", Severity.ERROR)
    assert issue.about == f"agencies {row()['govAgencyCode']}"
    approved = make_mapper(is_rehearsal=False, agencies=[_approved(each) for each in AGENCIES])
    assert codes(approved.map("1", row(), {}, SWEEP)) == set()


@pytest.mark.parametrize("code", ["H99", "", None, "H44.04"])
def test_an_agency_that_nobody_placed_is_unknown(code: str | None) -> None:
    assert codes(mapped(govAgencyCode=code)) == {"handling_agency_unknown"}


def _approved(agency: AgencyRow) -> AgencyRow:
    return replace(agency, status="approved")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(("codes_", "new", "issues"), [
    (("25", "237", "08494"), "08494", set()),
    (("", "", "08494"), "08494", set()),
    (("25", "238", "08494"), None, {"address_unit_unknown"}),  # the district contradicts the code
    (("26", "237", "08494"), None, {"address_unit_unknown"}),
    (("17", "152", "04957"), None, {"address_unit_split"}),
    (("17", "151", "04909"), "04894", {"unit_succeeded"}),  # Kỳ Sơn district is gone since 2019
    (("17", "148", "04909"), "04894", {"unit_succeeded"}),
    (("17", "152", "04948"), None, {"unit_succeeded", "address_unit_split"}),
    (("31", "318", ""), "11948", set()),  # an island district had no communes
    (("25", "237", ""), None, set()),
    (("25", "", ""), None, set()),
    (("25", "237", "99999"), None, {"address_unit_unknown"}),
    (("99", "", ""), None, {"address_unit_unknown"}),
    (("25", "237", "8494"), None, {"address_unit_unknown"}),  # a zero lost from a text is not guessed
    ((25, 237, 8494), "08494", set()),  # a column of numbers cannot hold it, and the three codes agree
    ((25, 238, 8494), None, {"address_unit_unknown"}),
])  # fmt: skip
def test_an_address_keeps_its_triple_and_gains_the_new_commune_only_when_certain(
    codes_: tuple[str | int, str | int, str | int], new: str | None, issues: set[str]
) -> None:
    found = mapped(cityCode=codes_[0], districtCode=codes_[1], wardCode=codes_[2])
    address = dossier_of(found).applicant.address
    assert address is not None
    assert (address.new_commune.code if address.new_commune else None) == new
    commune = codes_[2]
    written = f"{commune:05}" if isinstance(commune, int) else commune
    assert (address.commune.code if address.commune else "") == written
    assert codes(found) == issues


# ---------------------------------------------------------------- texts


def test_decomposed_text_is_composed_and_its_original_kept() -> None:
    name, street = unicodedata.normalize("NFD", "Nguyễn Thị Mẫu"), unicodedata.normalize("NFD", "Phố Huế")
    found = mapped(applicantName=name, address=street)
    dossier = dossier_of(found)
    assert codes(found) == {"unicode_composed"}
    assert (dossier.applicant.name, dossier.applicant.name_original) == ("Nguyễn Thị Mẫu", name)
    assert dossier.extra["applicant.address.text.original"] == street


def test_a_name_is_otherwise_never_rewritten() -> None:
    for name in ("NGUYỄN  VĂN   A", " Hòa ", "Hoà", "Guðmundur"):
        dossier = dossier_of(mapped(applicantName=name))
        assert (dossier.applicant.name, dossier.applicant.name_original) == (name, "")
    assert codes(mapped(applicantName="NGUYỄN VĂN A")) == {"name_all_caps"}


def test_bytes_that_are_no_utf8_are_an_error_with_the_field() -> None:
    found = mapped(applicantName=b"Nguy\xd4n", address=b"Khu 3")
    assert [(issue.code, issue.field) for issue in found.issues] == [("text_not_utf8", "applicant.name")]
    encode(dossier_of(found))


def test_an_old_mobile_number_is_converted_and_kept() -> None:
    found = mapped(contactTelNo="01681234567")
    applicant = dossier_of(found).applicant
    assert (applicant.phone, applicant.phone_original) == ("0381234567", "01681234567")
    assert codes(found) == {"phone_converted"}
    assert codes(mapped(contactTelNo="01101234567")) == {"phone_invalid"}
    assert codes(mapped(contactTelNo="0912345678")) == set()


def test_html_in_a_note_becomes_text() -> None:
    found = mapped(dossierNote="<p>Đề nghị <b>xem</b></p><br>5 < 6 &amp; 7")
    dossier = dossier_of(found)
    assert dossier.note == "Đề nghị xem\n5 < 6 & 7"
    assert dossier.note_original == "<p>Đề nghị <b>xem</b></p><br>5 < 6 &amp; 7"
    assert codes(found) == {"html_stripped"}
    assert codes(mapped(dossierNote="5 < 6 và 7 > 2; a &amp; b")) == set()


def test_a_code_outside_its_table_is_an_issue_and_never_a_default() -> None:
    found = mapped(applicantIdType="robot")
    assert [(issue.code, issue.field, issue.severity) for issue in found.issues] == [
        ("code_undecided", "applicant.kind", Severity.ERROR)
    ]
    assert dossier_of(found).extra["applicant.kind.original"] == "robot"


@pytest.mark.parametrize(("kind", "numbers"), [
    ("citizen", {"025190000001": "1", "131234567": "2", "B1234567": "4", "52418": "9"}),
    ("business", {"2600111222": "3", "2600111222-001": "3", "025190000001": "3", "52418": "9"}),
], ids=["citizen", "business"])  # fmt: skip
def test_an_identity_number_is_kept_as_recorded_with_its_kind(kind: str, numbers: dict[str, str]) -> None:
    for number, found in numbers.items():
        identity = dossier_of(mapped(applicantIdType=kind, applicantIdNo=number)).applicant.identity
        assert identity is not None
        assert (identity.number, identity.kind) == (number, found)


# ---------------------------------------------------------------- lists


def test_papers_and_results_are_told_by_their_part_and_nothing_is_dropped() -> None:
    files = [file(1), file(2, "KQ01", 2), file(3, "KN01", 7), file(4, "TP02", 3, displayName=""), file(5, "X", 99)]
    dossier = dossier_of(mapped({"files": files, "deliverables": [{"deliverableId": 8, "deliverableName": "GCN"}]}))
    assert [(paper.key, paper.kind, paper.name) for paper in dossier.papers] == [
        ("1", "1", "Tờ khai"), ("4", "3", "Bản sao giấy khai sinh"), ("5", "99", "Tờ khai"),
    ]  # fmt: skip
    assert [(result.key, result.origin) for result in dossier.results] == [
        ("2", "file"), ("3", "file"), ("8", "deliverable"),
    ]  # fmt: skip


def test_a_file_that_is_gone_is_kept_and_said() -> None:
    missing = {"_size": None}
    no_entry = {"_locator": None, "_size": None, "dl.fileName": None, "dl.title": None}
    found = mapped({"files": [file(1, **missing), file(2, **no_entry), file(3, fileEntryId=0), file(4, removed=1)]})
    first, second, third, fourth = dossier_of(found).papers
    assert first.attachment is not None
    assert (first.attachment.is_missing, first.attachment.locator) == (True, "20116/44/1/1.0")
    assert second.attachment is not None
    assert (second.attachment.is_missing, second.attachment.locator) == (True, "fileEntryId:902")
    assert third.attachment is None
    assert fourth.is_removed
    assert [(issue.code, issue.about) for issue in found.issues] == [
        ("attachment_missing", "1"), ("attachment_missing", "2"), ("file_removed", "4"),
    ]  # fmt: skip


def test_a_mark_stands_on_its_paper_or_alone() -> None:
    marks = [
        {"dossierMarkId": 1, "dossierPartNo": "TP01", "fileMark": 2, "fileComment": "đủ"},
        {"dossierMarkId": 2, "dossierPartNo": "TP03", "fileMark": 1},
    ]
    papers = dossier_of(mapped({"files": [file(1)], "marks": marks})).papers
    assert [(paper.kind, paper.code, paper.mark, paper.note) for paper in papers] == [
        ("1", "TP01", "2", "đủ"), ("m", "TP03", "1", ""),
    ]  # fmt: skip


def test_supplement_rounds_and_pauses_come_from_the_history() -> None:
    history = [
        action(1, "200", "2025-06-02 02:00:00"),
        action(2, "300", "2025-06-03 02:00:00", actionNote="Thiếu bản sao"),
        action(3, "300", "2025-06-04 02:00:00", state_=2),
        action(4, "200", "2025-06-05 02:00:00"),
        action(5, "330", "2025-06-06 02:00:00"),
        action(6, "200", "2025-06-07 02:00:00"),
        action(7, "300", "2025-06-08 02:00:00"),
    ]
    dossier = dossier_of(mapped({"actions": history}))
    first, second = dossier.supplements
    assert (first.key, first.content, first.is_done) == ("2", "Thiếu bản sao", True)
    assert first.answered_at == datetime(2025, 6, 5, 9, tzinfo=VIETNAM)
    assert first.due_before is None  # the old software has written over it
    assert (second.key, second.is_done, second.answered_at) == ("7", False, None)
    (pause,) = dossier.pauses
    assert (pause.key, pause.ended_at) == ("5", datetime(2025, 6, 7, 9, tzinfo=VIETNAM))
    assert [step.is_rolled_back for step in dossier.steps] == [False, False, True, False, False, False, False]


def test_steps_carry_status_and_assignees() -> None:
    users = [
        {"dossierActionId": 12, "userId": 501, "assigned": 1, "moderator": 1},
        {"dossierActionId": 12, "userId": 502, "assigned": 0, "moderator": 0},
        {"dossierActionId": 13, "userId": 503, "assigned": 1},
    ]
    dossier = dossier_of(mapped({"actions": [action(12, "200", "2025-06-02 02:00:00")], "action_users": users}))
    assert (dossier.steps[0].status, dossier.steps[0].assignees) == ("processing/processing_1", ("501",))
    assert dossier.open_step == "200"


def test_money_is_whole_dong() -> None:
    fees = [{"paymentFileId": 1, "feeAmount": "50000.00", "paymentAmount": 76000, "shipAmount": 26000.0}]
    (fee,) = dossier_of(mapped({"payments": fees})).fees
    assert (fee.fee, fee.total, fee.shipping) == (50000, 76000, 26000)
    found = mapped({"payments": [{"paymentFileId": 1, "feeAmount": 0.5}]})
    assert [(issue.code, issue.severity) for issue in found.issues] == [("number_unreadable", Severity.ERROR)]


def test_links_travel_as_old_keys() -> None:
    links = dossier_of(mapped(groupDossierId="7, 8", originDossierId=0, originDossierNo="A-1")).links
    assert [(link.kind, link.value) for link in links] == [
        ("reference_uid", "uid-101"), ("group", "7"), ("group", "8"), ("origin_code", "A-1"),
    ]  # fmt: skip


# ---------------------------------------------------------------- version


def test_the_version_changes_with_whatever_changes_the_outcome(tmp_path: Path) -> None:
    same = make_mapper().version
    assert same == MAPPER.version
    others = [
        make_mapper(decisions={"status.pausing": "4"}),
        make_mapper(zone="Asia/Ho_Chi_Minh"),
        make_mapper(is_rehearsal=False),
        make_mapper(agencies=AGENCIES[:-1]),
        make_mapper(references={"parts": []}),
    ]
    assert len({same, *(mapper.version for mapper in others)}) == len(others) + 1


def test_the_version_does_not_depend_on_the_order_of_catalogue_rows() -> None:
    steps = [{"serviceProcessId": 7, "stepCode": str(code)} for code in range(5)]
    one = make_mapper(references={"process_steps": steps})
    other = make_mapper(references={"process_steps": steps[::-1]}, agencies=AGENCIES[::-1])
    assert one.version == other.version


# ---------------------------------------------------------------- persons


def form(key: int, **told: object) -> dict[str, object]:
    """An electronic form without a file."""
    return file(key, fileEntryId=0, formData=json.dumps(told, ensure_ascii=False))


def persons(children=None, **cells):  # type: ignore[no-untyped-def]
    found = mapped(children, **cells)
    assert all(issue.severity is Severity.WARNING for issue in found.issues)
    assert not any(issue.about for issue in found.issues)
    return [(issue.code, issue.field) for issue in found.issues]


def test_what_is_wrong_with_a_number_is_flagged_and_the_number_stays() -> None:
    for number, code in (
        ("25190000001", "id_zero_lost"),
        ("000000001", "id_dummy"),
        ("003190000001", "id_province_unknown"),
    ):
        assert persons(applicantIdNo=number) == [(code, "applicant.identity.number")]
        assert dossier_of(mapped(applicantIdNo=number)).applicant.identity.number == number


def test_a_number_column_gives_the_same_finding_as_text() -> None:
    assert persons(applicantIdNo=25190000001) == persons(applicantIdNo="25190000001")


def test_a_business_is_asked_for_the_check_digit_and_an_office_is_not_asked_for_a_form() -> None:
    wrong, decree = "0100109107", "12/QĐ-UBND"
    where = "applicant.identity.number"
    assert persons(applicantIdType="business", applicantIdNo=wrong) == [("id_checksum_wrong", where)]
    assert persons(applicantIdType="business", applicantIdNo=decree) == [("id_form_unknown", where)]
    assert persons(applicantIdType="organization", applicantIdNo=wrong) == [("id_checksum_wrong", where)]
    assert persons(applicantIdType="organization", applicantIdNo=decree) == []


def test_who_files_for_the_owner_is_asked_the_same() -> None:
    other = {"delegateName": "Trần Văn Ví", "delegateIdNo": "12", "delegateTelNo": "912345678"}
    assert persons(**other) == [("id_form_unknown", "delegate.identity.number"), ("phone_zero_lost", "delegate.phone")]


def test_a_passport_is_a_kind_of_its_own() -> None:
    found = mapped(applicantIdNo="C1234567")
    assert found.issues == ()
    assert dossier_of(found).applicant.identity.kind == "4"


def test_a_telephone_number_is_flagged_and_never_mended() -> None:
    assert persons(contactTelNo="912345678") == [("phone_zero_lost", "applicant.phone")]
    assert dossier_of(mapped(contactTelNo="912345678")).applicant.phone == "912345678"
    assert persons(contactTelNo="hỏi sau") == [("phone_invalid", "applicant.phone")]
    assert persons(contactTelNo="") == persons(contactTelNo=None) == []


def test_year_and_sex_are_compared_with_the_form_of_the_same_number() -> None:
    told = {"ngaySinh": "05/03/1990", "gioiTinh": "Nữ", "soGiayTo": "025190000001"}
    applicant = dossier_of(mapped({"files": [form(1, **told)]})).applicant
    assert (applicant.born, applicant.sex) == ("05/03/1990", "2")
    assert persons({"files": [form(1, **told)]}) == []
    assert persons({"files": [form(1, **told | {"ngaySinh": "1991"})]}) == [("id_year_differs", "applicant.born")]
    assert persons({"files": [form(1, **told | {"gioiTinh": "Nam"})]}) == [("id_sex_differs", "applicant.sex")]
    assert persons({"files": [form(1, **told | {"ngaySinh": "", "gioiTinh": None})]}) == []


def test_a_form_of_somebody_else_says_nothing_of_the_owner() -> None:
    child = {"ngaySinh": "05/06/2025", "gioiTinh": "Nam"}
    for number in ("", None, "026190000001", {"so": "025190000001"}):
        assert persons({"files": [form(1, **child, soGiayTo=number)]}) == []
    assert persons({"files": [form(1, **child, soGiayTo="")]}, applicantIdNo="") == []


def test_a_form_number_that_became_a_number_is_still_the_owner() -> None:
    told = {"soGiayTo": 131234568, "ngaySinh": 1990}
    applicant = dossier_of(mapped({"files": [form(1, **told)]}, applicantIdNo="131234568")).applicant
    assert applicant.born == "1990"


def test_a_form_that_is_no_json_is_passed_over() -> None:
    for text in ("{", "[]", "null", "[" * 100_000, 7, "<p>025190000001</p>"):
        assert persons({"files": [file(1, formData=text)]}) == []
    for text in ('{"soGiayTo": "\ud800"}', b"\xff"):
        assert codes(mapped({"files": [file(1, formData=text)]})) == {"text_not_utf8"}


@pytest.mark.parametrize(("stored", "year"), [
    ("1985", 1985), ("02/03/1985", 1985), ("2/3/1985", 1985), ("02-03-1985", 1985), ("2.3.1985 00:00:00", 1985),
    ("1985-03-02", 1985), ("1984-12-31 17:00:00", 1985), ("", None), ("khoảng 1985", None), ("85", None),
    ("3/85", None), ("1985-02-30", None), ("19850302", None),
])  # fmt: skip
def test_a_year_of_birth_is_read_as_people_and_databases_write_it(stored: str, year: int | None) -> None:
    assert year_of(stored, Clock("UTC")) == year


def test_a_site_may_read_birth_and_sex_from_columns_of_its_own(tmp_path: Path) -> None:
    profile = (
        "extends: opencps_v2\ndossier:\n  applicant:\n    born: documentNo\n"
        "    sex: {from: serverNo, table: {M: '1', F: '2'}}\n"
    )
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "opencps_v2.yaml").write_text(profile, encoding="utf-8")
    found = make_mapper(site_dir=tmp_path).map("101", row(documentNo="1991", serverNo="M"), {}, SWEEP)
    assert codes(found) == {"id_year_differs", "id_sex_differs"}
    assert dossier_of(found).applicant.born == "1991"


def test_json_is_refused_in_a_reference(tmp_path: Path) -> None:
    look = "{name: parts, json: partName, match: {partNo: applicantIdNo}, column: x}"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "opencps_v2.yaml").write_text(
        f"extends: opencps_v2\ndossier:\n  applicant:\n    born: {{reference: {look}}}\n", encoding="utf-8"
    )
    with pytest.raises(ProfileError, match="json"):
        make_mapper(site_dir=tmp_path)


def test_a_site_names_the_keys_of_its_own_forms(tmp_path: Path) -> None:
    look = "{name: files, json: formData, match: {so_cccd: applicantIdNo}, column: %s}"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "opencps_v2.yaml").write_text(
        f"extends: opencps_v2\ndossier:\n  applicant:\n    born:\n      - child: {look % 'nam'}\n"
        f"    sex:\n      - child: {look % 'gioi'}\n        table: {{'0': '1', '1': '2'}}\n",
        encoding="utf-8",
    )
    mapper = make_mapper(site_dir=tmp_path)
    files = {
        "files": [form(1, so_cccd="025190000001", nam=1990, gioi=0), form(2, soGiayTo="025190000001", ngaySinh="1")]
    }
    assert codes(mapper.map("101", row(), files, SWEEP)) == {"id_sex_differs"}
