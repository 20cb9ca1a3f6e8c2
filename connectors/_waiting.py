"""What the headers of an HTTP answer say of moments."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(text: str) -> float | None:
    """Seconds a server asks to wait: a number, or a date."""
    if text.isdecimal():
        return float(text)
    found = moment(text)
    return None if found is None else max(0.0, (found - datetime.now(UTC)).total_seconds())


def moment(text: str) -> datetime | None:
    """The instant in a header; None when there is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
