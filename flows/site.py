"""A site folder: read, checked, and turned into connectors. The only place that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors._file_stores import Store
from flows.error_policy import ErrorPolicy
from flows.site_compare import CompareSettings
from flows.site_handover import HandoverSettings
from flows.site_sqlserver import DRIVER as SQL_SERVER
from flows.site_sqlserver import SqlServerSettings
from flows.site_store import StoreSettings
from flows.site_target import TargetSettings
from flows.site_waves import WaveSettings
from mappings.calendar import HOURS, parse_hours

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class SiteError(Exception):
    """The site is wrong (exit 10). The message is Vietnamese and names file, place and remedy."""


def _texts(value: Any) -> Any:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(StoreSettings):
    """One old system: where it is, which profile reads it, in which zone its times are stored."""

    connector: Literal["sql", "xml", "spreadsheet"] = "sql"
    profile: str
    zone: str
    id: str = ""
    url_env: str = ""
    driver: str = "mysql+pymysql"
    host: str = ""
    port: int | None = None
    database: str = ""
    user: str = ""
    password_env: str = ""
    path: Path | None = None  # files: one, a folder, a ZIP of XML
    xsd: Path | None = None
    accept_broken: dict[str, str] = Field(default_factory=dict)  # file#hash → why it is left out
    sqlserver: SqlServerSettings | None = None
    page_rows: Annotated[int, Field(ge=1, le=20_000)] = 1000
    rows_per_second: int | None = None
    decisions: dict[str, str] = Field(default_factory=dict)  # of this source alone, over those of the site

    @field_validator("decisions", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return _texts(value)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"không có múi giờ {value!r}; dùng UTC hoặc Asia/Ho_Chi_Minh") from error
        return value

    @model_validator(mode="after")
    def _reachable(self) -> SourceSettings:
        if self.connector != "sql":
            if self.path is None or self.url_env or self.host:
                raise ValueError(f"nguồn {self.connector} cần path (tệp hoặc thư mục), không có url_env hay host")
            if self.xsd and self.connector != "xml":
                raise ValueError("xsd chỉ dùng cho nguồn XML (connector: xml)")
        elif not self.url_env and not self.host:
            raise ValueError("cần url_env (tên biến trong .env) hoặc host/database/user/password_env")
        elif self.path or self.xsd or self.accept_broken:
            raise ValueError("path, xsd, accept_broken chỉ dùng cho nguồn là tệp (connector: xml, spreadsheet)")
        if self.sqlserver is not None and not self.url_env and self.driver != SQL_SERVER:
            raise ValueError(f"khóa sqlserver cần driver: {SQL_SERVER}")
        return self


class LedgerSettings(_Model):
    url_env: str = ""


class SiteSettings(_Model):
    """What site.yaml may say."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    cutoff: date
    rehearsal: bool = False
    sources: Annotated[dict[str, SourceSettings], Field(min_length=1)]
    target: TargetSettings
    ledger: LedgerSettings = LedgerSettings()
    compare: CompareSettings = CompareSettings()
    decisions: dict[str, str] = Field(default_factory=dict)
    waves: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], WaveSettings] = Field(default_factory=dict)
    office_hours: str = HOURS  # of every working day; working time is counted by them
    free_space_mb: int = 500
    errors: ErrorPolicy = ErrorPolicy()
    handover: HandoverSettings = HandoverSettings()

    @field_validator("decisions", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return _texts(value)

    @field_validator("office_hours")
    @classmethod
    def _known_hours(cls, value: str) -> str:
        parse_hours(value)
        return value

    @field_validator("sources")
    @classmethod
    def _plain_names(cls, value: dict[str, SourceSettings]) -> dict[str, SourceSettings]:
        for name in value:
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
                raise ValueError(f"tên nguồn {name!r} chỉ gồm chữ không dấu, số, - và _")
        return value

    @model_validator(mode="after")
    def _one_meaning(self) -> SiteSettings:
        """A status code or a column means nothing to another software."""
        for key in self.decisions if self.has_several_profiles else ():
            if key == "filed_order" or key.startswith("status."):
                where = "sources.<nguồn>.decisions"
                raise ValueError(f"decisions.{key}: site có nhiều phần mềm cũ; ghi quyết định này ở {where}")
        return self

    @model_validator(mode="after")
    def _known_waves(self) -> SiteSettings:
        for name, wave in self.waves.items():
            if unknown := sorted(set(wave.enter.after or ()) - set(self.waves)):
                raise ValueError(f"waves.{name}.enter.after: không có đợt {', '.join(unknown)}")
        return self

    @property
    def has_several_profiles(self) -> bool:
        return len({source.profile for source in self.sources.values()}) > 1


@dataclass(frozen=True)
class Source:
    """A source of the site with its secrets resolved. ``id`` survives renaming, ``name`` does not.

    ``url`` is empty for a source that is files.
    """

    name: str
    id: str
    settings: SourceSettings
    url: str
    files: Store


@dataclass(frozen=True)
class Site:
    """A site folder, read."""

    path: Path
    settings: SiteSettings
    environment: Mapping[str, str]

    @property
    def var(self) -> Path:
        return self.path / "var"

    @property
    def cutoff_at(self) -> datetime:
        """The first instant that is no longer in scope."""
        return datetime.combine(self.settings.cutoff, time(), LOCAL)

    def secret(self, name: str, what: str) -> str:
        """The value of an environment variable the site names; the environment outranks .env."""
        value = self.environment.get(name, "")
        if not value:
            raise SiteError(
                f"{self.path / '.env'}: chưa có biến {name} ({what}). Thêm dòng {name}=… vào tệp .env rồi chạy lại."
            )
        return value

    def sources(self, names: tuple[str, ...] = ()) -> list[Source]:
        """The named sources (all when none is named), in the order of site.yaml."""
        unknown = sorted(set(names) - set(self.settings.sources))
        if unknown:
            raise SiteError(f"site.yaml không có nguồn {', '.join(unknown)}; có: {', '.join(self.settings.sources)}.")
        return [self._source(name) for name in self.settings.sources if not names or name in names]

    def source_ids(self) -> dict[str, str]:
        """Name → id of every source; asks for no secret."""
        return {name: settings.id or name for name, settings in self.settings.sources.items()}

    def _source(self, name: str) -> Source:
        settings = self.settings.sources[name]
        files = settings.store(name, self.path, self.secret)
        return Source(name, settings.id or name, settings, self._source_url(name, settings), files)

    def _source_url(self, name: str, settings: SourceSettings) -> str:
        if settings.path is not None:
            return ""
        options = settings.sqlserver.options() if settings.sqlserver else {}
        if settings.url_env:
            text = self.database_url(self.secret(settings.url_env, f"địa chỉ cơ sở dữ liệu cũ của nguồn {name}"))
            return make_url(text).update_query_dict(options).render_as_string(hide_password=False)
        password = self.secret(settings.password_env, f"mật khẩu của nguồn {name}") if settings.password_env else None
        url = URL.create(
            settings.driver,
            username=settings.user or None,
            password=password,
            host=settings.host,
            port=settings.port,
            database=settings.database or None,
            query=options,
        )
        return url.render_as_string(hide_password=False)

    def database_url(self, text: str) -> str:
        """A database URL; a relative SQLite path counts from the site's folder."""
        try:
            url = make_url(text)
        except ArgumentError as error:
            raise SiteError(
                "Địa chỉ cơ sở dữ liệu không đúng dạng; ví dụ mysql+pymysql://nguoidung:matkhau@may:3306/opencps."
            ) from error
        if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith(("/", ":", "file:")):
            url = url.set(database=str((self.path / url.database).resolve()))
        return url.render_as_string(hide_password=False)

    def ledger_url(self) -> str:
        """The ledger's database: the site's own SQLite file unless site.yaml names a variable."""
        if self.settings.ledger.url_env:
            return self.database_url(self.secret(self.settings.ledger.url_env, "địa chỉ sổ cái"))
        return f"sqlite:///{self.var / 'ledger.sqlite'}"

    def receiver_database(self) -> str:
        """Database of the rehearsal receiver: a file below the site, or a URL."""
        target = self.settings.target
        text = target.rehearsal
        if target.rehearsal_env:
            text = self.secret(target.rehearsal_env, "cơ sở dữ liệu của hệ thống nhận diễn tập")
        return text if "://" in text else str((self.path / text).resolve())

    def hidden_words(self) -> list[str]:
        """Every secret of the site, longest first, for scrubbing of foreign messages."""
        words = {v for k, v in self.environment.items() if k in self._secret_names() and len(v) > 3}
        return sorted(words, key=len, reverse=True)

    def _secret_names(self) -> set[str]:
        target, ledger = self.settings.target, self.settings.ledger
        names = {target.token_env, target.read_token_env, target.rehearsal_env, target.read_url_env, ledger.url_env}
        if target.connector == "sql":
            names.add(target.url_env)
        for source in self.settings.sources.values():
            names |= {source.url_env, source.password_env, source.files_token_env, source.files_password_env}
        return names - {""}


def load_site(folder: Path) -> Site:
    """Read SITE/site.yaml and SITE/.env; SiteError says what is wrong and where."""
    path = folder.resolve()
    file = path / "site.yaml"
    if not file.is_file():
        raise SiteError(f"Không thấy {file}. Tạo site mới bằng: lienthong init {folder}")
    return Site(path, _settings(file), {**_dotenv(path / ".env"), **os.environ})


def _settings(file: Path) -> SiteSettings:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SiteError(f"{file}, dòng {line}: YAML viết sai ({error.problem}). Sửa dòng này rồi chạy lại.") from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SiteError(f"{file}: không đọc được ({type(error).__name__}). Tệp phải là văn bản UTF-8.") from error
    if not isinstance(data, dict):
        raise SiteError(f"{file}: tệp trống hoặc không phải dạng khóa: giá trị.")
    try:
        return SiteSettings.model_validate(data)
    except ValidationError as error:
        raise SiteError(_explain(file, error)) from error


def _explain(file: Path, error: ValidationError) -> str:
    words = {"missing": "thiếu khóa này", "extra_forbidden": "khóa lạ, không được dùng"}
    words["string_type"] = 'phải là chữ: đặt mã trong dấu nháy, ví dụ "05014"'
    lines = []
    for item in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "site.yaml"
        said = words.get(item["type"]) or item["msg"].removeprefix("Value error, ")
        lines.append(f"{file}: {where}: {said}")
    return "\n".join(lines)


def _dotenv(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.removeprefix("export ").partition("=")
        if not sign or not name.strip().isidentifier():
            raise SiteError(f"{file}, dòng {number}: cần dạng TEN=giá_trị.")
        values[name.strip()] = value.strip().strip("\"'")
    return values


def mark_rehearsal(folder: Path) -> None:
    """Write ``rehearsal: true`` into site.yaml, keeping every other line as it is."""
    file = folder / "site.yaml"
    text = file.read_text(encoding="utf-8")
    if re.search(r"^rehearsal:", text, re.M):
        text = re.sub(r"^rehearsal:.*$", "rehearsal: true", text, count=1, flags=re.M)
    else:
        text = re.sub(r"^(cutoff:.*)$", r"\1\nrehearsal: true", text, count=1, flags=re.M)
    file.write_text(text, encoding="utf-8")


def make_private(path: Path, *, is_folder: bool = True) -> Path:
    """Create a folder readable by its owner only (0700), or narrow a file to 0600."""
    if is_folder:
        path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700 if is_folder else 0o600)
    return path


def write_private(file: Path, pieces: Iterable[bytes]) -> None:
    """Replace a file in one step, readable by its owner only: what is being read is never half-written."""
    part = file.with_suffix(file.suffix + ".part")
    with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as stream:
        stream.writelines(pieces)
    part.replace(file)
