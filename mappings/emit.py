"""Writes one Python function for a kind of row out of its compiled words: no call for a cell that is as usual.

The closure of a word is its meaning. ``emit`` on it says how its usual cells read inside a bigger function; every
other cell goes to the closure. A word without ``emit`` (one that somebody watches, for instance) is called.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

Emit = Callable[["Code"], str]
"""Adds lines to a function and gives the expression that holds the result."""
Word = TypeVar("Word", bound=Callable[..., Any])

LARGE: Final = 10**18
"""Beyond it nobody counts rows, and Python may refuse to print."""
SEEN: Final = 20_000
"""How many values a memo holds before it begins anew: memory stays flat, whatever the old system holds."""


class Memo(dict[Any, Any]):
    """Results of a pure function of a cell or a tuple of cells, remembered up to a bound.

    1, 1.0 and True are one key here, so only numbers that read alike in all three forms are remembered.
    """

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, key: Hashable) -> Any:
        found = self._work(key)
        if key.__class__ is str or _reads_alike(key):
            if len(self) >= SEEN:
                self.clear()
            self[key] = found
        return found


def _reads_alike(key: object) -> bool:
    if isinstance(key, tuple):
        return all(map(_reads_alike, key))
    return key is None or isinstance(key, str) or (isinstance(key, int) and -_SMALL < key < _SMALL)


_SMALL: Final = 10**15  # floats from here on are printed with their point


class Code:
    """A function of ``row`` and ``run`` on its way: lines, bound objects, and the cells already fetched.

    ``clean`` holds texts that are known to need no cleaning and to cause no issue; ``about`` is the expression of
    the key of the child row at hand ("" for the dossier's own row).
    """

    def __init__(self, clean: set[str], *, about: str = "") -> None:
        self.clean = clean
        self.about = about
        self._lines: list[str] = []
        self._bound: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._depth = 1
        self._variables = 0
        self._cells: dict[str, str] = {}  # column → variable

    def bind(self, thing: Any) -> str:
        """The name of an object inside the function."""
        name = self._names.get(id(thing))
        if name is None:
            name = self._names[id(thing)] = f"b{len(self._bound)}"
            self._bound[name] = thing
        return name

    def fresh(self) -> str:
        """A variable that nobody uses yet."""
        self._variables += 1
        return f"v{self._variables}"

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append("    " * self._depth + text)

    def put(self, expression: str) -> str:
        """A new variable with this value."""
        name = self.fresh()
        self.line(f"{name} = {expression}")
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines below ``head``."""
        self.line(head)
        self._depth += 1
        size = len(self._lines)
        yield
        if len(self._lines) == size:
            self.line("pass")
        self._depth -= 1

    def cell(self, column: str) -> str:
        """The variable that holds a cell of the row; all are fetched when the function begins."""
        return self._cells.setdefault(column, f"c{len(self._cells)}")

    def value(self, word: Callable[..., Any]) -> str:
        """The value of a getter ``word(row, run)``: its usual cells inside, else a call."""
        emit = getattr(word, "emit", None)
        return str(emit(self)) if emit else self.put(f"{self.bind(word)}(row, run)")

    def test(self, word: Callable[..., Any]) -> str:
        """The truth of a test ``word(row)`` as an expression."""
        emit = getattr(word, "emit", None)
        return str(emit(self)) if emit else f"{self.bind(word)}(row)"

    def done(self, result: str, more: str = "") -> Callable[..., Any]:
        """The function ``(row, run, …more)`` that gives ``result``."""
        return self._compile([f"def made(row, run{more}):", *self._fetch("    "), *self._lines, f"    return {result}"])

    def each(self, line: str, start: str = "[]") -> Callable[..., Any]:
        """The function ``(rows, run)`` that does ``line`` for every row and gives ``found``, at first ``start``."""
        body = [*self._fetch("    "), *self._lines, f"    {line}"]
        loop = [f"    found = {start}", "    for row in rows:", *("    " + line for line in body), "    return found"]
        return self._compile(["def made(rows, run):", *loop])

    def _fetch(self, margin: str) -> list[str]:
        """Nearly every row has every column: then [] is half the price of get()."""
        cells = self._cells.items()
        tried = [f"{margin}    {name} = row[{column!r}]" for column, name in cells]
        lacking = [f"{margin}    {name} = row.get({column!r})" for column, name in cells]
        return [f"{margin}try:", *tried, f"{margin}except KeyError:", *lacking] if cells else []

    def _compile(self, lines: list[str]) -> Callable[..., Any]:
        made: dict[str, Any] = dict(self._bound)
        exec(compile("\n".join(lines), "<lienthong: compiled profile>", "exec"), made)
        found: Callable[..., Any] = made["made"]
        return found


def is_count(cell: str) -> str:
    """The expression that tells whether a cell is a whole number of a size that everybody prints and stores."""
    return f"({cell}.__class__ is int and {-LARGE} < {cell} < {LARGE})"


def emitting(word: Word, emit: Emit) -> Word:
    """Let a closure say how its usual cells read inside a bigger function."""
    word.emit = emit  # type: ignore[attr-defined]
    return word


def made_of(emit: Emit, clean: set[str]) -> Callable[..., Any]:
    """A getter whose meaning is what it emits; compiled when somebody calls it by itself."""
    made: list[Callable[..., Any]] = []

    def get(row: Any, run: Any) -> Any:
        if not made:
            code = Code(clean)
            made.append(code.done(emit(code)))
        return made[0](row, run)

    return emitting(get, emit)
