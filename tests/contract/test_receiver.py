"""The receiver as any client meets it over HTTP: strict, versioned, silent about values."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from connectors.rehearsal.receiver.process import RunningReceiver
from mappings.model import Attachment, Paper, Result, decode, encode
from tests.contract.dossiers import ID_NUMBER, OWNER, PHONE, STEP_OF, at_default, dossier, every_field, new_source
from tests.contract.receivers import Reply, call

CREATE = {"If-None-Match": "*"}


def body_of(source: str, key: str, **changes: Any) -> dict[str, Any]:
    """The body as any client would write it; ``changes`` replace fields by their names in the API."""
    body = {**json.loads(encode(dossier(source, key))), **changes}
    if isinstance(status := changes.get("TrangThaiHoSo"), int) and "BuocXuLyMoi" not in changes:
        del body["BuocXuLyMoi"]
        body |= {"BuocXuLyMoi": STEP_OF[status]} if status in STEP_OF else {}
    return body


def put(receiver: RunningReceiver, source: str, key: str, body: Any = None, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(receiver, "PUT", f"/v1/dossiers/{source}/{quote(key)}", body or body_of(source, key), headers=sent)


def read(receiver: RunningReceiver, source: str, *keys: str, fields: str = "full") -> list[dict[str, Any]]:
    asked = {"source": source, "keys": list(keys), "fields": fields}
    found: list[dict[str, Any]] = call(receiver, "POST", "/v1/dossiers:read", asked, token=receiver.read_token).json[
        "dossiers"
    ]
    return found


# ---------------------------------------------------------------- rights


def test_it_says_that_it_is_a_stand_in_and_what_the_token_may(receiver: RunningReceiver) -> None:
    for token, role in ((receiver.push_token, "push"), (receiver.read_token, "read")):
        found = call(receiver, "GET", "/v1/identity", token=token).json
        assert (found["name"], found["rehearsal"], found["role"]) == ("lienthong-receiver", True, role)


@pytest.mark.parametrize("token", ["", "sai", "Bearer"])
def test_without_a_known_token_nothing_is_answered(receiver: RunningReceiver, token: str) -> None:
    for method, path in (("GET", "/v1/identity"), ("PUT", "/v1/dossiers/a/1"), ("POST", "/v1/dossiers:read")):
        answer = call(receiver, method, path, {}, token=token)
        assert (answer.status, answer.json["code"]) == (401, "token_wrong")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/dossiers/a/1"),
        ("POST", "/v1/dossiers:batch"),
        ("PATCH", "/v1/dossiers/H44-000000001"),
        ("POST", "/v1/attachments/a/1"),
    ],
)
def test_the_reading_token_cannot_write(receiver: RunningReceiver, method: str, path: str) -> None:
    answer = call(receiver, method, path, {}, token=receiver.read_token, headers={"X-Locator": "a"})
    assert (answer.status, answer.json["code"]) == (403, "right_missing")


# ---------------------------------------------------------------- versions


def test_a_dossier_is_created_once_and_updated_under_its_version(receiver: RunningReceiver) -> None:
    source = new_source()
    created = put(receiver, source, "1", If_None_Match="*")
    assert (created.status, created.json["version"], created.headers["etag"]) == (201, 1, '"1"')
    assert put(receiver, source, "1", If_None_Match="*").status == 412
    assert put(receiver, source, "1").status == 412
    changed = body_of(source, "1", TrangThaiHoSo=9)
    assert put(receiver, source, "1", changed, If_Match='"2"').json == {
        "code": "version_differs",
        "message": "Hồ sơ có phiên bản khác.",
        "version": 1,
    }
    updated = put(receiver, source, "1", changed, If_Match='"1"')
    assert (updated.status, updated.json["version"]) == (200, 2)
    assert updated.json["new_id"] == created.json["new_id"]


def test_the_same_idempotency_key_gets_the_same_answer(receiver: RunningReceiver) -> None:
    source = new_source()
    answers = [put(receiver, source, "1", If_None_Match="*", Idempotency_Key="k1") for _ in range(2)]
    assert [a.status for a in answers] == [201, 201]
    assert answers[0].body == answers[1].body


def test_the_same_dossier_in_another_order_of_fields_is_the_same_dossier(receiver: RunningReceiver) -> None:
    source = new_source()
    put(receiver, source, "1", If_None_Match="*")
    turned = dict(reversed(body_of(source, "1").items()))
    answer = put(receiver, source, "1", turned, If_Match='"1"')
    assert (answer.status, answer.json["version"]) == (200, 1)


def test_many_senders_of_one_new_dossier_create_it_once(receiver: RunningReceiver) -> None:
    source, answers = new_source(), []
    senders = [
        threading.Thread(target=lambda: answers.append(put(receiver, source, "1", If_None_Match="*").status))
        for _ in range(8)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(answers) == [201, *[412] * 7]


def test_a_clerk_raises_the_version_and_the_old_one_no_longer_writes(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", If_None_Match="*").json["new_id"]
    edited = call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"status": 9, "note": "Đã xem"})
    assert (edited.status, edited.json["version"]) == (200, 2)
    assert put(receiver, source, "1", If_Match='"1"').status == 412
    (held,) = read(receiver, source, "1")
    assert (held["status"], held["body"]["GhiChu"], held["updated_by"]) == (9, "Đã xem", "clerk")
    assert held["body"] == body_of(source, "1", TrangThaiHoSo=9, VaiTroXuLy="MOT_CUA", GhiChu="Đã xem")


def test_a_clerk_cannot_break_a_dossier_or_edit_what_is_not_there(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", If_None_Match="*").json["new_id"]
    assert call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"status": 11}).status == 422
    assert call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"status": 9}, headers={"If-Match": '"7"'}).status == 412
    assert call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"owner": "x"}).status == 400
    for text in ("H44-999999999", "abc", "H44-", "H44-٣"):
        assert call(receiver, "PATCH", f"/v1/dossiers/{quote(text)}", {"status": 9}).status == 404
    assert read(receiver, source, "1")[0]["version"] == 1


# ---------------------------------------------------------------- strictness


FAULTS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"TruongLa": "x"}, ("TruongLa", "extra_forbidden")),
    ({"trường lạ của dân": "x"}, ("?", "extra_forbidden")),
    ({"MaHoSo": "9" * 51}, ("MaHoSo", "string_too_long")),
    ({"MaHoSo": ""}, ("MaHoSo", "required_at_status")),
    ({"MaHoSo": 12}, ("MaHoSo", "string_type")),
    ({"TrichYeuHoSo": "ộ" * 2001}, ("TrichYeuHoSo", "string_too_long")),
    ({"TrangThaiHoSo": 0}, ("TrangThaiHoSo", "greater_than_equal")),
    ({"TrangThaiHoSo": 11}, ("TrangThaiHoSo", "less_than_equal")),
    ({"TrangThaiHoSo": "4"}, ("TrangThaiHoSo", "int_type")),
    ({"KenhThucHien": "4"}, ("KenhThucHien", "literal_error")),
    ({"KenhThucHien": 1}, ("KenhThucHien", "literal_error")),
    ({"HinhThuc": "2"}, ("HinhThuc", "literal_error")),
    ({"NgayNopHoSo": "2025-05-05T08:00:00"}, ("NgayNopHoSo", "timezone_aware")),
    ({"NgayNopHoSo": "2025-02-31T08:00:00+07:00"}, ("NgayNopHoSo", "datetime_parsing")),
    ({"NgayNopHoSo": 1746403200}, ("NgayNopHoSo", "datetime_type")),
    ({"NgayNopHoSo": None}, ("NgayNopHoSo", "datetime_type")),
    ({"NgayTiepNhan": None}, ("NgayTiepNhan", "required_at_status")),
    ({"ThoiHan": "năm ngày"}, ("ThoiHan", "string_pattern_mismatch")),
    ({"LaHoSoChuyenDoi": "true"}, ("LaHoSoChuyenDoi", "bool_type")),
    ({"NguonHeThong": "khac"}, ("NguonHeThong", "key_mismatch")),
    ({"KhoaCu": "2"}, ("KhoaCu", "key_mismatch")),
    ({"GhiChu": "a\x00b"}, ("", "nul_character")),
    ({"ThongTinKhac": {"Nguyễn Văn A": 5}}, ("ThongTinKhac", "string_type")),
    ({"TaiLieuNop": [{"GiayToId": "1", "LoaiThanhPhan": "9"}]}, ("TaiLieuNop.0.LoaiThanhPhan", "literal_error")),
    ({"DanhSachLePhi": [{"LePhiId": "1", "Gia": 1.5}]}, ("DanhSachLePhi.0.Gia", "int_type")),
    ({"TienTrinh": [{"BuocId": "1"}]}, ("TienTrinh.0.ThoiDiemXuLy", "missing")),
    ({"DonViXuLy": {"MaDonVi": "1", "DanhMuc": ""}}, ("DonViXuLy.DanhMuc", "string_too_short")),
    ({"LienKet": [{"LoaiLienKet": "khac", "GiaTri": "1"}]}, ("LienKet.0.LoaiLienKet", "literal_error")),
]


@pytest.mark.parametrize(("changes", "fault"), FAULTS)
def test_a_fault_is_named_by_path_and_code_without_its_value(
    sqlite_receiver: RunningReceiver, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    source = new_source()
    answer = put(sqlite_receiver, source, "1", body_of(source, "1", **changes), If_None_Match="*")
    assert answer.status == 422
    assert answer.json["errors"] == [{"path": fault[0], "code": fault[1]}]
    assert read(sqlite_receiver, source, "1") == []


def test_a_refusal_repeats_no_value(receiver: RunningReceiver) -> None:
    source = new_source()
    body = body_of(source, "1", SoDienThoai=PHONE)
    body["ThongTinChuHoSo"] |= {"LoaiDoiTuong": ID_NUMBER, "Email": OWNER * 100, OWNER: PHONE}
    answer = put(receiver, source, "1", body, If_None_Match="*")
    assert answer.status == 422
    assert all(value not in answer.body.decode() for value in (OWNER, ID_NUMBER, PHONE))


@pytest.mark.parametrize("status", [1, 3, 7])
def test_a_dossier_never_received_needs_no_code_and_no_receipt(receiver: RunningReceiver, status: int) -> None:
    source = new_source()
    body = body_of(source, "1", TrangThaiHoSo=status, MaHoSo="", NgayTiepNhan=None)
    assert put(receiver, source, "1", body, If_None_Match="*").status == 201


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff\xfe", b'{"items": 1}', b'{"items": [{"source": "a"}]}'])
def test_what_is_no_request_is_answered_as_such(receiver: RunningReceiver, body: bytes) -> None:
    assert call(receiver, "POST", "/v1/dossiers:batch", body).status == 400
    assert put(receiver, new_source(), "1", body or b"{", If_None_Match="*").status == 422


def test_a_batch_answers_each_dossier_by_itself(receiver: RunningReceiver) -> None:
    source = new_source()
    items = [{"source": source, "key": str(n), "body": body_of(source, str(n))} for n in range(4)]
    items[1]["body"] |= {"KenhThucHien": "9"}
    items[2]["if_match"] = "5"
    answers = call(receiver, "POST", "/v1/dossiers:batch", {"items": items}).json["answers"]
    assert [(a["key"], a["status"]) for a in answers] == [("0", 201), ("1", 422), ("2", 412), ("3", 201)]
    assert answers[1]["errors"] == [{"path": "KenhThucHien", "code": "literal_error"}]
    assert [d["key"] for d in read(receiver, source, "0", "1", "2", "3")] == ["0", "3"]


def test_more_than_a_thousand_dossiers_are_no_batch(receiver: RunningReceiver) -> None:
    items = [{"source": "a", "key": str(n), "body": {}} for n in range(1001)]
    assert call(receiver, "POST", "/v1/dossiers:batch", {"items": items}).status == 413


# ---------------------------------------------------------------- what it holds


def test_every_field_of_the_schema_is_held_and_given_back(receiver: RunningReceiver) -> None:
    source = new_source()
    sent = every_field(source, "1")
    assert at_default(sent) == set()
    assert put(receiver, source, "1", encode(sent), If_None_Match="*").status == 201
    (held,) = read(receiver, source, "1")
    assert decode(json.dumps(held["body"]).encode()) == sent
    assert held["body"] == json.loads(encode(sent))


def test_the_head_is_read_from_the_tables(receiver: RunningReceiver) -> None:
    source = new_source()
    utc = body_of(source, "1", NgayTiepNhan="2025-05-05T02:30:15Z")
    new_id = put(receiver, source, "1", utc, If_None_Match="*").json["new_id"]
    (head,) = read(receiver, source, "1", fields="head")
    assert head == {
        "new_id": new_id,
        "source": source,
        "key": "1",
        "version": 1,
        "code": "000.17.22.H44-250505-0001",
        "status": 4,
        "received_at": "2025-05-05T09:30:15+07:00",
        "due_at": "2025-05-12T08:30:15+07:00",
        "updated_by": "migration",
        "idempotency_key": "",
        "counts": {
            "TaiLieuNop": 4,
            "TienTrinh": 5,
            "DanhSachLePhi": 1,
            "DanhSachGiayToKetQua": 1,
            "LienKet": 2,
            "MaHoSoKhac": 0,
        },
        "files": [],
    }


def test_an_update_replaces_the_children(receiver: RunningReceiver) -> None:
    source = new_source()
    put(receiver, source, "1", If_None_Match="*")
    lean = body_of(source, "1", TaiLieuNop=[], TienTrinh=[{"BuocId": "9", "ThoiDiemXuLy": None}])
    del lean["DanhSachLePhi"]
    put(receiver, source, "1", lean, If_Match='"1"')
    (held,) = read(receiver, source, "1")
    assert "DanhSachLePhi" not in held["body"]
    assert held["counts"]["TaiLieuNop"] == 0
    assert held["body"]["TienTrinh"] == [{"BuocId": "9", "ThoiDiemXuLy": None}]


def test_a_dossier_is_found_by_its_old_code_its_new_id_and_a_tied_number(receiver: RunningReceiver) -> None:
    source = new_source()
    body = body_of(source, "1", MaHoSo=f"M-{source}")
    new_id = put(receiver, source, "1", body, If_None_Match="*").json["new_id"]
    for code in (f"M-{source}", new_id, f"CU-{source}-1"):
        found = call(receiver, "GET", f"/v1/dossiers?code={quote(code)}").json["dossiers"]
        assert [d["new_id"] for d in found] == [new_id]
    assert call(receiver, "GET", "/v1/dossiers?code=khong-co").json["dossiers"] == []
    assert call(receiver, "GET", f"/v1/dossiers/{new_id}").json["body"] == body
    assert call(receiver, "GET", "/v1/dossiers/H44-000999999").status == 404


def test_keys_are_listed_page_by_page(receiver: RunningReceiver) -> None:
    source = new_source()
    for key in ("1", "10", "2"):
        put(receiver, source, key, If_None_Match="*")
    path = f"/v1/dossiers/keys?source={source}&limit=2"
    assert call(receiver, "GET", path).json["keys"] == [["1", 1], ["10", 1]]
    assert call(receiver, "GET", f"{path}&after=10").json["keys"] == [["2", 1]]
    assert call(receiver, "GET", f"/v1/dossiers/keys?source={source}&limit=0").status == 400


# ---------------------------------------------------------------- attachments


def upload(receiver: RunningReceiver, source: str, content: bytes, locator: str = "a.pdf", **headers: str) -> Reply:
    sent = {"X-Locator": quote(locator), "X-Name": quote("Tờ khai.pdf"), **headers}
    return call(receiver, "POST", f"/v1/attachments/{source}/1", content, headers=sent)


def test_a_file_comes_back_byte_for_byte(receiver: RunningReceiver) -> None:
    source, content = new_source(), bytes(range(256)) * 5000
    digest = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        answer = upload(receiver, source, content, "thư mục/a.pdf", **{"X-SHA256": digest})
        assert answer.json == {"sha256": digest, "size": len(content)}
    found = call(receiver, "GET", f"/v1/attachments/{source}/1?locator={quote('thư mục/a.pdf')}")
    assert (found.status, found.body, found.headers["x-sha256"]) == (200, content, digest)
    assert call(receiver, "GET", f"/v1/attachments/{source}/1?locator=b").status == 404


def test_a_file_that_changed_on_its_way_is_refused(receiver: RunningReceiver) -> None:
    source = new_source()
    answer = upload(receiver, source, b"abc", **{"X-SHA256": hashlib.sha256(b"abd").hexdigest()})
    assert (answer.status, answer.json["errors"]) == (422, [{"path": "X-SHA256", "code": "sha256_differs"}])
    assert call(receiver, "GET", f"/v1/attachments/{source}/1?locator=a.pdf").status == 404


def test_a_named_file_must_have_arrived_unless_it_is_missing(receiver: RunningReceiver) -> None:
    source = new_source()
    file = Attachment("a.pdf", "Tờ khai.pdf", size=3)
    gone = msgspec.structs.replace(file, locator="b.pdf", is_missing=True)
    sent = encode(
        dossier(
            source,
            "1",
            papers=(Paper("g1", attachment=gone), Paper("g2", attachment=file)),
            results=(Result("k1", "file", attachment=file),),
        )
    )
    answer = put(receiver, source, "1", sent, If_None_Match="*")
    assert answer.json["errors"] == [
        {"path": "TaiLieuNop.1.TepDinhKem", "code": "attachment_not_uploaded"},
        {"path": "DanhSachGiayToKetQua.0.TepDinhKem", "code": "attachment_not_uploaded"},
    ]
    upload(receiver, source, b"abc")
    assert put(receiver, source, "1", sent, If_None_Match="*").status == 201
    (held,) = read(receiver, source, "1")
    assert held["files"] == [["a.pdf", hashlib.sha256(b"abc").hexdigest(), 3]]


def test_an_upload_changes_no_dossier_until_the_dossier_is_written(receiver: RunningReceiver) -> None:
    source = new_source()
    sent = encode(dossier(source, "1", papers=(Paper("g1", attachment=Attachment("a.pdf", "a", size=1)),)))
    upload(receiver, source, b"x")
    put(receiver, source, "1", sent, If_None_Match="*")
    upload(receiver, source, b"y")
    assert call(receiver, "GET", f"/v1/attachments/{source}/1?locator=a.pdf").body == b"x"
    assert put(receiver, source, "1", sent, If_Match='"1"').json["version"] == 2
    assert call(receiver, "GET", f"/v1/attachments/{source}/1?locator=a.pdf").body == b"y"


def test_an_upload_without_an_address_is_refused(receiver: RunningReceiver) -> None:
    assert call(receiver, "POST", "/v1/attachments/a/1", b"x").status == 400
    assert call(receiver, "POST", "/v1/attachments/a/1", b"x", headers={"X-Locator": ""}).status == 400


# ---------------------------------------------------------------- its document


def test_the_document_is_vietnamese_and_says_that_it_is_a_stand_in(sqlite_receiver: RunningReceiver) -> None:
    document = call(sqlite_receiver, "GET", "/v1/openapi.json", token="").json
    assert "Không phải hệ thống thật" in document["info"]["description"]
    assert all(route.get("summary") for path in document["paths"].values() for route in path.values())
    body = document["paths"]["/v1/dossiers/{source}/{key}"]["put"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["$ref"] == "#/components/schemas/Dossier"
    assert document["components"]["schemas"]["Owner"]["properties"]["ChuHoSo"]["maxLength"] == 500


def test_the_document_refers_to_nothing_that_it_lacks(sqlite_receiver: RunningReceiver) -> None:
    document = call(sqlite_receiver, "GET", "/v1/openapi.json", token="").json
    names = {text.split('"')[0] for text in json.dumps(document).split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])


# ---------------------------------------------------------------- next actions


def take(receiver: RunningReceiver, new_id: str, action: str, *, query: str = "", **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(receiver, "POST", f"/v1/dossiers/{new_id}/actions/{action}{query}", {}, headers=sent)


def actions(receiver: RunningReceiver, new_id: str) -> Any:
    return call(receiver, "GET", f"/v1/dossiers/{new_id}/actions", token=receiver.read_token).json


def test_the_process_says_every_step_with_its_role_and_leads_only_to_steps_it_knows(receiver: RunningReceiver) -> None:
    steps = {
        step["code"]: step for step in call(receiver, "GET", "/v1/process", token=receiver.read_token).json["steps"]
    }
    roles = {role["code"] for role in call(receiver, "GET", "/v1/process").json["roles"]}
    assert {status for step in steps.values() for status in step["statuses"]} == {1, 2, 4, 5, 6, 9}
    for step in steps.values():
        assert step["role"] in roles
        assert step["actions"]
        for action in step["actions"]:
            closes = action["status"] in (3, 7, 8, 10)
            assert (not action["to"]) == closes
            assert closes or action["status"] in steps[action["to"]]["statuses"]


@pytest.mark.parametrize(("changes", "fault"), [
    ({"BuocXuLyMoi": ""}, ("BuocXuLyMoi", "step_required")),
    ({"BuocXuLyMoi": "200"}, ("BuocXuLyMoi", "step_unknown")),
    ({"BuocXuLyMoi": "CHO_TRA"}, ("BuocXuLyMoi", "step_status_mismatch")),
    ({"VaiTroXuLy": "MOT_CUA"}, ("VaiTroXuLy", "role_mismatch")),
    ({"TrangThaiHoSo": 10, "BuocXuLyMoi": "CHO_TRA"}, ("BuocXuLyMoi", "step_at_closed")),
])  # fmt: skip
def test_an_open_dossier_stands_at_a_step_and_a_closed_one_at_none(
    receiver: RunningReceiver, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    source = new_source()
    answer = put(receiver, source, "1", body_of(source, "1", **changes), If_None_Match="*")
    assert answer.status == 422
    assert answer.json["errors"] == [{"path": fault[0], "code": fault[1]}]


def test_a_dossier_is_worked_to_its_end_action_by_action(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", body_of(source, "1", TrangThaiHoSo=5), If_None_Match="*").json["new_id"]
    assert actions(receiver, new_id)["actions"] == ["NHAN_BO_SUNG", "DUNG_XU_LY"]
    for version, action in enumerate(("NHAN_BO_SUNG", "TRINH_KY", "KY_DUYET", "TRA_KET_QUA"), start=1):
        assert action in actions(receiver, new_id)["actions"]
        done = take(receiver, new_id, action, If_Match=f'"{version}"')
        assert (done.status, done.json["version"]) == (200, version + 1)
    (held,) = read(receiver, source, "1")
    assert (held["status"], held["actions"], held["updated_by"]) == (10, [], "clerk")
    assert actions(receiver, new_id)["actions"] == []
    told = held["body"]["TienTrinh"]
    assert [step["MaHanhDong"] for step in told[-4:]] == ["NHAN_BO_SUNG", "TRINH_KY", "KY_DUYET", "TRA_KET_QUA"]
    assert len(told) == len(body_of(source, "1")["TienTrinh"]) + 4
    assert put(receiver, source, "1", If_Match='"1"').status == 412


def test_the_receipt_gives_a_dossier_its_code_and_its_instant(receiver: RunningReceiver) -> None:
    source = new_source()
    body = body_of(source, "1", TrangThaiHoSo=1, MaHoSo="", NgayTiepNhan=None)
    new_id = put(receiver, source, "1", body, If_None_Match="*").json["new_id"]
    assert take(receiver, new_id, "TIEP_NHAN").json["step"] == "PHAN_CONG"
    (held,) = read(receiver, source, "1")
    assert (held["status"], held["code"]) == (2, new_id)
    assert held["received_at"]


def test_an_action_that_the_step_does_not_allow_is_refused(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", If_None_Match="*").json["new_id"]
    refused = take(receiver, new_id, "TRA_KET_QUA")
    assert (refused.status, refused.json["code"]) == (409, "action_not_allowed")
    assert refused.json["allowed"] == actions(receiver, new_id)["actions"]
    assert take(receiver, new_id, "TRINH_KY", If_Match='"7"').status == 412
    assert take(receiver, "H44-000999999", "TRINH_KY").status == 404
    assert call(receiver, "GET", "/v1/dossiers/H44-000999999/actions").status == 404
    assert actions(receiver, new_id)["version"] == 1


def test_a_dry_action_says_where_it_would_lead_and_leaves_the_dossier_alone(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", If_None_Match="*").json["new_id"]
    tried = take(receiver, new_id, "TRINH_KY", query="?dry_run=1").json
    assert (tried["step"], tried["status"], tried["actions"]) == ("TRINH_KY", 4, ["KY_DUYET", "TRA_LAI"])
    assert (actions(receiver, new_id)["step"], actions(receiver, new_id)["version"]) == ("THAM_DINH", 1)


def test_next_actions_are_read_in_bulk(receiver: RunningReceiver) -> None:
    source = new_source()
    for key, status in (("1", 4), ("2", 9), ("3", 10)):
        put(receiver, source, key, body_of(source, key, TrangThaiHoSo=status), If_None_Match="*")
    found = read(receiver, source, "3", "2", "1", fields="actions")
    assert [(item["key"], item["step"], item["actions"][:1]) for item in found] == [
        ("3", "", []), ("2", "CHO_TRA", ["TRA_KET_QUA"]), ("1", "THAM_DINH", ["TRINH_KY"]),
    ]  # fmt: skip


def test_a_status_set_by_hand_takes_the_dossier_to_the_step_where_such_dossiers_wait(receiver: RunningReceiver) -> None:
    source = new_source()
    new_id = put(receiver, source, "1", If_None_Match="*").json["new_id"]
    call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"status": 5})
    assert actions(receiver, new_id)["step"] == "CHO_BO_SUNG"
    call(receiver, "PATCH", f"/v1/dossiers/{new_id}", {"status": 10})
    assert actions(receiver, new_id)["actions"] == []


# ---------------------------------------------------------------- who is told


def told(receiver: RunningReceiver, source: str, by: str = "migration") -> dict[str, int]:
    found: dict[str, int] = call(receiver, "GET", f"/v1/notices?source={source}&by={by}").json
    return found


def reachable(source: str, key: str, *, is_migrated: bool) -> dict[str, Any]:
    """A dossier whose owner has a phone."""
    body = body_of(source, key, LaHoSoChuyenDoi=is_migrated)
    return {**body, "ThongTinChuHoSo": {**body["ThongTinChuHoSo"], "SoDienThoai": PHONE}}


@pytest.mark.parametrize(
    ("is_silent", "is_migrated", "messages"),
    [(False, False, (1, 1)), (False, True, (1, 0)), (True, False, (0, 0)), (True, True, (0, 0))],
)
def test_who_is_told_of_a_write_depends_on_what_the_writer_asks_and_the_dossier_says(
    receiver: RunningReceiver, is_silent: bool, is_migrated: bool, messages: tuple[int, int]
) -> None:
    source = new_source()
    item = {"source": source, "key": "1", "body": reachable(source, "1", is_migrated=is_migrated), "silent": is_silent}
    call(receiver, "POST", "/v1/dossiers:batch", {"items": [item]})
    assert tuple(told(receiver, source).values()) == messages
    call(receiver, "POST", "/v1/dossiers:batch", {"items": [item]})  # nothing is written, nobody is told
    assert tuple(told(receiver, source).values()) == messages


def test_a_clerk_who_goes_on_tells_the_owner_and_it_is_not_put_down_to_the_migration(receiver: RunningReceiver) -> None:
    source = new_source()
    item = {"source": source, "key": "1", "body": reachable(source, "1", is_migrated=True), "silent": True}
    call(receiver, "POST", "/v1/dossiers:batch", {"items": [item]})
    (held,) = read(receiver, source, "1", fields="head")
    call(receiver, "PATCH", f"/v1/dossiers/{held['new_id']}", {"note": "Cán bộ đã xem"})
    assert told(receiver, source) == {"citizen": 0, "portal": 0}
    assert told(receiver, source, "clerk") == {"citizen": 1, "portal": 0}
