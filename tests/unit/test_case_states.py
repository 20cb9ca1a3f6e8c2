"""The map of open dossiers: read strictly, the most specific row, no default; drafts leave approved rows be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mappings.case_drafts import Seen, Suggestion, draft_rows, read_suggestions
from mappings.case_states import (
    COLUMNS,
    Case,
    CaseRow,
    case_states_csv,
    compile_case_states,
    read_case_states,
    usable,
)
from mappings.model import OPEN_STATUSES
from mappings.profile import ProfileError
from tests.profiles.opencps import SWEEP, action, codes, dossier_of, make_mapper, row

CASE = Case("QT-1", "1.001193", "200", "processing_1", "", "processing", "", 4)
GO = CaseRow(
    step="200", action="migrate", new_step="PHAN_CONG", target_status="4", equivalence="equal", owner="VP",
    status="approved",
)  # fmt: skip


def written(folder: Path, *rows: CaseRow) -> Path:
    file = folder / "case_states.csv"
    file.write_text(case_states_csv(rows), encoding="utf-8")
    return file


# ---------------------------------------------------------------- reading


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    rows = [GO, replace(GO, step="300", new_step="", action="park", equivalence="none", note="Chờ, có dấu phẩy")]
    assert [row for _, row in read_case_states(written(tmp_path, *rows))] == rows
    assert read_case_states(tmp_path / "không-có.csv") == []


@pytest.mark.parametrize(("faulty", "said"), [
    (replace(GO, action="close"), "action"),
    (replace(GO, equivalence="same"), "equivalence"),
    (replace(GO, status="final"), "status"),
    (replace(GO, owner=""), "owner"),
    (replace(GO, equivalence=""), "equivalence"),
    (replace(GO, equivalence="none"), "none"),
    (replace(GO, new_step=""), "new_step"),
    (replace(GO, target_status=""), "target_status"),
    (replace(GO, target_status="10"), "target_status"),
    (replace(GO, step=""), "mặc định"),
    (replace(GO, action="drain", equivalence="none"), "chỉ đi với migrate"),
    (replace(GO, action="park", new_step="", equivalence="wider"), "none"),
    (replace(GO, new_step="Phân công"), "mã"),
    (replace(GO, dossiers="nhiều"), "dossiers"),
])  # fmt: skip
def test_a_faulty_row_is_refused_with_its_line(tmp_path: Path, faulty: CaseRow, said: str) -> None:
    with pytest.raises(ProfileError, match=said) as error:
        read_case_states(written(tmp_path, replace(GO, step="100"), faulty))
    assert error.value.line == 3


def test_a_case_said_twice_or_in_two_ways_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="dòng 2"):
        read_case_states(written(tmp_path, GO, replace(GO, new_step="THAM_DINH")))
    left = CaseRow(step="200", action="park", equivalence="none", owner="VP", status="approved")
    with pytest.raises(ProfileError, match="mâu thuẫn với dòng 2"):
        read_case_states(written(tmp_path, GO, left))


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "case_states.csv"
    file.write_text(",".join(COLUMNS[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(ProfileError, match="đúng các cột"):
        read_case_states(file)


# ---------------------------------------------------------------- choosing


def chosen(*rows: CaseRow, case: Case = CASE) -> str:
    verdict = compile_case_states(rows).choose(case)
    return verdict.issue or (verdict.row.new_step if verdict.row else "")


def test_the_most_specific_row_wins_in_the_declared_order() -> None:
    rows = [GO]
    for step, named in (
        ("A", {"old_status": "processing"}),
        ("B", {"sub_status": "processing_1"}),
        ("C", {"process": "1.001193"}),
        ("D", {"process": "QT-1"}),
        ("E", {"process": "QT-1", "sub_status": "processing_1"}),
    ):
        rows.append(replace(GO, new_step=step, **named))
        assert chosen(*rows) == chosen(*reversed(rows)) == step
    assert chosen(*rows, case=replace(CASE, process="QT-2", procedure="2.000815")) == "B"


def test_a_case_that_no_row_names_has_no_default() -> None:
    assert chosen() == chosen(GO, case=replace(CASE, step="905")) == "case_state_unmapped"


def test_an_open_request_is_never_overlooked() -> None:
    asked = replace(CASE, request="cancelling")
    assert chosen(GO, case=asked) == "case_state_unmapped"
    parked = CaseRow(step="200", request="cancelling", action="park", equivalence="none")
    assert chosen(GO, parked, case=asked) == "case_state_parked"
    assert chosen(GO, parked) == "PHAN_CONG"


def test_the_map_never_overrides_the_status() -> None:
    assert chosen(GO, case=replace(CASE, status=5)) == "case_state_contradicts"
    two = replace(GO, target_status="5", new_step="CHO_BO_SUNG")
    assert chosen(GO, two, case=replace(CASE, status=5)) == "CHO_BO_SUNG"


def test_a_dash_means_that_there_is_nothing() -> None:
    none = replace(GO, sub_status="-", new_step="THAM_DINH")
    assert chosen(GO, none, case=replace(CASE, sub_status="")) == "THAM_DINH"
    assert chosen(GO, none) == "PHAN_CONG"


def test_drafts_count_in_a_rehearsal_only_and_rejected_rows_never() -> None:
    rows = [GO, replace(GO, step="1", status="draft"), replace(GO, step="2", status="rejected")]
    unsaid = CaseRow(step="3")
    assert usable([*rows, unsaid], is_rehearsal=True) == rows[:2]
    assert usable([*rows, unsaid], is_rehearsal=False) == rows[:1]


# ---------------------------------------------------------------- mapping


def test_a_mapped_dossier_carries_its_step_its_role_and_the_row_that_chose_them() -> None:
    go = replace(GO, new_role="LANH_DAO_PHONG", sub_status="processing_1")
    mapper = make_mapper(cases=[go])
    found = mapper.map("101", row(), {"actions": [action(12, "200", "2025-06-02 02:00:00")]}, SWEEP)
    dossier = dossier_of(found)
    assert found.issues == ()
    assert (dossier.next_step, dossier.next_role, dossier.case_rule) == (
        "PHAN_CONG", "LANH_DAO_PHONG", "*/200/processing_1",
    )  # fmt: skip


def test_only_open_dossiers_are_asked() -> None:
    mapper = make_mapper(cases=[])
    closed = mapper.map("101", row(dossierStatus="done", dossierSubStatus="done_all"), {}, SWEEP)
    assert codes(closed) == set()
    assert dossier_of(closed).next_step == ""
    opened = mapper.map("101", row(), {"actions": [action(12, "200", "2025-06-02 02:00:00")]}, SWEEP)
    assert [(issue.code, issue.about) for issue in opened.issues] == [
        ("case_state_unmapped", "1.001193/200/processing_1")
    ]


def test_a_drained_dossier_is_left_out_by_that_rule() -> None:
    drain = CaseRow(step="-", old_status="processing", action="drain", equivalence="none")
    found = make_mapper(cases=[drain]).map("101", row(), {}, SWEEP)
    assert found.exclusion is not None
    assert found.exclusion.rule == "drained"


def test_a_row_of_an_old_role_asks_who_was_assigned() -> None:
    rows = [GO, replace(GO, role="20124", new_step="TRINH_KY")]
    mapper = make_mapper(cases=rows)
    children = {
        "actions": [action(12, "200", "2025-06-02 02:00:00")],
        "action_users": [{"dossierActionId": 12, "userId": 7, "assigned": 1, "roleId": 20124}],
    }
    assert dossier_of(mapper.map("101", row(), children, SWEEP)).next_step == "TRINH_KY"


def test_the_version_covers_usable_rows_and_nothing_else_of_the_map() -> None:
    one = make_mapper(cases=[GO], is_rehearsal=False).version
    assert make_mapper(cases=[replace(GO, note="khác", dossiers="9")], is_rehearsal=False).version == one
    assert make_mapper(cases=[replace(GO, new_step="THAM_DINH")], is_rehearsal=False).version != one


# ---------------------------------------------------------------- drafting


def seen(n: int, name: str = "Chuyên viên xử lý", *, is_known: bool = True, **changes: object) -> Seen:
    return Seen(replace(CASE, **changes), name, is_known, n)  # type: ignore[arg-type]


def drafts(*cases: Seen, known: tuple[CaseRow, ...] = ()) -> list[CaseRow]:
    return draft_rows(cases, known, read_suggestions(None))


def test_cases_that_differ_in_their_process_only_are_one_row() -> None:
    (row,) = drafts(seen(3), seen(4, process="QT-2"))
    assert (row.process, row.step, row.dossiers, row.status) == ("", "200", "7", "draft")
    assert (row.action, row.new_step, row.equivalence) == ("migrate", "THAM_DINH", "wider")


def test_a_process_whose_step_says_another_thing_keeps_a_row_of_its_own() -> None:
    rows = drafts(seen(3), seen(4, "Chờ lãnh đạo phê duyệt", process="QT-2"))
    assert [(row.process, row.new_step) for row in rows] == [("QT-2", "TRINH_KY"), ("QT-1", "THAM_DINH")]


def test_an_unknown_step_is_drafted_without_a_suggestion_and_a_request_parks() -> None:
    (unknown,) = drafts(seen(1, is_known=False))
    assert (unknown.action, unknown.new_step) == ("", "")
    (asked,) = drafts(seen(1, request="cancelling"))
    assert (asked.action, asked.equivalence) == ("park", "none")
    (silent,) = drafts(seen(1, "Bước 7"))
    assert silent.action == ""


def test_a_draft_names_only_what_no_row_names_yet() -> None:
    known = (replace(GO, step="100"), replace(GO, step="300", status="rejected"))
    rows = drafts(seen(2, step="100"), seen(2, step="300"), seen(5), known=known)
    assert [row.step for row in rows] == ["200"]
    assert drafts(seen(2, step="100"), seen(5), known=(*known, *rows)) == []


def test_every_draft_can_be_read_again_and_most_dossiers_come_first(tmp_path: Path) -> None:
    rows = drafts(
        seen(1, status=1, old_status="new", sub_status=""), seen(9), seen(2, request="correcting"),
        seen(3, is_known=False, step="905"), seen(0, step="210"), seen(4, "Trả", status=9, old_status="releasing"),
    )  # fmt: skip
    assert [int(row.dossiers) for row in rows] == sorted((int(row.dossiers) for row in rows), reverse=True)
    assert [row for _, row in read_case_states(written(tmp_path, *rows))] == rows


def test_every_open_status_but_the_general_one_always_has_a_suggestion() -> None:
    whole = {each.target_status for each in read_suggestions(None) if not each.words}
    assert whole == OPEN_STATUSES - {4}
    assert all(isinstance(each, Suggestion) for each in read_suggestions(None))
