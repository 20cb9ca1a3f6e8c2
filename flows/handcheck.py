"""The human sample of a comparison: drawn by risk first, handed out as a form, read back into the ledger."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from flows import ledger_schema as t
from flows.comparisons import last_compare
from flows.hand_figures import MARK, RANDOM, read_hand_figures
from flows.ledger import Ledger
from flows.site import LOCAL, SiteError, write_private
from flows.workplace import Workplace
from mappings.declared import ProfileError
from validations.hand_form import Drawn, form_sheets, read_form
from validations.report_inputs import HandFigures
from validations.review_xlsx import workbook

SIZE: Final = 60
RISKY_SHARE: Final = 8
"""Each kind of risk gets at most one part in so many of the sample."""
SOON: Final = timedelta(days=7)
Place = tuple[str, str]


@dataclass(frozen=True)
class Sample:
    """What was drawn: the form's rows, and how many of them by chance alone."""

    rows: list[Drawn]
    by_chance: int


def draw(work: Workplace, file: Path, size: int, *, is_again: bool) -> Sample:
    """Draw a sample of the last comparison, keep it in the ledger, write the form. Raises SiteError.

    The same comparison gives the same sample: nobody chooses, nobody can draw until it pleases.
    """
    with work.ledger.transaction() as c:
        compared = last_compare(c)
        if compared is None:
            raise SiteError(f"Chưa đối soát lần nào nên chưa rút mẫu được. Chạy: lienthong compare {work.site.path}")
        filled = read_hand_figures(c).looked_at
        if filled and not is_again:
            raise SiteError(
                f"Mẫu trước đã có {filled} kết quả; rút mẫu mới thì bỏ các kết quả ấy. Vẫn rút: thêm --again."
            )
        ids = work.site.source_ids()
        lottery = _Lottery(c, str(compared.id), sorted(ids.values()))
        chosen = _chosen(lottery, size, (work.clock() + SOON).astimezone(LOCAL))
        names = {source_id: name for name, source_id in ids.items()}
        rows = [_drawn(c, place, why, names) for place, why in chosen.items()]
        c.execute(delete(t.handcheck))
        kept = [{"source_id": ids[r.source], "key": r.key, "why": r.why, "mark": r.mark} for r in rows]
        if kept:
            c.execute(insert(t.handcheck), [{**row, "run_id": compared.id} for row in kept])
    write_private(file, [workbook(form_sheets(rows))])
    return Sample(rows, sum(row.why == RANDOM for row in rows))


@dataclass(frozen=True)
class _Lottery:
    """Chance that can be checked: a dossier's hash with the comparison."""

    connection: Connection
    run_id: str
    source_ids: Sequence[str]

    def lowest(self, most: int, *where: ColumnElement[bool]) -> list[Place]:
        """Dossiers in the target whose hashes are the lowest."""
        e = t.entry.c
        query = select(e.source_id, e.key).where(
            e.source_id.in_(self.source_ids), e.state.in_((t.MATCHED, t.DIFFERENT)), e.pushed_fp.is_not(None), *where
        )
        rows = self.connection.execute(query.execution_options(yield_per=1000))
        return heapq.nsmallest(most, ((row.source_id, row.key) for row in rows), key=self._rank)

    def _rank(self, place: Place) -> bytes:
        return blake2b(f"{self.run_id}\n{place[0]}\n{place[1]}".encode(), digest_size=8).digest()


def _chosen(lottery: _Lottery, size: int, soon: datetime) -> dict[Place, str]:
    """(source, key) → why: the risky first, each kind with its share, then any."""
    chosen: dict[Place, str] = {}
    share = max(1, size // RISKY_SHARE)
    for why, where in _risks(soon):
        fresh = [place for place in lottery.lowest(share + len(chosen), where) if place not in chosen]
        chosen |= dict.fromkeys(fresh[:share], why)
    others = [place for place in lottery.lowest(size + len(chosen)) if place not in chosen]
    return chosen | dict.fromkeys(others[: max(0, size - len(chosen))], RANDOM)


def _risks(soon: datetime) -> Iterator[tuple[str, ColumnElement[bool]]]:
    e, p, h = t.entry.c, t.pair.c, t.history.c
    merged = select(p.key).where(p.keep_source == e.source_id, p.keep_key == e.key, p.outcome == "same").exists()
    mine = and_(h.source_id == e.source_id, h.key == e.key)
    stopped = select(h.id).where(mine, h.state_from == t.QUARANTINED).exists()
    yield "còn khác biệt, hoặc khác biệt đã được chấp nhận", e.state == t.DIFFERENT
    yield "đang mở, quá hạn hoặc sắp đến hạn trả", and_(e.is_open.is_(True), e.due_at < soon.isoformat())
    yield "gộp từ hai hồ sơ", merged
    yield "đã từng bị cách ly rồi được cho đi tiếp", stopped


def _drawn(c: Connection, place: Place, why: str, names: dict[str, str]) -> Drawn:
    e = t.entry.c
    query = select(e.code, e.new_id, e.pushed_fp).where(e.source_id == place[0], e.key == place[1])
    row = c.execute(query).one()
    return Drawn(names[place[0]], place[1], row.code or "", row.new_id or "", why, row.pushed_fp.hex()[:MARK])


def take_back(work: Workplace, file: Path) -> int:
    """Keep what people filled in; how many results. Raises ProfileError, then nothing of the form counts."""
    ids, h = work.site.source_ids(), t.handcheck.c
    found = read_form(file)
    with work.ledger.transaction() as c:
        for one in found:
            mine = and_(h.source_id == ids.get(one.source, ""), h.key == one.key, h.mark == one.mark)
            values = {"is_right": one.is_right, "note": one.note, "who": one.who[:120], "at": work.ledger.now()}
            if c.execute(update(t.handcheck).where(mine).values(values)).rowcount != 1:
                cause = f"hồ sơ {one.source}/{one.key} không thuộc mẫu đang dùng (đã rút mẫu khác?)"
                raise ProfileError(cause, file, one.line)
    return len(found)


def figures_of(ledger: Ledger) -> HandFigures:
    """How the sample stands, for a command of its own."""
    with ledger.transaction() as c:
        return read_hand_figures(c)
