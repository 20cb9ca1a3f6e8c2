"""The command in a process of its own that need not import anything: a fork of this one.

Most of what a command costs is importing what it is made of and starting a Prefect server, and the stories give some
hundred commands. The child has its own environment, folder, output and exit code, as a command that was typed; what is
imported is there already, and its runs are shown on one server that stays up, as PREFECT_API_URL asks for. What stands
on a server of its own (tests/story/test_prefect.py) runs in fresh processes.
"""

from __future__ import annotations

import functools
import gc
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import IO

import pytest

from flows import prefect_home
from flows.cli import VERBS, build_command, main
from flows.site import load_site
from flows.site_files import write_site
from mappings.agency_names import fold_name
from mappings.catalogues import read_catalogues
from mappings.units import read_units

MISTAKE = 70
LATE = ("great_expectations.expectations", "connectors.rest", "flows.demo", "flows.review", "flows.explain")
PREFECT = ("flows.migrate", "flows.runs")
_kept = ExitStack()


def let_go() -> None:
    """Stop the shared server; for the end of the session."""
    _kept.close()


def run_forked(arguments: list[str], environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``lienthong`` with these arguments to its end."""
    environment = {**_settings_for(arguments), **environment}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # "may lead to deadlocks": our threads hold no locks
            child = os.fork()
        if child == 0:
            _be_the_command(arguments, environment, folder, out, err)
        _, status = os.waitpid(child, 0)
        return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), _text(out), _text(err))


def _settings_for(arguments: list[str]) -> dict[str, str]:
    """What the environment of this command must hold, once everything is imported that it needs."""
    import_once()
    runs_flows = arguments[0] == "migrate" or (arguments[0] == "demo" and "--prepare" not in arguments)
    return _prefect_once() if runs_flows else {}


@functools.cache
def import_once(*more: str) -> None:
    """What most commands import, late as they do it, and ``more``; and the shipped tables that they read once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        build_command("vi", VERBS)
        for name in (*LATE, *more):
            import_module(name)
    for unit in read_units().communes.values():
        fold_name(unit.name)
    read_catalogues(None)
    gc.freeze()  # no child looks through all of this for garbage


@functools.cache
def _prefect_once() -> dict[str, str]:
    """Prefect, and the settings that it was imported with: those of a server that stays up."""
    folder = Path(_kept.enter_context(tempfile.TemporaryDirectory(prefix="pytest-prefect-")))
    write_site(folder, name="may-chu", source="cu", is_rehearsal=True, files="")
    site = load_site(folder)
    settings = prefect_home.settings_of(site)
    server = prefect_home.start_server(site, settings)
    _kept.callback(server.stop)
    settings["PREFECT_API_URL"] = server.api
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in settings.items():
            patch.setenv(name, value)
        for name in PREFECT:
            import_module(name)
        prefect_home.wait_for(server)
    gc.freeze()
    return settings


def _be_the_command(
    arguments: list[str], environment: Mapping[str, str], folder: Path, out: IO[bytes], err: IO[bytes]
) -> None:
    """The child: never comes back into the tests."""
    code = MISTAKE
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
        warnings.resetwarnings()  # the tests take warnings for errors; a technician's command does not
        warnings.simplefilter("ignore")
        main(arguments)
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else MISTAKE
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8")
