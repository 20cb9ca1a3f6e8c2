"""From a profile's plan (plain data) to what connectors read."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import FileSpec, Join, ReadPlan, TableRead
from mappings.plan import PlannedRead
from mappings.profile import Profile


def build_plan(
    profile: Profile, decisions: Mapping[str, str], params: Mapping[str, str | int], page_rows: int
) -> ReadPlan:
    """What a sweep of this profile reads, with the site's decisions and the run's instants."""
    plan = profile.plan(decisions)
    return ReadPlan(
        main=_read(plan.main),
        children=tuple(_read(child) for child in plan.children),
        references=tuple(_read(reference) for reference in plan.references),
        counts=plan.counts,
        params=params,
        files=tuple(FileSpec(child, locator) for child, locator in plan.files),
        page_rows=page_rows,
    )


def _read(planned: PlannedRead) -> TableRead:
    return TableRead(
        name=planned.name,
        table=planned.table,
        columns=planned.columns,
        parent=planned.parent,
        key=planned.key,
        join=tuple(Join(j.table, j.alias, j.on, j.columns) for j in planned.join),
        where=planned.where,
        sql=planned.sql,
        split=planned.split,
        content=planned.content,
    )
