"""The empty tables of TD.DichVuCong, as a vendor would give them to be filled; marked as made for rehearsals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.rehearsal.store import open_store
from connectors.rehearsal.tables import Column, Schema, quoted
from connectors.rehearsal.td_schema import MAIN, schema


def lay_tables(url: str) -> None:
    """Make the tables in an empty database. Raises Misconfigured when it holds anything of somebody else's."""
    laid = _within_a_row(schema()) if url.startswith(("mysql", "mariadb")) else schema()
    with open_store(url, timedelta(0), 0, 0, laid) as store:
        store.finish()
        if store.dialect != "mssql":  # there it is filtered: several dossiers may have no number yet
            columns = ", ".join(quoted(name, store.dialect) for name in ("MaHoSo", "DonViId"))
            store.execute(f"CREATE UNIQUE INDEX IX_MaHoSo_DonViId ON {store.place(MAIN)} ({columns})")
            store.commit()


def _within_a_row(known: Schema) -> Schema:
    """The same with texts beside the row, those of an index apart: a row of MariaDB has 8 KB for all columns."""
    kept = {column for _, column in known.indexes} | {"MaHoSo", "DonViId"}

    def beside(column: Column) -> Column:
        is_text = column.name not in kept and not column.is_required and "CHAR(" in column.type
        return replace(column, type="NVARCHAR(MAX)") if is_text else column

    tables = [replace(table, columns=tuple(map(beside, table.columns))) for table in known.tables]
    return replace(known, tables=tuple(tables))
