"""Shapes drafted of XML that nobody has declared."""

from __future__ import annotations

import io
from typing import Any

import pytest

from connectors._xml_guard import FileBroken
from connectors._xml_survey import BYTES, Survey
from flows.scan_files import elements_of
from mappings.shapes import XmlReading
from mappings.xml_draft import draft_xml


def drafted(*files: str) -> dict[str, Any]:
    """``reading.xml`` as drafted of these files."""
    survey = Survey()
    for file in files:
        survey.read(io.BytesIO(file.encode()).read)
    said = draft_xml(elements_of(survey))
    XmlReading.model_validate(said)
    return said


def test_the_record_is_what_has_the_most_of_its_own_and_what_stands_around_it_comes_along() -> None:
    said = drafted(
        '<so nam="2025"><donVi ma="A"><hoSo ma="1"><ten>x</ten><ngay>2025-01-02T00:00:00</ngay></hoSo>'
        '<hoSo ma="2"><ten>y</ten><ngay>2025-01-02T00:00:00</ngay></hoSo></donVi><donVi ma="B"/></so>'
    )
    assert said["tables"] == {
        "hoso": {
            "record": "/so/donVi/hoSo",
            "key": "hoso_ma",
            "columns": {
                "hoso_ma": "@ma",
                "ten": "ten",
                "ngay": {"path": "ngay", "as": "moment"},
                "donVi_ma": "/so/donVi/@ma",
                "so_nam": "/so/@nam",
            },
        }
    }


def test_a_file_of_one_dossier_is_its_record_and_what_repeats_inside_hangs_on_it() -> None:
    one = '<p:hs xmlns:p="urn:a" xmlns="urn:b"><p:so>{0}</p:so><p:ten>x</p:ten><tep><loai>1</loai></tep>{1}</p:hs>'
    said = drafted(one.format(1, ""), one.format(2, "<tep><loai>2</loai></tep>"))
    (hs, tep) = said["tables"].values()
    prefixes = {uri: prefix for prefix, uri in said["namespaces"].items()}
    assert set(prefixes) == {"urn:a", "urn:b"}
    assert hs["record"].endswith("hs")
    assert hs["record"].startswith("/")
    assert hs["key"] == "hs_so"
    assert (tep["parent"], len(tep["columns"])) == ("hs", 1)


def test_words_with_marks_inside_stay_together_and_a_word_that_repeats_is_one_cell() -> None:
    row = '<r i="{0}"><a>một <b>hai</b> ba</a><c>1</c><c>2</c></r>'
    (table,) = drafted("<x>" + row.format(1) + row.format(2) + "</x>")["tables"].values()
    assert table["columns"]["a"] == {"path": "a", "as": "mixed"}
    assert table["columns"]["c"] == {"path": "c", "join": "; "}


def test_what_repeats_inside_a_part_without_a_key_is_left_open_by_name() -> None:
    step = "<buoc><viec>a</viec><tep><n>1</n></tep><tep><n>1</n></tep></buoc>"
    row = f'<r i="{{0}}"><a>1</a><b>2</b><c>3</c>{step}{step}</r>'
    said = drafted("<x>" + row.format(1) + row.format(2) + "</x>")["tables"]
    assert set(said) == {"r", "buoc"}
    assert "CHƯA CHỐT" in said["buoc"]["ignore"]["tep"]


def test_a_long_file_is_looked_at_from_its_beginning_only_and_a_hostile_one_not_at_all() -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            head = b"<x>" if not self.given else b""
            self.given += size
            row = b"<r><a>" + b"1" * (size // 8 - 14) + b"</a></r>"
            return head + row * 8

    endless, survey = Endless(), Survey()
    survey.read(endless.read)
    assert BYTES <= endless.given < 2 * BYTES
    for hostile in ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "không", "<x><y></x>", "<x"):
        with pytest.raises(FileBroken):
            Survey().read(io.BytesIO(hostile.encode()).read)
