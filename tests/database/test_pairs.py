"""Records that share a number, in the ledger's own SQL: paired, merged, told apart. On SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import inspect, select, text

from connectors.base import Record
from flows import ledger_schema as t
from flows import sweeps
from flows.counters import counter_floors
from flows.ledger import Ledger, Outcome, Run
from flows.ledger_open import open_ledger
from flows.merging import merged_codes, take_back
from flows.pairs import settle_ledger
from flows.payloads import compressed, fingerprint, pack
from flows.questions import duplicate_codes, same_uids
from mappings.model import Dossier, Link, OtherCode, encode
from mappings.pairs import PairDecisions, read_pair_decisions
from tests.database.conftest import clock
from tests.unit.dossiers import clean_dossier

NONE = PairDecisions((), {}, {})


def dossier(source: str, key: str, code: str, uid: str, second: str = "") -> Dossier:
    other = (OtherCode(second, "second"),) if second else ()
    links = (Link("reference_uid", uid),)
    _, made = clean_dossier(1)
    return msgspec.structs.replace(made, source_id=source, key=key, code=code, links=links, other_codes=other)


def put(ledger: Ledger, run: Run, dossiers: Sequence[Dossier]) -> None:
    """Sweep and map these."""
    for source in dict.fromkeys(d.source_id for d in dossiers):
        mine = {d.key: d for d in dossiers if d.source_id == source}
        mark = sweeps.start_sweep(ledger, run, source, source, is_filtered=False)
        raw = [pack(Record(key, {}, {})) for key in mine]
        sweeps.record_page(
            ledger, run, mark, [sweeps.Seen(key, fingerprint(p), p, None) for key, p in zip(mine, raw, strict=True)]
        )
        sweeps.finish_sweep(ledger, run, mark, {"found": len(mine), "in_scope": len(mine), "after_cutoff": 0})
        items = ledger.claim(run, t.EXTRACTED, 100, sources=(source,))
        ledger.advance(run, "map", [_mapped(item, mine[item.key]) for item in items])


def _mapped(item: object, made: Dossier) -> Outcome:
    body = encode(made)
    second = made.other_codes[0].code if made.other_codes else None
    values = {
        "mapped_fp": fingerprint(body), "code": made.code or None, "code_sweep": 1, "second_code": second,
        "uid": made.links[0].value,
    }  # fmt: skip
    return Outcome(item, t.MAPPED, "", values, [], compressed(body))  # type: ignore[arg-type]


def pairs(ledger: Ledger) -> dict[tuple[str, str], str]:
    r = t.pair.c
    with ledger.transaction() as c:
        return {
            (f"{x.keep_source}/{x.keep_key}", f"{x.source_id}/{x.key}"): x.outcome
            for x in c.execute(select(t.pair).order_by(r.key))
        }


def state(ledger: Ledger, source: str, key: str) -> str:
    e = t.entry.c
    with ledger.transaction() as c:
        return str(c.execute(select(e.state).where(e.source_id == source, e.key == key)).scalar_one())


def test_code_second_code_and_uid_make_pairs_and_nothing_else_does(ledger: Ledger) -> None:
    with ledger.run("validate") as run:
        put(ledger, run, [
            dossier("a", "1", "000.01.21.H44-250602-0001", "u1"),
            dossier("a", "2", "000.01.21.H44-250602-0001", "u2"),
            dossier("a", "3", "000.01.21.H44-250602-0003", "u3"),
            dossier("b", "1", "DVC-1", "u5", second="000.01.21.H44-250602-0003"),
            dossier("b", "2", "000.01.21.H44-250602-0009", "u1"),
            dossier("b", "3", "000.01.21.H44-250602-0010", "u9"),
        ])  # fmt: skip
        settle_ledger(ledger, run, NONE, ["a", "b"])
    assert pairs(ledger) == {("a/1", "a/2"): "open", ("a/3", "b/1"): "open", ("a/1", "b/2"): "open"}
    assert sorted(duplicate_codes(ledger, "a", ["1", "2", "3"], NONE)) == ["1", "2"]
    assert [i.code for i in same_uids(ledger, "b", ["2"])["2"]] == ["same_reference_uid"]
    assert [i.code for i in same_uids(ledger, "b", ["1"])["1"]] == ["duplicate_code"]
    assert "3" not in same_uids(ledger, "b", ["3"])


def test_two_sources_with_one_uid_one_code_and_one_content_are_merged_once_and_come_apart(
    ledger: Ledger, tmp_path: Path
) -> None:
    code = "000.01.21.H44-250602-0001"
    with ledger.run("validate") as run:
        put(ledger, run, [dossier("a", "7", code, "u1"), dossier("b", "9", code, "u1")])
        settle_ledger(ledger, run, NONE, ["b", "a"])
        assert pairs(ledger) == {("b/9", "a/7"): "same"}
        assert (state(ledger, "a", "7"), state(ledger, "b", "9")) == ("EXCLUDED", "MAPPED")
        assert merged_codes(ledger, "b", ["9"]) == {"9": [OtherCode(code, "merged", "a", "7")]}
        settle_ledger(ledger, run, NONE, ["b", "a"])
        assert pairs(ledger) == {("b/9", "a/7"): "same"}  # once more changes nothing
        folder = tmp_path / "site" / "decisions"
        folder.mkdir(parents=True)
        said = "author: UBND\ndate: 2026-11-20\nnote: Biên bản đối chiếu\ndifferent:\n  - dossiers: [a/7, b/9]\n"
        (folder / "1.yaml").write_text(said, encoding="utf-8")
        take_back(ledger, run, read_pair_decisions(tmp_path / "site"))
        assert (state(ledger, "a", "7"), state(ledger, "b", "9")) == ("EXTRACTED", "EXTRACTED")
        assert pairs(ledger) == {}


def test_the_floor_is_the_highest_serial_of_an_agency_in_both_forms_of_its_code(ledger: Ledger) -> None:
    codes = ["000.01.21.H44-250602-0007", "H44.21.01-250602-0012", "000.01.21.H44-250601-0090", "HS 1/2025"]
    with ledger.run("validate") as run:
        put(ledger, run, [dossier("a", str(n), code, f"u{n}") for n, code in enumerate(codes)])
    (floor,) = counter_floors(ledger, ["a"], clock().date())
    assert (floor.agency, floor.last_day.isoformat(), floor.last_serial, floor.highest) == (
        "H44.21.01",
        "2025-06-02",
        12,
        90,
    )
    assert (floor.dossiers, floor.since_cutoff) == (3, {})


def test_an_older_ledger_is_copied_and_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "var" / "ledger.sqlite"
    old = open_ledger(f"sqlite:///{file}", clock)
    with old.transaction() as c:
        c.execute(text("ALTER TABLE entry DROP COLUMN uid"))
        c.execute(text("ALTER TABLE entry DROP COLUMN second_code"))
        c.execute(text("UPDATE meta SET value = '1' WHERE name = 'schema_version'"))
    old.close()
    new = open_ledger(f"sqlite:///{file}", clock)
    assert {"uid", "second_code"} <= {column["name"] for column in inspect(new.engine).get_columns("entry")}
    new.close()
    backup = file.with_name("ledger.sqlite.v1.bak")
    assert backup.stat().st_mode & 0o777 == 0o600
