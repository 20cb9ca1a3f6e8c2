"""Files of decisions that the tool writes: dated, numbered, readable by their owner only."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from flows.site import LOCAL, Site


def write_decision(site: Site, moment: datetime, author: str, note: str, lists: dict[str, Any]) -> Path:
    """A new file in SITE/decisions; the file."""
    return write_dated(site.path / "decisions", moment, author, note, lists)


def write_dated(folder: Path, moment: datetime, author: str, note: str, rest: dict[str, Any]) -> Path:
    """A new file in ``folder``, dated by the local day of ``moment``; the file."""
    folder.mkdir(exist_ok=True)
    day = moment.astimezone(LOCAL).date().isoformat()
    number = next(n for n in range(1, 10_000) if not (folder / f"{day}-{n}.yaml").exists())
    file = folder / f"{day}-{number}.yaml"
    whole = {"author": author, "date": day, "note": note, **rest}
    text = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, default_flow_style=False)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    return file
