"""What the report says of the comparison itself: may it be believed?"""

from __future__ import annotations

from typing import Final

from validations.control_totals import TotalFigure
from validations.mutations import Score
from validations.report_data import Figures, NotChecked, Verdict

UNTRIED: Final = NotChecked(
    "Bộ đối soát có tìm ra lỗi hay không", "Lần đối soát cuối chưa có bài tự kiểm; chạy lại lienthong compare."
)


def unproven(found: Score) -> Verdict:
    """The verdict of a comparer that failed its own test: none."""
    return Verdict(
        "unproven",
        "Chưa thể kết luận: bộ đối soát không qua được bài tự kiểm của nó.",
        f"{found.sentence} Báo nhóm phát triển; không dùng báo cáo này để ký.",
    )


def differing_totals(total: Figures) -> list[TotalFigure]:
    """Control totals that differ though nobody declared it and no dossier was pushed again since they were made."""
    return [] if total.compared_since else [one for one in total.totals if not one.is_equal and not one.is_lost]


def sums_differ(differing: list[TotalFigure]) -> Verdict:
    """The verdict when every dossier is called equal and the sums are not: one of the two is wrong."""
    return Verdict(
        "unproven",
        "Chưa thể kết luận: từng hồ sơ được coi là khớp nhưng tổng kiểm tra hai bên lệch nhau.",
        f"Lệch ở: {', '.join(one.title.lower() for one in differing)}. Xem bảng tổng kiểm tra; báo nhóm phát triển.",
    )
