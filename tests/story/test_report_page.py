"""The report in a real browser: on a desk, on a telephone, with nothing fetched from outside."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.conftest import Chromium
from tests.unit.report_samples import inputs, source
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
