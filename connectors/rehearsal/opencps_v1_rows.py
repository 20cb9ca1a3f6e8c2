"""How OpenCPS v1 writes a dossier down: numbers instead of codes, names of columns and statuses of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.rehearsal.opencps_case import Case as Matter
from connectors.rehearsal.opencps_catalogue import COMPANY_ID, GROUP_ID
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_v1_case import MAIN, Tables
from connectors.rehearsal.opencps_v1_catalogue import Ids
from connectors.rehearsal.opencps_v1_words import NUMBERS, status_word
from connectors.rehearsal.store import Cell, Row

_SAME = (
    "govAgencyCode", "govAgencyName", "address", "cityCode", "cityName", "districtCode", "districtName", "wardCode",
    "wardName", "contactName", "contactTelNo", "contactEmail",
)  # fmt: skip
_METHODS = {"Tiền mặt": 1, "KeyPay": 2, "Chuyển khoản": 3}
_TEXT_SINCE = datetime(2024, 1, 1)
_RESULTS = (2, 7)


def head(at: Cell, user_id: Cell = 0) -> Row:
    """The columns that nearly every table of Liferay 6.2 begins with."""
    return {"companyId": COMPANY_ID, "groupId": GROUP_ID, "userId": user_id, "createDate": at, "modifiedDate": at}


@dataclass(frozen=True)
class Shaper:
    """Makes the rows of v1 from a matter."""

    life: Life
    ids: Ids

    def shape(self, matter: Matter) -> Tables:
        """Every row of one dossier."""
        tables: Tables = {MAIN: [self._dossier(matter)]}
        tables |= self._account(matter, tables[MAIN][0])
        tables["opencps_processorder"] = [self._order(matter, tables[MAIN][0])]
        order = tables["opencps_processorder"][0]["processOrderId"]
        actions = matter.children["opencps_dossieraction"]
        tables["opencps_actionhistory"] = [self._action(matter, action, order) for action in actions]
        tables["opencps_dossier_file"] = [self._file(matter, paper) for paper in matter.papers]
        stored = {paper["fileEntryId"] for paper in matter.papers}
        tables["DLFileEntry"] = [row for row in matter.children["DLFileEntry"] if row["fileEntryId"] in stored]
        tables["opencps_payment_file"] = [self._payment(matter, fee) for fee in matter.children["opencps_paymentfile"]]
        return tables

    # ------------------------------------------------------------ the dossier and its owner's account

    def _dossier(self, matter: Matter) -> Row:
        old, code = matter.row, matter.setting.procedure.code
        is_business = old["applicantIdType"] == "business"
        return {
            "dossierId": matter.key,
            **head(old["createDate"], 800_000 + matter.key),
            "oid": old["referenceUid"],
            "externalRefNo": old["originDossierNo"],
            "externalRefUrl": "",
            "ownerOrganizationId": 810_000 + matter.key if is_business else 0,
            "serviceInfoId": self.ids.services[str(old["serviceCode"])],
            "serviceConfigId": self.ids.configs[code],
            "dossierTemplateId": self.ids.templates[code],
            "serviceMode": 3,
            "counter": matter.key % 1000,
            "subjectId": old["applicantIdNo"],
            "subjectName": old["applicantName"],
            **{name: old[name] for name in _SAME},
            "note": old["submissionNote"],
            "submitDatetime": old["submitDate"],
            "receiveDatetime": old["receiveDate"],
            "receptionNo": old["dossierNo"],
            "estimateDatetime": old["dueDate"],
            "finishDatetime": old["finishDate"],
            "dossierStatus": self._status(matter),
            "dossierSubStatus": "",
            "dossierSource": int(matter.setting.is_online),
            "delayStatus": 0,
            "folderId": old["folderId"],
        }

    def _status(self, matter: Matter) -> Cell:
        """A word, or in the oldest rows a number."""
        status = matter.row["dossierStatus"]
        if not status:
            return status
        word = status_word(str(status), is_received=matter.setting.times.received is not None)
        return NUMBERS[word] if matter.setting.times.created < _TEXT_SINCE else word

    def _account(self, matter: Matter, row: Row) -> Tables:
        person, since = matter.setting.person, matter.setting.times.created
        address = str(row["address"])[:40]
        if row["ownerOrganizationId"]:
            own: Row = {"businessId": matter.key, **head(since), "name": str(row["subjectName"])[:75]}
            own |= {"idNumber": row["subjectId"], "dateOfIdNumber": person.id_issued, "address": address}
            return {"opencps_acc_business": [own | {"mappingUserId": row["userId"], "accountStatus": 2}]}
        born = datetime(person.born.year, person.born.month, person.born.day) if person.born else None
        citizen: Row = {"citizenId": matter.key, **head(since), "fullName": str(row["subjectName"])[:75]}
        citizen |= {"personalId": row["subjectId"], "gender": int(person.is_male), "birthdate": born}
        return {"opencps_acc_citizen": [citizen | {"address": address, "mappingUserId": row["userId"]}]}

    # ------------------------------------------------------------ process

    def _order(self, matter: Matter, row: Row) -> Row:
        actions, code = matter.children["opencps_dossieraction"], matter.setting.procedure.code
        last = actions[-1] if actions else None
        at = last["createDate"] if last else row["createDate"]
        step = self.ids.steps.get((code, str(last["stepCode"])), 0) if last else 0
        return {
            "processOrderId": self.life.numbers.next("order"),
            **head(at),
            "serviceInfoId": row["serviceInfoId"],
            "dossierTemplateId": row["dossierTemplateId"],
            "govAgencyCode": row["govAgencyCode"],
            "govAgencyName": row["govAgencyName"],
            "serviceProcessId": self.ids.processes[code],
            "dossierId": matter.key,
            "fileGroupId": 0,
            "processStepId": step,
            "actionUserId": last["userId"] if last else 0,
            "actionDatetime": at,
            "actionNote": "",
            "assignToUserId": 0,
            "dossierStatus": row["dossierStatus"],
            "errorInfo": "",
        }

    def _action(self, matter: Matter, action: Row, order: Cell) -> Row:
        ends = (matter.setting.procedure.code, str(action["fromStepCode"]), str(action["stepCode"]))
        return {
            "actionHistoryId": self.life.numbers.next("history"),
            **head(action["createDate"]),
            "processOrderId": order,
            "processWorkflowId": self.ids.workflows.get(ends, 0),
            "actionDatetime": action["createDate"],
            "stepName": action["stepName"],
            "actionName": action["actionName"],
            "actionNote": action["actionNote"],
            "actionUserId": action["userId"],
            "daysDoing": 1,
            "daysDelay": 0,
        }

    # ------------------------------------------------------------ papers and money

    def _file(self, matter: Matter, paper: Row) -> Row:
        part = str(paper["dossierPartNo"])
        return {
            "dossierFileId": paper["dossierFileId"],
            **head(paper["createDate"]),
            "dossierId": matter.key,
            "dossierPartId": self.ids.parts[matter.setting.procedure.code, part],
            "groupFileId": 0,
            "displayName": paper["displayName"],
            "formData": paper["formData"],
            "fileEntryId": paper["fileEntryId"],
            "dossierFileMark": 1,
            "dossierFileType": 2 if paper["dossierPartType"] in _RESULTS else 1,
            "dossierFileNo": paper["deliverableCode"],
            "dossierFileDate": None,
            "removed": paper["removed"],
            "original": 1,
            "version": 1,
            "signed": 0,
        }

    def _payment(self, matter: Matter, fee: Row) -> Row:
        return {
            "paymentFileId": fee["paymentFileId"],
            **head(fee["createDate"]),
            "dossierId": matter.key,
            "paymentName": fee["paymentFee"],
            "requestDatetime": fee["createDate"],
            "amount": float(str(fee["paymentAmount"])),
            "requestNote": "",
            "paymentStatus": 2 if fee["approveDatetime"] else 0,
            "paymentMethod": _METHODS.get(str(fee["paymentMethod"]), 0),
            "confirmDatetime": fee["confirmDatetime"],
            "confirmFileEntryId": 0,
            "approveDatetime": fee["approveDatetime"],
            "invoiceNo": fee["invoiceNo"],
        }
