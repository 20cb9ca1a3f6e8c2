"""What decisions touch: the waiting dossiers that a new one settles, those that a gone one had settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from flows import ledger_schema as t
from flows.ledger import Ledger, Run
from flows.questions import pages, stored_records
from flows.remembered import recall, remember
from flows.workplace import OpenSource
from mappings.verdicts import MARK, THEN

DECISIONS: Final = "decisions"
"""Under which the ledger remembers the decisions that the last run saw."""
DISPUTED: Final = ("decision_conflict", "decision_not_a_candidate")


def send_back_decided(ledger: Ledger, run: Run, source: OpenSource) -> int:
    """Map exactly those dossiers again that new decisions settle or that gone ones had settled; how many."""
    known, now = recall(ledger, DECISIONS).get(source.id, {}), _present(source)
    if now == known:
        return 0
    lost = [f"{MARK}{number}" for number, mark in known.items() if now.get(number) != mark]
    keys = {*(key for key, _ in settled_anew(ledger, source)), *_moved_by(ledger, source.id, lost)}
    moved = 0
    for chunk in pages(sorted(keys)):
        e = t.entry.c
        where = and_(e.source_id == source.id, e.key.in_(chunk), e.state.not_in((t.EXTRACTED, *t.OUT_OF_PLAY)))
        moved += ledger.send_back(run, where, "decision_changed")
    remember(ledger, DECISIONS, source.id, now)
    return moved


def settled_anew(ledger: Ledger, source: OpenSource) -> Iterator[tuple[str, bool]]:
    """Waiting dossiers that a decision touches which no run has seen, and whether they wait no longer.

    Asked of the very engine that maps.
    """
    known = recall(ledger, DECISIONS).get(source.id, {})
    if known == _present(source):
        return
    new = [found for found in source.mapper.decisions if known.get(found.id) != found.hash]
    causes = {found.verdict.cause for found in new}
    # a dispute may end with a decision that goes, too: then one that stood before settles it
    has_gone = not known.keys() <= _present(source).keys()
    marks = {f"{MARK}{found.id}" for found in (source.mapper.decisions if has_gone else new)}
    waits = _waits(() if "" in causes else (*causes, *DISPUTED)).exists()
    for record, seen_at in stored_records(ledger, source.id, t.entry.c.state == t.QUARANTINED, waits):
        mapped = source.mapper.map(record.key, record.row, record.children, seen_at)
        chosen_by = mapped.dossier.handling_rule.split(THEN) if mapped.dossier else ()
        if not marks.isdisjoint(chosen_by) or any(issue.code in DISPUTED for issue in mapped.issues):
            yield record.key, not any(_is_wait(issue.code) for issue in mapped.issues)


def _is_wait(code: str) -> bool:
    return code.startswith("handling_") or code in DISPUTED


def _present(source: OpenSource) -> dict[str, str]:
    """Id → hash of the decisions that stand in the site now."""
    return {decided.id: decided.hash for decided in source.mapper.decisions}


def _waits(causes: Sequence[str]) -> Any:
    e, i = t.entry.c, t.issue.c
    return select(i.id).where(i.source_id == e.source_id, i.key == e.key, i.stage == "map", is_waiting(causes))


def is_waiting(causes: Sequence[str]) -> ColumnElement[bool]:
    """An issue that waits for a decision: one of these causes, or any."""
    code = t.issue.c.code
    return code.in_(causes) if causes else or_(code.like("handling\\_%", escape="\\"), code.in_(DISPUTED))


def _moved_by(ledger: Ledger, source_id: str, rules: Sequence[str]) -> Iterator[str]:
    """Keys of dossiers that decisions which are gone or changed once settled: the history tells."""
    h = t.history.c
    if rules:
        parts = [h.reason.startswith(f"{rule}{THEN}", autoescape=True) for rule in rules]
        parts += [h.reason.endswith(f"{THEN}{rule}", autoescape=True) for rule in rules]
        query = select(h.key).where(h.source_id == source_id, or_(h.reason.in_(rules), *parts)).distinct()
        with ledger.transaction() as c:
            yield from c.execute(query).scalars()
