"""A site folder: what it may say, and what it is told when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import make_url

from connectors._file_stores import FileServer
from flows.site import SiteError, load_site, mark_rehearsal
from flows.site_files import write_site
from flows.workplace import open_workplace

GOOD = """\
name: phutho
cutoff: 2025-07-01          # filed before this day
sources:
  phutho_cu: {connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: UTC, files: var/old_files}
target: {connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN}
"""


def make(folder: Path, text: str = GOOD, env: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    if env:
        (folder / ".env").write_text(env, encoding="utf-8")
    return folder


def test_the_cutoff_is_midnight_in_viet_nam(tmp_path: Path) -> None:
    assert load_site(make(tmp_path)).cutoff_at.isoformat() == "2025-07-01T00:00:00+07:00"


def test_a_written_site_is_a_valid_site(tmp_path: Path) -> None:
    write_site(tmp_path / "s", name="phutho", source="cu", is_rehearsal=False, files="var/old_files")
    site = load_site(tmp_path / "s")
    assert site.source_ids() == {"cu": "cu"}
    assert (tmp_path / "s" / ".env").stat().st_mode & 0o777 == 0o600


def test_the_comments_of_a_written_site_are_keys_that_it_may_have(tmp_path: Path) -> None:
    write_site(tmp_path / "s", name="phutho", source="cu", is_rehearsal=False, files="var/old_files")
    file = tmp_path / "s" / "site.yaml"
    before, _, rest = file.read_text(encoding="utf-8").partition("# handover:")
    block, _, after = rest.partition("# office_hours:")
    file.write_text(f"{before}handover:{block.replace('#   ', '  ')}# office_hours:{after}", encoding="utf-8")
    said = load_site(tmp_path / "s").settings.handover
    assert (said.number_suffix, [party.role for party in said.parties]) == ("BB-UBND", ["Bên giao", "Bên nhận"])
    assert said.parties[1].organisation == "Ủy ban nhân dân {place}"


def test_a_site_is_never_written_over(tmp_path: Path) -> None:
    write_site(tmp_path / "s", name="phutho", source="cu", is_rehearsal=False, files="f")
    with pytest.raises(SiteError, match="đã có"):
        write_site(tmp_path / "s", name="phutho", source="cu", is_rehearsal=False, files="f")


def test_a_password_needs_no_url_encoding(tmp_path: Path) -> None:
    parts = "{host: db, port: 3307, database: opencps, user: doc, password_env: PW, profile: opencps_v2, zone: UTC}"
    text = GOOD.replace(
        "{connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: UTC, files: var/old_files}", parts
    )
    site = load_site(make(tmp_path, text, "PW='p@ss/w:rd#1'\n"))
    assert site.sources()[0].url == "mysql+pymysql://doc:p%40ss%2Fw%3Ard%231@db:3307/opencps"


SQL_SERVER = (
    r"{host: 10.0.0.5, database: MotCua, user: doc, password_env: PW, profile: opencps_v2, zone: Asia/Ho_Chi_Minh,"
    " driver: mssql+pyodbc, sqlserver: {instance: SQLEXPRESS, encrypt: strict, read_only_intent: false,"
    " varchar: cp1252, databases: {nganh: NganhY}}}"
)


def test_a_sql_server_is_declared_by_keys_and_its_password_stays_as_it_is(tmp_path: Path) -> None:
    text = re.sub(r"\{connector: sql.*\}", SQL_SERVER, GOOD)
    source = load_site(make(tmp_path, text, "PW=p@ss;w{r}d+%\n")).sources()[0]
    url = make_url(source.url)
    assert (url.password, url.host, url.database) == ("p@ss;w{r}d+%", "10.0.0.5", "MotCua")
    assert url.query == {
        "instance": "SQLEXPRESS",
        "encrypt": "strict",
        "read_only_intent": "false",
        "varchar": "cp1252",
        "database.nganh": "NganhY",
    }


def test_the_keys_of_a_sql_server_join_the_address_in_env(tmp_path: Path) -> None:
    text = GOOD.replace("url_env: OLD_URL,", "url_env: OLD_URL, sqlserver: {trust_certificate: true},")
    source = load_site(make(tmp_path, text, "OLD_URL=mssql+pyodbc://doc:x@may/MotCua\n")).sources()[0]
    assert source.url == "mssql+pyodbc://doc:x@may/MotCua?trust_certificate=true"


def test_a_relative_sqlite_path_counts_from_the_site(tmp_path: Path) -> None:
    site = load_site(make(tmp_path, GOOD, "OLD_URL=sqlite:///var/old.sqlite\n"))
    assert site.sources()[0].url == f"sqlite:///{tmp_path / 'var' / 'old.sqlite'}"


def test_the_environment_outranks_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD_URL", "sqlite:////a.sqlite")
    assert load_site(make(tmp_path, GOOD, "OLD_URL=sqlite:////b.sqlite\n")).sources()[0].url == "sqlite:////a.sqlite"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [\n", "dòng 2"),
        ("", "trống"),
        (GOOD.replace("cutoff:", "cutof:"), "cutof"),
        (GOOD.replace("zone: UTC", "zone: Hanoi"), "múi giờ"),
        (GOOD.replace("name: phutho", "name: Phú Thọ"), "name"),
        (GOOD.replace(", token_env: NEW_TOKEN", ""), "token_env"),
        (GOOD.replace("2025-07-01", "31/02/2025"), "cutoff"),
        (GOOD.replace("url_env: OLD_URL, ", ""), "url_env"),
        (GOOD.replace("url_env: OLD_URL,", "host: h, sqlserver: {},"), "mssql"),
        (GOOD.replace("url_env: OLD_URL,", "url_env: U, sqlserver: {encryt: no},"), "encryt"),
        (GOOD + "waves: {mot: {communes: [05014]}}\n", "dấu nháy"),
        (GOOD + "waves: {mot: {title: Một}}\n", "communes, procedures"),
        (GOOD + "waves: {mot: {statuses: [4], enter: {after: [hai]}}}\n", "không có đợt hai"),
        (GOOD + "handover: {agncy: UBND}\n", "handover.agncy"),
        (GOOD + "handover: {number_suffix: 12/BB-UBND}\n", "handover.number_suffix"),
        (GOOD + "handover: {parties: [{role: Bên nhận, organisation: 'UBND {xa}'}]}\n", "place"),
        (GOOD + "handover: {legal_basis: ['']}\n", "căn cứ trống"),
    ],
)
def test_a_wrong_site_is_told_what_and_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SiteError, match=said) as caught:
        load_site(make(tmp_path, text))
    assert "site.yaml" in str(caught.value)


def test_a_missing_secret_names_its_variable_and_file(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"\.env.*OLD_URL"):
        load_site(make(tmp_path)).sources()


def test_an_unknown_source_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"khac.*phutho_cu"):
        load_site(make(tmp_path, GOOD, "OLD_URL=sqlite:///x\n")).sources(("khac",))


def test_marking_a_rehearsal_keeps_the_comments(tmp_path: Path) -> None:
    make(tmp_path)
    mark_rehearsal(tmp_path)
    mark_rehearsal(tmp_path)
    text = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    assert text.count("rehearsal: true") == 1
    assert "# filed before this day" in text
    assert load_site(tmp_path).settings.rehearsal


TABLES = "target: {connector: sql, profile: td_dichvucong_sql, url_env: NEW_DB_URL, files: /mnt/tep}"


def test_a_target_of_tables_needs_an_address_and_hides_it(tmp_path: Path) -> None:
    text = re.sub(r"target:.*", TABLES, GOOD)
    site = load_site(make(tmp_path / "tables", text, "NEW_DB_URL=postgresql://a:bi-mat@may/moi\n"))
    assert site.settings.target.connector == "sql"
    assert site.hidden_words() == ["postgresql://a:bi-mat@may/moi"]
    for wrong, said in {
        "target: {connector: sql, profile: td_dichvucong_sql}": "cần url_env",
        TABLES.replace("files:", "token_env: NEW_TOKEN, files:"): "không dùng token_env",
        "target: {connector: rest, url_env: A, token_env: B, files: /mnt/tep}": "chỉ dùng cho hệ thống nhận là bảng",
    }.items():
        with pytest.raises(SiteError, match=said):
            load_site(make(tmp_path / "wrong", text.replace(TABLES, wrong)))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (TABLES.replace("td_dichvucong_sql", "opencps_v2"), "không phải hồ sơ ghi vào bảng"),
        (TABLES.replace(", files: /mnt/tep", ""), "target.files"),
        ("target: {connector: rest, profile: td_dichvucong_sql, url_env: NEW_DB_URL, token_env: T}", "connector: sql"),
    ],
)
def test_a_profile_and_a_connector_that_do_not_fit_are_refused(tmp_path: Path, target: str, said: str) -> None:
    site = load_site(make(tmp_path, re.sub(r"target:.*", target, GOOD), "NEW_DB_URL=sqlite:///x\nT=abcd\n"))
    with open_workplace(site) as work, pytest.raises(SiteError, match=said):
        work.target()


STORE = "files_url_env: OLD_FILES_URL"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (f"files: kho, {STORE}", "chỉ khai một"),
        ("files: kho, files_token_env: T", "files_token_env chỉ dùng với files_url_env"),
        ("files_at_once: 2", "files_at_once chỉ dùng với files_url_env"),
        (f"{STORE}, files_user: doc", "đi cùng nhau"),
        (f"{STORE}, files_user: doc, files_password_env: P, files_token_env: T", "một cách đăng nhập"),
        (f"{STORE}, files_at_once: 0", "files_at_once"),
        (f"{STORE}, files_per_second: 0", "files_per_second"),
    ],
)
def test_files_lie_in_one_place_that_is_entered_in_one_way(tmp_path: Path, said: str, wrong: str) -> None:
    with pytest.raises(SiteError, match=wrong):
        load_site(make(tmp_path, GOOD.replace("files: var/old_files", said)))


def test_the_address_and_the_login_of_a_store_stand_in_env(tmp_path: Path) -> None:
    said = f"{STORE}, files_user: doc, files_password_env: OLD_FILES_PW, files_ca: don-vi.pem"
    text = GOOD.replace("files: var/old_files", said)
    with pytest.raises(SiteError, match=r"chưa có biến OLD_FILES_URL \(địa chỉ kho tệp của nguồn phutho_cu\)"):
        load_site(make(tmp_path, text, "OLD_URL=sqlite:///x\n")).sources()
    env = "OLD_URL=sqlite:///x\nOLD_FILES_URL=https://may/kho\nOLD_FILES_PW=rat-bi-mat\n"
    site = load_site(make(tmp_path, text, env))
    (source,) = site.sources()
    assert isinstance(source.files, FileServer)
    assert (source.files.url, source.files.ca, source.files.at_once) == ("https://may/kho", tmp_path / "don-vi.pem", 4)
    assert "rat-bi-mat" in site.hidden_words()
    assert "rat-bi-mat" not in repr(source.files)
