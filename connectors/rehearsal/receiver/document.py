"""The API document (OpenAPI) of the receiver, in Vietnamese."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from connectors.rehearsal.receiver import contract, envelope

DESCRIPTION: Final = """
**Không phải hệ thống thật.** Đây là hệ thống thế chỗ, dùng để diễn tập việc chuyển hồ sơ trước khi có địa chỉ và mã
truy cập của hệ thống một cửa mới. Nó khắt khe như một hệ thống thật: kiểm tra từng trường, giữ phiên bản của từng hồ
sơ, không ghi đè hồ sơ mà cán bộ đã làm việc.

- Mỗi hồ sơ được nhận ra bằng nguồn (`NguonHeThong`) và khóa cũ (`KhoaCu`); hệ thống cấp thêm mã mới `new_id`.
- Ghi hồ sơ là *upsert* không lặp: cùng `Idempotency-Key` với lần ghi gần nhất thì trả lời như cũ, không tạo phiên bản
  mới. Cập nhật phải kèm phiên bản đang có (`If-Match`); sai phiên bản thì trả lời 412.
- Hồ sơ không hợp lệ được trả lời 422 với đường dẫn trường và mã lỗi, không kèm giá trị.
- Hồ sơ đang mở phải nêu bước xử lý (`BuocXuLyMoi`) có trong quy trình (`/v1/process`) và hợp với trạng thái của nó;
  từ đó hệ thống biết việc được làm tiếp.
- Ghi một hồ sơ thì công dân được báo và thay đổi vào hàng đợi gửi Cổng, như ở một hệ thống thật; `silent: true` thì
  không báo ai. Hồ sơ chuyển đổi (`LaHoSoChuyenDoi`) không bao giờ vào hàng đợi. `/v1/notices` đếm những gì việc chuyển
  đã gây ra.
- Hồ sơ đã chuyển rút lại được (`DELETE`) khi còn đúng phiên bản đã ghi; hồ sơ mà cán bộ đã làm việc thì ở lại (412).
  Rút là xóa hồ sơ, tệp và mã mới của nó; mã đã cấp không cấp lại, khóa ghi cũ không dùng lại được.
- Tệp đính kèm được tải lên trước; hồ sơ nêu tệp chưa tải lên thì bị từ chối (`attachment_not_uploaded`).
- Tệp lớn gửi theo phần: `/v1/uploads:begin` nêu sha256 của cả tệp và cỡ mỗi phần; nội dung đã có (do ai gửi cũng vậy)
  thì được gắn ngay, không gửi lại; chưa có thì trả lời những phần đã nhận. Gửi các phần còn thiếu theo thứ tự nào cũng
  được, mỗi phần kèm sha256, rồi `/v1/uploads:finish`: hệ thống ghép, băm lại, khác thì từ chối.
"""

_REF: Final = "#/components/schemas/{model}"
_KINDS: Final = (
    contract.Dossier, envelope.BatchRequest, envelope.BatchAnswer, envelope.ReadRequest, envelope.ReadAnswer,
    envelope.ClerkEdit, envelope.Written, envelope.TakenBack,
    envelope.ProcessCatalogue, envelope.NextActions, envelope.Failed, envelope.Keys, envelope.Uploaded,
    envelope.UploadContent, envelope.UploadBegun,
    envelope.Identified, envelope.Notices,
)  # fmt: skip


def _ref(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=name)}}


def _route(
    summary: str, answer: str, *, asks: str = "", status: str = "200", failures: dict[str, str] | None = None
) -> dict[str, Any]:
    failed = {"401": "Thiếu hoặc sai mã truy cập", **(failures or {})}
    responses: dict[str, Any] = {status: {"description": "Được", "content": {"application/json": _ref(answer)}}}
    responses |= {k: {"description": v, "content": {"application/json": _ref("Failed")}} for k, v in failed.items()}
    extra: dict[str, Any] = {"responses": responses}
    if asks:
        extra["requestBody"] = {"required": True, "content": {"application/json": _ref(asks)}}
    return {"summary": summary, "openapi_extra": extra}


_WRITES: Final = {"403": "Mã truy cập chỉ được đọc"}
_INVALID: Final = {"422": "Không hợp lệ: danh sách đường dẫn trường và mã lỗi"}

IDENTITY: Final = _route("Hệ thống này là gì, và mã truy cập được làm gì", "Identified")
BATCH: Final = _route(
    "Ghi một lô hồ sơ; mỗi hồ sơ một trả lời", "BatchAnswer", asks="BatchRequest",
    failures=_WRITES | {"400": "Không phải JSON đúng khuôn dạng", "413": "Lô quá lớn"},
)  # fmt: skip
NOTICES: Final = _route("Đếm thông báo do việc chuyển gây ra (by=clerk: do cán bộ) trên hồ sơ của một nguồn", "Notices")
READ: Final = _route("Đọc lại hồ sơ theo nguồn và khóa cũ", "ReadAnswer", asks="ReadRequest")
KEYS: Final = _route("Liệt kê khóa cũ và phiên bản theo thứ tự khóa, từng trang", "Keys")
SEARCH: Final = _route("Tra cứu bằng mã cũ, mã mới hoặc số liên kết", "ReadAnswer")
ONE: Final = _route("Xem một hồ sơ theo mã mới", "StoredDossier", failures={"404": "Không có hồ sơ này"})
PUT: Final = _route(
    "Ghi một hồ sơ: If-None-Match: * để tạo, If-Match: \"phiên bản\" để cập nhật", "Written", asks="Dossier",
    failures=_WRITES | {"412": "Sai phiên bản, hoặc đã có mà không nêu phiên bản"} | _INVALID,
)  # fmt: skip
DELETE: Final = _route(
    "Rút một hồ sơ đã chuyển cùng tệp; If-Match: \"phiên bản\" bắt buộc; không có hồ sơ thì chỉ xóa tệp đã tải lên",
    "TakenBack",
    failures=_WRITES | {"412": "Sai phiên bản: cán bộ đã làm việc trên hồ sơ", "428": "Thiếu If-Match"},
)  # fmt: skip
PATCH: Final = _route(
    "Cán bộ sửa hồ sơ trong hệ thống mới; phiên bản tăng", "Written", asks="ClerkEdit",
    failures=_WRITES | {"404": "Không có hồ sơ này", "412": "Sai phiên bản"} | _INVALID,
)  # fmt: skip
PROCESS: Final = _route("Quy trình: các bước, vai trò và việc được làm ở từng bước", "ProcessCatalogue")
ACTIONS: Final = _route(
    "Những việc được làm tiếp trên một hồ sơ đang mở", "NextActions", failures={"404": "Không có hồ sơ này"}
)
ACT: Final = _route(
    "Cán bộ làm một việc: bước và trạng thái chuyển, tiến trình thêm một dòng, phiên bản tăng; dry_run=1: chỉ thử",
    "NextActions",
    failures=_WRITES | {"404": "Không có hồ sơ này", "409": "Bước hiện tại không cho phép việc này",
                        "412": "Sai phiên bản"} | _INVALID,
)  # fmt: skip
UPLOAD: Final = _route(
    "Tải một tệp lên (nội dung thô; X-Locator, X-Name mã hóa phần trăm)", "Uploaded",
    failures=_WRITES | {"413": "Tệp quá lớn", "422": "Nội dung khác X-SHA256"},
)  # fmt: skip
BEGIN: Final = _route(
    "Bắt đầu hoặc tiếp tục gửi một tệp theo phần", "UploadBegun", asks="UploadContent",
    failures=_WRITES | {"413": "Tệp quá lớn"},
)  # fmt: skip
PART: Final = _route(
    "Gửi một phần của tệp (nội dung thô, X-SHA256 của phần ấy); gửi lại thì thay phần cũ", "Uploaded",
    failures=_WRITES | {"404": "Lượt gửi chưa bắt đầu hoặc đã xong", "422": "Phần sai cỡ hoặc khác X-SHA256"},
)  # fmt: skip
PART["openapi_extra"]["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
FINISH: Final = _route(
    "Ghép các phần thành tệp; gửi lại thì trả lời như trước", "Uploaded", asks="UploadContent",
    failures=_WRITES | {"422": "Thiếu phần, hoặc tệp ghép lại khác sha256 đã báo"},
)  # fmt: skip
UPLOAD["openapi_extra"]["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
DOWNLOAD: Final = _route("Tải một tệp về", "Failed", status="404")
DOWNLOAD["openapi_extra"]["responses"]["200"] = {"description": "Nội dung", "content": {"application/octet-stream": {}}}


def describe(app: FastAPI) -> None:
    """Add the record's own words to the document that FastAPI makes of the routes."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        mode: JsonSchemaMode = "validation"
        inputs = [(kind.__name__, mode, TypeAdapter(kind)) for kind in _KINDS]
        _, schema = TypeAdapter.json_schemas(inputs, ref_template=_REF)
        document.setdefault("components", {}).setdefault("schemas", {}).update(schema["$defs"])
        return document

    app.openapi = openapi  # type: ignore[method-assign]
