"""Opinions and payments of a dossier in CMON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.rehearsal.cmon_case import Case
from connectors.rehearsal.cmon_words import CASH, ONLINE, REFUSE, STOP, SUPPLEMENT, TALK, TRANSFER, WITHDRAW
from connectors.rehearsal.store import Cell, Row

if TYPE_CHECKING:
    from connectors.rehearsal.cmon_life import Life

OPINIONS, PAYMENTS = "cmon_ykientraodoi", "cmon_thongtinthanhtoan"
_TITLES = {
    TALK: "Trả lời", WITHDRAW: "Xin rút hồ sơ", SUPPLEMENT: "Yêu cầu bổ sung", REFUSE: "Từ chối hồ sơ",
    STOP: "Dừng xử lý hồ sơ",
}  # fmt: skip
_TEXTS = {SUPPLEMENT: "Đề nghị bổ sung giấy tờ còn thiếu", REFUSE: "Hồ sơ không đủ điều kiện giải quyết"}


def talk(life: Life, case: Case) -> None:
    """What officials and the citizen wrote to each other: supplement, stop, refusal, withdrawal."""
    setting = case.setting
    if setting.times.received is None:
        if case.row["TRANGTHAIHOSO"] == 17:
            request = opinion(life, case, SUPPLEMENT, setting.times.created)
            opinion(life, case, TALK, setting.times.ended, request)
        return
    kinds = [kind for word, kind in (("bo_sung", SUPPLEMENT), ("dung", STOP)) if word in setting.steps]
    last = {"waiting": SUPPLEMENT, "denied": REFUSE}.get(setting.status)
    if case.row["TRANGTHAIHOSO"] == 18:
        last = WITHDRAW
    moments = iter(life.moments(setting.times, 2 * len(kinds) + 4)[2:])
    for kind in kinds:
        asked = opinion(life, case, kind, next(moments))
        opinion(life, case, TALK, next(moments), asked)
    if "bo_sung" in setting.steps:
        case.row["NGAYBOSUNG"] = case.rows(OPINIONS)[1]["THOIGIANGUIYKIEN"]
    if last is not None:
        opinion(life, case, last, setting.times.ended)


def opinion(life: Life, case: Case, kind: int, at: datetime, answered: Row | None = None) -> Row:
    """One opinion, an answer to another one if need be."""
    clerk = life.random.choice(life.world.clerks[case.setting.agency.code])
    row = life.rows.row(
        OPINIONS,
        ID=life.numbers.next("opinion"),
        NOIDUNGYKIEN=_TEXTS.get(kind, ""),
        THOIGIANGUIYKIEN=at,
        TRANGTHAI=1,
        NGUOINHANID=1,
        NGUOIGUIID=life.catalogue.accounts[clerk.user_id],
        CHAID=answered["ID"] if answered else None,
        TIEUDE=_TITLES[kind],
        HOSOTTHCCONGID=case.key,
        LOAI=kind,
    )
    return case.add(OPINIONS, row)


def fees(life: Life, case: Case) -> None:
    """The payment of a dossier whose procedure costs something: confirmed unless the dossier waits for it."""
    fee, received = case.setting.procedure.fee, case.setting.times.received
    if not fee or received is None or life.random.random() > 0.9:
        return
    is_paid = case.setting.status != "paying"
    proof: Cell = None
    if is_paid and life.random.random() < 0.1:
        proof = life.papers.file(case, "bien-lai.pdf", received)["NOILUUTRUID"]
    row = life.rows.row(
        PAYMENTS,
        ID=life.numbers.next("payment"),
        HOSOTTHCCONGID=case.key,
        LOAITHANHTOAN=life.random.choice((CASH, CASH, TRANSFER, ONLINE)) if is_paid else None,
        TENNGUOINOPTIEN=case.filer.name,
        XACNHAN=int(is_paid),
        LOAIPHI=2,
        SOTIEN=fee,
        NGAYTHUTIEN=received if is_paid else None,
        NOILUUTRUID=proof,
    )
    case.add(PAYMENTS, row)
