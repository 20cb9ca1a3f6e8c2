"""From an exception to a Vietnamese message and an exit code: the one place that does it."""

from __future__ import annotations

import errno
import os
import tempfile
import traceback
from pathlib import Path
from typing import Final

from connectors.base import Conflict, Forbidden, Misconfigured, Refused, Unavailable
from flows.error_policy import TooMuchTrouble
from flows.site import SiteError
from mappings.profile import ProfileError
from validations.suite import SuiteError

MATCHED: Final = 0
REMAINS: Final = 1
USAGE: Final = 2
WRONG_SITE: Final = 10
UNAVAILABLE: Final = 11
FORBIDDEN: Final = 12
MISTAKE: Final = 70  # EX_SOFTWARE: a mistake of ours


def explain(error: BaseException) -> tuple[str, int]:
    """What to tell the technician, and the exit code."""
    if isinstance(error, SiteError | ProfileError | SuiteError | Misconfigured):
        return str(error), WRONG_SITE
    if isinstance(error, Unavailable):
        return str(error), UNAVAILABLE
    if isinstance(error, Forbidden):
        return str(error), FORBIDDEN
    if isinstance(error, Refused | Conflict):
        return str(error), REMAINS
    if isinstance(error, TooMuchTrouble):
        return str(error), REMAINS
    if isinstance(error, OSError):
        return _operating_system(error)
    return _mistake(error), MISTAKE


def _operating_system(error: OSError) -> tuple[str, int]:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Ổ đĩa đầy{where}. Giải phóng chỗ trống rồi chạy lại; không có gì bị mất.", UNAVAILABLE
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Không có quyền đọc hoặc ghi{where}. Kiểm tra chủ và quyền của thư mục site.", WRONG_SITE
    return (
        f"Hệ điều hành báo lỗi {errno.errorcode.get(error.errno or 0, '?')}{where}. Kiểm tra rồi chạy lại.",
        UNAVAILABLE,
    )


def _mistake(error: BaseException) -> str:
    """Keep where it happened, without the values it happened with: messages of foreign exceptions may hold them."""
    lines = [f"{type(error).__name__}"]
    lines += [f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    handle, name = tempfile.mkstemp(prefix="lienthong-loi-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return (
        f"Lỗi của chương trình ({type(error).__name__}). Sổ cái nguyên vẹn, chạy lại được. "
        f"Gửi tệp {Path(name)} (không chứa dữ liệu cá nhân) cho người phát triển."
    )
