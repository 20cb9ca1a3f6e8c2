"""``lienthong signoff``: a person signs the latest report, or the list of what was signed."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import signoffs
from flows.failures import USAGE
from flows.screen import say
from flows.site import load_site
from flows.verbs.options import AsJson, Note, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "signoff": (
        "Ký xác nhận báo cáo mới nhất: cất một bản, ghi ai ký báo cáo nào lúc nào. Không có --author: liệt kê các lần "
        "ký và lần nào còn hiệu lực.",
        "Sign the latest report off: a copy is kept, with who signed which report and when. Without --author: list the "
        "sign-offs and which still hold.",
    ),
    "author": ("Họ tên người ký.", "The signer's name."),
    "title": ("Chức danh, đơn vị của người ký.", "The signer's title and office."),
    "despite": (
        "Ký dù báo cáo còn việc chưa xong: vì sao. Từng việc được ghi cạnh chữ ký.",
        "Sign though the report has open matters: why. Each is written beside the signature.",
    ),
}


def run(
    site: Site,
    author: Annotated[str, typer.Option("--author", help="author")] = "",
    title: Annotated[str, typer.Option("--title", help="title")] = "",
    note: Note = "",
    despite: Annotated[str, typer.Option("--despite", help="despite", metavar="LÝ_DO")] = "",
    json: AsJson = False,
) -> int:
    """Sign, or list."""
    said = signoffs.Signing(author.strip(), title.strip(), note.strip(), despite.strip())
    if (author or title or note or despite) and not (said.author and said.title):
        say(f"Cần cả họ tên và chức danh người ký: lienthong signoff {site} --author … --title …")
        return USAGE
    with open_workplace(load_site(site)) as work:
        if not said.author:
            return signoffs.show(work, as_json=json)
        return signoffs.sign_off(work, said, as_json=json)
