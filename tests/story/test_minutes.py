"""Handover minutes of a whole province in one command: every commune has some, their sum is what status says."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import docx
import pypdf
import pytest
import yaml

from tests.story.stage import change, lienthong, status

HANDOVER = {
    "agency": "Văn phòng Ủy ban nhân dân tỉnh #1 [*thử*]",  # signs of the typesetter's language stay signs
    "place": "Phú Thọ",
    "number_suffix": "BB-VP",
    "parties": [{"role": "Bên giao"}, {"role": "Bên nhận", "organisation": "Ủy ban nhân dân {place}"}],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo site that says who hands over to whom; a procedure of its own makes a wave."""
    folder = tmp_path_factory.mktemp("minutes") / "site"
    lienthong("demo", folder, "--dossiers", "200", "--seed", "3", "--prepare")
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"handover": HANDOVER}, allow_unicode=True))
    return folder


def squeezed(text: str) -> str:
    """Without the spaces and line ends that a reader of PDF guesses."""
    return "".join(text.split())


def refused(site: Path, *words: str, code: int) -> str:
    return lienthong("minutes", site, *words, expect=code).stderr


def test_minutes_are_refused_before_anything_was_compared(site: Path) -> None:
    assert "Chưa đối soát lần nào" in refused(site, "--all", code=10)
    assert "--commune" in refused(site, code=2)
    assert not (site / "var" / "reports" / "bien_ban").exists()


@pytest.fixture(scope="module")
def written(site: Path) -> tuple[Path, list[dict[str, object]]]:
    """The folder of the minutes of everybody, and what the command said of them.

    In a process of its own: the typesetter starts threads, and a fork of a process that has some hangs.
    """
    lienthong("migrate", site, expect=1)
    said = json.loads(lienthong("minutes", site, "--all", "--json", expect=1, is_fresh=True).stdout)
    return Path(said["index"]).parent, said["minutes"]


def test_all_communes_have_minutes_and_together_they_are_the_status(
    site: Path, written: tuple[Path, list[dict[str, object]]]
) -> None:
    folder, minutes = written
    found = status(site)
    assert sum(one["kind"] == "commune" for one in minutes) == 148
    assert any(one["found"] == 0 for one in minutes)
    files = {file.name for file in folder.iterdir()}
    assert files == {"muc_luc.csv", *(f"{one['file']}{end}" for one in minutes for end in (".docx", ".pdf"))}
    assert all(one["balanced"] and one["changed_since"] == 0 for one in minutes)

    def total(term: str) -> int:
        return sum(int(str(one[term])) for one in minutes)

    assert total("found") == found["in_scope"]
    assert total("matched") == found["states"]["MATCHED"]
    assert total("quarantined") == found["states"]["QUARANTINED"]
    with (folder / "muc_luc.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert [(row["ma"], int(row["tim_thay"])) for row in listed] == [(one["code"], one["found"]) for one in minutes]


def test_both_files_of_a_commune_say_the_same(written: tuple[Path, list[dict[str, object]]]) -> None:
    folder, minutes = written
    most = max((one for one in minutes if one["kind"] == "commune"), key=lambda one: int(str(one["found"])))
    pages = pypdf.PdfReader(io.BytesIO((folder / f"{most['file']}.pdf").read_bytes())).pages
    printed = squeezed(" ".join(page.extract_text() for page in pages))
    book = docx.Document(str(folder / f"{most['file']}.docx"))
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH #1 [*THỬ*]",
        f"Phép cộng: {most['found']} = {most['matched']} + ",
        "KHÔNG CÓ GIÁ TRỊ BÀN GIAO",
    ):
        assert squeezed(words) in printed
    assert squeezed(str(most["name"])[1:]) in printed
    for paragraph in book.paragraphs:
        assert squeezed(paragraph.text) in printed
    for row in (row for table in book.tables[1:-1] for row in table.rows):
        for cell in row.cells:
            assert squeezed(cell.text) in printed


def test_writing_again_writes_the_same_and_one_commune_only_when_asked(
    site: Path, written: tuple[Path, list[dict[str, object]]]
) -> None:
    folder, minutes = written
    file = str(next(one["file"] for one in minutes if one["kind"] == "commune" and one["found"]))
    before = {end: (folder / f"{file}{end}").read_bytes() for end in (".docx", ".pdf")}
    code = file.partition("-")[0]
    lienthong("minutes", site, "--commune", code, expect=(0, 1), is_fresh=True)
    assert {end: (folder / f"{file}{end}").read_bytes() for end in before} == before
    assert len((folder / "muc_luc.csv").read_text(encoding="utf-8-sig").splitlines()) == 2
    assert "99999" in refused(site, "--commune", "99999", code=10)
    assert "không có đợt" in refused(site, "--wave", "khong-co", code=10)


def test_a_wave_has_its_own_minutes_and_what_moved_since_is_said(
    site: Path, written: tuple[Path, list[dict[str, object]]]
) -> None:
    with (site / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("waves: {mo: {title: Hồ sơ đã trả, statuses: [10]}}\n")
    change(site / "var" / "ledger.sqlite", "UPDATE entry SET changed_at = '2999-01-01' WHERE status = 10")
    done = lienthong("minutes", site, "--wave", "mo", "--json", expect=(0, 1), is_fresh=True)
    (said,) = json.loads(done.stdout)["minutes"]
    assert (said["kind"], said["file"]) == ("wave", "dot-mo")
    assert said["found"] == said["changed_since"] > 0
    book = docx.Document(str(written[0] / "dot-mo.docx"))
    text = "\n".join(paragraph.text for paragraph in book.paragraphs)
    assert "của đợt Hồ sơ đã trả" in text
    assert "Chưa đủ căn cứ để bàn giao" in text
