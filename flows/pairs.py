"""Records that share a number, within one old database or across several: paired, judged, merged or told apart.

The mapped dossiers give the evidence, in words; certain pairs are merged, all others wait for a decision. Done before
validate, when every source has been swept and mapped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from sqlalchemy import and_, insert, or_, select, tuple_
from sqlalchemy import delete as sql_delete

from flows import ledger_schema as t
from flows.clashes import KINDS, PAGE, Bearer, bearers, clashes, find_clashes, named_bearers
from flows.ledger import Ledger, Run
from flows.merging import CERTAIN, Merge, exclude_merged, merge_of, refresh_kept, validate_again
from flows.payloads import fingerprint, plain
from flows.workplace import Workplace
from mappings.model import Dossier, OtherCode, decode
from mappings.pairs import Member, PairDecision, PairDecisions, read_pair_decisions
from mappings.sameness import codes_of_merged, compare_matters

WHOLE_GROUP: Final = 30
"""A number that more entries bear is junk ("1", "HS"): there each is paired with the first one only."""


@dataclass(frozen=True)
class _Pair:
    """Two bearers of one number; ``mark`` changes with either of the mapped dossiers."""

    keep: Bearer
    gone: Bearer
    mark: bytes

    @property
    def members(self) -> frozenset[Member]:
        return frozenset((self.keep.member, self.gone.member))


@dataclass
class _Page:
    """What came out of one page of pairs, before it is written."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    gone: set[Member] = field(default_factory=set)
    kept: set[Member] = field(default_factory=set)
    told_apart: set[Member] = field(default_factory=set)


def settle(work: Workplace, run: Run) -> PairDecisions:
    """Pair what shares a number, merge what is certain or decided, let go what is settled; the decisions in force."""
    decisions = read_pair_decisions(work.site.path)
    settle_ledger(work.ledger, run, decisions, list(work.site.source_ids().values()))
    return decisions


def settle_ledger(ledger: Ledger, run: Run, decisions: PairDecisions, source_ids: Sequence[str]) -> None:
    """The same for a ledger; of two records the one of the earlier source is kept."""
    settling = _Settling(ledger, run, decisions, source_ids)
    find_clashes(ledger, source_ids)
    for kind in KINDS:
        for values in clashes(ledger, kind):
            settling.page(bearers(ledger, source_ids, kind, values).values())
    for decision in decisions.all:  # one matter may bear two numbers that have nothing in common
        if decision.outcome == "same":
            settling.page([named_bearers(ledger, source_ids, decision.members)])
    settling.forget_stale()


@dataclass(frozen=True)
class _Settling:
    """One pass over the clashes. ``source_ids`` in the order of site.yaml: the earlier source's record is kept."""

    ledger: Ledger
    run: Run
    decisions: PairDecisions
    source_ids: Sequence[str]

    def page(self, groups: Any) -> None:
        """Pair these groups; take the evidence where it is not known; write what follows."""
        pairs = list({pair.members: pair for group in groups for pair in self._paired(group)}.values())
        known = _known(self.ledger, pairs)
        page = _Page()
        for pair in pairs:
            if not page.gone & pair.members:  # else one of the two was merged a moment ago
                self._judge(pair, known.get(pair.members), page)
        _write(self.ledger, [known[pair.members] for pair in pairs if pair.members in known], page.rows)
        exclude_merged(self.ledger, self.run, page.merges)
        refresh_kept(self.ledger, self.run, page.kept)
        validate_again(self.ledger, self.run, sorted(page.told_apart), "told_apart")

    def _paired(self, group: Sequence[Bearer]) -> Iterator[_Pair]:
        order = {source_id: place for place, source_id in enumerate(self.source_ids)}
        ranked = sorted(group, key=lambda b: (not b.in_target, order[b.member[0]], len(b.member[1]), b.member[1]))
        first = ranked[:1]
        whole = len(ranked) <= WHOLE_GROUP
        for keep, gone in combinations(ranked, 2) if whole else ((first[0], other) for other in ranked[1:]):
            decision = self._decision(keep, gone)
            if decision and decision.keep == gone.member:
                keep, gone = gone, keep
            yield _Pair(keep, gone, fingerprint(b"".join(sorted((keep.mapped_fp, gone.mapped_fp)))))

    def _decision(self, one: Bearer, other: Bearer) -> PairDecision | None:
        return self.decisions.find(one.member, other.member, one.code if one.code == other.code else "")

    def _is_disputed(self, pair: _Pair) -> bool:
        code = pair.keep.code if pair.keep.code == pair.gone.code else ""
        return self.decisions.is_disputed(pair.keep.member, pair.gone.member, code)

    def _judge(self, pair: _Pair, row: Any, page: _Page) -> None:
        dossiers: tuple[Dossier, Dossier] | None = None
        if row is not None and row.mark == pair.mark:
            said, is_certain = row.evidence, row.ground == CERTAIN
        else:
            dossiers = _dossiers(self.ledger, pair)
            evidence = compare_matters(*dossiers)
            said, is_certain = str(evidence), evidence.is_certain and pair.keep.member[0] != pair.gone.member[0]
        decision = self._decision(pair.keep, pair.gone)
        is_certain = is_certain and not self._is_disputed(pair)
        ground, ground_hash = (decision.id, decision.hash) if decision else (CERTAIN if is_certain else "", "")
        outcome = decision.outcome if decision else ("same" if is_certain else "open")
        codes: tuple[OtherCode, ...] = ()
        if outcome == "same":
            keep, gone = dossiers or _dossiers(self.ledger, pair)
            codes = codes_of_merged(gone)
            page.merges.append(merge_of(pair.gone.member, pair.keep.member, f"{ground} {said}", keep, gone))
            page.gone.add(pair.gone.member)
            page.kept.add(pair.keep.member)
        if row is not None and row.outcome == "same":
            page.kept.add((row.keep_source, row.keep_key))
        if outcome == "different" and (row is None or row.outcome != "different"):
            page.told_apart |= pair.members
        (source_id, key), (keep_source, keep_key) = pair.gone.member, pair.keep.member
        page.rows.append(
            {
                "source_id": source_id, "key": key, "keep_source": keep_source, "keep_key": keep_key,
                "mark": pair.mark, "evidence": said, "outcome": outcome, "ground": ground, "ground_hash": ground_hash,
                "codes": json.dumps([(o.code, o.source_id, o.old_key) for o in codes]), "seen_run": self.run.id,
            }
        )  # fmt: skip

    def forget_stale(self) -> None:
        """Drop the pairs that no longer share a number, and let go who waited for them only."""
        r = t.pair.c
        one, other = t.entry.alias("one"), t.entry.alias("other")
        is_merged = and_(one.c.state.in_((t.EXCLUDED, t.VANISHED)), one.c.rule == t.MERGED_INTO)
        query = (
            select(t.pair)
            .join(one, and_(one.c.source_id == r.source_id, one.c.key == r.key))
            .join(other, and_(other.c.source_id == r.keep_source, other.c.key == r.keep_key))
            .where(r.seen_run != self.run.id, one.c.state != t.EXTRACTED, other.c.state != t.EXTRACTED)
            .where(or_(r.outcome != "same", ~is_merged))
            .limit(PAGE)
        )
        while True:
            with self.ledger.transaction() as c:
                rows = c.execute(query).all()
            if not rows:
                return
            _write(self.ledger, rows, [])
            refresh_kept(
                self.ledger, self.run, {(row.keep_source, row.keep_key) for row in rows if row.outcome == "same"}
            )
            both = {m for row in rows for m in ((row.source_id, row.key), (row.keep_source, row.keep_key))}
            validate_again(self.ledger, self.run, sorted(both), "clash_gone")


def _dossiers(ledger: Ledger, pair: _Pair) -> tuple[Dossier, Dossier]:
    """The mapped dossiers of a pair, the one to keep first."""
    p = t.payload.c
    with ledger.transaction() as c:
        bodies = [
            c.execute(select(p.mapped).where(p.source_id == source_id, p.key == key)).scalar_one()
            for source_id, key in (pair.keep.member, pair.gone.member)
        ]
    keep, gone = (decode(plain(body)) for body in bodies)
    return keep, gone


def _known(ledger: Ledger, pairs: Sequence[_Pair]) -> Mapping[frozenset[Member], Any]:
    """The rows of the pairs that were met before, whichever of the two was to be kept."""
    r = t.pair.c
    members = sorted({member for pair in pairs for member in pair.members})
    found: dict[frozenset[Member], Any] = {}
    with ledger.transaction() as c:
        for at in range(0, len(members), PAGE):
            some = members[at : at + PAGE]
            for where in (tuple_(r.source_id, r.key).in_(some), tuple_(r.keep_source, r.keep_key).in_(some)):
                for row in c.execute(select(t.pair).where(where)):
                    found[frozenset(((row.source_id, row.key), (row.keep_source, row.keep_key)))] = row
    return found


def _write(ledger: Ledger, old: Sequence[Any], new: Sequence[Mapping[str, Any]]) -> None:
    """Put new rows in the place of old ones."""
    r = t.pair.c
    with ledger.transaction() as c:
        for row in old:
            where = and_(r.source_id == row.source_id, r.key == row.key)
            c.execute(sql_delete(t.pair).where(where, r.keep_source == row.keep_source, r.keep_key == row.keep_key))
        if new:
            c.execute(insert(t.pair), list(new))
