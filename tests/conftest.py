"""Fixtures shared by every kind of test: real servers and a real browser, started once when first asked for."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import MakeDatabase, find_program, mariadb_server, postgres_server
from tests.story.forked import let_go
from tests.tds.server import tds_server


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the long stories are told: the suite's short form, or that of ``make soak``."""
    parser.addoption("--dossiers", default="400", help="dossiers of the stories on servers")
    parser.addoption("--kills", default="2", help="how often the run of those stories is killed")
    parser.addoption("--runs", default="2", help="how many small runs are killed at random moments")


def pytest_sessionfinish() -> None:
    """Stop what the commands in forked children share."""
    let_go()


@pytest.fixture(scope="session")
def make_mariadb() -> Iterator[MakeDatabase]:
    """``make_mariadb()`` gives the PyMySQL URL of a fresh, empty database with a powerful account."""
    with mariadb_server() as make:
        yield make


@pytest.fixture(scope="session")
def make_postgres() -> Iterator[MakeDatabase]:
    """``make_postgres()`` gives the psycopg URL of a fresh, empty database with a powerful account."""
    with postgres_server() as make:
        yield make


@pytest.fixture(scope="session")
def make_mssql() -> Iterator[MakeDatabase]:
    """``make_mssql()`` gives the URL of a fresh, empty database behind the TDS endpoint, with a powerful account."""
    with tds_server() as server:
        yield server.make_database


@dataclass(frozen=True)
class Chromium:
    """A headless browser with a fresh profile for each page."""

    program: str
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def screenshot(self, page: str | Path, width: int = 1280, height: int = 900, *, wait_ms: int = 2000) -> Path:
        """PNG of a page (URL or file) after ``wait_ms`` of the page's own time."""
        png = self.folder / f"page-{next(self.numbers)}.png"
        self._open(page, wait_ms, f"--screenshot={png}", f"--window-size={width},{height}", "--hide-scrollbars")
        assert png.is_file(), "chromium không chụp được trang"
        return png

    def dump_dom(self, page: str | Path, *, wait_ms: int = 2000) -> str:
        """HTML of a page (URL or file) as it stands after its scripts ran for ``wait_ms`` of its own time."""
        return self._open(page, wait_ms, "--dump-dom")

    def _open(self, page: str | Path, wait_ms: int, *flags: str) -> str:
        address = page.resolve().as_uri() if isinstance(page, Path) else page
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
        profile = f"--user-data-dir={self.folder / f'profile-{next(self.numbers)}'}"
        command = [self.program, "--headless", "--no-sandbox", "--disable-gpu", *quiet, profile]
        command += [f"--virtual-time-budget={wait_ms}", *flags, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=self.folder)
        assert done.returncode == 0, f"chromium hỏng ({done.returncode}): {done.stderr[-2000:]}"
        return done.stdout


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    """A headless Chromium."""
    return Chromium(find_program("chromium"), tmp_path_factory.mktemp("chromium"))
