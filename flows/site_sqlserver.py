"""What a source in SQL Server may say in site.yaml beside host, database and account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DRIVER = "mssql+pyodbc"
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_]\w{0,39}$")]


class SqlServerSettings(BaseModel):
    """How to enter a SQL Server. Left out: Microsoft's driver, TLS with a certificate that is checked, a SQL log-in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance: str = ""  # named instance; the server's browser service tells its port
    encrypt: bool | Literal["strict"] = True
    trust_certificate: bool = False
    certificate: str = ""  # file of the server's own certificate, with encrypt: strict only
    windows_login: bool = False  # the Kerberos ticket of whoever runs the command
    read_only_intent: bool = True  # an availability group sends the reads to its secondary
    odbc_driver: str = ""  # name or path; FreeTDS for servers too old for Microsoft's driver
    varchar: str = ""  # encoding of char, varchar and text where the collation lies about it
    databases: dict[_Name, str] = Field(default_factory=dict)  # name in the profile → database on the same server

    def options(self) -> dict[str, str]:
        """The same as options of the source's URL."""
        plain = self.model_dump(exclude={"databases"}, exclude_defaults=True)
        texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in plain.items()}
        return {**texts, **{f"database.{alias}": name for alias, name in self.databases.items()}}
