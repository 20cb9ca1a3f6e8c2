"""What generators of files are asked for in unit tests."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from pathlib import Path

from connectors.rehearsal.sample import SampleRequest


def request_for(folder: Path, manifest: Path, **options: object) -> SampleRequest:
    """220 dossiers in a folder of files, or as ``options`` say."""
    asked = SampleRequest(
        url=str(folder),
        dossiers=220,
        seed=5,
        zone="Asia/Ho_Chi_Minh",
        cutoff=date(2025, 7, 1),
        files_dir=None,
        manifest_path=manifest,
        now=datetime(2026, 3, 2, 9),
    )
    return dataclasses.replace(asked, **options)  # type: ignore[arg-type]
