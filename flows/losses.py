"""What a target cannot hold, said before the run with the number of dossiers concerned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import and_, select

from flows import ledger_schema as t
from flows.findings import Finding, refuse, warn
from flows.payloads import plain
from flows.workplace import Workplace
from mappings.targets import TargetProfile, count_filled

PAGE: Final = 1000


def loss_findings(work: Workplace, profile: TargetProfile) -> Iterator[Finding]:
    """What the target cannot hold and what becomes of it, with the number of dossiers concerned."""
    if not profile.losses:
        return
    total, counts = count_losses(work, profile)
    accepted = work.site.settings.target.accept_losses
    for unknown in sorted(set(accepted) - set(profile.lost)):
        yield refuse("target.accept_losses", f"Hệ thống nhận không khai mất gì tên {unknown}.", "Xóa dòng này.")
    for name, loss in profile.losses.items():
        how = {
            "prevented": "đã tránh",
            "elsewhere": f"giữ ở {loss.to}",
            "lost": f"MẤT, đã chấp nhận: {accepted[name]}" if name in accepted else "MẤT",
        }[loss.answer]
        said = f"{how}: {loss.says} ({counts.get(name, 0)} trong {total} hồ sơ đã ánh xạ)."
        place = f"hệ thống nhận {profile.name}, {name}"
        if loss.answer == "lost" and name not in accepted and not work.site.settings.rehearsal:
            remedy = f"Chuyển phần này bằng đường khác, rồi ghi target.accept_losses: {{{name}: lý do}} ở site.yaml."
            yield refuse(place, said, remedy)
        else:
            yield warn(place, said, "Xem docs/he-thong-nhan.md; báo cho đơn vị trước khi đẩy.")


def count_losses(work: Workplace, profile: TargetProfile) -> tuple[int, dict[str, int]]:
    """Mapped dossiers in all, and of each loss those that it concerns."""
    e, p = t.entry.c, t.payload.c
    query = (
        select(p.mapped)
        .join(t.entry, and_(e.source_id == p.source_id, e.key == p.key))
        .where(p.mapped.is_not(None), e.state.not_in((t.EXCLUDED, t.VANISHED)))
        .execution_options(yield_per=PAGE)
    )
    total, counts = 0, dict.fromkeys(profile.losses, 0)
    with work.ledger.transaction() as c:
        for row in c.execute(query):
            total += 1
            count_filled(profile.losses, msgspec.json.decode(plain(row.mapped)), counts)
    return total, counts
