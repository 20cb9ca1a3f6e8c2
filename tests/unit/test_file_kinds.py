"""Names that every file system takes, and files that are not what their names say."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.file_kinds import clean_name, unlike


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("Tờ khai.pdf", "Tờ khai.pdf"),
        (unicodedata.normalize("NFD", "Tờ khai.pdf"), "Tờ khai.pdf"),
        ("C:\\Users\\canbo\\Đơn xin.docx", "Đơn xin.docx"),
        ("../../etc/passwd", "passwd"),
        ("a<b>:c?.pdf", "a_b__c_.pdf"),
        ("hóa\u202egnp.exe\x00\n.pdf", "hóagnp.exe.pdf"),
        ("  bản   sao.pdf. ", "bản sao.pdf"),
        ("con.pdf", "_con.pdf"),
        ("Nguyễn " * 60 + ".pdf", None),
        ("...", "tep"),
        ("", "tep"),
    ],
)
def test_a_name_becomes_one_that_any_file_system_takes(written: str, cleaned: str | None) -> None:
    found = clean_name(written)
    if cleaned is not None:
        assert found == cleaned
    assert len(found.encode()) <= 200
    assert not written.endswith(".pdf") or found.endswith(".pdf")


@given(st.text(max_size=400))
def test_a_clean_name_is_clean_and_stays_so(written: str) -> None:
    found = clean_name(written)
    assert found
    assert not set(found) & set('/\\<>:"|?*\0\n')
    assert len(found.encode()) <= 210
    assert clean_name(found) == found


PDF, JPG, PNG = b"%PDF-1.4\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"\x89PNG\r\n\x1a\n\x00"
DOCX, DOC = b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "head", "said"),
    [
        ("a.pdf", PDF, ""),
        ("a.PDF", b"\xef\xbb\xbf  " + PDF, ""),
        ("ảnh.jpeg", JPG, ""),
        ("a.docx", DOCX, ""),
        ("a.doc", DOC, ""),
        ("a.txt", PDF, ""),
        ("không đuôi", PDF, ""),
        ("a.pdf", b"", ""),
        ("a.pdf", JPG, "pdf: jpg"),
        ("a.pdf", b"MZ\x90\x00", "pdf: exe"),
        ("a.jpg", PNG, "jpg: png"),
        ("a.pdf", b"\x00" * 64, "pdf: ?"),
        ("a.docx", b"khong la gi ca", "docx: ?"),
    ],
)
def test_a_file_that_is_not_what_its_extension_says_is_told(name: str, head: bytes, said: str) -> None:
    assert unlike(name, head.ljust(64, b" ") if head else head) == said
