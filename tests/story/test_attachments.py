"""Files that are in trouble, each in its own way: what holds a dossier back, what goes on without, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.rehearsal.receiver.process import start
from flows.attachments import attachments_of
from flows.payloads import plain
from mappings.model import decode
from tests.soak_files.run import soak
from tests.story.office import Loaded, Office, ask, open_office
from tests.story.stage import lienthong

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@dataclass(frozen=True)
class Broken:
    """A dossier and its file to which something happens between the sweep and the push."""

    key: str
    locator: str
    name: str


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose dossiers wait to be pushed."""
    folder = tmp_path_factory.mktemp("files")
    site, database = folder / "site", folder / "receiver.sqlite"
    open_office(site, 24)
    with start(str(database)) as receiver:
        made = Office(site, receiver, f"sqlite:///{database}", f"sqlite:///{site}/var/ledger.sqlite", Loaded.of(site))
        made.settle()
        assert made.run("extract", "map", "validate") == 0
        yield made


def with_files(office: Office) -> list[Broken]:
    """One file of each dossier that is to be pushed and has a file."""
    rows = ask(
        office.ledger,
        "SELECT e.key, p.mapped FROM entry e JOIN payload p ON p.source_id = e.source_id AND p.key = e.key "
        "WHERE e.state = 'VALID' ORDER BY e.key",
    )
    files = [(key, next(attachments_of(decode(plain(mapped))), None)) for key, mapped in rows]
    return [Broken(key, file.locator, file.name) for key, file in files if file and file.name.endswith(".pdf")]


def declare(office: Office, errors: str) -> None:
    file = office.site / "site.yaml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines(True) if not line.startswith("errors:")]
    file.write_text("".join(lines) + f"errors: {errors}\n", encoding="utf-8")


def damage(store: Path, gone: Broken, unreadable: Broken, empty: Broken, unlike: Broken) -> None:
    """What happens to files after the sweep: lost, on a bad sector, emptied, exchanged."""
    (store / gone.locator).unlink()
    (store / unreadable.locator).unlink()
    (store / unreadable.locator).symlink_to("/proc/self/mem")  # opens, and fails when it is read
    (store / empty.locator).write_bytes(b"")
    (store / unlike.locator).write_bytes(PNG)


def troubles(office: Office) -> dict[str, tuple[str, str, str]]:
    """Old key → (code, severity, about) of the troubles with files."""
    rows = ask(office.ledger, "SELECT key, code, severity, about FROM issue WHERE code LIKE 'attachment_%'")
    return {key: found for key, *found in rows if found[0] != "attachment_missing"}


def states(office: Office, *broken: Broken) -> list[str]:
    return [ask(office.ledger, f"SELECT state FROM entry WHERE key = '{one.key}'")[0][0] for one in broken]


def test_each_trouble_with_a_file_is_its_own_and_the_site_says_what_it_stops(office: Office) -> None:
    store = office.site / "var" / "old_files"
    gone, unreadable, empty, unlike, huge = broken = with_files(office)[:5]
    with (store / huge.locator).open("ab") as file:
        file.truncate(2 << 20)
    declare(office, "{attachment: {max_mb: 1}}")
    assert office.run("extract", "map", "validate") == 0
    damage(store, gone, unreadable, empty, unlike)
    assert office.run("push") == 0
    assert troubles(office) == {
        gone.key: ["attachment_gone", "error", gone.locator],
        unreadable.key: ["attachment_unreadable", "error", unreadable.locator],
        empty.key: ["attachment_empty", "warning", empty.locator],
        unlike.key: ["attachment_type_unlike", "warning", "pdf: png"],
        huge.key: ["attachment_too_large", "error", huge.locator],
    }
    held = ["QUARANTINED", "QUARANTINED", "PUSHED", "PUSHED", "QUARANTINED"]
    assert states(office, *broken) == held

    declare(office, "{attachment: {blocks: [], max_mb: 1}}")
    lienthong("quarantine", office.site, "retry", "--code", "attachment_gone", expect=(0, 1))
    lienthong("quarantine", office.site, "retry", "--code", "attachment_unreadable", expect=(0, 1))
    lienthong("quarantine", office.site, "retry", "--code", "attachment_too_large", expect=(0, 1))
    assert office.run("map", "validate", "push", "compare") == 0
    assert states(office, *broken) == ["MATCHED"] * 5
    assert {severity for _, severity, _ in troubles(office).values()} == {"warning"}
    parts = " UNION ALL ".join(f"SELECT rest FROM receiver_{name}" for name in ("paper", "result"))
    assert ask(office.database, f"SELECT count(*) FROM ({parts}) WHERE rest LIKE '%\"TepBiThieu\"%'")[0][0] >= 3
    without = ask(office.ledger, "SELECT key FROM attachment WHERE sha256 = '' ORDER BY key")
    assert [key for (key,) in without] == sorted(one.key for one in (gone, unreadable, huge))


def test_files_of_every_size_arrive_whole_when_the_push_is_killed_half_way(tmp_path: Path) -> None:
    found = soak(tmp_path / "site", files=60, total=20_000_000, kills=1, seed=3)
    assert found.pushes[0].code < 0
    assert found.pushes[-1].code in (0, 1)
    assert found.equal > 40
    assert (found.differing, found.part_rests) == (0, 0)
    assert found.held_contents == found.contents
