"""The papers of a dossier: forms, scans, results, slips, check-list, with their entries in Liferay's file store."""

from __future__ import annotations

import json
from datetime import datetime
from random import Random

from connectors.rehearsal.numbers_given import Numbers
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_catalogue import GROUP_ID, audit, uid
from connectors.rehearsal.people import DATE_FORM, SEX_WORDS
from connectors.rehearsal.store import Row

FORM, SCANS, OTHER = "TP01", ("TP02", "TP03", "TP04"), "TK01"
_KINDS = {FORM: 1, OTHER: 3, "NH01": 6, "KQ01": 2, "KN01": 7} | dict.fromkeys(SCANS, 1)
_NAMES = {
    FORM: "Tờ khai", "TP02": "Bản sao căn cước", "TP03": "Giấy tờ nơi cư trú", "TP04": "Giấy tờ kèm theo",
    OTHER: "Giấy tờ khác", "NH01": "Danh sách nhóm", "KQ01": "Kết quả giải quyết", "KN01": "Kết quả nhóm",
}  # fmt: skip
_MEDIA = (("pdf", "application/pdf"),) * 4 + (("jpg", "image/jpeg"),)
_FIRST_FOLDER = 700_000


class Papers:
    """Adds papers to cases."""

    def __init__(self, random: Random, numbers: Numbers) -> None:
        self._random, self._numbers = random, numbers

    def add(self, case: Case) -> None:
        """About four papers: an electronic form without a file, one to three scans, at times a result."""
        random, setting = self._random, case.setting
        at = setting.times.submitted or setting.times.received or setting.times.created
        self._form(case, at)
        for part in random.sample(SCANS, random.choice((1, 2, 2, 3))):
            self.scan(case, part, at)
            case.children["opencps_dossiermark"].append(self._mark(case, part, at))
        if random.random() < 0.2:
            self.scan(case, OTHER, at)
        if setting.status in ("releasing", "done"):
            self._result(case)
        self._slips(case)

    def add_fixed(self, case: Case, number: int) -> None:
        """Exactly ``number`` paper records, each with an entry in the file store."""
        at = case.setting.times.received or case.setting.times.created
        for position in range(number):
            self.scan(case, (FORM, *SCANS)[position % 4], at)

    def scan(self, case: Case, part: str, at: datetime) -> Row:
        """One paper with a stored file."""
        name = f"{_NAMES[part]} {self._numbers.next('title')}"
        entry = self.entry(case, name, at)
        row = self._paper(case, part, name, at) | {"fileEntryId": entry["fileEntryId"]}
        case.papers.append(row)
        return row

    def entry(self, case: Case, name: str, at: datetime) -> Row:
        """One row of DLFileEntry in the dossier's folder."""
        random, number = self._random, self._numbers.next("entry")
        extension, media = random.choice(_MEDIA)
        folder = _FIRST_FOLDER + case.key
        case.row["folderId"] = folder
        row: Row = {
            "fileEntryId": number,
            **audit(random, 0, "", at),
            "repositoryId": GROUP_ID,
            "folderId": folder,
            "treePath": f"/{folder}/",
            "name": str(100_000 + number),
            "fileName": f"{name}.{extension}",
            "extension": extension,
            "mimeType": media,
            "title": name,
            "description": "",
            "version": "1.0",
            "size_": min(200 + int(random.expovariate(1 / 700)), 4096),
        }
        case.children["DLFileEntry"].append(row)
        return row

    def _form(self, case: Case, at: datetime) -> None:
        person = case.setting.person
        data = {"hoTen": person.name, "soGiayTo": person.id_number, "noiDung": case.setting.procedure.name}
        if person.born:
            data = {"ngaySinh": person.born.strftime(DATE_FORM), "gioiTinh": SEX_WORDS[person.is_male]} | data
        row = self._paper(case, FORM, _NAMES[FORM], at)
        case.papers.append(row | {"formData": json.dumps(data, ensure_ascii=False), "eForm": 1})

    def _result(self, case: Case) -> None:
        """The result paper and, four times in ten, its entry in the register of results."""
        paper = self.scan(case, "KQ01", case.setting.times.ended)
        if self._random.random() < 0.4:
            code = f"KQ.{case.setting.agency.code[-3:]}.{self._numbers.next('result'):06d}"
            paper["deliverableCode"] = code
            case.children["opencps_deliverable"].append(self._deliverable(case, code, paper))

    def _slips(self, case: Case) -> None:
        """Slips that the old software printed: receipt, request for supplements, apology for a new date."""
        setting = case.setting
        if setting.times.received and self._random.random() < 0.5:
            self.slip(case, "PHIEU_TIEP_NHAN", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", setting.times.received)
        if setting.status == "waiting":
            self.slip(case, "PHIEU_BO_SUNG", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", setting.times.ended)
        if setting.times.due != setting.times.first_due and case.key % 2:
            self.apology(case, setting.times.ended)

    def apology(self, case: Case, at: datetime) -> None:
        """Mẫu 04 of Thông tư 01/2018/TT-VPCP."""
        self.slip(case, "PHIEU_XIN_LOI", "Phiếu xin lỗi và hẹn lại ngày trả kết quả", at)

    def slip(self, case: Case, kind: str, name: str, at: datetime) -> None:
        """One slip, sometimes with its file."""
        number = self._numbers.next("document")
        file_id = self.entry(case, f"{name} {number}", at)["fileEntryId"] if self._random.random() < 0.2 else 0
        row: Row = {
            "DossierDocumentId": number,
            **{name: cell for name, cell in audit(self._random, 0, "", at).items() if name in _DOCUMENT_HEAD},
            "dossierId": case.key,
            "referenceUid": uid(self._random),
            "dossierActionId": case.row["dossierActionId"],
            "documentType": kind,
            "documentName": name,
            "documentCode": f"{number}/PTN",
            "documentFileId": file_id,
            "docSync": 0,
        }
        case.children["opencps_dossierdocument"].append(row)

    def _paper(self, case: Case, part: str, name: str, at: datetime) -> Row:
        procedure = case.setting.procedure
        return {
            "dossierFileId": self._numbers.next("file"),
            **audit(self._random, 0, "", at),
            "dossierId": case.key,
            "referenceUid": uid(self._random),
            "dossierTemplateNo": f"MHS-{procedure.code}",
            "dossierPartNo": part,
            "dossierPartType": _KINDS[part],
            "fileTemplateNo": f"{procedure.code}-{part}",
            "displayName": name,
            "formData": "",
            "fileEntryId": 0,
            "original": int(case.setting.status == "done"),
            "eForm": 0,
            "isNew": 0,
            "removed": 0,
            "signCheck": 0,
            "deliverableCode": "",
        }

    def _mark(self, case: Case, part: str, at: datetime) -> Row:
        head = audit(self._random, 0, "", at)
        return {
            "dossierMarkId": self._numbers.next("mark"),
            **{name: cell for name, cell in head.items() if name != "userName"},
            "dossierId": case.key,
            "dossierPartNo": part,
            "fileCheck": 1,
            "fileMark": self._random.randrange(1, 4),
            "fileComment": "",
            "recordCount": "1",
        }

    def _deliverable(self, case: Case, code: str, paper: Row) -> Row:
        setting, ended = case.setting, case.setting.times.ended
        return {
            "deliverableId": self._numbers.next("deliverable"),
            **audit(self._random, 0, "", ended),
            "deliverableCode": code,
            "deliverableName": f"Kết quả {setting.procedure.name}"[:500],
            "deliverableType": "KQ01",
            "govAgencyCode": setting.agency.code,
            "govAgencyName": setting.agency.name,
            "applicantIdNo": setting.person.id_number,
            "applicantName": setting.person.name,
            "subject": "",
            "formData": "",
            "issueDate": datetime(ended.year, ended.month, ended.day),
            "expireDate": None,
            "deliverableState": 1,
            "fileEntryId": paper["fileEntryId"],
            "dossierId": case.key,
            "docSync": 0,
        }


_DOCUMENT_HEAD = frozenset({"uuid_", "groupId", "userId", "createDate", "modifiedDate"})
