"""The ledger on its own: states, leases, sweeps, the equation. The same sentences on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from connectors.base import Misconfigured, Record, Unavailable
from flows import ledger_schema as t
from flows import sweeps
from flows.figures import quarantine_causes, quarantine_rows, read_status
from flows.intents import open_intents, settle_intents
from flows.ledger import Item, Ledger, Outcome, Run
from flows.ledger_open import open_ledger
from flows.payloads import fingerprint, pack
from flows.questions import duplicate_codes, unresolved_groups
from flows.tray import assign, read_standings, waits_by_cause
from mappings.model import Exclusion, Issue, Severity
from tests.database.conftest import clock

SOURCE = "cu"


def seen(key: str, text: str = "a", exclusion: Exclusion | None = None) -> sweeps.Seen:
    packed = pack(Record(key, {"text": text}, {}))
    return sweeps.Seen(key, fingerprint(packed), packed, exclusion)


def sweep(ledger: Ledger, run: Run, *page: sweeps.Seen, counts: tuple[int, int, int] | None = None) -> int:
    mark = sweeps.start_sweep(ledger, run, SOURCE, "nguon", is_filtered=False)
    sweeps.record_page(ledger, run, mark, page)
    inside = sum(s.exclusion is None for s in page)
    found, in_scope, after = counts or (len(page), inside, 0)
    return sweeps.finish_sweep(ledger, run, mark, {"found": found, "in_scope": in_scope, "after_cutoff": after})


def states(ledger: Ledger) -> dict[str, str]:
    with ledger.transaction() as c:
        return {row.key: row.state for row in c.execute(select(t.entry.c.key, t.entry.c.state))}


def move(ledger: Ledger, run: Run, origin: str, state: str, **values: object) -> list[Item]:
    items = ledger.claim(run, origin, 100)
    ledger.advance(run, "map", [Outcome(i, state, "", dict(values), []) for i in items])
    return items


def test_a_new_record_is_extracted_and_an_excluded_one_names_its_rule(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2", exclusion=Exclusion("draft")))
    assert states(ledger) == {"1": "EXTRACTED", "2": "EXCLUDED"}
    total = read_status(ledger, {"nguon": SOURCE}).total
    assert (total.found, total.in_scope, dict(total.excluded)) == (2, 1, {"draft": 1})
    assert total.balanced


def test_a_second_sweep_of_the_same_records_moves_nothing(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
        move(ledger, run, "EXTRACTED", "MAPPED")
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
    assert states(ledger) == {"1": "MAPPED", "2": "MAPPED"}


def test_a_changed_record_goes_round_again_as_a_new_revision(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
        move(ledger, run, "EXTRACTED", "MAPPED")
        sweep(ledger, run, seen("1", "b"), seen("2"))
        assert states(ledger) == {"1": "EXTRACTED", "2": "MAPPED"}
        assert [i.revision for i in ledger.claim(run, "EXTRACTED", 10)] == [2]


def test_what_a_complete_sweep_misses_has_vanished_and_stands_on_both_sides(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
    with ledger.run("extract") as run:
        assert sweep(ledger, run, seen("1")) == 1
    total = read_status(ledger, {"nguon": SOURCE}).total
    assert total.states == {"EXTRACTED": 1, "VANISHED": 1}
    assert total.balanced
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
    assert states(ledger) == {"1": "EXTRACTED", "2": "EXTRACTED"}


def test_the_equation_does_not_balance_by_subtraction(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"), counts=(3, 3, 0))
    assert not read_status(ledger, {"nguon": SOURCE}).total.balanced


def test_an_unfinished_sweep_holds_the_barrier(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"))
        assert sweeps.is_settled(ledger, SOURCE)
    with ledger.run("extract") as run:
        sweeps.start_sweep(ledger, run, SOURCE, "nguon", is_filtered=False)
    assert not sweeps.is_settled(ledger, SOURCE)


def test_a_write_of_an_old_revision_is_refused(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"))
        stale = ledger.claim(run, "EXTRACTED", 10)
        sweep(ledger, run, seen("1", "b"))
        assert ledger.advance(run, "map", [Outcome(i, "MAPPED") for i in stale]) == 0
    assert states(ledger) == {"1": "EXTRACTED"}


def test_a_move_that_the_table_does_not_know_is_a_mistake(ledger: Ledger) -> None:
    with ledger.run("push") as run:
        sweep(ledger, run, seen("1"))
        items = ledger.claim(run, "EXTRACTED", 10)
        with pytest.raises(AssertionError):
            ledger.advance(run, "push", [Outcome(i, "VALID") for i in items])


def test_the_answer_to_an_overtaken_push_still_records_the_new_id(ledger: Ledger) -> None:
    with ledger.run("push") as run:
        sweep(ledger, run, seen("1"))
        stale = ledger.claim(run, "EXTRACTED", 10)
        open_intents(ledger, run, [(stale[0], "k1")])
        sweep(ledger, run, seen("1", "b"))
        settle_intents(ledger, [(stale[0], "k1", "pushed", {"new_id": "N1", "version": "1", "pushed_fp": b"x" * 16})])
        fresh = ledger.claim(run, "EXTRACTED", 10)
    assert [(i.new_id, i.version, i.revision) for i in fresh] == [("N1", "1", 2)]


def test_open_dossiers_are_claimed_first_and_the_nearest_due_date_leads(ledger: Ledger) -> None:
    due = {"1": None, "2": "2025-07-09", "3": "2025-07-02", "4": "2025-06-01"}
    with ledger.run("push") as run:
        sweep(ledger, run, *(seen(k) for k in due))
        items = ledger.claim(run, "EXTRACTED", 10)
        ledger.advance(
            run, "map", [Outcome(i, "MAPPED", "", {"is_open": i.key != "4", "due_at": due[i.key]}) for i in items]
        )
        assert [i.key for i in ledger.claim(run, "MAPPED", 10, open_first=True)] == ["3", "2", "1", "4"]


def test_a_batch_of_large_dossiers_is_smaller_but_never_empty(ledger: Ledger) -> None:
    ledger.batch_bytes = 2500
    noise = random.Random(1)
    with ledger.run("map") as run:
        sweep(ledger, run, *(seen(str(n), noise.randbytes(size).hex()) for n, size in enumerate((900, 900, 900, 9000))))
        sizes = [len(ledger.claim(run, "EXTRACTED", 10, with_raw=True)) for _ in range(4)]
    assert sizes == [2, 1, 1, 0]


def test_a_run_that_only_reads_stays_alive_for_other_hosts(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        with ledger.transaction() as c:
            c.execute(update(t.run).values(expires=0.0))
        sweep(ledger, run, seen("1"))
        with ledger.transaction() as c:
            assert c.execute(select(t.run.c.expires > ledger.database_now())).scalar_one()


def test_the_lease_of_a_killed_run_is_freed_at_once(ledger: Ledger, url: str) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"))
    ledger.close()
    code = (
        "import os, signal, sys\n"
        "from datetime import UTC, datetime\n"
        "from flows.ledger_open import open_ledger\n"
        "ledger = open_ledger(sys.argv[1], lambda: datetime.now(UTC))\n"
        "with ledger.run('map') as run:\n"
        "    assert ledger.claim(run, 'EXTRACTED', 10)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == -9
    with ledger.run("map") as run:
        assert [i.key for i in ledger.claim(run, "EXTRACTED", 10)] == ["1"]
    with ledger.transaction() as c:
        assert c.execute(select(t.run.c.outcome).where(t.run.c.verb == "map").order_by(t.run.c.id)).scalars().all()


def test_a_live_run_keeps_its_lease(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
        ledger.claim(run, "EXTRACTED", 1)
        assert [i.key for i in ledger.claim(run, "EXTRACTED", 10)] == ["2"]


def test_sqlite_lets_one_run_at_a_time_work_and_postgresql_several(ledger: Ledger) -> None:
    with ledger.run("extract"):
        if ledger.is_sqlite:
            with pytest.raises(Unavailable, match="Một lượt chạy khác"), ledger.run("map"):
                pass
        else:
            with ledger.run("map"):
                pass


def test_duplicates_of_one_sweep_are_all_named_and_a_later_one_names_the_earlier(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"), seen("3"))
        first = ledger.claim(run, "EXTRACTED", 10)
        codes = {"1": "A", "2": "A", "3": "B"}
        values = [{"code": codes[i.key], "code_sweep": i.last_sweep} for i in first]
        ledger.advance(run, "map", [Outcome(i, "MAPPED", "", v) for i, v in zip(first, values, strict=True)])
    assert sorted(duplicate_codes(ledger, SOURCE, ["1", "2", "3"])) == ["1", "2"]
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"), seen("3"), seen("4"))
        later = ledger.claim(run, "EXTRACTED", 10)
        ledger.advance(run, "map", [Outcome(later[0], "MAPPED", "", {"code": "B", "code_sweep": 2})])
    assert [i.about for i in duplicate_codes(ledger, SOURCE, ["4"])["4"]] == ["cu/3"]
    assert "3" not in duplicate_codes(ledger, SOURCE, ["3"])


def test_a_group_link_to_nobody_is_named(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, seen("1"), seen("2"))
    with ledger.transaction() as c:
        c.execute(update(t.entry).where(t.entry.c.key == "1").values(group_keys="2,99"))
    assert [i.about for i in unresolved_groups(ledger, SOURCE, ["1", "2"])["1"]] == ["99"]


def test_an_issue_counts_dossiers_not_rows(ledger: Ledger) -> None:
    with ledger.run("map") as run:
        sweep(ledger, run, seen("1"))
        item = ledger.claim(run, "EXTRACTED", 1)[0]
        twice = [Issue("file_removed", "papers", Severity.INFO, n) for n in ("1", "2")]
        ledger.advance(run, "map", [Outcome(item, "MAPPED", "", {}, twice)])
    assert read_status(ledger, {"nguon": SOURCE}).total.issues == {"file_removed": 1}


def test_a_cause_counts_each_dossier_once_and_keys_alike_of_two_sources_twice(ledger: Ledger) -> None:
    with ledger.run("map") as run:
        for source in ("cu", "cu2"):
            mark = sweeps.start_sweep(ledger, run, source, source, is_filtered=False)
            sweeps.record_page(ledger, run, mark, [seen(str(n)) for n in range(4)])
        wrong = [Issue("due_missing", "due_at", Severity.ERROR), Issue("due_missing", "steps", Severity.ERROR)]
        fine = [Issue("file_removed", "papers", Severity.INFO)]
        items = ledger.claim(run, "EXTRACTED", 10)
        ledger.advance(run, "map", [Outcome(i, "QUARANTINED", "", {}, [*wrong, *fine]) for i in items])
    (cause,) = quarantine_causes(ledger, ["cu", "cu2"], examples=3)
    assert (cause.code, cause.dossiers, cause.keys) == ("due_missing", 8, ("0", "1", "2"))
    with ledger.transaction() as c:
        assert len(list(quarantine_rows(c, ["cu"], "due_missing"))) == 8
        assert not list(quarantine_rows(c, ["cu"], "file_removed"))


def test_a_cause_says_how_long_its_oldest_dossier_waits_and_who_works_on_it(ledger: Ledger) -> None:
    with ledger.run("map") as run:
        sweep(ledger, run, *(seen(str(n)) for n in range(3)))
        wrong = [Issue("due_missing", "due_at", Severity.ERROR)]
        items = ledger.claim(run, "EXTRACTED", 10)
        ledger.advance(run, "map", [Outcome(i, "QUARANTINED", "", {}, wrong) for i in items])
    with ledger.transaction() as c:
        c.execute(update(t.history).where(t.history.c.key == "1").values(at="2026-01-01T00:00:00+00:00"))
    assert assign(ledger, [SOURCE], "Bộ phận Một cửa", code="", key="2") == 1
    later = datetime(2026, 1, 11, 12, 0, tzinfo=UTC)
    with ledger.transaction() as c:
        assert waits_by_cause(c, [SOURCE], later) == {"due_missing": (10, ("Bộ phận Một cửa",))}
        days = {key: standing.days for key, standing in read_standings(c, SOURCE, ["0", "1"], later).items()}
    assert days["1"] == 10 > days["0"]


def test_one_run_at_a_time_sweeps_a_source(make_postgres: Callable[[], str]) -> None:
    shared = open_ledger(make_postgres(), clock)
    counts = {"found": 0, "in_scope": 0, "after_cutoff": 0}

    def start(run: Run, source: str = SOURCE) -> sweeps.Sweep:
        return sweeps.start_sweep(shared, run, source, source, is_filtered=False)

    with shared.run("extract") as first, shared.run("migrate") as second:
        mine = start(first)
        with pytest.raises(Unavailable, match="đang được một lượt chạy khác quét"):
            start(second)
        start(second, "another source")
        sweeps.finish_sweep(shared, first, mine, counts)
        assert start(second).number > mine.number
    shared.close()


def test_an_older_ledger_gets_the_tables_it_lacks(ledger: Ledger, url: str) -> None:
    with ledger.transaction() as c:
        t.deadline.drop(c)
        t.obligation.drop(c)
        c.execute(update(t.meta).values(value="1"))
    opened = open_ledger(url, clock)
    with opened.transaction() as c:
        assert c.execute(select(func.count()).select_from(t.deadline)).scalar() == 0
        written = select(t.meta.c.value).where(t.meta.c.name == "schema_version")
        assert c.execute(written).scalars().all() == [str(t.SCHEMA_VERSION)]
    opened.close()


def test_a_ledger_of_a_newer_version_is_refused(ledger: Ledger, url: str) -> None:
    with ledger.transaction() as c:
        c.execute(update(t.meta).values(value="99"))
    with pytest.raises(Misconfigured, match="mới hơn"):
        open_ledger(url, clock)


def test_the_ledger_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    open_ledger(f"sqlite:///{tmp_path / 'var' / 'ledger.sqlite'}", clock).close()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "var" / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_database_error_says_nothing_of_its_parameters(ledger: Ledger) -> None:
    row = {"id": "x", "name": "Nguyễn Văn Kín"}
    with pytest.raises(Unavailable) as caught, ledger.transaction() as c:
        c.execute(insert(t.source), [row, row])
    assert "Kín" not in str(caught.value)
    assert caught.value.__cause__ is None
