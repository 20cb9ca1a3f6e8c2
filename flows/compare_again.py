"""Comparisons that are due again after the hand-over: which one was not made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flows.comparisons import last_compare
from flows.findings import Finding, warn
from flows.site import LOCAL
from flows.workplace import Workplace


def again_findings(work: Workplace) -> Iterator[Finding]:
    """The last comparison whose time has come, when none was begun since."""
    passed = [due for due in work.site.settings.compare.due(LOCAL) if due <= work.clock()]
    if not passed:
        return
    with work.ledger.transaction() as c:
        compared = last_compare(c)
    last = datetime.fromisoformat(compared.started_at) if compared else None
    if last is None or last < passed[-1]:
        made = f"lần gần nhất lúc {last.astimezone(LOCAL):%H:%M ngày %d/%m/%Y}" if last else "chưa có lần nào"
        yield warn(
            "site.yaml: compare",
            f"Đến hạn đối soát lại từ {passed[-1]:%H:%M ngày %d/%m/%Y}; {made}.",
            f"Chạy: lienthong compare {work.site.path}, hoặc để lienthong serve chạy sẵn.",
        )
