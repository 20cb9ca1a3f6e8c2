"""Promises and obligations: what a dossier still owes, and whether the other side holds the same."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from mappings.model import Document, Dossier, Fee, Pause, SupplementRound, encode
from tests.unit.dossiers import CALENDAR, CONTEXT, CUTOFF, at, clean_dossier
from validations.deadline_figures import deadline_figures
from validations.deadline_ledger import HEADS, Promise, Promises
from validations.deadlines import (
    Obligations,
    due_drift_days,
    due_verdict,
    hold_against,
    obligations,
    open_rounds,
    read_held,
)
from validations.expectations import validate_batch
from validations.report_inputs import DeadlineInputs, ObligationTally
from validations.suite import load_suite

OPEN: dict[str, Any] = {"status": 4, "old_status": "processing", "finished_at": None, "completed_at": None}
APOLOGY = Document("1", "PHIEU_XIN_LOI", "Phiếu xin lỗi và hẹn lại ngày trả kết quả")
CODES = ("due_on_day_off", "due_far_from_duration", "reappointed_again")


def dossier(**changes: Any) -> Dossier:
    """Open, received 5 May 2025 at 9, ten working days, due 19 May at 9: as promised. Nothing is owed."""
    settled: dict[str, Any] = {"supplements": (), "due_at": at(19, 9), "fees": (Fee("1", status="5"),)}
    return clean_dossier(1, **OPEN | settled | changes)[1]


def warned(**changes: Any) -> list[str]:
    found = validate_batch([("1", dossier(**changes))], load_suite(), CONTEXT)
    return [issue.code for issue in found.issues.get("1", ()) if issue.code in CODES]


# ---------------------------------------------------------------- what is owed


@pytest.mark.parametrize(
    ("changes", "owed"),
    [
        ({}, Obligations()),
        ({"fees": (Fee("1", status="1"), Fee("2", status=""), Fee("3", status="3"))}, Obligations(fees_due=2)),
        ({"fees": (Fee("1", status="2", paid_at=at(6)),)}, Obligations(fees_unreconciled=1)),
        ({"fees": (Fee("1", status="1"),), "status": 10}, Obligations(fees_due=1)),
        ({"fees": (Fee("1", status="1"),), "status": 7}, Obligations()),
        ({"status": 5, "supplements": (SupplementRound("1", at(7)),)}, Obligations(papers_requested=1)),
        ({"status": 5}, Obligations(papers_requested=1)),
        ({"supplements": (SupplementRound("1", at(7), answered_at=at(8), is_done=True),)}, Obligations()),
        ({"old_status": "interoperating/interoperating_2"}, Obligations(opinions_awaited=1)),
        ({"status": 9, "old_status": "releasing"}, Obligations(results_uncollected=1)),
    ],
)
def test_what_is_owed_is_counted(changes: dict[str, Any], owed: Obligations) -> None:
    assert obligations(dossier(**changes)) == owed


def test_a_round_without_answer_is_open() -> None:
    rounds = (SupplementRound("1", at(7), answered_at=at(8), is_done=True), SupplementRound("2", at(9)))
    assert open_rounds(dossier(supplements=rounds)) == 1


# ---------------------------------------------------------------- the calculator only warns


def test_an_ordinary_promise_is_not_warned_about() -> None:
    assert warned() == []


def test_a_promise_for_a_day_off_is_warned_about_while_the_dossier_is_open() -> None:
    sunday = at(18, 9)
    assert warned(due_at=sunday) == ["due_on_day_off"]
    assert warned(due_at=sunday, status=10) == []
    assert warned(due_at=at(2, 9, month=9), received_at=at(19, 9, month=8)) == ["due_on_day_off"]


@pytest.mark.parametrize(("days", "is_far"), [(4, False), (11, True), (-7, False), (-10, True)])
def test_a_promise_far_from_the_statutory_duration_is_warned_about(days: int, is_far: bool) -> None:
    assert warned(due_at=at(19, 9) + timedelta(days=days)) == ["due_far_from_duration"] * is_far


@pytest.mark.parametrize(
    "reason",
    [
        {"supplements": (SupplementRound("1", at(7), answered_at=at(8), is_done=True),)},
        {"pauses": (Pause("1", at(7), at(8)),)},
        {"extended_at": at(12)},
        {"documents": (APOLOGY,)},
        {"duration": ""},
        {"received_at": None},
    ],
    ids=["supplemented", "paused", "extended", "apologised", "no duration", "not received"],
)
def test_a_promise_that_moved_for_a_reason_is_not_measured(reason: dict[str, Any]) -> None:
    assert due_drift_days(dossier(due_at=at(30, 9, month=6), **reason), CALENDAR) is None


def test_hours_are_eight_to_the_day() -> None:
    assert due_drift_days(dossier(duration="80", duration_unit="hour"), CALENDAR) == 0


def test_more_than_one_apology_is_warned_about() -> None:
    assert warned(documents=(APOLOGY,)) == []
    assert warned(documents=(APOLOGY, APOLOGY)) == ["reappointed_again"]


def test_no_warning_changes_the_dossier() -> None:
    given = dossier(due_at=at(18, 9), documents=(APOLOGY, APOLOGY))
    before = encode(given)
    validate_batch([("1", given)], load_suite(), CONTEXT)
    assert encode(given) == before


# ---------------------------------------------------------------- the other side


def test_the_same_dossier_keeps_its_promise() -> None:
    old = dossier(pauses=(Pause("1", at(7)),))
    held = hold_against(old, read_held(encode(old)))
    assert astuple(held) == (True, old.received_at, old.due_at, 0, 1, "equal", True, True, True)


def test_another_pause_with_the_same_number_of_pauses_is_not_equal() -> None:
    old, new = (dossier(pauses=(Pause("1", at(day)),)) for day in (7, 8))
    held = hold_against(old, new)
    assert (held.pauses, held.are_pauses_equal, held.are_rounds_equal) == (1, False, True)


def test_a_dossier_that_is_gone_or_unreadable_has_lost_its_promise() -> None:
    assert read_held(b"[]") is None
    assert hold_against(dossier(), None).due == "lost"


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (at(5), at(5), "equal"),
        (at(5), at(5).replace(microsecond=9), "equal"),
        (at(5), at(5) + timedelta(seconds=1), "shifted"),
        (at(5), None, "lost"),
        (None, at(5), "added"),
        (None, None, "none"),
    ],
)
def test_due_dates_are_equal_to_the_second(old: Any, new: Any, verdict: str) -> None:
    assert due_verdict(old, new) == verdict


# ---------------------------------------------------------------- the ledger


def written(*promises: Promise) -> tuple[list[dict[str, str]], dict[str, int]]:
    book = Promises(CALENDAR, CUTOFF)
    text = b"".join(book.csv(promises)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text))), dict(book.counts.get("cu", {}))


def promise(old: Dossier, new: Dossier | str | None = "not compared") -> Promise:
    held = None if isinstance(new, str) else hold_against(old, new)
    return Promise("cu", old, "Xã Tiên Lương", "MATCHED", obligations(old), held)


def test_the_ledger_has_one_row_an_open_dossier_with_both_sides() -> None:
    old = dossier(due_at=at(4, 10, month=7), extended_at=at(12), documents=(APOLOGY,), fees=(Fee("1", status="1"),))
    shifted = msgspec.structs.replace(old, due_at=at(7, 11, month=7))
    rows, counts = written(promise(old, old), promise(old, shifted), promise(old, None), promise(old))
    assert [(row["ket_luan"], row["lech"]) for row in rows] == [
        ("bằng", ""),
        ("lệch", "muộn 3 ngày 01:00:00"),
        ("mất", ""),
        ("chưa đối soát", ""),
    ]
    first = rows[0]
    assert (first["han_tra"], first["han_tra_moi"]) == ("2025-07-04 10:00:00",) * 2
    assert (first["con_lai_tai_moc"], first["phut_lam_viec_con"]) == ("còn 3 ngày 3 giờ 0 phút", str(27 * 60))
    assert (first["phieu_xin_loi"], first["nghia_vu"]) == ("1", "phí chưa nộp: 1")
    assert (counts["open"], counts["compared"], counts["left_week"], counts["has_apology"]) == (4, 3, 4, 4)
    assert (counts["due_equal"], counts["due_shifted"], counts["due_lost"]) == (1, 1, 1)
    assert (counts["received_equal"], counts["rounds_equal"], counts["pauses_equal"]) == (2, 2, 2)


def test_an_overdue_dossier_and_one_without_due_date_are_told() -> None:
    rows, counts = written(promise(dossier()), promise(dossier(due_at=None, duration="")))
    assert [row["tinh_trang_tai_moc"] for row in rows] == ["quá hạn", "không có hạn"]
    assert rows[0]["con_lai_tai_moc"].startswith("quá 30 ngày 6 giờ")
    assert rows[0]["phut_lam_viec_con"].startswith("-")
    assert (counts["left_overdue"], counts["left_none"]) == (1, 1)


def test_an_empty_ledger_is_its_heads() -> None:
    (piece,) = Promises(CALENDAR, CUTOFF).csv([])
    assert piece.decode("utf-8-sig").strip() == ",".join(HEADS)


# ---------------------------------------------------------------- the report


def test_the_sentence_tells_what_is_equal_and_what_is_not() -> None:
    kept = {"received_equal": 3, "rounds_equal": 3, "pauses_equal": 3}
    good = deadline_figures(DeadlineInputs({"open": 4, "compared": 3, "due_equal": 2, "due_none": 1} | kept))
    assert good.is_kept
    assert good.sentence.endswith("1 hồ sơ không có hạn trả ở cả hai bên. Không hạn trả nào lệch hay mất.")
    bad = deadline_figures(DeadlineInputs({"open": 3, "compared": 3, "due_equal": 2, "due_shifted": 1} | kept))
    assert not bad.is_kept
    assert bad.sentence.endswith("1 hồ sơ có hạn trả lệch.")


def test_obligations_that_differ_are_summed_by_unit_and_told() -> None:
    tallies = [
        ObligationTally("fees_due", "H44.100", "Xã Tiên Lương", 3, 2, 1),
        ObligationTally("fees_due", "H44.101", "Phường Việt Trì", 1, 1, 0),
        ObligationTally("results_uncollected", "H44.100", "Xã Tiên Lương", 5, 5, 0),
    ]
    figures = deadline_figures(DeadlineInputs({}, tallies))
    assert [(o.code, o.old, o.new) for o in figures.owed if o.old] == [
        ("fees_due", 4, 3),
        ("results_uncollected", 5, 5),
    ]
    assert figures.owed_differing == 1
    assert not figures.is_kept
    assert [unit.title for unit in figures.owed_by_unit] == ["Phường Việt Trì", "Xã Tiên Lương"]
