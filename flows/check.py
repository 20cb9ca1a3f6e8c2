"""Is the site whole? Findings, each a refusal (blocks a migration) or a warning, with its remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.base import Broken, Probe, TargetStep
from flows import screen
from flows.acceptance import acceptance_findings
from flows.agencies import ensure_agencies
from flows.case_check import CasesRun, own_runs
from flows.check_files import file_findings
from flows.compare_again import again_findings
from flows.drift import REHEARSAL_MARK, column_findings, drift_findings
from flows.encodings import ensure_encodings
from flows.findings import Finding, refuse, warn
from flows.losses import loss_findings
from flows.site import SiteError
from flows.workplace import OpenSource, Workplace, encodings_file, system_clock
from flows.zones import judge_zone
from mappings.case_states import case_states_file, read_case_states
from mappings.crosswalk import UNAPPROVED
from mappings.profile import Profile

ZONE_SAMPLE: Final = 5000
SHOWN_FIELDS: Final = 8
SHOWN_BROKEN: Final = 20


def check_site(work: Workplace, runs: Sequence[CasesRun] | None = None) -> list[Finding]:
    """Every finding about the site. Unavailable and Forbidden travel on: without the database nothing is known.

    ``runs``: the declared cases of its profiles; the site's own when nothing is said.
    """
    findings = [*_disk(work), *_secrets(work), *_cases(list(own_runs(work.site)) if runs is None else runs)]
    for source in work.open_sources():
        findings += _check_source(work, source)
    findings += _check_target(work)
    return [*findings, *acceptance_findings(work), *again_findings(work)]


def _cases(runs: Sequence[CasesRun]) -> Iterator[Finding]:
    """Every case that does not hold; and what the cases of a site's own profile leave out."""
    for run in runs:
        for failure in run.report.failures:
            expected, got = (text or "(trống)" for text in (failure.expected, failure.got))
            yield refuse(
                f"{failure.file}:{failure.line}",
                f"Trường hợp “{failure.case}”: {failure.field} phải là {expected}, nhưng ra {got}.",
                "Sửa profile, bảng chuyển đổi cho ra đúng như vậy; hoặc sửa trường hợp nếu nó khai sai.",
            )
        missing = run.report.missing_fields
        if run.is_own_profile and missing:
            shown = ", ".join(missing[:SHOWN_FIELDS]) + (", …" if len(missing) > SHOWN_FIELDS else "")
            yield warn(
                f"profile {run.profile}",
                f"Chưa trường hợp nào chạm tới {len(missing)} trường: {shown}.",
                f"Viết thêm trường hợp trong profiles/{run.profile}.cases/ của site (docs/bo-truong-hop.md).",
            )


def _case_rows(work: Workplace, process: Mapping[str, TargetStep]) -> Iterator[Finding]:
    """Rows of the map of open dossiers that lead where the target has no such step, role or status."""
    file = case_states_file(work.site.path)
    drafts = 0
    for line, row in read_case_states(file):
        drafts += row.status == "draft"
        step = process.get(row.new_step)
        if row.status == "rejected" or row.action != "migrate":
            continue
        fault = ""
        if step is None:
            fault = f"hệ thống nhận không có bước {row.new_step}; có: {', '.join(sorted(process)) or 'không bước nào'}"
        elif int(row.target_status) not in step.statuses:
            fault = f"bước {row.new_step} của hệ thống nhận không nhận TrangThaiHoSo {row.target_status}"
        elif row.new_role not in ("", step.role):
            fault = f"bước {row.new_step} của hệ thống nhận do vai trò {step.role} xử lý, không phải {row.new_role}"
        if fault:
            is_used = row.status == "approved" or work.site.settings.rehearsal
            said = refuse if is_used else warn
            yield said(f"{file}:{line}", f"{fault[0].upper()}{fault[1:]}.", "Sửa dòng này rồi chạy lại check.")
    if drafts and not work.site.settings.rehearsal:
        yield warn(
            str(file),
            f"{drafts} dòng nháp của bảng đi tiếp chưa được duyệt: hồ sơ đang mở ở đó sẽ chờ.",
            f"Xem và duyệt: lienthong states {work.site.path}",
        )


def _disk(work: Workplace) -> Iterator[Finding]:
    free = shutil.disk_usage(work.site.var).free // 2**20
    wanted = work.site.settings.free_space_mb
    if free < wanted:
        yield refuse(
            str(work.site.var),
            f"Ổ đĩa chỉ còn {free} MB trống, cần ít nhất {wanted} MB.",
            "Giải phóng chỗ trống, hoặc đổi free_space_mb trong site.yaml.",
        )


def _secrets(work: Workplace) -> Iterator[Finding]:
    file = work.site.path / ".env"
    if file.exists() and file.stat().st_mode & 0o077:
        yield warn(str(file), "Tài khoản khác trên máy này đọc được tệp chứa mật khẩu.", f"Chạy: chmod 600 {file}")


def _check_source(work: Workplace, source: OpenSource) -> list[Finding]:
    place = f"nguồn {source.name}"
    probe = source.connector.probe()
    findings = [
        *_rights(place, probe),
        *_moment(place, probe),
        *_mark(work, place, probe),
        *broken_findings(place, probe.broken),
        *(warn(place, note, "Xem có đúng như đơn vị biết không.") for note in probe.notes),
        *column_findings(place, source.profile, probe.tables),
        *_open_points(source.profile),
        *drift_findings(work.ledger, place, source.id, source.profile, probe.tables),
    ]
    if any(f.is_refusal for f in findings):
        return findings  # with columns missing, the questions below could not be asked
    source.load_references(work.ledger)
    drafted = ensure_agencies(work.site, [source])
    if drafted:
        findings.append(
            warn(
                place,
                f"Đã lập nháp bảng cơ quan ({drafted} dòng) từ tên đơn vị ở hệ thống cũ.",
                f"Mở {work.site.path / 'crosswalks' / 'agencies.csv'}, soát từng dòng, đổi status thành approved.",
            )
        )
    ensure_encodings(work.site, source)
    findings += [
        *_encodings(work, place, source),
        *file_findings(place, source),
        *_zone(place, source),
        *_codes(place, source),
        *_orphans(place, source),
    ]
    return findings


def _orphans(place: str, source: OpenSource) -> Iterator[Finding]:
    for table, rows in source.orphans().items():
        yield warn(
            place,
            f"{rows} dòng của bảng {table} nêu một hồ sơ không có trong bảng hồ sơ: không đi cùng hồ sơ nào.",
            "Xem các dòng ấy ở hệ thống cũ: hồ sơ đã bị xóa thì thôi; mã hồ sơ ghi sai thì sửa trước khi chuyển.",
        )


def _rights(place: str, probe: Probe) -> Iterator[Finding]:
    if probe.can_write:
        yield warn(
            place,
            "Tài khoản cơ sở dữ liệu cũ có quyền ghi. Công cụ chỉ đọc, nhưng nên dùng tài khoản chỉ đọc.",
            "Nhờ quản trị cơ sở dữ liệu cấp tài khoản chỉ có quyền SELECT.",
        )


def broken_findings(place: str, broken: Sequence[Broken]) -> Iterator[Finding]:
    """Parts of files that could not be read: the first ones by name, and how many more there are."""
    waiting = [part for part in broken if not part.accepted]
    for part in waiting[:SHOWN_BROKEN]:
        remedy = f'accept_broken: {{"{part.name}": lý do}}.'
        if part.is_stale:
            said = (
                "accept_broken ghi chỗ này theo tên tệp hay số dòng, là dạng cũ: khi tệp đổi, nó che mất bản ghi khác"
            )
            yield refuse(f"{place}, {part.place}", f"{said}.", f"Ghi lại theo nội dung trong site.yaml: {remedy}")
            continue
        yield refuse(
            f"{place}, {part.place}",
            f"Không đọc được: {part.said}.",
            f"Sửa hay xuất lại tệp; hoặc để ngoài đích danh trong site.yaml: {remedy}",
        )
    if len(waiting) > SHOWN_BROKEN:
        yield refuse(place, f"Còn {len(waiting) - SHOWN_BROKEN} chỗ nữa không đọc được.", "Sửa các chỗ trên trước.")
    if len(broken) > len(waiting):
        left_out = len(broken) - len(waiting)
        yield warn(
            place,
            f"{left_out} chỗ không đọc được đã để ngoài đích danh; hồ sơ ở đó không được chuyển.",
            "Xem lại accept_broken trong site.yaml trước khi chốt số.",
        )


def _moment(place: str, probe: Probe) -> Iterator[Finding]:
    if not probe.has_snapshots:
        yield warn(
            place,
            "Cơ sở dữ liệu cũ không cho đọc ảnh chụp: dòng của một hồ sơ có thể được đọc ở hai thời điểm, và lượt đọc "
            "phải xếp hàng sau lượt ghi của cán bộ.",
            "Nhờ quản trị SQL Server chạy ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON (docs/sql-server.md), "
            "hoặc quét ngoài giờ.",
        )


def _open_points(profile: Profile) -> Iterator[Finding]:
    """What a drafted profile leaves to people."""
    for point, said in profile.open_points.items():
        yield refuse(
            f"profile {profile.name}, điểm {point}",
            f"Chưa chốt: {said}.",
            f"Quyết định, sửa profiles/{profile.name}.yaml của site nếu cần, rồi xóa dòng {point} dưới open_points.",
        )


def _mark(work: Workplace, place: str, probe: Probe) -> Iterator[Finding]:
    if REHEARSAL_MARK in {name.lower() for name in probe.tables} and not work.site.settings.rehearsal:
        yield refuse(
            place,
            "Cơ sở dữ liệu này chứa dữ liệu diễn tập, nhưng site không đánh dấu là diễn tập.",
            "Ghi rehearsal: true trong site.yaml, hoặc trỏ tới cơ sở dữ liệu thật.",
        )


def _encodings(work: Workplace, place: str, source: OpenSource) -> Iterator[Finding]:
    """Columns that seem to be stored in TCVN3 or VNI and that nobody has approved yet, with the counts that say so."""
    for row in source.encodings:
        if row.status == "approved":
            continue
        name = f"{row.table}.{row.column}"
        yield warn(
            place,
            f"Cột {name} có vẻ lưu bằng {_ENCODING_NAMES[row.encoding]}: đã xét {row.cells} ô, {row.non_ascii} ô ngoài "
            f"ASCII; đọc được theo TCVN3 {row.tcvn3}, theo VNI {row.vni}, sẵn là Unicode {row.unicode}, "
            f"không chắc {row.unsure}.",
            f"Xem vài ô của cột này ở phần mềm cũ, sửa dòng của nó trong {encodings_file(work.site)} nếu cần "
            "(encoding: tcvn3, vni, mixed hoặc unicode), rồi đổi status thành approved."
            + (
                "" if work.site.settings.rehearsal else " Chưa duyệt thì hồ sơ có chữ cần đổi trong cột này bị cách ly."
            ),
        )


_ENCODING_NAMES: Final = {
    "tcvn3": "TCVN3 (ABC)",
    "tcvn5712": "TCVN 5712",
    "vni": "VNI",
    "mixed": "nhiều bảng mã lẫn nhau",
    "unicode": "Unicode",
}


def _zone(place: str, source: OpenSource) -> Iterator[Finding]:
    """The hours of day of the receipt times under the declared zone: most must fall into office hours."""
    table, column = source.profile.reading.dossiers.table, source.profile.filed.received
    verdict = judge_zone(source.connector.column(table, column, limit=ZONE_SAMPLE), source.source.settings.zone)
    if verdict is None:
        return
    hours = verdict.declared
    spread = ", ".join(f"{hour} giờ: {n}" for hour, n in hours.by_hour)
    said = f"Theo múi giờ {hours.zone}, {hours.share:.0%} giờ tiếp nhận nằm ngoài giờ hành chính ({spread})."
    if verdict.better:
        said += f" Theo múi giờ {verdict.better.zone} chỉ {verdict.better.share:.0%}."
    if verdict.is_wrong:
        remedy = "Múi giờ khai sai. Đổi zone của nguồn này (UTC hoặc Asia/Ho_Chi_Minh) rồi chạy check lại."
        yield refuse(place, said, remedy)
    elif verdict.is_doubtful:
        yield warn(place, said, "Xem vài hồ sơ trên phần mềm cũ để chắc múi giờ khai đúng.")


@dataclass(frozen=True)
class CodeList:
    """Columns that carry codes, and the issues that say a code is not settled yet."""

    title: str
    columns: tuple[str, ...]
    issues: frozenset[str]
    remedy: str


def code_lists(profile: Profile) -> Iterator[CodeList]:
    """What the profile takes from code lists of the old system."""
    status = profile.status
    decide = "Ghi quyết định vào decisions: trong site.yaml, hoặc vào crosswalks/ của site."
    yield CodeList(
        "Trạng thái",
        tuple(filter(None, (status.code, status.sub))),
        frozenset({"status_undecided", UNAPPROVED}),
        decide,
    )
    for choice in profile.choices:
        yield CodeList(choice.name, (choice.column,), frozenset({choice.issue}), decide)
    yield CodeList(
        "Cơ quan xử lý",
        (profile.agency.code,),
        frozenset({"handling_agency_unknown", "handling_agency_split", "handling_department_unknown", UNAPPROVED}),
        "Bổ sung cơ quan vào crosswalks/agencies.csv của site.",
    )
    yield CodeList(
        "Thủ tục",
        tuple(filter(None, (profile.procedure.within, profile.procedure.code))),
        frozenset({"procedure_unmapped"}),
        "Đối chiếu mã thủ tục với danh mục quốc gia; hồ sơ vẫn chuyển, kèm cảnh báo.",
    )


def _codes(place: str, source: OpenSource) -> Iterator[Finding]:
    """Codes in the data that nothing covers yet, with the number of rows; asked of the very engine that maps."""
    main = source.plan.main
    now = system_clock()
    # a scope rule on an empty column must not answer for another column: the others stand as if settled
    settled = {source.profile.status.code: "?", **{c.column: c.known[0] for c in source.profile.choices if c.known}}
    for codes in code_lists(source.profile):
        open_codes = []
        for cells, n in source.connector.tally(main.table, codes.columns, main.join):
            row = {**settled, **dict(zip(codes.columns, cells, strict=True))}
            if source.mapper.scope("0", row, {}) is not None:
                continue
            mapped = source.mapper.map("0", row, {}, now)
            if any(issue.code in codes.issues for issue in mapped.issues):
                open_codes.append(("/".join(str(cell) for cell in cells if cell is not None) or "(trống)", n))
        if open_codes:
            shown = "; ".join(f"{code}: {n}" for code, n in open_codes[:8])
            more = f" và {len(open_codes) - 8} mã khác" if len(open_codes) > 8 else ""
            rows = sum(n for _, n in open_codes)
            message = f"{codes.title}: {rows} dòng mang mã chưa có quyết định ({shown}{more})."
            yield warn(place, message, codes.remedy)


def _check_target(work: Workplace) -> list[Finding]:
    try:
        work.target()
        process = work.target(reading=True).process()
    except SiteError as error:
        return [refuse("hệ thống nhận", str(error), "Sửa target trong site.yaml.")]
    known = work.target_profile.protocol == "batch"  # no other target tells the steps of its process
    return [*(_case_rows(work, process) if known else ()), *loss_findings(work, work.target_profile)]


def print_findings(findings: Sequence[Finding]) -> None:
    """Refusals first, each with what to do."""
    ordered = sorted(findings, key=lambda f: not f.is_refusal)
    for finding in ordered:
        word = "[bold red]CHẶN[/bold red]" if finding.is_refusal else "[yellow]Lưu ý[/yellow]"
        console = screen.err()
        console.print(f"{word} · {finding.place}")
        console.print(f"  {finding.message}", markup=False, soft_wrap=True)
        console.print(f"  → {finding.remedy}", markup=False, soft_wrap=True)
    refusals = sum(f.is_refusal for f in findings)
    if refusals:
        screen.say(f"{refusals} chỗ phải sửa trước khi chuyển.")
    else:
        screen.say(f"Site dùng được ({len(findings)} lưu ý).")
