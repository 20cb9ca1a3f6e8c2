"""Mapping never raises on data, whatever the cells hold, and says the same twice."""

from __future__ import annotations

from datetime import datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mappings.cells import VIETNAM, Cell
from mappings.fingerprint import digest
from mappings.model import decode, encode
from mappings.profile import load_profile
from mappings.steps import STEPS
from mappings.tracing import Trace
from tests.profiles.opencps import SWEEP, action, file, make_mapper, row

MAPPER = make_mapper()
LOCAL = make_mapper(zone="Asia/Ho_Chi_Minh", decisions={"received_after_cutoff": "migrate"})
TRACE = Trace()
TOLD = make_mapper(observer=TRACE)
PLAN = load_profile("opencps_v2").plan()

ODD_TEXT = st.sampled_from([
    "", " ", "0", "-1", "0000-00-00 00:00:00", "31/02/2025", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "2025-06-30",
    "2025-06-30 16:59:59.999999", "<p>x</p>", "&#xD800;<b>", "\ud800", "e\u0302\u0301", "08494", "04957", "H44.03",
    "ß\x00", "processing", "waiting", "200", "300", "1e999", "²", "01681234567",
])  # fmt: skip
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**70), 10**5000]),
    st.floats(),
    st.text(alphabet=st.characters(), max_size=20),
    st.binary(max_size=12),
    ODD_TEXT,
)


def rows(columns: tuple[str, ...]) -> st.SearchStrategy[dict[str, Cell]]:
    return st.dictionaries(st.sampled_from([*columns, "_locator", "_size"]), CELLS, max_size=12)


def child_columns(name: str) -> tuple[str, ...]:
    child = next(child for child in PLAN.children if child.name == name)
    return (*child.columns, *(f"{join.alias}.{column}" for join in child.join for column in join.columns))


CHILDREN = st.fixed_dictionaries(
    {}, optional={child.name: st.lists(rows(child_columns(child.name)), max_size=3) for child in PLAN.children}
)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=300, deadline=None, suppress_health_check=QUIET)
@given(changes=rows(PLAN.main.columns), children=CHILDREN)
@example({}, {"files": [file(1) | {"_size": 10**5000}], "actions": [action(-(10**5000), "100", "")]})
def test_mapping_never_raises_on_any_record(
    changes: dict[str, Cell], children: dict[str, list[dict[str, Cell]]]
) -> None:
    record = row(**changes)
    MAPPER.scope("101", record, children)
    found = MAPPER.map("101", record, children, SWEEP)
    again = MAPPER.map("101", dict(reversed(record.items())), children, SWEEP)
    assert len(digest(("101", record, children))) == 16
    assert found.issues == again.issues
    for issue in found.issues:
        issue.about.encode()
    if found.dossier is not None and again.dossier is not None:
        assert encode(found.dossier) == encode(again.dossier)
        assert decode(encode(found.dossier)) == found.dossier


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(changes=rows(PLAN.main.columns), children=CHILDREN)
def test_a_mapper_that_is_listened_to_says_the_same(
    changes: dict[str, Cell], children: dict[str, list[dict[str, Cell]]]
) -> None:
    record = row(**changes)
    TRACE.clear()
    found, told = (mapper.map("101", record, children, SWEEP) for mapper in (MAPPER, TOLD))
    assert found.issues == told.issues
    assert found.dossier == told.dossier


@settings(max_examples=300, deadline=None)
@given(record=st.dictionaries(st.sampled_from(PLAN.main.columns), CELLS))
def test_mapping_never_raises_on_a_record_of_nothing_but_odd_cells(record: dict[str, Cell]) -> None:
    MAPPER.scope("1", record, {})
    found = MAPPER.map("1", record, {}, SWEEP)
    if found.dossier is not None:
        encode(found.dossier)


@settings(max_examples=200, deadline=None)
@given(moment=st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2025, 6, 30)))
def test_an_instant_is_carried_to_the_second(moment: datetime) -> None:
    found = LOCAL.map("1", row(submitDate=moment.isoformat(" ")), {}, SWEEP).dossier
    assert found is not None
    assert found.filed_at == moment.replace(microsecond=0, tzinfo=VIETNAM)


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["200", "300", "330", "?"]), st.booleans()), max_size=12))
def test_rounds_and_pauses_never_overlap_and_only_the_last_is_open(steps: list[tuple[str, bool]]) -> None:
    history = [
        action(number, code, f"2025-06-02 02:00:{number:02d}", state_=2 if is_rolled_back else 1)
        for number, (code, is_rolled_back) in enumerate(steps)
    ]
    found = MAPPER.map("1", row(), {"actions": history, "files": [file(1)]}, SWEEP).dossier
    assert found is not None
    assert len(found.steps) == len(steps)
    for spans in ([(s.requested_at, s.answered_at) for s in found.supplements],
                  [(p.started_at, p.ended_at) for p in found.pauses]):  # fmt: skip
        ends = [moment for span in spans for moment in span if moment is not None]
        assert ends == sorted(ends)
        assert all(end is not None for _, end in spans[:-1])


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(ODD_TEXT, st.text(max_size=40), st.text(alphabet="<>/abp&;lt#x! -", max_size=40)))
def test_cleaning_steps_never_raise(text: str) -> None:
    for step in STEPS.values():
        step.apply(text)
    assert STEPS["html"].apply(STEPS["html"].apply(text)) == STEPS["html"].apply(text)
