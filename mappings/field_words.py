"""What the name of a column must say before it may fill a field at all: without it a likeness is chance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MUST: Final[Mapping[str, str]] = {
    "applicant.kind": "kind applicant|owner|filer", "applicant.phone": "phone|mobile|landline|contact",
    "applicant.identity.number": "identity|applicant|owner|filer", "applicant.contact_name": "contact|filer",
    "applicant.sex": "sex", "applicant.born": "birth", "duration": "duration", "duration_unit": "unit|kind",
    "channel": "channel|online", "return_by": "postal|return|shipping", "agency.code": "agency|department",
    "agency.name": "agency|department", "procedure_name": "name", "process": "flow|process|case",
    "template": "template", "lock_state": "lock|stop", "title": "dossier", "open_step": "step",
    "answered_at": "supplement|answer", "cancel_requested_at": "cancel", "correction_requested_at": "correct",
    "extended_at": "extend", "refused_at": "refuse", "processing_at": "start|process", "due_at": "due",
    "completed_at": "release|end|finish", "finished_at": "finish|return|actual",
    "papers.code": "code|number", "papers.name": "name", "papers.is_original": "origin", "papers.kind": "kind",
    "papers.mark": "mark|scan", "results.number": "number|code", "results.name": "name|summary",
    "documents.name": "name", "documents.code": "code|number", "steps.step": "step|present", "steps.step_name": "name",
    "steps.from_step": "from", "steps.due_at": "due|expire", "fees.service": "procedure", "fees.shipping": "shipping",
    "fees.total": "amount|pay",
}  # fmt: skip
"""Field → words, each of which (or one of its alternatives) the name must say."""
_MUST_OF_ANY: Final[Mapping[str, str]] = {
    "issued_on": "issue|sign|paper", "identity.issued_on": "identity", "is_removed": "remove",
    "is_rolled_back": "remove|rollback", "attachment.name": "name", "province.code": "province",
    "province.name": "province", "district.code": "district", "district.name": "district", "commune.code": "commune",
    "commune.name": "commune",
}  # fmt: skip
"""The same for a field of any part or list, by the last of its name."""
_MUST_NOT: Final[Mapping[str, frozenset[str]]] = {
    "title": frozenset({"status", "kind", "case", "code"}), "steps.action": frozenset({"status"}),
    "open_step": frozenset({"from", "name"}), "processing_at": frozenset({"action"}),
}  # fmt: skip
_OTHERS: Final = frozenset({"actor", "author"})


def may_not_say(field: str) -> frozenset[str]:
    """Concepts that tell of something else, or of somebody else than the applicant."""
    return _MUST_NOT.get(field) or (_OTHERS if field.startswith("applicant.") else frozenset())


def must_say(field: str) -> tuple[frozenset[str], ...]:
    """Sets of concepts of each of which a column must say one."""
    parts = field.split(".")
    said = _MUST.get(field) or _MUST_OF_ANY.get(".".join(parts[-2:])) or _MUST_OF_ANY.get(parts[-1], "")
    return tuple(frozenset(word.split("|")) for word in said.split())
