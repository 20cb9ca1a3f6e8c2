"""A mapper with a listener tells how it came to each value."""

from __future__ import annotations

from mappings.tracing import Trace
from tests.profiles.opencps import SWEEP, make_mapper, row


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
