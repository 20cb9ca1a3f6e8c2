"""The dossier's own row, its actions, fees, requests and registered applicant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from connectors.rehearsal.opencps_case import Case, Numbers, Row, Setting
from connectors.rehearsal.opencps_catalogue import audit, uid
from connectors.rehearsal.opencps_process import ACTIONS, STATUS_TEXT, STEPS, SUB_STATUS_TEXT
from connectors.rehearsal.opencps_world import Unit, World
from connectors.rehearsal.people import citizen

_RELEASED = frozenset({"releasing", "done", "unresolved", "cancelled", "denied"})
_CERTIFICATION = "Chứng thực"
_FINISHED = frozenset({"done", "denied", "unresolved", "cancelled"})


def dossier_row(random: Random, world: World, key: int, setting: Setting, code: str) -> Row:
    """Every column of opencps_dossier that the old software fills."""
    clerk = random.choice(world.clerks[setting.agency.code])
    head = audit(random, clerk.user_id, clerk.name, setting.times.created)
    row: Row = {"dossierId": key, **head, "modifiedDate": setting.times.ended, "referenceUid": uid(random)}
    row |= _service(random, key, setting) | _owner(random, world, setting) | _delegate(random, world, setting)
    row |= _times(random, setting) | _status(setting) | _postal(random, world, setting)
    return row | _technical(random, setting, code)


def place(unit: Unit, prefix: str = "") -> Row:
    """The six columns of an address under ``prefix``, in the units before July 2025."""
    names = ("cityCode", "cityName", "districtCode", "districtName", "wardCode", "wardName")
    values = (unit.province_code, unit.province_name, unit.district_code, unit.district_name, unit.code, unit.name)
    shown = (f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name for name in names)
    return dict(zip(shown, values, strict=True))


def street(random: Random, unit: Unit) -> str:
    """A house in a commune, as people write it."""
    kind = random.choice(("khu", "thôn", "xóm", "tổ dân phố số"))
    where = f"{unit.name}, {unit.district_name}, {unit.province_name}"
    return f"Số nhà {random.randrange(1, 200)}, {kind} {random.randrange(1, 15)}, {where}"


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
    """One row of opencps_paymentfile, paid unless the dossier waits for the money."""
    setting = case.setting
    at = setting.times.received or setting.times.created
    is_paid = setting.status != "paying"
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
        "paymentStatus": random.choice((3, 5)) if is_paid else 1,
        "paymentMethod": method,
        "confirmDatetime": at if is_paid else None,
        "approveDatetime": at if is_paid else None,
        "invoiceNo": f"{random.randrange(10_000_000):07d}" if is_paid else "",
    }


def requests(random: Random, numbers: Numbers, case: Case) -> list[Row]:
    """What the citizen asked for on the way: to withdraw, to correct."""
    setting = case.setting
    kinds = ["cancelling"] if setting.status == "cancelled" else []
    if setting.is_online and random.random() < 0.03:
        kinds.append("correcting")
    return [
        {
            "dossierRequestId": numbers.next("request"),
            **audit(random, 0, "", setting.times.ended),
            "dossierId": case.key,
            "referenceUid": uid(random),
            "requestType": kind,
            "comment_": "Đề nghị rút hồ sơ" if kind == "cancelling" else "Đề nghị sửa thông tin liên hệ",
            "isNew": 0,
            "statusReg": 1,
        }
        for kind in kinds
    ]


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


def _service(random: Random, key: int, setting: Setting) -> Row:
    procedure, agency = setting.procedure, setting.agency
    return {
        "counter": key % 1000,
        "processNo": f"QT-{procedure.code}",
        "serviceCode": procedure.service_code(agency.province_code),
        "serviceName": procedure.name,
        "govAgencyCode": agency.code,
        "govAgencyName": agency.name,
        "dossierTemplateNo": f"MHS-{procedure.code}",
        "dossierTemplateName": f"Mẫu hồ sơ {procedure.name}",
        "durationUnit": procedure.duration_unit,
        "durationCount": float(procedure.duration),
        "sampleCount": random.randrange(1, 4),
        "dossierName": f"{procedure.name} - {setting.person.name}",
    }


def _owner(random: Random, world: World, setting: Setting) -> Row:
    person, home = setting.person, _home(random, world, setting)
    return {
        "applicantName": person.name,
        "applicantIdType": person.id_kind,
        "applicantIdNo": person.id_number,
        "applicantIdDate": person.id_issued,
        "address": street(random, home),
        **place(home),
        "contactName": person.name,
        "contactTelNo": person.phone,
        "contactEmail": person.email,
    }


def _home(random: Random, world: World, setting: Setting) -> Unit:
    """Where the owner lives: as a rule in the province that handles the dossier."""
    while True:
        unit = random.choice(world.communes)
        if unit.province_code == setting.agency.province_code or random.random() < 0.02:
            return unit


def _delegate(random: Random, world: World, setting: Setting) -> Row:
    names = ("delegateName", "delegateIdNo", "delegateTelNo", "delegateEmail", "delegateAddress")
    if random.random() > 0.2:
        return {"delegateType": 0, **dict.fromkeys((*names, *place(world.communes[0], "delegate")), "")}
    other, home = citizen(random, setting.agency.province_code), _home(random, world, setting)
    values = (other.name, other.id_number, other.phone, other.email, street(random, home))
    return {"delegateType": 1, **dict(zip(names, values, strict=True)), **place(home, "delegate")}


def _times(random: Random, setting: Setting) -> Row:
    times, status = setting.times, setting.status
    has_begun = times.received is not None and status != "new"
    floor = times.received or times.ended
    released = max(floor, times.ended - timedelta(minutes=random.randrange(120)))
    return {
        "submitDate": times.submitted,
        "receiveDate": times.received,
        "dueDate": times.due,
        "processDate": times.received if has_begun else None,
        "extendDate": times.due if times.due != times.first_due else None,
        "releaseDate": released if status in _RELEASED else None,
        "finishDate": times.ended if status in _FINISHED else None,
        "cancellingDate": times.ended if status in ("cancelled", "cancelling") else None,
        "correcttingDate": times.ended if status == "correcting" else None,
        "endorsementDate": None,
        "documentDate": None,
    }


def _status(setting: Setting) -> Row:
    """Status and sub-status of the last step; the texts are copies, as the old software keeps them."""
    status = setting.status
    step = STEPS[setting.steps[-1]]
    sub_status = step.sub_status if step.status == status else ""
    return {
        "dossierStatus": status,
        "dossierStatusText": STATUS_TEXT.get(status, "Chờ xác nhận"),
        "dossierSubStatus": sub_status,
        "dossierSubStatusText": SUB_STATUS_TEXT.get(sub_status, ""),
        "lockState": step.lock_state,
    }


def _postal(random: Random, world: World, setting: Setting) -> Row:
    is_wanted = random.random() < 0.08
    home = _home(random, world, setting) if is_wanted else None
    names = place(world.communes[0], "postal")
    return {
        "viaPostal": 2 if is_wanted else random.randrange(2),
        "postalServiceCode": "VNPOST" if is_wanted else "",
        "postalServiceName": "Bưu điện Việt Nam" if is_wanted else "",
        "postalAddress": street(random, home) if home else "",
        **(place(home, "postal") if home else dict.fromkeys(names, "")),
        "postalTelNo": setting.person.phone if is_wanted else "",
        "postalCodeSend": "",
        "postalCodeReceived": "",
    }


def _technical(random: Random, setting: Setting, code: str) -> Row:
    received = setting.times.received
    return {
        "dossierNo": code,
        "documentNo": "",
        "dossierNote": "",
        "submissionNote": "",
        "applicantNote": "",
        "briefNote": "",
        "submitting": 0,
        "folderId": 0,
        "dossierActionId": 0,
        "password_": f"{random.getrandbits(32):08x}",
        "notification": 1,
        "online_": int(setting.is_online),
        "original": int(setting.status == "done"),
        "serverNo": "SERVER_MOT_CUA",
        "originality": 2 if setting.is_online else 3,
        "originDossierId": 0,
        "originDossierNo": "",
        "groupDossierId": "",
        "metaData": "{}",
        "systemId": 0,
        "dossierCounter": f"{received:%Y}/{random.randrange(1, 99_999):05d}" if received else "",
        "registerBookCode": "",
        "registerBookName": "",
        "dossierRegister": "",
        "vnpostalStatus": 0,
        "vnpostalProfile": "",
        "fromViaPostal": 0,
        "multipleCheck": "",
        "serviceLevel": 4 if setting.is_online else 2,
    }


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
