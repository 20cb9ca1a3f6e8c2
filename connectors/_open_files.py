"""The files at a place, whichever kind of place it is."""

from __future__ import annotations

from connectors._file_stores import FileServer, HangsFiles, Store
from connectors._sql_files import StoredFiles


def open_files(store: Store) -> HangsFiles:
    """Nothing is asked of the place before it is used."""
    if isinstance(store, FileServer):
        from connectors._http_files import HttpFiles  # a client that few sites need costs a command 0.1 s

        return HttpFiles(store)
    return StoredFiles(store)
