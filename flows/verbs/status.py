"""``lienthong status``: the equation as the ledger has it now."""

from __future__ import annotations

from typing import Final

from flows import screen
from flows.failures import MATCHED, REMAINS
from flows.ledger_schema import QUARANTINED
from flows.pipeline import site_status
from flows.signoffs import last_standing
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "status": (
        "In phương trình đối soát: tìm thấy, trong phạm vi, từng trạng thái.",
        "Print the equation: found, in scope, each state.",
    ),
}


def run(site: Site, json: AsJson = False) -> int:
    """Print the equation."""
    with open_workplace(load_site(site)) as work:
        found, signed = site_status(work), last_standing(work)
    if json:
        screen.print_json({**found.to_json(), "signoff": signed.to_json() if signed else None})
    else:
        screen.print_status(found)
        if signed:
            screen.out().print(signed.said(), markup=False, soft_wrap=True)
    remains = found.total.states.get(QUARANTINED) or found.total.unsettled
    return REMAINS if remains or not found.total.balanced else MATCHED
