"""``lienthong doctor``: what stands between this machine and the work."""

from __future__ import annotations

from typing import Final

from flows import doctor, screen
from flows.doctor_doors import examine
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site

SAYS: Final[Says] = {
    "doctor": (
        "Khám máy này: gói, ODBC, đĩa, giờ, bảng mã, cổng, kết nối, quyền; mỗi chỗ hỏng một cách sửa.",
        "Examine this machine: packages, drivers, ODBC, disk, clock, text, ports, connections, rights.",
    ),
}


def run(site: Site, json: AsJson = False) -> int:
    """Examine machine, doors and site."""
    signs = list(examine(load_site(site)))
    if json:
        screen.print_json([sign.to_json() for sign in signs])
    else:
        doctor.print_signs(signs)
    return doctor.exit_code(signs)
