"""The dirt of OpenCPS v1: what both versions have in common, and what is v1's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from connectors.rehearsal import opencps_dirt
from connectors.rehearsal.kind import Kind
from connectors.rehearsal.opencps_case import Case as Matter
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_v1_case import MAIN, Case, Tables
from connectors.rehearsal.opencps_v1_words import NUMBERS
from connectors.rehearsal.store import Row

_SHARED: Final = frozenset({
    "draft", "filed_from_create_date", "filed_implausible", "filed_unreadable", "filed_across_cutoff",
    "date_unreadable", "dates_order", "due_on_day_off", "procedure_unmapped", "procedure_succeeded", "procedure_gone",
    "procedure_gone_closed", "duplicate_number", "double_entry", "code_missing", "code_form_unknown", "code_form_old",
    "code_agency_unknown", "code_date_differs", "second_code", "phone_11_digits", "all_caps_name",
    "decomposed_unicode", "html_note", "bytes_not_utf8", "legacy_cell", "lookalike_letter", "hidden_character",
    "id_form_unknown", "id_dummy", "id_zero_lost", "id_province_unknown", "id_checksum_wrong", "id_year_differs",
    "id_sex_differs", "phone_zero_lost", "phone_invalid", "abolished_unit", "address_unit_unknown",
    "split_commune_address", "split_commune_agency", "agency_unknown", "district_land", "place_outside", "file_gone",
    "file_soft_deleted",
})  # fmt: skip
"""Kinds that v1 can hold as v2 does; v1 has no durations, requests, groups, slips and notes in several columns."""
_UNDECIDED: Final = ("archived", "ended", "system", "error", "updated", "9", "10", "11")
_OF_V2: Final = ("cancelled", "releasing", "400", "interoperating", "unresolved")
_RECEIVED: dict[str, object] = {"channel": "counter"}
_CLOSED: dict[str, object] = {"channel": "counter", "status": "done"}
Change = Callable[[Life, Case, Tables, int], None]


def kinds() -> tuple[Kind[Life, Case], ...]:
    """Every kind, the shared ones first."""
    shared = tuple(_of_matter(kind) for kind in opencps_dirt.kinds() if kind.name in _SHARED)
    assert len(shared) == len(_SHARED)
    return (*shared, *_own())


def _own() -> tuple[Kind[Life, Case], ...]:
    undecided = ("status_undecided", "quarantined")
    return (
        Kind("status_waiting", *undecided, 0.005, _later(_status(("waiting", NUMBERS["waiting"]))), _RECEIVED),
        Kind("status_undecided", *undecided, 0.006, _later(_status(_UNDECIDED)), _RECEIVED),
        Kind("status_of_v2", *undecided, 0.005, _later(_status(_OF_V2)), _RECEIVED),
        Kind("status_number", "", "untouched", 0.005, _later(_status((NUMBERS["done"], "done"))), _CLOSED),
        Kind("source_unknown", "code_undecided", "quarantined", 0.005, _later(_source), _RECEIVED),
        Kind("service_dangling", "procedure_unmapped", "warned", 0.005, _later(_no_service), _RECEIVED),
        Kind("part_dangling", "", "untouched", 0.005, _later(_no_part), _CLOSED),
        Kind("several_agencies", "", "untouched", 0.01, _later(_second_order), _CLOSED),
        Kind("older_version", "file_removed", "normalised", 0.01, _later(_older_version), _CLOSED),
        Kind("account_of_other", "", "untouched", 0.005, _later(_other_account), {"is_citizen": True}),
    )


def _of_matter(kind: Kind[Life, Matter]) -> Kind[Life, Case]:
    """The same kind, done to the matter of the case."""

    def spoil(life: Life, case: Case, number: int) -> None:
        kind.spoil(life, case.matter, number)

    return Kind(
        kind.name, kind.code, kind.outcome, kind.share, spoil, kind.wish, kind.wish_by, kind.is_rule, kind.dialects,
        kind.size, kind.shares_code, kind.needs_files,
    )  # fmt: skip


def _later(change: Change) -> Callable[[Life, Case, int], None]:
    """Done to the rows of v1, once they are made."""

    def spoil(life: Life, case: Case, number: int) -> None:
        case.later.append(lambda tables: change(life, case, tables, number))

    return spoil


def _status(statuses: tuple[str, ...]) -> Change:
    def change(life: Life, case: Case, tables: Tables, number: int) -> None:
        tables[MAIN][0]["dossierStatus"] = statuses[number % len(statuses)]

    return change


def _source(life: Life, case: Case, tables: Tables, number: int) -> None:
    tables[MAIN][0]["dossierSource"] = 2 + number % 3


def _no_service(life: Life, case: Case, tables: Tables, number: int) -> None:
    """The service was deleted; its number is still there."""
    tables[MAIN][0]["serviceInfoId"] = 990_001 + number


def _no_part(life: Life, case: Case, tables: Tables, number: int) -> None:
    """The part of the template was deleted; the paper keeps its own name."""
    tables["opencps_dossier_file"][0]["dossierPartId"] = 990_001 + number


def _second_order(life: Life, case: Case, tables: Tables, number: int) -> None:
    """Another agency had its part in the dossier: an order and an action of its own."""
    other = life.world.agencies[number % 3]
    order: Row = {"processOrderId": life.numbers.next("order"), "govAgencyCode": other.code}
    action: Row = {"actionHistoryId": life.numbers.next("history"), "processOrderId": order["processOrderId"]}
    tables["opencps_processorder"].append({**tables["opencps_processorder"][0], **order, "govAgencyName": other.name})
    tables["opencps_actionhistory"].append({**tables["opencps_actionhistory"][-1], **action})


def _older_version(life: Life, case: Case, tables: Tables, number: int) -> None:
    """A paper was uploaded again: the first version is marked as removed, the second counts."""
    files = tables["opencps_dossier_file"]
    paper = next(row for row in files if row["fileEntryId"])
    older: Row = {"dossierFileId": life.numbers.next("file"), "removed": 1, "version": 1}
    paper["version"] = 2
    files.append({**paper, **older})


def _other_account(life: Life, case: Case, tables: Tables, number: int) -> None:
    """A relative filed with an account of his own: nothing in it is about the owner."""
    account = tables["opencps_acc_citizen"][0]
    account.update(personalId=f"0251{number:08d}", fullName="Trần Thị Khác", gender=1 - int(str(account["gender"])))
