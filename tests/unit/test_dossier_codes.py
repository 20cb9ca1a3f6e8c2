"""Every form of dossier code that was ever printed, and what a code says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mappings.cells import VIETNAM, Run
from mappings.dossier_codes import DossierCode, is_national_agency, national_agency, read_code
from mappings.own_codes import judge_code

KNOWN = [
    ("000.17.22.H56-210531-0001", DossierCode("qcvn_102", "H56.22.17", "210531", 1)),
    ("000.00.53.H48-220921-0099", DossierCode("qcvn_102", "H48.53", "220921", 99)),
    ("000.17.22.H56-210531-12345", DossierCode("qcvn_102", "H56.22.17", "210531", 12345)),
    ("H15.50.05.13-261008-0975", DossierCode("qd_20", "H15.50.05.13", "261008", 975)),
    ("G09.20-20260609-0092637", DossierCode("qd_20", "G09.20", "20260609", 92637)),
    ("CNTBD.181121.00334", DossierCode("opencps", "CNTBD", "181121", 334)),
    ("MC12-210531-01234", DossierCode("td_sync", "MC12", "210531", 1234)),
    ("2014HSNV0000123", DossierCode("fss", "HSNV", "", 123)),
    ("2106090000901", DossierCode("cmon")),
    ("18ACE289", DossierCode("electronic")),
]


@pytest.mark.parametrize(("code", "found"), KNOWN)
def test_each_form_is_known_and_taken_apart(code: str, found: DossierCode) -> None:
    assert read_code(code) == found


@pytest.mark.parametrize(
    "code", ["", "HS 12/2025", "Số 7-MC", "TN.901", "901/TNHS-UBND", "H44", "٠٠٠.17.22.H56-210531-0001"]
)
def test_what_a_hand_typed_has_no_form(code: str) -> None:
    assert read_code(code) == DossierCode("")


def test_the_two_orders_of_an_agency_are_one_agency() -> None:
    assert national_agency("000.17.22.H56") == national_agency("H56.22.17") == "H56.22.17"
    assert national_agency("000.00.00.H44") == "H44"
    assert is_national_agency("000.00.14.H20")
    assert not is_national_agency("CNTBD")


def test_a_day_that_no_calendar_has_is_none() -> None:
    assert read_code("000.17.22.H56-210531-0001").on == date(2021, 5, 31)
    assert read_code("000.17.22.H56-211331-0001").on is None


@pytest.mark.parametrize(
    ("code", "received", "found"),
    [
        ("000.17.22.H56-250602-0001", datetime(2025, 6, 2, 9, tzinfo=VIETNAM), []),
        ("000.17.22.H56-250602-0001", datetime(2025, 6, 3, 0, 30, tzinfo=VIETNAM), ["code_date_differs"]),
        ("G09.20-20250602-0092637", datetime(2025, 6, 2, 9, tzinfo=VIETNAM), []),
        ("G09.20-20250603-0092637", datetime(2025, 6, 2, 9, tzinfo=VIETNAM), ["code_date_differs"]),
        ("CNTBD.250602.00334", datetime(2025, 6, 2, 9, tzinfo=VIETNAM), ["code_form_old"]),
        ("000.17.22.H56-250602-0001", None, []),
        ("HS 12/2025", datetime(2025, 6, 2, tzinfo=UTC), []),
        ("", None, []),
    ],
)
def test_a_code_of_another_day_than_receipt_is_noted(code: str, received: datetime | None, found: list[str]) -> None:
    run = Run({}, {})
    judge_code(code, received, run)
    assert [issue.code for issue in run.issues] == found
