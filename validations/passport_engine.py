"""What the engine itself fills in: status, procedure, agencies, filing instant, links; and what was kept as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mappings.model import Dossier
from mappings.personal import kinds
from mappings.verdicts import MARK, THEN
from validations import passport_words as words
from validations.passport import Facts, Line
from validations.telling import OldCell, Teller


def engine_lines(facts: Facts, dossier: Dossier | None, teller: Teller) -> Iterator[Line]:
    """One line for each field that the engine fills by rules of its own."""
    if dossier is None:
        return
    yield _status(facts, dossier, teller)
    yield _procedure(facts, dossier, teller)
    if dossier.procedure_version is not None:
        version = dossier.procedure_version
        said = " · ".join(filter(None, (version.code, version.name, version.decision)))
        label = words.label("", "Dossier", "procedure_version")
        yield Line("procedure_version", label, said, (), ("phiên bản lúc nộp, không đổi theo thủ tục hiện nay",))
    yield from _agencies(facts, dossier, teller)
    if dossier.filed_at is not None:
        order = ", ".join(candidate.column for candidate in facts.profile.filed.order)
        cells = (teller.cell(dossier.filed_from, facts.row.get(dossier.filed_from)),)
        how = (f"cột đầu tiên có giá trị trong {order}",)
        yield Line(
            "filed_at", words.label("filed_at", "Dossier", "filed_at"), words.moment(dossier.filed_at), cells, how
        )


def _status(facts: Facts, dossier: Dossier, teller: Teller) -> Line:
    said = facts.profile.status
    columns = [said.code, *([said.sub] if said.sub else [])]
    way = facts.trace.way("status")
    name = way.way if way else ""
    how = {
        "decision": f"theo quyết định của đơn vị: decisions.status.{dossier.old_status} trong site.yaml",
        "source": "theo bảng ánh xạ trạng thái của chính phần mềm cũ",
        "crosswalk": f"theo bảng chuyển đổi {said.crosswalk}",
    }.get(name, "")
    row = next((row for row in facts.trace.rows if row[0] == said.crosswalk), None)
    if name == "crosswalk" and row:
        how += f", dòng {row[1]}{f' / {row[2]}' if row[2] else ''}"
        if row[2] and said.qualifier:
            columns += [column for _, column in said.qualifier.uses()]
    cells = tuple(teller.cell(column, facts.row.get(column)) for column in dict.fromkeys(columns))
    value = words.words_of("status", dossier.status)
    return Line("status", words.label("status", "Dossier", "status"), value, cells, (how,) if how else ())


def _procedure(facts: Facts, dossier: Dossier, teller: Teller) -> Line:
    column = facts.profile.procedure.code
    code = dossier.procedure_code
    found = {issue.code for _, issue in facts.issues}
    how = []
    if facts.trace.way("procedure_code") is not None:
        how.append("mã quốc gia lấy từ bảng ánh xạ thủ tục của chính phần mềm cũ")
    elif "procedure_unmapped" in found:
        how.append("chưa có mã quốc gia cho mã này; giữ mã cũ")
    elif dossier.old_procedure_code.startswith(f"{code}."):
        how.append("bỏ phần đuôi của mã, còn mã quốc gia")
    is_succeeded = any(issue.code == "procedure_succeeded" for issue in facts.mapped.issues) if facts.mapped else False
    if is_succeeded:
        how.append("thủ tục kế thừa; mã, tên và phiên bản lúc nộp giữ nguyên ở phiên bản thủ tục")
    elif found & {"handling_procedure_gone", "procedure_gone_closed"}:
        how.append("thủ tục không còn trong danh mục hiện hành")
    cells = (teller.cell(column, facts.row.get(column)),)
    return Line("procedure_code", words.label("", "Dossier", "procedure_code"), code, cells, tuple(how))


def _agencies(facts: Facts, dossier: Dossier, teller: Teller) -> Iterator[Line]:
    said = facts.profile.agency
    cells = tuple(teller.cell(column, facts.row.get(column)) for _, column in said.uses())
    received = words.agency(dossier.receiving_agency)
    how = ("giữ làm lịch sử: nơi đã nhận hồ sơ trước 01/7/2025",)
    yield Line("receiving_agency", words.label("", "Dossier", "receiving_agency"), received, cells, how)
    rule = dossier.handling_rule.split(THEN)[-1]
    ground = facts.grounds.get(rule)
    waits = [issue for _, issue in facts.issues if issue.field == "handling_agency" and issue.severity == "error"]
    if waits:
        value, sentences = "chưa có, chờ quyết định", [f"quy tắc {rule} không đủ để chắc chắn"] if rule else []
    elif rule.startswith(MARK):
        value, sentences = words.agency(dossier.handling_agency), ["theo quyết định của người có thẩm quyền"]
    else:
        value, sentences = words.agency(dossier.handling_agency), [f"quy tắc thẩm quyền {rule}"] if rule else []
    if ground and ground.note:
        sentences.append(f"căn cứ: {ground.note}")
    places = tuple(_place_cells(facts, teller)) if rule and not rule.startswith("commune_successor") else ()
    old = (teller.cell(said.code, facts.row.get(said.code)), *places)
    yield Line("handling_agency", words.label("", "Dossier", "handling_agency"), value, old, tuple(sentences))


def _place_cells(facts: Facts, teller: Teller) -> Iterator[OldCell]:
    for place in facts.profile.places.values():
        for column in (place.commune, place.district):
            yield teller.cell(column, facts.row.get(column))


def link_lines(facts: Facts, dossier: Dossier | None, teller: Teller) -> list[Line]:
    """Ties to other dossiers and numbers, each from the column that the profile names."""
    found = []
    for link in dossier.links if dossier else ():
        columns = [said.source for said in facts.profile.links if said.kind == link.kind]
        column = next(
            (name for name in columns if link.value in str(facts.row.get(name))), columns[0] if columns else ""
        )
        cells = (teller.cell(column, facts.row.get(column)),) if column else ()
        label = words.CODES["links"].get(link.kind, link.kind)
        found.append(Line(f"links.{link.kind}", label[:1].upper() + label[1:], link.value, cells))
    return found


def kept_lines(dossier: Dossier | None, teller: Teller) -> Iterator[Line]:
    """What the new system has no field for, under its old columns; those of one row of a list together."""
    by_row: dict[str, list[str]] = {}
    for name, value in sorted(dossier.extra.items()) if dossier else ():
        first, *others = name.split(".")
        if (first in words.LISTS or first in teller.profile.keep_rows) and len(others) > 1:
            column, row = others[0], others[-1]
            title = words.LISTS[first][0] if first in words.LISTS else f"Bảng {teller.table(first)}"
            by_row.setdefault(f"{title}, dòng {row}", []).append(f"{column} {_kept(column, value, teller)}")
        else:
            field = name.removesuffix(".original")
            is_text = field in kinds()  # what a field was before it was normalised
            label = f"{words.label(field, *words.place(field))}, chữ gốc:" if is_text else name
            shown = teller.shown(kinds()[field], value) if is_text else _kept(first, value, teller)
            yield Line(f"extra.{name}", label, shown)
    for row, cells in by_row.items():
        yield Line("extra", row, "; ".join(cells))


def _kept(column: str, value: str, teller: Teller) -> str:
    try:
        if len(value) == 25 and value[10] == "T":
            return words.moment(datetime.fromisoformat(value))
    except ValueError:
        pass
    return teller.cell(column, _number_or_text(value)).value


def _number_or_text(value: str) -> int | str:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else value
