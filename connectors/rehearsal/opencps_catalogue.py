"""The tables that stand still: dictionaries, units, officials, services, processes, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from random import Random

from connectors.rehearsal.opencps_process import ACTIONS, MAPPED_TO_PORTAL, STATUS_TEXT, STEPS, SUB_STATUS_TEXT
from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.world import PROVINCES, Agency, Procedure, Unit, World

GROUP_ID, COMPANY_ID, ADMIN_ID, ADMIN_NAME = 35_166, 20_116, 20_156, "Quản trị hệ thống"
_MADE_ON = datetime(2020, 3, 2, 8, 0)
PARTS = (
    ("TP01", "Tờ khai: {name}", 1, True), ("TP02", "Bản sao căn cước công dân hoặc hộ chiếu", 1, False),
    ("TP03", "Giấy tờ chứng minh nơi cư trú", 1, False), ("TP04", "Giấy tờ, tài liệu kèm theo", 1, False),
    ("TK01", "Giấy tờ khác", 3, False), ("NH01", "Danh sách hồ sơ trong nhóm", 6, False),
    ("KQ01", "Kết quả: {name}", 2, False), ("KN01", "Kết quả của nhóm hồ sơ", 7, False),
)  # fmt: skip
_COLLECTIONS = {
    "ADMINISTRATIVE_REGION": "Đơn vị hành chính", "GOVERNMENT_AGENCY": "Cơ quan nhà nước",
    "DOSSIER_STATUS": "Trạng thái hồ sơ", "DOSSIER_SUB_STATUS": "Trạng thái con của hồ sơ",
    "SERVICE_DOMAIN": "Lĩnh vực thủ tục",
}  # fmt: skip


class Catalogue:
    """Writes reference rows; what a row does not name gets the usual values of Liferay."""

    def __init__(self, store: Store, random: Random) -> None:
        self._store, self._random = store, random
        self._columns = {table.name: store.schema.columns(table.name) for table in store.schema.tables}
        self._ids = count(1001)
        self._collections: dict[str, int] = {}

    def add(self, table: str, key: str, **cells: Cell) -> int:
        """Write one row; its new id stands in the column ``key``."""
        new_id = next(self._ids)
        usual = audit(self._random, ADMIN_ID, ADMIN_NAME, _MADE_ON)
        known = self._columns[table]
        row = {name: value for name, value in usual.items() if name in known} | {key: new_id} | cells
        self._store.add(table, row)
        return new_id

    def item(self, collection: str, code: str, name: str, parent: int = 0, tree: str = "", level: int = 0) -> int:
        """Write one dictionary item under ``parent``."""
        if collection not in self._collections:
            names: dict[str, Cell] = {"collectionCode": collection, "collectionName": _COLLECTIONS[collection]}
            self._collections[collection] = self.add("opencps_dictcollection", "dictCollectionId", status=1, **names)
        place: dict[str, Cell] = {"parentItemId": parent, "level": level, "sibling": "1", "treeIndex": tree}
        owner = self._collections[collection]
        cells: dict[str, Cell] = {"dictCollectionId": owner, "itemCode": code, "itemName": name, "metaData": ""}
        return self.add("opencps_dictitem", "dictItemId", **cells, **place)


def audit(random: Random, user_id: int, user_name: str, at: Cell) -> dict[str, Cell]:
    """The columns that nearly every Liferay table begins with."""
    return {
        "uuid_": uid(random),
        "groupId": GROUP_ID,
        "companyId": COMPANY_ID,
        "userId": user_id,
        "userName": user_name,
        "createDate": at,
        "modifiedDate": at,
    }


def uid(random: Random) -> str:
    """A UUID-like text from the seeded generator."""
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def write_catalogues(
    store: Store, world: World, days: Sequence[tuple[date, int, str]], random: Random
) -> dict[str, int]:
    """Fill every reference table; process ids by national procedure code."""
    catalogue = Catalogue(store, random)
    _regions(catalogue, [*world.communes, *world.split_communes])
    _agencies(catalogue, world.agencies)
    _statuses(catalogue)
    _staff(catalogue, world)
    _office(catalogue, days)
    for number, domain in enumerate(sorted({procedure.field for procedure in world.procedures}), start=1):
        catalogue.item("SERVICE_DOMAIN", f"LV{number:02d}", domain)
    for code, name in (*world.local_services, *world.succeeded_services, *world.gone_services):
        _service(catalogue, code, name, "Khác")
    return {procedure.code: _procedure(catalogue, procedure, world) for procedure in world.procedures}


def _regions(catalogue: Catalogue, units: Sequence[Unit]) -> None:
    """Provinces, districts and communes, each with the official code of its time."""
    known: dict[str, tuple[int, str]] = {}
    for unit in sorted(units, key=lambda unit: (unit.province_code, unit.district_code, unit.code)):
        place = (
            (unit.province_code, unit.province_name),
            (unit.district_code, unit.district_name),
            (unit.code, unit.name),
        )
        parent, tree = 0, ""
        for level, (code, name) in enumerate(place):
            if code not in known:
                own_tree = f"{tree}.{code}".lstrip(".")
                item = catalogue.item("ADMINISTRATIVE_REGION", code, name, parent, own_tree, level)
                known[code] = (item, own_tree)
            parent, tree = known[code]


def _agencies(catalogue: Catalogue, agencies: Sequence[Agency]) -> None:
    """The agency tree, twice as in real systems: as dictionary items and, land offices left out, as working units."""
    items: dict[str, tuple[int, str, int]] = {"": (0, "", -1)}
    units: dict[str, int] = {"": 0}
    for agency in agencies:
        parent, tree, level = items[agency.parent_code]
        own_tree = f"{tree}.{len(items)}".lstrip(".")
        item = catalogue.item("GOVERNMENT_AGENCY", agency.code, agency.name, parent, own_tree, level + 1)
        items[agency.code] = (item, own_tree, level + 1)
        if agency.level == "district" and agency.field:
            continue
        cells: dict[str, Cell] = {
            "name": agency.name,
            "govAgencyCode": agency.code,
            "parentWorkingUnitId": units[agency.parent_code],
            "sibling": "1",
            "treeIndex": own_tree,
            "address": "",
            "level": level + 1,
        }
        units[agency.code] = catalogue.add("opencps_workingunit", "workingUnitId", **cells)


def _statuses(catalogue: Catalogue) -> None:
    for code, name in STATUS_TEXT.items():
        catalogue.item("DOSSIER_STATUS", code, name)
    for code, name in SUB_STATUS_TEXT.items():
        catalogue.item("DOSSIER_SUB_STATUS", code, name)
    for status, sub_status, portal in MAPPED_TO_PORTAL:
        cells: dict[str, Cell] = {"statusCode": status, "statusCodeDVCQG": portal, "subStatusCode": sub_status}
        catalogue.add("opencps_dossierstatusmapping", "dossierStatusMappingId", **cells)


def _staff(catalogue: Catalogue, world: World) -> None:
    for agency_code, clerks in world.clerks.items():
        for number, clerk in enumerate(clerks):
            cells: dict[str, Cell] = {
                "employeeNo": f"CB{clerk.user_id}",
                "fullName": clerk.name,
                "title": "Lãnh đạo" if number else "Chuyên viên một cửa",
                "gender": number % 2,
                "workingStatus": 1,
                "mappingUserId": clerk.user_id,
                "scope": agency_code,
            }
            catalogue.add("opencps_employee", "employeeId", **cells)


def _office(catalogue: Catalogue, days: Sequence[tuple[date, int, str]]) -> None:
    for day, kind, name in days:
        at = datetime(day.year, day.month, day.day)
        catalogue.add("opencps_holiday", "holidayId", holidayDate=at, description=name, holidayType=kind)
    for day_of_week in range(2, 7):  # java.util.Calendar: 2 = Monday
        catalogue.add("opencps_workTime", "workTimeId", day=day_of_week, hours="07:30-11:30,13:30-17:00")


def _procedure(catalogue: Catalogue, procedure: Procedure, world: World) -> int:
    """One procedure with its services, papers, process, steps and actions; the id of its process."""
    process = catalogue.add(
        "opencps_serviceprocess",
        "serviceProcessId",
        processNo=f"QT-{procedure.code}",
        processName=f"Quy trình {procedure.name}",
        durationCount=float(procedure.duration),
        durationUnit=procedure.duration_unit,
        counter=0,
        generateDossierNo=1,
        dossierNoPattern="{$govAgencyCode$}-{yy}{mm}{dd}-{bbbb}",
        generateDueDate=1,
    )
    for code in sorted({procedure.service_code(province) for province in PROVINCES}):
        service = _service(catalogue, code, procedure.name, procedure.field)
        _options(catalogue, service, process, procedure)
    if procedure.private_code:
        mapping: dict[str, Cell] = {"serviceCode": procedure.private_code, "serviceCodeDVCQG": procedure.code}
        add = catalogue.add
        add("opencps_serviceinfomapping", "serviceInfoMappingId", serviceNameDVCQG=procedure.name, synced=1, **mapping)
    _template(catalogue, procedure, world)
    _steps(catalogue, process)
    return process


def _service(catalogue: Catalogue, code: str, name: str, domain: str) -> int:
    cells: dict[str, Cell] = {"serviceCode": code, "serviceName": name, "domainName": domain, "maxLevel": 4}
    return catalogue.add("opencps_serviceinfo", "serviceInfoId", public_=1, **cells)


def _options(catalogue: Catalogue, service: int, process: int, procedure: Procedure) -> None:
    for suffix, name in PROVINCES.values():
        agency: dict[str, Cell] = {"govAgencyCode": f"000.00.00.{suffix}", "govAgencyName": f"UBND tỉnh {name}"}
        config = catalogue.add(
            "opencps_serviceconfig", "serviceConfigId", serviceInfoId=service, serviceLevel=4, forCitizen=1, **agency
        )
        option: dict[str, Cell] = {"optionOrder": 1, "optionName": procedure.name, "serviceProcessId": process}
        catalogue.add("opencps_processoption", "processOptionId", serviceConfigId=config, sampleCount=0, **option)


def _template(catalogue: Catalogue, procedure: Procedure, world: World) -> None:
    template: dict[str, Cell] = {"templateNo": f"MHS-{procedure.code}", "templateName": f"Mẫu hồ sơ {procedure.name}"}
    catalogue.add("opencps_dossiertemplate", "dossierTemplateId", **template)
    for number, name, kind, is_form in PARTS:
        cells: dict[str, Cell] = {
            "templateNo": f"MHS-{procedure.code}",
            "partNo": number,
            "partName": world.papers.get((procedure.code, number)) or name.format(name=procedure.name),
            "partType": kind,
            "multiple": 0,
            "required": int(kind == 1),
            "fileTemplateNo": f"{procedure.code}-{number}",
            "eForm": int(is_form),
            "fileMark": 1,
        }
        catalogue.add("opencps_dossierpart", "dossierPartId", **cells)


def _steps(catalogue: Catalogue, process: int) -> None:
    for step in STEPS.values():
        cells: dict[str, Cell] = {"stepCode": step.code, "serviceProcessId": process, "stepName": step.name}
        status: dict[str, Cell] = {"dossierStatus": step.status, "dossierSubStatus": step.sub_status}
        lock: dict[str, Cell] = {"sequenceNo": step.code[0], "lockState": step.lock_state, "durationCount": 0.0}
        catalogue.add("opencps_processstep", "processStepId", **cells, **status, **lock)
    for (before, after), (code, name) in ACTIONS.items():
        ends: dict[str, Cell] = {"preStepCode": before, "postStepCode": after, "serviceProcessId": process}
        what: dict[str, Cell] = {"actionCode": code, "actionName": name, "rollbackable": 0, "requestPayment": 0}
        catalogue.add("opencps_processaction", "processActionId", **ends, **what)
