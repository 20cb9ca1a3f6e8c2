"""XML from anywhere, parsed with bounds: no DTD, no entity, no network, a bounded amount of it in memory.

What lies between two records is bounded in bytes and in marks (``<`` and ``=``), so depth, width, attributes and text
are, whatever the file does; the parser's own limits on depth and text stay on unless a shape takes files from inside.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from lxml import etree

from connectors.base import Misconfigured

PIECE: Final = 64 * 1024
PROLOG: Final = 64 * 1024
"""Bytes within which the first element must begin."""
MARKS: Final = 1_000_000
"""Most ``<`` and ``=`` in a record: some 100 bytes of memory each."""
MOST_SCHEMA_FAULTS: Final = 100
GUESSED_LINE: Final = 65_535
"""From here on the parser takes the line of an element from what stands near."""
ENCODINGS: Final = frozenset(
    {
        *("utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be"),
        *("windows-1258", "windows-1252", "iso-8859-1"),
    }
)

_DECLARATION: Final = re.compile(r"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["'][^>]*\?>""")
_SKIPPED: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ELEMENT: Final = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")
_SAID: Final = {
    4: "tệp trống",
    5: "còn nội dung sau phần tử gốc",
    9: "có ký tự không được phép trong XML",
    26: "dùng thực thể (&…;) không được khai",
    32: "bảng mã khai ở đầu tệp không đọc được",
    42: "một thuộc tính viết hai lần",
    73: "thẻ viết dở; có thể tệp bị cắt cụt",
    76: "thẻ đóng không khớp thẻ mở",
    77: "tệp bị cắt cụt: thiếu thẻ đóng",
    81: "có byte không hợp bảng mã đã khai; có thể tệp khai sai bảng mã",
    114: "phần tử lồng quá sâu hoặc quá lớn",
    201: "tiền tố không gian tên không được khai",
}


class FileBroken(Exception):
    """The file cannot be read from ``line`` on; ``said`` is Vietnamese."""

    def __init__(self, said: str, line: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.line = line


class Feed:
    """The elements of some tags in one file, each as soon as it is whole."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        tags: Sequence[str],
        *,
        record_bytes: int,
        is_huge: bool,
        schema: etree.XMLSchema | None = None,
    ) -> None:
        self._read = read
        self._record_bytes = record_bytes
        self._parser: Any = etree.XMLPullParser(
            events=("end",),
            tag=tags,
            schema=schema,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=is_huge,
            remove_comments=True,
            remove_pis=True,
        )
        self._has_schema = schema is not None
        self.schema_faults: list[tuple[int, str]] = []  # (line, name of element), in the order met
        self.root: Any = None
        self._first_line = self._last_line = 1  # between which the record at hand lies
        self._piece_line = self._fed_line = 1
        self._size = self._marks = 0  # since the last record

    def elements(self) -> Iterator[Any]:
        """Each element at its end; what is not taken out of the tree stays in memory. Raises FileBroken."""
        piece = self._head()
        while piece:
            self._size += len(piece)
            self._marks += piece.count(b"<") + piece.count(b"=")
            if self._size > self._record_bytes + PIECE:
                raise FileBroken(f"một bản ghi (hay phần nằm giữa hai bản ghi) lớn hơn {self._record_bytes >> 20} MB")
            if self._marks > MARKS:
                raise FileBroken("một bản ghi (hay phần nằm giữa hai bản ghi) có quá nhiều phần tử, thuộc tính")
            self._feed(piece)
            self._piece_line, self._last_line = self._last_line, self._last_line + piece.count(b"\n")
            for _, element in self._parser.read_events():
                yield element
            piece = self._read(PIECE)
        self.root = self._call(self._parser.close)

    def passed(self) -> None:
        """The element at hand was a record and is out of the tree: the bounds begin anew behind it."""
        self._size = self._marks = 0
        self._first_line = self._piece_line

    def line_of(self, element: Any) -> int:
        """The line where an element begins; where the parser only guesses, one before it, as near as the pieces are."""
        line = int(element.sourceline or 0)
        is_sure = self._last_line < GUESSED_LINE or GUESSED_LINE <= line <= self._last_line
        return line if is_sure else self._first_line

    def _feed(self, piece: bytes) -> None:
        if not self._has_schema:
            self._call(self._parser.feed, piece)
            return
        # a schema's faults come without their line: what is fed line by line tells it
        for number, line in enumerate(io.BytesIO(piece), self._last_line):
            self._fed_line = number
            self._call(self._parser.feed, line)
            self._look_at_schema()

    def _head(self) -> bytes:
        head = b""
        while len(head) < PROLOG and (piece := self._read(PROLOG - len(head))):
            head += piece
        check_prolog(head)
        return head

    def _call(self, step: Callable[..., Any], *given: bytes) -> Any:
        try:
            return step(*given)
        except etree.XMLSyntaxError as error:
            code = int(getattr(error, "code", 0) or 0)
            if self._has_schema and 1700 <= code < 1900:
                self._look_at_schema()
                return None
            # some faults silence the parser and are told only by its log
            fatal = [entry for entry in self._parser.feed_error_log if entry.level_name == "FATAL"]
            code, line = (fatal[0].type, fatal[0].line) if code == 1 and fatal else (code, error.lineno or 0)
            raise FileBroken(_SAID.get(code, f"XML viết sai (mã {code})"), line) from None

    def _look_at_schema(self) -> None:
        if not self._has_schema:
            return
        for entry in list(self._parser.feed_error_log)[len(self.schema_faults) :]:
            found = _ELEMENT.match(entry.message)
            self.schema_faults.append((self._fed_line, found[1] if found else ""))
        if len(self.schema_faults) >= MOST_SCHEMA_FAULTS:
            raise FileBroken(f"có từ {MOST_SCHEMA_FAULTS} chỗ không đúng lược đồ XSD; xem lại tệp hoặc xsd")


def check_prolog(head: bytes) -> None:
    """Refuse what must not reach the parser: a DTD, an encoding that hides one, what is no XML. Raises FileBroken."""
    text, is_wide = _as_text(head)
    declared = _DECLARATION.match(text)
    encoding = declared[1].lower() if declared else ""
    if declared and encoding not in ENCODINGS:
        raise FileBroken("bảng mã khai ở đầu tệp không được dùng", 1)
    if encoding and encoding.startswith("utf-16") != is_wide:
        raise FileBroken("bảng mã khai ở đầu tệp không phải bảng mã của tệp", 1)
    at = 0
    while skipped := _SKIPPED.match(text, at):
        at = skipped.end()
    line = text.count("\n", 0, at) + 1
    if not text.strip():
        raise FileBroken("tệp trống", 1)
    if text.startswith("<!", at) and not text.startswith("<!--", at):
        raise FileBroken("có DTD (<!DOCTYPE); tệp có DTD hay thực thể không được đọc", line)
    if not re.match(r"<[^\W\d]", text[at : at + 2]):
        raise FileBroken("không phải XML, hoặc phần đầu tệp quá dài", line)


def _as_text(head: bytes) -> tuple[str, bool]:
    """The head as the parser will see its ASCII, and whether it is UTF-16."""
    if head.startswith((b"\xff\xfe", b"<\0")):
        return head.decode("utf-16-le", "replace").removeprefix("\ufeff"), True
    if head.startswith((b"\xfe\xff", b"\0<")):
        return head.decode("utf-16-be", "replace").removeprefix("\ufeff"), True
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), False


def read_schema(content: bytes, name: str) -> etree.XMLSchema:
    """An XSD that stands on its own. Raises Misconfigured."""
    try:
        check_prolog(content[:PROLOG])
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
        tree = etree.fromstring(content, parser)
        for element in tree.iter("{http://www.w3.org/2001/XMLSchema}*"):
            if element.get("schemaLocation") is not None:
                # libxml2 would fetch it by itself, from wherever it points to
                raise Misconfigured(f"{name}: XSD gọi tệp khác (schemaLocation). Gộp các lược đồ vào một tệp.")
        return etree.XMLSchema(tree)
    except FileBroken as broken:
        raise Misconfigured(f"{name}: {broken.said}.") from None
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError):
        raise Misconfigured(f"{name}: không phải lược đồ XSD dùng được.") from None
