"""The site's key pair: the private half in SITE/var, the public half in the site's folder, so in its git history.

A signature says that whoever held the key wrote these bytes. It does not say that he was honest, nor who he was.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from flows.site import Site, SiteError, make_private, write_private

PRIVATE: Final = "signing.key"
PUBLIC: Final = "signing.pub"
KIND: Final = "ed25519"


@dataclass(frozen=True)
class Signer:
    """The site's key at work. ``key``: the public half, base64."""

    key: str
    _private: Ed25519PrivateKey

    def sign(self, data: bytes) -> str:
        """A signature, base64."""
        return base64.b64encode(self._private.sign(data)).decode()


def site_signer(site: Site) -> Signer:
    """The site's key; made at first use. Its public half is written down where it is not yet."""
    file = make_private(site.var) / PRIVATE
    if not file.exists():
        _make(file)
    make_private(file, is_folder=False)
    try:
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(file.read_bytes(), validate=True))
    except ValueError as error:
        raise SiteError(
            f"{file}: khóa ký hỏng. Khôi phục từ bản sao lưu; nếu không có, xóa tệp này: lần viết báo cáo sau tạo "
            "khóa mới."
        ) from error
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    known = own_keys(site.path)
    if key not in known:
        write_private(site.path / PUBLIC, [f"{KIND} {each}\n".encode() for each in (*known, key)])
    return Signer(key, private)


def _make(file: Path) -> None:
    """A new private key; of two commands at once one makes it."""
    part = file.with_name(f"{PRIVATE}.{os.getpid()}")
    write_private(part, [base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw())])
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def own_keys(folder: Path) -> tuple[str, ...]:
    """The public keys of a site, oldest first: a lost private key is followed by another."""
    return read_keys(folder / PUBLIC)


def read_keys(file: Path) -> tuple[str, ...]:
    """The public keys in a file, one a line."""
    if not file.is_file():
        return ()
    lines = [line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == KIND)


def is_signed(data: bytes, signature: str, key: str) -> bool:
    """Whether the key's owner signed exactly these bytes."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def short(key: str) -> str:
    """A key as people compare it on paper: four groups of four."""
    mark = hashlib.sha256(key.encode()).hexdigest()[:16]
    return " ".join(mark[n : n + 4] for n in range(0, 16, 4))
