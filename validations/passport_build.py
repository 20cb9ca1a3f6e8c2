"""From the facts of one dossier to its passport: fields by topic, each with its origin; empty ones are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from mappings.model import Address, Attachment, Dossier, UnitRef
from mappings.personal import column_kinds, kinds
from mappings.spec import AddressColumns
from mappings.tracing import Told
from validations import passport_words as words
from validations.passport import Facts, Item, Line, Passport, Topic
from validations.passport_engine import engine_lines, kept_lines, link_lines
from validations.passport_parts import changed, comparison, decisions, files, finding
from validations.remedies import look_up
from validations.report_words import STATES, number
from validations.telling import OldCell, Teller

SPANS: Final = ("supplements", "pauses")


def build_passport(facts: Facts, *, is_masked: bool) -> Passport:
    """The passport of one dossier. ``is_masked`` False only when somebody asked for it by name."""
    teller = Teller(facts.profile, column_kinds(facts.profile), facts.catalogue, is_masked)
    dossier = facts.mapped.dossier if facts.mapped else None
    kind, sentence = _sentence(facts)
    return Passport(
        source=facts.source,
        key=facts.key,
        code=facts.code or _code(facts),
        state=facts.state,
        state_name=_state_name(facts.state),
        revision=facts.revision,
        new_id=facts.new_id,
        sentence=sentence,
        kind=kind,
        caveats=tuple(_caveats(facts)),
        topics=tuple(_excluded_topics(facts, teller) if facts.exclusion else _topics(facts, dossier, teller)),
        decisions=tuple(decisions(facts, dossier)),
        findings=tuple(finding(stage, issue) for stage, issue in facts.issues),
        moves=tuple(facts.moves),
        pushes=tuple(facts.pushes),
        files=tuple(files(facts, dossier, teller)),
        comparison=comparison(facts),
        differences=tuple(changed(found, is_masked=is_masked) for found in facts.differences),
        is_masked=is_masked,
        is_rehearsal=facts.is_rehearsal,
        site=facts.site,
        profile=facts.profile.title or facts.profile.name,
        written_at=facts.written_at,
    )


# ---------------------------------------------------------------- head


def _code(facts: Facts) -> str:
    """The code of a dossier that could not be mapped, as it was read."""
    told = facts.trace.at("code")
    return str(told.result or "") if told else ""


def _state_name(state: str) -> str:
    return "Ngoài phạm vi" if state == "EXCLUDED" else STATES.get(state, state)


def _sentence(facts: Facts) -> tuple[str, str]:
    errors = len({issue.code for _, issue in facts.issues if issue.severity == "error"})
    earlier = " Bản trước của hồ sơ đã ở hệ thống mới." if facts.new_id else ""
    if facts.state == "MATCHED":
        return "matched", "Hồ sơ đã sang hệ thống mới; đọc lại thì từng trường, từng tệp đều khớp."
    if facts.state == "QUARANTINED":
        return "remains", f"Hồ sơ đang chờ xử lý vì {errors} lý do dưới đây, chưa sang hệ thống mới.{earlier}"
    if facts.state == "DIFFERENT":
        return "unbalanced", "Hồ sơ đã sang hệ thống mới nhưng đọc lại thì có chỗ khác."
    if facts.state == "EXCLUDED" and facts.exclusion:
        twin = f" Hồ sơ mang khóa cũ {facts.exclusion.twin} thay cho nó." if facts.exclusion.twin else ""
        return "empty", f"Hồ sơ này không chuyển: {look_up(facts.exclusion.rule, 'excluded').title.lower()}.{twin}"
    if facts.state == "VANISHED":
        return "remains", f"Lượt quét trọn vẹn gần nhất không còn thấy hồ sơ ở phần mềm cũ.{earlier}"
    return "empty", f"Hồ sơ đang trên đường: {_state_name(facts.state).lower()}.{earlier}"


def _caveats(facts: Facts) -> Iterator[str]:
    if not facts.is_current:
        yield "Cách chuyển đã đổi sau lần chạy gần nhất: trang này nói theo cách khai hiện nay. Chạy lại để cập nhật."
    if facts.mapped is not None and facts.mapped.dossier is None:
        yield "Chưa biết trạng thái của hồ sơ nên chưa lập được hồ sơ mới; dưới đây là những trường đã đọc được."
    if facts.state == "VANISHED":
        yield "Nội dung dưới đây là bản đọc được lần cuối."


# ---------------------------------------------------------------- topics


def _topics(facts: Facts, dossier: Dossier | None, teller: Teller) -> Iterator[Topic]:
    lines: dict[str, dict[str, Line]] = {}
    for line in [*engine_lines(facts, dossier, teller), *_told_lines(facts, teller)]:
        top = line.field.partition(".")[0]
        lines.setdefault(top, {}).setdefault(line.field, line)
    for title, fields in words.TOPICS.items():
        found = [line for field in fields for line in lines.pop(field, {}).values()]
        found += link_lines(facts, dossier, teller) if "links" in fields else ()
        if found:
            yield Topic(title, _note(title, facts), tuple(found))
    if left := [line for group in lines.values() for line in group.values()]:
        yield Topic(words.OTHER, "", tuple(left))
    for name, (title, struct) in words.LISTS.items():
        if items := list(_items(facts, name, struct, teller)):
            ways = _ways(items)
            yield Topic(title, "", (), tuple(_without(item, ways) for item in items), tuple(ways.values()))
    if kept := tuple(kept_lines(dossier, teller)):
        yield Topic(
            words.KEPT, "Hệ thống mới không có chỗ riêng cho những điều này; chúng theo hồ sơ dưới dạng chữ.", kept
        )


def _note(title: str, facts: Facts) -> str:
    if title != words.DATES or facts.zone == "Asia/Ho_Chi_Minh":
        return ""
    return f"Phần mềm cũ ghi giờ theo {facts.zone}; giá trị mới là giờ Việt Nam, cùng một thời điểm."


def _told_lines(facts: Facts, teller: Teller) -> Iterator[Line]:
    """Fields outside of lists, as the profile fills them."""
    for told in facts.trace.told:
        top, _, rest = told.path.partition(".")
        if told.spec is None or top in words.LISTS or told.frame or top not in _FIELDS or top in _ENGINES:
            continue
        struct = words.STRUCTS.get(told.path.split(".")[-2], "Dossier") if rest else "Dossier"
        yield from _lines(told, struct, teller)


def _items(facts: Facts, name: str, struct: str, teller: Teller) -> Iterator[Item]:
    for group in facts.trace.items(name, is_span=name in SPANS):
        found: dict[str, Line] = {}
        key = ""
        for told in group:
            if told.path == f"{name}.key":
                key = str(told.result or "")
            elif told.path.count(".") == 1 and told.path.partition(".")[2] in _STRUCT_FIELDS[struct]:
                found.update((line.field, line) for line in _lines(told, struct, teller))
        if key:
            yield Item(key, teller.table(group[0].frame), tuple(found.values()))


def _ways(items: Sequence[Item]) -> dict[str, Line]:
    """Field → where every element of a list has it from: said once, not for each of them."""
    by_field: dict[str, list[Line]] = {}
    for item in items:
        for line in item.lines:
            by_field.setdefault(line.field, []).append(line)
    found = {}
    for field, lines in by_field.items():
        columns = dict.fromkeys(OldCell(cell.column, "") for line in lines for cell in line.old)
        shared = tuple(how for how in lines[0].how if all(how in line.how for line in lines))
        found[field] = Line(field, lines[0].label, "", tuple(columns), shared)
    return found


def _without(item: Item, ways: Mapping[str, Line]) -> Item:
    lines = (
        replace(line, how=tuple(how for how in line.how if how not in ways[line.field].how)) for line in item.lines
    )
    return replace(item, lines=tuple(lines))


def _lines(told: Told, struct: str, teller: Teller) -> Iterator[Line]:
    field = told.path.rpartition(".")[2]
    if isinstance(told.spec, AddressColumns):
        yield from _address_lines(told, teller)
        return
    kind = kinds().get(told.path, "text")
    if isinstance(told.result, Attachment):
        value, kind = _file_words(told.result, teller), "open"
    else:
        value = words.words_of(told.path, told.result)
    if value:
        label = words.label(told.path, struct, field)
        yield Line(told.path, label, teller.shown(kind, value), teller.cells(told), teller.how(told))


def _file_words(file: Attachment, teller: Teller) -> str:
    size = "đã mất ở phần mềm cũ" if file.is_missing else f"{number(file.size)} byte"
    return f"{teller.shown('file', file.name)} ({size})"


def _address_lines(told: Told, teller: Teller) -> Iterator[Line]:
    address = told.result
    if not isinstance(address, Address):
        return
    for part in told.inner:
        if part.result:
            value = teller.shown("address", str(part.result))
            yield Line(
                part.path, words.label(part.path, "Address", "text"), value, teller.cells(part), teller.how(part)
            )
    old = [found for found in (address.commune, address.district, address.province) if found]
    if old:
        value = ", ".join(words.unit(found) for found in old)
        yield Line(f"{told.path}.old", words.LABELS["Address.old"], value, teller.cells(told))
    if address.new_commune or address.commune:
        yield _new_commune(told, address.commune, address.new_commune)


def _new_commune(told: Told, commune: UnitRef | None, new: UnitRef | None) -> Line:
    label, path = words.LABELS["Address.new_commune"], f"{told.path}.new_commune"
    if new is None:
        return Line(path, label, "chưa ghi", (), ("xã cũ bị chia hoặc mã không khớp với huyện: không đoán",))
    was = f"xã cũ {commune.code}" if commune else "đơn vị cũ"
    return Line(path, label, words.unit(new), (), (f"{was} nay thuộc đơn vị này, theo bảng sắp xếp đơn vị hành chính",))


_FIELDS: Final = frozenset(field.name for field in msgspec.structs.fields(Dossier))
_ENGINES: Final = frozenset({"status", "procedure_code", "receiving_agency", "handling_agency"})
_STRUCT_FIELDS: Final = {
    struct.__name__: frozenset(field.name for field in msgspec.structs.fields(struct))
    for struct in msgspec.Struct.__subclasses__()
    if struct.__module__ == Dossier.__module__
}

# ---------------------------------------------------------------- what a scope rule says


def _excluded_topics(facts: Facts, teller: Teller) -> Iterator[Topic]:
    assert facts.exclusion is not None
    rule = next((rule for rule in facts.profile.scope if rule.rule == facts.exclusion.rule), None)
    remedy = look_up(facts.exclusion.rule, "excluded").remedy
    if rule is None:
        yield Topic("Vì sao không chuyển", remedy)
        return
    cells = tuple(teller.cell(column, facts.row.get(column)) for test in rule.when for _, column in test.uses())
    how = [teller.tests(rule.when), *(["có bản khác mang hồ sơ này"] if rule.twin else [])]
    line = Line("", "Quy tắc", f"{look_up(rule.rule, 'excluded').title}", cells, tuple(how))
    yield Topic("Vì sao không chuyển", remedy, (line,))
