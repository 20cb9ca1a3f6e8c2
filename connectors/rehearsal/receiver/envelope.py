"""What travels around the dossiers, for the API document; descriptions are Vietnamese because they are its text."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from connectors.rehearsal.receiver.contract import Dossier, Key, Long, Status


class Identified(TypedDict):
    """Hệ thống này: tên, phiên bản, có phải hệ thống diễn tập không, và vai trò của mã truy cập."""

    name: str
    version: str
    rehearsal: bool
    role: Literal["push", "read"]


class ClerkEdit(TypedDict):
    """Việc cán bộ làm trên hồ sơ trong hệ thống mới."""

    status: NotRequired[Status]
    note: NotRequired[Long]


class Fault(TypedDict):
    """Một lỗi: đường dẫn trường và mã lỗi, không bao giờ kèm giá trị."""

    path: str
    code: str


class BatchItem(TypedDict):
    """Một hồ sơ trong lô. if_match rỗng: chỉ tạo mới; files: các tệp (khóa tệp, sha256) mà hồ sơ phải có.

    silent: không báo cho công dân và không đưa vào hàng đợi gửi Cổng.
    """

    source: Key
    key: Key
    body: Dossier
    if_match: NotRequired[str]
    idempotency_key: NotRequired[str]
    files: NotRequired[list[tuple[str, str]]]
    silent: NotRequired[bool]


class BatchRequest(TypedDict):
    """Một lô hồ sơ; mỗi hồ sơ được trả lời riêng."""

    items: Annotated[list[BatchItem], Field(max_length=1_000)]


class Answer(TypedDict):
    """Trả lời cho một hồ sơ. status: 201 tạo mới, 200 đã có hoặc cập nhật, 412 sai phiên bản, 422 từ chối."""

    key: str
    status: Literal[200, 201, 412, 422]
    new_id: str
    version: int
    errors: list[Fault]


class BatchAnswer(TypedDict):
    """Trả lời cho một lô, theo đúng thứ tự gửi."""

    answers: list[Answer]


class Notices(TypedDict):
    """Số thông báo do việc chuyển gây ra: citizen tới công dân, portal vào hàng đợi gửi Cổng Dịch vụ công quốc gia."""

    citizen: int
    portal: int


class ReadRequest(TypedDict):
    """Yêu cầu đọc lại. fields: head chỉ các trường chính và số lượng; full cả hồ sơ; actions việc được làm tiếp."""

    source: Key
    keys: Annotated[list[str], Field(max_length=1_000)]
    fields: NotRequired[Literal["head", "full", "actions"]]


class StoredDossier(TypedDict):
    """Hồ sơ như hệ thống này đang giữ. counts: số dòng theo danh sách; files: (khóa tệp, sha256, số byte).

    actions: việc được làm tiếp. idempotency_key: khóa của lần ghi tạo ra phiên bản này; rỗng khi cán bộ đã sửa sau đó.
    """

    new_id: str
    source: str
    key: str
    version: int
    code: str
    status: Status
    received_at: str | None
    due_at: str | None
    updated_by: Literal["migration", "clerk"]
    idempotency_key: str
    counts: dict[str, int]
    files: list[tuple[str, str, int]]
    actions: NotRequired[list[str]]
    body: NotRequired[Dossier]


class ReadAnswer(TypedDict):
    """Các hồ sơ tìm thấy; hồ sơ không có thì bỏ qua."""

    dossiers: list[StoredDossier]


class Action(TypedDict):
    """Một việc được làm ở một bước: hồ sơ sang bước nào (rỗng: kết thúc) và TrangThaiHoSo lúc đó."""

    code: str
    name: str
    to: str
    status: Status


class Step(TypedDict):
    """Một bước (hàng chờ): vai trò xử lý, các TrangThaiHoSo của hồ sơ ở bước này, những việc được làm."""

    code: str
    name: str
    role: str
    statuses: list[Status]
    actions: list[Action]


class RoleName(TypedDict):
    """Một vai trò xử lý."""

    code: str
    name: str


class ProcessCatalogue(TypedDict):
    """Quy trình của hệ thống này. Hồ sơ đang mở phải đứng ở một trong các bước này."""

    steps: list[Step]
    roles: list[RoleName]


class NextActions(TypedDict):
    """Hồ sơ đang ở bước nào và được làm gì tiếp; hồ sơ đã kết thúc thì không còn việc nào."""

    new_id: str
    key: NotRequired[str]
    version: int
    status: Status
    step: str
    role: str
    actions: list[str]
    dry_run: NotRequired[bool]


class Written(TypedDict):
    """Hồ sơ đã ghi: mã mới và phiên bản."""

    new_id: str
    version: int


class TakenBack(TypedDict):
    """Mã mới của hồ sơ đã rút; rỗng: không có hồ sơ nào để rút."""

    new_id: str


class Keys(TypedDict):
    """Khóa cũ và phiên bản, theo thứ tự khóa."""

    keys: list[tuple[str, int]]


class Uploaded(TypedDict):
    """Tệp đã nhận: sha256 và số byte do hệ thống này tính."""

    sha256: str
    size: int


class UploadContent(TypedDict):
    """Một tệp gửi theo phần: của hồ sơ nào, khóa tệp, tên; sha256 và số byte của cả tệp; số byte một phần."""

    source: Key
    key: Key
    locator: str
    name: str
    sha256: str
    size: int
    part_size: int


class UploadBegun(TypedDict):
    """is_there: nội dung đã có, đã gắn vào hồ sơ. Nếu chưa: mã lượt gửi và số thứ tự (từ 0) của các phần đã nhận."""

    is_there: bool
    id: str
    parts: list[int]


class Failed(TypedDict):
    """Trả lời không thành công: mã cho chương trình, câu cho người; không kèm giá trị của hồ sơ."""

    code: str
    message: str
    version: NotRequired[int]
    errors: NotRequired[list[Fault]]
