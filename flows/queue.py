"""The decision queue: dossiers that no rule settles, grouped, and what a new or changed decision touches."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import ColumnElement, and_, or_, select

from flows import ledger_schema as t
from flows import screen
from flows.failures import MATCHED, REMAINS
from flows.ledger import Ledger, Run
from flows.payloads import plain, unpack
from flows.site import SiteError
from flows.workplace import OpenSource, Workplace
from mappings.model import Dossier, decode
from mappings.units import read_units
from mappings.verdicts import MARK, Decided
from validations.remedies import title_of

PAGE: Final = 500
VILLAGES: Final = 8
_VILLAGE: Final = re.compile(r"\b(?:tổ dân phố|khu phố|thôn|khu|xóm|bản|ấp|tổ)(?: số)? [\w.]+", re.IGNORECASE)
_DISPUTED: Final = ("decision_conflict", "decision_not_a_candidate")


# ---------------------------------------------------------------- what a decision touches


def send_back_decided(ledger: Ledger, run: Run, source: OpenSource) -> int:
    """Map exactly those dossiers again that new decisions settle or that gone ones had settled; how many."""
    known = _remembered(ledger).get(source.id, {})
    now = {decided.id: decided.hash for decided in source.mapper.decisions}
    if now == known:
        return 0
    fresh = [decided for decided in source.mapper.decisions if known.get(decided.id) != decided.hash]
    lost = [f"{MARK}{number}" for number, mark in known.items() if now.get(number) != mark]
    keys = {*_settled_by(ledger, source, fresh), *_moved_by(ledger, source.id, lost)}
    moved = 0
    for chunk in _chunks(sorted(keys)):
        e = t.entry.c
        where = and_(e.source_id == source.id, e.key.in_(chunk), e.state.not_in((t.EXCLUDED, t.VANISHED, t.EXTRACTED)))
        moved += ledger.send_back(run, where, "decision_changed")
    _remember(ledger, source.id, now)
    return moved


def _settled_by(ledger: Ledger, source: OpenSource, fresh: Sequence[Decided]) -> Iterator[str]:
    """Keys of waiting dossiers that a new decision settles, asked of the very engine that maps."""
    causes = {decided.verdict.cause for decided in fresh}
    if not fresh:
        return
    for key, seen_at, raw in _waiting(ledger, source.id, () if "" in causes else (*causes, *_DISPUTED)):
        record = unpack(raw)
        mapped = source.mapper.map(key, record.row, record.children, datetime.fromisoformat(seen_at))
        is_settled = mapped.dossier is not None and mapped.dossier.handling_rule.startswith(MARK)
        if is_settled or any(issue.code in _DISPUTED for issue in mapped.issues):
            yield key


def _waiting(ledger: Ledger, source_id: str, causes: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """(key, sweep's instant, raw payload) of quarantined dossiers that wait for one of these causes, or for any."""
    e, p = t.entry.c, t.payload.c
    query = (
        select(e.key, e.seen_at, p.raw)
        .join(t.payload, and_(e.source_id == p.source_id, e.key == p.key))
        .where(e.source_id == source_id, e.state == t.QUARANTINED, _waits(causes).exists())
        .order_by(e.key)
        .limit(PAGE)
    )
    after = ""
    while True:
        with ledger.transaction() as c:
            rows = c.execute(query.where(e.key > after) if after else query).all()
        for row in rows:
            yield row.key, row.seen_at, plain(row.raw)
        if len(rows) < PAGE:
            return
        after = rows[-1].key


def _waits(causes: Sequence[str]) -> Any:
    e, i = t.entry.c, t.issue.c
    return select(i.id).where(i.source_id == e.source_id, i.key == e.key, i.stage == "map", _is_waiting(causes))


def _is_waiting(causes: Sequence[str]) -> ColumnElement[bool]:
    """An issue that waits for a decision: one of these causes, or any."""
    code = t.issue.c.code
    return code.in_(causes) if causes else or_(code.like("handling\\_%", escape="\\"), code.in_(_DISPUTED))


def _moved_by(ledger: Ledger, source_id: str, rules: Sequence[str]) -> Iterator[str]:
    """Keys of dossiers that decisions which are gone or changed once settled: the history tells."""
    h = t.history.c
    query = select(h.key).where(h.source_id == source_id, h.reason.in_(rules)).distinct()
    if rules:
        with ledger.transaction() as c:
            yield from c.execute(query).scalars()


def _remembered(ledger: Ledger) -> dict[str, dict[str, str]]:
    with ledger.transaction() as c:
        text = c.execute(select(t.meta.c.value).where(t.meta.c.name == "decisions")).scalar()
    found: dict[str, dict[str, str]] = json.loads(text) if text else {}
    return found


def _remember(ledger: Ledger, source_id: str, now: dict[str, str]) -> None:
    text = json.dumps({**_remembered(ledger), source_id: now}, sort_keys=True)
    with ledger.transaction() as c:
        c.execute(t.meta.delete().where(t.meta.c.name == "decisions"))
        c.execute(t.meta.insert().values(name="decisions", value=text))


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[at : at + PAGE] for at in range(0, len(keys), PAGE))


# ---------------------------------------------------------------- what waits


@dataclass
class Group:
    """Waiting dossiers of one cause and one old agency."""

    cause: str
    agency: str
    name: str
    about: str
    dossiers: int = 0
    keys: list[str] = field(default_factory=list)
    villages: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        return {
            "cause": self.cause,
            "title": title_of(self.cause),
            "agency": self.agency,
            "agency_name": self.name,
            "candidates": self.about.split() if self.cause.endswith("_split") else [],
            "dossiers": self.dossiers,
            "keys": self.keys,
            "villages": dict(self.villages.most_common(VILLAGES)),
        }


def groups(work: Workplace) -> list[Group]:
    """Everything that waits for a decision, most dossiers first. Villages are those the addresses name."""
    found: dict[tuple[str, str], Group] = {}
    e, i, p = t.entry.c, t.issue.c, t.payload.c
    tables = t.entry.join(t.issue, and_(e.source_id == i.source_id, e.key == i.key)).join(
        t.payload, and_(e.source_id == p.source_id, e.key == p.key)
    )
    ids = list(work.site.source_ids().values())
    query = (
        select(e.key, i.code, i.about, p.mapped)
        .select_from(tables)
        .where(e.source_id.in_(ids), e.state == t.QUARANTINED, i.stage == "map", _is_waiting(()))
        .order_by(e.source_id, e.key)
        .execution_options(yield_per=PAGE)
    )
    with work.ledger.transaction() as c:
        for row in c.execute(query):
            if row.mapped:
                _add(found, row, decode(plain(row.mapped)))
    return sorted(found.values(), key=lambda group: (-group.dossiers, group.cause, group.agency))


def _add(found: dict[tuple[str, str], Group], row: Any, dossier: Dossier) -> None:
    agency = dossier.receiving_agency
    group = found.setdefault((row.code, agency.code), Group(row.code, agency.code, agency.name, row.about))
    group.dossiers += 1
    if len(group.keys) < 5:
        group.keys.append(row.key)
    address = dossier.applicant.address
    if address is not None:
        group.villages.update({_tidy(found) for found in _VILLAGE.findall(unicodedata.normalize("NFC", address.text))})


def _tidy(village: str) -> str:
    return " ".join(village.lower().split())


def show(work: Workplace, *, as_json: bool) -> int:
    """The queue; exit code 1 while anything waits."""
    waiting = groups(work)
    if as_json:
        screen.print_json([group.to_json() for group in waiting])
    elif not waiting:
        screen.say("Không hồ sơ nào chờ quyết định thẩm quyền.")
    else:
        names = {new.code: new.name for old in read_units().communes.values() for new in old.targets}
        rows = [
            [
                f"{title_of(g.cause)}\n[dim]{g.cause}[/dim]",
                screen.number(g.dossiers),
                f"{g.name}\n[dim]{g.agency}[/dim]",
                "\n".join(f"{code} {names.get(code, '')}" for code in g.to_json()["candidates"]),
                ", ".join(f"{name}: {n}" for name, n in g.villages.most_common(VILLAGES)),
            ]
            for g in waiting
        ]
        heads = ["Vì sao chờ", "Hồ sơ", "Cơ quan cũ", "Xã có thể", "Thôn, khu trong địa chỉ"]
        screen.out().print(screen.table("Hồ sơ chờ quyết định cơ quan giải quyết tiếp", heads, rows))
        screen.say("Ghi một quyết định: lienthong decide SITE add --help")
    return REMAINS if waiting else MATCHED


# ---------------------------------------------------------------- a new decision


@dataclass(frozen=True)
class NewDecision:
    """What an official decided, as the command was told."""

    author: str
    note: str
    to: str
    cause: str = ""
    agency: tuple[str, ...] = ()
    village: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    dossiers: tuple[str, ...] = ()


def add(work: Workplace, new: NewDecision) -> Path:
    """Write a decision into SITE/decisions; refused when it could not be read back."""
    folder = work.site.path / "decisions"
    folder.mkdir(exist_ok=True)
    today = work.clock().date().isoformat()
    number = next(n for n in range(1, 10_000) if not (folder / f"{today}-{n}.yaml").exists())
    file = folder / f"{today}-{number}.yaml"
    asked = {"cause": new.cause, "agency": list(new.agency), "village": list(new.village)}
    asked |= {"address": list(new.address), "dossiers": list(new.dossiers), "to": new.to}
    whole = {
        "author": new.author,
        "date": today,
        "note": new.note,
        "decide": [{name: value for name, value in asked.items() if value}],
    }
    text = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, default_flow_style=False)
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        for source in work.open_sources():
            assert source.mapper is not None
    except Exception:
        file.unlink()
        raise
    return file


def settled_now(work: Workplace) -> int:
    """How many waiting dossiers the decisions that no run has seen yet would settle."""
    total = 0
    for source in work.open_sources():
        if not source.references:
            raise SiteError("Sổ cái còn trống: chạy lienthong extract và map trước.")
        known = _remembered(work.ledger).get(source.id, {})
        fresh = [decided for decided in source.mapper.decisions if known.get(decided.id) != decided.hash]
        total += sum(1 for _ in _settled_by(work.ledger, source, fresh))
    return total
