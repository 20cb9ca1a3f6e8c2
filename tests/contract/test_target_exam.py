"""The exam every target sits: in memory, over HTTP with the receiver on SQLite and on PostgreSQL, in tables.

A vendor's API has no versions, no idempotency keys and takes files late or never: what a target does not declare that
it can is asked of the others (``exact``); what keeps a dossier from being lost, doubled or overwritten is asked of all.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pytest

from connectors.base import Conflict, Push, Refused, Removal, Target
from connectors.memory import MemoryTarget
from connectors.rehearsal.receiver.process import RunningReceiver
from connectors.rest import RestTarget
from mappings.model import Attachment, Paper, encode
from tests.contract.dossiers import dossier, new_source, push
from tests.contract.receivers import clerk_edits, declared_target, foreign_clerk_notes


@dataclass(frozen=True)
class Examinee:
    """A target, and a clerk who works in it."""

    target: Target
    clerk_notes: Callable[[str, str], object]
    source: str

    def version(self, key: str) -> str:
        """The version held of a dossier."""
        (stored,) = self.target.read_back(self.source, [key])
        return stored.version


def too_long(sent: Push) -> tuple[tuple[str, str], ...]:
    """The one rule that the target in memory knows."""
    name = json.loads(sent.body)["ThongTinChuHoSo"]["ChuHoSo"]
    return (("ThongTinChuHoSo.ChuHoSo", "string_too_long"),) if len(name) > 500 else ()


DECLARED = {"opencps": "opencps_v2", "td": "td_dichvucong"}
TABLES = ["mariadb_tables", "postgres_tables", "mssql_tables"]
EXACT = ["memory", "sqlite", "postgres"]


def sits(request: pytest.FixtureRequest) -> Iterator[Examinee]:
    """The target of this parameter, with a source of its own."""
    source = new_source()
    if request.param == "memory":
        memory = MemoryTarget(too_long)
        noted = encode(dossier(source, "x", note="Cán bộ đã xem"))
        yield Examinee(memory, lambda s, key: memory.edit(s, key, noted), source)
        return
    if request.param in TABLES:
        vendor = request.getfixturevalue(request.param).wiped()
        tables = vendor.target()
        yield Examinee(tables, lambda s, key: vendor.clerk_notes(key), source)
        tables.close()
        return
    receiver = request.getfixturevalue(f"{request.param}_receiver")
    if request.param in DECLARED:
        declared = declared_target(receiver, DECLARED[request.param], source, concurrency=2)
        yield Examinee(declared, lambda s, key: foreign_clerk_notes(receiver, declared, s, key), source)
        declared.close()
        return
    target = RestTarget(receiver.url, receiver.push_token, batch=3, concurrency=2)
    yield Examinee(target, lambda s, key: clerk_edits(receiver, s, key, note="Cán bộ đã xem"), source)
    target.close()


examinee = pytest.fixture(params=[*EXACT, *DECLARED, *TABLES], name="examinee")(sits)
exact = pytest.fixture(params=EXACT, name="exact")(sits)
updating = pytest.fixture(params=[*EXACT, "opencps", *TABLES], name="updating")(sits)
filing = pytest.fixture(params=[*EXACT, *TABLES[:2]], name="filing")(sits)  # files go past the database


def test_a_new_dossier_gets_an_id_and_its_first_version(examinee: Examinee) -> None:
    (receipt,) = examinee.target.push([push(examinee.source, "1")])
    assert (receipt.key, receipt.error) == ("1", None)
    assert receipt.new_id
    assert receipt.version == examinee.version("1")


def test_a_dossier_pushed_twice_exists_once(examinee: Examinee) -> None:
    sent = push(examinee.source, "1")
    assert examinee.target.push([sent]) == examinee.target.push([sent])
    assert [key for key, _ in examinee.target.list_keys(examinee.source)] == ["1"]


def test_a_dossier_named_twice_in_one_batch_exists_once(examinee: Examinee) -> None:
    sent = push(examinee.source, "1")
    first, second = examinee.target.push([sent, sent])
    assert first == second
    assert [key for key, _ in examinee.target.list_keys(examinee.source)] == ["1"]


def test_the_same_body_under_the_current_version_makes_no_new_version(examinee: Examinee) -> None:
    (first,) = examinee.target.push([push(examinee.source, "1")])
    (again,) = examinee.target.push([push(examinee.source, "1", if_match=first.version)])
    assert again == first


def test_another_body_makes_the_next_version_of_the_same_dossier(updating: Examinee) -> None:
    (first,) = updating.target.push([push(updating.source, "1")])
    (second,) = updating.target.push([push(updating.source, "1", if_match=first.version, status=9)])
    assert second.new_id == first.new_id
    assert second.version not in ("", first.version)
    (stored,) = updating.target.read_back(updating.source, ["1"])
    assert json.loads(stored.body)["TrangThaiHoSo"] == 9


def test_an_update_whose_answer_was_lost_is_answered_again(updating: Examinee) -> None:
    (first,) = updating.target.push([push(updating.source, "1")])
    update = push(updating.source, "1", if_match=first.version, status=9)
    (second,) = updating.target.push([update])
    assert updating.target.push([update]) == [second]
    assert list(updating.target.list_keys(updating.source)) == [("1", second.version)]


def test_a_dossier_that_is_there_is_not_created_again(examinee: Examinee) -> None:
    examinee.target.push([push(examinee.source, "1")])
    (receipt,) = examinee.target.push([push(examinee.source, "1", status=9)])
    assert isinstance(receipt.error, Conflict)
    assert (receipt.new_id, receipt.version) == ("", examinee.version("1"))


@pytest.mark.parametrize("version", ["1", "3"])
def test_another_version_than_the_current_one_is_a_conflict(exact: Examinee, version: str) -> None:
    exact.target.push([push(exact.source, "1")])
    exact.target.push([push(exact.source, "1", if_match="1", status=9)])
    (receipt,) = exact.target.push([push(exact.source, "1", if_match=version, status=10)])
    assert isinstance(receipt.error, Conflict)


def test_a_version_of_a_dossier_that_is_not_there_is_a_conflict(examinee: Examinee) -> None:
    (receipt,) = examinee.target.push([push(examinee.source, "1", if_match="1")])
    assert isinstance(receipt.error, Conflict)
    assert list(examinee.target.list_keys(examinee.source)) == []


def test_a_dossier_a_clerk_worked_on_is_not_overwritten(examinee: Examinee) -> None:
    (first,) = examinee.target.push([push(examinee.source, "1")])
    examinee.clerk_notes(examinee.source, "1")
    (receipt,) = examinee.target.push([push(examinee.source, "1", if_match=first.version, status=9)])
    assert isinstance(receipt.error, Conflict)
    assert receipt.version == examinee.version("1") != first.version
    (stored,) = examinee.target.read_back(examinee.source, ["1"])
    assert json.loads(stored.body)["GhiChu"] == "Cán bộ đã xem"


def test_a_push_repeated_after_a_clerk_worked_is_a_conflict(examinee: Examinee) -> None:
    sent = push(examinee.source, "1")
    (first,) = examinee.target.push([sent])
    examinee.clerk_notes(examinee.source, "1")
    (receipt,) = examinee.target.push([sent])
    assert isinstance(receipt.error, Conflict)
    assert receipt.version == examinee.version("1") != first.version


def test_a_token_used_for_another_body_is_refused(exact: Examinee) -> None:
    exact.target.push([push(exact.source, "1", token="mot-khoa")])
    (receipt,) = exact.target.push([push(exact.source, "1", token="mot-khoa", status=9)])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("", "idempotency_key_reused"),)


def test_receipts_come_in_the_order_given_and_a_refusal_stops_no_other(exact: Examinee) -> None:
    good = dossier(exact.source, "3")
    long_name = msgspec.structs.replace(good.applicant, name="Ấ" * 501)
    batch = [push(exact.source, key) for key in ("9", "10", "2", "1", "5", "6", "7")]
    batch.insert(2, push(exact.source, "3", applicant=long_name))
    receipts = exact.target.push(batch)
    assert [r.key for r in receipts] == ["9", "10", "3", "2", "1", "5", "6", "7"]
    assert [r.key for r in receipts if r.error] == ["3"]
    refused = receipts[2].error
    assert isinstance(refused, Refused)
    assert refused.reasons == (("ThongTinChuHoSo.ChuHoSo", "string_too_long"),)
    assert len({r.new_id for r in receipts}) == 8


def test_what_is_read_back_is_what_was_pushed(examinee: Examinee) -> None:
    sent = {key: push(examinee.source, key) for key in ("1", "2", "3", "4", "5")}
    examinee.target.push(list(sent.values()))
    stored = examinee.target.read_back(examinee.source, ["5", "khong-co", "1", "2", "4", "3"])
    assert [s.key for s in stored] == ["5", "1", "2", "4", "3"]
    assert all(json.loads(s.body) == json.loads(sent[s.key].body) for s in stored)
    assert all((s.source_id, s.files) == (examinee.source, ()) and s.version for s in stored)


def test_keys_are_listed_in_order_and_of_one_source_only(examinee: Examinee) -> None:
    other = new_source()
    examinee.target.push([push(examinee.source, key) for key in ("9", "10", "b", "A", "Đ")])
    examinee.target.push([push(other, "1")])
    listed = [key for key, _ in examinee.target.list_keys(examinee.source)]
    assert listed == ["10", "9", "A", "b", "Đ"]


def test_keys_may_hold_any_sign(examinee: Examinee) -> None:
    keys = ["a/b c", "50%?#&", "hồ-sơ", '"', "[1] {2}"]
    for key in keys if examinee.target.takes_files == "first" else ():
        examinee.target.upload(examinee.source, key, "thư mục/tệp 1.pdf", "Tệp số 1.pdf", io.BytesIO(b"x"))
    receipts = examinee.target.push([push(examinee.source, key) for key in keys])
    assert [r.error for r in receipts] == [None] * len(keys)
    assert sorted(s.key for s in examinee.target.read_back(examinee.source, keys)) == sorted(keys)


def with_file(source: str, locator: str, content: bytes) -> Push:
    file = Attachment(locator, "Tờ khai.pdf", "application/pdf", len(content), "1.0")
    sent = ((locator, hashlib.sha256(content).hexdigest()),)
    return push(source, "1", files=sent, papers=(Paper("g1", name="Tờ khai", attachment=file),))


@pytest.mark.parametrize("content", [b"", b"x", b"abc" * 700_000], ids=["empty", "small", "large"])
def test_a_file_is_held_with_the_hash_of_its_bytes(filing: Examinee, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        answer = filing.target.upload(filing.source, "1", "kho/tệp số 1.pdf", "Tờ khai.pdf", io.BytesIO(content))
        assert answer == (digest, len(content))
    (receipt,) = filing.target.push([with_file(filing.source, "kho/tệp số 1.pdf", content)])
    assert receipt.error is None
    (stored,) = filing.target.read_back(filing.source, ["1"])
    assert stored.files == (("kho/tệp số 1.pdf", digest, len(content)),)


def test_a_dossier_whose_file_did_not_arrive_is_refused(filing: Examinee) -> None:
    (receipt,) = filing.target.push([with_file(filing.source, "1.pdf", b"x")])
    assert isinstance(receipt.error, Refused)
    filing.target.upload(filing.source, "1", "1.pdf", "1.pdf", io.BytesIO(b"y"))
    (receipt,) = filing.target.push([with_file(filing.source, "1.pdf", b"x")])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("files", "attachment_differs"),)


def test_a_new_content_of_a_file_makes_a_new_version(exact: Examinee) -> None:
    exact.target.upload(exact.source, "1", "1.pdf", "1.pdf", io.BytesIO(b"x"))
    (first,) = exact.target.push([with_file(exact.source, "1.pdf", b"x")])
    exact.target.upload(exact.source, "1", "1.pdf", "1.pdf", io.BytesIO(b"y"))
    sent = with_file(exact.source, "1.pdf", b"y")
    (second,) = exact.target.push([Push(sent.source_id, sent.key, sent.body, "k", first.version, sent.files)])
    assert (second.error, second.version) == (None, "2")


def test_what_was_pushed_is_taken_back_with_its_files_and_can_be_pushed_again(exact: Examinee) -> None:
    target, source = exact.target, exact.source
    target.upload(source, "1", "1.pdf", "1.pdf", io.BytesIO(b"x"))
    sent = with_file(source, "1.pdf", b"x")
    first, stays = target.push([sent, push(source, "2")])
    removal = Removal(source, "1", first.version, "rút")
    (gone,) = target.remove([removal])
    assert (gone.error, gone.new_id) == (None, first.new_id)
    assert list(target.list_keys(source)) == [("2", stays.version)]
    assert target.remove([removal]) == [gone], "an answer may have been lost"
    (copy,) = target.push([sent])
    assert isinstance(copy.error, Refused), "a late copy of the push brings nothing back to life"
    anew = Push(sent.source_id, sent.key, sent.body, "đẩy lại", "", sent.files)
    target.upload(source, "1", "1.pdf", "1.pdf", io.BytesIO(b"x"))
    (nothing,) = target.remove([Removal(source, "1", "0", "rút tệp")])
    assert (nothing.error, nothing.new_id) == (None, "")
    (without_file,) = target.push([anew])
    assert isinstance(without_file.error, Refused)
    target.upload(source, "1", "1.pdf", "1.pdf", io.BytesIO(b"x"))
    (again,) = target.push([anew])
    assert again.error is None
    assert again.new_id not in ("", first.new_id), "a number that was given is never given again"
    (late,) = target.remove([removal])
    assert isinstance(late.error, Conflict), "a late copy of the removal takes nothing away"
    assert [key for key, _ in target.list_keys(source)] == ["1", "2"]


def test_a_dossier_a_clerk_worked_on_is_not_taken_back(exact: Examinee) -> None:
    exact.target.push([push(exact.source, key) for key in ("1", "2", "3")])
    exact.clerk_notes(exact.source, "2")
    keys = ("3", "2", "khong-co", "1")
    receipts = exact.target.remove([Removal(exact.source, key, "1", f"rút {key}") for key in keys])
    assert [r.key for r in receipts] == list(keys)
    assert [type(r.error) for r in receipts] == [type(None), Conflict, type(None), type(None)]
    assert receipts[2].new_id == "", "what is not there needs no taking back"
    assert list(exact.target.list_keys(exact.source)) == [("2", "2")]
    assert exact.target.remove([]) == []


def test_an_empty_batch_is_no_call(examinee: Examinee) -> None:
    assert examinee.target.push([]) == []
    assert examinee.target.read_back(examinee.source, []) == []
    assert list(examinee.target.list_keys(examinee.source)) == []


def test_the_probe_names_the_server(examinee: Examinee) -> None:
    assert examinee.target.probe()


def test_a_push_tells_no_citizen_and_no_portal(exact: Examinee) -> None:
    exact.target.push([push(exact.source, "1"), push(exact.source, "2")])
    assert exact.target.told(exact.source) == {"citizen": 0, "portal": 0}


def test_no_dossier_is_refused_for_the_place_of_another(examinee: Examinee) -> None:
    unknown = push(examinee.source, "2", procedure_code="")
    receipts = examinee.target.push([push(examinee.source, "1"), unknown, push(examinee.source, "3")])
    assert [(r.key, bool(r.error)) for r in receipts if r.key != "2"] == [("1", False), ("3", False)]
    assert receipts[1].key == "2"


def test_files_that_a_target_takes_late_are_held_with_the_hash_of_their_bytes(
    opencps_receiver: RunningReceiver,
) -> None:
    source = new_source()
    target = declared_target(opencps_receiver, "opencps_v2", source)
    assert target.takes_files == "after"
    with pytest.raises(Refused):
        target.upload(source, "1", "a", "a", io.BytesIO(b"x"))
    (receipt,) = target.push([push(source, "1")])
    for content in (b"", b"x", b"abc" * 700_000):
        digest = hashlib.sha256(content).hexdigest()
        for _ in range(2):
            answer = target.upload(source, "1", "kho/tệp số 1.pdf", "Tờ khai.pdf", io.BytesIO(content))
            assert answer == (digest, len(content))
    (stored,) = target.read_back(source, ["1"])
    assert (stored.files, stored.version) == ((("kho/tệp số 1.pdf", digest, len(content)),), receipt.version)
    target.close()
