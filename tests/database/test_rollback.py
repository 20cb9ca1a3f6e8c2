"""Taking back, in the ledger: on SQLite and PostgreSQL, against the target in memory."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from connectors.base import Push, Record
from connectors.memory import MemoryTarget
from flows import ledger_schema as t
from flows import sweeps
from flows.figures import read_status
from flows.intents import open_intents, settle_intents
from flows.ledger import Item, Ledger, Outcome, Run
from flows.payloads import compressed, fingerprint, pack
from flows.rollback import RollbackStage, again
from flows.selection import Selection, of_codes, of_run
from flows.site import SiteError
from flows.stages import drain

SOURCE = "cu"


def sweep(ledger: Ledger, run: Run, **texts: str) -> None:
    mark = sweeps.start_sweep(ledger, run, SOURCE, "nguon", is_filtered=False)
    packed = {key: pack(Record(key, {"text": text}, {})) for key, text in texts.items()}
    sweeps.record_page(ledger, run, mark, [sweeps.Seen(k, fingerprint(p), p, None) for k, p in packed.items()])
    counts = {"found": len(texts), "in_scope": len(texts), "after_cutoff": 0}
    sweeps.finish_sweep(ledger, run, mark, counts)


def body(key: str) -> bytes:
    return b'{"MaHoSo":"%s"}' % key.encode()


def push(ledger: Ledger, run: Run, target: MemoryTarget, *, is_lost: bool = False) -> None:
    """What the stages do, in few words. ``is_lost``: the answer never comes."""
    items = ledger.claim(run, t.EXTRACTED, 10)
    mapped = [Outcome(i, t.MAPPED, "", {"code": f"H-{i.key}"}, None, compressed(body(i.key))) for i in items]
    ledger.advance(run, "map", mapped)
    items = ledger.claim(run, t.MAPPED, 10)
    ledger.advance(run, "validate", [Outcome(i, t.VALID) for i in items])
    items = ledger.claim(run, t.VALID, 10)
    tokens = {i.key: f"{i.key} {i.revision}" for i in items}
    open_intents(ledger, run, [(i, tokens[i.key]) for i in items])
    receipts = target.push([Push(SOURCE, i.key, body(i.key), tokens[i.key], i.version or "") for i in items])
    if is_lost:
        ledger.release(run, items)
        return
    values: list[tuple[Item, dict[str, object]]] = [
        (i, {"new_id": r.new_id, "version": r.version}) for i, r in zip(items, receipts, strict=True)
    ]
    ledger.advance(run, "push", [Outcome(i, t.PUSHED, "", dict(v)) for i, v in values])
    settle_intents(ledger, [(i, tokens[i.key], "pushed", dict(v)) for i, v in values])


def take_back(ledger: Ledger, target: MemoryTarget, selection: Selection) -> RollbackStage:
    with ledger.run("rollback") as run:
        stage = RollbackStage(ledger, run, target, [SOURCE], selection, "tổ: thử")
        drain(stage, lambda name, done, total: None)
    return stage


def states(ledger: Ledger) -> dict[str, str]:
    with ledger.transaction() as c:
        return {row.key: row.state for row in c.execute(select(t.entry.c.key, t.entry.c.state))}


def test_what_was_taken_back_waits_through_change_and_absence_until_somebody_asks(ledger: Ledger) -> None:
    target = MemoryTarget()
    with ledger.run("migrate") as first:
        sweep(ledger, first, a="1", b="1")
        push(ledger, first, target)
    with ledger.run("migrate") as second:
        sweep(ledger, second, a="2", b="1", c="1")
        push(ledger, second, target)
    mine = of_run(ledger, second.id, [SOURCE])
    assert "1 hồ sơ" in mine.note, "the run only updated a"
    assert take_back(ledger, target, mine).counts == {"taken": 1, "not_there": 0}
    assert [key for key, _ in target.list_keys(SOURCE)] == ["a", "b"]
    target.edit(SOURCE, "b", b"{}")
    stage = take_back(ledger, target, of_codes(ledger, ["H-a", "b"], [SOURCE]))
    assert (stage.counts["taken"], [left.key for left in stage.left]) == (1, ["b"])
    assert states(ledger) == {"a": "ROLLED_BACK", "b": "PUSHED", "c": "ROLLED_BACK"}
    assert take_back(ledger, target, of_codes(ledger, ["a"], [SOURCE])).counts.total() == 0
    with ledger.run("extract") as run:
        sweep(ledger, run, a="3", b="1")
        assert states(ledger)["c"] == "VANISHED"
        sweep(ledger, run, a="3", b="1", c="1")
    assert states(ledger) == {"a": "ROLLED_BACK", "b": "PUSHED", "c": "ROLLED_BACK"}
    assert read_status(ledger, {"nguon": SOURCE}).total.balanced
    with ledger.run("again") as run:
        assert again(ledger, run, of_run(ledger, second.id, [SOURCE], taken_back=True), "tổ") == 2
        push(ledger, run, target)
    assert states(ledger) == {"a": "PUSHED", "b": "PUSHED", "c": "PUSHED"}


def test_a_push_whose_answer_was_lost_is_taken_back_too(ledger: Ledger) -> None:
    target = MemoryTarget()
    with ledger.run("migrate") as run:
        sweep(ledger, run, a="1")
        push(ledger, run, target, is_lost=True)
    assert states(ledger) == {"a": "VALID"}
    assert take_back(ledger, target, of_run(ledger, run.id, [SOURCE])).counts["taken"] == 1
    assert list(target.list_keys(SOURCE)) == []
    assert states(ledger) == {"a": "ROLLED_BACK"}


def test_a_list_with_a_code_that_nobody_knows_or_two_share_is_refused_whole(ledger: Ledger) -> None:
    with ledger.run("extract") as run:
        sweep(ledger, run, a="1", b="1")
        items = ledger.claim(run, t.EXTRACTED, 10)
        ledger.advance(run, "map", [Outcome(i, t.MAPPED, "", {"code": "H-1"}) for i in items])
    with pytest.raises(SiteError, match="không có 1 mã: x"):
        of_codes(ledger, ["a", "x"], [SOURCE])
    with pytest.raises(SiteError, match="nhiều hơn một hồ sơ: H-1"):
        of_codes(ledger, ["H-1"], [SOURCE])
