"""A push killed at random moments and resumed, whatever the new system does meanwhile: every dossier is there once.

The suite tells it twice, with several ways of failing at once; ``make soak`` two hundred times, with one each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.servers import MakeDatabase
from tests.story.soak_town import Case, Town, cases, open_town
from tests.story.soaking import Told, soak


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each run is a test of its own."""
    if "case" in metafunc.fixturenames:
        runs = drawn(metafunc.config)
        metafunc.parametrize("case", runs, ids=[f"{c.number}-{c.start}-{'-'.join(c.faults)}" for c in runs])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, make_postgres: MakeDatabase, request: pytest.FixtureRequest) -> Town:
    return open_town(tmp_path_factory.mktemp("soak"), make_postgres, drawn(request.config))


def drawn(config: pytest.Config) -> list[Case]:
    """As many runs as ``--runs`` says."""
    return cases(int(config.getoption("--runs")))


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest, town: Town) -> Iterator[list[Told]]:
    """What happened in each run; printed when all have been."""
    told: list[Told] = []
    yield told
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    if told and terminal is not None:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            terminal.write_line("")
            for line in lines(town, told):
                terminal.write_line(line)


def test_a_run_killed_again_and_again_ends_like_one_that_nothing_disturbed(
    town: Town, figures: list[Told], case: Case
) -> None:
    told = soak(town, case)
    figures.append(told)
    found, wanted = told.outcome, town.outcomes[case.start]
    assert (found.lost(wanted), found.doubled(), found.different(wanted)) == (Counter(), Counter(), {})
    assert found.kept == wanted.kept
    assert set(found.moves.values()) == {1}
    assert found.unsettled == 0


def lines(town: Town, told: list[Told]) -> Iterator[str]:
    """The figures of all runs."""
    kills: Counter[tuple[str, str]] = sum((run.kills for run in told), Counter())
    yield f"runs {len(told)}, kills {kills.total()} ({_parts(kills, 0)}), while at work {_parts(kills, 1)}"
    commands, stopped, opened = (sum(getattr(run, name) for run in told) for name in ("commands", "stopped", "opened"))
    yield f"commands {commands}, stopped by the new system {stopped}, intents open after a kill {opened}"
    pairs = [(run.outcome, town.outcomes[run.case.start]) for run in told]
    wanted, held = (sum(outcome.dossiers.total() for outcome in side) for side in zip(*pairs, strict=True))
    lost, doubled = sum(a.lost(b).total() for a, b in pairs), sum(a.doubled().total() for a, _ in pairs)
    yield f"dossiers wanted {wanted}, held {held}, lost {lost}, doubled {doubled}"
    rows = sum(rows.total() for _, outcome in pairs for rows in outcome.held.values())
    yield f"rows of the receiver compared {rows}, different {sum(n for a, b in pairs for n in a.different(b).values())}"
    cpu, seconds = (sum(getattr(run, name) for run in told) / len(told) for name in ("cpu", "seconds"))
    yield f"a run: {cpu:.1f} s of CPU, {seconds:.1f} s"


def _parts(kills: Counter[tuple[str, str]], place: int) -> str:
    found: Counter[str] = Counter()
    for what, n in kills.items():
        found[what[place]] += n
    return ", ".join(f"{name} {n}" for name, n in found.most_common())
