"""A target profile: how a new system is spoken to and what it cannot hold. One YAML file a vendor's API or tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mappings.declared import Declared, ProfileError, check_name, find, read_yaml
from mappings.model import Dossier
from mappings.target_tables import Tables, table_faults

NEEDED_CALLS: Final = frozenset({"find", "list", "create"})
KNOWN_CALLS: Final = NEEDED_CALLS | {"update", "find_number", "upload", "files", "download"}
EVERY: Final = "*"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(_Model):
    """One call of the API; ``path`` names its places in braces."""

    method: Literal["GET", "POST", "PUT", "PATCH"]
    path: Annotated[str, Field(pattern=r"^/")]
    send: Literal["", "form", "json"] = ""
    fixed: dict[str, str] = Field(default_factory=dict)


class Word(_Model):
    """Their field for a path of ours."""

    ours: Annotated[str, Field(alias="from")]
    kind: Literal["text", "instant", "code"] = "text"
    codes: dict[str, str] = Field(default_factory=dict)
    number: bool = False
    copied: Annotated[bool, Field(alias="copy")] = False
    longest: int = 0


class Times(_Model):
    """How instants are sent and how they are told."""

    write: Literal["epoch_ms", "iso"] = "iso"
    read: Literal["epoch_ms", "iso", "dmy"] = "iso"


class Answers(_Model):
    """What an answer means, by status and envelope. ``retryable``: the target is asked again, later."""

    forbidden: tuple[int, ...] = (203, 401, 403)
    refused: tuple[int, ...] = (400, 409, 413, 422)
    retryable: tuple[int, ...] = (429, 500, 502, 503, 504)
    ok: str = ""
    data: str = ""


class Parts(_Model):
    """Files above this size go in parts; an interrupted one goes on after the parts that are there."""

    size_kb: Annotated[int, Field(ge=1, le=32 * 1024)] = 4096


class Loss(_Model):
    """What the API cannot hold and what becomes of it. ``about``: path in the dossier, ``*`` for every dossier."""

    says: str
    about: str
    answer: Literal["prevented", "elsewhere", "lost"]
    to: str = ""


def _as_word(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class TargetProfile(_Model):
    """One new system.

    ``batch`` is the contract of the rehearsal receiver, ``single`` is declared call by call, ``tables`` are written.
    """

    name: str
    title: str
    version: int
    protocol: Literal["batch", "single", "tables"]
    headers: dict[str, str] = Field(default_factory=dict)
    uid: str = ""
    uid_in_text: bool = False
    id: str = ""
    number: str = ""
    rest: str = ""
    times: Times = Times()
    volatile: tuple[str, ...] = ()
    files: Literal["first", "after", "never"] = "first"
    parts: Parts | None = None  # of the batch protocol; left out: files go whole
    answers: Answers = Answers()
    calls: dict[str, Call] = Field(default_factory=dict)
    words: dict[str, Annotated[Word, BeforeValidator(_as_word)]] = Field(default_factory=dict)
    tables: Tables | None = None
    losses: dict[str, Loss] = Field(default_factory=dict)

    @property
    def can_take_back(self) -> bool:
        """Whether dossiers can be taken out again: calls declared one by one have none that removes."""
        return self.protocol != "single"

    @property
    def lost(self) -> dict[str, Loss]:
        """What no call of this API carries."""
        return {name: loss for name, loss in self.losses.items() if loss.answer == "lost"}

    def is_by_design(self, path: str) -> bool:
        """Whether a difference at this path (without the keys of list elements) is a declared loss."""
        if path == "TepDinhKem":  # the bytes of a file
            return self.files == "never"
        return any(path == loss.about or path.startswith(f"{loss.about}.") for loss in self.lost.values())


def load_target(name: str, site_dir: Path | None = None) -> TargetProfile:
    """The target profile of that name: the site's, else the shipped one. Raises ProfileError with file and line."""
    check_name(name)
    file = find(site_dir, "targets", f"{name}.yaml")
    if file is None:
        raise ProfileError(f"không có hồ sơ hệ thống nhận {name!r} (targets/{name}.yaml)")
    declared = read_yaml(file)
    try:
        profile = TargetProfile.model_validate(declared.data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [step for step in first["loc"] if isinstance(step, str | int)]
        said = {"missing": "thiếu khóa này", "extra_forbidden": "khóa lạ, không được dùng"}.get(first["type"])
        raise _at(declared, path, f"{'.'.join(map(str, path))}: {said or first['msg']}") from None
    for path, message in _contradictions(profile):
        raise _at(declared, path, message)
    return profile


def _at(declared: Declared, path: list[Any], message: str) -> ProfileError:
    return ProfileError(message, declared.file, declared.line(path))


def _contradictions(profile: TargetProfile) -> Iterator[tuple[list[Any], str]]:
    if (profile.protocol == "tables") != (profile.tables is not None):
        yield ["protocol"], "protocol: tables cần khóa tables, và chỉ nó mới có tables"
    if profile.protocol == "single":
        yield from _call_faults(profile)
    elif profile.tables is not None:
        yield from table_faults(profile.tables, _list_names())
    if profile.files == "never" and not any("TepDinhKem" in loss.about for loss in profile.lost.values()):
        yield ["files"], "files: never nghĩa là mất tệp đính kèm: khai một dòng lost về TepDinhKem ở losses"
    for name, loss in profile.losses.items():
        if loss.about != EVERY and loss.about.partition(".")[0] not in dossier_names():
            yield ["losses", name], f"hồ sơ không có trường {loss.about}"
        if (loss.answer == "elsewhere") != bool(loss.to):
            yield ["losses", name], "answer: elsewhere cần to (giữ ở đâu), và chỉ nó mới có to"


def _call_faults(profile: TargetProfile) -> Iterator[tuple[list[Any], str]]:
    meanings = [*profile.answers.forbidden, *profile.answers.refused, *profile.answers.retryable]
    for status in sorted({one for one in meanings if meanings.count(one) > 1}):
        yield ["answers"], f"mã {status} không thể mang hai nghĩa"
    if profile.parts is not None:
        yield ["parts"], "parts chỉ dùng với protocol: batch"
    for missing in sorted(NEEDED_CALLS - set(profile.calls)):
        yield ["calls"], f"thiếu lệnh {missing}"
    for unknown in sorted(set(profile.calls) - KNOWN_CALLS):
        yield ["calls", unknown], f"lệnh lạ {unknown}; có: {', '.join(sorted(KNOWN_CALLS))}"
    for key in ("uid", "id", "rest"):
        if not getattr(profile, key):
            yield [], f"thiếu khóa {key}: không có nó thì không hỏi lại, không đọc lại được hồ sơ"
    if profile.files != "never" and not {"upload", "files", "download"} <= set(profile.calls):
        yield ["files"], "files cần các lệnh upload, files, download; hoặc ghi files: never và khai tệp ở losses"
    for theirs, word in profile.words.items():
        if word.ours.partition(".")[0] not in dossier_names():
            yield ["words", theirs], f"hồ sơ không có trường {word.ours}"
        if not word.copied and len(set(word.codes.values())) < len(word.codes):
            yield ["words", theirs, "codes"], "hai mã của ta thành một mã của họ: thêm copy: true, mã gốc nằm ở rest"
        if word.kind == "code" and not word.codes:
            yield ["words", theirs], "kind: code cần codes"


def dossier_names() -> frozenset[str]:
    """The top-level names of an encoded dossier."""
    return frozenset(item.encode_name for item in msgspec.structs.fields(Dossier))


def _list_names() -> dict[str, frozenset[str]]:
    """The top-level names ("") and those of the elements of each list of a dossier."""
    names = {"": dossier_names()}
    for item in msgspec.structs.fields(Dossier):
        element = next((part for part in get_args(item.type) if isinstance(part, type)), None)
        if element is not None and issubclass(element, msgspec.Struct):
            names[item.encode_name] = frozenset(part.encode_name for part in msgspec.structs.fields(element))
    return names


def count_filled(losses: Mapping[str, Loss], body: Mapping[str, Any], counts: dict[str, int]) -> None:
    """Add one for every loss that concerns this dossier."""
    for name, loss in losses.items():
        if loss.about == EVERY or _is_filled(body, loss.about.split(".")):
            counts[name] = counts.get(name, 0) + 1


def _is_filled(value: Any, path: list[str]) -> bool:
    if isinstance(value, list):
        return any(_is_filled(item, path) for item in value)
    if not path:
        return value not in (None, "", {})
    return isinstance(value, dict) and _is_filled(value.get(path[0]), path[1:])
