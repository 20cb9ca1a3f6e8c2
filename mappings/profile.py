"""A profile: how one kind of old system is read and what its columns mean. Declared in YAML, strict.

``load_profile`` looks in SITE/profiles first, then in the shipped ones; a site's profile may say
``extends: opencps_v2`` and override a few keys (a key set to null is taken away, a list is replaced).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from mappings import plan
from mappings.contents import content_faults
from mappings.declared import Declared, ProfileError, Tree, check_name, find, read_yaml
from mappings.model import Document, Dossier, Fee, Paper, Request, Result, Step
from mappings.shapes import XmlReading, shape_faults
from mappings.sheet_shapes import SheetReading
from mappings.spec import (
    AKept,
    AValue,
    Items,
    LinkColumns,
    Lookup,
    Note,
    Spans,
    SpecOf,
    Strict,
    Uses,
    Whens,
)

__all__ = ["Profile", "ProfileError", "load_profile"]


class JoinTable(Strict):
    """A left join on equality; its columns read "alias.column"."""

    table: str
    alias: str
    match: dict[str, str] = Field(min_length=1)  # our column, or "alias.column" of an earlier join → their column


class SplitColumn(Strict):
    """A column of a child that holds several values: each becomes a row, its number in the column "_part"."""

    column: str
    by: str = Field(min_length=1)


class ReadTable(Strict):
    """One table to read, or one declared query. Columns are those the profile uses; ``also`` adds more."""

    table: str = ""
    parent: str = ""  # column that holds the dossier's key
    key: str = ""  # rows come ordered by (parent, key)
    join: tuple[JoinTable, ...] = ()
    where: str = ""
    sql: str = ""
    also: tuple[str, ...] = ()
    reads: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # what a query reads: table → columns
    file: str = ""  # locator of the stored file that a row names
    content: str = ""  # or: the column (of this table or of a join) in which the file itself stands
    split: SplitColumn | None = None


class Reading(Strict):
    """What a sweep reads."""

    dossiers: ReadTable
    children: dict[str, ReadTable] = Field(default_factory=dict)
    references: dict[str, ReadTable] = Field(default_factory=dict)
    counts: dict[Literal["found", "in_scope", "after_cutoff"], str]
    fragments: dict[str, str] = Field(
        default_factory=dict
    )  # pieces of SQL: <<name alias>> puts one in, "@" in it is the alias
    xml: XmlReading | None = None  # the tables of a source that is XML
    spreadsheet: SheetReading | None = None  # the tables of a source that is spreadsheets
    hang_on: tuple[str, ...]  # a table with one of these columns hangs on a dossier
    hung_by: dict[str, dict[str, str]] = Field(default_factory=dict)  # table of a query → its column → the dossier's
    ignored_tables: dict[str, str] = Field(default_factory=dict)  # table → reason
    ignored_columns: dict[str, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict
    )  # table, or "*" for all → reason → columns

    @property
    def kind_of_files(self) -> Literal["", "xml", "spreadsheet"]:
        """What the source of such a profile is, when it is files; "" for a database."""
        return "xml" if self.xml else "spreadsheet" if self.spreadsheet else ""


class FilingColumn(Strict):
    """One candidate for the filing instant."""

    column: str
    issue: str = ""  # warning noted when this one had to serve


class Filed(Strict):
    """When a dossier was filed and received: the first filing column that is not NULL counts."""

    order: tuple[FilingColumn, ...] = Field(min_length=1)
    received: str

    def uses(self) -> Uses:
        for candidate in self.order:
            yield "", candidate.column
        yield "", self.received


class ScopeRule(Strict):
    """A named rule that leaves a dossier out. With ``twin``: only when that child has a row (the other copy)."""

    rule: str
    when: Whens
    twin: str = ""
    twin_key: str = ""  # column of the twin's key
    lacking: dict[str, TwinLack] = Field(default_factory=dict)  # issue → rows of this copy that its twin lacks

    def uses(self) -> Uses:
        for test in self.when:
            yield from test.uses()
        if self.twin:
            yield self.twin, self.twin_key
        for lack in self.lacking.values():
            yield lack.child, lack.key


class TwinLack(Strict):
    """Rows of the left-out copy that the dossier that carries it does not have."""

    child: str
    key: str
    field: str


class Choice(Strict):
    """A column whose other values the site must decide about (decision ``<name>.<value>``: migrate | exclude)."""

    name: str
    column: str
    known: tuple[str, ...]
    issue: str

    def uses(self) -> Uses:
        yield "", self.column


class StatusMapping(Strict):
    """The source's own mapping to TrangThaiHoSo."""

    reference: str
    code: str
    sub: str
    target: str

    def uses(self) -> Uses:
        for column in (self.code, self.sub, self.target):
            yield self.reference, column


class StatusWords(Strict):
    """Where TrangThaiHoSo comes from: the site's decision, the source's own mapping, then the crosswalk."""

    code: str
    sub: str = ""
    mapping: StatusMapping | None = None
    crosswalk: str
    qualifier: AValue | None = None

    def uses(self) -> Uses:
        yield "", self.code
        if self.sub:
            yield "", self.sub
        for part in (self.mapping, self.qualifier):
            if part is not None:
                yield from part.uses()


class ProcedureWords(Strict):
    """The procedure's national code: the source's own mapping, else the code itself when it has that form.

    ``within``: the column without which the code says nothing (a key of two columns): "field/code" is the old code.
    """

    code: str
    within: str = ""
    mapping: Lookup | None = None
    decision: AValue | None = None  # number of the decision that published the version it was filed under

    def uses(self) -> Uses:
        yield "", self.code
        if self.within:
            yield "", self.within
        for part in (self.mapping, self.decision):
            if part is not None:
                yield from part.uses()


class AgencyWords(Strict):
    """The agency a dossier was filed with."""

    code: str
    name: AValue

    def uses(self) -> Uses:
        yield "", self.code
        yield from self.name.uses()


class SecondCode(Strict):
    """A column that holds another code of the same dossier; of each row of ``child`` where one is named."""

    source: str = Field(alias="from")
    child: str = ""

    def uses(self) -> Uses:
        yield self.child, self.source


class PlaceColumns(Strict):
    """A place of the matter, by the codes of the catalogue before 1 July 2025."""

    commune: str
    district: str
    province: str
    text: str = ""  # the address in words: villages stand there
    when: Whens = ()  # else the place is not told

    def uses(self) -> Uses:
        for column in (self.commune, self.district, self.province, self.text):
            if column:
                yield "", column
        for test in self.when:
            yield from test.uses()


class AgencyList(Strict):
    """A reference that lists agencies in a tree; agencies.csv is drafted from it."""

    reference: str
    id: str
    parent: str
    code: str
    name: str
    collection: Lookup | None = None  # the list the row belongs to
    collections: tuple[str, ...] = ()  # only these

    def uses(self) -> Uses:
        for column in (self.id, self.parent, self.code, self.name):
            yield self.reference, column
        if self.collection:
            for frame, column in self.collection.uses():
                yield frame or self.reference, column


class StepList(Strict):
    """A reference that lists the steps of the old processes; case_states.csv is drafted from it."""

    reference: str
    code: str
    name: str
    status: str
    sub: str

    def uses(self) -> Uses:
        for column in (self.code, self.name, self.status, self.sub):
            yield self.reference, column


class StandingWords(Strict):
    """Where an open dossier stands, beside its process, current step and status (see case_states.csv)."""

    role: AValue | None = None  # whose turn it is
    request: AValue | None = None  # kind of a request that nobody has answered
    step_name: AValue | None = None
    steps: StepList | None = None

    def uses(self) -> Uses:
        for part in (self.role, self.request, self.step_name, self.steps):
            if part is not None:
                yield from part.uses()


class Dates(Strict):
    """How the old system writes dates beside the form of its database."""

    none: tuple[str, ...] = ()  # days (YYYY-MM-DD) that stand for no date: what a required column was filled with
    day_first: bool = False  # text dd/mm/yyyy, with or without hh:mm[:ss], is a date, too

    @field_validator("none")
    @classmethod
    def _are_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            date.fromisoformat(day)
        return value


class Profile(Strict):
    """One kind of old system, whole."""

    name: str
    title: str
    version: int
    suggested_zone: str = ""
    extends: str = ""
    open_points: dict[str, str] = Field(default_factory=dict)  # what a drafted profile leaves to people: check refuses
    dates: Dates = Dates()
    reading: Reading
    filed: Filed
    scope: tuple[ScopeRule, ...] = ()
    choices: tuple[Choice, ...] = ()
    status: StatusWords
    procedure: ProcedureWords
    agency: AgencyWords
    agencies: tuple[AgencyList, ...] = ()
    standing: StandingWords | None = None
    places: dict[str, PlaceColumns] = Field(default_factory=dict)  # where the matter lies
    dossier: Annotated[Any, SpecOf(Dossier)]
    papers: Annotated[Any, SpecOf(Paper, is_list=True)] = ()
    results: Annotated[Any, SpecOf(Result, is_list=True)] = ()
    steps: Annotated[Any, SpecOf(Step, is_list=True)] = ()
    fees: Annotated[Any, SpecOf(Fee, is_list=True)] = ()
    requests: Annotated[Any, SpecOf(Request, is_list=True)] = ()
    documents: Annotated[Any, SpecOf(Document, is_list=True)] = ()
    supplements: Spans | None = None
    pauses: Spans | None = None
    links: tuple[LinkColumns, ...] = ()
    second_codes: tuple[SecondCode, ...] = ()  # the dossier is looked up by these, too
    notes: tuple[Note, ...] = ()
    extra: tuple[AKept, ...] = ()  # dossier columns without a field, kept under their own name
    keep_rows: dict[str, KeptRows] = Field(default_factory=dict)  # child → rows without a list of their own

    def uses(self) -> Uses:
        """(frame, column) of everything the profile reads; frame "" is the dossier table."""
        single = (
            self.filed, self.status, self.procedure, self.agency, self.standing, self.dossier, self.supplements,
            self.pauses,
        )  # fmt: skip
        places = self.places.values()
        many = (*self.scope, *self.choices, *self.agencies, *places, *self.links, *self.notes, *self.extra)
        for part in (*(word for word in single if word is not None), *many, *self.second_codes, *self.lists()):
            yield from part.uses()
        for child, kept in self.keep_rows.items():
            yield child, kept.key
            for column in kept.columns:
                yield child, column.source

    def lists(self) -> Iterator[Items]:
        """Every declared list, in the order of the model."""
        for items in (self.papers, self.results, self.steps, self.fees, self.requests, self.documents):
            yield from items

    def plan(self, decisions: Mapping[str, str] | None = None) -> plan.Plan:
        """What a sweep reads under the site's decisions, as plain data for ``connectors.base.ReadPlan``."""
        return plan.make_plan(self, decisions or {})

    def used_columns(self, table: str) -> frozenset[str]:
        """Columns of a table that are read, under their declared names. Names match without regard to case."""
        return plan.used_columns(self, table)

    def ignored_columns(self, table: str) -> dict[str, str]:
        """Columns of a table that are left out by name, each with its reason."""
        return plan.ignored_columns(self, table)

    def ignored_tables(self) -> dict[str, str]:
        """Tables that are left out by name, each with its reason."""
        return dict(self.reading.ignored_tables)

    def read_tables(self) -> frozenset[str]:
        """Every table that is read, under its declared name."""
        return plan.read_tables(self)

    def filing_order(self, decisions: Mapping[str, str]) -> tuple[FilingColumn, ...]:
        """The filing columns in the order that holds at this site. Raises ProfileError for a wrong decision."""
        wanted = decisions.get("filed_order")
        if not wanted:
            return self.filed.order
        known = {candidate.column: candidate for candidate in self.filed.order}
        names = [name.strip() for name in wanted.split(",")]
        if len(set(names)) != len(names) or not set(names) <= set(known):
            raise ProfileError(f"decisions.filed_order chỉ gồm các cột: {', '.join(known)}", "site.yaml")
        return tuple(known[name] for name in names)

    def excluded_values(self, decisions: Mapping[str, str]) -> Iterator[tuple[Choice, str]]:
        """(choice, value) of every value that the site decided to leave out."""
        for choice in self.choices:
            for key, decision in sorted(decisions.items()):
                prefix, _, value = key.partition(".")
                if prefix == choice.name and decision.startswith("exclude") and value not in choice.known:
                    yield choice, "" if value == "empty" else value


class KeptRows(Strict):
    """Rows kept as text under <child>.<column>.<key>: nothing is dropped."""

    key: str
    columns: tuple[AKept, ...]


for _model in (ScopeRule, Profile):
    _model.model_rebuild()

# ---------------------------------------------------------------- loading


def load_profile(name: str, site_dir: Path | None = None) -> Profile:
    """The profile of that name: the site's, else the shipped one. Raises ProfileError with file and line."""
    layers = list(_layers(name, site_dir))
    data: dict[str, Tree] = {}
    for layer in reversed(layers):
        data = _merged(data, layer.data)
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [step for step in first["loc"] if isinstance(step, str | int)]
        raise _at(layers, path, _message(first["type"], first["msg"], path)) from None
    for path, message in _contradictions(profile):
        raise _at(layers, path, message)
    return profile


def _layers(name: str, site_dir: Path | None) -> Iterator[Declared]:
    seen: list[Path] = []
    at: Path | None = site_dir
    while name:
        check_name(name)
        file = find(at, "profiles", f"{name}.yaml")
        if file in seen:  # a site's profile may carry the name of the shipped one that it extends
            file = find(None, "profiles", f"{name}.yaml")
        if file is None or file in seen:
            raise ProfileError(f"không có profile {name!r} (profiles/{name}.yaml)", seen[-1] if seen else "")
        seen.append(file)
        layer = read_yaml(file)
        yield layer
        base = layer.data.get("extends")
        name = base if isinstance(base, str) else ""


def _merged(base: Mapping[str, Tree], over: Mapping[str, Tree]) -> dict[str, Tree]:
    made = dict(base)
    for key, value in over.items():
        below = made.get(key)
        if value is None and key in base:
            del made[key]
        elif isinstance(value, dict) and isinstance(below, dict):
            made[key] = _merged(below, value)
        else:
            made[key] = value
    return made


def _at(layers: list[Declared], path: list[str | int], message: str) -> ProfileError:
    # the first layer that owns the path said it, the site's before the shipped one; what nobody says is missing
    # from the layer that comes nearest
    owners = [layer for layer in layers if layer.owns(path)]
    layer = owners[0] if owners else max(layers, key=lambda layer: layer.holds(path))
    return ProfileError(message, layer.file, layer.line(path))


def _message(kind: str, text: str, path: list[str | int]) -> str:
    where = ".".join(str(step) for step in path)
    words = {"extra_forbidden": "khóa lạ", "missing": "thiếu khóa", "string_type": "phải là chữ"}
    return f"{where}: {words.get(kind, text.removeprefix('Value error, '))}"


def _parts(profile: Profile) -> Iterator[tuple[list[str | int], Strict]]:
    """Every declared part with its path."""
    for name in Profile.model_fields:
        value = getattr(profile, name)
        if isinstance(value, tuple):
            for index, part in enumerate(value):
                yield [name, index], part
        elif isinstance(value, Strict) and not isinstance(value, Reading):
            yield [name], value


def _contradictions(profile: Profile) -> Iterator[tuple[list[str | int], str]]:
    reading = profile.reading
    for name in set(reading.children) & set(reading.references):
        yield ["reading", "references", name], f"{name!r} vừa là bảng con vừa là danh mục"
    known = {"", *reading.children, *reading.references}
    for path, part in _parts(profile):
        for frame, column in part.uses():
            if frame not in known:
                yield path, f"{frame!r} (cột {column}) không có trong reading.children hay reading.references"
    for child in profile.keep_rows:
        if child not in reading.children:
            yield ["keep_rows", child], f"{child!r} không có trong reading.children"
    for table, reasons in reading.ignored_columns.items():
        read = {column.lower() for column in profile.used_columns(table)} if table != "*" else set()
        for reason, columns in reasons.items():
            for column in columns:
                if column.lower() in read:
                    yield ["reading", "ignored_columns", table, reason], f"cột {column} vừa dùng vừa bỏ qua"
    yield from content_faults(profile)
    used = {table: profile.used_columns(table) for table in profile.read_tables()}
    for kind, shapes in (("xml", reading.xml), ("spreadsheet", reading.spreadsheet)):
        is_whole = shapes is not None and not profile.open_points  # a draft still lacks columns, and says so itself
        for table, fault in shape_faults(kind, shapes, used) if shapes and is_whole else ():
            yield ["reading", kind, "tables", table], fault
    for table in reading.ignored_tables:
        if table.lower() in {name.lower() for name in profile.read_tables()}:
            yield ["reading", "ignored_tables", table], f"bảng {table} vừa đọc vừa bỏ qua"
