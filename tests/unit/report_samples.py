"""Figures of a finished rehearsal with something of everything, for tests of the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from validations.expectations import RuleOutcome
from validations.report import (
    Attachments,
    CauseTally,
    DeadlineInputs,
    DifferenceTally,
    IssueTally,
    ObligationTally,
    OpenWork,
    Recount,
    ReportInputs,
    SourceInputs,
    Tally,
    Told,
)
from validations.suite import load_suite

UNITS = [
    ("H44.100", "Xã Tiên Lương"), ("H44.101", "Phường Việt Trì"), ("H44.170", "Phường Vĩnh Phúc"),
    ("000.00.22.H62", "UBND huyện Bình Xuyên"), ("H44.205", "Xã Cao Phong"),
]  # fmt: skip


def tallies(matched: int, quarantined: int, different: int) -> list[Tally]:
    found = [Tally(*UNITS[n % 5], status, "MATCHED", matched // 4) for n, status in enumerate((2, 4, 9, 10))]
    found.append(Tally(*UNITS[4], 10, "MATCHED", matched - 4 * (matched // 4)))
    found.append(Tally(*UNITS[3], 4, "QUARANTINED", quarantined // 2))
    found.append(Tally("", "", None, "QUARANTINED", quarantined - quarantined // 2))
    found.append(Tally(*UNITS[1], 4, "DIFFERENT", different))
    return [tally for tally in found if tally.dossiers]


PROMISES = DeadlineInputs(
    {
        "open": 4120, "compared": 4098, "due_equal": 3874, "due_none": 219, "due_shifted": 5, "received_equal": 4098,
        "rounds_equal": 4098, "pauses_equal": 4098, "left_overdue": 911, "left_day": 140, "left_week": 820,
        "left_more": 2030, "left_none": 219, "has_rounds": 655, "is_waiting": 212, "has_pauses": 201, "is_paused": 12,
        "is_extended": 390, "has_apology": 188, "beyond_calendar": 3,
    },
    [
        ObligationTally(kind, *UNITS[n % 5], 40 * n + 3, 40 * n + (3 if n != 4 else 2), int(n == 4))
        for n in range(5)
        for kind in ("fees_due", "papers_requested", "opinions_awaited", "results_uncollected")
    ],
)  # fmt: skip


def source(name: str = "phutho_cu", **changes: Any) -> SourceInputs:
    """20,480 rows found, 19,236 of them in scope: 18,710 match, 514 quarantined, 12 differ."""
    figures = SourceInputs(
        name=name,
        profile="opencps_v2",
        mapping_version="5f1c9a7e22b04d31",
        swept_at="2025-07-01T01:05:00+00:00",
        is_complete=True,
        found=20480,
        in_scope=19236,
        excluded={"after_cutoff": 612, "online_twin": 398, "draft": 160, "negative_originality": 74},
        states={"MATCHED": 18710, "QUARANTINED": 514, "DIFFERENT": 12},
        tallies=tallies(18710, 514, 12),
        issues=[
            IssueTally("duplicate_code", "error", 230),
            IssueTally("status_undecided", "error", 124),
            IssueTally("handling_agency_split", "error", 98),
            IssueTally("code_missing", "error", 62),
            IssueTally("handling_agency_open", "warning", 4120),
            IssueTally("id_form_unknown", "warning", 385),
            IssueTally("overdue_at_cutoff", "info", 911),
            IssueTally("name_all_caps", "info", 577),
        ],
        quarantine=[
            CauseTally("duplicate_code", 230, ["1042", "1043", "20877", "20901", "3310", "3311"]),
            CauseTally("status_undecided", 124, ["1188", "1207"]),
            CauseTally("handling_agency_split", 98, ["2210"]),
            CauseTally("code_missing", 62, ["5120", "5133", "8001"]),
        ],
        differences=[
            DifferenceTally("truncation", "TienTrinh[881].NoiDungXuLy", 4, ["881"]),
            DifferenceTally("truncation", "TienTrinh[902].NoiDungXuLy", 3, ["902"]),
            DifferenceTally("time", "NgayHenTra", 5, ["17", "29", "31", "44", "58"]),
        ],
        recount=Recount("2025-07-01T03:40:00+00:00", 20480, 19236),
        attachments=Attachments(70211, 70208, 3),
        read_back=18722,
        held_by_target=18722,
        told=Told(0, 0),
        deadlines=PROMISES,
        open_work=OpenWork(2210, 2209, 1, 340, 340, 57, 57, 0, 12, 3, 40, 0),
    )
    return replace(figures, **changes)


def clean_source(name: str = "phutho_cu", **changes: Any) -> SourceInputs:
    """A source of which everything arrived."""
    nothing: dict[str, Any] = {"quarantine": (), "differences": (), "issues": ()}
    done = {"states": {"MATCHED": 19236}, "tallies": tallies(19236, 0, 0), "read_back": 19236, "held_by_target": 19236}
    return source(name, **nothing, **done, attachments=Attachments(70211, 70211, 0), **changes)


def inputs(*sources: SourceInputs, **changes: Any) -> ReportInputs:
    suite = load_suite()
    rules = [
        RuleOutcome(r.code, r.title, r.entity, r.severity.value, 19236 if n % 7 else 0, 62 * (r.code == "code_missing"))
        for n, r in enumerate(suite.rules, start=1)
    ]
    figures = ReportInputs(
        site="phutho",
        site_path="var/demo-site",
        is_rehearsal=True,
        cutoff=date(2025, 7, 1),
        run_id="20250701-0105-7c2e",
        started_at="2025-07-01T01:05:00+00:00",
        written_at="2025-07-01T03:52:00+00:00",
        target="Hệ thống nhận diễn tập 0.1",
        target_read_at="2025-07-01T03:41:00+00:00",
        sources=sources or (source(),),
        rules=rules,
        suite=suite,
    )
    return replace(figures, **changes)
