"""The exch_* tables: what a counter software and CMON hand each other. Dates there are words, dd/mm/yyyy."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.rehearsal.cmon_case import Case
from connectors.rehearsal.cmon_words import COUNTER_PROCESSING, COUNTER_READY, COUNTER_REFUSED, COUNTER_WAITING
from connectors.rehearsal.people import Person
from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import Setting, home_of
from connectors.rehearsal.world import street

if TYPE_CHECKING:
    from connectors.rehearsal.cmon_life import Life

HANDED, MOVES, RESULTS = "exch_hosomotcua", "exch_trangthaihoso", "exch_ketquahoso"
_SUPPLIER = "MOTCUA-CU"
_LAST_STATES = {
    "processing": COUNTER_PROCESSING, "waiting": COUNTER_WAITING, "releasing": COUNTER_READY, "done": COUNTER_READY,
    "denied": COUNTER_REFUSED,
}  # fmt: skip


def day(moment: datetime | None) -> str | None:
    """dd/mm/yyyy."""
    return f"{moment:%d/%m/%Y}" if moment else None


def moment_text(moment: datetime) -> str:
    """dd/mm/yyyy hh:mm:ss."""
    return f"{moment:%d/%m/%Y %H:%M:%S}"


def hand_over(life: Life, case: Case) -> None:
    """A dossier that the counter software handed over, with its moves and its result; or the copy sent to it."""
    times, code = case.setting.times, case.row["MASOHOSO"]
    if times.received is None or not isinstance(code, str):
        return
    if case.setting.is_online:
        _send_copy(life, case)
        return
    if life.random.random() > 0.6:
        return
    own = (
        code if life.random.random() < 0.8 else f"MC{times.received:%y%m%d}{life.numbers.next('counter') % 100_000:05d}"
    )
    case.add("cmon_hosoanhxa", map_row(life, case.key, own))
    address = str(case.row["DIACHITHUONGTRUNGUOINOP"])
    handed = _handed_row(life, case.setting, case.filer, case.home.province_code, address, own)
    case.add(HANDED, handed)
    states = [COUNTER_PROCESSING, _LAST_STATES.get(case.setting.status, COUNTER_PROCESSING)]
    for state, at in zip(states, (times.received, times.ended), strict=True):
        move(life, case, own, state, at)
    if case.setting.status == "done":
        case.add(RESULTS, _result_row(life, case.setting, case.filer, own))


def move(life: Life, case: Case, code: str, state: int, at: datetime) -> Row:
    """One move of the dossier between officials of the counter software; two in three know CMON's own id."""
    row = move_row(life, case.setting, code, state, at)
    row["hosotthccongid"] = case.key if life.random.random() < 0.67 else None
    return case.add(MOVES, row)


def move_row(life: Life, setting: Setting, code: str, state: int, at: datetime) -> Row:
    """One row of exch_trangthaihoso."""
    agency = setting.agency
    clerk = life.random.choice(life.world.clerks[agency.code])
    return life.rows.row(
        MOVES,
        id=life.numbers.next("exchange"),
        ngaychuyen=f"{at:%Y-%m-%d}",
        masohoso=code,
        ngayhentra=day(setting.times.due),
        manguoixulyhientai=f"CB{clerk.user_id}",
        tennguoixulyhientai=clerk.name[:30],
        tenphongbanxulyhientai="Bộ phận Một cửa",
        ngaygioluanchuyen=moment_text(at),
        noidungyeucauxuly="Chuyển xử lý",
        trangthaihientai=state,
        donvicungcap=_SUPPLIER,
        trangthaixuly=1,
        ngayxuly=f"{at:%Y-%m-%d}",
    )


def stray(life: Life, setting: Setting, number: int) -> tuple[Row, list[tuple[str, Row]]]:
    """A dossier that never got into CMON: not looked at yet or, by turns, refused with an error."""
    filer, home = setting.person, home_of(life.random, life.world, setting)
    assert setting.times.received is not None
    code = life.code(setting, setting.times.received)
    row = _handed_row(life, setting, filer, home.province_code, street(life.random, home), code)
    error = "Không tìm thấy thủ tục trong danh mục" if number % 2 else None
    row |= {"trangthaixuly": 2 if error else 0, "loikhixuly": error, "ngayxuly": None}
    hanging: list[tuple[str, Row]] = []
    state = _LAST_STATES.get(setting.status)
    if state is not None:
        for each, at in ((COUNTER_PROCESSING, setting.times.received), (state, setting.times.ended)):
            hanging.append((MOVES, move_row(life, setting, code, each, at)))
    if setting.status == "done":
        hanging.append((RESULTS, _result_row(life, setting, filer, code)))
    return row, hanging


def map_row(life: Life, dossier: int, code: str) -> Row:
    """The row of cmon_hosoanhxa that says which dossier a code of the counter software is."""
    cells: dict[str, Cell] = {"HOSOTTHCCONGID": dossier, "MAHOSO": code, "TRANGTHAI": 1}
    return life.rows.row("cmon_hosoanhxa", ID=life.numbers.next("map"), **cells)


def _handed_row(life: Life, setting: Setting, filer: Person, province: str, address: str, code: str) -> Row:
    times = setting.times
    assert times.received is not None
    return life.rows.row(
        HANDED,
        id=life.numbers.next("exchange"),
        ngaychuyen=f"{times.received:%Y-%m-%d}",
        masohoso=code,
        maloaihoso=setting.procedure.code,
        madonvitiepnhan=setting.agency.code,
        ngaynophoso=day(times.received),
        ngayhentra=day(times.due),
        hotennguoinop=filer.name,
        socmnd=filer.id_number,
        ngaysinh=f"{filer.born:%d/%m/%Y}" if filer.born else None,
        matinhthuongtru=province,
        motadiachithuongtru=address,
        gioitinh=0 if filer.is_male else 1,
        donvicungcap=_SUPPLIER,
        trangthaixuly=1,
        ngayxuly=f"{times.received:%Y-%m-%d}",
    )


def _result_row(life: Life, setting: Setting, filer: Person, code: str) -> Row:
    ended = setting.times.ended
    return life.rows.row(
        RESULTS,
        id=life.numbers.next("exchange"),
        ngaychuyen=f"{ended:%Y-%m-%d}",
        masohoso=code,
        tennguoinhanketqua=filer.name,
        ngaynhanketqua=day(ended),
        lephihoso=setting.procedure.fee,
        ngayhoanthanh=moment_text(ended),
        donvicungcap=_SUPPLIER,
        trangthaixuly=1,
    )


def _send_copy(life: Life, case: Case) -> None:
    """What CMON sends to the counter software of an online dossier, and the link to its first file."""
    times, filer, key = case.setting.times, case.filer, case.key
    assert times.received is not None
    sent: dict[str, Cell] = {"maloaihoso": case.setting.procedure.code, "madonvitiepnhan": case.setting.agency.code}
    who: dict[str, Cell] = {
        "hotennguoinop": filer.name,
        "socmnd": filer.id_number,
        "chusohuuhoso": case.row["CHUSOHUU"],
    }
    number = life.numbers.next("exchange")
    state: dict[str, Cell] = {"trangthaixuly": 1, "ngaydangkyhoso": f"{times.received:%Y-%m-%d}"}
    row = life.rows.row("exch_hosotructuyen", id=number, hosotthccongid=key, **sent, **who, **state)
    case.add("exch_hosotructuyen", row)
    link: dict[str, Cell] = {"urltailieudinhkem": f"/documents/{next(iter(case.files))}", "tenfile": "pdf"}
    file = life.rows.row("exch_filedinhkem", id=life.numbers.next("exchange"), hosotthccongid=key, **link)
    case.add("exch_filedinhkem", file)
