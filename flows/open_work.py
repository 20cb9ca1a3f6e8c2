"""Whether officials can go on with an open dossier in the new system as they could in the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connectors.base import Stored, TargetStep
from mappings.model import Dossier
from validations.compare import Difference

NEXT_ACTIONS = "next_actions_differ"
ROUNDS, PAUSES = "DanhSachHoSoBoSung", "DanhSachTamDung"

Process = Mapping[str, TargetStep]


def action_differences(process: Process, dossier: Dossier, stored: Stored) -> Iterator[Difference]:
    """The next allowed actions of an open dossier must be those of the step that it was mapped to."""
    if not dossier.is_open or not process:
        return
    step = process.get(dossier.next_step)
    wanted, held = step.actions if step else (), stored.actions or ()
    if not wanted or wanted != held:
        yield Difference("BuocXuLyMoi", NEXT_ACTIONS, " ".join(wanted), " ".join(held))


def work_figures(process: Process, dossier: Dossier, found: Iterable[Difference]) -> Iterator[tuple[str, int]]:
    """(figure, number) that an open dossier, read back, adds to the report."""
    if not dossier.is_open:
        return
    fields = [(difference.field, difference.kind) for difference in found]
    yield "open_read_back", 1
    if process:
        is_equal = all(kind != NEXT_ACTIONS for _, kind in fields)
        yield ("open_actions_equal" if is_equal else "open_actions_different"), 1
    for name, items, part in (("rounds", dossier.supplements, ROUNDS), ("pauses", dossier.pauses, PAUSES)):
        is_equal = not any(where.startswith(part) for where, _ in fields)
        yield f"open_{name}", len(items)
        yield f"open_{name}_equal", len(items) * is_equal
