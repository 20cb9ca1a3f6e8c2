"""What would change: the raw dossiers of the ledger mapped by two sites, before anything is pushed."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from connectors.base import Record
from flows import ledger_schema as t
from flows import screen
from flows.questions import stored_records
from flows.site import Site, SiteError, load_site
from flows.workplace import (
    OpenSource,
    Workplace,
    agencies_file,
    build_source_mapper,
    site_cases,
    source_encodings,
)
from mappings.agencies import draft_agencies, read_agencies
from mappings.case_states import case_states_file
from mappings.mapper import Mapper
from mappings.model import Exclusion, Issue, Mapped, Severity, encode
from mappings.profile import load_profile
from validations.compare import compare, field_pattern

SHOWN_EVERY: Final = 1000
EXAMPLES: Final = 5
CSV_HEADS: Final = ["nguon", "khoa_cu", "loai", "noi_dung"]
KIND_NAMES: Final = {
    "scope": "phạm vi thành",
    "tray": "khay thành",
    "field": "trường đổi",
    "issue_new": "phát hiện mới",
    "issue_gone": "phát hiện mất",
}


@dataclass
class Group:
    """Dossiers that would change in the same way. ``keys``: the first of them."""

    dossiers: int = 0
    keys: list[str] = field(default_factory=list)

    def add(self, key: str) -> None:
        self.dossiers += 1
        if len(self.keys) < EXAMPLES:
            self.keys.append(key)


@dataclass
class WhatIf:
    """What the other mapping would make of the same raw dossiers. ``groups`` by (kind, subject).

    Kinds: ``field`` (subject: path in the new schema), ``issue_new`` and ``issue_gone`` (issue code), ``scope``
    (rule that would leave it out, or ``in_scope``), ``tray`` (``QUARANTINED`` or ``MAPPED``, by the mapping alone).
    """

    mapped: int = 0
    changed: int = 0
    groups: dict[tuple[str, str], Group] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        found = sorted(self.groups.items(), key=lambda item: (item[0][0], -item[1].dossiers, item[0][1]))
        listed = [{"kind": k, "subject": s, "dossiers": g.dossiers, "keys": g.keys} for (k, s), g in found]
        return {"mapped": self.mapped, "changed": self.changed, "groups": listed}


@contextmanager
def other_site(site: Site, against: str) -> Iterator[Site]:
    """The site to hold against: a folder, or a version of this site in its own git history."""
    folder = Path(against)
    if (folder / "site.yaml").is_file():
        yield load_site(folder)
        return
    with tempfile.TemporaryDirectory(prefix="lienthong-whatif-") as name:
        _take_version(site, against, Path(name))
        yield load_site(Path(name))


def _take_version(site: Site, version: str, into: Path) -> None:
    command = ["git", "-C", str(site.path), "archive", "--format=tar", version, "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise SiteError("Chưa có git trên máy này. Cài: apt-get install git") from None
    if done.returncode:
        raise SiteError(
            f"{version}: không phải thư mục site, cũng không phải phiên bản trong git của {site.path}. "
            "Xem các phiên bản bằng: git log --oneline"
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(into, filter="data")
    if not (into / "site.yaml").is_file():
        raise SiteError(f"Phiên bản {version} của {site.path} không có site.yaml.")


def changes(
    work: Workplace, other: Site, sources: Sequence[OpenSource], found: WhatIf, progress: Callable[[int], None]
) -> Iterator[list[str]]:
    """Map every raw dossier of these sources both ways: [source, key, kind, subject] of each change, summed in found.

    Sources of the two sites are matched by their id.
    """
    for source in sources:
        theirs = _other_mapper(other, source)
        for record, seen_at in stored_records(work.ledger, source.id, t.entry.c.state != t.VANISHED):
            before, after = (_outcome(mapper, record, seen_at) for mapper in (source.mapper, theirs))
            changed = sorted(set(_changes(before, after)))
            found.mapped += 1
            found.changed += bool(changed)
            for kind, subject in changed:
                found.groups.setdefault((kind, subject), Group()).add(record.key)
                yield [source.name, record.key, kind, subject]
            if found.mapped % SHOWN_EVERY == 0:
                progress(found.mapped)
    progress(found.mapped)


def _other_mapper(other: Site, source: OpenSource) -> Mapper:
    named = {source_id: name for name, source_id in other.source_ids().items()}
    if source.id not in named:
        raise SiteError(f"{other.path} không có nguồn mang id {source.id}; có: {', '.join(sorted(named))}.")
    settings = other.settings.sources[named[source.id]]
    profile, file = load_profile(settings.profile, other.path), agencies_file(other)
    agencies = read_agencies(file) if file.exists() else draft_agencies(source.references, profile)
    # a version from before the first sweep has no map yet: as with the agencies, it would be drafted alike
    cases = site_cases(other if case_states_file(other.path).exists() else source.site)
    encodings = source_encodings(other, source.id) or source.encodings
    return build_source_mapper(other, profile, settings.zone, source.id, source.references, agencies, cases, encodings)


def _outcome(mapper: Mapper, record: Record, moment: datetime) -> Exclusion | Mapped:
    excluded = mapper.scope(record.key, record.row, record.children)
    if excluded is not None:
        return excluded
    mapped = mapper.map(record.key, record.row, record.children, moment)
    return mapped.exclusion or mapped


def _changes(before: Exclusion | Mapped, after: Exclusion | Mapped) -> Iterator[tuple[str, str]]:
    """(kind, subject) of everything in which the second outcome is another."""
    if isinstance(before, Exclusion) or isinstance(after, Exclusion):
        was, now = _rule(before), _rule(after)
        if was != now:
            yield "scope", now
        return
    if before.dossier is not None and after.dossier is not None:
        for difference in compare(encode(before.dossier), encode(after.dossier)):
            yield "field", field_pattern(difference.field)
    gone, new = Counter(i.code for i in before.issues), Counter(i.code for i in after.issues)
    yield from (("issue_new", code) for code in new - gone)
    yield from (("issue_gone", code) for code in gone - new)
    if _is_stopped(before.issues) != _is_stopped(after.issues):
        yield "tray", t.QUARANTINED if _is_stopped(after.issues) else t.MAPPED


def _rule(outcome: Exclusion | Mapped) -> str:
    return outcome.rule if isinstance(outcome, Exclusion) else "in_scope"


def _is_stopped(issues: tuple[Issue, ...]) -> bool:
    return any(issue.severity is Severity.ERROR for issue in issues)


def print_found(found: WhatIf) -> None:
    """The groups, most dossiers first; values are personal and stay out."""
    if not found.changed:
        screen.say(f"Không hồ sơ nào đổi trong {screen.number(found.mapped)} hồ sơ của sổ cái.")
        return
    rows = [
        [f"{KIND_NAMES[g['kind']]} {g['subject']}", screen.number(g["dossiers"]), ", ".join(g["keys"])]
        for g in found.to_json()["groups"]
    ]
    title = f"{screen.number(found.changed)} trong {screen.number(found.mapped)} hồ sơ sẽ đổi"
    screen.out().print(screen.table(title, ["Thay đổi", "Hồ sơ", "Ví dụ (khóa cũ)"], rows))
