"""The command inside the test's own process: some seconds less a call than a process of its own."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from flows.cli import run


def here(*arguments: str | Path, expect: int | tuple[int, ...] = 0) -> str:
    """Run the command; what it printed, results first. Its exit code must be one of those expected."""
    said, told = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(told):
        code = run([str(argument) for argument in arguments])
    allowed = (expect,) if isinstance(expect, int) else expect
    assert code in allowed, f"{arguments}: {code}\n{said.getvalue()}\n{told.getvalue()}"
    return said.getvalue() + told.getvalue()


def here_json(*arguments: str | Path, expect: int | tuple[int, ...] = 0) -> Any:
    """The same with ``--json``; the result alone."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        code = run([*(str(argument) for argument in arguments), "--json"])
    allowed = (expect,) if isinstance(expect, int) else expect
    assert code in allowed, f"{arguments}: {code}\n{said.getvalue()}"
    return json.loads(said.getvalue())
