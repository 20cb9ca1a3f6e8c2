"""Records that look like one dossier, as people see them: the pairs with their evidence, and one more decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, func, select

from flows import ledger_schema as t
from flows import screen
from flows.decision_files import write_decision
from flows.evidence import in_words
from flows.failures import MATCHED, REMAINS
from flows.quarantine import write_csv
from flows.site import SiteError
from flows.workplace import Workplace
from mappings.pairs import read_pair_decisions
from mappings.sameness import read_evidence

SHOWN: Final = 50
CSV_HEADS: Final = [
    "ho_so_1", "ma_1", "trang_thai_1", "ho_so_2", "ma_2", "trang_thai_2", "ket_luan", "can_cu", "bang_chung",
]  # fmt: skip
OUTCOMES: Final = {"open": "chờ quyết định", "same": "cùng một việc, đã gộp", "different": "hai việc khác nhau"}


@dataclass(frozen=True)
class NewPair:
    """What an official decided about records, as the command was told. ``outcome``: same | different."""

    outcome: str
    author: str
    note: str
    dossiers: tuple[str, ...] = ()
    code: str = ""


def show(work: Workplace, *, csv_file: Path | None, as_json: bool) -> int:
    """The pairs; exit code 1 while one is open. On the screen only open ones, and how many were settled."""
    r = t.pair.c
    with work.ledger.transaction() as c:
        counts = Counter({row[0]: row[1] for row in c.execute(select(r.outcome, func.count()).group_by(r.outcome))})
    if csv_file is not None:
        written = write_csv(csv_file, CSV_HEADS, (_cells(pair) for pair in pairs(work)))
        screen.say(f"Đã ghi {screen.number(written)} cặp vào {csv_file}.")
    if as_json:
        screen.print_json([pair | {"evidence": read_evidence(pair["evidence"])} for pair in pairs(work)])
    elif csv_file is None:
        _print(list(pairs(work, only_open=True, limit=SHOWN)), counts)
    return REMAINS if counts["open"] else MATCHED


def pairs(work: Workplace, *, only_open: bool = False, limit: int = 0) -> Iterator[dict[str, Any]]:
    """Every pair with codes, states and evidence; the record that is (or would be) kept comes first."""
    r = t.pair.c
    one, other = t.entry.alias("one"), t.entry.alias("other")
    query = (
        select(t.pair, one.c.code.label("code"), one.c.state.label("state"))
        .add_columns(other.c.code.label("keep_code"), other.c.state.label("keep_state"))
        .join(one, and_(one.c.source_id == r.source_id, one.c.key == r.key))
        .join(other, and_(other.c.source_id == r.keep_source, other.c.key == r.keep_key))
        .order_by(r.keep_source, r.keep_key, r.source_id, r.key)
        .execution_options(yield_per=500)
    )
    query = query.where(r.outcome == "open") if only_open else query
    with work.ledger.transaction() as c:
        for row in c.execute(query.limit(limit) if limit else query):
            yield {
                "first": {
                    "dossier": f"{row.keep_source}/{row.keep_key}",
                    "code": row.keep_code,
                    "state": row.keep_state,
                },
                "second": {"dossier": f"{row.source_id}/{row.key}", "code": row.code, "state": row.state},
                "evidence": row.evidence,
                "outcome": row.outcome,
                "ground": row.ground,
            }


def _cells(pair: dict[str, Any]) -> list[str]:
    sides = [str(pair[side][name] or "") for side in ("first", "second") for name in ("dossier", "code", "state")]
    return [*sides, OUTCOMES[pair["outcome"]], pair["ground"], in_words(pair["evidence"])]


def _print(waiting: Sequence[dict[str, Any]], counts: Counter[str]) -> None:
    for outcome in ("same", "different"):
        if counts[outcome]:
            screen.say(f"{OUTCOMES[outcome].capitalize()}: {screen.number(counts[outcome])} cặp.")
    if not waiting:
        screen.say("Không cặp hồ sơ trùng nào chờ quyết định.")
        return
    rows = [[f"{p['first']['dossier']}\n{p['second']['dossier']}", _codes(p), in_words(p["evidence"])] for p in waiting]
    title = f"{screen.number(counts['open'])} cặp hồ sơ trùng số chờ quyết định"
    screen.out().print(screen.table(title, ["Hai bản ghi", "Mã", "Bằng chứng"], rows))
    if counts["open"] > len(waiting):
        screen.say(f"Chỉ in {len(waiting)} cặp đầu. Tất cả: thêm --csv TỆP hoặc --json.")
    screen.say(
        "Cùng một việc (giữ bản nêu trước, mang cả hai mã):\n"
        "  lienthong twins SITE same BẢN_1 BẢN_2 --author AI --note CĂN_CỨ\n"
        "Hai việc khác nhau (giữ cả hai):\n"
        "  lienthong twins SITE different BẢN_1 BẢN_2 --author AI --note CĂN_CỨ"
    )


def _codes(pair: dict[str, Any]) -> str:
    codes = [pair[side]["code"] or "(không có mã)" for side in ("first", "second")]
    return codes[0] if codes[0] == codes[1] else "\n".join(codes)


def add(work: Workplace, new: NewPair) -> Path:
    """Write a decision about records into SITE/decisions: its file. An unknown record is refused."""
    dossiers = [_known(work, name) for name in new.dossiers]
    decided: dict[str, Any] = {"code": new.code} if new.code else {"dossiers": dossiers}
    if new.outcome == "same":
        decided["keep"] = dossiers[0]
    file = write_decision(work.site, work.clock(), new.author, new.note, {new.outcome: [decided]})
    try:
        read_pair_decisions(work.site.path)
    except Exception:
        file.unlink()
        raise
    return file


def _known(work: Workplace, name: str) -> str:
    """``source/key`` of a record that may be named by its key alone where one source has it."""
    e = t.entry.c
    ids = list(work.site.source_ids().values())
    source, _, key = name.rpartition("/")
    query = select(e.source_id, e.key).where(e.key == key, e.source_id.in_([source] if source else ids))
    with work.ledger.transaction() as c:
        rows = c.execute(query).all()
    if len(rows) != 1:
        found = (
            "sổ cái không có bản ghi này" if not rows else f"có ở nhiều nguồn: {', '.join(r.source_id for r in rows)}"
        )
        raise SiteError(
            f'{name}: {found}. Viết "nguồn/khóa cũ", ví dụ {ids[0]}/1042; xem: lienthong twins {work.site.path}'
        )
    return f"{rows[0].source_id}/{rows[0].key}"
