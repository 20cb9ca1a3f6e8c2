"""Errors named by what to do next. ``connectors.base`` hands them on: import them from there."""

from __future__ import annotations


class ConnectorError(Exception):
    """Root of the tree. The message is Vietnamese, for a technician, without personal values or secrets."""


class Unavailable(ConnectorError):
    """The other side cannot be reached or is too busy: retry the stage later (exit 11)."""


class Forbidden(ConnectorError):
    """Wrong password or token, or a right is missing: stop (exit 12)."""


class Misconfigured(ConnectorError):
    """The site or profile does not fit the other side: driver, table or column missing (exit 10)."""


class Unreadable(ConnectorError):
    """One stored file cannot be read while its store answers: the file's own trouble, its dossier's at most."""


class Refused(ConnectorError):
    """The target refused one dossier: quarantine it and go on.

    ``reasons`` are (field path, code) pairs without values.
    """

    def __init__(self, message: str, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class Conflict(ConnectorError):
    """The target holds a newer version than the one named in If-Match: somebody worked there."""
