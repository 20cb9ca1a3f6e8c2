"""The declared suite at work on Great Expectations: the only file that imports it, and only when a suite runs.

Importing it costs about three seconds and 275 MB, so every import stands inside a function. Rules with the same
entity and row condition share one frame and one validation; the frame holds nothing but the columns they name.
Great Expectations hands back row ids and counts only; values are kept out of its results.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from mappings.calendar import Calendar
from mappings.dossier_codes import is_national_agency, national_agency
from mappings.model import Dossier, Issue, Severity
from validations.checks import Test, agency_known, fits, listed, matches, on_working_day
from validations.frames import ROW_ID, Frame, build_frame, column_kind
from validations.suite import Rule, Suite, SuiteError

_RESULT_FORMAT: Final[Mapping[str, Any]] = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [ROW_ID],
    "exclude_unexpected_values": True,
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}


@dataclass(frozen=True)
class ValidationContext:
    """What the rules of one source rest on. ``cutoff`` is aware; the code sets are whole catalogues."""

    agency_codes: frozenset[str]
    cutoff: datetime
    new_unit_codes: frozenset[str]
    is_rehearsal: bool
    calendar: Calendar


@dataclass(frozen=True)
class RuleOutcome:
    """What one rule checked (rows with a value, within its row condition) and how many of them failed."""

    code: str
    title: str
    entity: str
    severity: str
    checked: int
    failed: int

    def __add__(self, other: RuleOutcome) -> RuleOutcome:
        return replace(self, checked=self.checked + other.checked, failed=self.failed + other.failed)


@dataclass(frozen=True)
class BatchOutcome:
    """Issues by dossier key (keys without one are absent) and one outcome a rule, in the order of the suite."""

    issues: Mapping[str, list[Issue]]
    rules: tuple[RuleOutcome, ...]


class SuiteRun:
    """A suite for the length of a run: one Great Expectations context, outcomes summed over all batches."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._totals = tuple(_nothing(rule) for rule in suite.rules)
        self._prepared: dict[ValidationContext, list[_Group]] = {}
        self._batches: Any = None

    def validate(self, dossiers: Sequence[tuple[str, Dossier]], context: ValidationContext) -> BatchOutcome:
        """Judge a batch of (key, dossier). Raises SuiteError when a rule cannot be evaluated."""
        if context not in self._prepared:
            self._prepared[context] = _group(self.suite, context)
        issues: dict[str, list[Issue]] = {}
        outcomes = {rule.rule: _nothing(rule) for rule in self.suite.rules}
        bodies = [dossier for _, dossier in dossiers]
        frames: dict[str, Frame] = {}
        for group in self._prepared[context]:
            if group.entity not in frames:
                frames[group.entity] = build_frame(group.entity, self._columns(group.entity), bodies, context.calendar)
            frame = group.narrow(frames[group.entity])
            if len(frame.data):
                for rule, column, checked, failed in self._judge(group, frame):
                    outcomes[rule.rule] += replace(_nothing(rule), checked=checked, failed=len(failed))
                    for row_id in failed:
                        key = dossiers[frame.owners[row_id]][0]
                        _note(issues.setdefault(key, []), _issue(rule, column))
        rules = tuple(outcomes.values())
        self._totals = tuple(a + b for a, b in zip(self._totals, rules, strict=True))
        return BatchOutcome({key: sorted(found) for key, found in issues.items()}, rules)

    def totals(self) -> tuple[RuleOutcome, ...]:
        """One outcome a rule over every batch so far, in the order of the suite."""
        return self._totals

    def figures(self) -> list[dict[str, Any]]:
        """:meth:`totals` as plain rows: code, title, entity, severity, checked, failed."""
        return [asdict(total) for total in self._totals]

    def _columns(self, entity: str) -> set[str]:
        rules = [rule for rule in self.suite.rules if rule.entity == entity]
        return {column for rule in rules for column in (*rule.columns, *rule.when)}

    def _judge(self, group: _Group, frame: Frame) -> Iterable[tuple[Rule, str, int, list[int]]]:
        if self._batches is None:
            self._batches = _open_batches()
        batch = self._batches.get_batch(batch_parameters={"dataframe": frame.data})
        answer = batch.validate(group.suite(), result_format=dict(_RESULT_FORMAT))
        for result in answer.results:
            judged = group.judged[result.expectation_config.meta["position"]]
            yield judged.rule, judged.column, *_read(result, judged)


def validate_batch(dossiers: Sequence[tuple[str, Dossier]], suite: Suite, context: ValidationContext) -> BatchOutcome:
    """Judge one batch by itself; a run of many batches keeps one SuiteRun."""
    return SuiteRun(suite).validate(dossiers, context)


def _nothing(rule: Rule) -> RuleOutcome:
    return RuleOutcome(rule.code, rule.title, rule.entity, rule.severity.value, 0, 0)


def _issue(rule: Rule, column: str) -> Issue:
    return Issue(rule.code, rule.path(column), Severity(rule.severity), about=rule.rule)


def _note(found: list[Issue], issue: Issue) -> None:
    """Say a thing once, however many rows of the dossier say it."""
    if issue not in found:
        found.append(issue)


# ---------------------------------------------------------------- from rules to expectations


@dataclass(frozen=True)
class _Judged:
    """One column (or pair) under one rule, and what builds its expectation."""

    rule: Rule
    column: str
    build: Callable[[int], Any]


@dataclass
class _Group:
    """Rules that share an entity and a row condition."""

    entity: str
    when: Mapping[str, bool | str | tuple[str, ...]]
    judged: list[_Judged]
    _suite: Any = None

    def narrow(self, frame: Frame) -> Frame:
        """The rows and columns these rules look at. Row ids stay those of the whole frame."""
        named = {column for judged in self.judged for column in judged.rule.columns}
        rows = frame.data
        for column, value in self.when.items():
            rows = rows[rows[column].isin(value if isinstance(value, tuple) else (value,))]
        return Frame(rows[sorted(named)], frame.owners)

    def suite(self) -> Any:
        from great_expectations import ExpectationSuite

        if self._suite is None:
            expectations = [judged.build(position) for position, judged in enumerate(self.judged)]
            self._suite = ExpectationSuite(name=f"{self.entity} {dict(self.when)}", expectations=expectations)
        return self._suite


def _group(suite: Suite, context: ValidationContext) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for rule in suite.rules:
        if not can_judge(rule, context):
            continue
        group = groups.setdefault(f"{rule.entity} {sorted(rule.when.items())}", _Group(rule.entity, rule.when, []))
        for column in rule.judged:
            group.judged.append(_Judged(rule, column, functools.partial(_build, rule, column, suite, context)))
    return list(groups.values())


def can_judge(rule: Rule, context: ValidationContext) -> bool:
    """Whether a rule says anything about a source: agencies with codes of their own tell nothing of national ones."""
    return rule.expectation != "agency_known" or any(map(is_national_agency, context.agency_codes))


def _build(rule: Rule, column: str, suite: Suite, context: ValidationContext, position: int) -> Any:
    """The expectation of one column under one rule."""
    import great_expectations.expectations as gxe

    meta = {"position": position}
    if rule.expectation == "present":
        return gxe.ExpectColumnValuesToNotBeNull(column=column, meta=meta)
    if rule.expectation == "one_of":
        values: list[Any] = list(rule.params.values)
        if column_kind(rule.entity, column) == "number":
            values = [float(value) for value in values]
        return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=values, meta=meta)
    if rule.expectation == "in_order":
        return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=column, column_B=rule.columns[0], or_equal=True, ignore_row_if="either_value_is_missing", meta=meta
        )
    if rule.expectation == "not_overdue":
        return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=context.cutoff.timestamp(), meta=meta)
    if rule.expectation == "at_most":
        return gxe.ExpectColumnValuesToBeBetween(column=column, max_value=rule.params.at_most, meta=meta)
    return _custom(rule, suite, context)(column=column, meta=meta)


def _custom(rule: Rule, suite: Suite, context: ValidationContext) -> Any:
    forms = tuple(suite.forms[name] for name in rule.params.forms)
    if rule.expectation == "fits":
        return _registered("Fit", fits, rule.params.max_chars)
    if rule.expectation == "matches":
        return _registered("MatchForms", matches, forms)
    if rule.expectation == "agency_known":
        agencies = frozenset(map(national_agency, context.agency_codes))
        return _registered("NameKnownAgency", agency_known, forms, agencies)
    if rule.expectation == "working_day":
        return _registered("FallOnWorkingDays", on_working_day, context.calendar)
    assert rule.expectation == "unit_listed", rule.expectation
    return _registered("BeListedUnits", listed, context.new_unit_codes)


# ---------------------------------------------------------------- custom expectations


@functools.cache
def _registered(name: str, make: Callable[..., Test], *params: Any) -> Any:
    """A custom expectation class of Great Expectations for one test with its parameters.

    The parameters stay in the closure: as arguments of the expectation, a catalogue of 3,321 codes would be copied
    and hashed for every metric. The digest keeps classes with other parameters apart in the library's registry.
    """
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.metrics.map_metric_provider import (
        ColumnMapMetricProvider,
        column_condition_partial,
    )

    stable = repr([sorted(p) if isinstance(p, frozenset) else p for p in params]).encode()
    digest = hashlib.blake2b(stable, digest_size=8).hexdigest()
    test = make(*params)
    metric = f"column_values.{name.lower()}_{digest}"

    def judge(cls: type, column: Any, **_: Any) -> Any:
        return test(column)

    type(ColumnMapMetricProvider)(
        f"ColumnValues{name}{digest}",
        (ColumnMapMetricProvider,),
        {
            "condition_metric_name": metric,
            "_pandas": column_condition_partial(engine=PandasExecutionEngine)(judge),
            "__module__": __name__,
        },
    )
    return type(ColumnMapExpectation)(
        f"ExpectColumnValuesTo{name}{digest}", (ColumnMapExpectation,), {"map_metric": metric, "__module__": __name__}
    )


# ---------------------------------------------------------------- Great Expectations itself


def _open_batches() -> Any:
    """An ephemeral context that takes frames, quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library's own imports are not ours to mend
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("lienthong").add_dataframe_asset("dossiers")
    return asset.add_batch_definition_whole_dataframe("batch")


def _read(result: Any, judged: _Judged) -> tuple[int, list[int]]:
    """(rows checked, row ids that failed) of one result. Raises SuiteError when the expectation itself failed."""
    found = result.result or {}
    if _raised(result.exception_info) or "unexpected_count" not in found:
        raise SuiteError(
            f"Không chạy được quy tắc {judged.rule.rule} (cột {judged.column}) của suites/dossier.yaml. "
            "Không hồ sơ nào được coi là đạt hay không đạt; sửa quy tắc rồi chạy lại bước validate."
        )
    listed = found.get("unexpected_index_list") or []
    failed = [int(row_id) for part in listed for row_id in part[ROW_ID]]
    if len(failed) != found["unexpected_count"]:
        raise SuiteError(f"Quy tắc {judged.rule.rule}: thư viện kiểm tra trả thiếu dòng. Báo cho người phát triển.")
    missing = 0 if judged.rule.expectation == "present" else found.get("missing_count") or 0
    return int(found["element_count"]) - int(missing), failed


def _raised(info: Any) -> bool:
    """Whether an expectation raised: told flat, or once per metric."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(_raised(part) for part in info.values())
