"""What the figures mean, in Vietnamese: the verdict, what is left to do, what was not checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mappings import glossary
from validations.compare import BY_DESIGN
from validations.differences import is_whole
from validations.proof_words import UNTRIED, differing_totals, sums_differ, unproven
from validations.remedies import look_up
from validations.report_data import DifferenceFigure, Figures, NextStep, NotChecked, Verdict
from validations.report_inputs import ReportInputs, SourceInputs

MATCHED: Final = "MATCHED"
DIFFERENT: Final = "DIFFERENT"
QUARANTINED: Final = "QUARANTINED"
VANISHED: Final = "VANISHED"
SHOWN_UNREAD: Final = 10
ROLLED_BACK: Final = "ROLLED_BACK"
ON_THE_WAY: Final = ("EXTRACTED", "MAPPED", "VALID", "PUSHED")

STATES: Final[Mapping[str, str]] = {
    MATCHED: "Khớp",
    DIFFERENT: "Khác biệt",
    QUARANTINED: "Cách ly, chờ xử lý",
    "EXTRACTED": "Đã trích xuất, chưa chuyển đổi",
    "MAPPED": "Đã chuyển đổi, chưa kiểm tra",
    "VALID": "Hợp lệ, chưa đẩy",
    "PUSHED": "Đã đẩy, chưa đối soát",
    VANISHED: "Không còn ở hệ thống cũ",
    ROLLED_BACK: "Đã rút lại",
}
"""State → its name, in the order of the report."""

STATUSES: Final = glossary.STATUSES

ENTITIES: Final[Mapping[str, str]] = {
    "dossier": "hồ sơ",
    "papers": "thành phần hồ sơ",
    "results": "giấy tờ kết quả",
    "steps": "bước xử lý",
    "fees": "phí, lệ phí",
    "supplements": "lần bổ sung",
    "pauses": "lần tạm dừng",
    "requests": "yêu cầu của công dân",
    "documents": "phiếu",
    "links": "liên kết",
}

SEVERITIES: Final[Mapping[str, str]] = {"error": "Lỗi", "warning": "Cảnh báo", "info": "Ghi nhận"}


def number(value: int) -> str:
    """12345 → 12.345, as Vietnamese write it."""
    return f"{value:,}".replace(",", ".")


def excluded_note(rule: str) -> str:
    """What follows for dossiers that a scope rule leaves out."""
    return look_up(rule, "excluded").remedy


# ---------------------------------------------------------------- the verdict


def verdict(total: Figures, inputs: ReportInputs) -> Verdict:
    """One sentence that answers: is everything over there, and is it the same?"""
    found = _verdict(total, inputs)
    lost = [f"{LOST_WORDS.get(d.field, d.field)} ({number(d.dossiers)} hồ sơ)" for d in known_losses(total)]
    if not lost or found.kind in ("empty", "unbalanced", "unproven"):
        return found
    said = f"Hệ thống mới không giữ được, đã khai trước khi chạy và không tính là khác biệt: {', '.join(lost)}."
    return Verdict(found.kind, found.sentence, f"{found.explanation} {said}")


def known_losses(total: Figures) -> list[DifferenceFigure]:
    """Differences that the target's profile declares."""
    return [found for found in total.differences if found.kind == BY_DESIGN]


LOST_WORDS: Final = {"TepDinhKem[]": "nội dung tệp đính kèm"}


def _verdict(total: Figures, inputs: ReportInputs) -> Verdict:
    if not any(source.swept_at for source in inputs.sources):
        return Verdict("empty", "Chưa có gì để đối soát.", "Hệ thống cũ chưa được quét lần nào.")
    if not total.is_balanced:
        return Verdict(
            "unbalanced",
            "Chưa thể kết luận: các con số chưa khớp nhau.",
            "Số hồ sơ đếm ở hệ thống cũ và số hồ sơ trong sổ cái chênh nhau. Cần quét lại trước khi dùng báo cáo này.",
        )
    if inputs.self_test and not inputs.self_test.is_perfect:
        return unproven(inputs.self_test)
    matched, waiting = total.in_state(MATCHED), total.in_state(*ON_THE_WAY)
    if waiting:
        return Verdict(
            "in_progress",
            f"Việc chuyển hồ sơ chưa xong: còn {number(waiting)} trên {number(total.in_scope)} hồ sơ đang trên đường.",
            f"Mọi hồ sơ đều có trong sổ cái; {number(matched)} hồ sơ đã sang hệ thống mới và khớp.",
        )
    if matched + total.left_out == total.in_scope and (differing := differing_totals(total)):
        return sums_differ(differing)
    if matched + total.left_out == total.in_scope and total.left_out:
        return Verdict(
            "matched",
            f"Cả {number(matched)} hồ sơ phải chuyển đã sang hệ thống mới và khớp. Không hồ sơ nào bị mất.",
            f"{number(total.left_out)} hồ sơ khác ở lại hệ thống cũ theo quyết định, ghi rõ ở mục 1.",
        )
    if matched == total.in_scope:
        return Verdict(
            "matched",
            f"Cả {number(total.in_scope)} hồ sơ trong phạm vi đã sang hệ thống mới và khớp. Không hồ sơ nào bị mất.",
            "Từng hồ sơ đã được đọc lại từ hệ thống mới và so từng trường, từng tệp với hệ thống cũ.",
        )
    if not total.unsettled and matched + total.left_out + total.dossiers_accepted == total.in_scope:
        return _accepted(total, matched)
    lost = sum(found.dossiers for found in total.differences if is_whole(found.kind, found.field))
    head = f"Hệ thống mới không giữ {number(lost)} hồ sơ đã đẩy" if lost else "Không hồ sơ nào bị mất"
    return Verdict(
        "remains",
        f"{head}: {number(matched)} trên {number(total.in_scope)} hồ sơ đã sang hệ thống mới và khớp; "
        f"{number(total.in_scope - matched)} hồ sơ còn lại đã rõ lý do.",
        _remains(total),
    )


def _accepted(total: Figures, matched: int) -> Verdict:
    """Nothing is open, but not all is equal: a person has taken responsibility for the rest."""
    people = dict.fromkeys(figure.author for figure in total.accepted)
    lost = sum(figure.dossiers for figure in total.accepted if is_whole(figure.kind, figure.field))
    stays = f" {number(total.left_out)} hồ sơ khác ở lại hệ thống cũ theo quyết định." if total.left_out else ""
    gone = f" Trong đó {number(lost)} hồ sơ không có ở hệ thống mới." if lost else ""
    return Verdict(
        "accepted",
        f"{number(matched)} trên {number(total.in_scope)} hồ sơ đã sang hệ thống mới và khớp; "
        f"{number(total.dossiers_accepted)} hồ sơ còn khác biệt đã có người chấp nhận.{gone}",
        f"Người chấp nhận: {', '.join(people)}. Từng khác biệt, lý do và thời hạn ghi ở mục 4.{stays}",
    )


def _remains(total: Figures) -> str:
    accepted = f" (trong đó {number(total.dossiers_accepted)} đã có người chấp nhận)" if total.dossiers_accepted else ""
    parts = [
        f"{number(total.in_state(state))} {words}"
        for state, words in (
            (QUARANTINED, "hồ sơ cách ly, chờ xử lý"),
            (DIFFERENT, f"hồ sơ khác biệt{accepted}"),
            (VANISHED, "hồ sơ không còn ở hệ thống cũ"),
            (ROLLED_BACK, "hồ sơ đã rút lại"),
        )
        if total.in_state(state)
    ]
    if total.left_out:
        parts.append(f"{number(total.left_out)} hồ sơ ở lại hệ thống cũ theo quyết định")
    return f"Gồm {'; '.join(parts)}. Việc cần làm ghi ở mục 2."


# ---------------------------------------------------------------- what is left to do


def next_steps(total: Figures, inputs: ReportInputs) -> Iterator[NextStep]:
    """What, how many, who, by which command: what blocks first."""
    path = inputs.site_path
    if not total.is_balanced:
        yield NextStep(
            "Quét lại hệ thống cũ rồi đối soát lại", "", 0, "Kỹ thuật viên", f"lienthong migrate {path}", True
        )
    waiting = total.in_state(*ON_THE_WAY)
    if waiting:
        yield NextStep("Chạy tiếp các bước còn lại", "", waiting, "Kỹ thuật viên", f"lienthong migrate {path}", True)
    if late := total.derived.late + total.derived.mapping:
        how = "Quét lại, chuyển đổi lại, đẩy tiếp những hồ sơ này, rồi đối soát lại."
        what = "Hồ sơ đã đổi ở hệ thống cũ, hoặc bảng chuyển đổi đã đổi, sau lần quét"
        yield NextStep(what, how, late, "Kỹ thuật viên", f"lienthong migrate {path}", True)
    for cause in total.quarantine:
        command = f"lienthong quarantine {path} --code {cause.code}"
        yield NextStep(cause.title, cause.remedy, cause.dossiers, cause.who, command, True)
    yield from _of_differences(total, path)
    yield from _of_the_target(total, path)
    for issue in total.issues:
        if issue.severity != "error" and issue.who:
            yield NextStep(issue.title, issue.remedy, issue.dossiers, issue.who, "", False)
    settled = total.in_state(MATCHED) + total.left_out + total.dossiers_accepted
    if total.in_scope and settled == total.in_scope and total.is_balanced:
        yield NextStep("Lưu báo cáo này và lập biên bản bàn giao", "", total.in_scope, "Lãnh đạo đơn vị", "", False)


def _of_differences(total: Figures, path: str) -> Iterator[NextStep]:
    kinds = dict.fromkeys(figure.kind for figure in total.differences)
    for kind in kinds:
        figures = [figure for figure in total.differences if figure.kind == kind]
        worst = max(figure.dossiers for figure in figures)
        command = f"lienthong differences {path} --kind {kind}"
        yield NextStep(figures[0].title, figures[0].remedy, worst, figures[0].who, command, True)


def _of_the_target(total: Figures, path: str) -> Iterator[NextStep]:
    if total.in_state(VANISHED):
        yield NextStep(
            "Hồ sơ không còn ở hệ thống cũ",
            "Hỏi đơn vị vận hành vì sao. Bản đã đẩy sang hệ thống mới không bị xóa.",
            total.in_state(VANISHED), "Kỹ thuật viên hệ thống cũ", f"lienthong status {path}", True,
        )  # fmt: skip
    if total.unknown_in_target:
        yield NextStep(
            "Hệ thống mới có hồ sơ mang tên nguồn này mà sổ cái không đẩy",
            "Tìm xem ai đã tạo các hồ sơ đó.",
            total.unknown_in_target, "Đơn vị vận hành hệ thống mới", "", True,
        )  # fmt: skip
    if total.attachments.gone:
        yield NextStep(
            "Tệp không còn ở hệ thống cũ từ sau khi đẩy",
            "Giữ nguyên bản ở hệ thống mới; tìm lại tệp trong bản sao lưu của hệ thống cũ.",
            total.attachments.gone, "Kỹ thuật viên hệ thống cũ", "", False,
        )  # fmt: skip


# ---------------------------------------------------------------- what was not checked


def not_checked(total: Figures, inputs: ReportInputs) -> Iterator[NotChecked]:
    """What this report does not prove, and why."""
    for source in inputs.sources:
        yield from _of_source(source)
    in_target = total.in_state(MATCHED, DIFFERENT, "PUSHED")
    if total.read_back < in_target:
        unread = number(in_target - total.read_back)
        yield NotChecked(
            f"{unread} hồ sơ đã đẩy chưa được đọc lại", "Bước đối soát chưa chạy, hoặc chưa chạy hết.", True
        )
    derived = total.derived
    if late := derived.late + derived.mapping:
        yield NotChecked(
            f"{number(late)} hồ sơ so với bản đã đẩy, không so với hệ thống cũ như hiện nay",
            "Từ sau lần quét, hồ sơ đã đổi ở hệ thống cũ hoặc bảng chuyển đổi đã đổi. Quét lại rồi đối soát lại.",
        )
    if derived.spared:
        yield NotChecked(
            f"{number(derived.spared)} hồ sơ so với bản lưu trong sổ cái, không đọc lại hệ thống cũ",
            "Site chọn compare.expected: ledger để đỡ tải hệ thống cũ. Bỏ dòng này trước lần đối soát để ký.",
            True,
        )
    if total.compared_since:
        yield NotChecked(
            f"Số tệp, số giấy tờ, số hồ sơ đọc lại sau khi {number(total.compared_since)} hồ sơ được đẩy lại",
            "Các số này là của lần đối soát toàn bộ gần nhất; hồ sơ đẩy lại thì đã được so lại từng trường, từng tệp.",
        )
    if total.read_back and inputs.self_test is None:
        yield UNTRIED
    excluded = sum(count.dossiers for count in total.excluded)
    if excluded:
        yield NotChecked(
            f"Nội dung của {number(excluded)} hồ sơ ngoài phạm vi", "Chỉ đếm theo quy tắc, không so nội dung."
        )
    yield from _of_rules(inputs)
    yield from never_proven(is_rehearsal=inputs.is_rehearsal)
    for what, why in inputs.not_checked:
        yield NotChecked(what, why)


def never_proven(*, is_rehearsal: bool) -> Iterator[NotChecked]:
    """What no comparison of two systems can prove."""
    yield NotChecked(
        "Hệ thống cũ có ghi đúng như giấy tờ hay không",
        "Đối soát chứng minh hệ thống mới giữ đúng những gì hệ thống cũ giữ, không hơn.",
    )
    yield NotChecked(
        "Tệp đính kèm có mở được hay không",
        "Tệp được so bằng mã băm sha256: giống hệt từng byte, kể cả tệp vốn đã hỏng.",
    )
    if is_rehearsal:
        yield NotChecked("Hệ thống mới thật", "Đây là diễn tập: hệ thống nhận là bản mô phỏng, dữ liệu không có thật.")


def _of_source(source: SourceInputs) -> Iterator[NotChecked]:
    if not source.swept_at:
        yield NotChecked(f"Nguồn {source.name}", "Chưa được quét lần nào.", True)
    elif not source.is_complete:
        why = "Lần quét cuối không quét toàn bộ hệ thống cũ."
        yield NotChecked(f"Hồ sơ biến mất của nguồn {source.name}", why, True)
    if source.left_unread:
        number_of = number(len(source.left_unread))
        shown = "; ".join(f"{place} ({said}): {why}" for place, said, why in source.left_unread[:SHOWN_UNREAD])
        rest = len(source.left_unread) - SHOWN_UNREAD
        more = f"; và {number(rest)} chỗ nữa" if rest > 0 else ""
        yield NotChecked(
            f"{number_of} chỗ không đọc được trong tệp của nguồn {source.name}, để ngoài đích danh",
            f"Hồ sơ ở đó không nằm trong con số nào của phương trình. {shown}{more}.",
        )
    if source.swept_at and source.recount is None:
        why = "Chưa đếm lại ở hệ thống cũ lúc đối soát."
        yield NotChecked(f"Số hồ sơ hiện nay của nguồn {source.name}", why, True)


def _of_rules(inputs: ReportInputs) -> Iterator[NotChecked]:
    if not inputs.rules:
        yield NotChecked("Bộ quy tắc kiểm tra", "Chưa có hồ sơ nào đi qua bước kiểm tra.", True)
    idle = [rule.title for rule in inputs.rules if not rule.checked]
    if idle:
        yield NotChecked(f"{len(idle)} quy tắc không kiểm tra được ở dữ liệu này", f"{'; '.join(idle)}.")
