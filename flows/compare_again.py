"""Comparisons that are due again after the hand-over: which one was not made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from flows import ledger_schema as t
from flows.findings import Finding, warn
from flows.ledger import Ledger
from flows.site_compare import LOCAL
from flows.workplace import Workplace


def again_findings(work: Workplace) -> Iterator[Finding]:
    """The last comparison whose time has come, when none was begun since."""
    passed = [due for due in work.site.settings.compare.due() if due <= work.clock()]
    if not passed:
        return
    last = last_comparison(work.ledger)
    if last is None or last < passed[-1]:
        made = f"lần gần nhất lúc {last.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}" if last else "chưa có lần nào"
        yield warn(
            "site.yaml: compare",
            f"Đến hạn đối soát lại từ {passed[-1]:%H:%M ngày %d/%m/%Y}; {made}.",
            f"Chạy: lienthong compare {work.site.path}, hoặc để lienthong serve chạy sẵn.",
        )


def last_comparison(ledger: Ledger) -> datetime | None:
    """When the newest comparison of the whole was begun."""
    compared = select(t.check_figure.c.run_id)
    with ledger.transaction() as c:
        found = c.execute(select(func.max(t.run.c.started_at)).where(t.run.c.id.in_(compared))).scalar()
    return datetime.fromisoformat(found) if found else None
