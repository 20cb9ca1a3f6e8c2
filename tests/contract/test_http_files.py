"""Stored files behind HTTP: measured, streamed, and never believed when the answer is something else."""

from __future__ import annotations

import base64
import hashlib
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors._file_stores import FileServer
from connectors._http_files import HttpFiles
from connectors.base import FileSpec, Forbidden, Misconfigured, Record, Unavailable, Unreadable
from tests.file_server import FileWeb, file_web
from tests.tds.certificates import self_signed

BIG = bytes(range(256)) * 2000
NAMES = ("7/1.pdf", "Đơn xin cấp lại số 1.doc", "a#b%2F?c&d+e.pdf", "cũ/50%.txt", "a:b;c=d@e,'f'.pdf", "x/~ây.pdf")
Open = Callable[..., HttpFiles]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[FileWeb]:
    folder = tmp_path / "kho"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode() * 3)
    (folder / "to.bin").write_bytes(BIG)
    (folder / "trong.pdf").write_bytes(b"")
    with file_web(folder) as served:
        yield served


@pytest.fixture
def files(web: FileWeb) -> Iterator[Open]:
    opened: list[HttpFiles] = []

    def make(path: str = "/", tries: int = 3, **options: Any) -> HttpFiles:
        server = FileServer(web.url + path, "OLD_FILES_URL", **options)
        opened.append(HttpFiles(server, tries=tries, backoff_s=0.001, timeout_s=10))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def drain(store: HttpFiles, name: str) -> bytes:
    with store.open(name) as stream:
        return stream.read()


def sizes(store: HttpFiles, *names: str) -> list[int | None]:
    rows: list[dict[str, Any]] = [{"ten": name} for name in names]
    store.hang((FileSpec("f", "{ten}"),), [Record("1", {}, {"f": rows})])
    return [row["_size"] for row in rows]


def test_names_of_every_kind_are_found_below_the_address(web: FileWeb, files: Open) -> None:
    web.habits.prefix = "/HSHC/AttachFiles"
    store = files("/HSHC/AttachFiles")
    assert sizes(store, *NAMES) == [len(name.encode()) * 3 for name in NAMES]
    assert [drain(store, name) for name in NAMES] == [name.encode() * 3 for name in NAMES]
    assert all(path.startswith("/HSHC/AttachFiles/") for _, path in web.asked)
    assert (store.stat("khong/co.pdf"), store.stat("trong.pdf")) == (None, 0)
    with pytest.raises(FileNotFoundError):
        store.open("khong/co.pdf")
    assert {headers["Accept-Encoding"] for headers in web.headers} == {"identity"}


def test_no_name_leads_out_of_the_address(web: FileWeb, files: Open) -> None:
    store = files("/kho/")
    wrong = ("../x", "/etc/hostname", "a/../../b", "a\\b", "", "//may-khac/x")
    assert sizes(store, *wrong) == [None] * len(wrong)
    for name in wrong:
        with pytest.raises(Misconfigured):
            store.open(name)
    assert not web.asked
    web.habits.prefix = "/kho"
    assert sizes(store, "http://may-khac/x") == [None]
    assert all(path.startswith("/kho/http%3A/may-khac/") for _, path in web.asked)


@pytest.mark.parametrize("habit", ["refuses_head", "is_zero_by_head", "is_chunked"])
def test_a_size_that_head_does_not_tell_is_told_by_get(web: FileWeb, files: Open, habit: str) -> None:
    setattr(web.habits, habit, True)
    store = files()
    assert sizes(store, "to.bin", "7/1.pdf", "trong.pdf") == [len(BIG), 21, 0]
    assert store.stat("gone.pdf") is None
    assert drain(store, "to.bin") == BIG
    heads = web.total("HEAD")
    store.stat("to.bin")
    assert (web.total("HEAD") == heads) is (habit != "is_zero_by_head")  # nobody is asked in vain for ever


def test_a_file_whose_end_cannot_be_told_is_unreadable_alone(web: FileWeb, files: Open) -> None:
    web.habits.is_endless = True
    store = files()
    with pytest.raises(Unreadable, match="độ dài"):
        store.open("to.bin")
    assert sizes(store, "to.bin", "gone.pdf") == [0, None]


@pytest.mark.parametrize("ways", [{}, {"takes_ranges": False}])
def test_a_body_that_breaks_off_is_gone_on_with(web: FileWeb, files: Open, ways: dict[str, bool]) -> None:
    vars(web.habits).update(ways)
    web.habits.cuts = [100_000, 150_000, 300_000]
    assert drain(files(), "to.bin") == BIG
    assert not web.habits.cuts


def test_a_body_that_stays_short_is_never_a_file(web: FileWeb, files: Open) -> None:
    web.habits.cuts = [70_000] + [0] * 20
    with files().open("to.bin") as stream:
        assert stream.read(10) == BIG[:10]
        with pytest.raises(Unreadable, match="đứt giữa chừng, ở byte 70000"):
            stream.read()
    web.habits.cuts, web.habits.has_marks = [100_000], False
    with pytest.raises(Unreadable, match="đứt giữa chừng"):  # without a mark nobody knows whether it is the same file
        drain(files(), "to.bin")


def test_a_file_that_changes_while_it_is_read_is_not_taken_for_whole(web: FileWeb, files: Open, tmp_path: Path) -> None:
    web.habits.cuts = [100_000]
    with files().open("to.bin") as stream:
        (tmp_path / "kho" / "to.bin").write_bytes(BIG[::-1])
        with pytest.raises(Unavailable, match="vừa bị sửa"):
            stream.read()


def test_a_server_that_is_busy_for_a_while_is_waited_for(web: FileWeb, files: Open) -> None:
    store = files()
    web.habits.says = [(500, {}), (503, {}), (500, {})]
    assert store.stat("to.bin") == len(BIG)  # HEAD once, GET with patience
    web.habits.says = [(429, {"Retry-After": "0"}), (429, {"Retry-After": "1"})]
    assert drain(store, "to.bin") == BIG
    web.habits.always = (500, {})
    with pytest.raises(Unavailable, match="HTTP 500"):
        sizes(store, "to.bin", *NAMES)
    with pytest.raises(Unavailable, match="HTTP 500"):
        store.check()


@pytest.mark.parametrize("answer", [(401, {}), (403, {}), (203, {}), None])
def test_who_is_not_logged_in_gets_no_file(
    web: FileWeb, files: Open, answer: tuple[int, dict[str, str]] | None
) -> None:
    web.habits.always, web.habits.page = answer, answer is None
    store = files(token="bí mật".encode().hex(), login_env="OLD_FILES_TOKEN")
    for act in (store.stat, store.open):
        with pytest.raises(Forbidden, match="OLD_FILES_TOKEN"):
            act("7/1.pdf")
    with pytest.raises(Forbidden):
        sizes(store, "7/1.pdf", "to.bin")
    with pytest.raises(Forbidden, match="files_token_env"):
        files().open("7/1.pdf")


def test_a_page_is_a_file_where_its_name_says_so(web: FileWeb, files: Open) -> None:
    web.habits.page = True
    assert drain(files(), "7/1.html").startswith(b"<!DOCTYPE html>")


def test_a_login_is_sent_and_shown_nowhere(web: FileWeb, files: Open) -> None:
    web.habits.login = "Bearer tr0m"
    with files(token="tr0m").open("7/1.pdf") as stream:
        assert stream.read()
    web.habits.login = "Basic " + base64.b64encode("đọc:mật".encode()).decode()
    store = files(user="đọc", password="mật", login_env="OLD_FILES_PASSWORD")
    store.check()
    assert store.stat("7/1.pdf") == 21
    web.habits.login = "khác"
    with pytest.raises(Forbidden, match="OLD_FILES_PASSWORD") as refused:
        store.check()
    assert "mật" not in str(refused.value).replace("mật khẩu", "")
    assert "tr0m" not in repr(FileServer("http://a/", "U", token="tr0m", password="tr0m"))


def test_a_redirect_is_followed_at_the_same_server_only(web: FileWeb, files: Open) -> None:
    store = files(token="tr0m")
    web.habits.says = [(302, {"Location": "/to.bin"})] * 2
    assert store.stat("cu.bin") == len(BIG)
    port = web.url.rpartition(":")[2]
    for place in (f"http://localhost:{port}/to.bin", f"https://127.0.0.1:{port}/to.bin", "//may.khac/", "ftp://x/"):
        web.habits.always = (302, {"Location": place})
        for act in (store.stat, store.open, lambda name: sizes(store, name, "7/1.pdf")):
            with pytest.raises(Misconfigured, match="không đi theo"):
                act("to.bin")
    web.habits.always = (302, {"Location": "/vong"})
    with pytest.raises(Misconfigured, match="vòng quanh"):
        store.stat("to.bin")


@pytest.mark.parametrize("answer", [(400, {}), (406, {}), (451, {}), (204, {})])
def test_one_file_that_is_refused_is_its_own_trouble(
    web: FileWeb, files: Open, answer: tuple[int, dict[str, str]]
) -> None:
    web.habits.always = answer
    store = files()
    for act in (store.stat, store.open):
        with pytest.raises(Unreadable):
            act("to.bin")
    assert sizes(store, "to.bin", "7/1.pdf") == [0, 0]  # they are there: the push names their trouble


def test_a_body_that_was_packed_on_the_way_is_no_file(web: FileWeb, files: Open) -> None:
    web.habits.always = (200, {"Content-Encoding": "gzip"})
    with pytest.raises(Unreadable, match="nén"):
        files().open("to.bin")
    assert drain(files(), "to.tar.gz") == b""  # a server that calls packed files so hands them out as they are


def test_a_server_that_is_away_is_unavailable_never_gone(files: Open, tmp_path: Path) -> None:
    with file_web(tmp_path) as away:
        pass
    store = HttpFiles(FileServer(away.url, "OLD_FILES_URL"), tries=2, backoff_s=0.001)
    for act in (store.check, lambda: sizes(store, "a", "b"), lambda: store.open("a")):
        with pytest.raises(Unavailable, match="OLD_FILES_URL"):
            act()
    store.close()


@pytest.mark.parametrize("url", ["ftp://a/", "http://a:b@c/", "kho/tep", "http://c/?x=1", "http://c/#x", "http://[::1"])
def test_an_address_that_is_none_is_told_by_its_variable(url: str) -> None:
    with pytest.raises(Misconfigured, match="OLD_FILES_URL") as refused:
        HttpFiles(FileServer(url, "OLD_FILES_URL"))
    assert url not in str(refused.value)


def test_a_certificate_is_believed_only_when_it_is_declared(tmp_path: Path) -> None:
    tls, certificate = self_signed(tmp_path)
    tls.set_alpn_protocols(["http/1.1"])
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with file_web(tmp_path, tls) as web:
        trusting = HttpFiles(FileServer(web.url, "OLD_FILES_URL", ca=certificate))
        assert (trusting.stat("a.pdf"), drain(trusting, "a.pdf")) == (4, b"%PDF")
        strict = HttpFiles(FileServer(web.url, "OLD_FILES_URL"), tries=1)
        with pytest.raises(Misconfigured, match="files_ca"):
            strict.stat("a.pdf")
        trusting.close()
        strict.close()
    with pytest.raises(Misconfigured, match="files_ca"):
        HttpFiles(FileServer("https://a/", "U", ca=tmp_path / "a.pdf"))


def test_no_name_of_a_file_reaches_a_log(files: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = files()
    store.stat("7/1.pdf")
    assert "1.pdf" not in caplog.text


def test_many_sizes_are_asked_for_at_the_rate_of_the_site(web: FileWeb, files: Open) -> None:
    store = files(at_once=3, per_second=200)
    assert sizes(store, *[f"x/{number}.pdf" for number in range(20)], "to.bin") == [None] * 20 + [len(BIG)]
    assert web.total("HEAD") == 21
    assert web.total("GET") == 20  # that one is gone is believed when GET says so, too


FLAT = """
import hashlib, sys
from pathlib import Path
from connectors._file_stores import FileServer
from connectors._http_files import HttpFiles
store, digest = HttpFiles(FileServer(sys.argv[1], "U")), hashlib.sha256()
with store.open("to.bin") as stream:
    while piece := stream.read(1 << 18):
        digest.update(piece)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(digest.hexdigest(), int(peak.split()[1]) // 1024)
"""


def test_a_file_of_sixty_megabytes_takes_no_more_memory_than_one_of_six(web: FileWeb, tmp_path: Path) -> None:
    peaks = []
    for megabytes in (6, 60):
        content = BIG[:500_000] * (2 * megabytes)
        (tmp_path / "kho" / "to.bin").write_bytes(content)
        words = [sys.executable, "-c", FLAT, web.url]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
        digest, peak = done.stdout.split()
        assert digest == hashlib.sha256(content).hexdigest()
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 10, peaks
