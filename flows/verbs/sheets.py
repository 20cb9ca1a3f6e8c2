"""``lienthong sheets``: a look into registers before they are read."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import sheet_preview
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site, Sources
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "sheets": (
        "Xem trước nguồn bảng tính: dòng tiêu đề, cột nào thành trường nào, còn thừa gì. KEY: dòng ấy nằm ở đâu.",
        "Preview registers in spreadsheets: header rows, columns and fields, what is left. KEY: where it is.",
    ),
    "key": (
        "Mã hồ sơ, hoặc khóa khác của dòng, như trong sổ.",
        "Dossier code, or another key of the row, as the register has it.",
    ),
}


def run(
    site: Site,
    key: Annotated[str, typer.Argument(help="key", metavar="KEY")] = "",
    source: Sources = None,
    json: AsJson = False,
) -> int:
    """Show what was made of the registers of a site."""
    with open_workplace(load_site(site)) as work:
        return sheet_preview.show(work, tuple(source or ()), key, as_json=json)
