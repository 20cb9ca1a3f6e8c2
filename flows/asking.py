"""Open intents settled by asking the new system: which write made the version that it holds. Nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec
from sqlalchemy import func, or_, select, update

from connectors.base import Stored, Target
from flows import ledger_schema as t
from flows.intents import NOT_THERE, OVERTAKEN, PUSHED, ROLLBACK
from flows.ledger import Item, Ledger, Run, by_source
from flows.payloads import fingerprint
from mappings.model import decode, encode

PAGE: Final = 200

Place = tuple[str, str]
"""(source, old key) of a dossier."""


@dataclass(frozen=True)
class Intent:
    """What a run was about to push. ``known``: the version that the ledger knew then and knows still, "" none."""

    source_id: str
    key: str
    token: str
    revision: int
    known: str


def token_of(source_id: str, key: str, revision: int, mapped_fp: bytes) -> str:
    """The idempotency key: the same for every attempt to push this content of this revision, and for no other."""
    text = f"{source_id}\n{key}\n{revision}\n{mapped_fp.hex()}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def is_written_by(stored: Stored, intent: Intent) -> bool:
    """Whether this intent made the version held: the target says so, or else what it holds is what was sent."""
    if stored.written_by is not None:
        return stored.written_by == intent.token
    print_ = content_of(stored)
    return print_ is not None and token_of(intent.source_id, intent.key, intent.revision, print_) == intent.token


def content_of(stored: Stored) -> bytes | None:
    """The fingerprint of the dossier held, as ours would be; None when it is none of ours."""
    try:
        return fingerprint(encode(decode(stored.body)))
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        return None


def settle_open(ledger: Ledger, run: Run, target: Target) -> Counter[str]:
    """Ask about every push that was begun and whose answer nobody recorded; how many ended how."""
    counts: Counter[str] = Counter()
    for source_id, intents in list(_left_open(ledger, run)):
        with ledger.faults.around("ask"):
            held = {s.key: s for s in target.read_back(source_id, sorted({i.key for i in intents}))}
            found = [(intent, held.get(intent.key)) for intent in intents]
            outcomes = [(intent, stored, _outcome(intent, stored)) for intent, stored in found]
            _keep(ledger, outcomes)
        counts.update(outcome for _, _, outcome in outcomes)
    return counts


def _left_open(ledger: Ledger, run: Run) -> Iterator[tuple[str, list[Intent]]]:
    """Open intents of runs that are over, and of this one, page by page: a live run settles its own."""
    i, e, r = t.intent.c, t.entry.c, t.run.c
    query = (
        select(i.source_id, i.key, i.idempotency_key, i.revision, func.coalesce(e.version, ""))
        .join(t.entry, (e.source_id == i.source_id) & (e.key == i.key))
        .join(t.run, r.id == i.run_id)
        .where(i.settled_at.is_(None), i.kind.is_distinct_from(ROLLBACK), or_(r.outcome.is_not(None), r.id == run.id))
        .order_by(i.source_id, i.key)
    )
    with ledger.transaction() as c:
        rows = c.execute(query).all()
    for source_id in sorted({row[0] for row in rows}):
        intents = [Intent(*row) for row in rows if row[0] == source_id]
        yield from ((source_id, intents[at : at + PAGE]) for at in range(0, len(intents), PAGE))


def _outcome(intent: Intent, stored: Stored | None) -> str:
    if stored is None:
        return NOT_THERE
    if is_written_by(stored, intent):
        return PUSHED
    return NOT_THERE if stored.version == intent.known else OVERTAKEN


def _keep(ledger: Ledger, outcomes: Sequence[tuple[Intent, Stored | None, str]]) -> None:
    """Close the intents; the entry learns the number of its dossier, and the version if that is ours."""
    i, e = t.intent.c, t.entry.c
    with ledger.transaction() as c:
        for intent, stored, outcome in outcomes:
            mine = (i.source_id == intent.source_id) & (i.key == intent.key) & (i.idempotency_key == intent.token)
            c.execute(
                update(t.intent).where(mine, i.settled_at.is_(None)).values(settled_at=ledger.now(), outcome=outcome)
            )
            if stored is None or outcome == NOT_THERE:
                continue
            values: dict[str, object] = {"new_id": stored.new_id}
            if outcome == PUSHED:
                values |= {"version": stored.version, "pushed_fp": content_of(stored)}
            entry = (e.source_id == intent.source_id) & (e.key == intent.key)
            c.execute(update(t.entry).where(entry, func.coalesce(e.version, "") == intent.known).values(values))


def own_versions(ledger: Ledger, target: Target, items: Sequence[Item]) -> dict[Place, str]:
    """Of items whose version is not the expected one: the version held, where an earlier write of ours made it.

    A call that was given up can still arrive after its dossier was asked for. A later revision's write is not
    counted: whoever meets that is the one who is late.
    """
    own: dict[Place, str] = {}
    revisions = {(item.source_id, item.key): item.revision for item in items}
    for source_id, keys in by_source(list(revisions)):
        intents = _all_of(ledger, source_id, keys)
        for stored in target.read_back(source_id, keys):
            earlier = [i for i in intents.get(stored.key, ()) if i.revision < revisions[(source_id, stored.key)]]
            if any(is_written_by(stored, intent) for intent in earlier):
                own[(source_id, stored.key)] = stored.version
    return own


def _all_of(ledger: Ledger, source_id: str, keys: Sequence[str]) -> dict[str, list[Intent]]:
    i = t.intent.c
    query = select(i.key, i.idempotency_key, i.revision).where(i.source_id == source_id, i.key.in_(keys))
    query = query.where(i.kind.is_distinct_from(ROLLBACK))
    intents: dict[str, list[Intent]] = {}
    with ledger.transaction() as c:
        for key, token, revision in c.execute(query):
            intents.setdefault(key, []).append(Intent(source_id, key, token, revision, ""))
    return intents
