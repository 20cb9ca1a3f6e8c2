"""Text keys that a database compares without regard to letter case, accents or trailing blanks, and Python does not."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Misconfigured


@dataclass(frozen=True)
class TextKeys:
    """The keys of a table as its database tells them apart.

    ``ask`` gives the keys that equal any of some texts, as stored; ``said``: what to say of two that it takes for one.
    """

    ask: Callable[[Sequence[str]], Collection[str]]
    said: str

    def tell_apart(self, keys: Collection[str], last: str) -> None:
        """Refuse keys that are one to the database: whose a row is, where the next page begins, would be guessed."""
        for key in dict.fromkeys((*_alike(keys), last)):
            if len(self.ask([key])) > 1:
                raise Misconfigured(self.said)

    def owners(self, texts: Iterable[str], keys: Iterable[str]) -> Mapping[str, str]:
        """Text → the key that the database takes it for; texts that come near none of ``keys`` are not asked about."""
        near = {_folded(key) for key in keys}
        waiting: dict[str, list[str]] = defaultdict(list)
        for text in dict.fromkeys(texts):
            if (fold := _folded(text)) in near:
                waiting[fold].append(text)
        found: dict[str, str] = {}
        for turn in _turns(waiting):
            for key in self.ask(list(turn.values())):
                text = turn.get(_folded(key), "")
                if text in found:
                    raise Misconfigured(self.said)
                found[text] = key
        return found


def _turns(waiting: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    """Fold → one of its texts, until each has had its turn: of two asked at once, either might be what equals."""
    for number in range(max(map(len, waiting.values()), default=0)):
        yield {fold: texts[number] for fold, texts in waiting.items() if number < len(texts)}


def _alike(keys: Iterable[str]) -> list[str]:
    """The keys that some collation may take for another one of them."""
    by_fold: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_fold[_folded(key)].append(key)
    return [key for alike in by_fold.values() if len(alike) > 1 for key in alike]


def _folded(text: str) -> str:
    """At least all that any collation takes for one and the same."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("đ", "d").rstrip()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
