"""Running the cases of a profile, and what they cover: every field that the profile fills, every crosswalk row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import Path

import msgspec

from mappings.agencies import AgencyRow
from mappings.case_values import at_path, filled, said_of, wanted
from mappings.cases import SWEPT, Case, CaseReport, Failure
from mappings.cells import VIETNAM
from mappings.crosswalk import read_crosswalk
from mappings.mapper import Mapper, MappingContext, build_mapper, read_tables
from mappings.model import Dossier, Exclusion, Mapped
from mappings.profile import Profile
from mappings.profile_words import coded_values, field_words
from mappings.spec import FileColumns
from mappings.tracing import Trace


def run_cases(profile: Profile, cases: Sequence[Case], site_dir: Path | None = None) -> CaseReport:
    """Map the record of each case and hold it against what the case expects. ``site_dir``: whose crosswalks count."""
    report = CaseReport(fields=dict.fromkeys(field_paths(profile), False), rows=_rows(profile, site_dir))
    bench = _Bench(profile, site_dir)
    for case in cases:
        failures = list(bench.failures(case, report))
        report.failures += failures
        report.passed += not failures
    return report


class _Bench:
    """Mappers by the setting of their cases: units and rules are read once."""

    def __init__(self, profile: Profile, site_dir: Path | None) -> None:
        self._profile, self._site_dir = profile, site_dir
        self._known = read_tables(profile, site_dir)
        self._trace = Trace()
        self._mappers: dict[str, Mapper] = {}

    def failures(self, case: Case, report: CaseReport) -> Iterator[Failure]:
        """Everything in which the engine says otherwise than the case."""
        mapper = self._mapper(case)
        key = str(case.row.get(self._profile.reading.dossiers.key) or "1")
        self._trace.clear()
        exclusion = mapper.scope(key, case.row, case.children)
        said = case.said
        if said.excluded or exclusion is not None:
            yield from _scope_failures(case, exclusion)
            return
        mapped = mapper.map(key, case.row, case.children, SWEPT)
        for path in filled(mapped.dossier):
            if path in report.fields:
                report.fields[path] = True
        for row in self._trace.rows:
            report.rows[row] = True
        yield from _issue_failures(case, mapped)
        yield from _field_failures(case, mapped.dossier)

    def _mapper(self, case: Case) -> Mapper:
        setting = case.setting
        decisions = {**setting.decisions, **case.said.decisions}
        references = {name: [*rows] for name, rows in setting.references.items()}
        for name, rows in case.said.references.items():
            references.setdefault(name, []).extend(rows)
        mark = msgspec.json.encode((str(case.file), decisions, references)).decode()
        if mark not in self._mappers:
            context = MappingContext(
                source_id="truong-hop",
                zone=setting.zone,
                cutoff=datetime.combine(setting.cutoff, time(), VIETNAM),
                today=SWEPT.date(),
                is_rehearsal=setting.rehearsal,
                references=references,
                agencies=[AgencyRow(**agency.model_dump()) for agency in setting.agencies],
                decisions=decisions,
                site_dir=self._site_dir,
            )
            self._mappers[mark] = build_mapper(self._profile, context, self._trace, self._known)
        return self._mappers[mark]


# ---------------------------------------------------------------- what a case says otherwise


def _failure(case: Case, field: str, expected: str, got: str, *path: str) -> Failure:
    return Failure(case.name, case.file, case.line(*path), field, expected, got)


def _scope_failures(case: Case, found: Exclusion | None) -> Iterator[Failure]:
    said, rule = case.said, found.rule if found else ""
    if rule != said.excluded:
        yield _failure(case, "excluded", said.excluded or "thuộc phạm vi", rule or "thuộc phạm vi", "excluded")
        return
    codes = sorted(issue.code for issue in found.issues) if found else []
    if codes != sorted(said.issues):
        yield _failure(case, "issues", ", ".join(sorted(said.issues)), ", ".join(codes), "issues")


def _issue_failures(case: Case, mapped: Mapped) -> Iterator[Failure]:
    said, found = case.said, {issue.code for issue in mapped.issues}
    if said.issues_include:
        if missing := sorted(set(said.issues_include) - found):
            yield _failure(case, "issues_include", ", ".join(missing), ", ".join(sorted(found)), "issues_include")
    elif found != set(said.issues):
        yield _failure(case, "issues", ", ".join(sorted(said.issues)), ", ".join(sorted(found)), "issues")


def _field_failures(case: Case, dossier: Dossier | None) -> Iterator[Failure]:
    for path, expected in case.said.expect.items():
        got = "(chưa lập được hồ sơ mới)" if dossier is None else said_of(at_path(dossier, path), expected)
        if got != wanted(expected):
            yield _failure(case, path, wanted(expected), got, "expect", path)


# ---------------------------------------------------------------- what there is to cover


def field_paths(profile: Profile) -> Iterator[str]:
    """Every field that the profile fills, lists without numbers."""
    yield from ("status", "old_status", "procedure_code", "receiving_agency.code", "handling_agency.code", "filed_at")
    if profile.links:
        yield "links"
    for word in field_words(profile):
        if isinstance(word.said, FileColumns):
            parts = {"name": word.said.name, "media_type": word.said.media_type, "version": word.said.version}
            yield from (f"{word.path}.{field}" for field, is_there in parts.items() if is_there)
            yield from (f"{word.path}.{field}" for field in ("locator", "size", "is_missing"))
        else:
            yield word.path


def _rows(profile: Profile, site_dir: Path | None) -> dict[tuple[str, str, str], bool]:
    """Every approved row of the crosswalks that the profile names."""
    named = (coded.value.crosswalk for coded in coded_values(profile) if coded.value.crosswalk)
    names = dict.fromkeys([profile.status.crosswalk, *named])
    return {(name, *row): False for name in names for row in read_crosswalk(name, site_dir).usable}
