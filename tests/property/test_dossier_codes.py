"""Reading a code never fails, and reading what it said again says the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mappings.dossier_codes import FORMS, national_agency, read_code
from validations.suite import load_suite

CODES = st.one_of(st.text(max_size=60), *(st.from_regex(pattern, fullmatch=True) for pattern in FORMS.values()))
SUITE = [re.compile(form) for name, form in load_suite().forms.items() if name.startswith("ma_")]


@given(CODES)
def test_any_text_is_read(code: str) -> None:
    found = read_code(code)
    assert found == read_code(code)
    assert found.form in {"", *FORMS}
    assert found.on is None or found.day
    if found.is_national:
        assert national_agency(found.agency) == found.agency
        assert re.fullmatch(r"[A-Y][0-9]{2}(\.[0-9A-Z]{1,8})*", found.agency)


@given(CODES)
def test_the_suite_knows_the_forms_that_the_mapping_knows(code: str) -> None:
    if code.isascii() and 8 <= len(code) <= 64:
        assert bool(read_code(code).form) == any(form.fullmatch(code) for form in SUITE)
