"""Files on their way to the new system: judged, sent side by side, recorded as they arrive.

A trouble with a file is of a class of its own. The site says which classes hold the dossier back; with the others the
dossier goes on, with a warning and, where the file could not be delivered, with the mark that it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from connectors.base import Refused, Target, Unreadable
from flows.asking import Place
from flows.attachments import Hashing, attachments_of, keep_attachments, known_attachments, stamp
from flows.error_policy import ALTERED, EMPTY, GONE, REFUSED, TOO_LARGE, UNLIKE, UNREADABLE, AttachmentPolicy
from flows.ledger import Item, Ledger
from flows.workplace import OpenSource
from mappings.file_kinds import clean_name, unlike
from mappings.model import Attachment, Issue, Severity, decode

RECORDED_AT_ONCE: Final = 64
"""Files after which the ledger learns what was delivered: so many at most are sent again after a kill."""
_TOO_LARGE: Final = frozenset({"file_too_large", "body_too_large", "http_413"})  # as targets say it


@dataclass
class Delivered:
    """What became of the files of a batch, by dossier."""

    held_back: dict[Place, list[Issue]] = field(default_factory=dict)
    warned: dict[Place, list[Issue]] = field(default_factory=dict)
    left: dict[Place, set[str]] = field(default_factory=dict)  # locators without which the dossier goes

    def note(self, where: Place, locator: str, issue: Issue, *, is_there: bool) -> None:
        """Enter one trouble. ``is_there``: the target has the file nevertheless."""
        if issue.severity is Severity.ERROR:
            self.held_back.setdefault(where, []).append(issue)
            return
        self.warned.setdefault(where, []).append(issue)
        if not is_there:
            self.left.setdefault(where, set()).add(locator)


@dataclass(frozen=True)
class _Job:
    """One file to deliver."""

    where: Place
    attachment: Attachment


@dataclass(frozen=True)
class _Answer:
    """How it went: what the target computed, "" when it does not have the file; the trouble, if any."""

    sha256: str
    size: int
    issue: Issue | None


@dataclass(frozen=True)
class FileSender:
    """Delivers files, ``at_once`` of them side by side, whichever dossier they belong to."""

    ledger: Ledger
    target: Target
    sources: Sequence[OpenSource]
    policy: AttachmentPolicy
    at_once: int

    def send(self, items: Sequence[Item], bodies: Mapping[Place, bytes]) -> Delivered:
        """Deliver what the target does not have yet. Raises Unavailable, Forbidden; what arrived before is recorded."""
        known, found = known_attachments(self.ledger, items), Delivered()
        jobs = []
        for item in items:
            where = (item.source_id, item.key)
            for attachment in attachments_of(decode(bodies[where])):
                sent = known.get((*where, attachment.locator))
                if sent is None or not sent.sha256 or sent.stamp != stamp(attachment):
                    jobs.append(_Job(where, attachment))
                elif sent.trouble:  # it went with a warning, which stands as long as the file does
                    found.note(where, attachment.locator, self._trouble(sent.trouble, sent.about), is_there=True)
        for job, answer in self._deliver(jobs):
            if answer.issue:
                found.note(job.where, job.attachment.locator, answer.issue, is_there=bool(answer.sha256))
        return found

    def remembered(self, items: Sequence[Item]) -> dict[Place, list[Issue]]:
        """The warnings with which the files of dossiers went that have arrived already."""
        warned: dict[Place, list[Issue]] = {}
        for (source_id, key, _), sent in known_attachments(self.ledger, items).items():
            if sent.trouble:
                issue = Issue(sent.trouble, "attachments", Severity.WARNING, sent.about)
                warned.setdefault((source_id, key), []).append(issue)
        return warned

    def _trouble(self, code: str, about: str) -> Issue:
        severity = Severity.ERROR if self.policy.holds_back(code) else Severity.WARNING
        return Issue(code, "attachments", severity, about)

    def _deliver(self, jobs: Sequence[_Job]) -> Iterator[tuple[_Job, _Answer]]:
        """Every job with its answer, in order; recorded in the ledger as they come."""
        rows = []
        with ThreadPoolExecutor(self.at_once) as pool:
            try:
                for job, answer in zip(jobs, pool.map(self._deliver_one, jobs), strict=True):
                    yield job, answer
                    if answer.issue is None or answer.issue.severity is not Severity.ERROR:
                        rows.append(_row(job, answer))
                    if len(rows) == RECORDED_AT_ONCE:
                        keep_attachments(self.ledger, rows)
                        rows = []
            finally:
                keep_attachments(self.ledger, rows)

    def _deliver_one(self, job: _Job) -> _Answer:
        locator = job.attachment.locator
        source = next(s for s in self.sources if s.id == job.where[0])
        limit = self.policy.max_mb
        if limit is not None and job.attachment.size > limit << 20:
            return _Answer("", 0, self._trouble(TOO_LARGE, locator))
        try:
            with source.connector.open_file(locator) as stream:
                return self._send(job, Hashing(stream))
        except FileNotFoundError:
            return _Answer("", 0, self._trouble(GONE, locator))
        except Unreadable:
            return _Answer("", 0, self._trouble(UNREADABLE, locator))
        except Refused as error:
            reason = error.reasons[0][1] if error.reasons else ""
            code = TOO_LARGE if reason in _TOO_LARGE else REFUSED
            return _Answer("", 0, self._trouble(code, locator if code == TOO_LARGE else reason))

    def _send(self, job: _Job, reader: Hashing) -> _Answer:
        issue = self._look(job.attachment, reader.head())
        if issue and issue.severity is Severity.ERROR:
            return _Answer("", 0, issue)
        faults, file = self.ledger.faults, job.attachment
        with faults.around("attachment"):
            around_part = partial(faults.around, "attachment_part")
            name = clean_name(file.name)
            sha256, size = self.target.upload(*job.where, file.locator, name, reader, around_part)
        if (sha256, size) != (reader.hexdigest(), reader.size):
            return _Answer("", 0, self._trouble(ALTERED, file.locator))
        return _Answer(sha256, size, issue)

    def _look(self, file: Attachment, head: bytes) -> Issue | None:
        """What the first bytes of a file say against it."""
        if not head:
            return self._trouble(EMPTY, file.locator)
        kinds = unlike(file.name, head)
        return self._trouble(UNLIKE, kinds) if kinds else None


def _row(job: _Job, answer: _Answer) -> dict[str, object]:
    source_id, key = job.where
    trouble, about = (answer.issue.code, answer.issue.about) if answer.issue else ("", "")
    return {
        "source_id": source_id, "key": key, "locator": job.attachment.locator, "stamp": stamp(job.attachment),
        "sha256": answer.sha256, "size": answer.size, "trouble": trouble, "about": about[:200],
    }  # fmt: skip
