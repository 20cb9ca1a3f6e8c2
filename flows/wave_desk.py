"""A wave as its owner leads it: planned, started through its gate, finished through the other, or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select

from flows import ledger_schema as t
from flows import reporting, screen, waves
from flows.failures import MATCHED, REMAINS, USAGE
from flows.ledger import Run
from flows.pipeline import RunOptions, plan_stages
from flows.rollback import again
from flows.selection import Selection
from flows.stages import drain
from flows.taking_back import because, take_back
from flows.wave_gates import Gate, gates
from flows.waves import Wave
from flows.workplace import OpenSource, Workplace


def show_all(work: Workplace, *, as_json: bool) -> int:
    """Every wave of the site with its stage and counts."""
    found = [waves.open_wave(work, name) for name in work.site.settings.waves]
    told = [_figures(work, wave) for wave in found]
    if as_json:
        screen.print_json(told)
        return MATCHED
    if not told:
        screen.say("site.yaml chưa khai báo đợt nào (waves:). Cách khai báo: docs/dot-chuyen.md")
        return MATCHED
    lines = [
        [wave.title, screen.number(one["dossiers"]), waves.STAGE_WORDS[wave.stage], _state_words(one["states"])]
        for wave, one in zip(found, told, strict=True)
    ]
    screen.out().print(screen.table("Các đợt", ["Đợt", "Hồ sơ", "Giai đoạn", "Trạng thái"], lines))
    return MATCHED


def plan(work: Workplace, name: str, *, as_json: bool) -> int:
    """Who would go with a wave, or goes; its gates. Nothing is changed."""
    wave = waves.open_wave(work, name)
    figures = _figures(work, wave) | {"units": _units(work, wave)}
    asked = gates(work, wave, leaving=wave.stage in (waves.STARTED, waves.FINISHED))
    if as_json:
        screen.print_json(figures | {"gates": [asdict(gate) for gate in asked]})
        return MATCHED
    _say_figures(work, wave, figures)
    _print_gates(wave, asked)
    return MATCHED


def gate(work: Workplace, name: str, *, as_json: bool) -> int:
    """Ask the gate that the wave stands at; exit code 1 when it is not met."""
    wave = waves.open_wave(work, name)
    asked = gates(work, wave, leaving=wave.stage in (waves.STARTED, waves.FINISHED))
    if as_json:
        screen.print_json({**_figures(work, wave), "gates": [asdict(one) for one in asked]})
    else:
        _print_gates(wave, asked)
        _say_late(work, wave)
    return MATCHED if all(one.is_met for one in asked) else REMAINS


def start(work: Workplace, name: str, author: str, *, with_late: bool, as_json: bool) -> int:
    """Map and validate, ask the entry gate, freeze the members, push them alone, compare.

    Started again, it goes on where it stopped, and brings over anew what was taken back.
    """
    wave = waves.open_wave(work, name)
    with work.ledger.run("wave") as run:
        sources = work.open_sources()
        if wave.has_members:
            again(work.ledger, run, Selection(f"đợt {name}", (wave.frozen,)), because(author, f"đợt {name}"))
        _run(work, run, sources, RunOptions(stages=("map", "validate")))
        asked = gates(work, wave, leaving=False)
        if not all(one.is_met for one in asked):
            _print_gates(wave, asked)
            screen.say(f"Đợt {name} chưa bắt đầu: cổng vào chưa đạt. Chưa đẩy gì.")
            return REMAINS
        if not wave.has_members or with_late:
            kind = waves.JOINED if wave.has_members else waves.STARTED
            waves.note(work.ledger, run, name, kind, author, f"{waves.freeze(work.ledger, wave)} hồ sơ")
        if wave.stage != waves.STARTED and wave.has_members:
            waves.note(work.ledger, run, name, waves.STARTED, author, "bắt đầu lại")
        wave = waves.open_wave(work, name)
        _run(work, run, sources, RunOptions(stages=("push", "compare"), only=wave.frozen))
        report = reporting.write_report(work, sources, run)
    screen.say(f"Báo cáo: {report}")
    return gate(work, name, as_json=as_json)


def _run(work: Workplace, run: Run, sources: list[OpenSource], options: RunOptions) -> None:
    with screen.progress_bars() as progress:
        for stage in plan_stages(work, run, sources, options):
            drain(stage, progress)


def finish(work: Workplace, name: str, author: str, *, as_json: bool) -> int:
    """Close a wave whose exit gate is met; exit code 1 when it is not."""
    wave = waves.open_wave(work, name)
    if wave.stage != waves.STARTED:
        screen.say(f"Đợt {name} {waves.STAGE_WORDS[wave.stage]}: không có gì để kết thúc.")
        return MATCHED if wave.stage == waves.FINISHED else USAGE
    asked = gates(work, wave, leaving=True)
    is_met = all(one.is_met for one in asked)
    if as_json:
        screen.print_json({**_figures(work, wave), "gates": [asdict(one) for one in asked]})
    else:
        _print_gates(wave, asked)
    if not is_met:
        screen.say(f"Đợt {name} chưa kết thúc được: cổng ra chưa đạt.")
        return REMAINS
    with work.ledger.run("wave") as run:
        waves.note(work.ledger, run, name, waves.FINISHED, author, _state_words(waves.states(work.ledger, wave.frozen)))
    screen.say(f"Đợt {name} đã kết thúc.")
    return MATCHED


def roll_back(work: Workplace, name: str, author: str, reason: str, *, is_dry: bool, as_json: bool) -> int:
    """Take a wave back; the wave waits until it is started again."""
    wave = waves.open_wave(work, name)
    if not wave.has_members:
        screen.say(f"Đợt {name} chưa bắt đầu: không có gì để rút.")
        return USAGE
    chosen = Selection(f"đợt {name}", (wave.frozen,))
    code = take_back(work, chosen, because(author, reason), is_dry=is_dry, as_json=as_json)
    if not is_dry:
        with work.ledger.run("wave") as run:
            waves.note(work.ledger, run, name, waves.ROLLED_BACK, author, reason)
        screen.say(f"Chuyển lại sau khi sửa: lienthong wave {work.site.path} start {name}")
    return code


# ---------------------------------------------------------------- what is shown


def _figures(work: Workplace, wave: Wave) -> dict[str, Any]:
    found = waves.states(work.ledger, wave.dossiers)
    return {
        "wave": wave.name,
        "title": wave.title,
        "stage": wave.stage or "planned",
        "dossiers": sum(found.values()),
        "states": found,
        "late": waves.count(work.ledger, wave.late),
        "elsewhere": waves.count(work.ledger, wave.elsewhere),
        "events": [dict(event._mapping) for event in waves.events(work.ledger, wave.name)],
    }


def _units(work: Workplace, wave: Wave) -> dict[str, int]:
    e = t.entry.c
    query = select(e.unit, func.count()).where(wave.dossiers).group_by(e.unit).order_by(e.unit)
    with work.ledger.transaction() as c:
        return {unit or "": n for unit, n in c.execute(query)}


def _state_words(states: dict[str, int]) -> str:
    return ", ".join(f"{screen.number(n)} {screen.STATE_NAMES.get(state, state)}" for state, n in states.items())


def _say_figures(work: Workplace, wave: Wave, figures: dict[str, Any]) -> None:
    lines = [[unit or "(chưa biết)", screen.number(n)] for unit, n in figures["units"].items()]
    screen.out().print(screen.table(f"{wave.title}: nơi giải quyết", ["Mã", "Hồ sơ"], lines))
    screen.say(
        f"Đợt {wave.name} {waves.STAGE_WORDS[wave.stage]}: {screen.number(figures['dossiers'])} hồ sơ"
        + (f" ({_state_words(figures['states'])})." if figures["states"] else ".")
    )
    if figures["elsewhere"]:
        screen.say(f"{screen.number(figures['elsewhere'])} hồ sơ hợp khai báo này đã đi với đợt khác.")
    _say_late(work, wave)


def _say_late(work: Workplace, wave: Wave) -> None:
    late = waves.count(work.ledger, wave.late)
    if late:
        screen.say(
            f"{screen.number(late)} hồ sơ đến sau khi đợt {wave.name} đã chốt danh sách, chưa đi với đợt nào. "
            f"Lấy vào đợt: lienthong wave {work.site.path} start {wave.name} --late"
        )


def _print_gates(wave: Wave, asked: Sequence[Gate]) -> None:
    side = "Cổng ra" if wave.stage in (waves.STARTED, waves.FINISHED) else "Cổng vào"
    lines = [
        [one.name, one.asked, one.found, "[green]đạt[/green]" if one.is_met else "[red]CHƯA[/red]"] for one in asked
    ]
    screen.out().print(screen.table(f"{side} của đợt {wave.name}", ["Điều kiện", "Cần", "Hiện có", ""], lines))
    for one in asked:
        if not one.is_met:
            screen.say(f"{one.name}: {one.then}.")
