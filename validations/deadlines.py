"""What an office has promised and still owes on a dossier, and whether the new system holds the same. Pure.

Nothing here computes a due date: the promised instant is the old system's, and only held against the calendar.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Final

import msgspec

from mappings.calendar import Calendar
from mappings.model import Dossier, decode

FEE_SETTLED: Final = frozenset({"3", "5"})
"""paymentStatus of a fee that was paid and confirmed (OpenCPS v2, PaymentFileTerm.java)."""
AWAITING_OPINION: Final = frozenset({"interoperating", "12"})
"""Old statuses of a dossier that waits for another agency (OpenCPS v2, DossierTerm.java: Đang xử lý liên thông;
CMON-App, Constants.java: CHO_THUC_HIEN_LIEN_THONG)."""
NEVER_PAID: Final = frozenset({3, 7, 8})
"""TrangThaiHoSo that end a dossier without a result: nobody owes its fee any more."""
SUPPLEMENT_ASKED: Final = 5
RESULT_READY: Final = 9
HOURS_OF_A_DAY: Final = 8


# ---------------------------------------------------------------- what is owed


@dataclass(frozen=True)
class Obligations:
    """What is still open on one dossier, in numbers."""

    fees_due: int = 0  # fee records that nobody has paid
    fees_unreconciled: int = 0  # a payment was recorded, the money is not confirmed
    papers_requested: int = 0  # supplement rounds without an answer
    opinions_awaited: int = 0  # another agency has been asked
    results_uncollected: int = 0  # the result lies at the counter

    def __bool__(self) -> bool:
        return any(astuple(self))

    def by_kind(self) -> dict[str, int]:
        """Kind → number, all kinds."""
        return dict(zip(OBLIGATIONS, astuple(self), strict=True))


OBLIGATIONS: Final = tuple(item.name for item in fields(Obligations))


def obligations(dossier: Dossier) -> Obligations:
    """What officials and citizens still owe on a dossier; fees also when the result was handed out already."""
    unsettled = [f for f in dossier.fees if f.status not in FEE_SETTLED] if dossier.status not in NEVER_PAID else []
    recorded = sum(fee.paid_at is not None or fee.invoice_no != "" for fee in unsettled)
    if not dossier.is_open:
        return Obligations(len(unsettled) - recorded, recorded) if unsettled else Obligations()
    return Obligations(
        fees_due=len(unsettled) - recorded,
        fees_unreconciled=recorded,
        papers_requested=open_rounds(dossier),
        opinions_awaited=int(dossier.old_status.partition("/")[0] in AWAITING_OPINION),
        results_uncollected=int(dossier.status == RESULT_READY),
    )


def open_rounds(dossier: Dossier) -> int:
    """Supplement rounds without an answer; at least one while the dossier waits for papers."""
    asked = sum(not (spell.is_done or spell.answered_at) for spell in dossier.supplements)
    return max(asked, int(dossier.status == SUPPLEMENT_ASKED))


def apologies(dossier: Dossier) -> int:
    """Slips "Phiếu xin lỗi và hẹn lại ngày trả kết quả" (Mẫu 04, Thông tư 01/2018/TT-VPCP): one a re-appointment."""
    return sum(
        "xin lỗi" in document.name.casefold() or "xin_loi" in document.kind.casefold() for document in dossier.documents
    )


# ---------------------------------------------------------------- what was promised


def promised_days(dossier: Dossier) -> float | None:
    """The statutory duration in working days (eight hours a day); None when there is none."""
    try:
        count = float(dossier.duration or 0)
    except ValueError:
        return None
    if count <= 0:
        return None
    return count / HOURS_OF_A_DAY if dossier.duration_unit == "hour" else count


def due_drift_days(dossier: Dossier, calendar: Calendar) -> float | None:
    """Working days between the promised instant and receipt plus duration, whichever is later; a hint, never a date.

    None where the promise has moved on purpose (supplement, pause, extension, apology) or one of the three is missing.
    """
    days = promised_days(dossier)
    if days is None or dossier.received_at is None or dossier.due_at is None:
        return None
    if dossier.supplements or dossier.pauses or dossier.extended_at or apologies(dossier):
        return None
    taken = calendar.seconds_between(dossier.received_at, dossier.due_at) / calendar.day_seconds
    return abs(taken - days)


# ---------------------------------------------------------------- the same on the other side?

EQUAL: Final = "equal"
SHIFTED: Final = "shifted"
LOST: Final = "lost"
ADDED: Final = "added"
NONE: Final = "none"
WORKED_ON: Final = "worked_on"


@dataclass(frozen=True)
class Held:
    """The promise as the new system holds it, beside ours. ``due``: equal | shifted | lost | added | none (legal), or
    worked_on: officials have gone on with the dossier there, what differs is their work."""

    is_held: bool
    received_at: datetime | None
    due_at: datetime | None
    rounds: int
    pauses: int
    due: str
    is_received_equal: bool
    are_rounds_equal: bool
    are_pauses_equal: bool


def hold_against(old: Dossier, new: Dossier | None, *, is_worked_on: bool = False) -> Held:
    """The promise of a dossier held against what was read back (None: not there, or not readable)."""
    if new is None:
        return Held(False, None, None, 0, 0, LOST, False, False, False)
    return Held(
        True,
        new.received_at,
        new.due_at,
        len(new.supplements),
        len(new.pauses),
        WORKED_ON if is_worked_on else due_verdict(old.due_at, new.due_at),
        old.received_at == new.received_at,
        old.supplements == new.supplements,
        old.pauses == new.pauses,
    )


def due_verdict(old: datetime | None, new: datetime | None) -> str:
    """Equal means the same instant, to the second."""
    if old is None or new is None:
        return NONE if old is new else ADDED if old is None else LOST
    return EQUAL if old.replace(microsecond=0) == new.replace(microsecond=0) else SHIFTED


def read_held(body: bytes) -> Dossier | None:
    """A dossier as the new system gives it back; None when it is none."""
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
