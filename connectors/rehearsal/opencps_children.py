"""What hangs on a dossier besides its papers: actions, fees, requests, accounts, certifications, post orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

from connectors.rehearsal.numbers_given import Numbers
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_catalogue import audit, uid
from connectors.rehearsal.opencps_process import ACTIONS, STEPS
from connectors.rehearsal.store import Row
from connectors.rehearsal.world import World

_CERTIFICATION = "Chứng thực"


def actions(
    random: Random, numbers: Numbers, world: World, case: Case, process: int, moments: Sequence[datetime]
) -> tuple[list[Row], list[Row]]:
    """The chain of opencps_dossieraction and who was assigned at each (opencps_dossieractionuser)."""
    clerks, steps = world.clerks[case.setting.agency.code], case.setting.steps
    ids = [numbers.next("action") for _ in steps]
    rows, users = [], []
    before = ""
    for number, (code, at) in enumerate(zip(steps, moments, strict=True)):
        is_last = number == len(steps) - 1
        clerk = clerks[number % len(clerks)]
        chain = (ids[number - 1] if number else 0, 0 if is_last else ids[number + 1])
        action = audit(random, clerk.user_id, clerk.name, at)
        action |= _action(case, process, before, code, chain, is_last=is_last)
        rows.append({"dossierActionId": ids[number], **action, "actionUser": clerk.name})
        users.append(_assigned(random, case.key, ids[number], code, clerk.user_id, is_last=is_last))
        before = code
    return rows, users


def fees(random: Random, numbers: Numbers, case: Case) -> list[Row]:
    """The fee record of a dossier whose procedure costs something."""
    fee = case.setting.procedure.fee
    if not fee or case.setting.times.received is None or random.random() > 0.9:
        return []
    return [fee_row(random, numbers, case, fee)]


def fee_row(random: Random, numbers: Numbers, case: Case, fee: int) -> Row:
    """One row of opencps_paymentfile: paid, or while the dossier waits for the money due, or paid and not confirmed."""
    setting = case.setting
    at = setting.times.received or setting.times.created
    is_paid = setting.status != "paying"
    is_reported = not is_paid and case.key % 3 == 0
    method = random.choice(("Tiền mặt", "Chuyển khoản", "KeyPay")) if is_paid else ""
    shipping = 26_000 if case.row["viaPostal"] == 2 else 0
    return {
        "paymentFileId": numbers.next("payment"),
        **audit(random, 0, "", at),
        "dossierId": case.key,
        "referenceUid": uid(random),
        "govAgencyCode": setting.agency.code,
        "govAgencyName": setting.agency.name,
        "paymentFee": "Phí, lệ phí giải quyết thủ tục",
        "advanceAmount": 0,
        "feeAmount": fee,
        "serviceAmount": 0,
        "shipAmount": shipping,
        "paymentAmount": fee + shipping,
        "paymentNote": "",
        "paymentStatus": random.choice((3, 5)) if is_paid else 2 if is_reported else 1,
        "paymentMethod": "KeyPay" if is_reported else method,
        "confirmDatetime": at if is_paid or is_reported else None,
        "approveDatetime": at if is_paid else None,
        "invoiceNo": f"{random.randrange(10_000_000):07d}" if is_paid else "",
    }


def requests(random: Random, numbers: Numbers, case: Case) -> list[Row]:
    """What the citizen asked for on the way: to withdraw, to correct."""
    setting = case.setting
    kinds = ["cancelling"] if setting.status == "cancelled" else []
    if setting.is_online and random.random() < 0.03:
        kinds.append("correcting")
    return [request_row(random, numbers, case, kind) for kind in kinds]


def request_row(random: Random, numbers: Numbers, case: Case, kind: str, *, is_open: bool = False) -> Row:
    """One row of opencps_dossierrequests, answered unless it is open."""
    return {
        "dossierRequestId": numbers.next("request"),
        **audit(random, 0, "", case.setting.times.ended),
        "dossierId": case.key,
        "referenceUid": uid(random),
        "requestType": kind,
        "comment_": "Đề nghị rút hồ sơ" if kind == "cancelling" else "Đề nghị sửa thông tin liên hệ",
        "isNew": int(is_open),
        "statusReg": int(not is_open),
    }


def applicant_row(random: Random, numbers: Numbers, case: Case) -> Row:
    """The account of somebody who files online (opencps_applicant)."""
    number = numbers.next("applicant")
    same = ("applicantName", "applicantIdType", "applicantIdNo", "applicantIdDate", "address", "contactTelNo")
    place_names = ("cityCode", "cityName", "districtCode", "districtName", "wardCode", "wardName", "contactEmail")
    return {
        "applicantId": number,
        **audit(random, 900_000 + number, "", case.setting.times.created),
        **{name: case.row[name] for name in (*same, *place_names)},
        "mappingUserId": 900_000 + number,
        "lock_": 0,
        "verification": 1,
    }


def notarizations(random: Random, numbers: Numbers, case: Case) -> list[Row]:
    """The entry in the register of certifications, for a certified copy or signature that was handed over."""
    setting = case.setting
    if setting.procedure.field != _CERTIFICATION or setting.status != "done":
        return []
    pages, copies, ended = random.randrange(1, 12), random.randrange(1, 6), setting.times.ended
    head = audit(random, 0, "", ended)
    return [
        {
            "notarizationId": numbers.next("notarization"),
            **{name: cell for name, cell in head.items() if name != "uuid_"},
            "dossierId": case.key,
            "fileName": setting.procedure.name,
            "totalRecord": 1,
            "totalPage": pages,
            "totalCopy": copies,
            "totalFee": setting.procedure.fee,
            "notarizationNo": random.randrange(1, 9999),
            "notarizationYear": ended.year,
            "notarizationDate": ended,
            "signerName": case.children["opencps_dossieraction"][-1]["actionUser"],
            "signerPosition": "Phó Chủ tịch",
            "statusCode": "done",
        }
    ]


def post_orders(random: Random, numbers: Numbers, case: Case) -> list[Row]:
    """The order to the post office, when the result goes by post and was sent."""
    setting = case.setting
    if case.row["viaPostal"] != 2 or setting.status != "done":
        return []
    order = f"VN{random.randrange(10**9):09d}"
    case.row.update(viaPostal=3, postalCodeSend=order)
    return [
        {
            "postConnectId": numbers.next("post"),
            **audit(random, 0, "", setting.times.ended),
            "dossierId": case.key,
            "postService": 1,
            "postType": 2,
            "orderNumber": order,
            "postStatus": 1,
            "metadata": "",
            "syncState": 2,
            "retry": 0,
        }
    ]


def _action(case: Case, process: int, before: str, code: str, chain: tuple[int, int], *, is_last: bool) -> Row:
    step, times = STEPS[code], case.setting.times
    action_code, action_name = ACTIONS[before, code]
    is_asking = step.status == "waiting"
    due = times.first_due if before and not (is_last or code == "220") else times.due
    return {
        "dossierId": case.key,
        "serviceProcessId": process,
        "previousActionId": chain[0],
        "nextActionId": chain[1],
        "fromStepCode": before,
        "fromStepName": STEPS[before].name if before else "",
        "fromSequenceNo": before[:1],
        "actionCode": action_code,
        "actionName": action_name,
        "actionNote": "Đề nghị bổ sung giấy tờ còn thiếu" if is_asking else "",
        "actionOverdue": 0,
        "pending": 0,
        "rollbackable": 0,
        "stepCode": code,
        "stepName": step.name,
        "sequenceNo": code[0],
        "dueDate": due if before else None,
        "stepInstruction": "",
        "state_": 0 if is_last else 1,
        "eventStatus": 0,
    }


def _assigned(random: Random, key: int, action: int, step: str, user: int, *, is_last: bool) -> Row:
    return {
        "uuid_": uid(random),
        "dossierActionId": action,
        "userId": user,
        "dossierId": key,
        "stepCode": step,
        "moderator": 1,
        "assigned": 1,
        "visited": int(not is_last),
        "roleId": 0,
        "delegacy": 0,
    }
