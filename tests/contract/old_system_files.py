"""The same old system as exported XML and as the books of three people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from connectors._sheet_shapes import Form, SheetColumn, SheetShapes, SheetTable
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import Source
from connectors.spreadsheet import open_spreadsheet
from connectors.xml import open_xml
from tests.contract.books import csv, ods, xlsx
from tests.contract.old_system import HELD

SHAPES = XmlShapes(
    (
        XmlTable(
            "ho_so",
            "/k:KetXuat/k:HoSo",
            {
                "hoSoId": XmlColumn("@id", "integer"),
                "ma": XmlColumn("k:Ma"),
                "nopLuc": XmlColumn("k:NopLuc"),
                "trangThai": XmlColumn("k:TrangThai"),
                "ghiChu": XmlColumn("k:GhiChu"),
                "daXoa": XmlColumn("@xoa", "integer"),
            },
            "hoSoId",
        ),
        XmlTable(
            "giay_to",
            "k:GiayTo",
            {"giayToId": XmlColumn("@id", "integer"), "ten": XmlColumn("."), "tepId": XmlColumn("@tep", "integer")},
            links=(("hoSoId", "ho_so"),),
        ),
        XmlTable(
            "buoc",
            "k:QuaTrinh/k:Buoc",
            {"buocId": XmlColumn("@id", "integer"), "ten": XmlColumn("k:Ten")},
            links=(("hoSoId", "ho_so"),),
        ),
        XmlTable(
            "tep",
            "/k:KetXuat/k:Teps/k:Tep",
            {
                "tepId": XmlColumn("@id", "integer"),
                "thuMuc": XmlColumn("k:ThuMuc", "integer"),
                "tenTep": XmlColumn("k:Ten"),
            },
            "tepId",
        ),
    ),
    {"k": "urn:ket-xuat"},
)


def exported(key: int, prefix: str) -> str:
    """A dossier as XML; what the prefix is called must not matter."""
    p, is_held = prefix, key in HELD
    form = f"<{p}GiayTo id='{key * 10 + 1}' tep='{key}'>Tờ khai</{p}GiayTo>" if is_held else ""
    request = f"<{p}GiayTo id='{key * 10}'>Đơn</{p}GiayTo>" if is_held else ""
    told = {key * 10: "Tiếp nhận", key * 10 + 1: "Trả kết quả"} if is_held else {key: "của hồ sơ đã xóa"}
    steps = [f"<{p}Buoc id='{number}'><{p}Ten>{name}</{p}Ten></{p}Buoc>" for number, name in told.items()]
    return (
        f"<{p}HoSo id='{key}' xoa='{int(not is_held)}'>{form}<{p}Ma>{f'H44-{key}' if is_held else 'xóa'}</{p}Ma>"
        f"<{p}NopLuc>2025-06-30 16:59:59</{p}NopLuc><{p}TrangThai>done</{p}TrangThai>"
        f"<{p}GhiChu><![CDATA[Đã nhận]]> &#273;ủ</{p}GhiChu>{request}"
        f"<{p}QuaTrinh>{''.join(steps)}</{p}QuaTrinh></{p}HoSo>"
    )


def xml_source(folder: Path) -> Source:
    """The same old system as two exported files, each with its own way of writing names."""
    folder.mkdir()
    files = "".join(f"<k:Tep id='{key}'><k:ThuMuc>7</k:ThuMuc><k:Ten>{key}.pdf</k:Ten></k:Tep>" for key in HELD)
    first = "".join(exported(key, "k:") for key in (100, 5, *HELD[:3]))
    second = "".join(exported(key, "") for key in (11, 10, 9))
    (folder / "a.xml").write_text(f"<k:KetXuat xmlns:k='urn:ket-xuat'><k:Teps>{files}</k:Teps>{first}</k:KetXuat>")
    (folder / "b.xml").write_bytes(f"<KetXuat xmlns='urn:ket-xuat'>\n{second}\n</KetXuat>".encode("utf-16"))
    return open_xml(folder, SHAPES, folder.parent / "staged" / "cu.sqlite")


def sheet(name: str, key: str, forms: dict[str, Form], links: tuple[str, ...] = ()) -> SheetTable:
    """A table whose labels are its columns' names."""
    made = {column: SheetColumn((f"Cột {column}",), form, True) for column, form in forms.items()}
    return SheetTable(name, made, keys=((key,),), links=links)


PAPER: dict[str, Form] = {"giayToId": "integer", "hoSoId": "integer", "ten": "text", "tepId": "integer"}
DOSSIER: dict[str, Form] = {"hoSoId": "integer", "ma": "text", "nopLuc": "date", "trangThai": "text", "ghiChu": "text"}
SHEETS = SheetShapes(
    (
        sheet("ho_so", "hoSoId", {**DOSSIER, "daXoa": "integer"}),
        sheet("giay_to", "giayToId", PAPER, ("hoSoId",)),
        sheet("buoc", "buocId", {"buocId": "integer", "hoSoId": "integer", "ten": "text"}, ("hoSoId",)),
        sheet("tep", "tepId", {"tepId": "integer", "thuMuc": "integer", "tenTep": "text"}),
    )
)


def sheet_source(folder: Path) -> Source:
    """The same old system as the books of three people."""
    folder.mkdir()
    heads = {table.name: [f"Cột {name}" for name in table.columns] for table in SHEETS.tables}
    moment = datetime(2025, 6, 30, 16, 59, 59)
    records = {key: [key, f"H44-{key}", moment, "done", "Đã nhận đủ", int(key not in HELD)] for key in (5, *HELD)}
    papers = [[key * 10 + n, key, ten, key if n else None] for key in HELD for n, ten in ((1, "Tờ khai"), (0, "Đơn"))]
    steps = [[key * 10 + n, key, ten] for key in HELD for n, ten in enumerate(("Tiếp nhận", "Trả kết quả"))]
    first = {"Hồ sơ": [["SỔ"], heads["ho_so"], *(records[key] for key in (100, 5, *HELD[:3]))]}
    xlsx(folder / "a.xlsx", first | {"Giấy tờ": [heads["giay_to"], *papers]})
    ods(folder / "b.ods", {"Hồ sơ": [heads["ho_so"], *(records[key] for key in (11, 10))]})
    csv(folder / "c.csv", [heads["ho_so"], [9, "H44-9", "16:59:59 30/06/2025", *records[9][3:]]], separator=";")
    csv(folder / "d.csv", [heads["buoc"], *steps], encoding="utf-16")
    csv(folder / "e.csv", [heads["tep"], *([key, 7, f"{key}.pdf"] for key in HELD)], encoding="utf-8-sig")
    return open_spreadsheet(folder, SHEETS, folder.parent / "staged" / "cu.sqlite")


STAGED: dict[str, Callable[[Path], Source]] = {"xml": xml_source, "spreadsheet": sheet_source}
