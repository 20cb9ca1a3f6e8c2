"""The ordinary life of a dossier in CMON: its row, the filer's, and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.cmon_case import MAIN, Case
from connectors.rehearsal.cmon_catalogue import Catalogue
from connectors.rehearsal.cmon_exchange import hand_over
from connectors.rehearsal.cmon_papers import Papers
from connectors.rehearsal.cmon_talk import fees, talk
from connectors.rehearsal.cmon_words import NEVER, RECEIVED
from connectors.rehearsal.people import Person, citizen
from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import Scene, Setting, Story, Wish, home_of
from connectors.rehearsal.world import Unit, street

ROUND, PAUSE = "bo_sung", "dung"
_CAN_HAVE_ROUNDS = frozenset({"processing", "releasing", "done", "unresolved"})
_ENDED = frozenset({"releasing", "done", "unresolved", "cancelled", "denied"})


class Life(Story):
    """Makes ordinary dossiers. They cause no finding but a code of CMON's own, a date that nobody knew, a due date
    that has passed, and an online dossier that nobody received."""

    def __init__(self, random: Random, scene: Scene, rows: Rows, catalogue: Catalogue) -> None:
        super().__init__(random, scene)
        self.rows, self.catalogue = rows, catalogue
        self.papers = Papers(random, self.numbers, rows, catalogue)

    def steps(self, status: str, days: int, *, is_received: bool, has_round: bool) -> list[str]:
        """What happens on the way: a supplement round, a stop."""
        has_pause = is_received and days > 5 and self.random.random() < 0.06
        return [ROUND] * (has_round and status in _CAN_HAVE_ROUNDS) + [PAUSE] * has_pause

    def case(self, wish: Wish) -> Case:
        """One whole dossier."""
        setting = self._with_citizen(self.setting(wish))
        filer = self._filer(setting)
        home = home_of(self.random, self.world, setting)
        key = self.numbers.dossier()
        citizen_row = self._citizen(filer, home)
        case = Case(key, self._row(key, setting, filer, home, citizen_row), setting, filer, home, citizen_row)
        self.papers.add(case)
        talk(self, case)
        fees(self, case)
        hand_over(self, case)
        return case

    def code(self, setting: Setting, day: datetime) -> str:
        """Thirteen characters: the agency's three letters, the day, a serial."""
        agency = setting.agency.code
        return f"{self.catalogue.prefixes[agency]}{day:%y%m%d}{self.numbers.serial(agency, day.date()):04d}"

    def _with_citizen(self, setting: Setting) -> Setting:
        """At a district only citizens, who come themselves: of anybody else CMON does not know where he lives."""
        if setting.agency.level != "district" or setting.person.born:
            return setting
        return replace(setting, person=citizen(self.random, setting.agency.province_code))

    def _filer(self, setting: Setting) -> Person:
        is_other = setting.agency.level != "district" and self.random.random() < 0.15
        if is_other or setting.person.born is None:
            return citizen(self.random, setting.agency.province_code)
        return setting.person

    # ------------------------------------------------------------ rows

    def _row(self, key: int, setting: Setting, filer: Person, home: Unit, citizen_row: Row) -> Row:
        cells = {
            **self._matter(setting), **self._persons(setting, filer, home, citizen_row), **self._times(setting),
            **self._state(setting), **self._post(setting, filer),
        }  # fmt: skip
        received = setting.times.received
        code = self.code(setting, received) if received else None
        receipt = f"BN-{key:07d}" if received else None
        created: Cell = NEVER if self.random.random() < 0.05 else setting.times.created
        return self.rows.row(MAIN, ID=key, MASOHOSO=code, MASOBIENNHAN=receipt, **cells | {"NGAYTAO": created})

    def _matter(self, setting: Setting) -> Row:
        procedure, agency = setting.procedure, setting.agency
        clerk = self.random.choice(self.world.clerks[agency.code])
        return {
            "COQUANTIEPNHANID": self.catalogue.agencies[agency.code],
            "TENCOQUANTIEPNHAN": agency.name,
            "THUTUCHANHCHINHID": self.catalogue.procedures[procedure.service_code(agency.province_code)],
            "TENTHUTUCHANHCHINH": procedure.name,
            "SONGAYXULY": procedure.days,
            "LOAIHOSO": 0 if setting.is_online else 1,
            "TENCANBOTIEPNHAN": clerk.name,
            "CHUCVUCANBOTIEPNHAN": "Chuyên viên",
            "CANBOTIEPNHANID": self.catalogue.accounts[clerk.user_id],
            "TENBANGCHUAHOSO": "hs_chung",
            "SOBOHOSO": self.random.randrange(1, 3),
            "LEPHI": procedure.fee,
        }

    def _persons(self, setting: Setting, filer: Person, home: Unit, citizen_row: Row) -> Row:
        owner = setting.person
        is_mobile = not filer.phone.startswith("02")
        return {
            "CHUSOHUU": owner.name,
            "DIACHICHUHOSO": street(self.random, home) if filer is owner else None,
            "NGUOIDAIDIENPHAPLUAT": filer.name if owner.born is None else None,
            "HOTENNGUOINOPHOSO": filer.name,
            "CONGDANNOPID": citizen_row["ID"],
            "DIACHITHUONGTRUNGUOINOP": street(self.random, home),
            "DIACHITHUONGTRUNGUOINOPID": self.catalogue.units[home.code],
            "SODIENTHOAIDIDONGNGUOINOP" if is_mobile else "SODIENTHOAICODINHNGUOINOP": filer.phone,
            "EMAILNGUOINOP": filer.email or None,
            "TRICHYEU": f"Hồ sơ của {owner.name}"[:59],
            "DADANGKYNHANSMS": self.random.randrange(2),
        }

    def _times(self, setting: Setting) -> Row:
        times, status = setting.times, setting.status
        ended: Cell = None
        if status in _ENDED and times.received:
            ended = max(times.received, times.ended - timedelta(minutes=self.random.randrange(120)))
        is_done = status == "done"
        issued = datetime(times.ended.year, times.ended.month, times.ended.day)
        has_paper = is_done and self.random.random() < 0.3
        return {
            "NGAYNOPHOSO": times.submitted or times.received or times.created,
            "NGAYNHANHOSO": times.received,
            "NGAYHENTRAKETQUA": times.due,
            "NGAYKETTHUCXULY": ended,
            "NGAYTRAKETQUA": times.ended if is_done else None,
            "NGAYCAP": issued if has_paper else None,
            "LANCAP": 1 if has_paper else None,
            "TENCOQUANCAP": setting.agency.name if has_paper else None,
            "DANHGIAKETQUA": int(times.due is None or times.ended <= times.due) if is_done else None,
        }

    def _state(self, setting: Setting) -> Row:
        status, random = setting.status, self.random
        if setting.times.received is None:
            number = 16 if status == "denied" else 17 if status == "receiving" and random.random() < 0.5 else 0
            return {"TRANGTHAIHOSO": number, "YEUCAUHUYHOSO": 0}
        number = RECEIVED.get(status, 15)
        if status == "processing" and not setting.steps and random.random() < 0.2:
            number = 1
        is_asked = status == "cancelled" and random.random() < 0.5  # half the withdrawals end as status 16
        return {"TRANGTHAIHOSO": 16 if is_asked else number, "YEUCAUHUYHOSO": int(is_asked)}

    def _post(self, setting: Setting, filer: Person) -> Row:
        if self.random.random() > 0.08:
            return {"DADANGKYCHUYENPHATNHANH": 0}
        home = home_of(self.random, self.world, setting)
        return {
            "DADANGKYCHUYENPHATNHANH": 1,
            "HOTENNGUOINHANKETQUA": filer.name,
            "DIACHITHUONGTRUNGUOINHANKQ": street(self.random, home),
            "DIACHITHUONGTRUNGUOINHANKQID": self.catalogue.units[home.code],
            "SODIENTHOAINGUOINHAN": filer.phone,
        }

    def _citizen(self, filer: Person, home: Unit) -> Row:
        """The filer's row of csms_congdan."""
        family, *middle, given = filer.name.split()
        number = self.numbers.next("citizen")
        cells: dict[str, Cell] = {"HO": family, "DEM": " ".join(middle), "TEN": given, "TENDAYDU": filer.name}
        born = datetime(filer.born.year, filer.born.month, filer.born.day) if filer.born else None
        cells |= {"SOCMND": filer.id_number, "NGAYCAPCMND": filer.id_issued, "NGAYSINH": born}
        return self.rows.row(
            "csms_congdan",
            ID=number,
            MA=number,
            GIOITINHID=0 if filer.is_male else 1,
            QUOCTICHID="VNM",
            TINHTRANG=1,
            DIACHITHUONGTRUXAID=self.catalogue.units[home.code],
            **cells,
        )


Spoil = Callable[[Life, Case, int], None]
"""Puts one kind of dirt into a dossier; the number counts the dossiers of its kind."""
