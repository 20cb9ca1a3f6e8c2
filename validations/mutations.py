"""The comparer's own test: seeded changes on shadow copies of real dossiers, and how many it finds and names. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from validations import mutation_parts as parts
from validations import mutation_values as values
from validations.compare import ORDER, OTHER_DOSSIER, Difference, Files, compare
from validations.mutation_equal import REWRITES, equal
from validations.mutation_places import Pair, days, instants, named, shadow
from validations.mutation_sample import own_pairs
from validations.mutation_values import Change, Damage, text

__all__ = ["KINDS", "ClassScore", "Kind", "Pair", "Score", "score"]


@dataclass(frozen=True)
class Kind:
    """A class of changes. ``held``, ``expected``: what a change of the new system's side, of ours, must be called.

    "" for both: equal by the canonical form, a difference there is a false alarm. "-": not made on that side.
    """

    code: str
    title: str
    held: str
    expected: str
    change: Change

    @property
    def is_equal(self) -> bool:
        """Whether the canonical form declares that nothing changed."""
        return not self.held


@dataclass(frozen=True)
class ClassScore:
    """How many changes of a class were made, found, and found under the right name at the right field."""

    code: str
    title: str
    made: int = 0
    found: int = 0
    named: int = 0


@dataclass(frozen=True)
class Score:
    """``equal``: pairs compared that are equal as they are or by the canonical form; ``alarms`` of them were false."""

    classes: tuple[ClassScore, ...] = ()
    equal: int = 0
    alarms: int = 0

    @property
    def made(self) -> int:
        return sum(one.made for one in self.classes)

    @property
    def found(self) -> int:
        return sum(one.found for one in self.classes)

    @property
    def named(self) -> int:
        return sum(one.named for one in self.classes)

    @property
    def is_perfect(self) -> bool:
        """Whether the comparer may be believed: everything found and named, nothing called that is not there."""
        return 0 < self.made == self.found == self.named and self.equal > 0 and not self.alarms

    @property
    def sentence(self) -> str:
        """The score in Vietnamese."""
        return (
            f"Bài tự kiểm của bộ đối soát: tìm thấy {self.found}/{self.made} lỗi gieo thử, gọi đúng tên "
            f"{self.named}/{self.made}, báo động nhầm {self.alarms}/{self.equal}."
        )

    def __add__(self, other: Score) -> Score:
        mine, theirs = ({one.code: one for one in each.classes} for each in (self, other))
        classes = []
        for code, one in {**theirs, **mine}.items():
            a, b = mine.get(code, ClassScore(code, one.title)), theirs.get(code, ClassScore(code, one.title))
            classes.append(ClassScore(code, one.title, a.made + b.made, a.found + b.found, a.named + b.named))
        return Score(tuple(classes), self.equal + other.equal, self.alarms + other.alarms)


Judge = Callable[[bytes, bytes, Files, Files], tuple[Difference, ...]]


def score(samples: Sequence[Pair], *, seed: int, rounds: int = 1, judge: Judge = compare) -> Score:
    """Damage shadow copies of these dossiers, each class ``rounds`` times on each side, and judge the judge.

    Same dossiers and seed, same score. A class that finds no place in the dossiers drawn is tried on a dossier of our
    own, which has everything.
    """
    rng = Random(seed)
    drawn = [*samples, *own_pairs()]
    equal = len(drawn)
    alarms = sum(bool(judge(pair.expected, pair.stored, pair.files, pair.files)) for pair in drawn)
    classes = []
    for kind in KINDS:
        sides = [side for side in ("held", "expected") if getattr(kind, side) != "-"]
        answers = [_one(kind, side, drawn, rng, judge) for side in sides for _ in range(rounds)]
        found = sum(is_found for is_found, _ in answers)
        if kind.is_equal:
            equal, alarms = equal + len(answers), alarms + found
        else:
            classes.append(ClassScore(kind.code, kind.title, len(answers), found, sum(named for _, named in answers)))
    return Score(tuple(classes), equal, alarms)


def _one(kind: Kind, side: str, drawn: Sequence[Pair], rng: Random, judge: Judge) -> tuple[bool, bool]:
    """One change, judged: whether anything was said, and whether rightly."""
    for attempt in range(TRIES * 4):
        at = rng.randrange(len(drawn)) if attempt < TRIES else len(drawn) - 2
        pair, other = drawn[at], drawn[(at + 1) % len(drawn)]
        ours, theirs = shadow(pair.expected, pair.files), shadow(pair.stored, pair.files)
        changed, kept = (theirs, ours) if side == "held" else (ours, theirs)
        damage = kind.change(changed, kept, other, rng)
        if damage is not None:
            said = judge(ours.encoded(), theirs.encoded(), ours.files, theirs.files)
            return bool(said), _is_named(said, getattr(kind, side), damage)
    raise AssertionError(f"no place for {kind.code} in our own dossier")


def _is_named(said: Sequence[Difference], wanted: str, damage: Damage) -> bool:
    """Whether the damage has its name at its field, and nothing is called damaged that is not."""
    within = tuple(f"{field}." for field in damage.within)
    is_said = any(found.kind == wanted and found.field == damage.field for found in said)
    return is_said and all(found.field == damage.field or found.field.startswith(within) for found in said)


TRIES: Final = 6

_BIG: Final = "7100000000000001234"
_DIGITS: Final = "025123456789"

KINDS: Final[tuple[Kind, ...]] = (
    Kind("value", "Một chữ của một nội dung", "value", "value", text(values.one_letter)),
    Kind("lookalike", "Chữ trông giống nhưng là chữ khác", "value", "value", text(values.lookalike)),
    Kind("blank", "Khoảng trắng thêm ở cuối", "value", "truncation", text(lambda t, _: f"{t} ")),
    Kind("truncation", "Nội dung bị cắt ngắn", "truncation", "value", text(values.cut, values.is_long)),
    Kind("truncation_bytes", "Nội dung bị cắt giữa một chữ có dấu", "truncation", "value",
         text(values.cut_bytes, lambda t: values.is_long(t) and values.has_marks(t))),
    Kind("question_marks", "Chữ có dấu thành dấu hỏi", "encoding", "value",
         text(values.question_marks, values.has_marks)),
    Kind("mojibake", "Chữ UTF-8 đọc nhầm bảng mã Latin", "encoding", "value",
         text(values.read_as_latin, values.has_marks)),
    Kind("marks", "Chữ mất dấu", "encoding", "value", text(values.without_marks, values.has_marks)),
    Kind("emptied", "Nội dung thành chữ rỗng", "missing", "extra", values.emptied("")),
    Kind("nulled", "Nội dung thành null", "missing", "extra", values.emptied(None)),
    Kind("dropped", "Một trường bị bỏ", "missing", "extra", values.dropped),
    Kind("default_emptied", "Chữ rỗng ở trường có giá trị ngầm định khác rỗng", "missing", "extra",
         values.default_emptied),
    Kind("object", "Cả một nhóm trường bị bỏ", "missing", "extra", values.object_lost),
    Kind("own_field", "Thêm một trường lạ", "extra", "missing", values.own_field),
    Kind("zone", "Lệch 7 giờ", "time", "time", values.value(instants, values.later(timedelta(hours=7)))),
    Kind("second", "Lệch 1 giây", "time", "time", values.value(instants, values.later(timedelta(seconds=1)))),
    Kind("false_z", "Giờ Việt Nam ghi thành giờ UTC", "time", "time", values.value(instants, values.zone_lost)),
    Kind("day", "Ngày lệch một ngày", "time", "time", values.value(days, values.next_day)),
    Kind("day_of_instant", "Giờ lệch một ngày", "time", "time",
         values.value(instants, values.later(timedelta(days=1)))),
    Kind("status", "Sai trạng thái hồ sơ", "code_list", "code_list",
         values.value(lambda body: named(body, "TrangThaiHoSo"), lambda n, _: int(n) % 10 + 1)),
    Kind("commune", "Sai mã xã, tên xã vẫn đúng", "code_list", "code_list",
         values.value(values.codes_of_communes, values.other_commune)),
    Kind("catalogue", "Đúng mã, sai danh mục", "code_list", "code_list",
         values.value(lambda body: named(body, "DanhMuc"), lambda code, _: f"{code}-khac")),
    Kind("name_of_code", "Đúng mã, sai tên", "value", "value",
         values.value(lambda body: named(body, "Ten", "TenDonVi"), lambda _, rng: f"Ten khac {rng.randrange(9)}")),
    Kind("flag", "Một dấu đúng/sai bị đảo", "value", "value", values.flag),
    Kind("number", "Một con số lệch 1", "value", "value", values.value(values.numbers, lambda n, _: n + 1)),
    Kind("unit_19_text", "Lệch 1 ở dãy 19 chữ số", "value", "value", values.both(_BIG, "7100000000000001235")),
    Kind("unit_19_number", "Lệch 1 ở số nguyên 19 chữ số", "value", "value", values.both(int(_BIG), int(_BIG) + 1)),
    Kind("rounded", "Số nguyên 19 chữ số bị làm tròn", "value", "value", values.both(int(_BIG), int(float(_BIG)))),
    Kind("zeros", "Mất số 0 ở đầu", "type", "type", values.both(_DIGITS, int(_DIGITS))),
    Kind("powers", "Dãy chữ số viết theo lũy thừa", "type", "value", values.both(_BIG, "7.1E+18")),
    Kind("element_lost", "Mất một phần tử của danh sách", "missing", "extra", parts.element_lost),
    Kind("element_added", "Thừa một phần tử", "extra", "missing", parts.element_added),
    Kind("element_twice", "Một phần tử hai lần", "extra", "missing", parts.element_twice),
    Kind("step_lost", "Mất một bước xử lý", "missing", "extra", parts.step_lost),
    Kind("steps_exchanged", "Hai bước đổi giờ cho nhau", "time", "time", parts.moments_exchanged),
    Kind("order", "Hai bước cùng giây bị đảo", ORDER, ORDER, parts.order_lost),
    Kind("keys_exchanged", "Khóa của hai hồ sơ bị tráo", OTHER_DOSSIER, OTHER_DOSSIER, parts.dossier_exchanged),
    Kind("content_exchanged", "Đúng khóa, nội dung của hồ sơ khác", OTHER_DOSSIER, OTHER_DOSSIER,
         parts.content_exchanged),
    Kind("no_json", "Câu trả lời không phải hồ sơ", "encoding", "-", parts.raw(b"<html>")),
    Kind("nothing", "Câu trả lời rỗng", "missing", "-", parts.raw(b"{}")),
    Kind("null", "Câu trả lời null", "missing", "-", parts.raw(b"null")),
    Kind("file_byte", "Một byte của tệp", "attachment", "attachment", parts.file(parts.other_byte)),
    Kind("file_size", "Cỡ tệp lệch 1 byte", "attachment", "attachment", parts.file(lambda f: (f[0], f[1] + 1))),
    Kind("file_lost", "Mất một tệp", "attachment", "attachment", parts.file(lambda _: None)),
    Kind("file_added", "Thừa một tệp", "attachment", "attachment", parts.file_added),
    *(Kind(code, title, "", "", equal(rewrite)) for code, (title, rewrite) in REWRITES.items()),
    Kind("equal_all", "Tất cả các cách viết trên cùng lúc", "", "",
         equal(*(rewrite for code, (_, rewrite) in REWRITES.items() if code != "equal_local"))),
)  # fmt: skip
