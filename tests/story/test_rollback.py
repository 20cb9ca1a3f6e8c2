"""What a run brought to the new system is taken back: nothing else changes there, and nothing at all in the old one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Receipt, Removal, Unavailable
from connectors.rest import RestTarget
from flows.rollback import RollbackStage
from flows.selection import of_run
from flows.site import load_site
from flows.stages import drain
from flows.workplace import open_workplace
from tests.story.held import clerk_works, content, logs
from tests.story.stage import ledger_rows, lienthong, make_ready


@dataclass(frozen=True)
class Moved:
    """A site whose open dossiers were pushed by one run and the closed ones by another."""

    site: Path
    before: dict[str, str]  # content of the target between the two runs
    source: str
    second: str  # the other run


def here(*words: str | Path, expect: int | tuple[int, ...] = 0) -> str:
    """What a command printed, results first."""
    done = lienthong(*words, expect=expect)
    return done.stdout + done.stderr


def here_json(*words: str | Path, expect: int | tuple[int, ...] = 0) -> Any:
    """What a command gave as JSON."""
    return json.loads(lienthong(*words, "--json", expect=expect).stdout)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def runs(site: Path, verb: str) -> list[str]:
    return [row[0] for row in ledger_rows(site, f"SELECT id FROM run WHERE verb = '{verb}' ORDER BY started_at, id")]


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose dossiers are ready to be pushed."""
    return make_ready(tmp_path_factory.mktemp("ready") / "site", 200, 5)


@pytest.fixture(scope="module")
def prepared(validated: Path, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    site = Path(shutil.copytree(validated, tmp_path_factory.mktemp("rollback") / "site"))
    here("push", site, "--open-only", expect=(0, 1))
    before = content(site)
    here("push", site, expect=(0, 1))
    second = next(r for r in runs(site, "push") if r not in runs(site, "push")[:1])
    return Moved(site, before, digest(site / "var" / "old.sqlite"), second)


@pytest.fixture
def moved(prepared: Moved, tmp_path: Path) -> Moved:
    site = Path(shutil.copytree(prepared.site, tmp_path / "site"))
    return Moved(site, prepared.before, prepared.source, prepared.second)


def states(site: Path) -> dict[str, int]:
    return dict(ledger_rows(site, "SELECT state, count(*) FROM entry GROUP BY state"))


def test_a_run_is_taken_back_and_brought_again_by_one_command_each(moved: Moved) -> None:
    pushed = states(moved.site)["PUSHED"]
    written, _ = logs(moved.site)
    assert here_json("rollback", moved.site, "--run", moved.second, "--dry-run")["left"] == []
    done = here_json("rollback", moved.site, "--run", moved.second, "--reason", "Sai bảng chuyển")
    assert (done["left"], done["not_there"]) == ([], 0)
    assert 0 < done["taken"] < pushed
    assert content(moved.site) == moved.before
    assert digest(moved.site / "var" / "old.sqlite") == moved.source
    later, gone = logs(moved.site)
    assert (later, len(gone)) == (written, done["taken"]), "the logs of the target keep what was"
    assert states(moved.site)["ROLLED_BACK"] == done["taken"]
    assert here_json("status", moved.site, expect=(0, 1))["balanced"]
    reasons = ledger_rows(moved.site, "SELECT DISTINCT reason FROM history WHERE state_to = 'ROLLED_BACK'")
    assert all("Sai bảng chuyển" in reason and moved.second in reason for (reason,) in reasons)

    here("push", moved.site, expect=(0, 1))
    assert content(moved.site) == moved.before, "what was taken back goes on only when somebody asks for it"
    here("rollback", moved.site, "--again", "--run", moved.second, expect=(0, 1))
    assert states(moved.site)["MATCHED"] == pushed
    assert "ROLLED_BACK" not in states(moved.site)


def test_what_a_clerk_worked_on_is_left_and_named(moved: Moved) -> None:
    key, code, new_id = ledger_rows(
        moved.site, "SELECT key, code, new_id FROM entry WHERE state = 'PUSHED' AND NOT is_open AND code <> '' LIMIT 1"
    )[0]
    clerk_works(moved.site, new_id)
    worked = content(moved.site)
    asked = ("rollback", moved.site, "--dossier", code)
    assert [one["key"] for one in here_json(*asked, "--dry-run", expect=1)["left"]] == [key]
    done = here_json(*asked, expect=1)
    assert (done["taken"], [(one["key"], one["new_id"]) for one in done["left"]]) == (0, [(key, new_id)])
    assert content(moved.site) == worked
    assert ledger_rows(moved.site, f"SELECT state, new_id FROM entry WHERE key = '{key}'") == [("PUSHED", new_id)]
    assert here_json("status", moved.site, expect=(0, 1))["issues"]["left_by_rollback"] == 1
    assert "cán bộ đã làm việc" in here("explain", moved.site, key)


class AnswerLost(RestTarget):
    """The calls arrive, their answers do not."""

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        super().remove(batch)
        raise Unavailable("Mất kết nối.")


def test_a_rollback_whose_answers_were_lost_is_settled_by_asking_the_target(moved: Moved) -> None:
    with open_workplace(load_site(moved.site)) as work, work.ledger.run("rollback") as run:
        url, token, _ = work.target_address()
        target = AnswerLost(url, token)
        work.stack.callback(target.close)
        ids = list(work.site.source_ids().values())
        stage = RollbackStage(work.ledger, run, target, ids, of_run(work.ledger, moved.second, ids), "thử")
        with pytest.raises(Unavailable):
            drain(stage, lambda name, done, total: None)
    assert "ROLLED_BACK" not in states(moved.site)
    pushed = states(moved.site)["PUSHED"]
    here("push", moved.site, expect=(0, 1))
    assert states(moved.site)["ROLLED_BACK"] > 0
    assert states(moved.site)["ROLLED_BACK"] + states(moved.site)["PUSHED"] == pushed
    assert content(moved.site) == moved.before
    assert ledger_rows(moved.site, "SELECT count(*) FROM intent WHERE settled_at IS NULL") == [(0,)]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        ((), "Dùng: lienthong rollback", 2),
        (("--run", "x", "--dossier", "y"), "Dùng: lienthong rollback", 2),
        (("--run", "khong-co"), "không có lượt chạy khong-co", 10),
        (("--wave", "khong-co"), "không có đợt khong-co", 10),
        (("--dossier", "khong-co"), "không có 1 mã: khong-co", 10),
        (("--list", "khong-co.txt"), "Không thấy tệp danh sách", 10),
    ],
)
def test_a_selection_that_is_none_is_said_so(prepared: Moved, words: tuple[str, ...], said: str, code: int) -> None:
    assert said in here("rollback", prepared.site, *words, expect=code)


WAVES = """
waves:
  thi-diem:
    title: Thí điểm ở một xã
    communes: ["{first}"]
  dot-hai:
    communes: ["{second}"]
    enter: {{mapping_approved: false}}
"""


def units(site: Path) -> list[str]:
    """Communes whose dossiers are all valid, those with the most first."""
    found = ledger_rows(
        site,
        "SELECT unit FROM entry WHERE unit NOT LIKE 'H44%' AND state <> 'EXCLUDED' GROUP BY unit "
        "HAVING sum(state <> 'VALID') = 0 ORDER BY count(*) DESC, unit",
    )
    return [unit for (unit,) in found]


def keys(site: Path, where: str) -> set[str]:
    return {key for (key,) in ledger_rows(site, f"SELECT key FROM entry WHERE {where}")}


def test_a_wave_of_one_commune_goes_through_its_gates_comes_back_and_goes_again(
    validated: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(validated, tmp_path / "site"))
    first, second = units(site)[:2]
    settings = site / "site.yaml"
    settings.write_text(settings.read_text() + WAVES.format(first=first, second=second), encoding="utf-8")

    planned = here_json("wave", site, "plan", "thi-diem")
    assert (planned["stage"], planned["units"]) == ("planned", {first: planned["dossiers"]})
    assert "cách chuyển đã duyệt" in here("wave", site, "gate", "thi-diem", expect=1)
    assert "cổng vào chưa đạt" in here("wave", site, "start", "thi-diem", expect=1)
    assert "Kết thúc đợt thi-diem trước" in here("wave", site, "gate", "dot-hai", expect=1)
    empty = content(site)
    assert "chờ đợt của mình" in here("push", site, expect=(0, 1))
    assert content(site) == empty, "nothing goes outside of a wave"

    title = "    title: Thí điểm ở một xã\n"
    approved = title + "    enter: {mapping_approved: false}\n"
    settings.write_text(settings.read_text().replace(title, approved), encoding="utf-8")
    here("wave", site, "start", "thi-diem", "--author", "Tổ chuyển đổi")
    assert keys(site, "state = 'MATCHED'") == keys(site, f"unit = '{first}' AND state <> 'EXCLUDED'")
    here("wave", site, "finish", "thi-diem")

    before, old = content(site), digest(site / "var" / "old.sqlite")
    here("wave", site, "start", "dot-hai")
    mine = keys(site, f"unit = '{second}' AND state <> 'EXCLUDED'")
    wrong = dict(ledger_rows(site, f"SELECT key, mapped_fp FROM entry WHERE unit = '{second}'"))
    assert content(site) != before
    assert "Đã rút" in here("wave", site, "rollback", "dot-hai", "--reason", "Sai quy trình")
    assert content(site) == before
    assert digest(site / "var" / "old.sqlite") == old
    assert keys(site, "state = 'ROLLED_BACK'") == mine

    (site / "profiles").mkdir(exist_ok=True)
    corrected = "extends: opencps_v2\ndossier: {process: null}\n"
    (site / "profiles" / "opencps_v2.yaml").write_text(corrected, encoding="utf-8")
    again = here_json("wave", site, "start", "dot-hai")
    assert again["states"] == {"MATCHED": len(mine)}
    right = dict(ledger_rows(site, f"SELECT key, pushed_fp FROM entry WHERE unit = '{second}' AND state = 'MATCHED'"))
    assert all(right[key] != wrong[key] for key in mine), "what went again is what the corrected mapping made"
    worked = ledger_rows(site, f"SELECT key, new_id FROM entry WHERE unit = '{second}' AND state = 'MATCHED' LIMIT 1")[
        0
    ]
    clerk_works(site, worked[1])
    assert here_json("wave", site, "rollback", "dot-hai", "--dry-run", expect=1)["taken"] == len(mine) - 1
    left = here("wave", site, "rollback", "dot-hai", expect=1)
    assert worked[1] in left
    assert keys(site, "state = 'ROLLED_BACK'") == mine - {worked[0]}

    board = here_json("wave", site, "board")
    assert sum(bool(place["code"]) for place in board) == 148
    (place,) = (place for place in board if place["code"] == second)
    assert (place["đã rút lại"], place["khớp"], place["waves"]) == (len(mine) - 1, 1, ["dot-hai"])
    told = [(event["kind"], event["author"]) for event in here_json("wave", site, "list")[0]["events"]]
    assert told[0] == ("started", "Tổ chuyển đổi")
    assert [kind for kind, _ in told] == ["started", "finished"]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("start",), "Dùng: lienthong wave", 2),
        (("plan", "khong-co"), "không có đợt khong-co", 10),
        (("list",), "chưa khai báo đợt nào", 0),
    ],
)
def test_a_wave_that_is_none_is_said_so(validated: Path, words: tuple[str, ...], said: str, code: int) -> None:
    assert said in here("wave", validated, *words, expect=code)
