"""The receiver's own way of working: steps with their role and statuses, and what may be done at each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

OPEN: Final = frozenset({1, 2, 4, 5, 6, 9})
"""TrangThaiHoSo of a dossier on which somebody still has work; 3, 7, 8 and 10 have none."""


RECEIVED: Final = 2


@dataclass(frozen=True)
class Action:
    """What may be done at a step: where the dossier goes ("" when it ends) and its TrangThaiHoSo then."""

    code: str
    name: str
    to: str
    status: int


@dataclass(frozen=True)
class Step:
    """A queue of work: who works on it, which TrangThaiHoSo its dossiers have, what may be done."""

    code: str
    name: str
    role: str
    statuses: tuple[int, ...]
    actions: tuple[Action, ...]


ROLES: Final = {
    "MOT_CUA": "Bộ phận Một cửa",
    "LANH_DAO_PHONG": "Lãnh đạo phòng chuyên môn",
    "CHUYEN_VIEN": "Chuyên viên thụ lý",
    "LANH_DAO": "Lãnh đạo cơ quan",
}
_STOP: Final = Action("DUNG_XU_LY", "Dừng giải quyết hồ sơ", "", 8)

STEPS: Final = {
    step.code: step
    for step in (
        Step("TIEP_NHAN", "Chờ tiếp nhận", "MOT_CUA", (1,), (
            Action("TIEP_NHAN", "Tiếp nhận hồ sơ", "PHAN_CONG", 2),
            Action("TU_CHOI_TIEP_NHAN", "Từ chối tiếp nhận", "", 3),
        )),
        Step("PHAN_CONG", "Chờ phân công thụ lý", "LANH_DAO_PHONG", (2, 4), (
            Action("PHAN_CONG_THU_LY", "Phân công thụ lý", "THAM_DINH", 4),
        )),
        Step("THAM_DINH", "Thẩm định hồ sơ", "CHUYEN_VIEN", (2, 4), (
            Action("TRINH_KY", "Trình lãnh đạo ký", "TRINH_KY", 4),
            Action("YEU_CAU_BO_SUNG", "Yêu cầu bổ sung hồ sơ", "CHO_BO_SUNG", 5),
            Action("YEU_CAU_THANH_TOAN", "Yêu cầu nộp phí, lệ phí", "CHO_THANH_TOAN", 6),
            Action("GUI_LIEN_THONG", "Gửi cơ quan phối hợp", "LIEN_THONG", 4),
            _STOP,
        )),
        Step("CHO_BO_SUNG", "Chờ công dân bổ sung", "MOT_CUA", (5,), (
            Action("NHAN_BO_SUNG", "Tiếp nhận hồ sơ bổ sung", "THAM_DINH", 4),
            _STOP,
        )),
        Step("CHO_THANH_TOAN", "Chờ nộp phí, lệ phí", "MOT_CUA", (6,), (
            Action("XAC_NHAN_THANH_TOAN", "Xác nhận đã nộp phí, lệ phí", "THAM_DINH", 4),
        )),
        Step("LIEN_THONG", "Chờ cơ quan phối hợp", "CHUYEN_VIEN", (4,), (
            Action("NHAN_KET_QUA_LIEN_THONG", "Nhận kết quả phối hợp", "THAM_DINH", 4),
        )),
        Step("TRINH_KY", "Chờ lãnh đạo ký", "LANH_DAO", (4,), (
            Action("KY_DUYET", "Ký duyệt, chuyển trả kết quả", "CHO_TRA", 9),
            Action("TRA_LAI", "Trả lại thẩm định", "THAM_DINH", 4),
        )),
        Step("CHO_TRA", "Chờ trả kết quả", "MOT_CUA", (9,), (
            Action("TRA_KET_QUA", "Trả kết quả cho công dân", "", 10),
        )),
    )
}  # fmt: skip
"""Every step, in the order of work; the first one of a status is where a dossier of that status goes by itself."""


def faults(dossier: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why nobody could go on with this dossier: (field, code)."""
    status, code = dossier["TrangThaiHoSo"], dossier.get("BuocXuLyMoi", "")
    if status not in OPEN:
        if code:
            yield "BuocXuLyMoi", "step_at_closed"
        return
    step = STEPS.get(code)
    if step is None:
        yield "BuocXuLyMoi", "step_unknown" if code else "step_required"
        return
    if status not in step.statuses:
        yield "BuocXuLyMoi", "step_status_mismatch"
    if dossier.get("VaiTroXuLy", step.role) not in ("", step.role):
        yield "VaiTroXuLy", "role_mismatch"


def actions_of(dossier: Mapping[str, Any]) -> tuple[Action, ...]:
    """What may be done next; nothing on a closed dossier."""
    step = STEPS.get(dossier.get("BuocXuLyMoi", ""))
    return step.actions if step is not None and dossier["TrangThaiHoSo"] in step.statuses else ()


def placed(step: str, status: int) -> dict[str, Any]:
    """The fields of a dossier that stands at this step ("" when it has ended)."""
    return {"TrangThaiHoSo": status, "BuocXuLyMoi": step, "VaiTroXuLy": STEPS[step].role if step else ""}


def place_of(status: int) -> str:
    """Where a dossier goes whose status somebody set by hand; "" when that ends it."""
    return next((step.code for step in STEPS.values() if status in step.statuses), "")


def catalogue() -> dict[str, Any]:
    """The whole process in the words of the API."""
    steps = [
        {
            "code": step.code,
            "name": step.name,
            "role": step.role,
            "statuses": list(step.statuses),
            "actions": [in_words(action) for action in step.actions],
        }
        for step in STEPS.values()
    ]
    return {"steps": steps, "roles": [{"code": code, "name": name} for code, name in ROLES.items()]}


def in_words(action: Action) -> dict[str, Any]:
    """An action in the words of the API."""
    return {"code": action.code, "name": action.name, "to": action.to, "status": action.status}
