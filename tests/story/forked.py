"""The command in a process of its own that need not import anything: a fork of this one.

Half of what a command costs is importing what it is made of, and the stories give some hundred commands. The child has
its own environment, folder, output and exit code, as a command that was typed; only what is imported is there already.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO

from flows.cli import VERBS, build_command, main

MISTAKE = 70
LATE = ("great_expectations.expectations", "connectors.rest", "flows.demo", "flows.review", "flows.explain")


def run_forked(arguments: list[str], environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``lienthong`` with these arguments to its end."""
    _import_once()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # "may lead to deadlocks": our threads hold no locks
            child = os.fork()
        if child == 0:
            _be_the_command(arguments, environment, folder, out, err)
        _, status = os.waitpid(child, 0)
        return subprocess.CompletedProcess(arguments, os.waitstatus_to_exitcode(status), _text(out), _text(err))


@functools.cache
def _import_once() -> None:
    """What most commands import, late as they do it."""
    build_command("vi", VERBS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (
            "great_expectations.expectations",
            "connectors.rest",
            "flows.demo",
            "flows.review",
            "flows.explain",
        ):
            import_module(name)


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
