"""A sealed report: any byte, any file, any link and any line that somebody changed is found."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import signing
from flows.sealed import DIFFERS, Check, Sealed
from flows.seals import folder_seals
from flows.signing import Signer, own_keys, site_signer
from flows.site import SiteError, load_site
from flows.site_files import write_site
from flows.verifying import check_report
from validations import manifest as m
from validations import signoff
from validations.signoff import SignOff

FILES = {"report.html": b"<p>1.496</p>", "report.json": b"{}\n", "dossiers/a-1.html": b"x", "empty.csv": b""}


def signer() -> Signer:
    private = Ed25519PrivateKey.generate()
    return Signer(b64encode(private.public_key().public_bytes_raw()).decode(), private)


def seal(folder: Path, by: Signer) -> bytes:
    """Write files and their manifest; the manifest's bytes."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    data = m.DataSeal({}, "", "", "", 0, 0, 0, True)
    draft = m.Manifest(1, "", "phutho", "2026-11-29T01:00:00+00:00", "r", "0.1.0", "s", folder_seals(folder), {}, data)
    draft = replace(draft, key=by.key)
    body = m.to_bytes(replace(draft, signature=by.sign(m.signed_bytes(draft))))
    (folder / m.NAME).write_bytes(body)
    return body


def look(folder: Path, *keys: str) -> list[Check]:
    """What differs in a folder, by itself."""
    body = (folder / m.NAME).read_bytes()
    return [each for each in check_report(Sealed(folder, body, m.parse(body), keys=keys)) if each.state == DIFFERS]


@pytest.fixture(scope="module")
def own() -> Signer:
    return signer()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, own: Signer) -> Path:
    path = tmp_path_factory.mktemp("sealed")
    seal(path, own)
    return path


def test_a_sealed_report_holds(folder: Path, own: Signer) -> None:
    assert look(folder, own.key) == []


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_any_file_is_found_and_named(folder: Path, own: Signer, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([m.NAME, *(name for name, content in FILES.items() if content)]))
    before = (folder / name).read_bytes()
    at, by = data.draw(st.integers(0, len(before) - 1)), data.draw(st.integers(1, 255))
    (folder / name).write_bytes(before[:at] + bytes([before[at] ^ by]) + before[at + 1 :])
    try:
        assert any(name in each.items for each in look(folder, own.key))
    finally:
        (folder / name).write_bytes(before)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_taken_away_or_added_is_named(tmp_path: Path, own: Signer, name: str) -> None:
    seal(tmp_path, own)
    (tmp_path / name).unlink()
    (tmp_path / "dossiers" / "b-2.html").write_bytes(b"")
    (found,) = look(tmp_path, own.key)
    assert (found.area, set(found.items)) == ("report", {name, "dossiers/b-2.html"})


def test_a_byte_more_or_less_in_the_manifest_is_found(tmp_path: Path, own: Signer) -> None:
    body = seal(tmp_path, own)
    for other in (body + b" ", body[:-1], body.replace(b" ", b"", 1), b"", b"\xff"):
        assert m.parse(other) is None


def test_a_manifest_that_a_newer_version_wrote_is_read_and_checked(tmp_path: Path, own: Signer) -> None:
    fields = {**json.loads(seal(tmp_path, own)), "format": 2, "later": {"b": 1, "a": "ă"}, "signature": ""}
    unsigned = m.signed_part(json.dumps(fields).encode())
    body = json.dumps({**fields, "signature": own.sign(unsigned)}, ensure_ascii=False, indent=1, sort_keys=True)
    for text, areas in ((body, []), (body.replace("ă", "â"), ["signature"])):
        (tmp_path / m.NAME).write_text(text + "\n", encoding="utf-8")
        assert [each.area for each in look(tmp_path, own.key)] == areas


def test_a_foreign_key_is_found_though_its_signature_holds(tmp_path: Path, own: Signer) -> None:
    seal(tmp_path, signer())
    assert look(tmp_path) == []
    assert [each.area for each in look(tmp_path, own.key)] == ["signature"]


def test_a_signature_of_another_manifest_does_not_hold(tmp_path: Path, own: Signer) -> None:
    known = m.parse(seal(tmp_path, own))
    assert known is not None
    (tmp_path / m.NAME).write_bytes(m.to_bytes(replace(known, number=2)))
    assert [each.area for each in look(tmp_path, own.key)] == ["signature"]


# ---------------------------------------------------------------- the site's key


def test_a_site_gets_one_key_and_remembers_the_keys_before_it(tmp_path: Path) -> None:
    write_site(tmp_path, name="thu", source="cu", is_rehearsal=True, files="kho", old_url="sqlite:///x")
    site = load_site(tmp_path)
    first = site_signer(site)
    assert site_signer(site).key == first.key
    assert own_keys(tmp_path) == (first.key,)
    file = tmp_path / "var" / "signing.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() not in (tmp_path / "signing.pub").read_text()
    file.unlink()
    assert own_keys(tmp_path) == (first.key,)
    second = site_signer(site)
    assert own_keys(tmp_path) == (first.key, second.key)
    file.write_text("hỏng")
    with pytest.raises(SiteError, match=r"signing\.key"):
        site_signer(site)


# ---------------------------------------------------------------- the chain


def links(count: int) -> list[m.Link]:
    return [m.Link(n, f"h{n}", f"h{n - 1}" if n > 1 else "") for n in range(1, count + 1)]


def broken(found: list[m.Link], head: m.Link | None = None) -> tuple[int, ...]:
    return m.chain(found, head, lambda link: True).broken


def test_a_whole_chain_holds() -> None:
    assert m.chain(links(5), m.Link(5, "h5", ""), lambda link: True) == m.Chain(1, 5, ())
    assert m.chain([], None, lambda link: True) == m.Chain(1, 0, ())


@given(st.integers(2, 9), st.data())
def test_a_link_taken_out_or_changed_breaks_the_chain(count: int, data: st.DataObject) -> None:
    whole, head = links(count), m.Link(count, f"h{count}", "")
    at = data.draw(st.integers(2, count))
    assert at in broken([link for link in whole if link.number != at], head)
    changed = [replace(link, sha256="x") if link.number == at else link for link in whole]
    assert broken(changed, head)


def test_a_chain_cut_at_its_beginning_is_told_by_where_it_starts() -> None:
    assert m.chain(links(5)[2:], m.Link(5, "h5", ""), lambda link: True) == m.Chain(3, 5, ())


def test_a_link_that_is_not_signed_breaks_the_chain() -> None:
    assert m.chain(links(3), None, lambda link: link.number != 2).broken == (2,)


# ---------------------------------------------------------------- dossiers

seals = st.dictionaries(st.text("0123456789aĐ", min_size=1, max_size=4), st.sampled_from("xyz"), max_size=12)


@given(seals, seals)
def test_merging_two_lists_of_seals_finds_what_two_dictionaries_say(
    before: dict[str, str], now: dict[str, str]
) -> None:
    found = m.moved(iter(sorted(before.items())), iter(sorted(now.items())))
    assert found.changed == sum(before[key] != now[key] for key in before.keys() & now.keys())
    assert (found.gone, found.added) == (len(before.keys() - now.keys()), len(now.keys() - before.keys()))
    assert len(found.keys) == min(found.dossiers, m.EXAMPLES)


# ---------------------------------------------------------------- sign-offs


def signed(by: Signer, count: int) -> list[SignOff]:
    made: list[SignOff] = []
    for n in range(1, count + 1):
        before = made[-1].signature if made else ""
        draft = SignOff(
            n, f"2026-11-{n:02}T08:00:00+07:00", "Lê B", "Chủ tịch", "", "", "", n, "h", "d", before, by.key
        )
        made.append(replace(draft, signature=by.sign(signoff.signed_bytes(draft))))
    return made


def faults(records: list[SignOff], by: Signer) -> list[str]:
    def is_ours(record: SignOff) -> bool:
        return record.key == by.key and signing.is_signed(signoff.signed_bytes(record), record.signature, record.key)

    return signoff.faults(records, is_ours)


def test_a_list_of_signoffs_survives_its_file_and_a_spreadsheet(own: Signer) -> None:
    records = signed(own, 3)
    text = signoff.to_csv(records)
    assert signoff.from_csv(text) == records
    assert signoff.from_csv(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")) == records
    assert faults(records, own) == []


def test_a_line_changed_taken_out_or_foreign_is_found(own: Signer) -> None:
    records = signed(own, 3)
    assert faults([records[0], replace(records[1], author="Ai khác"), records[2]], own)
    assert faults([records[0], records[2]], own)
    assert faults(records[1:], own)
    assert faults(signed(signer(), 1), own)
    assert faults(signoff.from_csv(b"number,author\n1,A\n"), own)
    assert faults(signoff.from_csv(b"\xff"), own)


def test_a_record_in_a_folder_counts_by_every_byte(own: Signer) -> None:
    (record,) = signed(own, 1)
    body = signoff.to_json(record)
    assert signoff.from_json(body) == record
    assert signoff.from_json(body + b" ") is None
    assert signoff.from_json(b"{}") is None


def open_matters(verdict: str, *, is_blocking: bool, is_critical: bool) -> Iterator[str]:
    step = {"what": "Trùng mã", "dossiers": 2, "is_blocking": is_blocking}
    item = {"what": "Nguồn a", "why": "chưa quét", "is_critical": is_critical}
    report = {"verdict": {"kind": verdict, "sentence": "Chưa xong."}, "next_steps": [step], "not_checked": [item]}
    return signoff.matters(json.loads(json.dumps(report)))


def test_a_signer_is_told_what_is_open() -> None:
    assert list(open_matters("matched", is_blocking=False, is_critical=False)) == []
    assert list(open_matters("remains", is_blocking=True, is_critical=False)) == ["Trùng mã (2 hồ sơ)"]
    found = list(open_matters("in_progress", is_blocking=False, is_critical=True))
    assert found == ["Chưa xong", "Chưa kiểm: Nguồn a"]
