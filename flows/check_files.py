"""Where the files of a source are: the folder beside its database, and the columns inside it."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Misconfigured
from flows.findings import Finding, refuse, warn
from flows.workplace import OpenSource


def file_findings(place: str, source: OpenSource) -> Iterator[Finding]:
    """A store that is not declared or not there; a column that cannot hold contents."""
    folder, plan = source.source.files, source.plan
    holds_contents = any(child.content for child in plan.children)
    if folder is not None and not folder.is_dir():
        yield refuse(place, f"Không thấy kho tệp {folder}.", "Gắn (mount) kho tệp cũ, hoặc sửa files trong site.yaml.")
    elif folder is None and (plan.files or not holds_contents) and source.source.settings.path is None:
        yield warn(place, "Chưa khai kho tệp đính kèm (files).", "Thêm files: vào nguồn này trong site.yaml.")
    if holds_contents:
        try:
            source.connector.fetch(plan, [])  # makes every read ready and reads nothing
        except Misconfigured as error:
            yield refuse(place, str(error), f"Sửa profiles/{source.profile.name}.yaml của site rồi chạy lại check.")
