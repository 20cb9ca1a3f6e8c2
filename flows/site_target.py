"""What site.yaml says of the new system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class TargetSettings(BaseModel):
    """The new system: a REST service, the rehearsal receiver that each command starts by itself, or tables (sql)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["rest", "sql"] = "rest"
    profile: str = "receiver"  # of targets/: how it is spoken to and what it cannot hold
    params: dict[str, str] = Field(default_factory=dict)  # what its profile asks for, as groupId
    accept_losses: dict[str, str] = Field(default_factory=dict)  # declared loss → why it may be
    mode: Literal["strict", "opencps", "td"] = "strict"  # how the rehearsal receiver behaves
    url_env: str = ""
    read_url_env: str = ""  # sql: the comparer's own account; that of url_env when left out
    files: Path | None = None  # sql: the folder in which the new system keeps its files
    token_env: str = ""
    read_token_env: str = ""  # the comparer's own token; the push token when left out
    rehearsal: str = ""  # path below the site, or a database URL
    rehearsal_env: str = ""  # name of the variable that holds that URL
    batch: Annotated[int, Field(ge=1, le=1000)] = 200
    concurrency: Annotated[int, Field(ge=1, le=32)] = 4
    rate_per_second: float | None = None
    timeout_seconds: float = 60

    @field_validator("params", "accept_losses", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value

    @property
    def is_rehearsal(self) -> bool:
        return bool(self.rehearsal or self.rehearsal_env)

    @model_validator(mode="after")
    def _one_way(self) -> TargetSettings:
        if self.connector == "sql":
            self._tables_alone()
            return self
        if self.files or self.read_url_env:
            raise ValueError("files, read_url_env chỉ dùng cho hệ thống nhận là bảng (connector: sql)")
        if not self.is_rehearsal and not (self.url_env and self.token_env):
            raise ValueError("cần url_env và token_env, hoặc rehearsal: var/receiver.sqlite khi diễn tập")
        if self.mode != "strict" and not self.is_rehearsal:
            raise ValueError("mode chỉ dùng cho hệ thống nhận diễn tập (rehearsal: …)")
        return self

    def _tables_alone(self) -> None:
        if not self.url_env:
            raise ValueError("connector: sql cần url_env (tên biến trong .env mang địa chỉ cơ sở dữ liệu)")
        used = {"token_env", "read_token_env", "rehearsal", "rehearsal_env", "mode", "params", "rate_per_second"}
        if foreign := sorted(used & self.model_fields_set):
            raise ValueError(f"connector: sql không dùng {', '.join(foreign)}")
