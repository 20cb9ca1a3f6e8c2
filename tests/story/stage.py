"""What the stories share: the command as a technician runs it, and a look into the site it works on."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.story.forked import run_forked

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str | Path) -> list[str]:
    """The command line of ``lienthong``."""
    return [sys.executable, "-m", "flows.cli", *map(str, arguments)]


def environment(**extra: str) -> dict[str, str]:
    """A technician's environment, without this test run's own settings."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LIENTHONG_", "OLD_", "NEW_", "LEDGER_"))
    }
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def lienthong(
    *arguments: str | Path, expect: int | tuple[int, ...] = 0, is_fresh: bool = False, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run the command; its exit code must be one of those expected, and no traceback may show.

    ``is_fresh``: in a process that imports everything anew, for what libraries read when they are loaded.
    """
    words, env = [str(word) for word in arguments], environment(**extra)
    if is_fresh:
        done = subprocess.run(command(*words), capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    else:
        done = run_forked(words, env, ROOT)
    allowed = (expect,) if isinstance(expect, int) else expect
    assert done.returncode in allowed, f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "Traceback" not in done.stdout + done.stderr
    return done


def make_ready(site: Path, dossiers: int, seed: int = 1) -> Path:
    """A rehearsed site, extracted, mapped and validated: what may go waits to be pushed."""
    lienthong("demo", site, "--dossiers", str(dossiers), "--seed", str(seed), "--prepare")
    go_on(site)
    return site


def go_on(site: Path) -> None:
    """Sweep again, and map and validate what came of it."""
    for stage in ("extract", "map", "validate"):
        lienthong(stage, site, expect=(0, 1))


def status(site: Path) -> dict[str, Any]:
    """``status --json`` of a site."""
    found: dict[str, Any] = json.loads(lienthong("status", site, "--json", expect=(0, 1)).stdout)
    return found


def manifest(site: Path) -> dict[str, Any]:
    """What the generator says it seeded."""
    found: dict[str, Any] = json.loads((site / "var" / "manifest.json").read_text(encoding="utf-8"))
    return found


def seeded(site: Path) -> dict[str, dict[str, int]]:
    """What ``status`` must count: issue code → dossiers, rule → dossiers left out."""
    return _counts(manifest(site))


def _counts(wanted: dict[str, Any]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {"issues": Counter(), "excluded": Counter()}
    for kind in wanted["kinds"]:
        for told, word in (("issues", "code"), ("excluded", "rule")):
            if kind.get(word):
                counts[told][kind[word]] += kind["count"]
    return {told: dict(found) for told, found in counts.items()}


def as_seeded(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """What ``status`` says of a source that went through all stages is what the manifest seeded, to the dossier."""
    waiting = wanted["quarantined"]
    assert (found["found"], found["in_scope"]) == (wanted["found"], wanted["in_scope"])
    assert {told: found[told] for told in ("issues", "excluded")} == _counts(wanted)
    assert found["states"] == {"MATCHED": wanted["in_scope"] - waiting, "QUARANTINED": waiting}


def look(database: Path, sql: str) -> list[Any]:
    """Rows of a SQLite database."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def ledger_rows(site: Path, sql: str) -> list[Any]:
    """Rows of the site's SQLite ledger."""
    return look(site / "var" / "ledger.sqlite", sql)


def change(database: Path, sql: str) -> int:
    """Change a SQLite database as somebody else would; how many rows."""
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(sql).rowcount


def report(site: Path) -> dict[str, Any]:
    """The latest report's data without run ids, times and the site's own path."""
    text = (site / "var" / "reports" / "latest" / "report.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.replace(str(site), "SITE"))
    found.pop("run")
    return found
