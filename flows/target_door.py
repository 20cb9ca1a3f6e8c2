"""From a target profile (plain data) to an open connector."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from connectors._rest_plan import Call, Meaning, TargetPlan, Word
from connectors.rest import DeclaredTarget, RestTarget
from flows.site import SiteError
from flows.site_target import TargetSettings
from mappings.targets import TargetProfile

_PLACE: Final = re.compile(r"\{(\w+)\}")


def open_target(profile: TargetProfile, settings: TargetSettings, url: str, token: str) -> RestTarget | DeclaredTarget:
    """A client of the new system with this token. Raises SiteError, Misconfigured."""
    if profile.protocol == "tables":
        raise SiteError(f"site.yaml: target: hồ sơ {profile.name} ghi vào bảng: sửa thành connector: sql.")
    if profile.protocol == "batch":
        return RestTarget(
            url,
            token,
            batch=settings.batch,
            concurrency=settings.concurrency,
            timeout_s=settings.timeout_seconds,
            rate_per_s=settings.rate_per_second,
            part_bytes=None if profile.parts is None else profile.parts.size_kb << 10,
        )
    return DeclaredTarget(
        build_target_plan(profile, settings.params),
        url,
        token,
        concurrency=settings.concurrency,
        timeout_s=settings.timeout_seconds,
        rate_per_s=settings.rate_per_second,
    )


def build_target_plan(profile: TargetProfile, params: Mapping[str, str]) -> TargetPlan:
    """What the connector needs of a declared target. Raises SiteError when the site leaves out a parameter."""
    return TargetPlan(
        name=profile.name,
        title=profile.title,
        calls={name: Call(c.method, c.path, c.send, c.fixed) for name, c in profile.calls.items()},
        words=tuple(
            Word(theirs, w.ours, w.kind, w.codes, w.number, w.copied, w.longest) for theirs, w in profile.words.items()
        ),
        uid_field=profile.uid,
        id_field=profile.id,
        rest_field=profile.rest,
        marks_text=profile.uid_in_text,
        number_field=profile.number,
        meaning=Meaning(
            frozenset(profile.answers.forbidden), frozenset(profile.answers.refused),
            frozenset(profile.answers.retryable), profile.answers.ok, profile.answers.data,
        ),
        headers={name: _header(text, params) for name, text in profile.headers.items()},
        write_times=profile.times.write,
        read_times=profile.times.read,
        lost=frozenset(loss.about for loss in profile.lost.values() if loss.about.isalnum()),
        files=profile.files,
        volatile=frozenset(profile.volatile),
    )  # fmt: skip


def _header(text: str, params: Mapping[str, str]) -> str:
    for name in _PLACE.findall(text):
        if name == "token":
            continue
        if name not in params:
            raise SiteError(f"site.yaml: target.params.{name}: hệ thống nhận cần giá trị này. Hỏi đơn vị vận hành.")
        text = text.replace(f"{{{name}}}", params[name])
    return text
