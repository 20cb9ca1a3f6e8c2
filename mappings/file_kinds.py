"""Names and kinds of files: what a new system may be told as a name, and whether the bytes are what a name promises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

HEAD: Final = 2048
"""Bytes from the front of a file that tell what it is."""
_LONGEST: Final = 200  # bytes; file systems take 255, and targets put something of their own before it
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')
_PDF_WITHIN: Final = 1024  # ISO 32000-1, annex H.3.4.1: readers take a header within the first 1024 bytes
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)  # of Windows, with any extension
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_SIGNS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",), "png": (b"\x89PNG\r\n\x1a\n",), "gif": (b"GIF8",), "bmp": (b"BM",), "rtf": (b"{\\rtf",),
    **dict.fromkeys(("jpg", "jpeg", "jfif"), (b"\xff\xd8\xff",)),
    **dict.fromkeys(("tif", "tiff"), (b"II*\0", b"MM\0*")),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "zip"), _ZIP),
    **dict.fromkeys(("doc", "xls", "ppt"), _OLE),
    "exe": (b"MZ",), "rar": (b"Rar!\x1a\x07",), "7z": (b"7z\xbc\xaf\x27\x1c",),
}  # fmt: skip
"""Extension → how a file of that kind begins: kinds that offices hand in and that have a beginning of their own."""


def clean_name(name: str) -> str:
    """A name that any file system takes: no folder, no control or direction mark, at most 200 bytes, NFC.

    The name as it was written stays in the dossier.
    """
    shown = "".join(sign for sign in unicodedata.normalize("NFC", name) if unicodedata.category(sign) not in _HIDDEN)
    last = shown.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    text = re.sub(r"\s+", " ", _NOT_IN_NAMES.sub("_", last)).strip(" .")
    if text.partition(".")[0].strip().lower() in _RESERVED:
        text = f"_{text}"
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = text, "", ""
    room = _LONGEST - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + extension or "tep"


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def unlike(name: str, head: bytes) -> str:
    """What a file is if not what its extension says: ``pdf: docx``, ``pdf: ?`` where nobody knows; "" when it fits.

    ``head``: its first bytes. Only extensions whose kind has a beginning of its own are judged; an empty file is not.
    """
    extension = PurePosixPath(name.lower().strip()).suffix.removeprefix(".")
    signs = _SIGNS.get(extension)
    if signs is None or not head or head.startswith(signs):
        return ""
    if extension == "pdf" and signs[0] in head[:_PDF_WITHIN]:
        return ""
    found = _kinds(head)
    if extension in found:
        return ""
    usual = next((kind for kind in (*_SIGNS, "html", "xml") if kind in found), "?")
    return f"{extension}: {usual}"


def _kinds(head: bytes) -> frozenset[str]:
    """Extensions that fit; a short signature fits much by chance."""
    import puremagic  # its table of signatures costs a command 40 ms, and few files need it

    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return frozenset()
    return frozenset(match.extension.removeprefix(".") for match in found)
