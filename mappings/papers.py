"""Papers as components of their procedure (thành phần hồ sơ), by the very name that the national catalogue gives them.

The shipped table holds no text of the catalogue, only a fingerprint of each folded name: enough to say that two names
are the same. What is not certain stays without a component: it is one of the other papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final

from mappings.agency_names import fold_name
from mappings.cells import Row, Run, plain_text
from mappings.columns import Get, first_of
from mappings.declared import SHIPPED, ProfileError, read_csv
from mappings.emit import Code, Memo, emitting
from mappings.spec import Lookup, Value

COLUMNS: Final = ("procedure", "component", "key", "name", "source")
"""A site's row says ``name``, a shipped one ``key``; several rows may name one component."""
Components = Mapping[tuple[str, str], str]
"""(procedure, key of the name) → code of the component."""


def name_key(name: str) -> str:
    """Fingerprint of a paper's name without capitals, punctuation and spelling of tones; "" for no name."""
    folded = fold_name(name)
    return blake2b(folded.encode("utf-8", "replace"), digest_size=8).hexdigest() if folded else ""


def read_components(site_dir: Path | None) -> Components:
    """The shipped components under the site's own. Raises ProfileError with file and line."""
    found: dict[tuple[str, str], str] = {}
    for root in filter(None, (SHIPPED, site_dir)):
        for name in ("procedure_papers.csv", "procedure_papers.csv.gz"):
            file = root / "crosswalks" / name
            if file.is_file():
                found.update(_of_file(file))
                break
    return found


def _of_file(file: Path) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for line, row in read_csv(file, COLUMNS):
        key = row["key"] or name_key(row["name"])
        if not (key and row["procedure"] and row["component"]):
            raise ProfileError("cần procedure, component, và name (tên giấy tờ)", file, line)
        if (row["procedure"], key) in found:
            raise ProfileError(f"giấy tờ này của thủ tục {row['procedure']} khai hai lần", file, line)
        found[row["procedure"], key] = row["component"]
    return found


def compile_component(spec: Value, reference: Callable[[Lookup], Get], components: Components) -> Get:
    """``component(row, run)``: the component that the first declared name which is not empty says; "" when none does.

    Asks ``run.procedure``. Names of a template are few, names that people type are many: what is remembered is bounded.
    """
    parts = spec.first or (spec,)
    name_of = first_of([reference(part.reference) if part.reference else _cell(part.source[0]) for part in parts], "")
    procedures = frozenset(procedure for procedure, _ in components)
    known = Memo(lambda asked: components.get((asked[0], name_key(asked[1])), ""))

    def component(row: Row, run: Run) -> str:
        return str(known[run.procedure, name_of(row, run)]) if run.procedure in procedures else ""

    def emit(code: Code) -> str:
        found = code.put("''")
        with code.block(f"if run.procedure in {code.bind(procedures)}:"):
            name = code.value(name_of)
            code.line(f"{found} = {code.bind(known)}[run.procedure, {name}]")
        return found

    return emitting(component, emit)


def _cell(column: str) -> Get:
    """A cell as it stands: what is wrong with its text is noted where it is carried."""

    def get(row: Row, run: Run) -> str:
        cell = row.get(column)
        return cell if type(cell) is str else plain_text(cell)

    def emit(code: Code) -> str:
        cell = code.cell(column)
        return code.put(f"{cell} if {cell}.__class__ is str else {code.bind(plain_text)}({cell})")

    return emitting(get, emit)
