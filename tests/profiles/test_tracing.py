"""The mapper that tells how it came to each value is the mapper that maps."""

from __future__ import annotations

import json
from pathlib import Path

from mappings.model import encode
from mappings.tracing import Trace
from tests.profiles.opencps import SWEEP, make_mapper, row

RECORDS = json.loads((Path(__file__).parent / "opencps_v2_records.json").read_text(encoding="utf-8"))


def test_a_traced_mapper_gives_the_same_bytes_issues_and_version() -> None:
    trace = Trace()
    plain, traced = make_mapper(), make_mapper(observer=trace)
    assert traced.version == plain.version
    for record in RECORDS:
        trace.clear()
        key, main, children = record["key"], record["row"], record["children"]
        assert traced.scope(key, main, children) == plain.scope(key, main, children)
        one, other = traced.map(key, main, children, SWEEP), plain.map(key, main, children, SWEEP)
        assert one.issues == other.issues
        assert (one.dossier is None) == (other.dossier is None)
        if one.dossier is not None and other.dossier is not None:
            assert encode(one.dossier) == encode(other.dossier)


def test_each_value_tells_its_column_its_steps_and_its_branch() -> None:
    trace = Trace()
    mapper = make_mapper(observer=trace)
    mapper.map("101", row(contactTelNo="01681234567", dossierNo=" 000.1 "), {}, SWEEP)
    phone, code, channel = (trace.at(path) for path in ("applicant.phone", "code", "channel"))
    assert phone is not None
    assert phone.stages == [("", "01681234567"), ("mobile_10_digits", "0381234567")]
    assert code is not None
    assert code.result == "000.1"
    assert channel is not None
    assert channel.taken().holds
    assert channel.taken().spec.value == "1"  # type: ignore[union-attr]
    assert ("opencps_v2_status", "processing", "") in trace.rows
    status = trace.way("status")
    assert status is not None
    assert (status.way, status.result) == ("crosswalk", "4")
