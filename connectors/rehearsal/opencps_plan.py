"""What is special in the plan of an OpenCPS: online twins, group dossiers, kinds of dirt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_catalogue import uid
from connectors.rehearsal.opencps_dirt import spoil_fee_of_twin, spoil_paper_of_twin
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.plan import Made, Slot, slot_of
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Wish

TWIN_SHARE, LACK_SHARE, GROUP_SHARE = 0.03, 0.005, 0.004
GROUP_CHILDREN = 3


def slots(life: Life, kinds: Sequence[Kind[Life, Case]]) -> list[Slot[Case]]:
    """Every special place in the order of filing."""
    return [
        Slot(GROUP_SHARE, 1 + GROUP_CHILDREN, partial(_group, life)),
        Slot(TWIN_SHARE, 2, partial(_twins, life, "")),
        Slot(LACK_SHARE, 2, partial(_twins, life, "twin_lacks_paper")),
        Slot(LACK_SHARE, 2, partial(_twins, life, "twin_lacks_fee")),
        *(slot_of(life, life.case, kind, _share_code) for kind in kinds),
    ]


def _share_code(first: Case, other: Case) -> None:
    other.row["dossierNo"] = first.row["dossierNo"]


def _group(life: Life, wish: Wish, number: int) -> Iterator[Made[Case]]:
    """A group dossier (originality 9) and its members."""
    parent = life.case(Wish(wish.day, channel="counter"))
    parent.row["originality"] = 9
    life.papers.scan(parent, "NH01", parent.setting.times.created)
    if parent.setting.status == "done":
        life.papers.scan(parent, "KN01", parent.setting.times.ended)
    yield Made(parent)
    for _ in range(GROUP_CHILDREN):
        member = Wish(wish.day, channel="counter", agency=parent.setting.agency, group_key=parent.key)
        yield Made(life.case(member))


def _twins(life: Life, lack: str, wish: Wish, number: int) -> Iterator[Made[Case]]:
    """The citizen's online copy (originality 1) and the agency's dossier (2) that share a referenceUid."""
    copy_key = life.numbers.dossier()
    twin = life.case(Wish(wish.day, channel="online"))
    copy = copy_of(life, twin, copy_key)
    if lack == "twin_lacks_paper":
        spoil_paper_of_twin(copy, twin)
    elif lack == "twin_lacks_fee":
        spoil_fee_of_twin(life, copy, twin)
    yield Made(copy, ("online_twin", lack) if lack else ("online_twin",), False)
    yield Made(twin)


def copy_of(life: Life, twin: Case, key: int) -> Case:
    """What synchronisation leaves on the citizen's side: the same papers and fees, one action of its own."""
    row = {**twin.row, "dossierId": key, "uuid_": uid(life.random), "originality": 1}
    copy = Case(key, row, twin.setting)
    for table, id_column, kind in (
        ("opencps_dossierfile", "dossierFileId", "file"),
        ("opencps_paymentfile", "paymentFileId", "payment"),
    ):
        for child in twin.children[table]:
            own: Row = {id_column: life.numbers.next(kind), "dossierId": key, "uuid_": uid(life.random)}
            copy.children[table].append({**child, **own})
    first = twin.children["opencps_dossieraction"][0]
    action = life.numbers.next("action")
    alone: Row = {"dossierActionId": action, "dossierId": key, "nextActionId": 0, "state_": 0}
    copy.children["opencps_dossieraction"].append({**first, **alone, "uuid_": uid(life.random)})
    copy.row["dossierActionId"] = action
    return copy
