"""The papers of a dossier in CMON: what was handed in, the result, and their files in the store."""

from __future__ import annotations

from datetime import datetime
from random import Random

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.cmon_case import Case
from connectors.rehearsal.cmon_catalogue import Catalogue
from connectors.rehearsal.numbers_given import Numbers
from connectors.rehearsal.store import Row

PAPERS, STORE = "cmon_giaytodinhkemhoso", "cmon_noiluutrutailieu"
_FIRST_FILE = 900_000


class Papers:
    """Adds papers to cases."""

    def __init__(self, random: Random, numbers: Numbers, rows: Rows, catalogue: Catalogue) -> None:
        self._random, self._numbers, self._rows, self._catalogue = random, numbers, rows, catalogue

    def add(self, case: Case) -> None:
        """Two to five papers, each with its file; the result when there is one; at times a loose file."""
        setting, random = case.setting, self._random
        at = setting.times.submitted or setting.times.received or setting.times.created
        types = self._catalogue.papers[setting.procedure.service_code(setting.agency.province_code)]
        for kind, place in types[: random.choice((2, 3, 3, 4))]:
            self.paper(case, kind, place, at)
        if random.random() < 0.2:
            self.paper(case, self._catalogue.other_paper, None, at)
        if setting.status in ("releasing", "done"):
            self.paper(case, *types[-1], setting.times.ended)
        if random.random() < 0.05:
            self.file(case, "phieu-kiem-soat.pdf", setting.times.ended)

    def paper(self, case: Case, kind: int, place: int | None, at: datetime) -> Row:
        """One paper with its file."""
        number = self._numbers.next("paper")
        stored = self.file(case, f"giay-to-{number}.pdf", at)
        row = self._rows.row(
            PAPERS,
            ID=number,
            HOSOTTHCCONGID=case.key,
            SOBANGIAY=1,
            DADOICHIEU=self._random.randrange(3),
            TTHSTAITHOIDIEMDINHKEM=0,
            NOILUUTRUTAILIEUID=stored["ID"],
            NGUOIUPLOAD="nguoidung",
            NGAYUPLOAD=at,
            THUTUC2GIAYTOID=place,
            DANHMUCGIAYTOID=kind,
            BANCHINH=int(self._random.random() < 0.3),
            DATRA=0,
        )
        return case.add(PAPERS, row)

    def file(self, case: Case, name: str, at: datetime) -> Row:
        """One row of the store, and the bytes that it stands for."""
        number = self._numbers.next("stored")
        file = _FIRST_FILE + number
        case.files[file] = (name, min(200 + int(self._random.expovariate(1 / 700)), 4096))
        row = self._rows.row(
            STORE,
            ID=number,
            TENTAILIEU=name,
            NOILUUTRUID=file,
            NGAYUPLOAD=at,
            PHIENBAN=1,
            TRANGTHAI=1,
            CHUSOHUUID=1,
            NGUOIUPLOADID=1,
            HOSOTTHCCONGID=case.key,
            LOAI=0,
        )
        return case.add(STORE, row)
