"""Every loss that the vendors' APIs are known for is prevented, kept elsewhere, or counted before a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from connectors.base import Forbidden, Push, Refused
from connectors.rehearsal.receiver.process import RunningReceiver
from connectors.rest import DeclaredTarget
from mappings.model import encode
from mappings.targets import count_filled, load_target
from tests.contract.dossiers import every_field, new_source, push
from tests.contract.receivers import call, declared_target
from validations.compare import compare


@dataclass(frozen=True)
class Door:
    """A target, the receiver behind it, and a source (and group) of its own."""

    receiver: RunningReceiver
    target: DeclaredTarget
    source: str

    def send(self, path: str, form: dict[str, str], **headers: str) -> int:
        """What another client writes there; the status."""
        sent = {"Token": self.receiver.push_token, "groupId": self.source, **headers}
        return call(self.receiver, "POST", path, urlencode(form).encode(), headers=sent).status


@pytest.fixture
def opencps(opencps_receiver: RunningReceiver) -> Iterator[Door]:
    source = new_source()
    target = declared_target(opencps_receiver, "opencps_v2", source)
    yield Door(opencps_receiver, target, source)
    target.close()


@pytest.fixture
def td(td_receiver: RunningReceiver) -> Iterator[Door]:
    target = declared_target(td_receiver, "td_dichvucong", "")
    yield Door(td_receiver, target, new_source())
    target.close()


FORM = {"serviceCode": "1.1", "govAgencyCode": "H44", "dossierNo": "000.17.22.H44-250505-0001", "originality": "0"}


def test_a_203_is_never_a_success(opencps: Door) -> None:
    assert opencps.send("/dossiers/publish", FORM, Token="sai") == 203
    stranger = declared_target(opencps.receiver, "opencps_v2", opencps.source, token="sai")
    with pytest.raises(Forbidden):
        stranger.push([push(opencps.source, "1")])
    stranger.close()
    assert list(opencps.target.list_keys(opencps.source)) == []


def test_a_number_of_another_dossier_is_refused_and_that_one_stays_as_it_was(opencps: Door) -> None:
    assert opencps.send("/dossiers/publish", FORM | {"referenceUid": "cua-ho", "applicantName": "Người khác"}) == 200
    (receipt,) = opencps.target.push([push(opencps.source, "1")])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("dossierNo", "number_taken"),)
    sent = {"Token": opencps.receiver.push_token, "groupId": opencps.source}
    held = call(opencps.receiver, "GET", "/dossiers", headers=sent).json["data"]
    assert [(d["referenceUid"], d["applicantName"]) for d in held] == [("cua-ho", "Người khác")]


def test_a_receipt_that_is_dropped_without_a_filing_is_found_by_reading_back(opencps: Door) -> None:
    (receipt,) = opencps.target.push([push(opencps.source, "1", filed_at=None)])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("NgayTiepNhan", "read_back_differs"),)


def test_a_dossier_is_not_sent_to_the_national_portal_again(opencps: Door) -> None:
    opencps.target.push([push(opencps.source, "1")])
    opencps.send("/dossiers/publish", FORM | {"dossierNo": "khac"})
    sent = {"Token": opencps.receiver.push_token, "groupId": opencps.source}
    held = call(opencps.receiver, "GET", "/dossiers", headers=sent).json["data"]
    assert sorted((int(d["originality"]), d["publishQueue"]) for d in held) == [(0, 1), (3, 0)]


def test_an_api_that_writes_its_own_hours_is_found_by_reading_back(opencps: Door) -> None:
    opencps.target.push([push(opencps.source, "1")])
    form = FORM | {"submitDate": "1746405015000", "receiveDate": "1746405015000", "referenceUid": "nhap"}
    opencps.send("/dossiers/publish/importData", form | {"dossierNo": "khac"})
    sent = {"Token": opencps.receiver.push_token, "groupId": opencps.source}
    held = {d["referenceUid"]: d for d in call(opencps.receiver, "GET", "/dossiers", headers=sent).json["data"]}
    assert held["nhap"]["receiveDate"] == "05/05/2025 10:30:15"
    assert held[f"{opencps.source}:1"]["receiveDate"] == "05/05/2025 09:30:15"


def test_history_has_no_call_of_its_own(opencps: Door) -> None:
    assert opencps.send("/dossiers/1/actions", {"actionCode": "1100"}) == 403


def test_an_envelope_that_says_no_under_a_200_is_refused(td: Door) -> None:
    (receipt,) = td.target.push([push(td.source, "1", procedure_code="")])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("", "envelope_failed"),)
    assert list(td.target.list_keys(td.source)) == []


def test_the_old_number_is_kept_beside_the_one_that_the_target_gives(td: Door) -> None:
    sent = push(td.source, "1", note="Ấ" * 501)
    receipts = [*td.target.push([sent]), *td.target.push([sent])]
    assert len({r.new_id for r in receipts}) == 1
    (stored,) = td.target.read_back(td.source, ["1"])
    body = json.loads(stored.body)
    assert body["MaHoSo"] == json.loads(sent.body)["MaHoSo"] != stored.new_id
    assert body["GhiChu"] == "Ấ" * 501, "longer than their column: whole in the rest"


@pytest.mark.parametrize("name", ["opencps", "td"])
def test_whatever_is_kept_elsewhere_reads_back_as_it_was(request: pytest.FixtureRequest, name: str) -> None:
    door: Door = request.getfixturevalue(name)
    body = encode(every_field(door.source, "1"))
    (receipt,) = door.target.push([Push(door.source, "1", body, "k")])
    assert receipt.error is None
    (stored,) = door.target.read_back(door.source, ["1"])
    assert compare(body, stored.body) == ()


LOSSES: list[tuple[str, str, str]] = [
    ("opencps_v2", "overwritten_number", "prevented"),
    ("opencps_v2", "receive_date", "prevented"),
    ("opencps_v2", "hours", "prevented"),
    ("opencps_v2", "national_portal", "prevented"),
    ("opencps_v2", "history", "elsewhere"),
    ("opencps_v2", "fees", "elsewhere"),
    ("opencps_v2", "results", "elsewhere"),
    ("opencps_v2", "delegate", "elsewhere"),
    ("opencps_v2", "units", "elsewhere"),
    ("opencps_v2", "work_goes_on", "elsewhere"),
    ("opencps_v2", "taking_back", "lost"),
    ("opencps_v2", "silence", "lost"),
    ("td_dichvucong", "own_code", "elsewhere"),
    ("td_dichvucong", "second_creation", "prevented"),
    ("td_dichvucong", "failing_envelope", "prevented"),
    ("td_dichvucong", "long_texts", "elsewhere"),
    ("td_dichvucong", "history", "elsewhere"),
    ("td_dichvucong", "fees", "elsewhere"),
    ("td_dichvucong", "attachments", "lost"),
    ("td_dichvucong", "taking_back", "lost"),
    ("td_dichvucong", "silence", "lost"),
]


@pytest.mark.parametrize("profile", ["opencps_v2", "td_dichvucong"])
def test_every_known_loss_has_an_answer_and_is_counted_by_the_dossiers_that_it_concerns(profile: str) -> None:
    losses = load_target(profile).losses
    assert {(name, loss.answer) for name, loss in losses.items()} == {(n, a) for p, n, a in LOSSES if p == profile}
    counts: dict[str, int] = {}
    count_filled(losses, json.loads(encode(every_field("s", "1"))), counts)
    assert counts == dict.fromkeys(losses, 1)


def test_the_strict_contract_loses_nothing() -> None:
    assert load_target("receiver").losses == {}
