"""Where the files of a source are: the store beside its database, and the columns inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from connectors._file_stores import FileServer
from connectors.base import Misconfigured
from flows.findings import Finding, refuse, warn
from flows.workplace import OpenSource

SAMPLE: Final = 20
"""Dossiers whose files are asked for at a server."""


def file_findings(place: str, source: OpenSource) -> Iterator[Finding]:
    """A store that is not declared, not there or not the right one; a column that cannot hold contents."""
    store, plan = source.source.files, source.plan
    holds_contents = any(child.content for child in plan.children)
    if isinstance(store, FileServer):
        yield from _server(place, source, store)
    elif store is not None and not store.is_dir():
        yield refuse(place, f"Không thấy kho tệp {store}.", "Gắn (mount) kho tệp cũ, hoặc sửa files trong site.yaml.")
    elif store is None and (plan.files or not holds_contents) and source.source.settings.path is None:
        yield warn(
            place, "Chưa khai kho tệp đính kèm (files).", "Thêm files: hoặc files_url_env: vào nguồn trong site.yaml."
        )
    if holds_contents:
        try:
            source.connector.fetch(plan, [])  # makes every read ready and reads nothing
        except Misconfigured as error:
            yield refuse(place, str(error), f"Sửa profiles/{source.profile.name}.yaml của site rồi chạy lại check.")


def _server(place: str, source: OpenSource, server: FileServer) -> Iterator[Finding]:
    """Whether a server has the files of the first dossiers: a wrong address looks like files that are all gone."""
    plan = source.plan
    page = next(source.connector.sweep(replace(plan, page_rows=SAMPLE)), [])
    rows = [row for record in page for spec in plan.files for row in record.children[spec.child] if row["_locator"]]
    if rows and all(row["_size"] is None for row in rows):
        yield warn(
            place,
            f"Kho tệp không có tệp nào trong {len(rows)} tệp của {len(page)} hồ sơ đầu.",
            f"Xem {server.url_env} trong .env có đúng thư mục gốc của kho không: địa chỉ ấy nối với mẫu file: trong "
            f"profile {source.profile.name} phải mở được một tệp.",
        )
