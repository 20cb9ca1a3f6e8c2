"""Nine levels of comparison, each with a verdict of its own and what it covers. Pure: from the figures of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from validations.canonical import schema_leaves
from validations.compare import BY_DESIGN, ORDER, OTHER_DOSSIER, WORKED_ON
from validations.differences import is_whole
from validations.report_data import DifferenceFigure, Figures, LevelFigure
from validations.report_inputs import HandFigures
from validations.report_words import ON_THE_WAY

STATUSES: Final[Mapping[str, str]] = {
    "PASS": "Đạt",
    "PASS_TOLERANCE": "Đạt trong ngưỡng",
    "FAIL": "Không đạt",
    "NOT_APPLICABLE": "Không áp dụng",
    "NOT_CHECKED": "Chưa kiểm tra",
    "ERROR": "Lỗi khi kiểm tra",
    "PENDING": "Còn đang chạy",
    "STALE": "Đã cũ",
}
"""Status → its name. A level that was not checked is never passed."""
MARKS: Final[Mapping[str, str]] = {"PASS": "good", "FAIL": "bad", "ERROR": "bad", "NOT_APPLICABLE": "soft"}
"""Status → colour in the report; any other one warns."""
TIED: Final = ("TienTrinh", "LienKet", "MaHoSoKhac")
"""Fields whose differences are of relations and order."""
MEANING: Final = 7
ACTIONS: Final = "next_actions_differ"
ENOUGH: Final = 10
"""Fewer dossiers drawn by chance say nothing of the others."""

Check = Callable[[Figures], tuple[int, int, int, str]]
"""(rows checked, rows in all, rows that fail, what is to be said beside)."""


def levels(total: Figures, hand: HandFigures) -> tuple[LevelFigure, ...]:
    """The nine levels of the whole site."""
    found = [_level(total, number, name, check) for number, (name, check) in enumerate(CHECKS, start=1)]
    asked = "Công cụ chưa đặt được câu hỏi của chủ quản cho hai hệ thống."
    return (
        *found,
        LevelFigure(8, "Câu hỏi nghiệp vụ của chủ quản", "NOT_CHECKED", asked),
        _by_hand(hand),
    )


def _by_hand(hand: HandFigures) -> LevelFigure:
    status, why = "PASS", f"Không hồ sơ nào sai.{_believed(hand)}"
    if not hand.drawn:
        status, why = "NOT_CHECKED", "Chưa rút mẫu: lienthong handcheck SITE draw."
    elif hand.wrong:
        status, why = "FAIL", "Người xem thấy sai; xem sổ mẫu."
    elif hand.moved:
        status, why = "STALE", f"{hand.moved} hồ sơ của mẫu đã đổi từ khi rút."
    elif hand.looked_at < hand.drawn:
        status, why = "NOT_CHECKED", "Mẫu chưa xem hết."
    return LevelFigure(9, "Mẫu do người đối chiếu", status, why, hand.looked_at, hand.drawn, hand.wrong)


def _believed(hand: HandFigures) -> str:
    """The rule of three, of the part that chance alone chose."""
    if hand.by_chance < ENOUGH:
        return ""
    share = f"{300 / hand.by_chance:.1f}".replace(".", ",")
    return f" {hand.by_chance} hồ sơ rút ngẫu nhiên: tin được 95% rằng dưới {share}% hồ sơ sai."


def _level(total: Figures, number: int, name: str, check: Check) -> LevelFigure:
    checked, rows, failing, said = check(total)
    status, why = _status(total, checked, rows, failing)
    if number == MEANING and status == "PASS":
        status = "NOT_CHECKED"  # a part of it is never asked
    fields = len(schema_leaves()) if number == 4 else len(total.totals) if number == 2 else 0
    return LevelFigure(number, name, status, " ".join(filter(None, (why, said))), checked, rows, failing, fields)


def _status(total: Figures, checked: int, rows: int, failing: int) -> tuple[str, str]:
    if failing:
        return "FAIL", ""
    if not rows and total.in_scope and not _in_target(total):
        return "NOT_CHECKED", "Chưa có hồ sơ nào ở hệ thống mới."
    if not rows:
        return "NOT_APPLICABLE", "Không có gì thuộc mức này."
    if not checked:
        return "NOT_CHECKED", "Chưa đối soát."
    if total.in_state(*ON_THE_WAY):
        return "PENDING", "Còn hồ sơ đang trên đường."
    if total.compared_since:
        return "STALE", "Có hồ sơ được đẩy lại sau lần đối soát toàn bộ gần nhất."
    if total.derived.late or total.derived.mapping:
        return "STALE", "Có hồ sơ đã đổi ở hệ thống cũ, hoặc bảng chuyển đổi đã đổi, sau lần quét."
    return ("PASS", "") if checked >= rows else ("NOT_CHECKED", "Mới kiểm tra một phần.")


def _in_target(total: Figures) -> int:
    return total.in_state("MATCHED", "DIFFERENT", "PUSHED")


def _sum(total: Figures, is_of: Callable[[DifferenceFigure], bool]) -> int:
    """Differences of a level, dossiers counted once a field."""
    skipped = (BY_DESIGN, WORKED_ON)
    return sum(found.dossiers for found in total.differences if found.kind not in skipped and is_of(found))


def _missing(total: Figures) -> int:
    return sum(d.dossiers for d in total.differences if d.kind == "missing" and is_whole(d.kind, d.field))


def _worked_on(total: Figures) -> int:
    return sum(d.dossiers for d in total.differences if d.kind == WORKED_ON)


def _compared(total: Figures) -> tuple[int, int, str]:
    """Dossiers compared field by field, those to be compared, and why some are not."""
    gone = _worked_on(total)
    said = f"{gone} hồ sơ cán bộ đã làm tiếp ở hệ thống mới, không so nữa." if gone else ""
    rows = _in_target(total) - gone
    return max(0, min(rows, total.read_back + _missing(total) - gone)), rows, said


def _counts(total: Figures) -> tuple[int, int, int, str]:
    off = sum(abs(e.left.dossiers - sum(c.dossiers for c in e.right)) for e in total.equations)
    return (total.found if len(total.equations) > 2 else 0), total.found, off, ""


def _totals(total: Figures) -> tuple[int, int, int, str]:
    checked, rows, said = _compared(total)
    differing = sum(not one.is_equal and not one.is_lost for one in total.totals)
    return (checked if total.totals else 0), rows, differing, said


def _keys(total: Figures) -> tuple[int, int, int, str]:
    rows = _in_target(total)
    return min(rows, total.read_back + _missing(total)), rows, _missing(total) + total.unknown_in_target, ""


def _fields(total: Figures) -> tuple[int, int, int, str]:
    checked, rows, said = _compared(total)
    if total.derived.spared:
        spared = f"{total.derived.spared} hồ sơ so với bản trong sổ cái, không đọc lại hệ thống cũ."
        checked, said = max(0, checked - total.derived.spared), f"{said} {spared}".strip()
    return checked, rows, _sum(total, lambda d: not (_is_tied(d) or d.kind in ("attachment", ACTIONS))), said


def _is_tied(found: DifferenceFigure) -> bool:
    is_whole_element = found.field.endswith("[]") and found.kind != "attachment"
    return found.kind in (ORDER, OTHER_DOSSIER) or found.field.startswith(TIED) or is_whole_element


def _relations(total: Figures) -> tuple[int, int, int, str]:
    checked, rows, said = _compared(total)
    return checked, rows, _sum(total, _is_tied), said


def _files(total: Figures) -> tuple[int, int, int, str]:
    a = total.attachments
    lost = any(d.kind == BY_DESIGN and d.field.startswith("TepDinhKem") for d in total.differences)
    if lost:
        return 0, 0, 0, "Hệ thống mới không giữ nội dung tệp, đã khai trước khi chạy."
    return a.checked, a.checked + a.gone, a.checked - a.equal, "So mã băm và cỡ; không mở tệp."


def _meaning(total: Figures) -> tuple[int, int, int, str]:
    told = total.open_work.actions_equal + total.open_work.actions_different
    rows = max(total.open_work.read_back, total.deadlines.compared)
    said = "Việc được làm tiếp, hạn trả, nghĩa vụ: đã so; tra cứu theo mã: chưa kiểm tra."
    if rows and not told:
        said = "Hạn trả, nghĩa vụ: đã so; việc được làm tiếp, tra cứu theo mã: chưa kiểm tra."
    wrong = total.open_work.actions_different + total.deadlines.owed_differing
    return rows, rows, max(wrong, int(not total.deadlines.is_kept)), said


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("Số lượng", _counts),
    ("Tổng kiểm tra", _totals),
    ("Tập khóa, hai chiều", _keys),
    ("Từng trường", _fields),
    ("Quan hệ và thứ tự", _relations),
    ("Tệp đính kèm", _files),
    ("Ý nghĩa nghiệp vụ", _meaning),
)
