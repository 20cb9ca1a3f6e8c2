"""A dossier in a declared target's words and back again: what is written must read back as the same dossier."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from typing import Any, Final

import msgspec

from connectors._rest_plan import TargetPlan, Word
from connectors.base import Push, Stored

LOCAL: Final = timezone(timedelta(hours=7))
DMY: Final = "%d/%m/%Y %H:%M:%S"
_MARK: Final = re.compile(r"\[([^\[\]]+)\] ?(.*)", re.DOTALL)


def uid_of(source_id: str, key: str) -> str:
    """Our own key, as a target keeps it beside the dossier."""
    return f"{source_id}:{key}".replace("[", "%5B").replace("]", "%5D")  # brackets mark it in a text


class Words:
    """What one plan says, in both directions."""

    def __init__(self, plan: TargetPlan) -> None:
        self._plan = plan

    def write(self, push: Push) -> dict[str, str]:
        """Every field of theirs; "" where the dossier says nothing, so that an older value does not stay."""
        rest = msgspec.json.decode(push.body)
        wanted: dict[str, str] = {}
        for word in self._plan.words:
            wanted[word.theirs] = self._written(word, rest)
        for name in self._plan.lost:
            rest.pop(name, None)
        wanted[self._plan.rest_field] = json.dumps(rest, ensure_ascii=False, sort_keys=True)
        uid = uid_of(push.source_id, push.key)
        text = wanted.get(self._plan.uid_field, "") if self._plan.marks_text else ""
        wanted[self._plan.uid_field] = f"[{uid}] {text}" if self._plan.marks_text else uid
        return wanted

    def _written(self, word: Word, rest: dict[str, Any]) -> str:
        """Their text for this word; ours leaves the rest unless it must stay there, too."""
        value = _at(rest, word.ours)
        if value is None or value == "" or (word.longest and len(str(value)) > word.longest):
            return ""
        if not word.is_copy:
            _drop(rest, word.ours)
        if word.kind == "code":
            return word.codes[str(value)] if word.is_number or str(value) in word.codes else ""
        return self._instant(str(value)) if word.kind == "instant" else str(value)

    def _instant(self, text: str) -> str:
        at = datetime.fromisoformat(text)
        return str(int(at.timestamp() * 1000)) if self._plan.write_times == "epoch_ms" else at.isoformat()

    def uid(self, held: Mapping[str, Any]) -> str:
        """Our key in what is held; "" when the dossier is none of ours."""
        text = _text(held.get(self._plan.uid_field))
        if not self._plan.marks_text:
            return text
        found = _MARK.fullmatch(text)
        return found[1] if found else ""

    def id(self, held: Mapping[str, Any]) -> str:
        """Their own id."""
        return _text(held.get(self._plan.id_field))

    def version(self, held: Mapping[str, Any]) -> str:
        """A name for exactly this content: the target gives none that could be believed."""
        lasting = {name: value for name, value in held.items() if name not in self._plan.volatile}
        return blake2b(json.dumps(lasting, sort_keys=True).encode(), digest_size=8).hexdigest()

    def differing(self, wanted: Mapping[str, str], held: Mapping[str, Any]) -> Iterator[str]:
        """Our name of every field that is not held as it was written."""
        for word in self._plan.words:
            if word.theirs != self._plan.uid_field and not self._is_same(word, wanted[word.theirs], held):
                yield word.ours
        if _text(held.get(self._plan.uid_field)) != wanted[self._plan.uid_field]:
            yield self._plan.uid_field
        if _rest(held.get(self._plan.rest_field)) != _rest(wanted[self._plan.rest_field]):
            yield self._plan.rest_field

    def _is_same(self, word: Word, wanted: str, held: Mapping[str, Any]) -> bool:
        found = _text(held.get(word.theirs))
        if word.kind != "instant" or not wanted or not found:
            return found == wanted
        return _parse(found, self._plan.read_times) == _parse(wanted, self._plan.write_times)

    def stored(
        self, source_id: str, key: str, held: Mapping[str, Any], files: tuple[tuple[str, str, int], ...]
    ) -> Stored:
        """The dossier in our words again."""
        body = _rest(held.get(self._plan.rest_field))
        for word in self._plan.words:
            text = self._shown(word, held)
            if text and not word.is_copy:
                _put(body, word.ours, self._read(word, text))
        return Stored(source_id, key, self.id(held), self.version(held), msgspec.json.encode(body), files)

    def _shown(self, word: Word, held: Mapping[str, Any]) -> str:
        text = _text(held.get(word.theirs))
        found = _MARK.fullmatch(text) if self._plan.marks_text and word.theirs == self._plan.uid_field else None
        return found[2] if found else text

    def _read(self, word: Word, text: str) -> Any:
        if word.kind == "instant":
            at = _parse(text, self._plan.read_times)
            return text if at is None else at.astimezone(LOCAL).isoformat()
        ours = {theirs: ours for ours, theirs in word.codes.items()}.get(text, text) if word.kind == "code" else text
        return int(ours) if word.is_number and ours.isdecimal() else ours


def _parse(text: str, form: str) -> datetime | None:
    """The instant of a text in one of the forms; None when it is none."""
    try:
        if form == "epoch_ms":
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        at = datetime.strptime(text, DMY) if form == "dmy" else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def _text(value: Any) -> str:
    """A value as text: some one-stops write a text of digits as a number."""
    return "" if value is None else str(value)


def _rest(value: Any) -> dict[str, Any]:
    """The JSON in a text field; empty when it is none."""
    if isinstance(value, dict):
        return deepcopy(value)
    try:
        found = json.loads(value or "{}")
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _drop(body: dict[str, Any], path: str) -> None:
    *above, last = path.split(".")
    for name in above:
        body = body[name]
    del body[last]


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for name in above:
        body = body.setdefault(name, {})
    body[last] = value
