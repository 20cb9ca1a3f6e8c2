"""What a kind of dirt is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life

Spoil = Callable[[Life, Case, int], None]


@dataclass(frozen=True)
class Kind:
    """One kind of dirt: the issue code or scope rule that must find it, and the outcome for its dossier.

    ``untouched`` dossiers look suspicious and are right: nothing may find them, and ``code`` is empty.
    """

    name: str
    code: str
    outcome: str  # excluded | quarantined | warned | normalised | untouched
    share: float  # of all dossiers
    spoil: Spoil
    wish: Mapping[str, object] = field(default_factory=dict)
    wish_by: Callable[[Life, int], Mapping[str, object]] | None = None  # the part that depends on the number
    is_rule: bool = False  # ``code`` names a scope rule
    dialects: tuple[str, ...] = ("sqlite", "mysql", "postgresql")
    size: int = 1  # dossiers made at a time
    shares_code: bool = False  # those made at a time bear one dossier code
