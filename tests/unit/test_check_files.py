"""What check says of files that could not be read."""

from __future__ import annotations

from connectors.base import Broken
from flows.check import SHOWN_BROKEN, broken_findings


def test_every_broken_part_is_refused_by_name_up_to_a_number() -> None:
    broken = [Broken(f"a.xml:{n}", "bản ghi không có khóa", "", f"a.xml#{n:012}") for n in range(1, SHOWN_BROKEN + 4)]
    found = list(broken_findings("nguồn cu", broken))
    assert [finding.is_refusal for finding in found] == [True] * (SHOWN_BROKEN + 1)
    assert found[0].place == "nguồn cu, a.xml:1"
    assert 'accept_broken: {"a.xml#000000000001": lý do}' in found[0].remedy
    assert "Còn 3 chỗ" in found[-1].message


def test_a_place_left_out_by_its_line_is_refused_with_the_new_form() -> None:
    (found,) = broken_findings("nguồn cu", [Broken("a.xml:3", "hỏng", "", "a.xml#0123456789ab", is_stale=True)])
    assert found.is_refusal
    assert "dạng cũ" in found.message
    assert 'accept_broken: {"a.xml#0123456789ab": lý do}' in found.remedy


def test_what_the_site_leaves_out_is_counted_not_refused() -> None:
    broken = [Broken("a.xml:1", "hỏng", "đã chép tay"), Broken("b.xml", "hỏng", "tệp thử")]
    (found,) = broken_findings("nguồn cu", broken)
    assert (found.is_refusal, found.message[:5]) == (False, "2 chỗ")
    assert list(broken_findings("nguồn cu", [])) == []
