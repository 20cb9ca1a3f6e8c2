"""What ODBC on this machine knows: its driver manager, its drivers, the files that name them. Opens no connection."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Driver:
    """A driver by the name that a connection string says. ``library`` is "" when no file names one."""

    name: str
    library: str
    is_there: bool


@dataclass(frozen=True)
class Odbc:
    """``version`` of pyodbc; ``trouble``: why it cannot be loaded ("" when it can)."""

    version: str = ""
    trouble: str = ""
    drivers: tuple[Driver, ...] = ()
    files: tuple[Path, ...] = ()  # odbcinst.ini and odbc.ini that exist


def look_at_odbc() -> Odbc:
    """The state of ODBC. Never raises: a machine without it is an answer."""
    try:
        import pyodbc
    except ImportError as error:  # the wheel does not bring libodbc
        return Odbc(trouble=str(error.name or "libodbc"), files=tuple(_files()))
    libraries = _libraries()
    drivers = [Driver(name, libraries.get(name, ""), _exists(libraries.get(name, ""))) for name in pyodbc.drivers()]
    return Odbc(pyodbc.version, "", tuple(drivers), tuple(_files()))


def _exists(library: str) -> bool:
    # a bare name is looked up by the dynamic loader, which alone knows where
    return bool(library) and ("/" not in library or Path(library).exists())


def _files() -> Iterator[Path]:
    home, system = Path.home(), Path(os.environ.get("ODBCSYSINI", "/etc"))
    named = (os.environ.get("ODBCINSTINI", ""), os.environ.get("ODBCINI", ""))
    usual = (system / "odbcinst.ini", system / "odbc.ini", home / ".odbcinst.ini", home / ".odbc.ini")
    yield from dict.fromkeys(file for file in (*(Path(name) for name in named if name), *usual) if file.is_file())


def _libraries() -> dict[str, str]:
    """Driver name → its library, as the files say; the user's own file wins."""
    found: dict[str, str] = {}
    for file in _files():
        if "odbcinst" not in file.name:
            continue
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue  # unixODBC reads it in its own way; doctor names the file
        for section in parser.sections():
            found[section] = parser.get(section, "Driver", fallback="")
    return found
