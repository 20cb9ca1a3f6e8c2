"""One matter in two records: the double is EXCLUDED ``merged_into``, the kept one is found by both codes. And back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_, update
from sqlalchemy import delete as sql_delete

from flows import ledger_schema as t
from flows.clashes import PAGE, among
from flows.ledger import Ledger, Run, forget_issues, replace_issues, write_payloads
from flows.payloads import compressed, fingerprint, plain
from flows.sweeps import left_after_push
from mappings.model import Dossier, Issue, OtherCode, Severity, decode, encode
from mappings.pairs import Member, PairDecisions
from mappings.sameness import MERGED, lacking, with_merged

CERTAIN: Final = "reference_uid"
"""Ground of a merge that no official was asked about."""
STAGE: Final = "merge"
CLASHES: Final = ("duplicate_code", "same_reference_uid")


@dataclass(frozen=True)
class Merge:
    """A record that goes into another. ``said``: ground and evidence."""

    gone: Member
    keep: Member
    said: str
    issues: tuple[Issue, ...]


def merge_of(gone: Member, keep: Member, said: str, kept: Dossier, merged: Dossier) -> Merge:
    """The merge of two mapped dossiers, with what the kept one lacks."""
    papers, fees = lacking(kept, merged)
    issues = [Issue("merged_into", "code", Severity.INFO, f"{keep[0]}/{keep[1]} {said}")]
    if papers:
        issues.append(Issue("merged_lacks_paper", "papers", Severity.WARNING, " ".join(papers[:20])))
    if fees:
        issues.append(Issue("merged_lacks_fee", "fees", Severity.WARNING, " ".join(fees[:20])))
    return Merge(gone, keep, said, tuple(issues))


def exclude_merged(ledger: Ledger, run: Run, merges: Sequence[Merge]) -> None:
    """Any state → EXCLUDED, by the ledger's own rule. What is in the new system already is named, never deleted."""
    e = t.entry.c
    where = and_(among([merge.gone for merge in merges]), e.state != t.EXCLUDED)
    if not merges:
        return
    ledger.send_back(run, where, t.MERGED_INTO, to=t.EXCLUDED)
    with ledger.transaction() as c:
        pushed = {
            (row.source_id, row.key): row.new_id
            for row in c.execute(select(e.source_id, e.key, e.new_id).where(among([m.gone for m in merges])))
        }
        forget_issues(c, ("extract", "map", "validate", "push", "compare"), [merge.gone for merge in merges])
        found = []
        for merge in merges:
            mine = and_(e.source_id == merge.gone[0], e.key == merge.gone[1])
            c.execute(update(t.entry).where(mine).values(rule=t.MERGED_INTO, twin=merge.keep[1]))
            found.append((*merge.gone, [*merge.issues, *left_after_push(pushed.get(merge.gone))]))
        replace_issues(c, STAGE, found)


# ---------------------------------------------------------------- the kept one


def merged_codes(ledger: Ledger, source_id: str, keys: Sequence[str]) -> dict[str, list[OtherCode]]:
    """Key → what a kept dossier is found by because of the records merged into it."""
    with ledger.transaction() as c:
        return read_merged_codes(c, source_id, t.pair.c.keep_key.in_(keys))


def read_merged_codes(c: Connection, source_id: str, *where: ColumnElement[bool]) -> dict[str, list[OtherCode]]:
    """The same within a transaction, of every kept dossier of a source that fits."""
    r = t.pair.c
    query = (
        select(r.keep_key, r.codes)
        .where(r.keep_source == source_id, r.outcome == "same", *where)
        .order_by(r.keep_key, r.source_id, r.key)
    )
    found: dict[str, list[OtherCode]] = {}
    for row in c.execute(query):
        codes = [OtherCode(code, MERGED, source, key) for code, source, key in json.loads(row.codes)]
        found.setdefault(row.keep_key, []).extend(codes)
    return found


def refresh_kept(ledger: Ledger, run: Run, members: Iterable[Member]) -> None:
    """Write the codes of merged records into the kept dossiers; one that is in the new system is pushed once more."""
    e, p = t.entry.c, t.payload.c
    for source_id, key in sorted(set(members)):
        mine = and_(e.source_id == source_id, e.key == key)
        codes = merged_codes(ledger, source_id, [key]).get(key, [])
        query = select(e.state, p.mapped).join(t.payload, and_(p.source_id == e.source_id, p.key == e.key)).where(mine)
        with ledger.transaction() as c:
            _note_kept(c, source_id, key)
            row = c.execute(query).one()
            if row.state in (t.EXTRACTED, *t.OUT_OF_PLAY) or row.mapped is None:
                continue  # mapping it will add them
            old = plain(row.mapped)
            body = encode(with_merged(decode(old), codes))
            if body != old:
                write_payloads(c, [(source_id, key, compressed(body))])
                c.execute(update(t.entry).where(mine).values(mapped_fp=fingerprint(body)))
        if body != old and row.state in (t.VALID, *t.IN_TARGET):
            _push_again(ledger, run, mine)
        validate_again(ledger, run, [(source_id, key)], "merged_from")


def _push_again(ledger: Ledger, run: Run, mine: ColumnElement[bool]) -> None:
    # one revision more: whoever is pushing the body without the code must not call it done
    with ledger.transaction() as c:
        revision = c.execute(select(t.entry.c.revision).where(mine)).scalar_one()
    ledger.send_back(run, and_(mine, t.entry.c.revision == revision), "merged_from", to=t.VALID)


def _note_kept(c: Connection, source_id: str, key: str) -> None:
    r = t.pair.c
    where = and_(r.keep_source == source_id, r.keep_key == key, r.outcome == "same")
    query = select(r.source_id, r.key, r.ground, r.evidence).where(where).order_by(r.source_id, r.key)
    issues = [
        Issue("merged_from", "other_codes", Severity.INFO, f"{row.source_id}/{row.key} {row.ground} {row.evidence}")
        for row in c.execute(query)
    ]
    replace_issues(c, STAGE, [(source_id, key, issues)])


def validate_again(ledger: Ledger, run: Run, members: Sequence[Member], reason: str) -> None:
    """Quarantined for a clash → MAPPED: validate is asked again; the mapping stands."""
    e, i = t.entry.c, t.issue.c
    stopped = select(i.id).where(i.source_id == e.source_id, i.key == e.key, i.stage == "validate", i.code.in_(CLASHES))
    for at in range(0, len(members), PAGE):
        where = and_(e.state == t.QUARANTINED, among(members[at : at + PAGE]), stopped.exists())
        ledger.send_back(run, where, reason, to=t.MAPPED)


# ---------------------------------------------------------------- taken back


def take_back(ledger: Ledger, run: Run, decisions: PairDecisions) -> None:
    """Undo what a decision did that is gone or has changed its mind, and merges whose kept dossier is gone.

    Both records are mapped again; whether they still clash is then asked anew.
    """
    rows = [row for row in _decided(ledger, decisions) if not _holds(row, decisions)]
    rows += _orphans(ledger)
    for at in range(0, len(rows), PAGE):
        _undo(ledger, run, rows[at : at + PAGE])


def _decided(ledger: Ledger, decisions: PairDecisions) -> list[Any]:
    """Pairs that a decision settled, and pairs merged without one that a decision names now."""
    r = t.pair.c
    one, other = t.entry.alias("one").c, t.entry.alias("other").c
    query = (
        select(t.pair, one.code.label("code"), other.code.label("keep_code"))
        .where(one.source_id == r.source_id, one.key == r.key)
        .where(other.source_id == r.keep_source, other.key == r.keep_key)
    )
    members = sorted(decisions.by_member)
    with ledger.transaction() as c:
        rows = list(c.execute(query.where(r.outcome != "open", r.ground != CERTAIN)))
        for at in range(0, len(members), PAGE):
            named = tuple_(r.source_id, r.key).in_(members[at : at + PAGE])
            rows += c.execute(query.where(r.outcome == "same", r.ground == CERTAIN, named))
    return rows


def _holds(row: Any, decisions: PairDecisions) -> bool:
    keep = (row.keep_source, row.keep_key)
    code = row.code if row.code and row.code == row.keep_code else ""
    found = decisions.find(keep, (row.source_id, row.key), code)
    if found is None:
        return bool(row.ground == CERTAIN and not decisions.is_disputed(keep, (row.source_id, row.key), code))
    return bool(found.outcome == row.outcome and (found.keep in (None, keep) or found.outcome == "different"))


def _orphans(ledger: Ledger) -> list[Any]:
    r, e = t.pair.c, t.entry.c
    is_gone = or_(e.state == t.VANISHED, and_(e.state == t.EXCLUDED, e.rule.not_in(t.DECIDED_RULES)))
    query = select(t.pair).join(t.entry, and_(e.source_id == r.keep_source, e.key == r.keep_key))
    with ledger.transaction() as c:
        return list(c.execute(query.where(r.outcome == "same", is_gone)))


def _undo(ledger: Ledger, run: Run, rows: Sequence[Any]) -> None:
    e, r = t.entry.c, t.pair.c
    gone = sorted({(row.source_id, row.key) for row in rows})
    kept = sorted({(row.keep_source, row.keep_key) for row in rows})
    merged = and_(among(gone), e.state == t.EXCLUDED, e.rule == t.MERGED_INTO)
    with ledger.transaction() as c:
        for row in rows:
            where = and_(r.source_id == row.source_id, r.key == row.key)
            c.execute(sql_delete(t.pair).where(where, r.keep_source == row.keep_source, r.keep_key == row.keep_key))
        back = [(row.source_id, row.key) for row in c.execute(select(e.source_id, e.key).where(merged))]
        forget_issues(c, (STAGE,), back)
        for member in kept:
            _note_kept(c, *member)
    ledger.send_back(run, merged, "merge_taken_back")
    with ledger.transaction() as c:
        c.execute(update(t.entry).where(among(back), e.state == t.EXTRACTED).values(rule=None, twin=None))
    both = sorted({*gone, *kept})
    is_mapped = e.state.not_in((t.EXTRACTED, *t.OUT_OF_PLAY))
    ledger.send_back(run, and_(among(both), is_mapped), "decision_changed")
