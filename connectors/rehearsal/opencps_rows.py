"""The dossier's own row."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from connectors.rehearsal.opencps_catalogue import audit, uid
from connectors.rehearsal.opencps_process import STATUS_TEXT, STEPS, SUB_STATUS_TEXT
from connectors.rehearsal.people import citizen
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Setting, home_of
from connectors.rehearsal.world import Unit, World, street

_RELEASED = frozenset({"releasing", "done", "unresolved", "cancelled", "denied"})
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
    person, home = setting.person, home_of(random, world, setting)
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


def _delegate(random: Random, world: World, setting: Setting) -> Row:
    names = ("delegateName", "delegateIdNo", "delegateTelNo", "delegateEmail", "delegateAddress")
    if random.random() > 0.2:
        return {"delegateType": 0, **dict.fromkeys((*names, *place(world.communes[0], "delegate")), "")}
    other, home = citizen(random, setting.agency.province_code), home_of(random, world, setting)
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
    home = home_of(random, world, setting) if is_wanted else None
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
