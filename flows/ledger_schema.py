"""The ledger's tables: narrow hot rows (entry) apart from wide cold payloads. SQLite or PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    func,
    literal_column,
)

SCHEMA_VERSION: Final = 6
"""1: as first written. 2: deadline and obligation. 3: pair and clash; second_code and uid of an entry.

4: assignment, wave_event and wave_member; procedure of an entry, kind of an intent. 5: trouble and about of an
attachment. 6: a difference lives on: what it is about, its mark, its state, when it was seen, who accepted it;
handcheck.
"""

EXTRACTED: Final = "EXTRACTED"
MAPPED: Final = "MAPPED"
VALID: Final = "VALID"
PUSHED: Final = "PUSHED"
MATCHED: Final = "MATCHED"
DIFFERENT: Final = "DIFFERENT"
EXCLUDED: Final = "EXCLUDED"
QUARANTINED: Final = "QUARANTINED"
VANISHED: Final = "VANISHED"
ROLLED_BACK: Final = "ROLLED_BACK"

STATES: Final = (
    EXTRACTED, MAPPED, VALID, PUSHED, MATCHED, DIFFERENT, EXCLUDED, QUARANTINED, VANISHED, ROLLED_BACK,
)  # fmt: skip
MERGED_INTO: Final = "merged_into"
"""Rule of an EXCLUDED entry that is another's double: the pair table says whose. Only the ledger knows it."""
IN_TARGET: Final = (PUSHED, MATCHED, DIFFERENT)
OUT_OF_PLAY: Final = (EXCLUDED, VANISHED, ROLLED_BACK)
"""States that no stage takes up by itself."""
NO_CLAIM: Final = (EXCLUDED, VANISHED)
"""States that hold no claim on a dossier code; what was rolled back is to come again."""

DECIDED_RULES: Final = ("drained", MERGED_INTO)
"""Rules by which a decision, not the source, leaves a dossier out. The source counts such a dossier in scope."""

TRANSITIONS: Final[dict[str, tuple[str, ...]]] = {
    # a sweep may send any state back to EXTRACTED (changed), to EXCLUDED (a rule now says no) or to VANISHED
    "": (EXTRACTED, EXCLUDED),
    # IN_TARGET: mapped equal to what was pushed; EXCLUDED: a decision leaves it in the old system
    # ROLLED_BACK: from anywhere, when an earlier revision of it was in the target
    EXTRACTED: (MAPPED, QUARANTINED, *IN_TARGET, EXCLUDED, VANISHED, ROLLED_BACK),
    MAPPED: (VALID, QUARANTINED, EXTRACTED, EXCLUDED, VANISHED, ROLLED_BACK),
    VALID: (PUSHED, QUARANTINED, EXTRACTED, EXCLUDED, VANISHED, ROLLED_BACK),
    PUSHED: (MATCHED, DIFFERENT, EXTRACTED, EXCLUDED, VANISHED, ROLLED_BACK),
    MATCHED: (DIFFERENT, MATCHED, EXTRACTED, EXCLUDED, VANISHED, ROLLED_BACK),
    DIFFERENT: (MATCHED, DIFFERENT, EXTRACTED, VALID, EXCLUDED, VANISHED, ROLLED_BACK),
    QUARANTINED: (
        EXTRACTED,
        MAPPED,
        VALID,
        EXCLUDED,
        VANISHED,
        ROLLED_BACK,
    ),  # MAPPED: what validate had against it is settled
    EXCLUDED: (EXTRACTED, EXCLUDED, VANISHED),
    VANISHED: (EXTRACTED, EXCLUDED, ROLLED_BACK),  # ROLLED_BACK: it was so before it vanished
    ROLLED_BACK: (EXTRACTED, EXCLUDED, VANISHED),  # EXTRACTED: only when somebody asks for it
}

metadata = MetaData()

KEY: Final = ("source_id", "key")


def _key_columns() -> list[Column[str]]:
    return [Column("source_id", String(40), nullable=False), Column("key", String(80), nullable=False)]


meta = Table("meta", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

run = Table(
    "run",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("verb", String(20), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("host", String(120), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("boot", String(80), nullable=False),  # boot id and the process's start time: a reused pid is another process
    Column("expires", Float, nullable=False),  # database clock, epoch seconds
    Column("outcome", String(20)),  # None while under way
)

sweep = Table(
    "sweep",
    metadata,
    Column("source_id", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("is_filtered", Boolean, nullable=False),
    Column("found", BigInteger),
    Column("in_scope", BigInteger),
    Column("after_cutoff", BigInteger),
    Column("recount_at", String(32)),  # compare counts afresh
    Column("recount_found", BigInteger),
    Column("recount_in_scope", BigInteger),
    Column("recount_after_cutoff", BigInteger),
    PrimaryKeyConstraint("source_id", "number"),
)

entry = Table(
    "entry",
    metadata,
    *_key_columns(),
    Column("state", String(12), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("former", String(12)),  # state before a re-extraction or a vanishing: it may return there
    Column("raw_fp", LargeBinary(16), nullable=False),
    Column("mapped_fp", LargeBinary(16)),
    Column("mapping_version", String(32)),
    Column("rule", String(40)),  # EXCLUDED by
    Column("twin", String(80)),  # EXCLUDED in favour of
    Column("code", String(100)),
    Column("code_sweep", Integer),  # sweep in which this code was first met on this entry
    Column("second_code", String(100)),
    Column("uid", String(100)),  # shared by all copies of a dossier, on every instance of the old software
    Column("group_keys", Text),  # comma list of dossiers this one says it belongs to
    Column("status", Integer),
    Column("is_open", Boolean),
    Column("due_at", String(32)),
    Column("unit", String(40)),  # handling unit or agency code, for breakdowns and waves
    Column("procedure", String(100)),
    Column("first_sweep", Integer, nullable=False),
    Column("last_sweep", Integer, nullable=False),
    Column("seen_at", String(32), nullable=False),  # start of the sweep that read this revision
    Column("new_id", String(80)),
    Column("version", String(40)),  # the target's version of what we wrote
    Column("pushed_fp", LargeBinary(16)),
    Column("compared_run", String(40)),
    Column("lease", String(40)),
    Column("lease_until", Float),
    Column("changed_at", String(32), nullable=False),
    PrimaryKeyConstraint(*KEY),
)
Index("entry_state", entry.c.state, entry.c.source_id, entry.c.key)
Index("entry_code", entry.c.code)
PUSH_ORDER: Final = (
    entry.c.is_open.desc(),
    func.coalesce(entry.c.due_at, literal_column("'9'")),  # no due date comes after every due date
    entry.c.source_id,
    entry.c.key,
)
"""Open dossiers first, nearest due date first. An index in this very order: a batch must not sort the whole tray."""
Index("entry_push", entry.c.state, *PUSH_ORDER)
Index("entry_lease", entry.c.lease)

pair = Table(  # two records that share a number: what agrees, and what became of them
    "pair",
    metadata,
    *_key_columns(),  # the one that goes when they are one matter
    Column("keep_source", String(40), nullable=False),
    Column("keep_key", String(80), nullable=False),
    Column("mark", LargeBinary(16), nullable=False),  # of both mapped dossiers: the evidence holds for these
    Column("evidence", Text, nullable=False),
    Column("outcome", String(12), nullable=False),  # open | same | different
    Column("ground", String(160), nullable=False),  # a decision's id, or reference_uid
    Column("ground_hash", String(64), nullable=False),
    Column("codes", Text, nullable=False),  # JSON: what the kept one is found by, too
    Column("seen_run", String(40), nullable=False),
    PrimaryKeyConstraint(*KEY, "keep_source", "keep_key"),
)
Index("pair_keep", pair.c.keep_source, pair.c.keep_key)

clash = Table(  # numbers that several entries bear, while they are being paired
    "clash",
    metadata,
    Column("kind", String(12), nullable=False),
    Column("value", String(100), nullable=False),
    PrimaryKeyConstraint("kind", "value"),
)

payload = Table(
    "payload",
    metadata,
    *_key_columns(),
    Column("raw", LargeBinary),
    Column("mapped", LargeBinary),
    PrimaryKeyConstraint(*KEY),
)

issue = Table(
    "issue",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_key_columns(),
    Column("stage", String(10), nullable=False),
    Column("code", String(60), nullable=False),
    Column("field", String(120), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("about", Text, nullable=False),
)
Index("issue_key", issue.c.source_id, issue.c.key)
Index("issue_code", issue.c.code)

history = Table(
    "history",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_key_columns(),
    Column("revision", Integer, nullable=False),
    Column("state_from", String(12), nullable=False),
    Column("state_to", String(12), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("at", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)
Index("history_key", history.c.source_id, history.c.key)

intent = Table(
    "intent",
    metadata,
    *_key_columns(),
    Column("idempotency_key", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("kind", String(10)),  # rollback; else a push
    Column("opened_at", String(32), nullable=False),
    Column("settled_at", String(32)),
    Column("outcome", String(20)),
    PrimaryKeyConstraint(*KEY, "idempotency_key"),
)

attachment = Table(
    "attachment",
    metadata,
    *_key_columns(),
    Column("locator", String(200), nullable=False),
    Column("stamp", String(80), nullable=False),  # version and size at upload: another stamp is uploaded again
    Column("sha256", String(64), nullable=False),  # "": the dossier went without this file
    Column("size", BigInteger, nullable=False),
    Column("trouble", String(60)),  # code of the warning with which it went
    Column("about", String(200)),
    PrimaryKeyConstraint(*KEY, "locator"),
)

deadline = Table(
    "deadline",  # of open dossiers: the promise as compare last read it from the target
    metadata,
    *_key_columns(),
    Column("is_held", Boolean, nullable=False),
    Column("received_at", String(32)),
    Column("due_at", String(32)),
    Column("rounds", Integer, nullable=False),
    Column("pauses", Integer, nullable=False),
    Column("due", String(10), nullable=False),  # equal | shifted | lost | added | none | worked_on
    Column("received_equal", Boolean, nullable=False),
    Column("rounds_equal", Boolean, nullable=False),
    Column("pauses_equal", Boolean, nullable=False),
    PrimaryKeyConstraint(*KEY),
)

obligation = Table(
    "obligation",  # still owed on a dossier, as compare counted both sides; only what is not 0 and 0
    metadata,
    *_key_columns(),
    Column("kind", String(30), nullable=False),
    Column("old", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    PrimaryKeyConstraint(*KEY, "kind"),
)

difference = Table(  # one row as long as it lives: at a path, of a kind
    "difference",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_key_columns(),
    Column("field", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("run_id", String(40), nullable=False),  # the last comparison that found it
    Column("entity", String(20)),
    Column("pattern", String(200)),  # the path without the keys of list elements
    Column("why", String(40)),  # class of explanation within the kind
    Column("mark", String(16)),  # of the values: what is accepted is exactly this
    Column("state", String(10)),  # new | accepted | fixed | reopened
    Column("first_run", String(40)),
    Column("first_at", String(32)),
    Column("last_at", String(32)),
    Column("fixed_run", String(40)),  # the comparison that no longer found it
    Column("author", String(120)),  # who accepted it, why, until which day
    Column("reason", Text),
    Column("until", String(10)),
)
Index("difference_key", difference.c.source_id, difference.c.key)

handcheck = Table(  # the sample that people look at by hand, of the comparison that drew it
    "handcheck",
    metadata,
    *_key_columns(),
    Column("run_id", String(40), nullable=False),
    Column("why", String(80), nullable=False),
    Column("mark", String(16), nullable=False),  # of what was pushed: a result is of exactly this
    Column("is_right", Boolean),
    Column("note", Text),
    Column("who", String(120)),
    Column("at", String(32)),
    PrimaryKeyConstraint(*KEY),
)

assignment = Table(  # who works on a quarantined dossier
    "assignment",
    metadata,
    *_key_columns(),
    Column("owner", String(120), nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint(*KEY),
)

reference = Table(
    "reference",
    metadata,
    Column("source_id", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source_id", "name"),
)

shape = Table(  # tables and columns as the last complete sweep read them
    "shape",
    metadata,
    Column("source_id", String(40), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(40), nullable=False),
)

check_figure = Table(
    "check_figure",
    metadata,
    Column("run_id", String(40), nullable=False),
    Column("source_id", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("run_id", "source_id", "name"),
)

wave_event = Table(  # what happened to a wave, never rewritten
    "wave_event",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("wave", String(40), nullable=False),
    Column("kind", String(12), nullable=False),  # started | joined | finished | rolled_back
    Column("at", String(32), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("author", String(120), nullable=False),
    Column("said", Text, nullable=False),
)
Index("wave_event_wave", wave_event.c.wave)

wave_member = Table(  # frozen when the wave starts; a dossier is in one wave
    "wave_member",
    metadata,
    *_key_columns(),
    Column("wave", String(40), nullable=False),
    PrimaryKeyConstraint(*KEY),
)
Index("wave_member_wave", wave_member.c.wave)
