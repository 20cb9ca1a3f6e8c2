"""A clean OpenCPS v2 record of an invented person, and a mapper for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from mappings.agencies import AgencyRow
from mappings.case_states import CaseRow
from mappings.cells import VIETNAM, Cell, Row
from mappings.column_encodings import EncodingRow
from mappings.mapper import Mapper, MappingContext, build_mapper
from mappings.model import Dossier, Mapped
from mappings.profile import load_profile
from mappings.tracing import Trace

CUTOFF = datetime(2025, 7, 1, tzinfo=VIETNAM)
SWEEP = datetime(2026, 11, 23, 8, tzinfo=VIETNAM)

TODAY = SWEEP.date()

AGENCIES = (
    AgencyRow("H44.01", "UBND thị trấn Lâm Thao", "commune", "25", "237", "08494"),
    AgencyRow("H44.02", "UBND huyện Lâm Thao", "district", "25", "237"),
    AgencyRow("H44.03", "UBND xã Cao Sơn", "commune", "17", "152", "04957"),
    AgencyRow("H44.04", "Ban quản lý dự án"),
    AgencyRow("H44.05", "UBND xã Trường Sơn", "commune", "17", "152", "04948"),
)

CASES = (
    CaseRow(step="-", old_status="processing", action="migrate", new_step="PHAN_CONG", new_role="LANH_DAO_PHONG"),
    *(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
        "new": "TIEP_NHAN", "receiving": "TIEP_NHAN", "processing": "THAM_DINH", "interoperating": "LIEN_THONG",
        "waiting": "CHO_BO_SUNG", "paying": "CHO_THANH_TOAN", "releasing": "CHO_TRA",
    }.items()),
)  # fmt: skip
"""Where open dossiers go on; drafts, which a rehearsal may use."""

REFERENCES: dict[str, list[Row]] = {
    "process_steps": [
        {"serviceProcessId": 7, "stepCode": "100", "dossierStatus": "new", "dossierSubStatus": "", "lockState": ""},
        {"serviceProcessId": 7, "stepCode": "200", "dossierStatus": "processing", "dossierSubStatus": "processing_1"},
        {"serviceProcessId": 7, "stepCode": "300", "dossierStatus": "waiting", "dossierSubStatus": "waiting_4"},
        {"serviceProcessId": 7, "stepCode": "330", "dossierStatus": "pausing", "lockState": "PAUSE"},
        {"serviceProcessId": 7, "stepCode": "500", "dossierStatus": "done"},
    ],
    "parts": [{"templateNo": "MHS", "partNo": "TP02", "partName": "Bản sao giấy khai sinh"}],
    "service_mapping": [{"serviceCode": "HT-07", "serviceCodeDVCQG": "1.001193"}],
    "status_mapping": [],
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A received counter dossier of a commune, filed 2 June 2025 09:00 (stored in UTC)."""
    return {
        "dossierId": 101, "referenceUid": "uid-101", "dossierNo": "000.01.21.H44-250602-0001", "originality": 3,
        "online_": 0, "dossierStatus": "processing", "dossierSubStatus": "processing_1", "dossierActionId": 12,
        "submitDate": None, "receiveDate": "2025-06-02 02:00:00", "createDate": "2025-06-02 01:55:00",
        "dueDate": "2025-06-16 02:00:00", "releaseDate": None, "finishDate": None, "serviceCode": "HT-07",
        "serviceName": "Đăng ký khai sinh", "govAgencyCode": "H44.01", "govAgencyName": "UBND thị trấn Lâm Thao",
        "applicantName": "Nguyễn Thị Mẫu", "applicantIdType": "citizen", "applicantIdNo": "025190000001",
        "applicantIdDate": "2021-05-03 17:00:00", "address": "Khu 3", "cityCode": "25", "cityName": "Tỉnh Phú Thọ",
        "districtCode": "237", "districtName": "Huyện Lâm Thao", "wardCode": "08494", "wardName": "Thị trấn Lâm Thao",
        "contactTelNo": "0912345678", "durationCount": 10.0, "durationUnit": 0, "viaPostal": 0,
        "dossierTemplateNo": "MHS", "dossierName": "Đăng ký khai sinh", "groupId": 35166,
    } | cells  # fmt: skip


def action(key: int, step: str, at: str, **cells: Cell) -> dict[str, Cell]:
    """One row of the history."""
    made: dict[str, Cell] = {"dossierActionId": key, "serviceProcessId": 7, "stepCode": step, "createDate": at}
    return made | {"actionUser": "Trần Văn Ví", "actionName": "Chuyển bước", "state_": 1} | cells


def file(key: int, part: str = "TP01", kind: int = 1, **cells: Cell) -> dict[str, Cell]:
    """One paper with a stored file."""
    return {
        "dossierFileId": key, "dossierPartNo": part, "dossierPartType": kind, "dossierTemplateNo": "MHS",
        "displayName": "Tờ khai", "fileEntryId": 900 + key, "removed": 0, "original": 0, "dl.fileName": "to-khai.pdf",
        "dl.title": "to-khai-1", "dl.mimeType": "application/pdf", "dl.version": "1.0",
        "_locator": f"20116/44/{key}/1.0", "_size": 1234,
    } | cells  # fmt: skip


def make_mapper(
    *,
    profile: str = "opencps_v2",
    decisions: Mapping[str, str] | None = None,
    references: Mapping[str, Sequence[Row]] | None = None,
    is_rehearsal: bool = True,
    zone: str = "UTC",
    agencies: Sequence[AgencyRow] = AGENCIES,
    site_dir: Path | None = None,
    observer: Trace | None = None,
    today: date = TODAY,
    cases: Sequence[CaseRow] | None = CASES,
    encodings: Sequence[EncodingRow] = (),
) -> Mapper:
    """A shipped profile on a small site."""
    context = MappingContext(
        source_id="cu",
        zone=zone,
        cutoff=CUTOFF,
        today=today,
        is_rehearsal=is_rehearsal,
        references=REFERENCES | dict(references or {}),
        agencies=agencies,
        decisions=decisions or {},
        site_dir=site_dir,
        case_states=cases and [replace(row, status="draft" if is_rehearsal else "approved") for row in cases],
        encodings=encodings,
    )
    return build_mapper(load_profile(profile, site_dir), context, observer)


def codes(mapped: Mapped) -> set[str]:
    """The issue codes."""
    return {issue.code for issue in mapped.issues}


def dossier_of(mapped: Mapped) -> Dossier:
    """The dossier, which must be there."""
    assert mapped.dossier is not None, mapped.issues
    return mapped.dossier
