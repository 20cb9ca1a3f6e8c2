"""What the command says of itself: Vietnamese first, English behind ``--lang en``."""

from __future__ import annotations

from typing import Final

VI: Final = {
    "app": "Chuyển hồ sơ nộp trước 01/7/2025 từ phần mềm một cửa cũ sang phần mềm mới, "
    "và chứng minh không mất hồ sơ nào.\n\n"
    "Mã thoát: 0 khớp hết; 1 còn khác biệt hoặc cách ly; 2 gõ sai lệnh; 10 site hoặc hồ sơ cấu hình sai; "
    "11 không kết nối được hoặc đầy đĩa; 12 không đủ quyền.",
    "init": "Tạo một site mới với site.yaml có chú thích.",
    "check": "Kiểm tra trước khi chạy: kết nối, quyền, múi giờ, cột và bảng, bảng chuyển đổi, chỗ trống.",
    "sample": "Đổ dữ liệu diễn tập (người không có thật) vào một cơ sở dữ liệu trống.",
    "extract": "Quét toàn bộ hệ thống cũ vào sổ cái.",
    "map": "Chuyển các hồ sơ đã quét sang lược đồ mới.",
    "validate": "Kiểm tra các hồ sơ đã chuyển; hồ sơ có lỗi vào diện cách ly.",
    "push": "Đẩy các hồ sơ hợp lệ sang hệ thống mới.",
    "compare": "Đọc lại từng hồ sơ ở hệ thống mới và đối soát; viết báo cáo.",
    "migrate": "Chạy cả năm bước, xem được trên giao diện Prefect.",
    "status": "In phương trình đối soát: tìm thấy, trong phạm vi, từng trạng thái.",
    "quarantine": "Hồ sơ cách ly theo nguyên nhân: list, show KHÓA, retry.",
    "whatif": "So cách chuyển của site này với site khác hoặc phiên bản khác: hồ sơ và trường nào sẽ đổi.",
    "report": "Viết lại báo cáo đối soát từ sổ cái.",
    "schema": "In JSON Schema của hồ sơ mới.",
    "receiver": "Chạy hệ thống nhận diễn tập (không phải hệ thống thật) cho đến khi dừng bằng Ctrl-C.",
    "serve": "Mở giao diện Prefect và chờ lệnh chạy từ đó.",
    "demo": "Tạo một site diễn tập trọn vẹn và chạy thử từ đầu đến cuối.",
    "arg_site": "Thư mục của site.",
    "arg_dir": "Thư mục sẽ tạo.",
    "arg_action": "list (mặc định), show hoặc retry.",
    "arg_key": "Khóa cũ hoặc mã hồ sơ (cho show).",
    "opt_lang": "Ngôn ngữ của trợ giúp: vi hoặc en.",
    "opt_json": "In kết quả dạng JSON.",
    "opt_source": "Chỉ nguồn này (lặp lại được).",
    "opt_limit": "Chỉ chừng này hồ sơ (chạy thử; không xét hồ sơ biến mất).",
    "opt_open": "Chỉ đẩy hồ sơ đang mở.",
    "opt_dry": "Dừng sau bước kiểm tra, không đẩy gì.",
    "opt_stage": "Chỉ các bước này (lặp lại được): extract, map, validate, push, compare.",
    "opt_code": "Chỉ nguyên nhân này.",
    "opt_csv": "Ghi danh sách ra tệp CSV.",
    "opt_against": "Thư mục site khác, hoặc một phiên bản trong git của site này.",
    "opt_dossiers": "Số hồ sơ.",
    "opt_seed": "Hạt giống: cùng hạt giống cho cùng dữ liệu.",
    "opt_url": "Cơ sở dữ liệu trống để đổ vào (địa chỉ SQLAlchemy).",
    "opt_clean": "Không gieo lỗi nào.",
    "opt_prepare": "Chỉ tạo site, chưa chạy.",
    "opt_database": "Cơ sở dữ liệu của hệ thống nhận: đường dẫn SQLite hoặc địa chỉ PostgreSQL.",
    "opt_host": "Địa chỉ lắng nghe.",
    "opt_port": "Cổng; 0 là cổng trống bất kỳ.",
    "opt_token_env": "Tên biến môi trường chứa mã truy cập để đẩy.",
    "opt_read_token_env": "Tên biến môi trường chứa mã truy cập chỉ đọc.",
}

EN: Final = {
    "app": "Move dossiers filed before 1 July 2025 from the old one-stop software into the new one, "
    "and prove that none was lost.\n\n"
    "Exit codes: 0 all matched; 1 differences or quarantine remain; 2 usage; 10 site or profile wrong; "
    "11 unavailable or disk full; 12 forbidden.",
    "init": "Create a new site with a commented site.yaml.",
    "check": "Prove before a run that the site is whole: connections, rights, zone, columns, crosswalks, disk.",
    "sample": "Fill an empty database with rehearsal data (invented people).",
    "extract": "Sweep the whole old system into the ledger.",
    "map": "Map the extracted dossiers to the new schema.",
    "validate": "Validate the mapped dossiers; those with an error are quarantined.",
    "push": "Push the valid dossiers to the new system.",
    "compare": "Read every dossier back from the new system and compare; write the report.",
    "migrate": "Run all five stages, to be watched in the Prefect UI.",
    "status": "Print the equation: found, in scope, each state.",
    "quarantine": "Quarantined dossiers by cause: list, show KEY, retry.",
    "whatif": "Hold this site's mapping against another site or version: which dossiers and fields would change.",
    "report": "Write the comparison report again from the ledger.",
    "schema": "Print the JSON Schema of the new dossier.",
    "receiver": "Run the rehearsal receiver (a stand-in, not a real system) until Ctrl-C.",
    "serve": "Start the Prefect UI and wait for runs started from it.",
    "demo": "Make a complete rehearsal site and run it from end to end.",
    "arg_site": "The site's folder.",
    "arg_dir": "The folder to make.",
    "arg_action": "list (default), show or retry.",
    "arg_key": "Old key or dossier code (for show).",
    "opt_lang": "Language of the help: vi or en.",
    "opt_json": "Print the result as JSON.",
    "opt_source": "Only this source (repeatable).",
    "opt_limit": "Only so many dossiers (a trial; nothing is called vanished).",
    "opt_open": "Push open dossiers only.",
    "opt_dry": "Stop after validate, push nothing.",
    "opt_stage": "Only these stages (repeatable): extract, map, validate, push, compare.",
    "opt_code": "Only this cause.",
    "opt_csv": "Write the list to a CSV file.",
    "opt_against": "Folder of another site, or a version in this site's own git history.",
    "opt_dossiers": "Number of dossiers.",
    "opt_seed": "Seed: the same seed gives the same data.",
    "opt_url": "Empty database to fill (SQLAlchemy URL).",
    "opt_clean": "Seed no dirt.",
    "opt_prepare": "Make the site only, do not run it.",
    "opt_database": "The receiver's database: a SQLite path or a PostgreSQL URL.",
    "opt_host": "Address to listen on.",
    "opt_port": "Port; 0 is any free one.",
    "opt_token_env": "Environment variable with the token for pushing.",
    "opt_read_token_env": "Environment variable with the read-only token.",
}


def texts(lang: str) -> dict[str, str]:
    """All texts of one language (``vi`` or ``en``)."""
    return EN if lang == "en" else VI
