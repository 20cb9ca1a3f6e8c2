"""The child process of :func:`connectors.rehearsal.receiver.process.start`."""

from __future__ import annotations

import sys

from connectors.rehearsal.receiver.process import run_child

if __name__ == "__main__":
    sys.exit(run_child())
