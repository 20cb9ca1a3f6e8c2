"""The words of the profile language: conditions, values, look-ups, and one group of fields for each struct.

Everything here is data. ``uses`` tells which columns a word reads, as (frame, column): frame "" is the row at
hand, any other a child or a reference by name. :mod:`mappings.fields` compiles the words to closures.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, create_model, model_validator
from pydantic_core import CoreSchema

from mappings.model import Address, AgencyRef, Attachment, Dossier, Mapped
from mappings.steps import STEPS

Uses = Iterator[tuple[str, str]]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw)]
"""One name or a list of them."""


class Strict(BaseModel):
    """A declared thing: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def uses(self) -> Uses:
        """(frame, column) of everything this word reads."""
        yield from ()


class When(Strict):
    """A test of one column. Values are compared as text without outer spaces."""

    column: str = ""
    one_of: Names | None = Field(None, alias="in")
    not_in: Names | None = None
    empty: bool | None = None
    flag: bool | None = Field(None, alias="is")  # NULL is neither true nor false
    below: int | None = None
    above: int | None = None
    fills: int | None = None  # text of so many characters or more: what its column was too short for may be cut off
    same_as: str | None = None  # another column with the same text
    differs_from: str | None = None  # another column with another text; an empty cell differs from nothing
    any_of: tuple[When, ...] = Field((), alias="any")

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests: list[object] = [self.one_of, self.not_in, self.empty, self.flag, self.below, self.above]
        tests += [self.fills, self.same_as, self.differs_from, self.any_of or None]
        if sum(test is not None for test in tests) != 1 or bool(self.any_of) == bool(self.column):
            known = "in, not_in, empty, is, below, above, fills, same_as, differs_from"
            raise ValueError(f"cần column và đúng một phép thử ({known}), hoặc chỉ any")
        return self

    def uses(self) -> Uses:
        for column in (self.column, self.same_as, self.differs_from):
            if column:
                yield "", column
        for test in self.any_of:
            yield from test.uses()


Whens = Annotated[tuple[When, ...], BeforeValidator(lambda raw: (raw,) if isinstance(raw, dict) else raw)]
"""One test or a list of them; all must hold."""


class Lookup(Strict):
    """Rows of a child or reference whose columns equal ours: ``match`` is {their column: our column}.

    ``json``: the rows are the JSON objects in this column of the child, their columns are its keys.
    """

    name: str
    json_in: str = Field("", alias="json")
    match: dict[str, str] = Field(min_length=1)
    column: Names = ()  # several: joined by "/" without the empty ones
    when: Whens = ()  # tests of their row

    def uses(self) -> Uses:
        if self.json_in:
            yield self.name, self.json_in
            yield from (("", ours) for ours in self.match.values())
            return
        for theirs, ours in self.match.items():
            yield self.name, theirs
            yield "", ours
        for column in self.column:
            yield self.name, column
        for test in self.when:
            for _, column in test.uses():
                yield self.name, column


class Unknown(Strict):
    """What a code outside its table is: never a default."""

    issue: str = "code_undecided"
    severity: Literal["error", "warning"] = "warning"


def _value(raw: object) -> object:
    if isinstance(raw, str):
        return {"from": raw}
    return {"first": raw} if isinstance(raw, list) else raw


class Value(Strict):
    """Where one field comes from. A bare text is a column; a bare list is ``first``."""

    source: Names = Field((), alias="from")  # several: the first that is not empty, unless ``join``
    join: str | None = None
    value: str | None = None  # a constant
    child: Lookup | None = None  # the first matching row of a child of this dossier
    reference: Lookup | None = None  # the only matching row of a reference
    collect: Lookup | None = None  # every matching row of a child
    first: tuple[Annotated[Value, BeforeValidator(_value)], ...] = ()  # the first that is not empty
    when: Whens = ()  # else empty
    is_day: bool = Field(False, alias="day")  # an instant as its day in Vietnam, dd/mm/yyyy; what is no date stays
    steps: Names = ()
    table: dict[str, str] | None = None  # exact codes, here
    crosswalk: str = ""  # exact codes, in crosswalks/<name>.csv (rows without qualifier)
    unknown: Unknown = Unknown()
    original: str = ""  # the field beside that keeps the text before the steps changed it
    trouble: Literal["error", "warning"] = "warning"  # an unreadable date or number

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [self.source or None, self.value, self.child, self.reference, self.collect, self.first or None]
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("cần đúng một nguồn: from, value, child, reference, collect hoặc first")
        for step in self.steps:
            if step not in STEPS:
                raise ValueError(f"không có bước làm sạch {step!r}; có: {', '.join(STEPS)}")
        return self

    def uses(self) -> Uses:
        for column in self.source:
            yield "", column
        for lookup in (self.child, self.reference, self.collect):
            if lookup is not None:
                yield from lookup.uses()
        for part in (*self.first, *self.when):
            yield from part.uses()


AValue = Annotated[Value, BeforeValidator(_value)]


def column_value(column: str, steps: tuple[str, ...] = ()) -> Value:
    """The word that a bare column name stands for."""
    return Value.model_validate({"from": column, "steps": steps})


class UnitColumns(Strict):
    """The two columns of an administrative unit as declared on a form."""

    code: str
    name: str = ""

    def uses(self) -> Uses:
        yield "", self.code
        if self.name:
            yield "", self.name


class AddressColumns(Strict):
    """An address: its text and the old triple of units. ``units_when``: the units belong to it only then."""

    text: AValue | None = None
    province: UnitColumns | None = None
    district: UnitColumns | None = None
    commune: UnitColumns | None = None
    units_when: Whens = ()

    def uses(self) -> Uses:
        for part in (self.text, self.province, self.district, self.commune, *self.units_when):
            if part is not None:
                yield from part.uses()


class FileColumns(Strict):
    """A stored file. The connector adds its locator and size; ``entry`` says that there should be one."""

    entry: str
    name: AValue
    media_type: AValue | None = None
    version: AValue | None = None

    def uses(self) -> Uses:
        yield "", self.entry
        for part in (self.name, self.media_type, self.version):
            if part is not None:
                yield from part.uses()


class Group(Strict):
    """The fields of one struct. ``when``: build it only then (else when any of its columns is not empty)."""

    when: Whens = ()

    def parts(self) -> Iterator[tuple[str, Any]]:
        """(field, word) of every field that the profile fills."""
        for name in type(self).model_fields:
            part = getattr(self, name)
            if name != "when" and part is not None:
                yield name, part

    def uses(self) -> Uses:
        for test in self.when:
            yield from test.uses()
        for _, part in self.parts():
            yield from part.uses()


class Note(Strict):
    """An issue that a simple test finds."""

    issue: str
    severity: Literal["error", "warning", "info"]
    field: str
    when: Whens

    def uses(self) -> Uses:
        for test in self.when:
            yield from test.uses()


class Kept(Strict):
    """A column without a field of its own, kept as text in ``extra``; empty and zero ones are left out."""

    source: str = Field(alias="from")
    steps: Names = ()
    is_date: bool = Field(False, alias="date")  # kept as an instant of Vietnam (ISO)

    @model_validator(mode="after")
    def _known_steps(self) -> Self:
        for step in self.steps:
            if step not in STEPS:
                raise ValueError(f"không có bước làm sạch {step!r}; có: {', '.join(STEPS)}")
        return self

    def uses(self) -> Uses:
        yield "", self.source


AKept = Annotated[Kept, BeforeValidator(_value)]


class Items(Strict):
    """One list of the dossier from the rows of one child."""

    child: str
    when: Whens = ()
    unless: Lookup | None = None  # leave a row out when a child row matches (it is already told by that one)
    extra: tuple[AKept, ...] = ()  # kept under <list>.<column>.<key>
    notes: tuple[Note, ...] = ()
    fields: Any

    def uses(self) -> Uses:
        yield from _within(self.child, self.fields.uses())
        for part in (*self.when, *self.notes, *self.extra):
            yield from _within(self.child, part.uses())
        if self.unless:
            yield from _within(self.child, self.unless.uses())


def _state(raw: object) -> object:
    return {"reference": raw} if isinstance(raw, dict) and "match" in raw else _value(raw)


class Spans(Strict):
    """Stretches of a history: from the first row whose looked-up state is inside to the next whose is not."""

    child: str
    skip: Whens = ()
    state: Annotated[Value, BeforeValidator(_state)]  # a reference, or a value of the row itself
    inside: tuple[str, ...]
    first: dict[str, AValue]  # fields from the row that begins the stretch
    last: dict[str, AValue] = {}  # fields from the row that ends it
    ended: str = ""  # flag that says it has ended

    def uses(self) -> Uses:
        for part in (*self.skip, self.state, *self.first.values(), *self.last.values()):
            yield from _within(self.child, part.uses())


class LinkColumns(Strict):
    """A tie to another dossier or number."""

    kind: str
    source: str = Field(alias="from")
    split: str = ""
    ignore: tuple[str, ...] = ("0",)

    def uses(self) -> Uses:
        yield "", self.source


def _within(frame: str, uses: Uses) -> Uses:
    for name, column in uses:
        yield name or frame, column


# ---------------------------------------------------------------- groups made from the structs of the model

COMPUTED: Final[Mapping[type[msgspec.Struct], frozenset[str]]] = {
    Dossier: frozenset(
        {
            "source_id", "key", "status", "old_status", "procedure_code", "old_procedure_code", "procedure_version",
            "receiving_agency", "handling_agency", "handling_rule", "next_step", "next_role",
            "case_rule", "filed_at", "filed_from", "is_migrated", "extra",
            "papers", "results", "steps", "fees", "supplements", "pauses", "requests", "documents", "links",
            "other_codes",
        }
    )
}  # fmt: skip
"""Fields that the engine fills by rules of its own; a profile cannot."""


class SpecOf:
    """Annotation: the declared group of a struct."""

    def __init__(self, struct: type[msgspec.Struct], *, is_list: bool = False) -> None:
        self.struct = struct
        self.is_list = is_list

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        made = items_of(self.struct) if self.is_list else group_of(self.struct)
        return handler.generate_schema(tuple[made, ...] if self.is_list else made)  # type: ignore[valid-type]


@functools.cache
def group_of(struct: type[msgspec.Struct]) -> type[Group]:
    """The strict group model of a struct: required fields are required, an unknown field is an error."""
    fields: dict[str, Any] = {}
    for item in msgspec.structs.fields(struct):
        if item.name not in COMPUTED.get(struct, frozenset()):
            kind = _part_of(struct_type(item.type))
            fields[item.name] = (kind, ...) if item.required else (kind | None, None)
    return create_model(f"{struct.__name__}Fields", __base__=Group, **fields)


@functools.cache
def items_of(struct: type[msgspec.Struct]) -> type[Items]:
    """The strict list model of a struct."""
    return create_model(f"{struct.__name__}Items", __base__=Items, fields=(group_of(struct), ...))


def struct_type(declared: Any) -> Any:
    """The plain type under Annotated and ``| None``."""
    if typing.get_origin(declared) is Annotated:
        return struct_type(typing.get_args(declared)[0])
    if typing.get_origin(declared) in (types.UnionType, typing.Union):
        return struct_type(next(kind for kind in typing.get_args(declared) if kind is not type(None)))
    return declared


def _part_of(kind: Any) -> Any:
    if kind is Address:
        return AddressColumns
    if kind is Attachment:
        return FileColumns
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        assert kind not in (AgencyRef, Mapped)
        return group_of(kind)
    assert kind in (str, int, bool, date, datetime, tuple[str, ...]), kind
    return AValue
