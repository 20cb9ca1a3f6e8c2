"""Parts of a passport beside its fields: who decided, what was found, the files, what the comparison says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from mappings.model import Dossier, Issue
from mappings.personal import Kind, kinds, mask, wire_kinds
from mappings.verdicts import MARK, THEN
from validations import passport_words as words
from validations.canonical import field_pattern
from validations.compare import WORKED_ON, Difference
from validations.passport import Changed, Facts, FileLine, Finding, Ground
from validations.remedies import look_up
from validations.report_words import SEVERITIES
from validations.telling import Teller


def decisions(facts: Facts, dossier: Dossier | None) -> Iterator[Ground]:
    wanted = []
    status = facts.trace.way("status")
    if status is not None and status.way != "source":
        wanted.append("status")
    if dossier is not None and dossier.handling_rule:
        wanted += [f"agency:{dossier.receiving_agency.code}", *dossier.handling_rule.split(THEN)]
    wanted += [key for key in facts.grounds if key.startswith("site:")]
    for key in wanted:
        if key in facts.grounds:
            yield facts.grounds[key]
        elif key.startswith(MARK):
            yield Ground(f"Quyết định {key.removeprefix(MARK)} (tệp nay không còn)")


def finding(stage: str, issue: Issue) -> Finding:
    found = look_up(issue.code)
    path = issue.field
    where = path and words.label(path, *words.place(path))
    severity = SEVERITIES.get(issue.severity, issue.severity)
    return Finding(
        issue.code,
        found.title,
        severity,
        where,
        issue.about,
        found.remedy,
        found.who,
    )


def files(facts: Facts, dossier: Dossier | None, teller: Teller) -> Iterator[FileLine]:
    if dossier is None:
        return
    lists: Sequence[tuple[str, Sequence[Any]]] = (
        ("Giấy tờ đã nộp", dossier.papers), ("Kết quả", dossier.results), ("Phiếu", dossier.documents)
    )  # fmt: skip
    for belongs, parts in lists:
        for part in parts:
            file = part.attachment
            if file is None:
                continue
            sha256, size = facts.files.get(file.locator, ("", file.size))
            state = "đã mất ở phần mềm cũ" if file.is_missing else "đã chuyển" if sha256 else "chưa chuyển"
            name = teller.shown("file", file.name)
            yield FileLine(name, f"{belongs} {part.key}", file.locator, size, sha256, state, file.is_missing)


def comparison(facts: Facts) -> str:
    """What the last comparison found, and who has accepted it."""
    accepted = f" Đã có người chấp nhận: {'; '.join(facts.acceptances)}." if facts.acceptances else ""
    return _compared(facts) + accepted


def _compared(facts: Facts) -> str:
    if any(found.kind == WORKED_ON for found in facts.differences):
        return "Cán bộ đã làm tiếp trên hồ sơ này ở hệ thống mới sau khi chuyển; nội dung không so nữa."
    if facts.state == "MATCHED":
        return "Đọc lại từ hệ thống mới bằng đường riêng: không có khác biệt nào."
    if facts.differences:
        return f"Đọc lại từ hệ thống mới: {len(facts.differences)} chỗ khác."
    if facts.state == "VANISHED":
        return "Hồ sơ không còn ở phần mềm cũ thì không đối soát nữa."
    return "" if facts.exclusion else "Chưa đối soát."


def changed(found: Difference, *, is_masked: bool) -> Changed:
    pattern = field_pattern(found.field)
    kind: Kind = "open" if found.kind in ("time", "attachment") else wire_kinds().get(pattern, "text")
    old, new = ((mask(kind, text) if is_masked else text) for text in map(local_moment, (found.old, found.new)))
    said = look_up(found.kind, "differences")
    return Changed(said.title, _WIRE_LABELS.get(pattern, ""), found.field, old, new, said.remedy)


def local_moment(text: str) -> str:
    """An instant of the canonical form as local wall time; any other text as it is."""
    if len(text) == 20 and text.endswith("Z") and text[10] == "T":
        try:
            return words.moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text


def _wire_labels() -> dict[str, str]:
    paths = dict(zip(wire_kinds(), kinds(), strict=True))
    return {wire: words.label(path, *words.place(path)) for wire, path in paths.items()}


_WIRE_LABELS: Final = _wire_labels()
