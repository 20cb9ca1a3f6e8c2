"""The validation suite: which rules hold for a migrated dossier. Declared in YAML, readable by a technician.

``load_suite`` takes SITE/suites/dossier.yaml when the site has one, else the shipped suite.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mappings.declared import Declared, read_yaml
from mappings.model import Severity
from mappings.profile import ProfileError
from validations.frames import COUNTED, DOSSIER, Kind, column_kind, entities, entity_type

SHIPPED: Final = Path(__file__).parent / "suites"
FILE: Final = "dossier.yaml"

Expectation = Literal[
    "present", "one_of", "fits", "matches", "agency_known", "unit_listed", "in_order", "not_overdue", "working_day",
    "at_most",
]  # fmt: skip


class SuiteError(Exception):
    """A rule could not be evaluated: the run stops, nothing counts as passed or failed. Vietnamese, no values."""


class _Needs(BaseModel):
    """What an expectation needs to be declared with."""

    kinds: tuple[Kind, ...]
    params: tuple[str, ...] = ()
    columns: int = 0  # 0: any number, each judged by itself


_NEEDS: Final[Mapping[Expectation, _Needs]] = {
    "present": _Needs(kinds=("text", "number", "instant", "day")),
    "one_of": _Needs(kinds=("text", "number"), params=("values",)),
    "fits": _Needs(kinds=("text",), params=("max_chars",)),
    "matches": _Needs(kinds=("text",), params=("forms",)),
    "agency_known": _Needs(kinds=("text",), params=("forms",)),
    "unit_listed": _Needs(kinds=("text",)),
    "in_order": _Needs(kinds=("instant", "day"), columns=2),
    "not_overdue": _Needs(kinds=("instant",)),
    "working_day": _Needs(kinds=("instant",)),
    "at_most": _Needs(kinds=("number",), params=("at_most",)),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Params(_Strict):
    """Parameters of an expectation. ``forms`` are names from the head of the suite."""

    values: tuple[str, ...] = ()
    max_chars: int | None = Field(default=None, gt=0)
    at_most: float | None = Field(default=None, ge=0)
    forms: tuple[str, ...] = ()


class Rule(_Strict):
    """One rule. A dossier whose row fails it gets an issue of this code and severity at this column."""

    rule: str = Field(min_length=1)
    entity: str
    columns: tuple[str, ...] = Field(min_length=1)
    expectation: Expectation
    params: Params = Params()
    when: dict[str, bool | str | tuple[str, ...]] = {}  # only rows where each column equals, or is one of, the value
    code: str = Field(min_length=1, max_length=60)
    severity: Severity
    title: str = Field(min_length=1)
    why: str = Field(min_length=1)
    remedy: str = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_schema(self) -> Self:
        if entity_type(self.entity) is None:
            raise ValueError(f"không có thực thể {self.entity!r}; có: {', '.join(entities())}")
        needs = _NEEDS[self.expectation]
        if needs.columns and len(self.columns) != needs.columns:
            raise ValueError(f"{self.expectation} cần đúng {needs.columns} cột")
        for column in self.columns:
            if self._kind(column) not in needs.kinds:
                raise ValueError(f"cột {column!r} không dùng được với {self.expectation}")
        self._check_when()
        given = {name for name, value in self.params if value not in ((), None)}
        if given != set(needs.params):
            raise ValueError(f"{self.expectation} cần params: {', '.join(needs.params) or 'không có'}")
        return self

    @property
    def judged(self) -> tuple[str, ...]:
        """The columns that an issue may name: of a pair, the later one."""
        return self.columns[1:] if self.expectation == "in_order" else self.columns

    def path(self, column: str) -> str:
        """Where an issue of this rule points: a dotted path in the new schema."""
        if self.entity == DOSSIER:
            return COUNTED[column].field if column in COUNTED else column
        return f"{self.entity}.{column}"

    def _check_when(self) -> None:
        for column, value in self.when.items():
            wanted = "flag" if isinstance(value, bool) else "text"
            if self._kind(column) != wanted:
                raise ValueError(f"điều kiện when: cột {column!r} không nhận giá trị kiểu này")

    def _kind(self, column: str) -> Kind:
        kind = column_kind(self.entity, column)
        if kind is None:
            raise ValueError(f"lược đồ mới không có trường {self.entity}.{column}")
        return kind


class Suite(_Strict):
    """A whole suite. ``version`` is a hash of its content: it belongs to the mapping version of a source."""

    suite: str
    title: str
    forms: dict[str, str] = {}
    rules: tuple[Rule, ...] = Field(min_length=1)
    version: str = ""

    @model_validator(mode="after")
    def _forms_known(self) -> Self:
        for name, form in self.forms.items():
            try:
                re.compile(form)
            except re.error as error:
                raise ValueError(f"biểu thức của dạng {name!r} sai") from error
        names = [rule.rule for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"quy tắc khai hai lần: {', '.join(twice)}")
        for rule in self.rules:
            missing = [name for name in rule.params.forms if name not in self.forms]
            if missing:
                raise ValueError(f"quy tắc {rule.rule}: chưa khai dạng {', '.join(missing)} ở forms")
        return self


def load_suite(site_dir: Path | None = None) -> Suite:
    """The site's suite, else the shipped one. Raises ProfileError naming file and line."""
    own = site_dir / "suites" / FILE if site_dir else None
    file = own if own and own.is_file() else SHIPPED / FILE
    declared = read_yaml(file)
    try:
        suite = Suite.model_validate(declared.data)
    except ValidationError as error:
        raise _explain(error, declared) from error
    content = suite.model_dump_json(exclude={"version"}).encode()
    return suite.model_copy(update={"version": hashlib.blake2b(content, digest_size=8).hexdigest()})


def _explain(error: ValidationError, declared: Declared) -> ProfileError:
    first = error.errors(include_url=False, include_context=False)[0]
    path = [step for step in first["loc"] if isinstance(step, str | int)]
    where = ".".join(str(step) for step in path)
    message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
    return ProfileError(f"{where}: {message}" if where else message, declared.file, declared.line(path))


_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "thiếu khóa này",
    "extra_forbidden": "khóa lạ",
    "literal_error": f"phải là một trong: {', '.join(_NEEDS)}",
    "enum": "phải là error, warning hoặc info",
    "int_parsing": "phải là số nguyên",
    "string_too_short": "không được để trống",
    "too_short": "không được để trống",
    "tuple_type": "phải là một danh sách",
    "dict_type": "phải là một bảng khóa: giá trị",
    "string_type": "phải là chữ",
}


def when_text(rule: Rule) -> str:
    """The row condition in words, for the validation page; empty when the rule holds for every row."""
    return ", ".join(f"{column} = {_value_text(value)}" for column, value in rule.when.items())


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    return value if isinstance(value, str) else " hoặc ".join(value)
