"""The part of a draft that says what is read: tables, joins, counts, and what is left out with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mappings.catalogue_joins import Join
from mappings.column_facts import Facts
from mappings.draft_children import ChildLines, hook
from mappings.draft_notes import OPEN, Notes, is_binary, is_secret, word
from mappings.shapes import PLACE
from mappings.table_guess import Draft, Hung
from mappings.table_relations import Table

_FLAG_VALUES: Final = 3
_SENTINELS: Final = {"1753-01": "1753-01-01", "1900-01": "1900-01-01", "0001-01": "0001-01-01"}


class Reading:
    """Writes ``reading`` and ``dates``; everything that fills a field must be noted as used before."""

    def __init__(
        self, notes: Notes, lists: Sequence[Hung], tables: Mapping[str, Table], shapes: Sequence[str] = ()
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
        return [self.draft.dossiers, *(hung.table for hung in self.lists if hung.path)]

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
        for hung in self.lists:
            yield from ChildLines(self.notes, hung, main).lines(list(self._join_lines(hung.child, "      ")))
        removed = self.removed()
        kept = ""
        if removed is not None:
            cell = f"{{d.{removed.name}}}"
            kept = f" AND {cell} IS NULL" if removed.is_date else f" AND COALESCE({cell}, 0) <> 1"
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
        yield from self._hung_by()
        yield f"  hang_on: [{', '.join(map(word, self._hooks()))}]"
        yield from self._ignored()

    def _why_dossiers(self) -> str:
        if self.draft.second:
            self.notes.open["bang_ho_so"] = (
                f"Bảng hồ sơ là {self.draft.dossiers.name}; bảng {self.draft.second} cũng giống một bảng hồ sơ"
            )
            return f"{OPEN}: bảng giống thứ hai là {self.draft.second}"
        return "bảng duy nhất có đủ mã, trạng thái, ngày, tên người"

    def _hooks(self) -> list[str]:
        return sorted({relation.column for relation in self.draft.hanging} | {hook(self.draft.dossiers)})

    def _hung_by(self) -> Iterator[str]:
        """Tables that hang on a text of the dossier: rows whose text no dossier bears are counted."""
        by_text = [
            hung for hung in self.lists if len(hung.path) == 1 and hung.path[0].key not in self.draft.dossiers.key
        ]
        if by_text:
            yield "  hung_by:"
        for hung in by_text:
            yield f"    {word(hung.table.name)}: {{{word(hung.path[0].column)}: {word(hung.path[0].key)}}}"

    def _joins(self, frame: str) -> dict[str, Join]:
        """The catalogues of a frame that a taken column or a further join needs."""
        joins = self.draft.joins if not frame else next(hung.joins for hung in self.lists if hung.child == frame)
        needed = {column.partition(".")[0] for column in self.notes.used.get(frame, ()) if "." in column}
        for _ in joins:
            needed |= {
                ours.partition(".")[0] for alias in needed & joins.keys() for ours, _ in joins[alias].on if "." in ours
            }
        return {alias: join for alias, join in joins.items() if alias in needed}

    def _join_lines(self, frame: str, pad: str) -> Iterator[str]:
        joins = self._joins(frame)
        if joins:
            yield f"{pad}join:"
        for alias, join in joins.items():
            match = ", ".join(f"{word(ours)}: {word(theirs)}" for ours, theirs in join.on)
            yield f"{pad}  - {{table: {word(join.table)}, alias: {word(alias)}, match: {{{match}}}}}"

    def _frames(self) -> list[str]:
        return ["", *(hung.child for hung in self.lists)]

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
        read |= {one.parent for hung in self.lists for one in hung.path}
        read |= {join.table for frame in self._frames() for join in self._joins(frame).values()}
        found: dict[str, str] = {}
        hooks = {name.lower() for name in self._hooks()}
        for table in self.tables.values():
            if table.name in read or not any(facts.name.lower() in hooks for facts in table.columns):
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
        named = {one.table: {one.column, hung.path[0].key} for hung in self.lists for one in hung.path[1:]}
        for frame in self._frames():
            joins = self._joins(frame)
            for alias, join in joins.items():
                wanted = [*self.notes.used.get(frame, ()), *(ours for other in joins.values() for ours, _ in other.on)]
                mine = {column.partition(".")[2] for column in wanted if column.partition(".")[0] == alias}
                named.setdefault(join.table, set()).update(mine, (theirs for _, theirs in join.on))
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

    def removed(self) -> Facts | None:
        """The column by which the old software deletes a dossier without removing its row: a flag, or the time."""
        for facts in self.draft.dossiers.columns:
            is_flag = facts.says == {"remove"} and facts.distinct <= _FLAG_VALUES and facts.form("number") == 1
            is_time = facts.says == {"remove", "date"} and facts.is_date
            if (is_flag or is_time) and re.fullmatch(r"\w+", facts.name):
                return facts
        return None
