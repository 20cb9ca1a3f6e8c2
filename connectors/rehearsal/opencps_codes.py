"""Dossier codes that are not as the law prints them, and two dossiers that bear one code."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life

_FOREIGN_AGENCIES = ("000.00.53.H48", "000.17.22.H56", "000.00.14.H20")
_TYPED = ("HS {}/2025", "Số {}-MC", "{}/TNHS-UBND", "TN.{}")


def typed(life: Life, case: Case, number: int) -> None:
    """Written by hand."""
    case.row["dossierNo"] = _TYPED[number % len(_TYPED)].format(case.key)


def of_old_software(life: Life, case: Case, number: int) -> None:
    """As OpenCPS before the circular, FSS, CMON, a synchronised TD and the look-up number print it."""
    day, key = _received(case), case.key
    case.row["dossierNo"] = (
        f"PTMC.{day:%y%m%d}.{key:05d}",
        f"{day:%Y}HSNV{key:07d}",
        f"{day:%y%m%d}{key:07d}",
        f"MC{key // 100_000:02d}-{day:%y%m%d}-{key % 100_000:05d}",
        f"{0x18AC0000 + key:08X}",
    )[number % 5]


def foreign(life: Life, case: Case, number: int) -> None:
    """With the agency of another province."""
    agency = _FOREIGN_AGENCIES[number % len(_FOREIGN_AGENCIES)]
    case.row["dossierNo"] = life.numbers.code(agency, _received(case).date())


def of_another_day(life: Life, case: Case, number: int) -> None:
    """Numbered up to three days before receipt."""
    day = _received(case).date() - timedelta(days=1 + number % 3)
    case.row["dossierNo"] = life.numbers.code(case.setting.agency.code, day)


def province_first(life: Life, case: Case, number: int) -> None:
    """In the order of Quyết định 20/2020/QĐ-TTg; every other one with the long date and serial of ministries."""
    agency, _, serial = str(case.row["dossierNo"]).split("-")
    groups = [group for group in reversed(agency.split(".")) if set(group) != {"0"}]
    day = _received(case)
    tail = f"{day:%Y%m%d}-{int(serial):07d}" if number % 2 else f"{day:%y%m%d}-{serial}"
    case.row["dossierNo"] = f"{'.'.join(groups)}-{tail}"


def second(life: Life, case: Case, number: int) -> None:
    """A second number, which the portal gave the same dossier."""
    case.row["originDossierNo"] = f"DVC.{_received(case):%y%m%d}.{case.key:07d}"


def _received(case: Case) -> datetime:
    received = case.row["receiveDate"]
    assert isinstance(received, datetime)
    return received
