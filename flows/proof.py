"""Whether the last comparison may be believed, asked of the figures that it kept."""

from __future__ import annotations

from sqlalchemy import Connection

from flows import ledger_schema as t
from flows.comparisons import figures_of, last_compare
from flows.control_totals import lost_totals, read_totals
from flows.difference_tallies import count_compared_since
from flows.figures import Status
from flows.self_test import read_score
from flows.workplace import Workplace
from validations.control_totals import total_figures


def is_believable(work: Workplace, status: Status) -> bool:
    """False: the comparer failed its own test, or every dossier is called matched and the control totals differ."""
    total = status.total
    with work.ledger.transaction() as c:
        compared = last_compare(c)
        if compared is None:
            return True
        score = read_score(figures_of(c, compared.id))
        if score is not None and not score.is_perfect:
            return False
        if total.states.get(t.MATCHED, 0) + sum(total.decided.values()) != total.in_scope:
            return True  # what remains is told by the states
        ids = work.site.source_ids().values()
        return not any(_sums_differ(c, work, compared.id, compared.started_at, source_id) for source_id in ids)


def _sums_differ(c: Connection, work: Workplace, run_id: str, started_at: str, source_id: str) -> bool:
    if count_compared_since(c, source_id, started_at):
        return False  # the sums are older than the dossiers
    sums = read_totals(figures_of(c, run_id, source_id))
    figures = total_figures(*sums, lost_totals(work.target_profile))
    return any(not one.is_equal and not one.is_lost for one in figures)
