"""From a target profile of tables (plain data) to an open connector."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._tables_plan import Cell, FileWords, TablePlan, TablesPlan
from connectors.sql_target import SqlTarget
from flows.site import Site, SiteError
from mappings.target_tables import FILE, LISTS_WITH_FILES, LOCATOR, MISSING
from mappings.target_tables import Cell as DeclaredCell
from mappings.targets import TargetProfile


def open_tables(site: Site, profile: TargetProfile, *, reading: bool) -> SqlTarget:
    """The tables of the new system; ``reading``: with the comparer's own account. Raises SiteError, Misconfigured."""
    settings = site.settings.target
    plan = build_tables_plan(profile)
    if plan.files.lists and settings.files is None:
        raise SiteError(
            "site.yaml: target.files: hồ sơ hệ thống nhận này giữ tệp trong thư mục. Ghi thư mục tệp của hệ thống mới "
            "(ổ mạng đã gắn vào máy này)."
        )
    variable = settings.read_url_env if reading and settings.read_url_env else settings.url_env
    url = site.database_url(site.secret(variable, "địa chỉ cơ sở dữ liệu của hệ thống mới"))
    files = None if settings.files is None else site.path / settings.files
    return SqlTarget(plan, url, files=files, is_reader=reading)


def build_tables_plan(profile: TargetProfile) -> TablesPlan:
    """What the connector needs of a profile of tables. Raises SiteError for any other."""
    tables = profile.tables
    if tables is None:
        raise SiteError(
            f"site.yaml: target.profile: {profile.name} không phải hồ sơ ghi vào bảng. connector: sql cần hồ sơ có "
            "protocol: tables, ví dụ td_dichvucong_sql."
        )
    own = tables.dossiers
    ((mark, value),) = own.mark.items()
    main = TablePlan(own.table, own.id, _cells(own.cells), {**own.fixed, mark: value})
    lists = [
        TablePlan(table.table, table.id, _cells(table.cells), table.fixed, path, next(iter(table.parent.items())))
        for path, table in tables.lists.items()
    ]
    return TablesPlan(
        name=profile.name,
        title=profile.title,
        main=main,
        lists=tuple(lists),
        number=own.number,
        rest=own.rest,
        stamp=own.stamp,
        mark=(mark, value),
        lost=frozenset(loss.about for loss in profile.lost.values() if loss.about.isalnum()),
        files=FileWords(LISTS_WITH_FILES if profile.files != "never" else (), FILE, LOCATOR, MISSING),
        source="NguonHeThong",
        key="KhoaCu",
    )


def _cells(declared: Mapping[str, DeclaredCell]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            column, tuple(cell.ours.split(".")), cell.kind, cell.codes, cell.copied, cell.required, cell.narrow,
            cell.longest,
        )
        for column, cell in declared.items()
    )  # fmt: skip
