"""What site.yaml says of the place where a source's files lie: a folder, or a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors._file_stores import FileServer, Store


class StoreSettings(BaseModel):
    """A folder (``files``), or a server behind HTTP whose address stands in a variable of .env."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: Path | None = None
    files_url_env: str = ""
    files_token_env: str = ""  # Bearer
    files_user: str = ""  # Basic, with files_password_env
    files_password_env: str = ""
    files_ca: Path | None = None  # PEM of whoever signed the server's certificate
    files_at_once: Annotated[int, Field(ge=1, le=32)] = 4
    files_per_second: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_store(self) -> StoreSettings:
        if self.files is not None and self.files_url_env:
            raise ValueError("files (thư mục) và files_url_env (kho sau HTTP): chỉ khai một")
        used = sorted(name for name in self.model_fields_set if name.startswith("files_") and name != "files_url_env")
        if used and not self.files_url_env:
            raise ValueError(f"{', '.join(used)} chỉ dùng với files_url_env (tên biến trong .env mang địa chỉ kho tệp)")
        if bool(self.files_user) != bool(self.files_password_env):
            raise ValueError("files_user và files_password_env đi cùng nhau")
        if self.files_user and self.files_token_env:
            raise ValueError("files_token_env và files_user: chỉ khai một cách đăng nhập")
        return self

    def store(self, source: str, folder: Path, secret: Callable[[str, str], str]) -> Store:
        """The store with its secrets resolved; paths count from the site's folder."""
        if not self.files_url_env:
            return None if self.files is None else folder / self.files
        token, password = self.files_token_env, self.files_password_env
        return FileServer(
            secret(self.files_url_env, f"địa chỉ kho tệp của nguồn {source}"),
            self.files_url_env,
            token=secret(token, f"mã truy cập kho tệp của nguồn {source}") if token else "",
            user=self.files_user,
            password=secret(password, f"mật khẩu kho tệp của nguồn {source}") if password else "",
            login_env=token or password,
            ca=None if self.files_ca is None else folder / self.files_ca,
            per_second=self.files_per_second,
            at_once=self.files_at_once,
        )
