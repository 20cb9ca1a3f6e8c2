"""The declared cases of the profiles that a site uses: the shipped ones and the site's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.site import Site
from mappings.case_runs import run_cases
from mappings.cases import CaseReport, read_cases
from mappings.profile import load_profile


@dataclass(frozen=True)
class CasesRun:
    """The cases of one profile, run. ``is_own``: they stand in the site; ``is_own_profile``: so does the profile."""

    profile: str
    is_own: bool
    is_own_profile: bool
    report: CaseReport

    def summary(self) -> str:
        """How many held, and what they cover."""
        whose = "của site" if self.is_own else "có sẵn"
        total = self.report.passed + len({(f.file, f.case) for f in self.report.failures})
        passed = f"{self.report.passed}/{total} đúng"
        return f"Trường hợp {whose} của profile {self.profile}: {passed}; chạm tới {self.report.coverage()}."


def own_runs(site: Site) -> Iterator[CasesRun]:
    """The site's own cases, with its own crosswalks and rules. A profile of the site without any is run, too."""
    for name in _profiles(site):
        is_own_profile = (site.path / "profiles" / f"{name}.yaml").is_file()
        if is_own_profile or (site.path / "profiles" / f"{name}.cases").is_dir():
            profile = load_profile(name, site.path)
            report = run_cases(profile, read_cases(profile, site.path, folder=name), site.path)
            yield CasesRun(name, True, is_own_profile, report)


def shipped_runs(site: Site) -> Iterator[CasesRun]:
    """The shipped cases of the shipped profiles that the site uses as they are."""
    for name in _profiles(site):
        if not (site.path / "profiles" / f"{name}.yaml").is_file():
            profile = load_profile(name)
            yield CasesRun(name, False, False, run_cases(profile, read_cases(profile)))


def _profiles(site: Site) -> list[str]:
    return list(dict.fromkeys(source.profile for source in site.settings.sources.values()))
