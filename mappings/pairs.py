"""What officials decided about records that look like one dossier: ``same`` and ``different`` in SITE/decisions/*.yaml.

same:
  - dossiers: [phutho_cu/1042, hoabinh_cu/2077]
    keep: phutho_cu/1042          # else the first source of site.yaml, the first key
different:
  - dossiers: [phutho_cu/1042, phutho_cu/1043]
  - code: HS 12/2025              # all dossiers that bear this code
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from mappings.declared import Declared, explain, read_yaml
from mappings.fingerprint import digest
from mappings.spec import Names, Strict

Outcome = Literal["open", "same", "different"]
Member = tuple[str, str]
"""(source id, old key)."""


class Same(Strict):
    """Records of one matter: one is kept, the others are merged into it."""

    dossiers: Names = Field(min_length=2)
    keep: str = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        _check(self.dossiers)
        if self.keep and self.keep not in self.dossiers:
            raise ValueError("keep phải là một trong dossiers")
        return self


class Different(Strict):
    """Records of different matters, though they share a number: named one by one, or all that bear a code."""

    dossiers: Names = ()
    code: str = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        _check(self.dossiers)
        if bool(self.code) == bool(self.dossiers) or len(self.dossiers) == 1:
            raise ValueError("cần code, hoặc từ hai dossiers trở lên")
        return self


def _check(dossiers: Sequence[str]) -> None:
    if any(not all(name.partition("/")[::2]) for name in dossiers):
        raise ValueError('dossiers viết là "nguồn/khóa cũ", ví dụ phutho_cu/1042')
    if len(set(dossiers)) != len(dossiers):
        raise ValueError("dossiers nêu một hồ sơ hai lần")


@dataclass(frozen=True)
class PairDecision:
    """One decision at work. ``members`` in the order of the file; ``keep`` None lets the site's order choose."""

    id: str
    hash: str
    outcome: Outcome
    members: tuple[Member, ...] = ()
    keep: Member | None = None
    code: str = ""

    def is_about(self, one: Member, other: Member, code: str) -> bool:
        """Whether it tells of these two, who share ``code`` ("" when they share none)."""
        return (one in self.members and other in self.members) or bool(self.code and self.code == code)


@dataclass(frozen=True)
class PairDecisions:
    """All of a site. Look-ups go by member, so that thousands of decisions cost nothing."""

    all: tuple[PairDecision, ...]
    by_member: dict[Member, tuple[PairDecision, ...]]
    by_code: dict[str, tuple[PairDecision, ...]]

    def find(self, one: Member, other: Member, code: str) -> PairDecision | None:
        """The decision about a pair; None when there is none, or when two contradict each other."""
        found = self._about(one, other, code)
        return found[0] if len({decision.outcome for decision in found}) == 1 else None

    def is_disputed(self, one: Member, other: Member, code: str) -> bool:
        """Whether one decision calls a pair the same and another calls it different."""
        return len({decision.outcome for decision in self._about(one, other, code)}) > 1

    def _about(self, one: Member, other: Member, code: str) -> list[PairDecision]:
        asked = (*self.by_member.get(one, ()), *(self.by_code.get(code, ()) if code else ()))
        return [decision for decision in asked if decision.is_about(one, other, code)]


def read_pair_decisions(site_dir: Path) -> PairDecisions:
    """Every ``same`` and ``different`` of the site. Raises ProfileError with file and line."""
    folder = site_dir / "decisions"
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    found = tuple(decision for file in files for decision in _read(read_yaml(file)))
    by_member: dict[Member, tuple[PairDecision, ...]] = {}
    by_code: dict[str, tuple[PairDecision, ...]] = {}
    for decision in found:
        for member in decision.members:
            by_member[member] = (*by_member.get(member, ()), decision)
        if decision.code:
            by_code[decision.code] = (*by_code.get(decision.code, ()), decision)
    return PairDecisions(found, by_member, by_code)


class PairFile(Strict):
    """The two lists of a decision file; who decided, when and why is asked by :mod:`mappings.verdicts`."""

    same: tuple[Same, ...] = ()
    different: tuple[Different, ...] = ()


def _read(declared: Declared) -> Iterator[PairDecision]:
    lists = {name: declared.data[name] for name in ("same", "different") if name in declared.data}
    try:
        whole = PairFile.model_validate(lists)
    except ValidationError as error:
        raise explain(error, declared) from None
    ground = [str(declared.data.get(name, "")) for name in ("author", "date", "note")]
    for number, same in enumerate(whole.same, start=1):
        keep = _member(same.keep) if same.keep else None
        mark = digest((ground, same.model_dump(mode="json"))).hex()
        members = tuple(map(_member, same.dossiers))
        yield PairDecision(f"{declared.file.stem}#same{number}", mark, "same", members, keep)
    for number, other in enumerate(whole.different, start=1):
        mark = digest((ground, other.model_dump(mode="json"))).hex()
        members = tuple(map(_member, other.dossiers))
        yield PairDecision(f"{declared.file.stem}#different{number}", mark, "different", members, None, other.code)


def _member(name: str) -> Member:
    source, _, key = name.partition("/")
    return source, key
