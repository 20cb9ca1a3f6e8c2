"""What a kind of dirt is, and what a dossier must be like to bear it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from connectors.rehearsal.story import Setting, Wish

L = TypeVar("L")
C = TypeVar("C")


@dataclass(frozen=True)
class Kind(Generic[L, C]):
    """One kind of dirt: the issue code or scope rule that must find it, and the outcome for its dossier.

    ``untouched`` dossiers look suspicious and are right: nothing may find them, and ``code`` is empty. ``L`` makes the
    dossiers of a software, ``C`` is one of them.
    """

    name: str
    code: str
    outcome: str  # excluded | quarantined | warned | normalised | untouched
    share: float  # of all dossiers
    spoil: Callable[[L, C, int], None]
    wish: Mapping[str, object] = field(default_factory=dict)
    wish_by: Callable[[L, int], Mapping[str, object]] | None = None  # the part that depends on the number
    is_rule: bool = False  # ``code`` names a scope rule
    dialects: tuple[str, ...] = ("sqlite", "mysql", "postgresql", "mssql")
    size: int = 1  # dossiers made at a time
    shares_code: bool = False  # those made at a time bear one dossier code
    needs_files: bool = False


def usable(kinds: tuple[Kind[L, C], ...], dialect: str, *, with_files: bool) -> tuple[Kind[L, C], ...]:
    """The kinds of dirt that this database can hold."""
    return tuple(kind for kind in kinds if dialect in kind.dialects and (with_files or not kind.needs_files))


def wish_of(kind: Kind[L, C], wish: Wish, life: L, number: int) -> Wish:
    """What a dossier of this kind must be like. Commune level: an open competence would be a second finding."""
    settled: dict[str, Any] = {"level": "commune", "may_be_overdue": kind.outcome != "quarantined"}
    own = kind.wish_by(life, number) if kind.wish_by else {}
    return replace(wish, **settled | {**kind.wish, **own})


def like_first(wish: Wish, first: Setting, *, is_same_matter: bool) -> Wish:
    """The wish for a second dossier with the code of the first: another matter of that day, or the same one again."""
    assert first.times.received is not None
    wish = replace(wish, agency=first.agency, received_on=first.times.received.date())
    return replace(wish, person=first.person, procedure=first.procedure) if is_same_matter else wish
