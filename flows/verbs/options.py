"""The arguments and options that several verbs take; ``help`` is a key of SAYS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

Says = Mapping[str, tuple[str, str]]
"""Key → what is said in Vietnamese, in English."""

SAYS: Final[Says] = {
    "site": ("Thư mục của site.", "The site's folder."),
    "dir": ("Thư mục sẽ tạo.", "The folder to make."),
    "json": ("In kết quả dạng JSON.", "Print the result as JSON."),
    "source": ("Chỉ nguồn này (lặp lại được).", "Only this source (repeatable)."),
    "limit": (
        "Chỉ chừng này hồ sơ (chạy thử; không xét hồ sơ biến mất).",
        "Only so many dossiers (a trial; nothing is called vanished).",
    ),
    "profile": (
        "Hệ thống cũ: opencps_v2 hoặc opencps_v1 (OpenCPS), cmon (CMON/OEP), td_dichvucong (TD.DichVuCong), "
        "fss_hshcqh (FSS HSHCQH), dong_nai (MotCua kiểu Sở Y tế Đồng Nai), so_theo_doi (sổ bảng tính), "
        "xml_mau (tệp XML).",
        "The old system: opencps_v2 or opencps_v1 (OpenCPS), cmon (CMON/OEP), td_dichvucong (TD.DichVuCong), "
        "fss_hshcqh (FSS HSHCQH), dong_nai (MotCua as of Đồng Nai), so_theo_doi (books of registers), xml_mau (XML).",
    ),
    "open": ("Chỉ đẩy hồ sơ đang mở.", "Push open dossiers only."),
    "code": ("Chỉ nguyên nhân này.", "Only this cause."),
    "csv": ("Ghi danh sách ra tệp CSV.", "Write the list to a CSV file."),
    "author": ("Ai quyết định (chức danh, cơ quan).", "Who decided (title, office)."),
    "note": ("Căn cứ: số văn bản, ngày.", "On what ground: number and date of the document."),
    "seed": ("Hạt giống: cùng hạt giống cho cùng dữ liệu.", "Seed: the same seed gives the same data."),
    "host": ("Địa chỉ lắng nghe.", "Address to listen on."),
    "port": ("Cổng; 0 là cổng trống bất kỳ.", "Port; 0 is any free one."),
}

Site = Annotated[Path, typer.Argument(help="site", metavar="SITE")]
Folder = Annotated[Path, typer.Argument(help="dir", metavar="DIR")]
AsJson = Annotated[bool, typer.Option("--json", help="json")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="source", metavar="S")]
OneSource = Annotated[str, typer.Option("--source", help="source", metavar="S")]
Limit = Annotated[int, typer.Option("--limit", min=0, help="limit")]
Profile = Annotated[str, typer.Option("--profile", help="profile", metavar="P")]
OnlyOpen = Annotated[bool, typer.Option("--open-only", help="open")]
Cause = Annotated[str, typer.Option("--code", help="code")]
Csv = Annotated[Path | None, typer.Option("--csv", help="csv")]
Author = Annotated[str, typer.Option("--author", help="author")]
Note = Annotated[str, typer.Option("--note", help="note")]
Seed = Annotated[int, typer.Option("--seed", help="seed")]
Host = Annotated[str, typer.Option("--host", help="host")]
Port = Annotated[int, typer.Option("--port", help="port")]
