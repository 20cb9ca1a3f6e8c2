"""``lienthong schema``: the new dossier for other programs."""

from __future__ import annotations

import sys
from typing import Final

import msgspec

from flows.failures import MATCHED
from flows.verbs.options import Says
from mappings.model import json_schema

SAYS: Final[Says] = {
    "schema": ("In JSON Schema của hồ sơ mới.", "Print the JSON Schema of the new dossier."),
}


def run() -> int:
    """Print the JSON Schema of the new dossier."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n")
    return MATCHED
