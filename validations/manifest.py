"""The manifest of a report: what it rests on, by hash. Canonical bytes, so that every byte of it counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

FORMAT: Final = 1
NAME: Final = "manifest.json"
SEALS: Final = "seals.jsonl"
SIGNOFF: Final = "signoff.json"
EXAMPLES: Final = 5


@dataclass(frozen=True)
class FileSeal:
    """A file by its content."""

    sha256: str
    size: int


@dataclass(frozen=True)
class SourceSeal:
    """One source as the ledger held it. ``sha256`` is over its lines of seals.jsonl, one a dossier, in key order.

    ``counts``: hash of what the old system counted at sweep number ``sweep`` and afterwards; ``references``: of the
    catalogues of the old system that the mapping rests on. Instants are ISO texts, "" when there is none.
    """

    name: str
    dossiers: int
    sha256: str
    references: str
    sweep: int
    counts: str
    mapping_version: str
    swept_at: str
    recounted_at: str


@dataclass(frozen=True)
class DataSeal:
    """Both sides at the report. ``figures``: hash of what the comparison ``compared_run`` counted at the target.

    ``history``, ``runs`` and ``accepted`` are how far the ledger's own log had come: as long as they stand, nothing
    was moved by the tool. ``is_still``: nothing moved while the report was written.
    """

    sources: Mapping[str, SourceSeal]
    compared_run: str
    target_read_at: str
    figures: str
    history: int
    runs: int
    accepted: int
    is_still: bool


@dataclass(frozen=True)
class Manifest:
    """What a report is made of. ``previous``: sha256 of the manifest before it ("" for the first of a site).

    ``settings``: every file of the site that a mapping version depends on; ``shipped``: hash of the tables, profiles
    and rules that came with the tool. ``key`` is the site's public key, ``signature`` made with the private one over
    everything else; both base64.
    """

    number: int
    previous: str
    site: str
    written_at: str
    run: str
    tool: str
    shipped: str
    report: Mapping[str, FileSeal]
    settings: Mapping[str, FileSeal]
    data: DataSeal
    key: str = ""
    signature: str = ""
    format: int = FORMAT


def signed_bytes(manifest: Manifest) -> bytes:
    """What the signature is made over: all but itself."""
    return signed_part(to_bytes(manifest))


def signed_part(data: bytes) -> bytes:
    """The same of the bytes of a manifest, also of one that a newer or older version wrote with other fields."""
    return msgspec.json.encode({**msgspec.json.decode(data), "signature": ""}, order="sorted")


def to_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is kept: same manifest, same bytes."""
    return _laid_out(manifest)


def _laid_out(plain: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=1) + b"\n"


def parse(data: bytes) -> Manifest | None:
    """The manifest that :func:`to_bytes` wrote, of this version or another; None for anything else, by one byte."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
        return found if _laid_out(msgspec.json.decode(data)) == data else None
    except (msgspec.MsgspecError, ValueError):
        return None


# ---------------------------------------------------------------- files


@dataclass(frozen=True)
class Changes:
    """Names that differ from what was listed."""

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone or self.added)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.changed, *self.gone, *self.added)

    def said(self) -> str:
        """In words, every name."""
        parts = (("đổi", self.changed), ("mất", self.gone), ("thêm", self.added))
        return "; ".join(f"{word} {', '.join(names)}" for word, names in parts if names)


def changes(listed: Mapping[str, FileSeal], found: Mapping[str, FileSeal]) -> Changes:
    """What became of the listed files."""
    return Changes(
        tuple(sorted(name for name in listed.keys() & found.keys() if listed[name] != found[name])),
        tuple(sorted(listed.keys() - found.keys())),
        tuple(sorted(found.keys() - listed.keys())),
    )


# ---------------------------------------------------------------- dossiers


@dataclass(frozen=True)
class Moved:
    """How many dossiers of the ledger are no longer as they were sealed, with the first few old keys."""

    changed: int = 0
    gone: int = 0
    added: int = 0
    keys: tuple[str, ...] = ()

    @property
    def dossiers(self) -> int:
        return self.changed + self.gone + self.added

    def __add__(self, other: Moved) -> Moved:
        keys = (*self.keys, *other.keys)[:EXAMPLES]
        return Moved(self.changed + other.changed, self.gone + other.gone, self.added + other.added, keys)

    def said(self) -> str:
        """In words: how many of which kind, examples by old key."""
        parts = ((self.changed, "đã đổi"), (self.added, "mới có"), (self.gone, "không còn"))
        counted = ", ".join(f"{n} hồ sơ {word}" for n, word in parts if n)
        rest = ", …" if self.dossiers > len(self.keys) else ""
        return f"{counted}; khóa cũ {', '.join(self.keys)}{rest}" if self.keys else counted


def moved(before: Iterable[tuple[str, str]], now: Iterable[tuple[str, str]]) -> Moved:
    """Merge two lists of (old key, seal), both in the order of their keys; neither is held in memory."""
    counts = {"changed": 0, "gone": 0, "added": 0}
    keys: list[str] = []
    for kind, key in _met(iter(before), iter(now)):
        counts[kind] += 1
        if len(keys) < EXAMPLES:
            keys.append(key)
    return Moved(**counts, keys=tuple(keys))


def _met(before: Iterator[tuple[str, str]], now: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    old, new = next(before, None), next(now, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None
            yield "gone", old[0]
            old = next(before, None)
        elif old is None or new[0] < old[0]:
            yield "added", new[0]
            new = next(now, None)
        else:
            if old[1] != new[1]:
                yield "changed", new[0]
            old, new = next(before, None), next(now, None)


# ---------------------------------------------------------------- the chain


@dataclass(frozen=True)
class Link:
    """A manifest in the chain: its number, its own hash, the hash of the one before that it names."""

    number: int
    sha256: str
    previous: str


@dataclass(frozen=True)
class Chain:
    """The links that are there. ``broken``: numbers whose link to the one before does not hold, or is missing."""

    first: int
    last: int
    broken: tuple[int, ...]


def chain(links: Sequence[Link], head: Link | None, is_whole: Callable[[Link], bool]) -> Chain:
    """Walk the links in order. ``head``: what the ledger remembers as the last one; ``is_whole``: signed and parsed.

    Links cut off at the beginning are told by ``first``; a gap or a change anywhere else is broken.
    """
    known = {link.number: link for link in links}
    last = max([*known, head.number if head else 0], default=0)
    first = min(known, default=last + 1)
    broken = []
    for number in range(first, last + 1):
        link, before = known.get(number), known.get(number - 1)
        follows = link is not None and (before is None or link.previous == before.sha256)
        if link is None or not follows or not is_whole(link) or (number == 1 and link.previous):
            broken.append(number)
    if head and head.number in known and known[head.number].sha256 != head.sha256 and head.number not in broken:
        broken.append(head.number)
    return Chain(first, last, tuple(sorted(broken)))
