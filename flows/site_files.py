"""The files of a new site, commented for the technician who fills them in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from flows.site import SiteError, make_private
from mappings.profile import load_profile

SITE_YAML: Final = """\
# Site lienthong. Mỗi dòng có chú thích; sửa xong chạy: lienthong check <thư mục này>
name: {name}
cutoff: {cutoff}          # chuyển hồ sơ nộp TRƯỚC ngày này (giờ Việt Nam)
{rehearsal}
sources:
  {source}:
    id: {source}                # tên cố định trong sổ cái; không đổi kể cả khi đổi tên nguồn ở dòng trên
{old_system}
{target}
# ledger: {{url_env: LEDGER_URL}}   # bỏ trống: SQLite trong var/; nhiều máy cùng chạy thì dùng PostgreSQL
# compare: {{expected: ledger}}   # đối soát không đọc lại hệ thống cũ; bỏ trống: đọc và chuyển đổi lại từng hồ sơ

# compare: {{again_from: 2025-07-15}}   # ngày bàn giao: hẹn đối soát lại sau 1, 7, 30 ngày; bỏ trống: không hẹn
# errors: {{data: {{stop_at_percent: 5}}}}   # dừng lượt chạy khi vướng quá nhiều; bỏ trống: không dừng
# waves: {{thi-diem: {{communes: ["08236"]}}}}   # chuyển theo đợt: docs/dot-chuyen.md; bỏ trống: đẩy hết
# handover:                # phần đầu của biên bản bàn giao; mọi khóa: docs/bien-ban.md; bỏ trống: dòng chấm để điền tay
#   agency: Ủy ban nhân dân tỉnh Phú Thọ
#   place: Phú Thọ
#   number_suffix: BB-UBND
#   legal_basis: ["Nghị định số 118/2025/NĐ-CP ngày 09 tháng 6 năm 2025 của Chính phủ"]
#   parties:
#     - {{role: Bên giao, organisation: Tổ chuyển đổi dữ liệu, representative: "", title: Tổ trưởng}}
#     - {{role: Bên nhận, organisation: "Ủy ban nhân dân {{place}}", title: Chủ tịch}}   # {{place}}: xã, phường ấy
# office_hours: 07:30-11:30,13:30-17:00   # giờ làm việc, để đếm thời gian còn lại; bỏ trống: 07:00-11:30,13:30-17:00

# Quyết định của đơn vị cho những chỗ công cụ không tự đoán (bỏ dấu # để dùng):
# decisions:
#   filed_order: submitDate,receiveDate,createDate
#   originality.4: migrate
#   status.pausing: "4"
"""

DATABASE: Final = """\
    connector: sql
    url_env: OLD_URL          # tên biến trong .env chứa địa chỉ cơ sở dữ liệu cũ (tài khoản chỉ đọc)
    profile: {profile}       # phần mềm cũ: opencps_v2, opencps_v1, cmon (CMON/OEP), td_dichvucong, fss_hshcqh, dong_nai
    zone: {zone}                 # giờ lưu trong cơ sở dữ liệu cũ: UTC hoặc Asia/Ho_Chi_Minh; check sẽ soi lại
    files: {files}      # kho tệp đính kèm (OpenCPS: document_library) của phần mềm cũ
    # Kho tệp chỉ mở được qua web thì thay dòng files bằng (docs/lan-dau.md, bước 2):
    # files_url_env: OLD_FILES_URL        # biến trong .env: địa chỉ gốc, http(s)://máy/đường_dẫn
    # files_token_env: OLD_FILES_TOKEN    # hoặc files_user và files_password_env; kho mở thì bỏ
    # files_ca: chung-thu.pem             # máy chủ dùng chứng thư tự cấp
    # files_per_second: 20                # giới hạn số lượt hỏi
    # Thay cho url_env có thể ghi từng phần, mật khẩu không cần mã hóa URL:
    # driver: mysql+pymysql   # hoặc postgresql+psycopg, mssql+pyodbc
    # host: 10.0.0.5
    # port: 3306
    # database: opencps
    # user: chi_doc
    # password_env: OLD_PASSWORD
    # sqlserver:              # chỉ với mssql+pyodbc; mọi khóa: docs/sql-server.md
    #   instance: SQLEXPRESS
    #   trust_certificate: true
"""

BOOKS: Final = """\
    connector: spreadsheet
    path: so                  # thư mục chứa các sổ (XLSX, ODS, XLS, CSV), hoặc một tệp; xem docs/nguon-bang-tinh.md
    profile: {profile}
    zone: {zone}
"""

EXPORTS: Final = """\
    connector: xml
    path: xuat                # thư mục chứa các tệp XML hoặc ZIP, hoặc một tệp; xem docs/nguon-xml.md
    profile: {profile}
    zone: {zone}
"""

REAL_TARGET: Final = """\
target: {connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN}
# Khi diễn tập, thay dòng trên bằng:
# target: {connector: rest, rehearsal: var/receiver.sqlite}
"""

REHEARSAL_TARGET: Final = """\
target: {connector: rest, rehearsal: var/receiver.sqlite}   # hệ thống nhận diễn tập, tự bật tự tắt
"""

ENV: Final = """\
# Bí mật của site: chỉ chủ tệp đọc được, không đưa vào git.
OLD_URL={old_url}
NEW_URL={new_url}
NEW_TOKEN=
"""

GITIGNORE: Final = """\
.env
var/
"""


def write_site(
    folder: Path,
    *,
    name: str,
    source: str,
    is_rehearsal: bool,
    files: str,
    old_url: str = "",
    profile: str = "opencps_v2",
) -> None:
    """Write a new site; refuses a folder that holds one already. The zone is the one that the profile suggests."""
    if (folder / "site.yaml").exists():
        raise SiteError(f"{folder / 'site.yaml'} đã có. Chọn thư mục khác, hoặc sửa tệp đó.")
    make_private(folder)
    for part in ("profiles", "crosswalks", "decisions", "rules", "suites"):
        (folder / part).mkdir(exist_ok=True)
    make_private(folder / "var")
    declared = load_profile(profile)
    system = {"": DATABASE, "spreadsheet": BOOKS, "xml": EXPORTS}[declared.reading.kind_of_files]
    zone = declared.suggested_zone or "Asia/Ho_Chi_Minh"
    text = SITE_YAML.format(
        name=name,
        cutoff="2025-07-01",
        source=source,
        old_system=system.format(profile=profile, zone=zone, files=files),
        rehearsal="rehearsal: true          # dữ liệu diễn tập: chỉ được đẩy vào hệ thống nhận diễn tập"
        if is_rehearsal
        else "# rehearsal: true        # bật khi dữ liệu là giả để diễn tập",
        target=REHEARSAL_TARGET if is_rehearsal else REAL_TARGET,
    )
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    (folder / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
    _write_private(folder / ".env", ENV.format(old_url=old_url, new_url=""))


def _write_private(file: Path, text: str) -> None:
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
