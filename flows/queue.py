"""The decision queue as people see it: waiting dossiers in groups, and one more decision."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, select

from flows import ledger_schema as t
from flows import screen
from flows.decided import is_waiting, settled_anew
from flows.decision_files import write_decision
from flows.failures import MATCHED, REMAINS
from flows.payloads import plain
from flows.questions import PAGE
from flows.workplace import Workplace
from mappings.model import Dossier, decode
from mappings.units import read_units
from validations.remedies import title_of

VILLAGES: Final = 8
GONE: Final = "handling_procedure_gone"
_VILLAGE: Final = re.compile(r"\b(?:tổ dân phố|khu phố|thôn|khu|xóm|bản|ấp|tổ)(?: số)? [\w.]+", re.IGNORECASE)


# ---------------------------------------------------------------- what waits


@dataclass
class Group:
    """Waiting dossiers of one cause and one old agency; of a procedure that is gone, whatever the agency."""

    cause: str
    agency: str
    name: str
    about: str
    procedure: str = ""
    dossiers: int = 0
    keys: list[str] = field(default_factory=list)
    villages: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        return {
            "cause": self.cause,
            "title": title_of(self.cause),
            "agency": self.agency,
            "agency_name": self.name,
            "procedure": self.procedure,
            "candidates": self.about.split() if self.cause.endswith("_split") else [],
            "dossiers": self.dossiers,
            "keys": self.keys,
            "villages": dict(self.villages.most_common(VILLAGES)),
        }


def groups(work: Workplace) -> list[Group]:
    """Everything that waits for a decision, most dossiers first. Villages are those the addresses name."""
    found: dict[tuple[str, str, str], Group] = {}
    e, i, p = t.entry.c, t.issue.c, t.payload.c
    tables = t.entry.join(t.issue, and_(e.source_id == i.source_id, e.key == i.key)).join(
        t.payload, and_(e.source_id == p.source_id, e.key == p.key)
    )
    ids = list(work.site.source_ids().values())
    query = (
        select(e.key, i.code, i.about, p.mapped)
        .select_from(tables)
        .where(e.source_id.in_(ids), e.state == t.QUARANTINED, i.stage == "map", is_waiting(()))
        .order_by(e.source_id, e.key)
        .execution_options(yield_per=PAGE)
    )
    with work.ledger.transaction() as c:
        for row in c.execute(query):
            if row.mapped:
                _add(found, row, decode(plain(row.mapped)))
    return sorted(found.values(), key=lambda group: (-group.dossiers, group.cause, group.procedure, group.agency))


def _add(found: dict[tuple[str, str, str], Group], row: Any, dossier: Dossier) -> None:
    agency = dossier.receiving_agency
    new = Group(row.code, agency.code, agency.name, row.about)
    if row.code == GONE:
        new = Group(row.code, "", dossier.procedure_name, row.about, dossier.procedure_code)
    group = found.setdefault((row.code, new.agency, new.procedure), new)
    group.dossiers += 1
    if len(group.keys) < 5:
        group.keys.append(row.key)
    address = dossier.applicant.address
    if address is not None and row.code != GONE:
        group.villages.update({_tidy(found) for found in _VILLAGE.findall(unicodedata.normalize("NFC", address.text))})


def _tidy(village: str) -> str:
    return " ".join(village.lower().split())


def show(work: Workplace, *, as_json: bool) -> int:
    """The queue; exit code 1 while anything waits."""
    waiting = groups(work)
    if as_json:
        screen.print_json([group.to_json() for group in waiting])
    elif not waiting:
        screen.say("Không hồ sơ nào chờ quyết định thẩm quyền.")
    else:
        names = {new.code: new.name for old in read_units().communes.values() for new in old.targets}
        rows = [
            [
                f"{title_of(g.cause)}\n[dim]{g.cause}[/dim]",
                screen.number(g.dossiers),
                f"{g.name}\n[dim]{g.agency or g.procedure}[/dim]",
                "\n".join(f"{code} {names.get(code, '')}" for code in g.to_json()["candidates"]),
                ", ".join(f"{name}: {n}" for name, n in g.villages.most_common(VILLAGES)),
            ]
            for g in waiting
        ]
        heads = ["Vì sao chờ", "Hồ sơ", "Cơ quan cũ, hoặc thủ tục", "Xã có thể", "Thôn, khu trong địa chỉ"]
        screen.out().print(screen.table("Hồ sơ chờ quyết định cơ quan giải quyết tiếp", heads, rows))
        screen.say("Ghi một quyết định: lienthong decide SITE add --help")
    return REMAINS if waiting else MATCHED


# ---------------------------------------------------------------- a new decision


@dataclass(frozen=True)
class NewDecision:
    """What an official decided, as the command was told."""

    author: str
    note: str
    to: str = ""
    procedure_to: str = ""
    cause: str = ""
    procedure: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    village: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    dossiers: tuple[str, ...] = ()


def add(work: Workplace, new: NewDecision) -> tuple[Path, int, int]:
    """Write a decision into SITE/decisions: its file, how many waiting dossiers go on, how many wait for another.

    What cannot be read back (an unknown commune or procedure) is refused, and not kept.
    """
    asked = {"cause": new.cause, "procedure": list(new.procedure), "agency": list(new.agency)}
    asked |= {"village": list(new.village), "address": list(new.address), "dossiers": list(new.dossiers)}
    asked |= {"to": new.to, "procedure_to": new.procedure_to}
    decided = {name: value for name, value in asked.items() if value}
    file = write_decision(work.site, work.clock(), new.author, new.note, {"decide": [decided]})
    try:
        found = Counter(goes for source in work.open_sources() for _, goes in settled_anew(work.ledger, source))
    except Exception:
        file.unlink()
        raise
    return file, found[True], found[False]
