"""README and docs are true: their commands run, their links resolve, their tables agree with the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows import failures
from flows.cli import build_command
from tests.docs.pages import GUIDES, PAGES, README, ROOT, Command, anchors, blocks, commands, links, rows
from validations.remedies import Shelf, known_codes, look_up
from validations.suite import load_suite

DOSSIERS = 300
INTERRUPTED = 130
SITE = "var/demo-site"


@dataclass(frozen=True)
class Workshop:
    """A folder like a clone after ``make demo``: the command below ``.venv/bin``, a finished site in ``var``."""

    folder: Path

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run one line as a technician types it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LIENTHONG_", "OLD_", "NEW_"))}
        path = f"{self.folder / '.venv' / 'bin'}:{kept['PATH']}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**kept, "PATH": path, "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def some_key(self) -> str:
        """Old key of a dossier in quarantine."""
        found = self.run(f"lienthong quarantine {SITE} --json")
        return str(json.loads(found.stdout)[0]["keys"][0])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, str]:
    """A workshop whose demo site was made by the command of ``make demo``, with fewer dossiers; what it printed."""
    folder = tmp_path_factory.mktemp("clone")
    command = folder / ".venv" / "bin" / "lienthong"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m flows.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    shop = Workshop(folder)
    done = shop.run(f".venv/bin/lienthong demo {SITE} --dossiers {DOSSIERS}")
    assert done.returncode == 0, done.stderr[-3000:]
    return shop, done.stdout + done.stderr


@pytest.fixture
def workshop(demo: tuple[Workshop, str], tmp_path: Path) -> Workshop:
    """A copy of that workshop for one page."""
    return Workshop(Path(shutil.copytree(demo[0].folder, tmp_path / "clone")))


@pytest.mark.parametrize("page", [README, *GUIDES], ids=lambda page: page.name)
def test_every_command_of_a_page_runs_and_ends_as_the_page_says(page: Path, workshop: Workshop) -> None:
    for command in commands(page):
        if command.text.startswith("make "):
            continue  # the next test looks at these
        text = command.text.replace("KHÓA", workshop.some_key()) if "KHÓA" in command.text else command.text
        done = workshop.run(text)
        assert done.returncode == command.code, f"{text}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_of_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"`make\s([a-z]+)`", page.read_text(encoding="utf-8")))
    named |= {c.text.split()[1] for c in commands(page) if c.text.startswith("make ")}
    assert named <= targets


def test_make_demo_runs_the_demo_where_the_readme_says() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndemo:")[2].partition("\n\n")[0]
    assert f".venv/bin/lienthong demo {SITE}" in recipe
    assert SITE in README.read_text(encoding="utf-8")


def test_the_output_in_the_readme_is_what_the_demo_prints(demo: tuple[Workshop, str]) -> None:
    def plain(text: str) -> list[str]:
        return [" ".join(re.sub(r"[\d.]+", "N", line).split()) for line in text.splitlines() if line.strip()]

    printed = set(plain(demo[1].replace(str(demo[0].folder), "…")))
    (shown,) = blocks(README, "console")
    assert [line for line in plain(shown) if line not in printed] == []


# ---------------------------------------------------------------- commands that need more than this machine has


@pytest.mark.parametrize(
    "command", [c for page in [README, *GUIDES] for c in commands(page, "sh real")], ids=lambda c: c.text
)
def test_a_command_for_a_real_database_has_a_verb_and_options_that_exist(command: Command) -> None:
    words = [word for word in shlex.split(command.text) if not re.match(r"[A-Z_]+=", word)]
    if Path(words[0]).name != "lienthong":
        return
    verb = verbs().get(words[1])
    assert verb is not None, f"{command.page.name}: không có lệnh {words[1]}"
    verb.make_context(words[1], words[2:])  # reads arguments and options; runs nothing


# ---------------------------------------------------------------- tables and links


def verbs() -> Mapping[str, Any]:
    """Every verb of the command, with what reads its words."""
    return build_command("vi").commands


def test_every_verb_is_in_the_readme_in_both_languages() -> None:
    vietnamese, _, english = README.read_text(encoding="utf-8").partition("## English")
    listed = set(re.findall(r"`([a-z]+)", " ".join(row[0] for row in rows(README, r"`[a-z].*"))))
    assert set(verbs()) <= listed
    assert {verb for verb in verbs() if f"`{verb}`" not in english} == set()
    assert "## Các lệnh" in vietnamese


@pytest.mark.parametrize("page", [README, ROOT / "docs" / "van-hanh.md"], ids=lambda page: page.name)
def test_every_exit_code_is_in_the_table(page: Path) -> None:
    codes = {failures.MATCHED, failures.REMAINS, failures.USAGE, failures.WRONG_SITE, failures.UNAVAILABLE}
    codes |= {failures.FORBIDDEN, failures.MISTAKE, INTERRUPTED}
    assert {int(row[0]) for row in rows(page, r"\d+")} == codes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        aim = (page.parent / name).resolve() if name else page
        assert aim.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(aim), f"{page.name}: {target}"


def test_every_guide_is_linked_from_the_readme() -> None:
    assert {f"docs/{guide.name}" for guide in GUIDES} <= set(links(README))


def test_every_issue_the_code_can_find_has_a_title_and_a_remedy() -> None:
    found = {rule.code for rule in load_suite().rules}
    rooms = [file for room in ("mappings", "flows") for file in sorted((ROOT / room).glob("*.py"))]
    source = "".join(file.read_text(encoding="utf-8") for file in rooms)
    found |= set(re.findall(r"(?:run\.(?:error|warning|info)|Issue)\(\s*\"([a-z_0-9]+)\"", source))
    profile = (ROOT / "mappings" / "profiles" / "opencps_v2.yaml").read_text(encoding="utf-8")
    found |= set(re.findall(r"\bissue: ([a-z_0-9]+)", profile))
    assert len(found) > 35
    assert found - known_codes() == set()


@pytest.mark.parametrize("shelf", ["issues", "excluded", "differences"])
def test_every_code_says_what_to_do_about_it(shelf: Shelf) -> None:
    found = {code: look_up(code, shelf) for code in known_codes(shelf)}
    assert [code for code, said in found.items() if not said.title or not said.remedy] == []


def test_the_glossary_knows_every_rule_that_leaves_a_dossier_out() -> None:
    named = {row[0].strip("`") for row in rows(ROOT / "docs" / "thuat-ngu.md", r"`[a-z_]+`")}
    assert named == known_codes("excluded") - {"decision"}  # a decided rule is named after its column and value


def test_no_page_names_a_place_of_one_machine() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"/work/\w+|/root/|/home/\w+", text) == [], page.name
