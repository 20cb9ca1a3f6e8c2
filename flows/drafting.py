"""Tables of the site that commands draft: one command at a time writes them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flows.site import Site, make_private

LOCK: Final = "drafting.lock"


@contextmanager
def one_at_a_time(site: Site) -> Iterator[None]:
    """Wait until no other command of this site folder drafts: look inside the block at what stands there by then."""
    with (make_private(site.var) / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process, kill -9 included
        yield
