"""Everything a command needs of a site, opened once: ledger, sources with their mapping, target, suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import delete, insert, select

from connectors import base
from connectors.rehearsal.receiver import process as receiver
from connectors.sql import SqlSource
from flows import ledger_schema as t
from flows import sweeps
from flows.error_policy import Watch
from flows.faults import faults_of
from flows.ledger import Ledger
from flows.ledger_open import open_ledger
from flows.payloads import fingerprint
from flows.plan import build_plan
from flows.site import LOCAL, Site, SiteError, Source, make_private
from mappings.agencies import AgencyRow, read_agencies
from mappings.calendar import Calendar, read_calendar
from mappings.case_states import CaseRow, case_states_file, read_case_states
from mappings.column_encodings import EncodingRow, read_encodings
from mappings.competence import Competence
from mappings.corrections import read_corrections
from mappings.decisions import decisions_about
from mappings.mapper import Mapper, MappingContext, build_mapper, read_tables
from mappings.profile import Profile, load_profile
from mappings.targets import TargetProfile, load_target
from mappings.tracing import Trace
from mappings.units import Units, new_commune_codes
from validations.expectations import ValidationContext
from validations.suite import Suite, load_suite

if TYPE_CHECKING:
    from connectors.rest import DeclaredTarget, RestTarget
    from connectors.sql_target import SqlTarget


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass
class OpenSource:
    """A source at work: its connector, its profile, and the mapping built on its own catalogues."""

    source: Source
    site: Site
    profile: Profile
    connector: base.Source
    suite_version: str
    calendar: Calendar
    references: dict[str, list[base.Row]] = field(default_factory=dict)
    _sweep_param: str = ""

    @property
    def id(self) -> str:
        return self.source.id

    @property
    def name(self) -> str:
        return self.source.name

    @cached_property
    def agencies(self) -> list[AgencyRow]:
        return read_agencies(agencies_file(self.site))

    @cached_property
    def encodings(self) -> list[EncodingRow]:
        return source_encodings(self.site, self.id)

    def forget_encodings(self) -> None:
        """Read the site's encodings again: they were just written."""
        for name in ("encodings", "mapper"):
            self.__dict__.pop(name, None)

    def forget_agencies(self) -> None:
        """Read the site's agencies again: they were just written."""
        for name in ("agencies", "mapper", "validation_context"):
            self.__dict__.pop(name, None)

    def forget_mapper(self) -> None:
        """Build the mapping again: a table that it rests on was just written."""
        self.__dict__.pop("mapper", None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.source.settings.zone)

    def stored_time(self, instant: datetime) -> str:
        """An instant as this source stores it: wall time of its zone, as text."""
        return instant.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def sweep_at(self, started_at: str) -> None:
        """Fix the instant of the sweep: what is dated later is not believed."""
        self._sweep_param = self.stored_time(datetime.fromisoformat(started_at))

    @property
    def params(self) -> dict[str, str | int]:
        sweep = self._sweep_param or self.stored_time(system_clock())
        return {"cutoff": self.stored_time(self.site.cutoff_at), "sweep": sweep}

    @property
    def plan(self) -> base.ReadPlan:
        return build_plan(self.profile, self.decisions, self.params, self.source.settings.page_rows)

    @cached_property
    def decisions(self) -> dict[str, str]:
        """What the site decided about this source."""
        return source_decisions(self.site, self.id, self.profile)

    def counts(self) -> dict[str, int]:
        """found, in_scope, after_cutoff: the source's own counts, each by a query of its own."""
        plan = self.plan
        return self.connector.count_all(plan.counts, plan.params)

    def orphans(self) -> dict[str, int]:
        """Table → rows that name a dossier which is not there; tables without any are left out."""
        counted = self.connector.count_all(self.profile.plan(self.decisions).orphans, {})
        return {table: rows for table, rows in counted.items() if rows}

    def recount(self, ledger: Ledger) -> None:
        """Count afresh, for the report, as of the instant of the last sweep."""
        last = sweeps.last_sweep(ledger, self.id)
        if last is not None:
            self.sweep_at(last.started_at)
            sweeps.recount(ledger, self.id, self.counts())

    def load_references(self, ledger: Ledger) -> None:
        """Read the source's small catalogues and keep them: the mapping rests on them."""
        self.references = {read.name: self.connector.reference(read) for read in self.plan.references}
        with ledger.transaction() as c:
            c.execute(delete(t.reference).where(t.reference.c.source_id == self.id))
            for name, rows in self.references.items():
                payload = msgspec.msgpack.encode(rows)
                c.execute(insert(t.reference).values(source_id=self.id, name=name, payload=payload))
        self.__dict__.pop("mapper", None)

    def recall_references(self, ledger: Ledger) -> None:
        """Take the catalogues of the last sweep from the ledger."""
        with ledger.transaction() as c:
            rows = c.execute(select(t.reference).where(t.reference.c.source_id == self.id)).all()
        self.references = {row.name: msgspec.msgpack.decode(row.payload) for row in rows}
        self.__dict__.pop("mapper", None)

    @cached_property
    def mapper(self) -> Mapper:
        return self.build_mapper()

    @cached_property
    def tables(self) -> tuple[Units, Competence]:
        """Units, new agencies, procedures and rules of the site: no command writes them while it maps."""
        return read_tables(self.profile, self.site.path)

    def build_mapper(self, observer: Trace | None = None) -> Mapper:
        """A mapping of this source, with somebody who listens to it."""
        zone, cases = self.source.settings.zone, site_cases(self.site)
        tables = (self.references, self.agencies, cases, self.encodings)
        return build_source_mapper(self.site, self.profile, zone, self.id, *tables, observer, self.tables)

    @property
    def mapping_version(self) -> str:
        """Hash of everything a mapped and validated dossier rests on."""
        return fingerprint(f"{self.mapper.version}\n{self.suite_version}\n{self.calendar.version}".encode()).hex()

    @cached_property
    def validation_context(self) -> ValidationContext:
        return ValidationContext(
            agency_codes=frozenset(row.code for row in self.agencies),
            cutoff=self.site.cutoff_at,
            new_unit_codes=new_commune_codes(),
            is_rehearsal=self.site.settings.rehearsal,
            calendar=self.calendar,
        )


@dataclass
class Workplace:
    """A site at work. Open it with :func:`open_workplace`; what it opened is closed with it."""

    site: Site
    ledger: Ledger
    suite: Suite
    calendar: Calendar
    clock: Callable[[], datetime]
    stack: ExitStack
    watch: Watch
    _receiver: receiver.RunningReceiver | None = None

    def parse_instant(self, text: str) -> datetime:
        return datetime.fromisoformat(text)

    def open_sources(self, names: tuple[str, ...] = ()) -> list[OpenSource]:
        """The named sources, connected on first use, with the catalogues of their last sweep."""
        opened = []
        for source in self.site.sources(names):
            profile = load_profile(source.settings.profile, self.site.path)
            connector = self.stack.enter_context(_closing(open_connector(self.site, source, profile)))
            item = OpenSource(source, self.site, profile, connector, self.suite.version, self.calendar)
            item.recall_references(self.ledger)
            opened.append(item)
        return opened

    @cached_property
    def target_profile(self) -> TargetProfile:
        """How the new system is spoken to and what it cannot hold."""
        return load_target(self.site.settings.target.profile, self.site.path)

    def target(self, *, reading: bool = False) -> RestTarget | DeclaredTarget | SqlTarget:
        """The new system; ``reading`` is the comparer's own client with its own token or account."""
        target = self._open_target(reading=reading)
        self.stack.callback(target.close)
        target.probe()
        if self.site.settings.rehearsal and not target.is_rehearsal:
            raise SiteError(
                "Site này là diễn tập (rehearsal: true) nhưng hệ thống nhận là hệ thống thật. Không đẩy gì cả. "
                "Sửa target trong site.yaml thành {connector: rest, rehearsal: var/receiver.sqlite}, hoặc dựng bảng "
                "diễn tập trong một cơ sở dữ liệu trống: lienthong receiver SITE --tables."
            )
        return target

    def _open_target(self, *, reading: bool) -> RestTarget | DeclaredTarget | SqlTarget:
        if self.site.settings.target.connector == "sql":
            from flows.target_tables import open_tables

            return open_tables(self.site, self.target_profile, reading=reading)
        from flows.target_door import open_target  # an HTTP client costs a command a fifth of a second

        url, push_token, read_token = self.target_address()
        token = read_token if reading else push_token
        return open_target(self.target_profile, self.site.settings.target, url, token)

    def target_address(self) -> tuple[str, str, str]:
        """URL, push token and read token; a rehearsal's receiver is started when it does not run yet."""
        settings = self.site.settings.target
        if settings.is_rehearsal:
            if self._receiver is None:
                make_private(self.site.var)
                self._receiver = self.stack.enter_context(
                    receiver.start(self.site.receiver_database(), mode=settings.mode)
                )
            return self._receiver.url, self._receiver.push_token, self._receiver.read_token
        push_token = self.site.secret(settings.token_env, "mã truy cập hệ thống mới")
        read_name = settings.read_token_env or settings.token_env
        return (
            self.site.secret(settings.url_env, "địa chỉ hệ thống mới"),
            push_token,
            self.site.secret(read_name, "mã truy cập chỉ đọc hệ thống mới"),
        )


def build_source_mapper(
    site: Site,
    profile: Profile,
    zone: str,
    source_id: str,
    references: Mapping[str, Sequence[base.Row]],
    agencies: Sequence[AgencyRow],
    case_states: Sequence[CaseRow],
    encodings: Sequence[EncodingRow],
    observer: Trace | None = None,
    known: tuple[Units, Competence] | None = None,
) -> Mapper:
    """The mapping of one source as a site declares it, on these catalogues of the old system.

    ``known``: the site's own catalogues where they were read already.
    """
    context = MappingContext(
        source_id=source_id,
        zone=zone,
        cutoff=site.cutoff_at,
        today=system_clock().astimezone(LOCAL).date(),
        is_rehearsal=site.settings.rehearsal,
        references=references,
        agencies=agencies,
        decisions=source_decisions(site, source_id, profile),
        site_dir=site.path,
        case_states=case_states,
        encodings=encodings,
        corrections=read_corrections(site.path, source_id, profile),
    )
    return build_mapper(profile, context, observer, known)


def source_decisions(site: Site, source_id: str, profile: Profile) -> dict[str, str]:
    """Decisions of the site about a source, those that concern its software only."""
    settings = site.settings
    names = [name for name, known in site.source_ids().items() if known == source_id]
    own = settings.sources[names[0]].decisions if names else {}
    others = {source.profile for source in settings.sources.values()} if settings.has_several_profiles else set()
    return decisions_about(profile, settings.decisions, own, [load_profile(name, site.path) for name in sorted(others)])


def open_connector(site: Site, source: Source, profile: Profile) -> base.Source:
    """The connector of a source by its kind."""
    settings = source.settings
    if settings.path is None:
        return SqlSource(source.url, files=source.files, rate_rows_per_s=settings.rows_per_second)
    from flows.file_sources import open_file_source  # the readers of spreadsheets cost a command half a second

    return open_file_source(site, source, profile)


def site_cases(site: Site) -> list[CaseRow]:
    """The rows of the site's map of open dossiers. Raises ProfileError."""
    return [row for _, row in read_case_states(case_states_file(site.path))]


def agencies_file(site: Site) -> Path:
    """The site's own table of old agencies."""
    return site.path / "crosswalks" / "agencies.csv"


def encodings_file(site: Site) -> Path:
    """The site's own table of columns that are stored in TCVN3 or VNI."""
    return site.path / "crosswalks" / "encodings.csv"


def source_encodings(site: Site, source_id: str) -> list[EncodingRow]:
    """The rows of one source; none when the site has no such table yet."""
    file = encodings_file(site)
    return [row for row in read_encodings(file) if row.source == source_id] if file.exists() else []


@contextmanager
def open_workplace(site: Site, clock: Callable[[], datetime] = system_clock) -> Iterator[Workplace]:
    """Open the site's ledger and suite; sources and target open when asked for."""
    make_private(site.var)
    with ExitStack() as stack:
        ledger = open_ledger(site.ledger_url(), clock)
        stack.callback(ledger.close)
        ledger.faults = faults_of(site.environment, is_rehearsal=site.settings.rehearsal)
        calendar = read_calendar(site.path, site.settings.office_hours)
        watch = Watch(site.settings.errors, str(site.path))
        yield Workplace(site, ledger, load_suite(site.path), calendar, clock, stack, watch)


@contextmanager
def _closing(connector: base.Source) -> Iterator[base.Source]:
    try:
        yield connector
    finally:
        connector.close()
