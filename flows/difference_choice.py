"""Which differences a command is about: a cause, a kind, a field, a dossier, a mark, a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select

from flows import ledger_schema as t
from flows.difference_rows import is_open, is_there
from flows.difference_tallies import count_alike
from flows.site import SiteError
from flows.workplace import Workplace
from validations.compare import BY_DESIGN
from validations.differences import OPEN, STATES, group_of, why_words
from validations.remedies import title_of

KNOWN_STATES: Final = ("open", "all", *STATES)


@dataclass(frozen=True)
class Cause:
    """Differences with one explanation."""

    group: str
    kind: str
    field: str
    why: str
    dossiers: int
    keys: tuple[str, ...]

    @property
    def said(self) -> str:
        """In a few words."""
        return ", ".join(filter(None, (title_of(self.kind, "differences"), why_words(self.why))))


@dataclass(frozen=True)
class Wanted:
    """Which differences a command is about; "" says nothing. ``state``: open | all | one of their states."""

    group: str = ""
    kind: str = ""
    field: str = ""
    key: str = ""
    mark: str = ""
    state: str = "open"

    @property
    def is_narrow(self) -> bool:
        """Whether it names anything but a state."""
        return bool(self.group or self.kind or self.field or self.key or self.mark)

    @property
    def names_dossiers(self) -> bool:
        """Whether it names one dossier or one difference."""
        return bool(self.key or self.mark)


def read_causes(work: Workplace, wanted: Wanted) -> list[Cause]:
    """The causes of what is wanted, those with most dossiers first."""
    d = t.difference.c
    with work.ledger.transaction() as c:
        rows = list(count_alike(c, (d.kind, d.pattern, d.why), is_within(work), _in_state(wanted), *_narrowed(wanted)))
    causes = [Cause(group_of(*what), *_three(what), dossiers, keys) for what, dossiers, keys in rows]
    return sorted(causes, key=lambda cause: (-cause.dossiers, cause.kind, cause.field, cause.why))


def _three(what: Sequence[str]) -> tuple[str, str, str]:
    kind, pattern, why = what
    return kind, pattern, why


def chosen(work: Workplace, wanted: Wanted) -> ColumnElement[bool]:
    """The condition on the rows of differences. Raises SiteError for a group that nothing is in."""
    where = [is_within(work), _in_state(wanted), *_narrowed(wanted)]
    if wanted.group:
        d = t.difference.c
        found = [cause for cause in read_causes(work, replace(wanted, group="")) if cause.group == wanted.group]
        if not found:
            raise SiteError(
                f"Không có nhóm {wanted.group} trong các khác biệt đang xét. Xem lại: lienthong differences "
                f"{work.site.path}"
            )
        where += [d.kind == found[0].kind, d.pattern == found[0].field, d.why == found[0].why]
    return and_(*where)


def is_within(work: Workplace) -> ColumnElement[bool]:
    """Differences of the site's own sources."""
    return t.difference.c.source_id.in_(list(work.site.source_ids().values()))


def _in_state(wanted: Wanted) -> ColumnElement[bool]:
    d = t.difference.c
    if wanted.state == "all":
        return is_there()
    if wanted.state == "open":
        return and_(d.state.in_(OPEN), d.kind == BY_DESIGN) if wanted.kind == BY_DESIGN else is_open()
    return d.state == wanted.state


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    d, e = t.difference.c, t.entry.alias("named").c
    where: list[ColumnElement[bool]] = []
    if wanted.kind:
        where.append(d.kind == wanted.kind)
    if wanted.field:
        where.append(d.pattern == wanted.field)
    if wanted.mark:
        where.append(d.mark == wanted.mark)
    if wanted.key:
        is_meant = or_(e.key == wanted.key, e.code == wanted.key)
        where.append(select(e.key).where(e.source_id == d.source_id, e.key == d.key, is_meant).exists())
    return where
