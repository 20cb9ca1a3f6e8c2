"""The generator of registers kept as spreadsheets by four communes, a book for each year, with their mess.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from connectors.base import Unavailable
from connectors.rehearsal.plan import Made, Plan, slot_of
from connectors.rehearsal.register_books import write_books
from connectors.rehearsal.register_dirt import MARKS_APART, SMALL_LETTERS, kinds, share_code
from connectors.rehearsal.register_life import Entry, RegisterLife
from connectors.rehearsal.sample import Progress, SampleRequest, checked, make_scene, write_manifest
from connectors.rehearsal.stored_files import make_room
from connectors.rehearsal.story import last_filing_day
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

PROFILE: Final = "so_theo_doi"
MARK: Final = "lienthong_rehearsal"
"""The file that marks a folder of books as invented."""
_REPORT_EVERY: Final = 200
_BESIDE: Final[tuple[Told, ...]] = (
    ("row_without_key_code", "code", "code_missing", "quarantined"),
    ("code_of_no_form", "code", "code_form_unknown", "warned"),
    ("code_composed", "code", "unicode_composed", "normalised"),
    ("second_of_a_code", "code", "register_key_twice", "quarantined"),
)
"""What is found beside the finding of a kind."""


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Write the books into the folder ``request.url`` and the manifest; the manifest.

    The same request gives the same rows. Raises Misconfigured when the folder holds anything that the generator did
    not make.
    """
    now, _ = checked(request)
    folder = Path(request.url)
    request.manifest_path.unlink(missing_ok=True)  # of an earlier filling: it would mark the wrong answers
    make_room(folder, MARK)
    random = Random(request.seed)
    scene, _ = make_scene(request, random, now, "sqlite")
    life = RegisterLife(random, scene)
    plan = Plan(request.dossiers, request.is_clean, last_filing_day(request.cutoff, now))
    chosen = () if request.is_clean else kinds()
    tally = Tally([AFTER_CUTOFF, *told_of(chosen), *_BESIDE, OVERDUE])
    slots = [slot_of(life, life.case, kind, share_code) for kind in chosen]
    entries = []
    for made in plan.make(life, life.case, slots):
        entries.append(made.case)
        names = list(_found(made, life, is_second=made.case.code in (entry.code for entry in entries[-2:-1])))
        tally.count(made.case.code, names, is_in_scope=made.is_in_scope, edge=made.edge)
        if len(entries) % _REPORT_EVERY == 0:
            progress(len(entries))
    _write(folder, life, entries)
    if len(entries) % _REPORT_EVERY:
        progress(len(entries))
    return write_manifest(request, PROFILE, tally.manifest())


def _found(made: Made[Entry], life: RegisterLife, *, is_second: bool) -> Iterator[str]:
    yield from (kind for kind in made.kinds if kind != SMALL_LETTERS or is_second)
    if MARKS_APART in made.kinds or (SMALL_LETTERS in made.kinds and is_second):
        yield "code_of_no_form"
    if MARKS_APART in made.kinds and is_second:
        yield "code_composed"
    if "row_without_key" in made.kinds:
        yield "row_without_key_code"
    if is_second and {"code_twice", "double_entry", MARKS_APART} & set(made.kinds):
        yield "second_of_a_code"
    due = made.case.due
    if made.is_in_scope and made.case.is_open and due is not None and due < life.cutoff:
        yield "overdue_at_cutoff"


def _write(folder: Path, life: RegisterLife, entries: list[Entry]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / MARK).write_text(
            "Sổ diễn tập do lienthong sinh ra; người trong sổ không có thật.\n", encoding="utf-8"
        )
        for name in write_books(folder, life, entries):
            (folder / name).chmod(0o600)
    except OSError as error:
        raise Unavailable(f"Không ghi được sổ diễn tập vào {folder} ({error.strerror}).") from None
