"""A sealed report as it is found: its folder, its manifest, and what of its site can be reached from here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.base import ConnectorError
from flows.ledger import Ledger
from flows.ledger_open import look_at_ledger, open_ledger
from flows.signing import read_keys
from flows.site import Site, SiteError, load_site
from flows.workplace import system_clock
from validations.manifest import NAME, Manifest, parse

HOLDS: Final = "holds"
DIFFERS: Final = "differs"
UNCHECKED: Final = "unchecked"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``area``: manifest, signature, report, chain, mapping, tool, ledger, target, …"""

    area: str
    state: str
    title: str
    said: str = ""
    items: tuple[str, ...] = ()  # files, or old keys


@dataclass
class Sealed:
    """A report's folder with its manifest, and what of its site can be reached."""

    folder: Path
    body: bytes
    manifest: Manifest | None
    site: Site | None = None
    ledger: Ledger | None = None
    why_not: str = ""  # the site or its ledger cannot be reached
    keys: tuple[str, ...] = ()  # public keys to believe, by --key


@contextmanager
def open_sealed(place: Path, site: Path | None, key: Path | None) -> Iterator[Sealed]:
    """Find the report and its site. Raises SiteError for what is neither."""
    folder = _folder_of(place)
    if not (folder / NAME).is_file():
        raise SiteError(
            f"Không thấy {folder / NAME}: đây không phải thư mục báo cáo, hoặc báo cáo do bản lienthong cũ viết. "
            "Viết lại báo cáo: lienthong report SITE."
        )
    body = (folder / NAME).read_bytes()
    with ExitStack() as stack:
        found = Sealed(folder, body, parse(body), keys=_keys(key))
        _reach(found, site, stack)
        yield found


def _folder_of(place: Path) -> Path:
    path = place.resolve()
    if path.is_file() and path.name == NAME:
        return path.parent
    return path / "var" / "reports" / "latest" if (path / "site.yaml").is_file() else path


def _keys(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return ()
    if keys := read_keys(file):
        return keys
    raise SiteError(f"{file}: không có khóa công khai nào. Cần tệp signing.pub của site đã viết báo cáo.")


def _reach(found: Sealed, named: Path | None, stack: ExitStack) -> None:
    """The site that wrote the report, and its ledger; a copy on another machine has neither."""
    at = named.resolve() if named else next((up for up in found.folder.parents if (up / "site.yaml").is_file()), None)
    if at is None:
        found.why_not = "không thấy site đã viết báo cáo ở đây; nêu site bằng --site"
        return
    site = load_site(at)
    if found.manifest and site.settings.name != found.manifest.site:
        found.why_not = f"site ở {at} tên {site.settings.name}, báo cáo của site {found.manifest.site}"
        return
    found.site = site
    try:
        url = site.ledger_url()
        if look_at_ledger(url).version:
            found.ledger = open_ledger(url, system_clock)
            stack.callback(found.ledger.close)
        else:
            found.why_not = "site chưa có sổ cái"
    except (ConnectorError, SiteError) as error:
        found.why_not = str(error)


def sentence(text: str) -> str:
    """With a capital, without the stop."""
    return text[:1].upper() + text[1:].rstrip(".")
