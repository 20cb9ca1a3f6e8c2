"""When a run stops because too much goes wrong: classes of trouble, each with the limits that a site declares.

A single dossier with trouble goes into quarantine and the run goes on. Many of one class are a cause of their own (a
wrong mapping, a target that changed its rules): going on would only fill the tray. A stop is clean: every batch before
it is recorded, nothing is claimed, and the next run goes on where this one stood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from mappings.model import Issue, Severity

Kind = Literal["data", "truncation", "target", "attachment"]
KINDS: Final[Mapping[Kind, str]] = {
    "data": "dữ liệu",
    "truncation": "giá trị quá dài",
    "target": "hệ thống mới từ chối",
    "attachment": "tệp đính kèm",
}
ENOUGH: Final = 100
"""Dossiers a stage must have handled before a share of them says anything."""
_TOO_LONG: Final = frozenset({"value_too_long", "string_too_long", "too_long"})


class Limit(BaseModel):
    """How much trouble of one class a run bears. Nothing declared: any number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stop_after: Annotated[int, Field(ge=0)] | None = None  # dossiers of one run
    stop_at_percent: Annotated[float, Field(ge=0, le=100)] | None = None  # of those that a stage handled in this run


GONE: Final = "attachment_gone"
UNREADABLE: Final = "attachment_unreadable"
EMPTY: Final = "attachment_empty"
TOO_LARGE: Final = "attachment_too_large"
REFUSED: Final = "attachment_refused"
UNLIKE: Final = "attachment_type_unlike"
ALTERED: Final = "attachment_altered"
LOST_FILES: Final = (GONE, UNREADABLE, TOO_LARGE, REFUSED, ALTERED)
"""Troubles after which the target does not have the file."""

FileTrouble = Literal["gone", "unreadable", "empty", "too_large", "refused", "type_unlike"]


class AttachmentPolicy(Limit):
    """``errors.attachment``. ``blocks``: troubles of a file that hold its dossier back; with the others it goes on.

    ``max_mb``: larger files are not sent; None: as large as the target takes them. A file that the target holds with
    other bytes than were sent always holds its dossier back.
    """

    blocks: tuple[FileTrouble, ...] = ("gone", "unreadable", "too_large", "refused")
    max_mb: Annotated[int, Field(ge=1)] | None = None

    def holds_back(self, code: str) -> bool:
        """Whether a trouble of this code stops the dossier."""
        return code == ALTERED or code.removeprefix("attachment_") in self.blocks


class ErrorPolicy(BaseModel):
    """``errors`` of site.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Limit = Limit()
    truncation: Limit = Limit()
    target: Limit = Limit()
    attachment: AttachmentPolicy = AttachmentPolicy()

    def limit(self, kind: Kind) -> Limit:
        """The limit of a class."""
        found: Limit = getattr(self, kind)
        return found


class TooMuchTrouble(Exception):
    """A run stopped by the policy of its site. The message is Vietnamese and says what to do next."""


def kind_of(issue: Issue) -> Kind:
    """The class of a finding that stops its dossier."""
    if issue.code in _TOO_LONG or (issue.code == "refused_by_target" and issue.about in _TOO_LONG):
        return "truncation"
    if issue.code.startswith("attachment_"):
        return "attachment"
    return "target" if issue.code in ("refused_by_target", "worked_on_in_new_system") else "data"


class Watch:
    """Counts the trouble of one run."""

    def __init__(self, policy: ErrorPolicy, site: str) -> None:
        self._policy, self._site = policy, site
        self._handled: Counter[str] = Counter()
        self._found: Counter[tuple[str, Kind]] = Counter()

    def judge(self, stage: str, outcomes: Iterable[Sequence[Issue]]) -> None:
        """Count a recorded batch, the issues of each dossier; raises TooMuchTrouble when a limit is passed."""
        for issues in outcomes:
            self._handled[stage] += 1
            kinds = {kind_of(issue) for issue in issues if issue.severity is Severity.ERROR}
            self._found.update((stage, kind) for kind in kinds)
        for kind, name in KINDS.items():
            limit, found = self._policy.limit(kind), self._found[(stage, kind)]
            handled = self._handled[stage]
            whole = sum(n for (_, other), n in self._found.items() if other == kind)
            if limit.stop_after is not None and whole > limit.stop_after:
                raise self._stop(kind, f"{whole} hồ sơ vướng {name}, quá stop_after: {limit.stop_after}")
            share = limit.stop_at_percent
            if share is not None and handled >= ENOUGH and found * 100 > share * handled:
                what = f"{found} trong {handled} hồ sơ ở bước {stage} vướng {name}, quá stop_at_percent: {share:g}"
                raise self._stop(kind, what)

    def _stop(self, kind: Kind, what: str) -> TooMuchTrouble:
        return TooMuchTrouble(
            f"Dừng theo errors.{kind} của site.yaml: {what}. Sổ cái nguyên vẹn, không gì bị mất. "
            f"Xem nguyên nhân: lienthong quarantine {self._site}. Sửa nguyên nhân, hoặc nới giới hạn, rồi chạy lại: "
            "lượt sau làm tiếp."
        )
