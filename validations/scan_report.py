"""What a scan found, as sheets for people: a workbook and a page. No value stands in it that could tell a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.column_facts import SHOWN_ROWS, Facts
from mappings.known_systems import Known
from mappings.table_guess import Draft
from mappings.table_relations import Relation, Table
from validations.report import render
from validations.review import Column, Sheet
from validations.review_xlsx import workbook

_LISTS: Final = {
    "papers": "giấy tờ nộp", "results": "kết quả", "steps": "quá trình", "fees": "phí, lệ phí", "requests": "yêu cầu",
    "documents": "phiếu",
}  # fmt: skip
_FORMS: Final = {
    "dossier_code": "mã hồ sơ", "procedure_code": "mã thủ tục", "phone": "điện thoại", "identity": "số giấy tờ",
    "email": "thư điện tử", "name": "họ tên", "uuid": "UUID", "moment": "ngày giờ", "day_first": "ngày dd/mm/yyyy",
    "agency": "tên cơ quan", "file": "tên tệp", "number": "số", "json": "JSON", "html": "HTML",
}  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """A scan, whole. ``skipped``: tables left for want of time. ``draft`` is None: no table is one of dossiers."""

    site: str
    source: str
    server: str
    started_at: str
    seconds: int
    tables: tuple[Table, ...]
    skipped: tuple[str, ...]
    relations: tuple[Relation, ...]
    known: tuple[Known, ...]
    draft: Draft | None
    open_points: Mapping[str, str]
    profile: str = ""  # where the draft lies
    is_rehearsal: bool = False


def book(scan: Scan) -> bytes:
    """The workbook."""
    return workbook(sheets(scan))


def page(scan: Scan) -> bytes:
    """The page: no script, no outside address."""
    return render("scan.html.j2", scan=scan, sheets=sheets(scan), threshold=SHOWN_ROWS).encode()


def sheets(scan: Scan) -> list[Sheet]:
    """Every sheet in its order."""
    return [_suggestions(scan), _open_points(scan), _tables(scan), _relations(scan), _columns(scan)]


def _suggestions(scan: Scan) -> Sheet:
    rows = [
        (
            made.field, made.candidate.facts.table, made.candidate.column, made.score,
            "gợi ý" if made.is_sure else "CHƯA CHỐT", made.reason,
        )
        for made in (scan.draft.fields if scan.draft else ())
    ]  # fmt: skip
    heads = (
        Column("Trường mới", 30), Column("Bảng cũ", 28), Column("Cột cũ", 34), Column("Điểm", 8, is_number=True),
        Column("Tình trạng", 14), Column("Lý do", 60),
    )  # fmt: skip
    lead = "Gợi ý của máy, để người quyết định: điểm từ 0 đến 100; dưới 80 là câu hỏi."
    return Sheet("Gợi ý", lead, heads, tuple(rows))


def _open_points(scan: Scan) -> Sheet:
    heads = (Column("Điểm", 34), Column("Phải quyết định", 90))
    lead = "Chốt xong điểm nào thì xóa dòng của điểm ấy dưới open_points trong profile; còn một điểm là check chặn."
    return Sheet("Chưa chốt", lead, heads, tuple(scan.open_points.items()))


def _tables(scan: Scan) -> Sheet:
    roles = _roles(scan.draft)
    rows: list[tuple[str | int, ...]] = [
        (
            table.name, table.count, "" if table.is_counted else "nhiều hơn thế", ", ".join(table.key),
            len(table.columns), roles.get(table.name, ""),
        )
        for table in sorted(scan.tables, key=lambda table: (table.name not in roles, -table.count, table.name))
    ]  # fmt: skip
    rows += [(name, 0, "chưa xem, hết thời gian", "", 0, "") for name in scan.skipped]
    heads = (
        Column("Bảng", 34), Column("Số dòng", 12, is_number=True), Column("Ghi chú", 22), Column("Khóa chính", 26),
        Column("Số cột", 9, is_number=True), Column("Có vẻ là", 40),
    )  # fmt: skip
    return Sheet("Bảng", "Bảng có vai trò trong bản nháp đứng trước.", heads, tuple(rows))


def _roles(draft: Draft | None) -> dict[str, str]:
    if draft is None:
        return {}
    found = {draft.dossiers.name: "bảng hồ sơ"}
    for relation in draft.hanging:
        found[relation.table] = "gắn với hồ sơ"
    for joins in (draft.joins, *(hung.joins for hung in draft.lists)):
        found.update((join.table, "danh mục của hồ sơ") for join in joins.values() if join.table not in found)
    for hung in draft.lists:
        words, before = _LISTS[hung.into], found.get(hung.table.name, "")
        is_more = before.split(",")[0] in (*_LISTS.values(), "bảng hồ sơ")
        found[hung.table.name] = f"{before}, {words}" if is_more else words
    return found


def _relations(scan: Scan) -> Sheet:
    rows = [
        (
            one.table, ", ".join(ours for ours, _ in one.pairs),
            f"{one.parent}.{', '.join(theirs for _, theirs in one.pairs)}", one.score,
            "chưa thử được" if one.contained is None else f"{one.contained:.0%} dòng của mẫu có giá trị ở đó",
        )
        for one in sorted(scan.relations, key=lambda one: (one.parent, one.table, one.column))
    ]  # fmt: skip
    heads = (
        Column("Bảng", 32), Column("Cột", 30), Column("Chỉ tới", 40), Column("Điểm", 8, is_number=True),
        Column("Thử trên mẫu", 40),
    )  # fmt: skip
    return Sheet("Quan hệ", "Đoán theo tên và theo giá trị; cơ sở dữ liệu không khai.", heads, tuple(rows))


def _columns(scan: Scan) -> Sheet:
    suggested: dict[tuple[str, str], list[str]] = {}
    for made in scan.draft.fields if scan.draft else ():
        suggested.setdefault((made.candidate.facts.table, made.candidate.facts.name), []).append(made.field)
    rows = [
        _column(facts, suggested.get((table.name, facts.name), [])) for table in scan.tables for facts in table.columns
    ]
    heads = (
        Column("Bảng", 26), Column("Cột", 26), Column("Kiểu", 20), Column("Có giá trị", 10),
        Column("Khác nhau", 10, is_number=True), Column("Độ dài", 10), Column("Tháng", 18), Column("Dạng", 26),
        Column("Bảng mã chữ", 10), Column("Giá trị nhiều dòng mang", 44), Column("Gợi ý", 36),
    )  # fmt: skip
    lead = f"Chỉ hiện giá trị mà từ {SHOWN_ROWS} dòng của mẫu mang, không giống dữ liệu cá nhân; còn lại chỉ đếm."
    return Sheet("Cột", lead, heads, tuple(rows))


def _column(facts: Facts, fields: Sequence[str]) -> tuple[str | int, ...]:
    forms = sorted(
        ((share, _FORMS[name]) for name, share in facts.forms.items() if share >= 0.05 and name in _FORMS), reverse=True
    )
    shown = ", ".join(f"{value} ({rows})" for value, rows in facts.shown)
    hidden = "cá nhân hoặc chữ tự do, không hiện" if facts.is_personal and facts.filled else ""
    left = f"{facts.hidden} giá trị khác không hiện" if facts.hidden and not hidden else ""
    return (
        facts.table, facts.name, facts.type, f"{facts.fill:.0%}", facts.distinct,
        f"{facts.shortest}–{facts.longest}" if facts.filled else "",
        f"{facts.first_month} – {facts.last_month}" if facts.first_month else "",
        ", ".join(f"{name} {share:.0%}" for share, name in forms[:3]), facts.encoding,
        "; ".join(filter(None, (shown, hidden, left))), ", ".join(fields),
    )  # fmt: skip
