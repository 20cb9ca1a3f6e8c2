"""What the report says of the comparison itself: may it be believed?"""

from __future__ import annotations

from typing import Final

from validations.mutations import Score
from validations.report_data import NotChecked, Verdict

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
