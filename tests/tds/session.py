"""One client's session: log-in, batches, procedure calls, transactions; answers are token streams of MS-TDS."""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import duckdb

from tests.tds.execution import Execution
from tests.tds.instance import Account, Instance, TdsError
from tests.tds.parameters import Parameter, read_parameter
from tests.tds.sql_types import SqlType, declared, wire_type
from tests.tds.wire import (
    ATTENTION,
    LOGIN,
    PRELOGIN,
    RPC,
    SQL_BATCH,
    TRANSACTION,
    Gone,
    Reader,
    Wire,
    long_text,
    short_text,
    skip_headers,
)

_PROCEDURES: Final = {10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare"}
_VERSION: Final = bytes([16, 0, 0x10, 0x09])
_SERVER: Final = "TDSDOUBLE"
_FLUSH: Final = 65_536

DONE, DONE_PROC, DONE_IN_PROC = 0xFD, 0xFE, 0xFF
_MORE, _ERROR, _COUNT, _ATTENTION = 0x01, 0x02, 0x10, 0x20


class Session:
    """The conversation with one driver until it hangs up."""

    def __init__(self, wire: Wire, instance: Instance, tls: ssl.SSLContext | None, *, needs_tls: bool) -> None:
        self._wire, self._instance, self._tls, self._needs_tls = wire, instance, tls, needs_tls
        self._out = bytearray()
        self._returned = bytearray()  # output parameters of the call under way: they follow its status
        self._work: Execution | None = None
        self._prepared: dict[int, tuple[str, str]] = {}  # handle → (declarations, statement)

    def run(self) -> None:
        """Answer until the client hangs up."""
        try:
            if self._tls is not None:
                self._wire.enter_tls(self._tls)
            while True:
                kind, body = self._wire.read()
                self._answer(kind, body)
                self._wire.write(bytes(self._out))
                self._out.clear()
        except (Gone, OSError, ssl.SSLError):
            return
        finally:
            self._wire.close()
            if self._work is not None:
                self._work.close()

    def _answer(self, kind: int, body: bytes) -> None:
        if kind == PRELOGIN:
            self._prelogin(body)
        elif kind == LOGIN:
            self._login(body)
        elif kind == SQL_BATCH:
            self._guarded(DONE, lambda: self._batch(body[skip_headers(body) :].decode("utf-16le"), {}, DONE))
        elif kind == RPC:
            self._calls(Reader(body, skip_headers(body)))
        elif kind == TRANSACTION:
            self._transaction(Reader(body, skip_headers(body)))
        elif kind == ATTENTION:
            self._done(_ATTENTION)
        else:
            raise Gone

    # ------------------------------------------------------------ log-in

    def _prelogin(self, body: bytes) -> None:
        asked, at = 2, 0
        while body[at] != 0xFF:
            option, offset, _ = struct.unpack(">BHH", body[at : at + 5])
            asked = body[offset] if option == 1 else asked
            at += 5
        offered = 2 if self._tls is None else 3 if self._needs_tls else 1 if asked in (1, 3) else 0
        options = [(0, _VERSION + b"\0\0"), (1, bytes([offered])), (2, b"\0"), (3, b""), (4, b"\0")]
        head, data, place = b"", b"", 5 * len(options) + 1
        for option, value in options:
            head += struct.pack(">BHH", option, place + len(data), len(value))
            data += value
        self._wire.write(head + b"\xff" + data)
        if self._tls is None or self._wire.is_strict:
            self._answer(*self._wire.read())
            return
        self._wire.start_tls(self._tls)
        message = self._wire.read()
        if offered == 0:
            self._wire.stop_tls()
        self._answer(*message)

    def _login(self, body: bytes) -> None:
        def field(at: int) -> str:
            offset, letters = struct.unpack("<HH", body[at : at + 4])
            return body[offset : offset + 2 * letters].decode("utf-16le")

        offset, letters = struct.unpack("<HH", body[44:48])
        hidden = (byte ^ 0xA5 for byte in body[offset : offset + 2 * letters])
        password = bytes((byte << 4 & 0xF0) | byte >> 4 for byte in hidden).decode("utf-16le")
        self._instance.logins.append({"user": field(40), "program": field(48), "read_only": bool(body[26] & 0x20)})
        try:
            account, database = self._admitted(field(40), password, field(68) or "master")
        except TdsError as error:
            self._error(error)
            self._done(_ERROR)
            self._wire.write(bytes(self._out))
            raise Gone from None
        self._work = Execution(self._instance, account, database)
        packet = struct.unpack("<I", body[8:12])[0] or 4096
        self._wire_packet = min(max(packet, 512), 32_767)
        self._changed(1, short_text(database), short_text("master"))
        self._message(0xAB, 5701, f"Changed database context to '{database}'.", 0)
        self._changed(2, short_text("us_english"), short_text(""))
        program = b"\x01\x74\x00\x00\x04" + short_text("Microsoft SQL Server") + _VERSION
        self._out += b"\xad" + struct.pack("<H", len(program)) + program
        self._changed(4, short_text(str(self._wire_packet)), short_text("4096"))
        self._done()
        self._wire.write(bytes(self._out))
        self._out.clear()
        self._wire.packet = self._wire_packet
        self._answer(*self._wire.read())

    def _admitted(self, user: str, password: str, database: str) -> tuple[Account, str]:
        account = self._instance.accounts.get(user)
        if account is None or account.password != password:
            raise TdsError(18456, f"Login failed for user '{user}'.", 14)
        known = self._instance.databases.get(database.lower())
        if known is None or not account.may_enter(known.name):
            message = f'Cannot open database "{database}" requested by the login. The login failed.'
            raise TdsError(4060, message, 11)
        return account, known.name

    # ------------------------------------------------------------ statements

    def _batch(self, sql: str, values: dict[str, Any], token: int) -> None:
        assert self._work is not None
        results = self._work.run(sql, values)
        pending: int | None = None
        for result in results:
            if pending is not None:
                self._done(_MORE | (_COUNT if pending >= 0 else 0), max(pending, 0), token)
            pending = result.count
            if result.columns is not None:
                pending = self._rows(result.columns, result.rows)
        count = -1 if pending is None else pending
        self._done(_COUNT if count >= 0 else 0, max(count, 0), token)

    def _rows(self, columns: Sequence[tuple[str, SqlType]], rows: Iterable[Sequence[Any]]) -> int:
        wired = [wire_type(kind) for _, kind in columns]
        self._out += b"\x81" + struct.pack("<H", len(columns))
        for (name, _), (info, _) in zip(columns, wired, strict=True):
            self._out += struct.pack("<IH", 0, 9) + info + short_text(name[:128])
        encoders, count = [encode for _, encode in wired], 0
        for row in rows:
            count += 1
            self._out += b"\xd1"
            for encode, value in zip(encoders, row, strict=True):
                self._out += encode(value)
            if len(self._out) > _FLUSH:
                whole = len(self._out) // (self._wire.packet - 8) * (self._wire.packet - 8)
                self._wire.write(bytes(self._out[:whole]), is_last=False)
                del self._out[:whole]
        return count

    # ------------------------------------------------------------ procedures

    def _calls(self, reader: Reader) -> None:
        while not reader.is_done:
            letters = reader.number(2)
            name = _PROCEDURES.get(reader.number(2), "?") if letters == 0xFFFF else reader.text(letters)
            reader.take(2)
            parameters: list[Parameter] = []
            while not reader.is_done and reader.data[reader.at] not in (0x80, 0xFF):
                parameters.append(read_parameter(reader))
            reader.take(1)
            done = self._guarded(DONE_IN_PROC, lambda name=name, given=parameters: self._call(name, given))  # type: ignore[misc]
            self._out += (b"\x79\0\0\0\0" if done else b"") + bytes(self._returned)
            self._returned.clear()
            self._done((0 if reader.is_done else _MORE) | (0 if done else _ERROR), 0, DONE_PROC)

    def _call(self, name: str, given: list[Parameter]) -> None:
        name = name.lower().rpartition(".")[2].strip("[]")
        if name == "sp_executesql":
            declarations = str(given[1].value or "") if len(given) > 1 else ""
            self._batch(str(given[0].value), _bound(declarations, given[2:]), DONE_IN_PROC)
        elif name in ("sp_prepare", "sp_prepexec"):
            handle = len(self._prepared) + 1
            self._prepared[handle] = str(given[1].value or ""), str(given[2].value)
            if name == "sp_prepexec":
                self._batch(str(given[2].value), _bound(str(given[1].value or ""), given[3:]), DONE_IN_PROC)
            self._returned += b"\xac\0\0" + short_text("@handle") + b"\x01" + struct.pack("<IH", 0, 0)
            self._returned += b"\x26\x04\x04" + struct.pack("<i", handle)
        elif name == "sp_execute":
            declarations, sql = self._prepared[int(given[0].value)]
            self._batch(sql, _bound(declarations, given[1:]), DONE_IN_PROC)
        elif name == "sp_describe_undeclared_parameters":
            assert self._work is not None
            self._describe(self._work.parameters(str(given[0].value)))
        elif name.startswith("sp_datatype_info"):
            info = Execution.type_info(int(given[0].value))
            assert info.columns is not None
            self._done(_COUNT, self._rows(info.columns, info.rows), DONE_IN_PROC)
        elif name not in ("sp_unprepare", "sp_reset_connection"):
            raise TdsError(2812, f"Could not find stored procedure '{name}'.")

    def _describe(self, parameters: list[tuple[str, SqlType]]) -> None:
        number, text, small = declared("int", []), SqlType("nvarchar", 128), declared("smallint", [])
        columns = [
            ("parameter_ordinal", number), ("name", text), ("suggested_system_type_id", number),
            ("suggested_system_type_name", text), ("suggested_max_length", small), ("suggested_precision", small),
            ("suggested_scale", small),
        ]  # fmt: skip
        rows = [
            (at, f"@{name}", kind.number, kind.name, kind.max_length, kind.size if kind.scale else 0, kind.scale)
            for at, (name, kind) in enumerate(parameters, 1)
        ]
        self._done(_COUNT, self._rows(columns, rows), DONE_IN_PROC)

    def _transaction(self, reader: Reader) -> None:
        assert self._work is not None
        what = {5: "BEGIN", 7: "COMMIT", 8: "ROLLBACK"}[reader.number(2)]
        self._carry_out(what)
        if what != "BEGIN":
            reader.text(reader.number(1))
            if not reader.is_done and reader.number(1) & 1:  # and begin the next one
                self._carry_out("BEGIN")
        self._done()

    def _carry_out(self, what: str) -> None:
        assert self._work is not None
        if what == "BEGIN" or self._work.is_open:
            self._work.transact(what)
        number = struct.pack("<Q", 1)
        kind, new, old = {"BEGIN": (8, number, b""), "COMMIT": (9, b"", number), "ROLLBACK": (10, b"", number)}[what]
        self._changed(kind, bytes([len(new)]) + new, bytes([len(old)]) + old)

    # ------------------------------------------------------------ tokens

    def _guarded(self, token: int, act: Callable[[], None]) -> bool:
        try:
            act()
            return True
        except TdsError as error:
            self._error(error)
        except duckdb.Error as error:
            self._error(as_tds(error))
        except Exception as error:  # what this endpoint cannot do yet: the test that asks for it must see it
            self._error(TdsError(50_000, f"{type(error).__name__}: {error}"))
        self._done(_ERROR, 0, token)
        return False

    def _done(self, status: int = 0, count: int = 0, token: int = DONE) -> None:
        more = _MORE if token == DONE_IN_PROC else 0  # the procedure's own end follows
        self._out += bytes([token]) + struct.pack("<HHQ", status | more, 0xC1, count)

    def _changed(self, kind: int, new: bytes, old: bytes) -> None:
        self._out += b"\xe3" + struct.pack("<HB", 1 + len(new) + len(old), kind) + new + old

    def _error(self, error: TdsError) -> None:
        self._instance.errors.append(f"{error.number} {error}")
        self._message(0xAA, error.number, str(error)[:1000], error.level)

    def _message(self, token: int, number: int, text: str, level: int) -> None:
        told = struct.pack("<iBB", number, 1, level) + long_text(text) + short_text(_SERVER) + short_text("")
        self._out += bytes([token]) + struct.pack("<H", len(told) + 4) + told + struct.pack("<I", 1)


def _bound(declarations: str, given: list[Parameter]) -> dict[str, Any]:
    """Values by name; a value without one takes the next of the declarations (``@P1 int, @P2 nvarchar(50)``)."""
    names = [part.split()[0].lstrip("@") for part in declarations.split(",") if part.strip().startswith("@")]
    return {one.name or names[at]: one.value for at, one in enumerate(given)}


def as_tds(error: duckdb.Error) -> TdsError:
    """DuckDB's trouble under the number SQL Server has for it."""
    text = str(error)
    if isinstance(error, duckdb.BinderException) and "column" in text:
        named = re.search(r'column (?:named )?"([^"]+)"', text)
        return TdsError(207, f"Invalid column name '{named[1] if named else '?'}'.")
    if isinstance(error, duckdb.ConversionException):
        return TdsError(241, "Conversion failed when converting from character string.")
    if isinstance(error, duckdb.ConstraintException) and "CHECK" in text:
        return TdsError(2628, "String or binary data would be truncated.")
    if isinstance(error, duckdb.ConstraintException):
        return TdsError(2627, "Violation of PRIMARY KEY constraint. Cannot insert duplicate key.", 14)
    return TdsError(50_000, text)
