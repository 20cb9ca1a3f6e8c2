"""Whether the last comparison is still one of the present ledger and the present mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from flows import ledger_schema as t
from flows.comparisons import last_compare
from flows.workplace import OpenSource, Workplace


@dataclass(frozen=True)
class Staleness:
    """``moved``: dossiers that another run moved since; ``remapped``: in the target under another mapping version."""

    compared_run: str
    moved: int = 0
    remapped: int = 0

    @property
    def is_stale(self) -> bool:
        return bool(self.moved or self.remapped)

    def said(self) -> str:
        """Because of what, in words; "" when it is not stale."""
        parts = ((self.moved, "hồ sơ đã đổi trạng thái hoặc nội dung"), (self.remapped, "hồ sơ có cách chuyển đã đổi"))
        return "; ".join(f"{n} {word} sau lần đối soát" for n, word in parts if n)


def staleness(work: Workplace, sources: Sequence[OpenSource]) -> Staleness:
    """What changed since the last comparison ended; nothing while it is under way. For the status STALE of a check."""
    versions = [(source.id, source.mapping_version) for source in sources]
    with work.ledger.transaction() as c:
        compared = last_compare(c)
        if compared is None or compared.ended_at is None:
            return Staleness(compared.id if compared else "")
        return Staleness(compared.id, _moved(c, compared, [source.id for source in sources]), _remapped(c, versions))


def _moved(c: Connection, compared: Any, source_ids: Sequence[str]) -> int:
    h = t.history.c
    later = and_(h.source_id.in_(source_ids), h.run_id != compared.id, h.at >= compared.ended_at)
    named = select(h.source_id, h.key).where(later).distinct().subquery()
    return c.execute(select(func.count()).select_from(named)).scalar_one()


def _remapped(c: Connection, versions: Sequence[tuple[str, str]]) -> int:
    e = t.entry.c
    others = or_(*(and_(e.source_id == source_id, e.mapping_version != version) for source_id, version in versions))
    query = select(func.count()).select_from(t.entry).where(e.state.in_(t.IN_TARGET), others)
    return c.execute(query).scalar_one() if versions else 0
