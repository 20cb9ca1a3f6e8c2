"""Which dossiers a command is about: those of a wave, of a run, or of a list of codes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from flows import ledger_schema as t
from flows.intents import ROLLBACK, TAKEN_BACK
from flows.ledger import Ledger, by_source
from flows.questions import PAGE
from flows.site import SiteError

SHOWN: Final = 10
MOST: Final = 20_000  # parameters that one query may carry


@dataclass(frozen=True)
class Selection:
    """Entries that fit any of ``parts``; ``said`` names them in Vietnamese, for the ledger and the screen."""

    said: str
    parts: tuple[ColumnElement[bool], ...]
    note: str = ""  # what is not among them and might be expected

    @property
    def where(self) -> ColumnElement[bool]:
        """All parts in one."""
        return or_(*self.parts)


def of_wave(ledger: Ledger, name: str) -> Selection:
    """The frozen members of a wave. Raises SiteError for one that never started."""
    e, m = t.entry.c, t.wave_member.c
    with ledger.transaction() as c:
        if c.execute(select(m.key).where(m.wave == name).limit(1)).scalar() is None:
            raise SiteError(f"Sổ cái không có đợt {name} nào đã bắt đầu. Xem các đợt: lienthong wave SITE list")
    member = select(m.key).where(m.source_id == e.source_id, m.key == e.key, m.wave == name)
    return Selection(f"đợt {name}", (member.exists(),))


def of_run(ledger: Ledger, run_id: str, source_ids: Sequence[str], *, taken_back: bool = False) -> Selection:
    """What a run brought to the target and stands there, or was ``taken_back`` since. Raises SiteError.

    What stood there before the run and was only updated by it is not its own: taking it back would lose more.
    """
    e = t.entry.c
    mine, other = t.intent.alias("mine"), t.intent.alias("other")
    of_entry = and_(mine.c.source_id == e.source_id, mine.c.key == e.key)
    outcome = _was_taken_back(mine) if taken_back else _stands(mine)
    brought = select(mine.c.key).where(of_entry, outcome, mine.c.run_id == run_id)
    same = and_(other.c.source_id == mine.c.source_id, other.c.key == mine.c.key)
    before = select(other.c.key).where(
        same, _stands(other), other.c.run_id != run_id, other.c.revision < mine.c.revision
    )
    within = e.source_id.in_(source_ids)
    with ledger.transaction() as c:
        if c.execute(select(t.run.c.id).where(t.run.c.id == run_id)).scalar() is None:
            raise SiteError(
                f"Sổ cái không có lượt chạy {run_id}. Mã lượt chạy ghi ở đầu báo cáo và trong lienthong explain."
            )
        updated = select(func.count()).select_from(t.entry).where(within, brought.where(before.exists()).exists())
        only = int(c.execute(updated).scalar_one())
    note = f"{only} hồ sơ có ở hệ thống mới từ trước, lượt này chỉ cập nhật: để nguyên." if only else ""
    return Selection(f"lượt chạy {run_id}", (and_(within, brought.where(~before.exists()).exists()),), note)


def _stands(intent: Any) -> ColumnElement[bool]:
    """A push that was not taken back since, or whose answer is not known."""
    i = intent.c
    return and_(i.kind.is_distinct_from(ROLLBACK), or_(i.outcome == "pushed", i.outcome.is_(None)))


def _was_taken_back(intent: Any) -> ColumnElement[bool]:
    return and_(intent.c.kind.is_distinct_from(ROLLBACK), intent.c.outcome == TAKEN_BACK)


def of_codes(ledger: Ledger, codes: Sequence[str], source_ids: Sequence[str]) -> Selection:
    """The dossiers with these old keys or codes, each exactly one. Raises SiteError that names the others."""
    wanted = list(dict.fromkeys(codes))
    if len(wanted) > MOST:
        raise SiteError(f"Danh sách có {len(wanted)} mã; một lần nhiều nhất {MOST}. Chia nhỏ, hoặc khai báo một đợt.")
    found: dict[str, set[tuple[str, str]]] = {code: set() for code in wanted}
    e = t.entry.c
    with ledger.transaction() as c:
        for at in range(0, len(wanted), PAGE):
            part = wanted[at : at + PAGE]
            for column in (e.key, e.code):
                query = select(column.label("word"), e.source_id, e.key)
                for row in c.execute(query.where(e.source_id.in_(source_ids), column.in_(part))):
                    found[row.word].add((row.source_id, row.key))
    _refuse(found)
    members = sorted(member for hits in found.values() for member in hits)
    parts = [
        and_(e.source_id == source, e.key.in_(keys[at : at + PAGE]))
        for source, keys in by_source(members)
        for at in range(0, len(keys), PAGE)
    ]
    words = wanted[0] if len(wanted) == 1 else f"{len(wanted)} hồ sơ nêu tên"
    return Selection(words if len(wanted) > 1 else f"hồ sơ {words}", tuple(parts))


def _refuse(found: dict[str, set[tuple[str, str]]]) -> None:
    unknown = [code for code, hits in found.items() if not hits]
    if unknown:
        raise SiteError(
            f"Sổ cái không có {len(unknown)} mã: {_some(unknown)}. Chưa làm gì cả; sửa danh sách rồi chạy lại."
        )
    several = [code for code, hits in found.items() if len(hits) > 1]
    if several:
        raise SiteError(
            f"{len(several)} mã chỉ nhiều hơn một hồ sơ: {_some(several)}. Chưa làm gì cả; dùng khóa cũ thay cho mã "
            "hồ sơ, hoặc thêm --source."
        )


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")


def read_list(file: Path) -> list[str]:
    """Keys or codes, one a line; of a CSV the first column. Raises SiteError."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SiteError(f"Không thấy tệp danh sách {file}.") from None
    except (UnicodeDecodeError, OSError) as error:
        raise SiteError(
            f"{file}: không đọc được ({type(error).__name__}). Cần tệp chữ UTF-8, mỗi dòng một mã."
        ) from None
    codes = [row[0].strip() for row in csv.reader(text.splitlines()) if row and row[0].strip()]
    if not codes:
        raise SiteError(f"{file}: danh sách trống. Ghi mỗi dòng một mã hồ sơ hoặc khóa cũ.")
    return codes
