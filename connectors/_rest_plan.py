"""What a declared target speaks, as plain data: its calls, its words for ours, and what an answer of it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Files = Literal["first", "after", "never"]
"""When a target takes the files of a dossier: before it, after it, or not at all."""


@dataclass(frozen=True)
class Call:
    """One call. ``path`` may name {uid}, {number}, {id}, {file}, {offset}, {end}, {limit}, {page}."""

    method: str
    path: str
    send: Literal["", "form", "json"] = ""  # how the fields travel
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """Their field for one of ours (``ours``: path in the body).

    ``is_copy``: shown to their users only, ours stays in the rest, too. A text over ``longest`` goes there whole.
    """

    theirs: str
    ours: str
    kind: Literal["text", "instant", "code"] = "text"
    codes: Mapping[str, str] = field(default_factory=dict)  # ours → theirs
    is_number: bool = False
    is_copy: bool = False
    longest: int = 0


@dataclass(frozen=True)
class Meaning:
    """What an answer means. ``ok``, ``data``: names in the envelope, "" when there is none."""

    forbidden: frozenset[int] = frozenset({203, 401, 403})
    refused: frozenset[int] = frozenset({400, 409, 413, 422})
    retryable: frozenset[int] = frozenset({429, 500, 502, 503, 504})
    ok: str = ""
    data: str = ""


@dataclass(frozen=True)
class TargetPlan:
    """A target as its profile declares it. ``calls``: probe, find, list, create; update, find_number, upload, …

    Our own key travels in ``uid_field``; with ``marks_text`` it stands there in brackets before the text itself.
    """

    name: str
    title: str
    calls: Mapping[str, Call]
    words: tuple[Word, ...]
    uid_field: str
    id_field: str
    rest_field: str
    marks_text: bool = False
    number_field: str = ""
    meaning: Meaning = Meaning()
    headers: Mapping[str, str] = field(default_factory=dict)
    write_times: Literal["epoch_ms", "iso"] = "iso"
    read_times: Literal["epoch_ms", "iso", "dmy"] = "iso"
    lost: frozenset[str] = frozenset()  # top-level names of the body that are not sent at all
    files: Files = "never"
    volatile: frozenset[str] = frozenset()  # their fields that change by themselves
