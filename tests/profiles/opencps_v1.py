"""A clean OpenCPS v1 record of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "new": "TIEP_NHAN", "0": "TIEP_NHAN", "received": "PHAN_CONG", "5": "PHAN_CONG", "processing": "THAM_DINH",
    "6": "THAM_DINH", "paying": "CHO_THANH_TOAN", "3": "CHO_THANH_TOAN",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "process_steps": [{"processStepId": 31, "sequenceNo": 201, "stepName": "Thụ lý", "dossierStatus": "processing"}],
    "workflows": [{"processWorkflowId": 41, "actionCode": "1100"}],
    "employees": [{"mappingUserId": 501, "fullName": "Trần Văn Ví"}],
    "working_units": [],
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A received counter dossier of a commune, filed 2 June 2025 09:00 (stored in UTC)."""
    return {
        "dossierId": 101, "oid": "oid-101", "receptionNo": "000.01.21.H44-250602-0001", "dossierStatus": "processing",
        "dossierSource": 0, "receiveDatetime": "2025-06-02 02:00:00", "createDate": "2025-06-02 01:55:00",
        "estimateDatetime": "2025-06-16 02:00:00", "serviceInfoId": 7, "tt.serviceNo": "1.001193",
        "tt.serviceName": "Đăng ký khai sinh", "mau.templateNo": "MHS", "qt.processNo": "QT-1",
        "govAgencyCode": "H44.01", "govAgencyName": "UBND thị trấn Lâm Thao", "subjectId": "025190000001",
        "subjectName": "Nguyễn Thị Mẫu", "ownerOrganizationId": 0, "address": "Khu 3", "cityCode": "25",
        "cityName": "Tỉnh Phú Thọ", "districtCode": "237", "districtName": "Huyện Lâm Thao", "wardCode": "08494",
        "wardName": "Thị trấn Lâm Thao", "contactTelNo": "0912345678",
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    return opencps.make_mapper(**{"profile": "opencps_v1", "references": REFERENCES, "cases": CASES, **options})
