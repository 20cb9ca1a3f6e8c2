"""Why is it so? Everything the site knows of one dossier: the ledger's rows, and the engine heard while it maps."""

from __future__ import annotations

import os
import pwd
import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select

from connectors.base import Record
from flows import ledger_schema as t
from flows import screen
from flows.difference_rows import is_there
from flows.explain_screen import print_hits, print_passport
from flows.failures import MATCHED, REMAINS
from flows.ledger_trouble import process_identity
from flows.payloads import plain, unpack
from flows.site import Site, write_private
from flows.workplace import OpenSource, Workplace
from mappings.cells import Row, code_of
from mappings.competence_rules import load_rules
from mappings.crosswalk import read_crosswalk
from mappings.mapper import Mapper
from mappings.model import Issue, Mapped, Severity, decode, encode
from mappings.sameness import MERGED, with_merged
from mappings.tracing import Trace
from mappings.verdicts import MARK
from validations.compare import Difference
from validations.differences import ACCEPTED
from validations.passport import Facts, Ground, Move, Passport, PushAttempt, to_builtins, to_html
from validations.passport_build import build_passport
from validations.passport_words import LEVELS

_IN_SITE: Final = ("decisions trong site.yaml", None, "Lịch sử git của site cho biết ai ghi và khi nào.")
UNMASKED: Final = "unmasked by"
"""How the history says that somebody looked at a dossier without masks; the account's name follows."""


@dataclass(frozen=True)
class ExplainOptions:
    """What the command was told."""

    sources: tuple[str, ...] = ()
    is_masked: bool = True
    as_json: bool = False
    html: Path | None = None


class Explainer:
    """Explains dossiers of one source. Its mapper is the engine that maps, with a listener."""

    def __init__(self, work: Workplace, source: OpenSource) -> None:
        self._work, self._source = work, source
        self._trace = Trace()
        self._mapper = source.build_mapper(self._trace)
        self._grounds = dict(_grounds(work.site, source, self._mapper))
        self._catalogue = _catalogue(source.references)
        is_rehearsal = work.site.settings.rehearsal
        name = source.profile.status.crosswalk
        self._crosswalk = read_crosswalk(name, work.site.path, with_drafts=is_rehearsal)

    def explain(self, c: Connection, row: Any, *, is_masked: bool) -> Passport:
        """The passport of an entry of the ledger (a row with its payload)."""
        record = unpack(plain(row.raw)) if row.raw else Record(row.key, {}, {})
        self._trace.clear()
        exclusion = self._mapper.scope(record.key, record.row, record.children) if row.state == t.EXCLUDED else None
        mapped = None
        if exclusion is None and row.raw:
            mapped = self._mapper.map(record.key, record.row, record.children, datetime.fromisoformat(row.seen_at))
            exclusion = mapped.exclusion if row.state == t.EXCLUDED else None
        differing = c.execute(_of(t.difference, row).where(is_there())).all()
        facts = Facts(
            source=self._source.name,
            profile=self._source.profile,
            zone=self._source.source.settings.zone,
            key=row.key,
            code=row.code or "",
            state=row.state,
            revision=row.revision,
            new_id=row.new_id or "",
            twin=row.twin or "",
            row=record.row,
            exclusion=exclusion,
            mapped=mapped,
            trace=self._trace,
            is_current=_is_current(row, mapped),
            grounds={**self._grounds, **dict(self._grounds_of(record.key, record.row))},
            catalogue=self._catalogue | _names(record.row, self._source),
            issues=list(_issues(c, row)),
            moves=list(_moves(c, row)),
            pushes=list(_pushes(c, row)),
            files={r.locator: (r.sha256, r.size) for r in c.execute(_of(t.attachment, row))},
            differences=[Difference(r.field, r.kind, r.old, r.new) for r in differing],
            acceptances=list(dict.fromkeys(_word(r) for r in differing if r.state == ACCEPTED)),
            compared_at="",
            written_at=self._work.ledger.now(),
            site=self._work.site.settings.name,
            is_rehearsal=self._work.site.settings.rehearsal,
        )
        return build_passport(facts, is_masked=is_masked)

    def _grounds_of(self, key: str, row: Row) -> Iterator[tuple[str, Ground]]:
        """What the site decided that touches this very dossier: its status, and values it was asked about."""
        status, name = self._trace.way("status"), self._source.profile.status.crosswalk
        spoke = next((found[1:] for found in self._trace.rows if found[0] == name), None)
        if status and status.way == "decision":
            yield "status", Ground(f"Trạng thái do đơn vị quyết định: {status.result}", *_IN_SITE)
        if status and status.way == "crosswalk" and spoke:
            what = f"Bảng chuyển đổi {name}, dòng {' / '.join(filter(None, spoke))}: trạng thái {status.result}"
            yield "status", Ground(what, "", None, self._crosswalk.basis.get(spoke, ""))
        for one in self._mapper.corrections.get(key, ()):
            what = f"Ô {one.cell.column} được sửa bằng quyết định"
            yield f"site:{one.id}:{'.'.join(one.place)}", Ground(what, one.author, one.on, one.note)
        decisions = self._source.decisions
        for choice in self._source.profile.choices:
            key = f"{choice.name}.{code_of(row.get(choice.column)) or 'empty'}"
            if key in decisions:
                yield f"site:{key}", Ground(f"{key}: {decisions[key]}", *_IN_SITE)


def find_entries(c: Connection, wanted: str, source_ids: Sequence[str]) -> list[Any]:
    """Entries with this old key, dossier code or id in the new system, with their payloads."""
    e = t.entry.c
    is_meant = or_(e.key == wanted, e.code == wanted, e.second_code == wanted, e.new_id == wanted)
    return _entries(c, e.source_id.in_(source_ids), is_meant)


def entries_of(c: Connection, source_id: str, keys: Sequence[str]) -> list[Any]:
    """Entries of a source by their keys, with their payloads."""
    e = t.entry.c
    return _entries(c, e.source_id == source_id, e.key.in_(keys))


def _entries(c: Connection, *where: ColumnElement[bool]) -> list[Any]:
    e, p = t.entry.c, t.payload.c
    tables = t.entry.join(t.payload, and_(e.source_id == p.source_id, e.key == p.key), isouter=True)
    query = select(*t.entry.c, p.raw, p.mapped).select_from(tables).where(*where).order_by(e.source_id, e.key)
    return list(c.execute(query))


def record_unmasked(work: Workplace, rows: Sequence[Any]) -> str:
    """Write into the ledger who looks at these dossiers without masks, before anything is shown; the account's name."""
    who = pwd.getpwuid(os.getuid()).pw_name
    ledger, run_id = work.ledger, f"{work.clock():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    at = ledger.now()
    moves = [
        {
            "source_id": row.source_id, "key": row.key, "revision": row.revision, "state_from": row.state,
            "state_to": row.state, "run_id": run_id, "at": at, "reason": f"{UNMASKED} {who}",
        }
        for row in rows
    ]  # fmt: skip
    with ledger.transaction() as c:
        c.execute(
            insert(t.run).values(
                id=run_id, verb="explain", started_at=at, ended_at=at, host=socket.gethostname(), pid=os.getpid(),
                boot=process_identity(os.getpid()), expires=0.0, outcome="done",
            )
        )  # fmt: skip
        c.execute(insert(t.history), moves)
    return who


# ---------------------------------------------------------------- what the ledger says


def _of(table: Any, row: Any) -> Any:
    order = [
        column for column in (table.c.get("id"), table.c.get("field"), table.c.get("locator")) if column is not None
    ]
    return select(table).where(table.c.source_id == row.source_id, table.c.key == row.key).order_by(*order)


def _issues(c: Connection, row: Any) -> Iterator[tuple[str, Issue]]:
    weight = {"error": 0, "warning": 1}
    for found in sorted(c.execute(_of(t.issue, row)), key=lambda found: (weight.get(found.severity, 2), found.id)):
        yield found.stage, Issue(found.code, found.field, Severity(found.severity), found.about)


def _moves(c: Connection, row: Any) -> Iterator[Move]:
    for h in c.execute(_of(t.history, row)):
        yield Move(h.at, h.state_from, h.state_to, h.reason, h.run_id, h.revision)


def _pushes(c: Connection, row: Any) -> Iterator[PushAttempt]:
    i = t.intent.c
    query = select(t.intent).where(i.source_id == row.source_id, i.key == row.key).order_by(i.opened_at, i.revision)
    for found in c.execute(query):
        yield PushAttempt(found.opened_at, found.settled_at or "", found.outcome or "", found.run_id, found.revision)


def _word(row: Any) -> str:
    """Who accepted a difference, why, until which day."""
    return f"{row.author}, {row.reason}" + (f" (đến {row.until})" if row.until else "")


def _is_current(row: Any, mapped: Mapped | None) -> bool:
    if mapped is None or mapped.dossier is None or not row.mapped:
        return True
    held = plain(row.mapped)
    merged = [other for other in decode(held).other_codes if other.kind == MERGED]  # the ledger's, not the mapping's
    return held == encode(with_merged(mapped.dossier, merged))


# ---------------------------------------------------------------- what decides


def _grounds(site: Site, source: OpenSource, mapper: Mapper) -> Iterator[tuple[str, Ground]]:
    """Rules and decisions by the names that a dossier carries."""
    for rule in load_rules(source.profile, site.path).rules:
        yield rule.rule, Ground(f"Quy tắc thẩm quyền {rule.rule}", "rules/competence.yaml", None, rule.note)
    levels = {**LEVELS, "": "chưa rõ cấp"}
    for agency in source.agencies:
        status = {"approved": "đã duyệt", "rejected": "đã bác"}.get(agency.status, "bản nháp lập theo tên")
        who = ", ".join(filter(None, (agency.author, "crosswalks/agencies.csv")))
        what = f"Bảng cơ quan: {agency.code} là {agency.name}, {levels[agency.level]}"
        yield f"agency:{agency.code}", Ground(what, who, None, f"{status}. {agency.note}".strip())
    for decided in mapper.decisions:
        to = f"nơi giải quyết tiếp là {decided.to.name} ({decided.to.code})" if decided.to else ""
        what = f"Quyết định {decided.id}: {to or f'thủ tục nay là {decided.verdict.procedure_to}'}"
        yield f"{MARK}{decided.id}", Ground(what, decided.author, decided.on, decided.note)


def _catalogue(references: Mapping[str, Sequence[Row]]) -> frozenset[str]:
    """Every text that a catalogue of the old system holds: what stands there word for word is no personal value."""
    return frozenset(
        cell for rows in references.values() for row in rows for cell in row.values() if isinstance(cell, str)
    )


def _names(row: Row, source: OpenSource) -> frozenset[str]:
    """The procedure's own name: most dossiers bear it as their title."""
    name = source.profile.dossier.procedure_name if hasattr(source.profile.dossier, "procedure_name") else None
    cells = [row.get(column) for column in name.source] if name is not None else []
    return frozenset(cell for cell in cells if isinstance(cell, str))


# ---------------------------------------------------------------- the verb


def explain(work: Workplace, wanted: str, options: ExplainOptions) -> int:
    """The passport of the dossier with this key, code or new id; several hits are listed."""
    named = {source_id: name for name, source_id in work.site.source_ids().items()}
    chosen = [source_id for source_id, name in named.items() if not options.sources or name in options.sources]
    with work.ledger.transaction() as c:
        rows = find_entries(c, wanted, chosen)
    if not rows:
        screen.say(
            "Sổ cái không có hồ sơ nào với khóa cũ, mã hồ sơ hoặc mã mới này. "
            "Hồ sơ ngoài phạm vi hoặc chưa chuyển đổi được thì chỉ tìm được bằng khóa cũ."
        )
        return REMAINS
    if len(rows) > 1 and not options.as_json:
        print_hits(rows, named)
        return REMAINS
    if not options.is_masked:
        who = record_unmasked(work, rows)
        screen.say(f"Không che dữ liệu cá nhân: đã ghi vào sổ cái tên tài khoản {who}.")
    sources = {source.id: source for source in work.open_sources(tuple(named[row.source_id] for row in rows))}
    made = []
    for source_id, source in sources.items():
        explainer = Explainer(work, source)
        with work.ledger.transaction() as c:
            made += [
                explainer.explain(c, row, is_masked=options.is_masked) for row in rows if row.source_id == source_id
            ]
    if options.as_json:
        screen.print_json([to_builtins(passport) for passport in made])
    elif options.html is not None:
        write_private(options.html, [to_html(made[0]).encode()])
        screen.say(f"Đã ghi {options.html}. Mở bằng trình duyệt, in được trên giấy A4.")
    else:
        print_passport(made[0])
    return MATCHED
