"""The mapping as a reviewed product: frozen data first, then sheets for the workbook and the printable page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.glossary import STATUSES
from mappings.review_coverage import FieldCount
from mappings.review_fields import FieldLine
from mappings.review_tables import DECISIONS, RELATIONS, Cells, Table
from mappings.suggestions import Suggestion

# ---------------------------------------------------------------- data


@dataclass(frozen=True)
class ListRow:
    """One old code: its row in the table (or the open row it would get), who carries it, what might be its target."""

    cells: Cells
    dossiers: int
    old_name: str = ""
    suggestion: Suggestion | None = None
    place: str = "open"  # shipped | site | open


@dataclass(frozen=True)
class ReviewList:
    """A reviewed table. ``more``: dossiers with codes that are too many or too long to list."""

    table: Table
    rows: tuple[ListRow, ...]
    more: int = 0

    def open_rows(self) -> list[ListRow]:
        """Rows that dossiers rest on and nobody has settled."""
        return [row for row in self.rows if row.dossiers and row.cells["status"] == "draft"]


@dataclass(frozen=True)
class FieldRow:
    """A field as one source fills it."""

    source: str
    line: FieldLine
    count: FieldCount


@dataclass(frozen=True)
class CodeRow:
    """A code of a table that stands in the profile. ``target`` None: the table does not know the code."""

    source: str
    path: str
    code: str
    target: str | None
    dossiers: int


@dataclass(frozen=True)
class LeftOut:
    """What a source's mapping leaves out by name."""

    source: str
    kind: str
    name: str
    reason: str
    dossiers: int | None = None


@dataclass(frozen=True)
class Refusal:
    """What stops dossiers, or a column that stops the site."""

    source: str
    code: str
    field: str
    title: str
    remedy: str
    dossiers: int | None


@dataclass(frozen=True)
class Review:
    """Everything that people look at. ``records``: raw dossiers of the ledger that were mapped for the counts."""

    site: str
    is_rehearsal: bool
    records: int
    fields: tuple[FieldRow, ...]
    lists: tuple[ReviewList, ...]
    codes: tuple[CodeRow, ...]
    left_out: tuple[LeftOut, ...]
    refusals: tuple[Refusal, ...]


# ---------------------------------------------------------------- words

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": {"approved": "đã duyệt", "draft": "để ngỏ", "rejected": "bác bỏ"},
    "relation": {
        "exact": "tương đương",
        "narrower": "hẹp hơn",
        "broader": "rộng hơn",
        "guess": "suy đoán",
        "none": "không có",
    },
    "level": {"commune": "xã", "district": "huyện", "province": "tỉnh"},
}
"""Column → word of the table → word in the workbook."""
TITLES: Final[Mapping[str, str]] = {
    "code": "Mã cũ",
    "qualifier": "Điều kiện kèm mã",
    "old_name": "Tên cũ",
    "name": "Tên cũ",
    "target": "Mã đích",
    "new_name": "Cơ quan mới",
    "province": "Mã tỉnh mới",
    "valid_from": "Từ ngày",
    "valid_to": "Đến ngày",
    "decision": "Số quyết định",
    "level": "Cấp",
    "province_code": "Mã tỉnh cũ",
    "district_code": "Mã huyện cũ",
    "commune_code": "Mã xã cũ",
    "relation": "Tương đương",
    "status": "Duyệt",
    "author": "Người duyệt",
    "source": "Căn cứ",
    "note": "Ghi chú",
    "method": "Cách lập nháp",
}
MARK: Final = "Dấu dòng"
assert set(WORDS["status"]) == set(DECISIONS)
assert set(WORDS["relation"]) == set(RELATIONS)


def shown(column: str, value: str) -> str:
    """A cell of a table as the workbook shows it."""
    return WORDS.get(column, {}).get(value, value)


def meant(column: str, text: str) -> str:
    """A cell of the workbook as the table writes it."""
    return next((value for value, word in WORDS.get(column, {}).items() if word == text), text)


def tidy(text: str) -> str:
    """Text as people and spreadsheets leave it, made one: NFC, no outer spaces, no signs that a sheet cannot hold."""
    text = unicodedata.normalize("NFC", text).replace("\xa0", " ").replace("\r\n", "\n").replace("_x000D_", "")
    return _UNSEEN.sub("", _UNWRITABLE.sub("\ufffd", text)).strip()


_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNSEEN: Final = re.compile("[\u200b\u200c\u200d\ufeff]")


def as_read(cells: Cells) -> dict[str, str]:
    """The cells of a row as the workbook gives them back."""
    return {name: meant(name, tidy(shown(name, value))) for name, value in cells.items()}


# ---------------------------------------------------------------- sheets

Cell = str | int


@dataclass(frozen=True)
class Column:
    """A column of a sheet. ``cell``: the table's column that it edits; ``choices``: what a drop-down offers."""

    title: str
    width: int
    cell: str = ""
    choices: tuple[str, ...] = ()
    is_number: bool = False
    is_hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook and a section of the page. ``table``: name of the reviewed table that it edits."""

    name: str
    lead: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    table: str = ""


def sheets(review: Review) -> list[Sheet]:
    """Every sheet, the lists in their order."""
    return [
        _guide(review),
        _fields(review),
        *(list_sheet(one) for one in review.lists),
        _codes(review),
        _left_out(review),
        _refusals(review),
    ]


def sheet_name(table: Table) -> str:
    """Name of a table's sheet; a workbook allows 31 characters."""
    return f"Mã {table.title}"[:31].strip()


def list_columns(table: Table) -> tuple[Column, ...]:
    """Columns of a table's sheet: the old code, who carries it, the target, the suggestion, the approval."""
    told = {*table.key, table.named, *table.target, "status", table.relation, table.person, table.ground, "note"}
    rest = [name for name in table.columns if name not in told]
    edited = [*table.target, "status", *filter(None, [table.relation]), table.person, table.ground]
    edited += [name for name in ("note",) if name != table.ground and name in table.columns]
    after = [_edited(table, name) for name in dict.fromkeys([*edited, *rest])]
    split = len(table.target)
    return (
        *(_edited(table, name) for name in table.key),
        _edited(table, table.named) if table.named else Column("Tên ở phần mềm cũ", 24),
        Column("Số hồ sơ", 9, is_number=True),
        *after[:split],
        Column("Gợi ý", 26),
        Column("Điểm", 7, is_number=True),
        *after[split:],
        Column(MARK, 22, is_hidden=True),
    )


def _edited(table: Table, name: str) -> Column:
    title = {table.person: "Người duyệt", table.ground: "Căn cứ"}.get(name) or TITLES.get(name, name)
    choices = tuple(WORDS.get(name, {}).values()) if name != "relation" or table.relation else table.relations
    if name == "target" and table.catalogue == "statuses":
        choices = tuple(str(number) for number in STATUSES)
    return Column(title, _WIDTHS.get(name, 16), name, choices)


_WIDTHS: Final = {
    "code": 18,
    "old_name": 30,
    "name": 30,
    "new_name": 28,
    "source": 34,
    "note": 34,
    "target": 8,
    "level": 8,
    "status": 11,
    "relation": 13,
    "province_code": 9,
    "district_code": 9,
    "commune_code": 9,
}


def list_sheet(found: ReviewList) -> Sheet:
    """The sheet of a reviewed table."""
    table, columns = found.table, list_columns(found.table)
    waiting = found.open_rows()
    lead = f"crosswalks/{table.name}.csv: {len(found.rows)} dòng; {len(waiting)} dòng để ngỏ mà hồ sơ đang dùng"
    lead += f" ({sum(row.dossiers for row in waiting)} hồ sơ)."
    if found.more:
        lead += f" Còn {found.more} hồ sơ mang mã quá dài hoặc quá nhiều mã khác nhau: xem lại cột nguồn."
    rows = tuple(tuple(_list_cells(table, row, columns)) for row in found.rows)
    return Sheet(sheet_name(table), lead, columns, rows, table.name)


def _list_cells(table: Table, row: ListRow, columns: Sequence[Column]) -> Iterator[Cell]:
    suggestion = row.suggestion
    told: dict[str, Cell] = {
        "Tên ở phần mềm cũ": row.old_name,
        "Số hồ sơ": row.dossiers,
        "Gợi ý": _suggested(suggestion) if suggestion else "",
        "Điểm": suggestion.score if suggestion else "",
        MARK: table.mark(as_read(row.cells)),
    }
    for column in columns:
        yield shown(column.cell, row.cells[column.cell]) if column.cell else told[column.title]


def _suggested(suggestion: Suggestion) -> str:
    *_, code = suggestion.cells.values()  # the last column is the narrowest
    return f"{code}: {suggestion.title}" if code != suggestion.title else code


def _fields(review: Review) -> Sheet:
    columns = (
        Column("Nguồn", 12),
        Column("Trường", 34),
        Column("Nghĩa", 40),
        Column("Cột cũ", 40),
        Column("Bước làm sạch", 30),
        Column("Bảng mã, quy tắc", 28),
        Column("Kiểu", 14),
        Column("Có", 10, is_number=True),
        Column("Trống", 10, is_number=True),
        Column("Đã chuẩn hóa", 10, is_number=True),
    )
    rows = tuple(
        (
            row.source,
            row.line.name,
            row.line.meaning,
            "\n".join(row.line.sources) or "(công cụ đặt, hoặc profile không khai)",
            "\n".join(row.line.steps),
            "\n".join(row.line.tables),
            row.line.kind,
            row.count.filled,
            row.count.empty,
            row.count.changed,
        )
        for row in review.fields
    )
    lead = (
        f"Đếm trên {review.records} hồ sơ thô trong sổ cái. Trường của một danh sách (giấy tờ, bước, phí…) đếm theo"
        " từng phần tử. Đã chuẩn hóa: giá trị mới khác chữ cũ, bản gốc được giữ."
    )
    return Sheet("Trường", lead, columns, rows)


def _codes(review: Review) -> Sheet:
    columns = (
        Column("Nguồn", 12),
        Column("Trường", 24),
        Column("Mã cũ", 24),
        Column("Mã đích", 18),
        Column("Số hồ sơ", 10, is_number=True),
    )
    rows = tuple((row.source, row.path, row.code or "(trống)", _code_target(row), row.dossiers) for row in review.codes)
    lead = "Bảng mã viết thẳng trong profile: muốn đổi, sửa table: trong profiles/*.yaml của site."
    return Sheet("Bảng mã trong profile", lead, columns, rows)


def _code_target(row: CodeRow) -> str:
    if row.target is None:
        return "CHƯA CÓ" if row.code else "(để trống)"
    return row.target


def _left_out(review: Review) -> Sheet:
    columns = (
        Column("Nguồn", 12),
        Column("Loại", 14),
        Column("Tên", 44),
        Column("Vì sao", 70),
        Column("Số hồ sơ", 10, is_number=True),
    )
    rows = tuple(
        (row.source, row.kind, row.name, row.reason, "" if row.dossiers is None else row.dossiers)
        for row in review.left_out
    )
    return Sheet("Bỏ qua", "Bảng, cột và hồ sơ được để ngoài đích danh, kèm lý do.", columns, rows)


def _refusals(review: Review) -> Sheet:
    columns = (
        Column("Nguồn", 12),
        Column("Nguyên nhân", 28),
        Column("Trường, cột", 28),
        Column("Nghĩa", 40),
        Column("Cách xử lý", 60),
        Column("Số hồ sơ", 10, is_number=True),
    )
    rows = tuple(
        (row.source, row.code, row.field, row.title, row.remedy, "" if row.dossiers is None else row.dossiers)
        for row in review.refusals
    )
    lead = "Những gì chặn hồ sơ (cách ly) và những cột, bảng làm site bị từ chối."
    return Sheet("Từ chối", lead, columns, rows)


def _guide(review: Review) -> Sheet:
    lines = [
        ("Sổ này", f"Bảng soát xét cách chuyển đổi của site {review.site}, đếm trên {review.records} hồ sơ thô."),
        ("Sửa ở đâu", "Chỉ các trang có tên bắt đầu bằng “Mã”, ở các cột nền vàng. Mọi cột khác do công cụ tính."),
        ("Duyệt", "đã duyệt: dùng được, phải có đích, người duyệt và căn cứ. bác bỏ: không dùng. để ngỏ: chưa quyết."),
        ("Dòng để ngỏ", _draft_rule(review)),
        ("Tương đương", "tương đương, hẹp hơn, rộng hơn, suy đoán, không có: mã cũ so với mã đích."),
        ("Người duyệt", "Chức danh, cơ quan của người quyết định."),
        ("Căn cứ", "Số văn bản, ngày; hoặc tài liệu nói mã này nghĩa là gì."),
        ("Gợi ý, Điểm", "So tên và mã với danh mục đích, 0 đến 100. Chỉ là gợi ý: công cụ không tự duyệt."),
        (
            "Thêm dòng",
            "Thêm ở cuối trang, để trống cột Dấu dòng. Đừng xóa cột, đổi tên cột hay sửa mã cũ của một dòng.",
        ),
        ("Mã là chữ", "Ô mã ở dạng Text. Một mã biến thành số (mất số 0 đầu) thì cả sổ bị từ chối khi nhập."),
        ("Xóa dòng", "Dòng bị xóa khỏi sổ thì trong site giữ nguyên. Muốn bỏ một dòng: bác bỏ."),
        (
            "Nhập lại",
            "lienthong review SITE --import TỆP. Sai một chỗ thì không ghi gì, và báo trang, dòng, nguyên nhân.",
        ),
        (
            "Duyệt loạt",
            "lienthong review SITE --approve BẢNG --author AI --note CĂN_CỨ [--min-score 90] [--min-dossiers N].",
        ),
        ("Xem trước", "Sau khi nhập: lienthong whatif SITE --against PHIÊN_BẢN cho biết hồ sơ nào sẽ đổi."),
    ]
    columns = (Column("Mục", 18), Column("Nội dung", 120))
    return Sheet("Hướng dẫn", "", columns, tuple(lines))


def _draft_rule(review: Review) -> str:
    if review.is_rehearsal:
        return "Site diễn tập: dòng để ngỏ có đích và căn cứ được dùng tạm. Site thật thì chặn hồ sơ cho tới khi duyệt."
    return "Hồ sơ cần một dòng để ngỏ bị cách ly (crosswalk_unapproved) và không được đẩy cho tới khi dòng được duyệt."
