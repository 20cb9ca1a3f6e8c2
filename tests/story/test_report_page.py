"""The report in a real browser: on a desk, on a telephone, with nothing fetched from outside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Chromium
from tests.story.page import open_page
from tests.unit.report_samples import inputs, source
from validations.lookup import Found, lookup_page
from validations.report import build_report, to_html, validation_html

PAGES = {"report": to_html, "rules": validation_html}
MEASURE = """<!DOCTYPE html><iframe id="page" style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>
<p id="found"></p><script>
const page = document.getElementById("page");
page.onload = () => {{
  const inside = page.contentDocument, root = inside.documentElement;
  const fetched = page.contentWindow.performance.getEntriesByType("resource");
  const clipped = [...inside.querySelectorAll("p, dd, h1, h2, li")].filter(e => e.scrollWidth > e.clientWidth + 1);
  document.getElementById("found").textContent =
    `beyond=${{root.scrollWidth - root.clientWidth}} clipped=${{clipped.length}} fetched=${{fetched.length}}`;
}};
</script>"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits_its_window_and_fetches_nothing(
    chromium: Chromium, tmp_path: Path, name: str, width: int
) -> None:
    page = PAGES[name](build_report(inputs(source("phutho_cu"), source("vinhphuc_cu"))))
    frame = tmp_path / "frame.html"
    frame.write_text(MEASURE.format(width=width, page=html.escape(page)), encoding="utf-8")
    found = re.search(r"beyond=(\d+) clipped=(\d+) fetched=(\d+)", chromium.dump_dom(frame))
    assert found is not None, "the page did not load"
    assert [int(number) for number in found.groups()] == [0, 0, 0]


def test_the_report_can_be_looked_at(chromium: Chromium, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(to_html(build_report(inputs())), encoding="utf-8")
    picture = chromium.screenshot(page, 1280, 2400).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 50_000, "an empty page"


def many(dossiers: int) -> Iterator[Found]:
    """Dossiers of which one has three codes, one has none, and one a unit that would be markup."""
    for n in range(dossiers):
        yield Found((f"H44.{n:06}",), f"M-{n:06}", str(1000 + n), "cu", "Xã Một", "MATCHED")
    yield Found(("000.00.08.H28-230412-0001", "cũ/đ7", "H28.77"), "M-900001", "7", "cu", "Xã Hai", "DIFFERENT")
    yield Found((), "", "8", "cu", "<b>Xã</b> & Ba", "QUARANTINED")


def test_a_dossier_is_found_by_each_of_its_numbers_without_a_network(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "tra_cuu.html"
    file.write_bytes(b"".join(lookup_page("thu", "2025-08-01T00:00:00+00:00", many(60_000))))
    with open_page(chromium) as page:
        page.open(file.as_uri())
        page.wait_for("Gõ từ 3 ký tự của mã.")
        for wanted in ("000.00.08.h28-230412-0001", "CŨ/Đ7", "h28.77", " M-900001 "):
            page.fill("#code", "không có")
            page.wait_for("Không tìm thấy mã này")
            page.fill("#code", wanted)
            shown = page.wait_for("Tìm thấy 1 hồ sơ.")
            assert "Xã Hai" in shown
            assert "Khác biệt" in shown
            assert "cu, 7" in shown
        page.fill("#code", "H44.0000")
        page.wait_for("Nhiều hơn 30 hồ sơ")
        page.fill("#code", "h44.059999")
        assert "M-059999" in page.wait_for("Tìm thấy 1 hồ sơ.")
        page.screenshot(tmp_path / "found.png")
        assert page.asked == [file.as_uri()]


def test_what_a_name_holds_is_words_in_the_look_up_not_markup(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "tra_cuu.html"
    rows = [Found(("</script><b>A1",), "", "888", "cu", "<b>Xã</b> & Ba", "QUARANTINED")]
    file.write_bytes(b"".join(lookup_page("<i>thu</i>", "2025-08-01T00:00:00+00:00", rows)))
    with open_page(chromium) as page:
        page.open(file.as_uri())
        page.wait_for("Gõ từ 3 ký tự")
        page.fill("#code", "888")
        shown = page.wait_for("Tìm thấy 1 hồ sơ.")
    assert "</script><b>A1" in shown
    assert "<b>Xã</b> & Ba" in shown
    assert "<i>thu</i>" in shown
