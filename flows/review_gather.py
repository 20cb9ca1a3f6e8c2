"""From the ledger and the site to a review: every record of a source mapped once, counted, and let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from connectors.base import Forbidden, Misconfigured, Unavailable
from flows import ledger_schema as t
from flows.drift import column_findings
from flows.figures import read_status
from flows.questions import stored_records
from flows.workplace import OpenSource, Workplace
from mappings.catalogues import read_catalogues
from mappings.cells import code_of
from mappings.profile import Profile, load_profile
from mappings.profile_words import coded_values
from mappings.review_counts import CodeCount, KeysOf, code_counter, list_counter
from mappings.review_coverage import FieldCount, count_fields
from mappings.review_fields import described
from mappings.review_tables import Cells, Key, NewCodes, Table, merged_rows, reviewed, site_rows
from mappings.suggestions import suggester
from mappings.units import read_units
from validations.remedies import look_up
from validations.review import CodeRow, FieldRow, LeftOut, ListRow, Refusal, Review, ReviewList

SHOWN_EVERY: Final = 1000
Progress = Callable[[int], None]


def site_tables(work: Workplace) -> list[Table]:
    """The tables that this site reviews."""
    names = dict.fromkeys(source.profile for source in work.site.settings.sources.values())
    return reviewed([load_profile(name, work.site.path) for name in names])


def new_codes(work: Workplace) -> NewCodes:
    """The catalogues in which this site's targets must stand."""
    return NewCodes(read_units(work.site.path), read_catalogues(work.site.path))


def gather(work: Workplace, progress: Progress) -> Review:
    """Everything a review shows. Reads the ledger; of the old system only its columns, if it answers."""
    sources = work.open_sources()
    tables = site_tables(work)
    rows = {table.name: merged_rows(table, work.site.path) for table in tables}
    passes = []
    done = 0
    for source in sources:
        passes.append(_SourcePass(source, tables, rows))
        for number in passes[-1].run(work, done):
            done = number
            if done % SHOWN_EVERY == 0:
                progress(done)
    progress(done)
    known = new_codes(work)
    names = _old_names(sources)
    status = read_status(work.ledger, {source.name: source.id for source in sources})
    return Review(
        site=work.site.settings.name,
        is_rehearsal=work.site.settings.rehearsal,
        records=done,
        fields=tuple(row for one in passes for row in one.field_rows()),
        lists=tuple(_list(work, table, rows[table.name], passes, names, known) for table in tables),
        codes=tuple(row for one in passes for row in one.code_rows()),
        left_out=tuple(row for source in sources for row in _left_out(source, status.sources[source.name].excluded)),
        refusals=(*_stopped(work, sources), *(row for source in sources for row in _refused_columns(source))),
    )


class _SourcePass:
    """One pass over the stored records of a source; what it keeps is bounded by fields and codes."""

    def __init__(self, source: OpenSource, tables: Sequence[Table], rows: Mapping[str, Mapping[Key, Cells]]) -> None:
        self.source = source
        profile, compiler = source.profile, source.mapper.compiler
        self.coded = list(coded_values(profile))
        self.fields: dict[str, FieldCount] = {}
        self.lists = {table.name: CodeCount() for table in tables}
        self.codes = [CodeCount() for _ in self.coded]
        self._counters: list[tuple[KeysOf, CodeCount]] = [
            (list_counter(table, profile, compiler, rows[table.name], source.agencies), self.lists[table.name])
            for table in tables
        ]
        self._counters += [
            (code_counter(coded, compiler), count)
            for coded, count in zip(self.coded, self.codes, strict=True)
            if coded.value.table is not None
        ]

    def run(self, work: Workplace, done: int) -> Iterator[int]:
        """Map and count every raw dossier in scope; yields how many are done."""
        mapper = self.source.mapper
        for record, seen_at in stored_records(work.ledger, self.source.id, t.entry.c.state != t.VANISHED):
            if mapper.scope(record.key, record.row, record.children) is not None:
                continue
            mapped = mapper.map(record.key, record.row, record.children, seen_at)
            if mapped.dossier is not None:
                count_fields(mapped.dossier, mapped, self.fields)
            for keys_of, count in self._counters:
                for key in keys_of(record.row, record.children, mapped):
                    count.add(key)
            done += 1
            yield done

    def field_rows(self) -> Iterator[FieldRow]:
        for line in described(self.source.profile):
            yield FieldRow(self.source.name, line, self.fields.get(line.path, FieldCount()))

    def code_rows(self) -> Iterator[CodeRow]:
        for coded, count in zip(self.coded, self.codes, strict=True):
            table = coded.value.table
            if table is None:
                continue
            for code in sorted({*table, *(code for (code,) in count.dossiers)}):
                yield CodeRow(self.source.name, coded.path, code, table.get(code), count.dossiers[(code,)])


# ---------------------------------------------------------------- lists


def _list(
    work: Workplace,
    table: Table,
    rows: Mapping[Key, Cells],
    passes: Sequence[_SourcePass],
    names: Mapping[str, str],
    known: NewCodes,
) -> ReviewList:
    counted, more = CodeCount(), 0
    for one in passes:
        counted.dossiers.update(one.lists[table.name].dossiers)
        more += one.lists[table.name].more
    suggest, own = suggester(table, known), site_rows(table, work.site.path)
    found: list[ListRow] = []
    for key in [*rows, *sorted(set(counted.dossiers) - set(rows))]:
        name = names.get(key[0], "") or (key[0] if "name" in table.key[0] else "")
        cells = rows.get(key) or table.open_row(key, name)
        name = cells[table.named] if table.named else name
        place = "site" if key in own else "shipped" if key in rows else "open"
        suggestion = None if table.is_settled(cells) else suggest(cells, name)
        found.append(ListRow(cells, counted.dossiers[key], name, suggestion, place))
    return ReviewList(table, tuple(found), more)


def _old_names(sources: Sequence[OpenSource]) -> dict[str, str]:
    """Code → name in the old system's own lists; a code that two names share has none."""
    names: dict[str, set[str]] = {}
    for source in sources:
        for spec in source.profile.agencies:
            for row in source.references.get(spec.reference, ()):
                code, name = code_of(row.get(spec.code)), code_of(row.get(spec.name))
                if code and name:
                    names.setdefault(code, set()).add(name)
    return {code: next(iter(found)) for code, found in names.items() if len(found) == 1}


# ---------------------------------------------------------------- what is left out, what is refused


def _left_out(source: OpenSource, excluded: Mapping[str, int]) -> Iterator[LeftOut]:
    profile = source.profile
    for rule, dossiers in excluded.items():
        said = look_up(rule, "excluded")
        yield LeftOut(source.name, "hồ sơ", rule, f"{said.title}. {said.remedy}", dossiers)
    for table, reason in sorted(profile.ignored_tables().items()):
        yield LeftOut(source.name, "bảng", table, reason)
    for table in sorted(profile.read_tables()):
        for reason, columns in _by_reason(profile, table).items():
            yield LeftOut(source.name, "cột", f"{table}: {', '.join(columns)}", reason)


def _by_reason(profile: Profile, table: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column, reason in profile.ignored_columns(table).items():
        found.setdefault(reason, []).append(column)
    return found


def _stopped(work: Workplace, sources: Sequence[OpenSource]) -> Iterator[Refusal]:
    """Errors by cause and field, most dossiers first."""
    i = t.issue.c
    names = {source.id: source.name for source in sources}
    one = select(i.source_id, i.code, i.field, i.key).where(i.source_id.in_(names), i.severity == "error").distinct()
    each = one.subquery().c
    query = select(each.source_id, each.code, each.field, func.count().label("n")).group_by(
        each.source_id, each.code, each.field
    )
    with work.ledger.transaction() as c:
        found = c.execute(query).all()
    for row in sorted(found, key=lambda row: (row.source_id, -row.n, row.code, row.field)):
        said = look_up(row.code)
        yield Refusal(names[row.source_id], row.code, row.field, said.title, said.remedy, row.n)


def _refused_columns(source: OpenSource) -> Iterator[Refusal]:
    try:
        tables = source.connector.probe().tables
    except (Unavailable, Forbidden, Misconfigured):
        said = "Chưa soát được cột và bảng: hệ thống cũ không trả lời."
        yield Refusal(source.name, "", "", said, "Chạy lienthong check khi hệ thống cũ trả lời.", None)
        return
    for finding in column_findings(f"nguồn {source.name}", source.profile, tables):
        yield Refusal(source.name, "", "", finding.message, finding.remedy, None)
