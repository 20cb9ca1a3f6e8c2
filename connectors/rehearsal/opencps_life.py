"""The ordinary life of a dossier in OpenCPS."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_children import actions, applicant_row, fees, notarizations, post_orders, requests
from connectors.rehearsal.opencps_papers import Papers
from connectors.rehearsal.opencps_process import path, path_of_length
from connectors.rehearsal.opencps_rows import dossier_row
from connectors.rehearsal.story import Scene, Setting, Story, Wish


class Life(Story):
    """Makes ordinary dossiers. They cause no finding but an open competence and a due date that has passed."""

    def __init__(self, random: Random, scene: Scene) -> None:
        super().__init__(random, scene)
        self.papers = Papers(random, self.numbers)
        self.processes: dict[str, int] = {}  # national procedure code → serviceProcessId

    def case(self, wish: Wish) -> Case:
        """One whole dossier."""
        setting = self.setting(wish)
        key = self.numbers.dossier()
        row = dossier_row(self.random, self.world, key, setting, self._code(setting))
        row["groupDossierId"] = str(wish.group_key) if wish.group_key else ""
        case = Case(key, row, setting)
        self._history(case)
        if self._bench:
            self.papers.add_fixed(case, self._bench.papers)
            return case
        self.papers.add(case)
        case.children["opencps_paymentfile"] += fees(self.random, self.numbers, case)
        case.children["opencps_dossierrequests"] += requests(self.random, self.numbers, case)
        case.children["opencps_notarization"] += notarizations(self.random, self.numbers, case)
        case.children["opencps_postconnect"] += post_orders(self.random, self.numbers, case)
        if setting.is_online:
            case.children["opencps_applicant"].append(applicant_row(self.random, self.numbers, case))
        return case

    def _code(self, setting: Setting) -> str:
        received = setting.times.received
        return self.numbers.code(setting.agency.code, received.date()) if received else ""

    def _history(self, case: Case) -> None:
        setting = case.setting
        moments = self.moments(setting.times, len(setting.steps))
        process = self.processes[setting.procedure.code]
        rows, users = actions(self.random, self.numbers, self.world, case, process, moments)
        case.children["opencps_dossieraction"] += rows
        case.children["opencps_dossieractionuser"] += users
        case.row["dossierActionId"] = rows[-1]["dossierActionId"]

    def steps(self, status: str, days: int, *, is_received: bool, has_round: bool) -> list[str]:
        """Codes of the steps of the process."""
        if self._bench:
            return path_of_length(status, self._bench.steps)
        has_pause = days > 5 and self.random.random() < 0.06
        is_unassigned = not has_round and self.random.random() < 0.2
        odd = {"has_round": has_round, "has_pause": has_pause, "is_unassigned": is_unassigned}
        return path(status, is_received=is_received, **odd)


Spoil = Callable[[Life, Case, int], None]
"""Puts one kind of dirt into a dossier; the number counts the dossiers of its kind."""
