"""Which fields of the new schema are personal, and how a personal value is shown without being told.

Declared once, for everything that shows values: `explain`, its page, and whatever comes. Text that nobody declared is
taken for personal: a new field is masked until somebody says that it is open.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec

from mappings.model import Dossier
from mappings.profile import Profile
from mappings.spec import AddressColumns, FileColumns, Group, Value, struct_type

Kind = Literal["open", "name", "id", "phone", "email", "address", "birth", "file", "text"]

PERSONAL: Final[Mapping[str, Kind]] = {
    "Applicant.name": "name", "Applicant.name_original": "name", "Applicant.contact_name": "name",
    "Applicant.phone": "phone", "Applicant.phone_original": "phone", "Applicant.email": "email",
    "Applicant.born": "birth", "Applicant.sex": "text",
    "Delegate.name": "name", "Delegate.name_original": "name",
    "Delegate.phone": "phone", "Delegate.phone_original": "phone", "Delegate.email": "email",
    "Identity.number": "id", "Address.text": "address", "Attachment.name": "file", "Postal.phone": "phone",
    "Step.actor": "name", "SupplementRound.requested_by": "name",
}  # fmt: skip
"""Struct and field → what it holds. Other text that is not OPEN is "text"."""

OPEN: Final[frozenset[str]] = frozenset({
    "UnitRef.code", "UnitRef.catalogue", "UnitRef.name", "AgencyRef.code", "AgencyRef.catalogue", "AgencyRef.name",
    "AgencyRef.level", "Identity.kind", "Applicant.kind", "Attachment.locator", "Attachment.media_type",
    "Attachment.version", "Paper.key", "Paper.code", "Paper.component", "Paper.kind", "Paper.mark", "Result.key",
    "Result.origin", "Result.code", "Step.key", "Step.action_code", "Step.action", "Step.from_step", "Step.step",
    "Step.step_name", "Step.status", "Step.assignees", "Fee.key", "Fee.name", "Fee.status", "Fee.method",
    "Fee.invoice_no",
    "SupplementRound.key", "Pause.key", "Request.key", "Request.kind", "Request.state", "Document.key",
    "Document.kind", "Document.code", "Link.kind", "Link.value", "Postal.state", "Postal.service",
    "Dossier.source_id", "Dossier.key", "Dossier.code", "Dossier.old_status", "Dossier.procedure_code",
    "Dossier.channel", "Dossier.filed_from", "Dossier.handling_rule", "Dossier.duration", "Dossier.duration_unit",
    "Dossier.procedure_name", "Dossier.old_procedure_code", "Dossier.process", "Dossier.template", "Dossier.open_step",
    "Dossier.lock_state", "Dossier.return_by", "Dossier.next_step", "Dossier.next_role", "Dossier.case_rule",
    "ProcedureVersion.code", "ProcedureVersion.catalogue", "ProcedureVersion.name", "ProcedureVersion.decision",
})  # fmt: skip
"""Text that says nothing about a person: codes, keys, names of offices, procedures and steps."""


def is_declared(struct: str, field: str) -> bool:
    """Whether somebody has said what a field holds."""
    return f"{struct}.{field}" in PERSONAL or f"{struct}.{field}" in OPEN


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """Path in the new schema (``papers.attachment.name``) → what it holds."""
    return {path: kind for path, _, kind in _leaves("", "", Dossier)}


@functools.cache
def wire_kinds() -> Mapping[str, Kind]:
    """Path in the portal's words without list keys (``TaiLieuNop[].TepDinhKem.TenTepDinhKem``) → what it holds."""
    return {wire: kind for _, wire, kind in _leaves("", "", Dossier)}


def _leaves(path: str, wire: str, struct: type[msgspec.Struct]) -> Iterator[tuple[str, str, Kind]]:
    hints = typing.get_type_hints(struct)
    for field in msgspec.structs.fields(struct):
        own = f"{path}.{field.name}" if path else field.name
        named = f"{wire}.{field.encode_name}" if wire else field.encode_name
        hint: Any = struct_type(hints[field.name])
        inner = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _leaves(own, f"{named}[]", inner)
        elif isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _leaves(own, named, hint)
        else:
            yield own, named, _kind(f"{struct.__name__}.{field.name}", hint)


def _kind(field: str, hint: Any) -> Kind:
    said = PERSONAL.get(field)
    if said:
        return said
    return "open" if field in OPEN or hint in (int, bool, date, datetime) else "text"


# ---------------------------------------------------------------- columns of the old system


def column_kinds(profile: Profile) -> dict[str, Kind]:
    """Old column → what it holds, by the fields that it fills; the first personal one counts.

    A column that fills no field is not in it: nobody knows what it holds.
    """
    found: dict[str, Kind] = {}
    groups = [("", profile.dossier), *((_list_name(profile, items), items.fields) for items in profile.lists())]
    for path, group in groups:
        for own, part in _parts(path, group):
            kind = kinds().get(own, "text")
            for _, column in part.uses():
                if found.get(column, "open") == "open":
                    found[column] = kind
    for test in _tested(profile):
        found.setdefault(test, "open")
    return found


def _list_name(profile: Profile, wanted: Any) -> str:
    lists = ("papers", "results", "steps", "fees", "requests", "documents")
    return next(name for name in lists if any(items is wanted for items in getattr(profile, name)))


def _parts(path: str, group: Group) -> Iterator[tuple[str, Any]]:
    for name, part in group.parts():
        own = f"{path}.{name}" if path else name
        if isinstance(part, Group):
            yield from _parts(own, part)
        elif isinstance(part, AddressColumns):
            if part.text:
                yield f"{own}.text", part.text
            yield from ((f"{own}.commune.code", unit) for unit in (part.province, part.district, part.commune) if unit)
        elif isinstance(part, FileColumns):
            yield f"{own}.name", part.name
            yield from ((f"{own}.media_type", more) for more in (part.media_type, part.version) if more)
        elif isinstance(part, Value):
            yield own, part


def _tested(profile: Profile) -> Iterator[str]:
    """Columns that decide about scope, status, procedure, agency, filing and links: codes and dates."""
    words = (profile.filed, profile.status, profile.procedure, profile.agency, *profile.scope, *profile.choices)
    for word in (*words, *profile.links):
        for _, column in word.uses():
            yield column


# ---------------------------------------------------------------- masks


def mask(kind: Kind, text: str) -> str:
    """A personal value as it may be shown: enough to recognise it beside the paper, not enough to learn it."""
    if not text or kind == "open":
        return text
    return _MASKS[kind](text)


def _ends(text: str, *, ahead: int, behind: int) -> str:
    hidden = len(text) - ahead - behind
    if hidden < 3:
        return "*" * len(text)
    return f"{text[:ahead]}{'*' * hidden}{text[len(text) - behind :]}"


def _name(text: str) -> str:
    first, *others = text.split()
    return " ".join([first, *(word if len(word) == 1 else f"{word[0]}**" for word in others)])


def _email(text: str) -> str:
    local, at, domain = text.partition("@")
    return f"{local[:1]}***{at}{domain}"


def _length(text: str) -> str:
    return f"({len(text)} ký tự)"


def _file(text: str) -> str:
    stem, dot, ending = text.rpartition(".")
    is_ending = dot and len(ending) <= 5 and ending.isascii() and ending.isalnum()
    return f"***.{ending}" if stem and is_ending else _length(text)


_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": lambda text: _name(text) if text.strip() else text,
    "id": functools.partial(_ends, ahead=3, behind=3),
    "phone": functools.partial(_ends, ahead=3, behind=3),
    "email": _email,
    "address": _length,
    "birth": lambda text: f"**/**/{text[:4] if text[:4].isdigit() else text[-4:]}",  # 1985-03-02, 02/03/1985, 1985
    "file": _file,
    "text": _length,
}
