"""``lienthong check``: prove before a run that the site is whole."""

from __future__ import annotations

from typing import Final

from flows import screen
from flows.case_check import own_runs, shipped_runs
from flows.check import check_site, print_findings
from flows.failures import MATCHED, WRONG_SITE
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "check": (
        "Kiểm tra trước khi chạy: kết nối, quyền, múi giờ, cột và bảng, bảng chuyển đổi, chỗ trống.",
        "Prove before a run that the site is whole: connections, rights, zone, columns, crosswalks, disk.",
    ),
}


def run(site: Site, json: AsJson = False) -> int:
    """Check the site and its declared cases; a refusal is a wrong site."""
    with open_workplace(load_site(site)) as work:
        runs = [*shipped_runs(work.site), *own_runs(work.site)]
        findings = check_site(work, runs)
    if json:
        screen.print_json([finding.to_json() for finding in findings])
    else:
        for each in runs:
            screen.say(each.summary())
        print_findings(findings)
    return WRONG_SITE if any(f.is_refusal for f in findings) else MATCHED
