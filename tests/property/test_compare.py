"""Laws of the comparison, on any dossier and on any JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.model import Dossier, encode
from tests.unit.dossiers import HANOI, clean_dossier
from validations.compare import NAME_FIELDS, canonical, compare

# Text as msgspec can encode it: no lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INSTANT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda d: d.replace(microsecond=0, tzinfo=HANOI))
NAMES = st.sampled_from(
    ["NgayNopHoSo", "TrangThaiHoSo", "HinhThuc", "LaHoSoChuyenDoi", "TaiLieuNop", "GiayToId", "IsDeleted", "LienKet",
     "DanhSachLePhi", "LePhiId", "Gia", "ThongTinKhac", "NgayCap", "TaiLieuNop[1].IsDeleted", "a.b", "", "[", "x[1]"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
DATES = INSTANT.map(datetime.isoformat) | st.dates().map(str) | st.sampled_from(["20250630", "0", "1.50", "False"])
JSON = st.recursive(
    SCALARS | DATES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXT, inner, max_size=5)
)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """A dossier whose texts, instants, numbers and flags are anything."""
    _, dossier = clean_dossier(draw(st.integers(0, 9)))
    changed: Any = _shaken(draw, msgspec.to_builtins(dossier))
    return msgspec.convert(changed, Dossier)


def _shaken(draw: st.DrawFn, value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _shaken(draw, inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shaken(draw, inner, name) for inner in value for _ in range(draw(st.integers(0, 2)))]
    if name.startswith(("Ngay", "ThoiDiem")) and isinstance(value, str):
        return draw(INSTANT).isoformat()
    return draw(TEXT) if isinstance(value, str) else value


@given(dossiers())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_a_dossier_compared_with_itself_has_no_difference(dossier: Dossier) -> None:
    body = encode(dossier)
    assert compare(body, body) == ()
    assert compare(body, json.dumps(json.loads(body)).encode()) == ()


@given(dossiers(), dossiers())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=50)
def test_no_difference_means_the_same_canonical_form(one: Dossier, other: Dossier) -> None:
    forms = canonical(encode(one)), canonical(encode(other))
    is_equal = compare(encode(one), encode(other)) == ()
    assert is_equal or forms[0] != forms[1]
    if is_equal:  # but for the capitals of names
        folded = [{k: v.casefold() if k in NAME_FIELDS else v for k, v in form.items()} for form in forms]
        assert folded[0] == folded[1]


@given(JSON)
@settings(deadline=None)
def test_the_canonical_form_of_a_canonical_form_is_itself(body: Any) -> None:
    flat = canonical(json.dumps(body).encode())
    assert canonical(json.dumps(flat).encode()) == flat


@given(dossiers())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_the_canonical_form_of_a_dossier_is_a_fixpoint(dossier: Dossier) -> None:
    flat = canonical(encode(dossier))
    assert canonical(json.dumps(flat).encode()) == flat
