"""What each verb does. Every function returns the exit code; trouble travels as exceptions to cli.py."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
from typer.exceptions import TyperException

from connectors.rehearsal.receiver import process as rehearsal_receiver
from flows import check as site_check
from flows import quarantine as tray
from flows import queue, reporting, screen, sheet_preview, states, twins
from flows import whatif as alternative
from flows.approval import Approval
from flows.case_check import own_runs, shipped_runs
from flows.failures import FORBIDDEN, MATCHED, REMAINS, USAGE, WRONG_SITE
from flows.ledger_schema import DIFFERENT, QUARANTINED, STATES
from flows.pipeline import STAGES, RunOptions, exit_code, plan_stages, site_status
from flows.questions import count_state
from flows.queue import NewDecision
from flows.site import load_site
from flows.site_files import write_site
from flows.stages import drain
from flows.states import Choice
from flows.twins import NewPair
from flows.workplace import open_workplace
from mappings.model import json_schema

__all__ = ["STAGES", "Approval", "Choice", "NewDecision", "NewPair", "RunOptions", "say"]

say = screen.say


def say_usage(error: TyperException, lang: str) -> int:
    """What was wrong with the words of the command."""
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "lienthong"
    if kind == "NoArgsIsHelpError":
        say(context.get_help() if context else "lienthong --help")
        return USAGE
    if lang == "en":
        say(f"Error: {error.format_message()}" if hasattr(error, "format_message") else "Error: wrong usage")
        return USAGE
    words = {
        "NoSuchOption": "Không có tùy chọn này",
        "MissingParameter": "Thiếu đối số hoặc tùy chọn",
        "BadParameter": "Giá trị không hợp lệ",
    }
    name = getattr(error, "option_name", None) or getattr(getattr(error, "param", None), "human_readable_name", "")
    say(f"{words.get(kind, 'Gõ sai lệnh')}{f': {name}' if name else ''}. Xem cách dùng: {path} --help")
    return USAGE


def init(folder: Path, profile: str) -> int:
    """A new site for a real database."""
    name = _plain_name(folder)
    write_site(folder, name=name, source="he_thong_cu", is_rehearsal=False, files="var/old_files", profile=profile)
    say(
        f"Đã tạo site {folder}. Việc tiếp theo:\n"
        f"  1. Sửa {folder / 'site.yaml'} (nguồn, múi giờ, hệ thống nhận).\n"
        f"  2. Điền bí mật vào {folder / '.env'}.\n"
        f"  3. Chạy: lienthong check {folder}"
    )
    return MATCHED


def _plain_name(folder: Path) -> str:
    name = "".join(ch if ch.isascii() and (ch.isalnum() or ch in "-_") else "_" for ch in folder.resolve().name)
    return name[:40] or "site"


def check(path: Path, *, as_json: bool) -> int:
    """Prove that the site is whole."""
    with open_workplace(load_site(path)) as work:
        runs = [*shipped_runs(work.site), *own_runs(work.site)]
        findings = site_check.check_site(work, runs)
    if as_json:
        screen.print_json([finding.to_json() for finding in findings])
    else:
        for run in runs:
            say(run.summary())
        site_check.print_findings(findings)
    return WRONG_SITE if any(f.is_refusal for f in findings) else MATCHED


def sheets(path: Path, key: str, sources: tuple[str, ...], *, as_json: bool) -> int:
    """What was made of the registers of a site."""
    with open_workplace(load_site(path)) as work:
        return sheet_preview.show(work, sources, key, as_json=as_json)


def doctor(path: Path, *, as_json: bool) -> int:
    """What stands between this machine and the work."""
    from flows import doctor as ward
    from flows.doctor_doors import examine

    signs = list(examine(load_site(path)))
    if as_json:
        screen.print_json([sign.to_json() for sign in signs])
    else:
        ward.print_signs(signs)
    return ward.exit_code(signs)


def sample(path: Path, *, source: str, url: str, dossiers: int, seed: int, is_clean: bool) -> int:
    """Fill an empty database with rehearsal data and mark the site."""
    from flows import demo as demonstration

    demonstration.fill(path, source=source, url=url, dossiers=dossiers, seed=seed, is_clean=is_clean)
    return MATCHED


def scan(path: Path, source: str, *, minutes: float, profile: str, as_json: bool) -> int:
    """Look at an unknown old database and draft a profile for it."""
    from flows import scan as scanning  # only this verb needs a workbook and the dictionary

    options = scanning.ScanOptions(source, minutes, profile)
    with screen.progress_bars() as progress:
        written = scanning.scan(load_site(path), options, lambda done, total: progress("scan", done, total))
    if as_json:
        screen.print_json(scanning.to_json(written))
    else:
        scanning.print_found(path, written)
    return MATCHED if written.profile else REMAINS


def run_stages(path: Path, verb: str, options: RunOptions, *, as_json: bool) -> int:
    """One stage, from the command line, without Prefect."""
    with open_workplace(load_site(path)) as work, work.ledger.run(verb) as run:
        sources = work.open_sources(options.sources)
        with screen.progress_bars() as progress:
            for stage in plan_stages(work, run, sources, options):
                drain(stage, progress, stop_after=options.limit)
        status = site_status(work)
        report = reporting.write_report(work, sources, run) if "compare" in options.chosen else None
        waiting = states.waiting_words(work)
    if as_json:
        screen.print_json(status.to_json())
    else:
        screen.print_status(status)
        if report:
            say(f"Báo cáo: {report}")
    if waiting:
        say(waiting)
    return exit_code(status, options)


def migrate(path: Path, options: RunOptions, *, as_json: bool) -> int:
    """All five stages through Prefect."""
    from flows.runs import run_migrate

    code = run_migrate(path, options)
    if code in (MATCHED, REMAINS):
        show_result(path, as_json=as_json)
    return code


def show_result(path: Path, *, as_json: bool) -> None:
    """The equation and the report's path after a run."""
    with open_workplace(load_site(path)) as work:
        status = site_status(work)
        waiting = states.waiting_words(work)
    if waiting:
        say(waiting)
    if as_json:
        screen.print_json(status.to_json())
        return
    screen.print_status(status)
    latest = work.site.var / "reports" / "latest" / "report.html"
    if latest.exists():
        say(f"Báo cáo: {latest}")


def status(path: Path, *, as_json: bool) -> int:
    """The equation as the ledger has it now."""
    with open_workplace(load_site(path)) as work:
        found = site_status(work)
    if as_json:
        screen.print_json(found.to_json())
    else:
        screen.print_status(found)
    remains = found.total.states.get(QUARANTINED) or found.total.states.get(DIFFERENT)
    return REMAINS if remains or not found.total.balanced else MATCHED


def quarantine(path: Path, action: str, key: str, *, code: str, csv_file: Path | None, as_json: bool) -> int:
    """The tray of quarantined dossiers."""
    if action not in ("list", "show", "retry") or (action == "show" and not key):
        say("Dùng: lienthong quarantine SITE [list | show KHÓA | retry [--code MÃ]]")
        return USAGE
    with open_workplace(load_site(path)) as work:
        if action == "retry":
            moved = tray.retry(work, code=code, key=key)
            say(f"Đã đưa {screen.number(moved)} hồ sơ trở lại bước chuyển đổi. Chạy: lienthong migrate {path}")
            return MATCHED
        if action == "show":
            return tray.show(work, key, as_json=as_json)
        return tray.list_causes(work, code=code, csv_file=csv_file, as_json=as_json)


def explain(
    path: Path, wanted: str, sources: tuple[str, ...], *, is_masked: bool, as_json: bool, html: Path | None
) -> int:
    """Why one dossier is as it is."""
    from flows import explain as why

    with open_workplace(load_site(path)) as work:
        return why.explain(work, wanted, why.ExplainOptions(sources, is_masked, as_json, html))


def decide(path: Path, action: str, new: NewDecision, *, as_json: bool) -> int:
    """The decision queue, or one more decision."""
    names_one = bool(new.to) != bool(new.procedure_to)
    is_whole = names_one and new.author and new.note and (new.cause or new.procedure or new.dossiers)
    if action not in ("list", "add") or (action == "add" and not is_whole):
        say(
            "Dùng: lienthong decide SITE [list]\n"
            "      lienthong decide SITE add --cause MÃ --agency MÃ --village THÔN --to MÃ --author AI --note CĂN_CỨ\n"
            "      lienthong decide SITE add --procedure MÃ_CŨ --procedure-to MÃ_NAY --author AI --note CĂN_CỨ"
        )
        return USAGE
    with open_workplace(load_site(path)) as work:
        if action == "list":
            return queue.show(work, as_json=as_json)
        file, settled, waiting = queue.add(work, new)
    rest = f"; {screen.number(waiting)} hồ sơ còn chờ một quyết định khác" if waiting else ""
    say(f"Đã ghi {file}: {screen.number(settled)} hồ sơ đang chờ sẽ đi tiếp{rest}. Chạy: lienthong migrate {path}")
    return MATCHED


def case_states(path: Path, action: str, owner: str, choice: Choice, *, as_json: bool) -> int:
    """The map of open dossiers: seen, approved, drafted again, or tried at the rehearsal receiver."""
    is_known = action in ("list", "approve", "draft", "try") and choice.action in ("", "drain", "park", "refuse")
    is_known = is_known and bool(not choice.action or choice.process or choice.step)  # never for all at once
    if not is_known or (action == "approve" and not owner.strip()):
        say(
            "Dùng: lienthong states SITE [list | draft | try]\n"
            "      lienthong states SITE approve --owner AI [--process P] [--step S] [--action drain|park|refuse]"
        )
        return USAGE
    with open_workplace(load_site(path)) as work:
        if action == "try":
            return states.try_classes(work, as_json=as_json)
        if action == "approve":
            done, dossiers, left = states.approve(work, owner.strip(), choice)
            say(f"Đã duyệt {screen.number(done)} dòng, {screen.number(dossiers)} hồ sơ đang mở sẽ đi tiếp theo đó.")
            if left:
                say(f"{screen.number(left)} dòng chưa có gợi ý thì để nguyên: thêm --step và --action, hoặc sửa tệp.")
            say(f"Chạy tiếp: lienthong migrate {path}")
            return MATCHED
        if action == "draft":
            say(f"Đã thêm {screen.number(states.redraft(work))} dòng nháp.")
        return states.show(work, choice, as_json=as_json)


def pairs(path: Path, action: str, new: NewPair, *, csv_file: Path | None, as_json: bool) -> int:
    """Records that look like one dossier, or one more decision about them."""
    named = len(new.dossiers) > 1 or (action == "different" and new.code and not new.dossiers)
    if action not in ("list", "same", "different") or (action != "list" and not (named and new.author and new.note)):
        say(
            "Dùng: lienthong twins SITE [list] [--csv TỆP]\n"
            "      lienthong twins SITE same BẢN_1 BẢN_2 … --author AI --note CĂN_CỨ\n"
            "      lienthong twins SITE different (BẢN_1 BẢN_2 … | --code MÃ) --author AI --note CĂN_CỨ"
        )
        return USAGE
    with open_workplace(load_site(path)) as work:
        if action == "list":
            return twins.show(work, csv_file=csv_file, as_json=as_json)
        file = twins.add(work, new)
    say(f"Đã ghi {file}. Chạy: lienthong migrate {path}")
    return MATCHED


def whatif(path: Path, against: str, sources: tuple[str, ...], *, csv_file: Path | None, as_json: bool) -> int:
    """What another site, or another version of this one, would make of the dossiers in the ledger."""
    found = alternative.WhatIf()
    with open_workplace(load_site(path)) as work, alternative.other_site(work.site, against) as other:
        total = count_state(work.ledger, STATES, list(work.site.source_ids().values()))
        with screen.progress_bars() as progress:
            rows = alternative.changes(
                work, other, work.open_sources(sources), found, lambda done: progress("whatif", done, total)
            )
            if csv_file is not None:
                tray.write_csv(csv_file, alternative.CSV_HEADS, rows)
            else:
                deque(rows, maxlen=0)
    if as_json:
        screen.print_json(found.to_json())
    else:
        alternative.print_found(found)
    return REMAINS if found.changed else MATCHED


def review(path: Path, out: Path | None, book: Path | None, wanted: Approval | None, *, as_json: bool) -> int:
    """The mapping for people to look at; or what they changed in it; or an approval of many rows."""
    from flows import review as reviewing  # only this verb needs a workbook

    if wanted is not None and (book is not None or not (wanted.author and wanted.note)):
        say("Dùng: lienthong review SITE --approve BẢNG --author AI --note CĂN_CỨ [--min-score 90] [--min-dossiers N]")
        return USAGE
    with open_workplace(load_site(path)) as work, screen.progress_bars() as progress:
        total = count_state(work.ledger, STATES, list(work.site.source_ids().values()))

        def show(done: int) -> None:
            progress("review", done, total)

        if book is not None or wanted is not None:
            before = reviewing.rows_now(work)
            changed = reviewing.approve(work, wanted, show) if wanted else reviewing.take_back(work, cast(Path, book))
            if as_json:
                screen.print_json({edited.table.name: ["/".join(key) for key in edited.rows] for edited in changed})
            else:
                reviewing.print_changes(work, changed, before)
            return MATCHED
        found, folder = reviewing.write(work, out, show)
    if as_json:
        screen.print_json({"folder": str(folder), "records": found.records, "lists": reviewing.summary(found)})
    else:
        reviewing.print_summary(found, folder)
    return REMAINS if any(one.open_rows() for one in found.lists) else MATCHED


def report(path: Path, *, as_json: bool) -> int:
    """The report again, from the ledger."""
    with open_workplace(load_site(path)) as work:
        sources = work.open_sources()
        file = reporting.write_report(work, sources, None)
        found = site_status(work)
    if as_json:
        screen.print_json({"report": str(file), "json": str(file.with_suffix(".json")), **found.to_json()})
    else:
        say(f"Báo cáo: {file}")
    return MATCHED if found.total.is_done else REMAINS


def schema() -> int:
    """JSON Schema of the new dossier."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n")
    return MATCHED


def receiver(site_path: Path | None, database: str, host: str, port: int, token_env: str, read_token_env: str) -> int:
    """The stand-in for a new system, until Ctrl-C."""
    environment: Mapping[str, str] = os.environ
    if site_path is not None:
        site = load_site(site_path)
        environment = site.environment
        database = database or site.receiver_database()
    if not database:
        say("Cần --database hoặc một SITE có target.rehearsal.")
        return USAGE
    token = environment.get(token_env, "")
    if not token:
        say(f"Chưa có mã truy cập: đặt biến môi trường {token_env} rồi chạy lại.")
        return FORBIDDEN
    rehearsal_receiver.serve(database, host, port, token, environment.get(read_token_env, "") or token)
    return MATCHED


def serve(path: Path, host: str, port: int) -> int:
    """The Prefect UI of this site."""
    from flows.runs import run_serve

    return run_serve(path, host, port)


def demo(folder: Path, *, dossiers: int, seed: int, profile: str, prepare_only: bool) -> int:
    """A complete rehearsal site, run from end to end, its figures held against what was seeded."""
    from flows import demo as demonstration

    started = datetime.now(UTC)
    demonstration.prepare(folder, dossiers=dossiers, seed=seed, profile=profile)
    if prepare_only:
        say(f"Đã tạo site diễn tập {folder}. Chạy: lienthong migrate {folder}")
        return MATCHED
    code = migrate(folder, RunOptions(), as_json=False)
    if code not in (MATCHED, REMAINS):
        return code
    with open_workplace(load_site(folder)) as work:
        mistakes = demonstration.compare_with_manifest(site_status(work), work.site.var / "manifest.json")
    for mistake in mistakes:
        say(f"SAI SO VỚI DỮ LIỆU ĐÃ GIEO: {mistake}")
    seconds = (datetime.now(UTC) - started).total_seconds()
    if not mistakes:
        say(f"Mọi con số đúng như đã gieo, kể cả hồ sơ cách ly ({seconds:.0f} giây).")
    return REMAINS if mistakes else MATCHED
