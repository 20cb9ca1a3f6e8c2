"""The plumbing every connector shares: records, the two protocols, errors named by what to do next.

Connectors move rows and bytes. They know no meaning: no status, no cut-off, no unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from connectors._errors import Conflict as Conflict
from connectors._errors import ConnectorError as ConnectorError
from connectors._errors import Forbidden as Forbidden
from connectors._errors import Misconfigured as Misconfigured
from connectors._errors import Refused as Refused
from connectors._errors import Unavailable as Unavailable
from connectors._errors import Unreadable as Unreadable

Cell = None | bool | int | float | str | bytes
"""A value as read. Dates and instants are ISO text without zone (``2025-06-30 16:59:59``), as stored;
decimals are text; text that is not valid in its declared encoding is left as ``bytes``."""

Row = dict[str, Cell]


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Join:
    """A left join of ``table`` AS ``alias`` on equality: ``on`` pairs (column of the main table, column of this).

    The first may be "alias.column" of an earlier join.
    """

    table: str
    alias: str
    on: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]  # delivered in the row as "alias.column"


@dataclass(frozen=True)
class TableRead:
    """One table, or one declared query, to read.

    ``parent`` is the column that holds the dossier's key (for the dossier table: the key itself); rows come
    ordered by (parent, key). SQL in ``where``, ``sql`` and counts comes from a profile, never from data, and
    uses markers: ``{#table} alias`` a table, ``{alias.column}`` a quoted column, ``{column}`` a column of the
    main table (alias ``d``), ``:name`` a parameter. Table and column names match without regard to case; rows
    carry the names as declared here. A child ``sql`` selects the columns ``parent`` and ``columns`` under these
    names and bounds its rows by ``:lo`` (exclusive) and ``:hi`` (inclusive).

    ``split``: (column, separator) of a child whose cell holds several values. Each becomes a row of its own, its number
    in the cell ``_part`` ("" for the first, then "2", "3" …); empty ones between the separators are no values.

    ``content``: the binary column (or "alias.column" of a join on one column) in which a stored file itself stands. It
    is never selected: rows get ``_locator`` (None where the join finds no row) and ``_size`` (None for NULL, 0 for an
    empty one) as those of a FileSpec do. ``key``, or the column joined on, must tell the rows of its table apart.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    parent: str = ""
    key: str = ""
    join: tuple[Join, ...] = ()
    where: str = ""
    sql: str = ""
    split: tuple[str, str] | None = None
    content: str = ""


@dataclass(frozen=True)
class FileSpec:
    """Rows of ``child`` name a stored file: ``locator`` is a format string over their cells
    (``{dl.companyId}/{dl.folderId}/{dl.name}/{dl.version}``). The connector adds the cells ``_locator`` (text, or
    None when a named cell is empty or NULL) and ``_size`` (bytes on disk, None when the file is gone)."""

    child: str
    locator: str


@dataclass(frozen=True)
class ReadPlan:
    """What a sweep reads: the dossier table, its children, the small reference tables, and the counts."""

    main: TableRead
    children: tuple[TableRead, ...] = ()
    references: tuple[TableRead, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)  # name → SQL returning one number
    params: Mapping[str, str | int] = field(default_factory=dict)
    files: tuple[FileSpec, ...] = ()
    page_rows: int = 1000
    page_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """One raw dossier: its row and the rows that hang on it, by child name. ``key`` is the old id as text."""

    key: str
    row: Row
    children: dict[str, list[Row]]


@dataclass(frozen=True)
class Column:
    """A column as the database declares it."""

    name: str
    type: str


@dataclass(frozen=True)
class Broken:
    """A part of a file that could not be read. ``accepted``: why the site leaves it out; empty: it must be settled.

    ``name``: how the site names it to leave it out, bound to what stands there. ``is_stale``: the site does so by the
    place alone, which may hold another record tomorrow.
    """

    place: str  # file, or file:line
    said: str  # Vietnamese, without values of the data
    accepted: str = ""
    name: str = ""
    is_stale: bool = False


@dataclass(frozen=True)
class Probe:
    """What ``check`` learns of a source: its tables, whether the account may write, and the server's words.

    ``has_snapshots``: whether a page is read as of one moment.
    """

    tables: Mapping[str, tuple[Column, ...]]
    can_write: bool
    server: str
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()  # what else a technician should look at, in Vietnamese
    has_snapshots: bool = True
    utc: str = ""  # "YYYY-MM-DD HH:MM:SS" by the server's clock, in UTC; "" when it has none of its own


@dataclass(frozen=True)
class Look:
    """A bounded look at one table, for ``scan``.

    ``rows`` come from several stretches of the primary ``key``, oldest and newest among them, under the names the
    database gives; long text is cut, binary columns are left out. ``count``: rows of the table, counted up to a bound;
    ``is_counted`` is False when there are more.
    """

    key: tuple[str, ...]
    rows: tuple[Row, ...]
    count: int
    is_counted: bool


class Source(Protocol):
    """An old system, opened read-only."""

    def probe(self) -> Probe:
        """Connect and describe the tables."""

    def count(self, sql: str, params: Mapping[str, str | int]) -> int:
        """One number, by a query of its own (same markers as ``TableRead.where``)."""

    def count_all(self, queries: Mapping[str, str], params: Mapping[str, str | int]) -> dict[str, int]:
        """Several numbers by queries of their own, all of one moment: on a live system they must fit together."""

    def tally(
        self, table: str, columns: Sequence[str], join: Sequence[Join] = ()
    ) -> list[tuple[tuple[Cell, ...], int]]:
        """Distinct combinations of ``columns`` in ``table`` with their row counts, most frequent first.

        "alias.column" names a column of a ``join``.
        """

    def column(self, table: str, column: str, *, limit: int) -> list[Cell]:
        """Up to ``limit`` non-NULL values of one column, the newest keys first."""

    def look(self, table: str, *, rows: int) -> Look:
        """About ``rows`` rows of one table at most, whatever it is, by a few short reads along its key."""

    def reference(self, read: TableRead) -> list[Row]:
        """A small catalogue table, whole."""

    def sweep(self, plan: ReadPlan, *, after: str = "") -> Iterator[list[Record]]:
        """Pages of records in key order, each page one consistent snapshot. ``after``: keys beyond this one."""

    def fetch(self, plan: ReadPlan, keys: Sequence[str]) -> list[Record]:
        """These records again, in key order; a key that is gone is left out."""

    def stat_file(self, locator: str) -> int | None:
        """Size in bytes of a stored file; None when it is gone."""

    def open_file(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a stored file. Raises FileNotFoundError when gone, Unreadable when it alone cannot be read."""

    def close(self) -> None:
        """Give every connection back."""


# ---------------------------------------------------------------- writing


@dataclass(frozen=True)
class Push:
    """One dossier to upsert: the canonical body and what the ledger knows of the target's copy."""

    source_id: str
    key: str
    body: bytes
    idempotency_key: str
    if_match: str = ""  # version the ledger wrote last; "" = the target must not have it yet
    files: tuple[tuple[str, str], ...] = ()  # (locator, sha256) uploaded before


@dataclass(frozen=True)
class Removal:
    """One dossier to take back out of the target, only if it is still as the ledger wrote it."""

    source_id: str
    key: str
    if_match: str  # the version that the ledger wrote; "0": none, only files that were uploaded for it
    idempotency_key: str


@dataclass(frozen=True)
class Receipt:
    """The target's answer for one dossier, after reading it back. Exactly one of new_id or error is set.

    ``error`` is a Refused or a Conflict (data trouble as a value); outages and rights are raised instead.
    ``fingerprint`` is computed by the target over what it stored.
    """

    key: str
    new_id: str = ""
    version: str = ""
    error: Refused | Conflict | None = None


@dataclass(frozen=True)
class Stored:
    """A dossier as the target holds it: body in its own words, files as (locator, sha256, size)."""

    source_id: str
    key: str
    new_id: str
    version: str
    body: bytes
    files: tuple[tuple[str, str, int], ...] = ()
    actions: tuple[str, ...] | None = None  # what may be done next there; None: not told
    written_by: str | None = None  # idempotency key of the write that made this version, "" a clerk; None: not told


@dataclass(frozen=True)
class TargetStep:
    """A step of the target's own process: who works there, which TrangThaiHoSo it takes, what may be done there."""

    code: str
    name: str
    role: str
    statuses: tuple[int, ...]
    actions: tuple[str, ...]


class Readable(Protocol):
    """Bytes that can be read once, from the front."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""


class Target(Protocol):
    """A new system."""

    takes_files: Literal["first", "after", "never"]  # when it takes the files of a dossier: before it, after it

    def probe(self) -> str:
        """Connect with the declared rights; the server's name and version. Raises Unavailable or Forbidden."""

    def upload(
        self,
        source_id: str,
        key: str,
        locator: str,
        name: str,
        stream: Readable,
        around_part: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[str, int]:
        """Store one file of a dossier; (sha256, size) as the target computed them.

        ``around_part`` is entered around the sending of each part, where the target takes a file in parts.
        """

    def push(self, batch: Sequence[Push]) -> list[Receipt]:
        """Upsert a batch and read each dossier back; one receipt a dossier, in the order given."""

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        """The dossiers with these old keys as the target holds them; what it does not hold is left out."""

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        """Take dossiers out with their files, and look that they are gone; one receipt a dossier, in the order given.

        ``new_id``: the number that went; "" when the target did not hold it. A Conflict: somebody worked on it there.
        """

    def list_keys(self, source_id: str) -> Iterable[tuple[str, str]]:
        """(old key, version) of every dossier the target holds of this source, in key order."""

    def told(self, source_id: str) -> Mapping[str, int] | None:
        """Messages sent because of what was pushed of this source: citizen, portal. None: the target does not say."""

    def process(self) -> Mapping[str, TargetStep]:
        """The steps at which an open dossier may stand, by code."""

    def close(self) -> None:
        """Give every connection back."""


@runtime_checkable
class PushesAhead(Protocol):
    """A target that takes the next batch while it works on the last one."""

    @property
    def batches_at_once(self) -> int:
        """How many batches it may be given before the answers to the first are waited for."""

    def begin(self, batch: Sequence[Push]) -> Callable[[], list[Receipt]]:
        """Send a batch, as ``push`` does; what is returned waits for the receipts and raises what ``push`` raises."""
