"""A draft profile as YAML that `check` refuses until its open points are settled: every suggestion with score and
reason as a comment, every question under ``open_points``. Pure; no value of the old database stands in it but codes
that many rows carry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mappings.column_words import fold
from mappings.draft_children import child_key, has_file, is_file_name, split_by
from mappings.draft_notes import CODED, MISSING, OPEN, Notes, Tree, is_binary, is_secret, word
from mappings.draft_reading import Reading
from mappings.field_guess import Guess
from mappings.table_guess import Draft, Hung
from mappings.table_relations import Table

_NEEDED: Final = {"steps": "at"}
"""A list is drafted only with this field."""
_NAMED_BY: Final = {"fees": "Lệ phí"}


@dataclass(frozen=True)
class DraftText:
    """The profile's YAML, the crosswalk of its statuses (CSV), and its open points."""

    profile: str
    crosswalk: str
    open_points: Mapping[str, str]


def write_draft(name: str, draft: Draft, tables: Sequence[Table], about: str, shapes: Sequence[str] = ()) -> DraftText:
    """The draft of a profile ``name``. ``about``: where and when it was made, for the head.

    ``shapes``: lines of ``reading`` that say which parts of a file are these tables; none for a database.
    """
    return _Writer(name, draft, {table.name: table for table in tables}, about, shapes).text()


class _Writer:
    def __init__(self, name: str, draft: Draft, tables: Mapping[str, Table], about: str, shapes: Sequence[str]) -> None:
        self.name, self.draft, self.about = name, draft, about
        self.notes = Notes(draft)
        self.lists = [hung for hung in draft.lists if hung.into not in _NEEDED or hung.guess(_NEEDED[hung.into])]
        self.reading = Reading(self.notes, self.lists, tables, shapes)

    def text(self) -> DraftText:
        words = [*self._words(), *self._places()]  # first, with the fields: they say which columns are used
        body = [*self._fields(), *self._lists(), *self._extra()]
        reading = [*self.reading.reading()]
        opened = self.notes.open
        opened["xem_lai"] = "Một người biết phần mềm cũ đã đọc hết bản nháp này và các gợi ý trong đó"
        dates = self.reading.dates()
        points = ["open_points:              # chốt xong điểm nào thì xóa dòng của điểm ấy; còn một dòng là check chặn"]
        points += [f"  {word(key)}: {json.dumps(said, ensure_ascii=False)}" for key, said in opened.items()]
        lines = [*self._head(), "", *points, "", *dates, *reading, "", *words, "", *body]
        return DraftText("\n".join(lines) + "\n", self._crosswalk(), dict(opened))

    def _head(self) -> Iterator[str]:
        yield f"# BẢN NHÁP do lienthong scan soạn ({self.about}). Số trước mỗi lý do là điểm, 0 đến 100."
        yield f"# Chỗ ghi {OPEN} là chỗ người phải quyết định. Cách viết: docs/phan-mem-moi.md."
        yield f"name: {word(self.name)}"
        yield f"title: {word('Bản nháp ' + self.name)}"
        yield "version: 1"

    def _words(self) -> Iterator[str]:
        filed, why_filed = (
            self.notes.needed("filed", "ngày nộp")
            if self.notes.of("filed")
            else self.notes.needed("received", "ngày nộp")
        )
        received, why = self.notes.needed("received", "ngày tiếp nhận")
        yield "filed:"
        yield "  order:"
        yield f"    - column: {filed}   # {why_filed}"
        if received != filed:
            yield f"    - {{column: {received}, issue: filed_from_receipt}}"
        created = self.notes.of("created_at")
        if created is not None:
            yield f"    - {{column: {word(created.candidate.column)}, issue: filed_from_create_date}}"
        yield f"  received: {received}   # {why}"
        removed = self.reading.removed()
        if removed is not None:
            self.notes.used[""].add(removed.name)
            test, said = ("empty: false", "có ngày") if removed.is_date else ("in: ['1']", "bằng 1")
            self.notes.open["pham_vi.da_xoa"] = f"Cột {removed.name} {said} là hồ sơ đã xóa, để ngoài phạm vi"
            yield from ("", "scope:", f"  - rule: soft_deleted   # {OPEN}")
            yield f"    when: {{column: {word(removed.name)}, {test}}}"
        status, why = self.notes.needed("status.code", "trạng thái")
        self.notes.open["trang_thai"] = f"Mỗi mã trạng thái là TrangThaiHoSo nào: crosswalks/{self.name}_status.csv"
        yield from ("", "status:", f"  code: {status}   # {why}", f"  crosswalk: {self.name}_status   # {OPEN}")
        code, why = self.notes.needed("procedure.code", "mã thủ tục")
        yield from ("", f"procedure: {{code: {code}}}   # {why}")
        agency, why = self.notes.needed("agency.code", "mã cơ quan")
        name = self.notes.of("agency.name")
        named, why_name = self.notes.take(name) if name else (agency, "")
        yield from (
            "",
            f"agency: {{code: {agency}, name: {named}}}   # {why}" + (f"; tên: {why_name}" if why_name else ""),
        )

    def _places(self) -> Iterator[str]:
        """The place of the matter, by which the new agency is chosen."""
        levels = ("commune", "district", "province")
        guesses = {level: self.notes.of(f"applicant.address.{level}.code") for level in levels}
        columns = {level: word(made.candidate.column) for level, made in guesses.items() if made is not None}
        self.notes.open["noi"] = (
            "Nơi của vụ việc (places.applicant) là xã, huyện, tỉnh của cột nào, theo danh mục trước 01/7/2025"
        )
        yield from ("", "places:                   # nơi của vụ việc, theo tên dùng trong rules/competence.yaml")
        if len(columns) == len(levels):
            yield f"  applicant: {{{', '.join(f'{level}: {name}' for level, name in columns.items())}}}   # {OPEN}"
            return
        key = word(self.draft.dossiers.key[0])
        yield f"  applicant:                # {OPEN}: chưa tìm đủ cột mã xã, huyện, tỉnh; như thế này là không biết nơi"
        yield f"    {{commune: {key}, district: {key}, province: {key}, when: {{column: {key}, empty: true}}}}"

    def _fields(self) -> Iterator[str]:
        tree = Tree()
        tree.put("code", *self._field("code", "mã hồ sơ"))
        for guess in self.draft.own:
            head = guess.field.partition(".")[0]
            if head in ("status", "procedure", "agency", "filed", "code") or not self._allowed(guess):
                continue
            if guess.field == "received":
                column, comment = self.notes.take(guess)
                tree.put("received_at", f"{{from: {column}, trouble: error}}", comment)
            elif not _is_unit(guess.field):
                self._put(tree, guess.field, guess)
        for role in ("applicant", "delegate", "postal"):
            self._units(tree, role)
        for path, why in (("channel", "kênh nộp"), ("applicant.kind", "loại đối tượng")):
            if self.notes.of(path) is None:
                self.notes.open[f"thieu.{path}"] = f"Chưa tìm được cột {why}: bản nháp " + (
                    "suy từ chữ đầu của tên" if path == "applicant.kind" else f"coi mọi hồ sơ là 1 ({CODED[path]})"
                )
                name = self.notes.of("applicant.name") if path == "applicant.kind" else None
                said = f"{{from: {word(name.candidate.column)}, steps: owner_kind}}" if name else '{value: "1"}'
                tree.put(path, said, f"{OPEN}: chưa tìm được cột {why}" + ("; suy từ chữ đầu của tên" if name else ""))
        duration = self.notes.of("duration")
        if duration is not None and self.notes.of("duration_unit") is None and _says_days(duration):
            when = f"{{column: {word(duration.candidate.column)}, above: 0}}"
            tree.put("duration_unit", f"{{value: day, when: {when}}}", "tên cột nói là số ngày")
        if self.notes.of("applicant.name") is None:
            tree.put("applicant.name", *self.notes.needed("applicant.name", "tên chủ hồ sơ"))
        yield "dossier:"
        yield from tree.lines(1)

    def _field(self, path: str, title: str) -> tuple[str, str]:
        guess = self.notes.of(path)
        return self.notes.value(guess) if guess else self.notes.needed(path, title)

    def _allowed(self, guess: Guess) -> bool:
        is_issue = guess.field.endswith("identity.issued_on")
        return not is_issue or self.notes.of(guess.field.replace("issued_on", "number")) is not None

    def _put(self, tree: Tree, path: str, guess: Guess, frame: str = "") -> None:
        text, comment = self.notes.value(guess, frame)
        tree.put(path, text, comment)
        if path.endswith("identity.number"):
            tree.put(
                path.replace("number", "kind"),
                f"{{from: {text}, steps: [strip, person_id_kind]}}",
                "suy từ dạng của số",
            )
            tree.put(path.replace("number", "when"), f"{{column: {text}, empty: false}}")

    def _units(self, tree: Tree, role: str) -> None:
        for level in ("province", "district", "commune"):
            code, name = (self.notes.of(f"{role}.address.{level}.{part}") for part in ("code", "name"))
            if code is None or not self._allowed(code):
                continue
            column, comment = self.notes.take(code)
            named = self.notes.take(name) if name else None
            text = f"{{code: {column}, name: {named[0]}}}" if named else f"{{code: {column}}}"
            tree.put(f"{role}.address.{level}", text, comment + (f"; tên {named[1]}" if named else ""))

    def _lists(self) -> Iterator[str]:
        begun = ""
        for hung in self.lists:
            if hung.into != begun:
                yield from ("", f"{hung.into}:")
            begun = hung.into
            yield from self._list(hung)

    def _list(self, hung: Hung) -> Iterator[str]:
        tree, main = Tree(), self.draft.dossiers
        key = child_key(hung, main)
        tree.put("key", f'{{from: [{word(key)}, _part], join: "/"}}' if split_by(hung) else word(key), "khóa của bảng")
        self.notes.used.setdefault(hung.child, set()).add(key)
        if hung.into == "results":
            tree.put("origin", "{value: deliverable}")
        fee = hung.guess("fee")
        if fee is not None and hung.guess("total") is None:
            self._put(tree, "total", replace(fee, field="fees.total"), hung.child)
        if hung.into in _NAMED_BY and not hung.guess("name"):
            tree.put("name", f"{{value: {_NAMED_BY[hung.into]}}}")
        for guess in hung.fields:
            path = guess.field.removeprefix(f"{hung.into}.")
            if not path.startswith("attachment.") or has_file(hung):
                self._put(tree, path, guess, hung.child)
        entry, name = hung.guess("attachment.entry"), hung.guess("name")
        if entry is not None and is_file_name(hung):
            tree.put(
                "attachment.name",
                f"{{from: {word(entry.candidate.column)}, steps: file_name}}",
                "phần cuối của tên tệp",
            )
        if hung.into == "papers" and name is not None:
            tree.put("component", self.notes.take(name, hung.child)[0], "tên giấy tờ là tên thành phần")
        yield f"  - child: {hung.child}"
        if hung.told_by:
            self.notes.used[hung.child].add(hung.told_by)
            self.notes.open["ket_qua"] = (
                f"Kết quả có lẽ nằm chung bảng {hung.table.name} với giấy tờ: ghi mã nào của {hung.told_by} là kết quả"
            )
            yield f"    when: {{column: {word(hung.told_by)}, in: [{MISSING}]}}   # {OPEN}: mã nào là kết quả"
        yield "    fields:"
        yield from tree.lines(3)
        extra = self._left(hung.table, hung.child, hung.path[0].column) if hung.path else []
        if extra:
            yield f"    extra: [{', '.join(extra)}]   # chưa có trường: giữ nguyên chữ"

    def _left(self, table: Table, frame: str, parent: str) -> list[str]:
        """Columns that fill nothing yet: they are kept as text, so that nothing is lost."""
        used = {*self.notes.used.get(frame, ()), parent}
        for hung in self.lists:  # what the own row of the dossier tells of a list
            used |= self.notes.used.get(hung.child, set()) if not frame and not hung.path else set()
        return [
            f"{{from: {word(f.name)}, date: true}}" if f.is_date else word(f.name)
            for f in table.columns
            if f.name not in used and not is_secret(f) and not is_binary(f)
        ]

    def _extra(self) -> Iterator[str]:
        extra = self._left(self.draft.dossiers, "", "")
        if extra:
            yield from ("", "extra:                    # cột hồ sơ chưa có trường: giữ nguyên chữ trong ThongTinKhac")
            yield from (f"  - {column}" for column in extra)

    def _crosswalk(self) -> str:
        rows = ["code,qualifier,target,relation,status,source,author,note"]
        guess = self.notes.of("status.code")
        for value, count in guess.candidate.facts.shown if guess else ():
            rows.append(f"{_csv(value)},,,none,draft,,lienthong scan,{count} dòng trong mẫu; chưa có quyết định")
        return "\n".join(rows) + "\n"


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\n]', text) else text


def _says_days(guess: Guess) -> bool:
    return re.search(r"ngay|day", fold(guess.candidate.facts.name).replace(" ", "")) is not None


def _is_unit(path: str) -> bool:
    return any(f".address.{level}." in path for level in ("province", "district", "commune"))
