"""What can befall a ledger, said to a technician; and whether the process that held a lease still lives."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.base import ConnectorError, Forbidden, Unavailable


def process_identity(pid: int) -> str:
    """Boot id and start time of a process, "" when it is gone: a reused pid is another process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else f"{boot}:{fields[19]}"


def ledger_trouble(error: SQLAlchemyError) -> ConnectorError:
    """Say what is wrong with the ledger's database without the driver's own words."""
    original = str(getattr(error, "orig", "") or "").lower()
    if "disk is full" in original or "no space left" in original:
        return Unavailable("Ổ đĩa đầy: không ghi được sổ cái. Giải phóng chỗ trống rồi chạy lại; không có gì bị mất.")
    if "locked" in original:
        return Unavailable("Sổ cái đang bị một chương trình khác khóa. Đóng chương trình đó rồi chạy lại.")
    if (
        "permission denied" in original
        or "insufficientprivilege" in type(getattr(error, "orig", None)).__name__.lower()
    ):
        return Forbidden("Tài khoản sổ cái không đủ quyền: cần quyền CREATE và quyền đọc, ghi trong lược đồ của nó.")
    if "readonly" in original or "unable to open" in original:
        return Unavailable("Không mở được tệp sổ cái để ghi. Kiểm tra quyền của thư mục var trong site.")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Unavailable("Mất kết nối tới cơ sở dữ liệu sổ cái. Kiểm tra máy chủ rồi chạy lại; không có gì bị mất.")
    kind = type(getattr(error, "orig", None) or error).__name__
    return Unavailable(f"Sổ cái không dùng được ({kind}). Kiểm tra cơ sở dữ liệu sổ cái rồi chạy lại.")
