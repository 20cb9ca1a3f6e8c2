"""The comparer against seeded changes: all found, all named, no false alarm; and a judge that is blind is caught."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mappings.model import encode
from tests.unit.dossiers import at, clean_dossier
from validations import mutations
from validations.canonical import canonical
from validations.compare import Difference, Files, compare
from validations.mutations import KINDS, Pair, Score, score

GOLDEN = Path(__file__).parents[1] / "profiles"
NAMES = ("Đặng Thị Ngọc Ánh", "NGUYỄN VĂN QUÝ", "Y Bhĩu Niê", "Công ty TNHH Đất Việt & Con", "Lê O’Hara", "Vũ Ỷ Lan")


def pairs() -> list[Pair]:
    """Golden dossiers of every shipped profile and 240 of our own, as a target may write them back."""
    found = []
    for file in sorted(GOLDEN.glob("*_golden.json")):
        for one in json.loads(file.read_text(encoding="utf-8")).values():
            if one["dossier"]:
                found.append(json.dumps(one["dossier"], ensure_ascii=False).encode())
    for number in range(240):
        _, dossier = clean_dossier(
            number, applicant__name=NAMES[number % 6], filed_at=at(1 + number % 28, number % 24), status=1 + number % 10
        )
        found.append(encode(dossier))
    files = [{f"{n}/tep-{m}.pdf": (f"{n:064x}", 10 + m) for m in range(n % 3)} for n in range(len(found))]
    return [
        Pair(body, json.dumps(json.loads(body), sort_keys=True).encode(), its)
        for body, its in zip(found, files, strict=True)
    ]


def told(found: Score) -> list[tuple[str, int, int, int]]:
    return [(c.code, c.made, c.found, c.named) for c in found.classes if not c.made == c.found == c.named]


def test_every_seeded_change_is_found_and_named_and_nothing_else_is() -> None:
    drawn = pairs()
    found = score(drawn, seed=7, rounds=25)
    print(f"{len(drawn)} dossiers: {found.made} changes, {found.found} found, {found.named} named; "
          f"{found.equal} equal pairs, {found.alarms} false alarms")  # fmt: skip
    assert found.made >= 2000
    assert told(found) == []
    assert found.alarms == 0
    assert found.is_perfect


def test_every_class_is_made_on_both_sides_even_when_there_is_no_dossier() -> None:
    found = score([], seed=1, rounds=1)
    assert found.is_perfect
    sides = {kind.code: (kind.held != "-") + (kind.expected != "-") for kind in KINDS if not kind.is_equal}
    assert {c.code: c.made for c in found.classes} == sides


def test_the_same_dossiers_and_seed_give_the_same_score() -> None:
    drawn, seen = pairs()[:20], []

    def watched(*sides: Any) -> tuple[Difference, ...]:
        seen.append(sides)
        return compare(*sides)

    score(drawn, seed=3, judge=watched)
    once = list(seen)
    seen.clear()
    score(drawn, seed=3, judge=watched)
    assert seen == once


def blind(expected: bytes, stored: bytes, files: Files, held: Files) -> tuple[Difference, ...]:
    return ()


def blunt(expected: bytes, stored: bytes, files: Files, held: Files) -> tuple[Difference, ...]:
    return tuple(Difference(one.field, "value", one.old, one.new) for one in compare(expected, stored, files, held))


def literal(expected: bytes, stored: bytes, files: Files, held: Files) -> tuple[Difference, ...]:
    return compare(expected, stored, files, held) or ((Difference("", "value", "", ""),) if expected != stored else ())


@pytest.mark.parametrize(("judge", "is_blind", "is_blunt", "cries"), [
    (blind, True, True, False), (blunt, False, True, False), (literal, False, False, True)
])  # fmt: skip
def test_a_comparer_that_fails_its_test_is_caught(judge: Any, is_blind: bool, is_blunt: bool, cries: bool) -> None:
    found = score(pairs()[:30], seed=5, judge=judge)
    assert not found.is_perfect
    assert (found.found < found.made, found.named < found.made, found.alarms > 0) == (is_blind, is_blunt, cries)


@pytest.mark.parametrize("lost", ["NgayHenTra", "TienTrinh", "TepDinhKem", "ThongTinKhac"])
def test_a_comparer_that_overlooks_one_part_is_caught(lost: str) -> None:
    def careless(*sides: Any) -> tuple[Difference, ...]:
        return tuple(one for one in compare(*sides) if not one.field.startswith(lost))

    assert not score(pairs(), seed=2, rounds=5, judge=careless).is_perfect


def test_nothing_that_was_handed_in_is_changed() -> None:
    drawn = pairs()[:10]
    before = [(pair.expected, pair.stored, dict(pair.files)) for pair in drawn]
    score(drawn, seed=1)
    assert [(pair.expected, pair.stored, dict(pair.files)) for pair in drawn] == before


def test_scores_add_up_class_by_class() -> None:
    one, two = score([], seed=1), score(pairs()[:5], seed=2)
    both = one + two
    assert (both.made, both.named, both.equal) == (one.made + two.made, one.named + two.named, one.equal + two.equal)
    assert [c.code for c in both.classes] == [c.code for c in one.classes]


def test_the_classes_have_codes_of_their_own_that_fit_the_ledger() -> None:
    codes = [kind.code for kind in mutations.KINDS]
    assert len(set(codes)) == len(codes)
    assert max(len(f"selftest_{code}_found") for code in codes) <= 60


def test_our_own_dossiers_have_something_at_every_kind_of_place() -> None:
    flat = canonical(mutations.own_pairs()[0].expected)
    assert {path.partition("[")[0] for path in flat if "[" in path} >= {"TaiLieuNop", "TienTrinh", "DanhSachLePhi"}
