"""The part of a draft that says what is read: tables, joins, counts, and what is left out with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mappings.draft_notes import OPEN, Notes, is_binary, is_secret, word
from mappings.shapes import PLACE
from mappings.table_guess import Draft, Join, Relation, Table

_SENTINELS: Final = {"1753-01": "1753-01-01", "1900-01": "1900-01-01", "0001-01": "0001-01-01"}


class Reading:
    """Writes ``reading`` and ``dates``; everything that fills a field must be noted as used before."""

    def __init__(
        self,
        notes: Notes,
        lists: Mapping[str, tuple[Table, Relation]],
        tables: Mapping[str, Table],
        shapes: Sequence[str] = (),
    ) -> None:
        self.notes, self.lists, self.tables, self.shapes = notes, lists, tables, shapes
        self.draft: Draft = notes.draft

    def dates(self) -> list[str]:
        """The line that says how dates are written, if it is needed."""
        columns = [facts for table in self._read_tables() for facts in table.columns if facts.is_date and facts.filled]
        found = []
        sentinels = {_SENTINELS[facts.first_month] for facts in columns if facts.first_month in _SENTINELS}
        if sentinels:
            self.notes.open["ngay.trong"] = (
                f"Ngày {', '.join(sorted(sentinels))} có phải là chỗ trống không (dates.none)"
            )
            found.append(f"none: [{', '.join(word(day) for day in sorted(sentinels))}]")
        if any(facts.form("day_first") > 0.5 and facts.filled > 4 for facts in columns):
            self.notes.open["ngay.chu"] = (
                "Có cột ngày viết bằng chữ dd/mm/yyyy: xem lại phép so ngày trong reading.fragments"
            )
            found.append("day_first: true")
        return [f"dates: {{{', '.join(found)}}}", ""] if found else []

    def _read_tables(self) -> list[Table]:
        return [self.draft.dossiers, *(table for table, _ in self.lists.values())]

    def reading(self) -> Iterator[str]:
        """The lines of ``reading``."""
        main = self.draft.dossiers
        yield "reading:"
        yield from self.shapes
        yield f"  dossiers:                # {self._why_dossiers()}"
        yield f"    table: {word(main.name)}"
        yield f"    parent: {word(main.key[0])}"
        yield f"    key: {word(main.key[0])}"
        yield "    where: NOT (<<after d>>)"
        yield from self._join_lines("", "    ")
        yield "  children:" if self.lists else "  children: {}"
        for name, (table, relation) in self.lists.items():
            yield f"    {name}:"
            yield f"      table: {word(table.name)}          # {relation.score}: cột {relation.column} chỉ tới hồ sơ"
            yield f"      parent: {word(relation.column)}"
            yield f"      key: {word(table.key[0])}"
            yield from self._join_lines(name, "      ")
            entry = self.notes.of(f"{name}.attachment.entry")
            if entry is not None and self.notes.of(f"{name}.attachment.name"):
                self.notes.open[f"tep.{name}"] = (
                    "Cách phần mềm cũ đặt tên tệp trong kho tệp (khóa file), thử với vài tệp"
                )
                locator = json.dumps("{" + entry.candidate.column + "}")
                yield f"      file: {locator}          # {OPEN}: tên tệp trong kho"
        removed = self.removed()
        kept = f" AND COALESCE({{d.{removed}}}, 0) <> 1" if removed else ""
        yield from (
            "  fragments:",
            "    after: >",
            "      <<filed @>> IS NOT NULL AND <<filed @>> >= :cutoff AND <<filed @>> <= :sweep",
            "      AND (<<received @>> IS NULL OR <<received @>> >= :cutoff)",
            "  counts:",
            f"    found: 'SELECT COUNT(*) FROM {{#{main.name}}} d'",
            f"    after_cutoff: 'SELECT COUNT(*) FROM {{#{main.name}}} d WHERE <<after d>>'",
            f"    in_scope: 'SELECT COUNT(*) FROM {{#{main.name}}} d WHERE NOT (<<after d>>){kept}'",
        )
        hooks = sorted({relation.column for relation in self.draft.hanging} | {self._hook()})
        yield f"  hang_on: [{', '.join(map(word, hooks))}]"
        yield from self._ignored()

    def _why_dossiers(self) -> str:
        if self.draft.second:
            self.notes.open["bang_ho_so"] = (
                f"Bảng hồ sơ là {self.draft.dossiers.name}; bảng {self.draft.second} cũng giống một bảng hồ sơ"
            )
            return f"{OPEN}: bảng giống thứ hai là {self.draft.second}"
        return "bảng duy nhất có đủ mã, trạng thái, ngày, tên người"

    def _hook(self) -> str:
        key = self.draft.dossiers.key[0]
        return key if key.lower() not in ("id", "ma", "code") else f"{self.draft.dossiers.name}_{key}"

    def _joins(self, frame: str) -> dict[str, Join]:
        """The catalogues of a frame that a taken column or a further join needs."""
        joins = dict(self.draft.joins.get(frame, {}))
        needed = {column.partition(".")[0] for column in self.notes.used.get(frame, ()) if "." in column}
        for _ in joins:
            needed |= {
                joins[alias].ours.partition(".")[0] for alias in needed & joins.keys() if "." in joins[alias].ours
            }
        return {alias: join for alias, join in joins.items() if alias in needed}

    def _join_lines(self, frame: str, pad: str) -> Iterator[str]:
        joins = self._joins(frame)
        if joins:
            yield f"{pad}join:"
        for alias, join in joins.items():
            match = f"{{{word(join.ours)}: {word(join.theirs)}}}"
            yield f"{pad}  - {{table: {word(join.table)}, alias: {word(alias)}, match: {match}}}"

    def _ignored(self) -> Iterator[str]:
        tables, columns = self._ignored_tables(), self._ignored_columns()
        yield "  ignored_tables:" if tables else "  ignored_tables: {}"
        yield from (f"    {word(name)}: {json.dumps(why, ensure_ascii=False)}" for name, why in tables.items())
        yield "  ignored_columns:" if columns else "  ignored_columns: {}"
        for name, reasons in columns.items():
            yield f"    {word(name)}:"
            for why, names in reasons.items():
                yield f"      {word(why)}: [{', '.join(map(word, names))}]"

    def _ignored_tables(self) -> dict[str, str]:
        read = {table.name for table in self._read_tables()}
        read |= {join.table for frame in ("", *self.lists) for join in self._joins(frame).values()}
        found: dict[str, str] = {}
        for relation in self.draft.hanging:
            table = self.tables[relation.table]
            if table.name in read:
                continue
            if not table.count:
                found[table.name] = "Trống lúc scan; xem lại khi bảng có dữ liệu"
                continue
            self.notes.open[f"bang.{table.name}"] = (
                f"Bảng {table.name} gắn với hồ sơ: đọc vào danh sách nào, hay bỏ vì sao"
            )
            found[table.name] = f"{OPEN}: bảng gắn với hồ sơ, bản nháp chưa đọc"
        return found

    def _ignored_columns(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        if self.shapes:
            found["*"] = {"Vị trí trong tệp, đổi mỗi lần xuất": list(PLACE)}
        for table in self._read_tables():
            for facts in table.columns:
                if is_secret(facts):
                    found.setdefault(table.name, {}).setdefault("Mật khẩu, mã truy cập là bí mật", []).append(
                        facts.name
                    )
                elif is_binary(facts):
                    why = f"{OPEN}: cột nhị phân, bản nháp chưa đọc"
                    self.notes.open[f"nhi_phan.{table.name}"] = (
                        f"Các cột nhị phân của {table.name}: có tệp của hồ sơ trong đó không"
                    )
                    found.setdefault(table.name, {}).setdefault(why, []).append(facts.name)
        named: dict[str, set[str]] = {}
        for frame in ("", *self.lists):
            for alias, join in self._joins(frame).items():
                wanted = [*self.notes.used.get(frame, ()), *(other.ours for other in self._joins(frame).values())]
                mine = {column.partition(".")[2] for column in wanted if column.partition(".")[0] == alias}
                named.setdefault(join.table, {join.theirs}).update(mine)
        read = {table.name for table in self._read_tables()}
        for name, used in named.items():
            left = [facts for facts in self.tables[name].columns if facts.name not in used and name not in read]
            secret = [facts.name for facts in left if is_secret(facts)]
            plain = [facts.name for facts in left if not is_secret(facts)]
            if secret:
                found.setdefault(name, {})["Mật khẩu, mã truy cập là bí mật"] = secret
            if plain:
                self.notes.open[f"danh_muc.{name}"] = (
                    f"Các cột của {name} mà bản nháp bỏ qua: có cột nào hồ sơ cần không"
                )
                found.setdefault(name, {})[f"{OPEN}: hồ sơ mới chỉ lấy vài cột của bảng này"] = plain
        return found

    def removed(self) -> str:
        """The flag of a dossier that the old software deleted without removing its row."""
        found = [f for f in self.draft.dossiers.columns if f.says == {"remove"} and f.distinct <= 3]
        return next((f.name for f in found if f.form("number") == 1 and re.fullmatch(r"\w+", f.name)), "")
