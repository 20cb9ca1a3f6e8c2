"""The tables of OpenCPS v2 as Liferay makes them."""

from __future__ import annotations

from connectors.rehearsal.tables import Schema, read_schema

_INDEXES = (
    ("opencps_dossier", "referenceUid"), ("opencps_dossier", "dossierNo"), ("opencps_dossier", "uuid_"),
    ("opencps_dossierfile", "dossierId"), ("opencps_dossieraction", "dossierId"),
    ("opencps_dossieractionuser", "dossierId"), ("opencps_dossiermark", "dossierId"),
    ("opencps_dossierrequests", "dossierId"), ("opencps_dossierdocument", "dossierId"),
    ("opencps_paymentfile", "dossierId"), ("opencps_deliverable", "dossierId"),
    ("opencps_dossierlog", "dossierId"), ("opencps_dossieruser", "dossierId"),
    ("opencps_notarization", "dossierId"), ("opencps_postconnect", "dossierId"),
    ("opencps_deliverable", "deliverableCode"), ("opencps_applicant", "applicantIdNo"),
    ("opencps_processstep", "serviceProcessId"), ("opencps_processaction", "serviceProcessId"),
    ("opencps_dictitem", "dictCollectionId"), ("opencps_dossierpart", "templateNo"), ("DLFileEntry", "folderId"),
)  # fmt: skip


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("opencps_v2_tables.csv", _INDEXES)
