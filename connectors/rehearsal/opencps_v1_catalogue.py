"""The tables of OpenCPS v1 that stand still; dossiers point to them by number, not by code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from connectors.rehearsal.opencps_catalogue import PARTS, Catalogue
from connectors.rehearsal.opencps_process import ACTIONS, STEPS
from connectors.rehearsal.opencps_v1_words import status_word
from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.world import PROVINCES, Agency, Procedure, World


@dataclass
class Ids:
    """Numbers by code: services by their code, the rest by national procedure code, then by part, step or action."""

    services: dict[str, int] = field(default_factory=dict)
    templates: dict[str, int] = field(default_factory=dict)
    parts: dict[tuple[str, str], int] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    configs: dict[str, int] = field(default_factory=dict)
    steps: dict[tuple[str, str], int] = field(default_factory=dict)
    workflows: dict[tuple[str, str, str], int] = field(default_factory=dict)


def write_catalogues(store: Store, world: World, days: Sequence[tuple[date, int, str]], random: Random) -> Ids:
    """Fill every reference table; the numbers that dossiers point with."""
    catalogue, ids = Catalogue(store, random), Ids()
    _agencies(catalogue, world.agencies)
    for clerks in world.clerks.values():
        for clerk in clerks:
            cells: dict[str, Cell] = {"fullName": clerk.name, "mappingUserId": clerk.user_id, "workingStatus": 1}
            catalogue.add("opencps_employee", "employeeId", **cells)
    for day, kind, name in days:
        if kind == 0:
            at = datetime(day.year, day.month, day.day)
            catalogue.add("opencps_holidayconfig", "holidayId", holiday=at, description=name, status=1)
    for code, name in (*world.local_services, *world.succeeded_services, *world.gone_services):
        _service(catalogue, ids, code, name)
    for procedure in world.procedures:
        _procedure(catalogue, ids, procedure, world)
    return ids


def _agencies(catalogue: Catalogue, agencies: Sequence[Agency]) -> None:
    units: dict[str, int] = {"": 0}
    for agency in agencies:
        parent = units[agency.parent_code]
        cells: dict[str, Cell] = {"name": agency.name, "govAgencyCode": agency.code, "parentWorkingUnitId": parent}
        units[agency.code] = catalogue.add("opencps_workingunit", "workingunitId", **cells)


def _service(catalogue: Catalogue, ids: Ids, code: str, name: str) -> None:
    cells: dict[str, Cell] = {"serviceNo": code, "serviceName": name, "fullName": name, "activeStatus": 1}
    ids.services[code] = catalogue.add("opencps_serviceinfo", "serviceinfoId", **cells)


def _procedure(catalogue: Catalogue, ids: Ids, procedure: Procedure, world: World) -> None:
    """One procedure with its services, template, parts, process, steps and transitions."""
    code, add = procedure.code, catalogue.add
    _service(catalogue, ids, code, procedure.name)
    for province in PROVINCES:  # v1 has no mapping of services: provinces with codes of their own point here, too
        ids.services[procedure.service_code(province)] = ids.services[code]
    names: dict[str, Cell] = {"templateNo": f"MHS-{code}", "templateName": f"Mẫu hồ sơ {procedure.name}"}
    template = ids.templates[code] = add("opencps_dossiertemplate", "dossierTemplateId", **names)
    for number, name, kind, _ in PARTS:
        part: dict[str, Cell] = {
            "dossierTemplateId": template,
            "partNo": number,
            "partName": world.papers.get((code, number)) or name.format(name=procedure.name),
            "partType": kind,
            "required": int(kind == 1),
        }
        ids.parts[code, number] = add("opencps_dossierpart", "dossierpartId", **part)
    process: dict[str, Cell] = {"processNo": f"QT-{code}", "processName": f"Quy trình {code}"}
    found = add("opencps_serviceprocess", "serviceProcessId", dossierTemplateId=template, **process)
    ids.processes[code] = found
    config: dict[str, Cell] = {"dossierTemplateId": template, "serviceProcessId": found}
    service_id = ids.services[code]
    ids.configs[code] = add("opencps_service_config", "serviceConfigId", serviceInfoId=service_id, **config)
    _steps(catalogue, ids, code, found)


def _steps(catalogue: Catalogue, ids: Ids, code: str, process: int) -> None:
    for step in STEPS.values():
        cells: dict[str, Cell] = {
            "serviceProcessId": process,
            "stepName": step.name,
            "sequenceNo": int(step.code),
            "dossierStatus": status_word(step.status, is_received=True),
            "dossierSubStatus": "",
        }
        ids.steps[code, step.code] = catalogue.add("opencps_processstep", "processStepId", **cells)
    for (before, after), (action, name) in ACTIONS.items():
        ends: dict[str, Cell] = {
            "preProcessStepId": ids.steps.get((code, before), 0),
            "postProcessStepId": ids.steps[code, after],
        }
        what: dict[str, Cell] = {"actionCode": action, "actionName": name, "serviceProcessId": process}
        made = catalogue.add("opencps_processworkflow", "processWorkflowId", **ends, **what)
        ids.workflows[code, before, after] = made
