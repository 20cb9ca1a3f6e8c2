"""What SQL Server and its two ODBC drivers say when something is wrong, as reasons that the translation knows."""

from __future__ import annotations

import re
from typing import Final, Literal

Reason = Literal[
    "no_login", "no_right", "no_database", "no_entry", "no_table", "no_column", "bad_sql", "bad_value", "writes",
    "unreachable", "busy", "no_snapshot", "no_certificate", "no_encryption", "no_ticket", "no_driver",
]  # fmt: skip

_NUMBERS: Final[dict[Reason, tuple[int, ...]]] = {
    "no_database": (4060, 911, 4063, 40_613),
    "no_login": (18_456, 18_452, 18_470, 18_486, 18_487, 18_488, 4064),
    "no_entry": (916, 978, 976),
    "no_right": (229, 230, 262, 297, 300, 371),
    "no_table": (208, 4902),
    "no_column": (207, 4104),
    "bad_value": (241, 242, 244, 245, 248, 8114, 8115, 8169, 402, 206),
    "bad_sql": (102, 105, 156, 170, 174, 137, 195, 209, 319, 1033, 2812, 4145, 8117, 8120, 8155),
    "no_snapshot": (3952, 3953, 3961, 3964),
    "busy": (1205, 1222, 701, 802, 845, 17_809, 10_928, 10_929, 49_918, 40_501, 983, 3960),
    "writes": (3906, 3908),
}
_WORDS: Final[tuple[tuple[str, Reason], ...]] = (
    (r"Can't open lib|Data source name not found", "no_driver"),
    (r"certificate verify failed|certificate chain|hostname mismatch|principal name", "no_certificate"),
    (r"Encryption not supported|unsupported protocol|no protocols available|handshake|wrong version number|"
     r"SSL Provider|dh key too small|SSL Security error", "no_encryption"),
    (r"SSPI Provider|Kerberos|GSSAPI|Cannot generate SSPI", "no_ticket"),
    (r"Login timeout expired|Unable to connect|TCP Provider|Named Pipes|server is not found|Server is unavailable|"
     r"Adaptive Server|Server name not found|Communication link", "unreachable"),
    (r"Query timeout expired|timeout expired", "busy"),
)  # fmt: skip
_NUMBER: Final = re.compile(r"\((\d{3,5})\)")


def reason_of(text: str) -> Reason | None:
    """The reason behind a driver's message: by the server's own numbers first, then by the driver's words."""
    numbers = [int(number) for number in _NUMBER.findall(text)]
    found = next((reason for reason, known in _NUMBERS.items() if any(number in known for number in numbers)), None)
    return found or next((reason for words, reason in _WORDS if re.search(words, text, re.IGNORECASE)), None)
