"""Handover minutes as a technician asks for them: whose, from the ledger alone, written beside the report."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import and_, select

from flows import ledger_schema as t
from flows import waves
from flows.acceptance import settle_accepted
from flows.board import read_board
from flows.comparisons import last_compare
from flows.figures import Figures, read_status
from flows.minutes import TOGETHER, Compared, Cut, gather
from flows.quarantine import write_csv
from flows.site import SiteError, make_private, write_private
from flows.site_handover import HandoverSettings
from flows.unread import left_unread
from flows.workplace import Workplace, agencies_file
from mappings.agencies import read_agencies
from mappings.catalogues import read_catalogues
from mappings.units import new_communes
from validations.minutes import AGENCY, COMMUNE, UNKNOWN, WAVE, Five, Form, Numbers, Party, Stretch, Subject, WholeSite
from validations.minutes_words import build_minutes

FOLDER: Final = "bien_ban"  # beside the report, not in it: people fill these in, and the report is sealed
INDEX: Final = "muc_luc.csv"
_HEADS: Final = ["ma", "ten", "tep", "tim_thay", "khop", "khac_biet", "cach_ly", "con_lai", "phep_cong"]


@dataclass(frozen=True)
class Asked:
    """Whose minutes: communes or agencies by code, waves by name, or everybody's."""

    communes: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    everybody: bool = False


@dataclass(frozen=True)
class Written:
    """One document, as DOCX and PDF, and its figures."""

    subject: Subject
    file: str  # without its ending
    five: Five
    settled: int  # differ in what was accepted only
    decided: int
    changed_since: int
    is_whole: bool  # the equation of the whole site holds

    @property
    def is_done(self) -> bool:
        """Whether nobody has anything left to do about its dossiers."""
        five = self.five
        return self.is_whole and five.is_balanced and five.found == five.matched + self.settled + self.decided


def write_minutes(work: Workplace, asked: Asked) -> tuple[Path, list[Written]]:
    """Write SITE/var/reports/bien_ban: the index, and what it lists. SiteError when nothing was compared."""
    settle_accepted(work)
    with work.ledger.transaction() as c:
        last = last_compare(c)
    if last is None:
        raise SiteError(
            "Chưa đối soát lần nào nên chưa có số liệu để lập biên bản. "
            f"Chạy lienthong migrate {work.site.path}, hoặc lienthong compare {work.site.path}, rồi chạy lại lệnh này."
        )
    compared = Compared(last.id, last.ended_at or last.started_at)
    site = _whole_site(work, compared)
    form = _form(work.site.settings.handover)
    folder = make_private(make_private(work.site.var / "reports") / FOLDER)
    from validations.minutes_docx import to_docx
    from validations.minutes_pdf import PdfWriter

    writer, written = PdfWriter(), []
    for subject, numbers in _subjects(work, asked, compared):
        minutes = build_minutes(form, subject, numbers, site)
        file = _file_name(subject)
        write_private(folder / f"{file}.docx", [to_docx(minutes)])
        write_private(folder / f"{file}.pdf", [writer.to_pdf(minutes)])
        left = sum(numbers.decided.values())
        written.append(
            Written(subject, file, minutes.five, numbers.settled, left, numbers.changed_since, site.is_balanced)
        )
    write_csv(folder / INDEX, _HEADS, (_line(one) for one in written))
    return folder / INDEX, written


def _line(one: Written) -> list[str]:
    five = one.five
    terms = [five.found, five.matched, five.different, five.quarantined, five.rest]
    is_right = "khớp" if five.is_balanced else "KHÔNG KHỚP"
    return [one.subject.code, one.subject.name, f"{one.file}.docx", *map(str, terms), is_right]


# ---------------------------------------------------------------- about whom


def _subjects(work: Workplace, asked: Asked, compared: Compared) -> Iterator[tuple[Subject, Numbers]]:
    """Communes, then other agencies, then what nobody handles yet, then waves: each with its figures."""
    names = _names(work)
    fields = {code: known.field for code, known in read_catalogues(work.site.path).procedures.items()}
    ids = list(work.site.source_ids().values())
    within = t.entry.c.source_id.in_(ids)
    if asked.everybody or asked.communes:
        with work.ledger.transaction() as c:
            found = gather(c, Cut(within), compared, {}, fields)
        going = _waves_by_unit(work, ids)
        for code in _codes(work, asked, found):
            yield _place(code, names, going.get(code, ())), found.get(code, Numbers())
    for name in _wave_names(work, asked):
        wave = waves.open_wave(work, name)
        with work.ledger.transaction() as c:
            numbers = gather(c, Cut(and_(within, wave.dossiers), TOGETHER), compared, names, fields).get("", Numbers())
        yield Subject("wave", name, wave.title, (_stretch(work, name),)), numbers


def _codes(work: Workplace, asked: Asked, found: Mapping[str, Numbers]) -> list[str]:
    communes = [place.code for place in read_board(work) if place.code]
    if asked.everybody:
        return [
            *communes,
            *sorted(code for code in found if code and code not in communes),
            *([""] if "" in found else []),
        ]
    unknown = [code for code in asked.communes if code not in found and code not in new_communes()]
    if unknown:
        raise SiteError(
            f"Không có xã, phường hay cơ quan nào mang mã {', '.join(unknown)}: xem cột mã của "
            f"lienthong wave {work.site.path} board. Chưa viết biên bản nào."
        )
    return list(dict.fromkeys(asked.communes))


def _wave_names(work: Workplace, asked: Asked) -> Sequence[str]:
    for name in asked.waves:
        waves.open_wave(work, name)
    started = [name for name in work.site.settings.waves if waves.stage_of(work.ledger, name)]
    return list(dict.fromkeys((*asked.waves, *(started if asked.everybody else ()))))


def _place(code: str, names: Mapping[str, str], going: Sequence[Stretch]) -> Subject:
    if not code:
        return Subject("unknown", "", "Chưa xác định nơi giải quyết", tuple(going))
    if code in new_communes():
        return Subject("commune", code, names[code], tuple(going))
    return Subject("agency", code, names.get(code, f"Cơ quan {code}"), tuple(going))


def _names(work: Workplace) -> dict[str, str]:
    """Code of a unit or agency → its name, from catalogues alone: no old system is asked."""
    file = agencies_file(work.site)
    names = {row.code: row.name for row in read_agencies(file)} if file.is_file() else {}
    names |= {agency.code: agency.name for agency in read_catalogues(work.site.path).departments.values()}
    return names | {code: commune.name for code, commune in new_communes().items()}


def _waves_by_unit(work: Workplace, ids: Sequence[str]) -> dict[str, list[Stretch]]:
    e, m = t.entry.c, t.wave_member.c
    joined = t.entry.join(t.wave_member, (m.source_id == e.source_id) & (m.key == e.key))
    query = select(e.unit, m.wave).select_from(joined).where(e.source_id.in_(ids)).distinct().order_by(e.unit, m.wave)
    with work.ledger.transaction() as c:
        rows = c.execute(query).all()
    known = {name: _stretch(work, name) for name in sorted({row.wave for row in rows})}
    found: dict[str, list[Stretch]] = {}
    for row in rows:
        found.setdefault(row.unit or "", []).append(known[row.wave])
    return found


def _stretch(work: Workplace, name: str) -> Stretch:
    settings = work.site.settings.waves.get(name)
    happened = waves.events(work.ledger, name)
    title = settings.title if settings and settings.title else name
    return Stretch(title, waves.STAGE_WORDS[waves.stage_of(work.ledger, name)], happened[-1].at if happened else "")


# ---------------------------------------------------------------- what is true of all


def _whole_site(work: Workplace, compared: Compared) -> WholeSite:
    settings, profile = work.site.settings, work.target_profile
    status = read_status(work.ledger, work.site.source_ids())
    total: Figures = status.total
    unread = left_unread(work.ledger)
    return WholeSite(
        site_path=str(work.site.path),
        is_rehearsal=settings.rehearsal,
        cutoff=settings.cutoff.isoformat(),
        compared_at=compared.ended_at,
        run_id=compared.run_id,
        swept_at={name: figures.swept_at for name, figures in status.sources.items()},
        found=total.found,
        in_scope=total.in_scope,
        excluded=sum(total.excluded.values()),
        is_balanced=total.balanced,
        can_take_back=profile.can_take_back,
        losses=tuple(loss.says for loss in profile.lost.values()),
        left_unread=sum(len(unread.get(source_id, ())) for source_id in work.site.source_ids().values()),
    )


def _form(said: HandoverSettings) -> Form:
    return Form(
        parent_agency=said.parent_agency,
        agency=said.agency,
        place=said.place,
        number_suffix=said.number_suffix,
        legal_basis=tuple(said.legal_basis),
        parties=tuple(Party(p.role, p.organisation, p.representative, p.title) for p in said.parties),
        copies=said.copies,
        rollback_until=said.rollback_until.isoformat() if said.rollback_until else "",
    )


_PREFIX: Final[Mapping[str, str]] = {COMMUNE: "", AGENCY: "", UNKNOWN: "", WAVE: "dot-"}


def _file_name(subject: Subject) -> str:
    """Code and name in letters that every disk and mail program takes: 08236-xa-tien-luong."""
    words = subject.name if subject.kind != WAVE else ""
    plain = unicodedata.normalize("NFD", words.lower().replace("đ", "d"))
    said = "".join(sign for sign in plain if not unicodedata.combining(sign))
    tidy = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in said).split()
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in subject.code)
    return _PREFIX[subject.kind] + "-".join(filter(None, (safe, *tidy)))[:80]
