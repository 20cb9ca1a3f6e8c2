"""The profile language is strict: a mistake names its file and line, in Vietnamese."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.crosswalk import COLUMNS, read_crosswalk
from mappings.profile import Profile, ProfileError, load_profile
from tests.profiles.opencps import SWEEP, codes, dossier_of, make_mapper, row


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("profiles", "crosswalks"):
        (tmp_path / folder).mkdir()
    return tmp_path


def write(site: Path, text: str, name: str = "cu") -> Path:
    file = site / "profiles" / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(site: Path, text: str) -> ProfileError:
    file = write(site, text)
    with pytest.raises(ProfileError) as caught:
        load_profile("cu", site)
    assert caught.value.file == str(file)
    return caught.value


EXTENDS = "name: cu\nextends: opencps_v2\n"


def test_a_site_overrides_a_few_fields(site: Path) -> None:
    text = EXTENDS + "title: Của tỉnh\ndossier:\n  summary: null\n  title: {from: dossierName, steps: [strip]}\n"
    write(site, text)
    profile, base = load_profile("cu", site), load_profile("opencps_v2")
    assert profile.title == "Của tỉnh"
    assert profile.dossier.summary is None
    assert profile.dossier.title.steps == ("strip",)
    assert profile.dossier.code == base.dossier.code
    assert profile.reading == base.reading


def test_a_site_profile_may_carry_the_name_of_the_one_it_extends(site: Path) -> None:
    write(site, "extends: opencps_v2\ntitle: Riêng\n", "opencps_v2")
    assert load_profile("opencps_v2", site).title == "Riêng"


def test_a_site_takes_a_table_away_that_its_database_has_not(site: Path) -> None:
    text = "reading: {children: {post_orders: null}}\nkeep_rows: {post_orders: null}\n"
    write(site, EXTENDS + text)
    assert "opencps_postconnect" not in load_profile("cu", site).read_tables()


@pytest.mark.parametrize(("text", "line", "says"), [
    ("tittle: x\n", 3, "khóa lạ"),
    ("dossier:\n  code: {form: dossierNo}\n", 4, "khóa lạ"),
    ("dossier:\n  codes: dossierNo\n", 4, "khóa lạ"),
    ("dossier:\n  title: {from: a, value: b}\n", 4, "đúng một nguồn"),
    ("dossier:\n  title: {from: a, steps: [tidy]}\n", 4, "không có bước làm sạch 'tidy'"),
    ("notes:\n  - {issue: x, severity: fatal, field: y, when: {column: a, empty: true}}\n", 4, "severity"),
    ("scope:\n  - {rule: x, when: {column: a}}\n", 4, "phép thử"),
    ("papers:\n  - child: files\n    fields: {code: a}\n", 5, "thiếu khóa"),
    ("papers:\n  - child: fils\n    fields: {key: a}\n", 4, "fils"),
    ("title: a\ntitle: b\n", 4, "hai lần"),
    ("title: [a\n", 4, "YAML hỏng"),
    ("title: &x a\nsuggested_zone: *x\n", 3, "&"),
    ("reading:\n  ignored_columns:\n    opencps_dossier:\n      Bừa: [dossierNo]\n", 6, "vừa dùng vừa bỏ qua"),
    ("reading: {dossiers: {content: x}}\n", 3, "content chỉ dùng cho bảng con"),
    ("reading:\n  children:\n    files: {content: dl.noiDung}\n", 5, "content không dùng cùng file"),
    ("reading:\n  children:\n    files: {file: null, content: dx.noiDung}\n", 5, "bảng nối 'dx'"),
    ("reading:\n  children:\n    files: {file: null, content: dl.fileName}\n", 5, "vừa là nội dung tệp"),
    ("reading:\n  children:\n    twins: {content: x}\n", 5, "content cần table"),
    ("reading:\n  children:\n    actions: {key: null, content: x}\n", 5, "content cần key"),
    ("reading:\n  children:\n    files:\n      file: null\n      content: dl.x\n      join:\n"
     "        - {table: D, alias: dl, match: {a: a, b: b}}\n", 7, "đúng một cột"),
])  # fmt: skip
def test_a_mistake_is_named_by_its_line(site: Path, text: str, line: int, says: str) -> None:
    error = refused(site, EXTENDS + text)
    assert says in error.message_vi
    assert error.line == line


def test_a_missing_profile_and_a_circle_are_refused(site: Path) -> None:
    with pytest.raises(ProfileError, match="không có profile"):
        load_profile("khong_co", site)
    with pytest.raises(ProfileError, match="tên không hợp lệ"):
        load_profile("../opencps_v2", site)
    write(site, "extends: b\n", "a")
    write(site, "extends: a\n", "b")
    with pytest.raises(ProfileError, match="không có profile 'a'"):
        load_profile("a", site)


def test_a_file_that_is_no_text_is_refused(site: Path) -> None:
    (site / "profiles" / "cu.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ProfileError, match="UTF-8"):
        load_profile("cu", site)


def test_codes_stay_text(site: Path) -> None:
    write(site, EXTENDS + "choices:\n  - {name: o, column: originality, known: [01, no, 1e3], issue: x}\n")
    assert load_profile("cu", site).choices[0].known == ("01", "no", "1e3")


# ---------------------------------------------------------------- the plan


def plan_sql(profile: Profile, **decisions: str) -> str:
    return profile.plan(decisions).counts["in_scope"]


def test_the_filing_order_of_the_site_stands_in_the_sql() -> None:
    profile = load_profile("opencps_v2")
    assert "COALESCE({d.submitDate}, {d.receiveDate}, {d.createDate}) >= :cutoff" in plan_sql(profile)
    plan = profile.plan({"filed_order": "receiveDate"})
    assert "{d.receiveDate} >= :cutoff" in plan.main.where
    assert "submitDate" not in plan.main.where


def test_an_excluded_originality_is_not_counted_in_scope() -> None:
    profile = load_profile("opencps_v2")
    where = "({d.originality} IS NULL OR {d.originality} <> 4)"
    assert where not in plan_sql(profile)
    assert where in plan_sql(profile, **{"originality.4": "exclude"})
    assert "{d.originality} IS NOT NULL" in plan_sql(profile, **{"originality.empty": "exclude"})
    with pytest.raises(ProfileError):
        plan_sql(profile, **{"originality.1; DROP TABLE x": "exclude"})


def test_the_plan_reads_used_columns_only() -> None:
    plan = load_profile("opencps_v2").plan()
    assert "password_" not in plan.main.columns
    assert plan.main.columns[0] == "dossierId"
    files = next(child for child in plan.children if child.name == "files")
    assert files.join[0].on == (("fileEntryId", "fileEntryId"),)
    assert {"companyId", "folderId", "name", "version", "fileName"} <= set(files.join[0].columns)
    assert not any(column.startswith("_") for column in files.columns)
    twins = next(child for child in plan.children if child.name == "twins")
    assert (twins.columns, twins.parent) == (("twinId",), "dossierId")
    assert "<<" not in "".join([*plan.counts.values(), plan.main.where, *(child.sql for child in plan.children)])


# ---------------------------------------------------------------- crosswalks


def crosswalk(site: Path, *lines: str) -> None:
    text = "\n".join([",".join(COLUMNS), *lines, ""])
    (site / "crosswalks" / "opencps_v2_status.csv").write_text(text, encoding="utf-8")


def test_a_sites_rows_overlay_the_shipped_ones(site: Path) -> None:
    crosswalk(site, "pausing,,4,exact,approved,QĐ 12/QĐ-UBND,Lan,", "done,,10,exact,draft,,,")
    found = read_crosswalk("opencps_v2_status", site)
    assert found.find("pausing") == "4"
    assert found.find("done") is None
    assert found.find("waiting", "waiting_4") == "5"


@pytest.mark.parametrize("line", [
    "pausing,,4,exact,approved,,Lan,", "pausing,,,exact,approved,x,Lan,", "pausing,,4,exact,sure,x,Lan,", "pausing,,4",
])  # fmt: skip
def test_a_row_without_source_is_not_approved(site: Path, line: str) -> None:
    crosswalk(site, line)
    with pytest.raises(ProfileError) as caught:
        read_crosswalk("opencps_v2_status", site)
    assert caught.value.line == 2


def test_shipped_approved_rows_state_their_source() -> None:
    found = read_crosswalk("opencps_v2_status")
    asked = {"pausing", "cancelling", "correcting", "posting", "collecting", "handover"}
    assert not asked & {code for code, _ in found.usable}
    assert not found.waiting


def test_a_wrong_head_names_the_columns(site: Path) -> None:
    (site / "crosswalks" / "opencps_v2_status.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ProfileError, match="qualifier"):
        read_crosswalk("opencps_v2_status", site)


def test_a_field_may_go_through_a_crosswalk_of_the_site(site: Path) -> None:
    rows = ["online,,2,exact,approved,QĐ 5,Lan,", "quay,,1,exact,approved,QĐ 5,Lan,", "thu,,3,exact,draft,,,"]
    text = "\n".join([",".join(COLUMNS), *rows, ""])
    (site / "crosswalks" / "kenh.csv").write_text(text, encoding="utf-8")
    write(site, "extends: opencps_v2\ndossier:\n  channel: {from: serverNo, crosswalk: kenh}\n", "opencps_v2")
    mapper = make_mapper(site_dir=site)
    found = [mapper.map("1", row(serverNo=code), {}, SWEEP) for code in ("online", "quay", "thu")]
    assert [dossier_of(each).channel for each in found] == ["2", "1", ""]
    assert [codes(each) for each in found] == [set(), set(), {"code_undecided"}]
    (site / "crosswalks" / "kenh.csv").write_text(text.replace("quay,,1", "quay,,3"), encoding="utf-8")
    assert make_mapper(site_dir=site).version != mapper.version


def test_a_crosswalk_that_is_not_there_is_refused(site: Path) -> None:
    write(site, "extends: opencps_v2\ndossier:\n  channel: {from: serverNo, crosswalk: kenh}\n", "opencps_v2")
    with pytest.raises(ProfileError, match="bảng chuyển đổi"):
        make_mapper(site_dir=site)


def test_a_column_that_holds_files_is_accounted_for_and_never_selected(site: Path) -> None:
    write(site, EXTENDS + "reading: {children: {files: {file: null, content: dl.noiDung}, actions: {content: anh}}}\n")
    profile = load_profile("cu", site)
    plan = profile.plan()
    files, actions = (next(read for read in plan.children if read.name == name) for name in ("files", "actions"))
    assert (files.content, actions.content) == ("dl.noiDung", "anh")
    assert "noiDung" not in files.join[0].columns
    assert "anh" not in actions.columns
    assert "files" not in {child for child, _ in plan.files}
    assert "noiDung" in profile.used_columns("DLFileEntry")
    assert "anh" in profile.used_columns("opencps_dossieraction")
