"""Signing a report off: who, which report, in spite of what; and whether what was signed still holds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from connectors.base import Unavailable
from flows import screen
from flows.basis import check_basis
from flows.failures import MATCHED, REMAINS
from flows.sealed import DIFFERS, Check, Sealed, open_sealed
from flows.signing import is_signed, own_keys, site_signer
from flows.site import LOCAL, Site, make_private, write_private
from flows.staleness import staleness
from flows.verifying import check, check_report, read_signoffs
from flows.workplace import Workplace
from validations import signoff
from validations.manifest import NAME, SIGNOFF
from validations.signoff import SignOff, Standing


@dataclass(frozen=True)
class Signing:
    """What a signer says."""

    author: str
    title: str
    note: str
    despite: str


def sign_off(work: Workplace, said: Signing, *, as_json: bool) -> int:
    """Sign the latest report, or say what stands in the way. The exit code."""
    latest = work.site.var / "reports" / "latest"
    if not _may_be_signed(work, latest):
        return REMAINS
    open_matters = list(signoff.matters(json.loads((latest / "report.json").read_text(encoding="utf-8"))))
    if open_matters and not said.despite:
        _say_refusal(work.site, open_matters)
        return REMAINS
    record = _sign(work, latest, said, open_matters)
    folder = work.site.var / "reports" / "signed" / record.folder
    if as_json:
        screen.print_json({**Standing(record).to_json(), "path": str(folder)})
    else:
        screen.say(f"Đã ký xác nhận số {record.number}, báo cáo số {record.report}: {folder}")
        screen.say(f"Ghi vào {work.site.path / signoff.FILE}; đưa tệp này và signing.pub vào git của site.")
    return MATCHED


def _may_be_signed(work: Workplace, latest: Path) -> bool:
    """Whether the report is whole and of the present data."""
    with open_sealed(latest, work.site.path, None) as found:
        wrong = [each for each in check(found) if each.state == DIFFERS]
    for each in wrong:
        screen.say(f"{each.title}: {each.said}")
    if wrong:
        screen.say(f"Chưa ký được: báo cáo không còn đúng với hiện tại. {_remedy(work.site, wrong)}")
        return False
    stale = staleness(work, work.open_sources())
    if stale.is_stale:
        screen.say(f"Chưa ký được: {stale.said()}. Đối soát lại rồi ký: lienthong migrate {work.site.path}")
    return not stale.is_stale


def _remedy(site: Site, wrong: Sequence[Check]) -> str:
    areas = {each.area for each in wrong}
    if areas & {"mapping", "tool", "ledger", "counts", "target"}:
        return f"Đối soát lại rồi ký: lienthong migrate {site.path}"
    if areas & {"manifest", "signature", "report"}:
        return f"Viết lại báo cáo rồi ký: lienthong report {site.path}"
    return f"Xem từng điểm: lienthong verify {site.path}"


def _say_refusal(site: Site, open_matters: Sequence[str]) -> None:
    screen.say("Chưa ký được: báo cáo còn những việc sau.")
    for matter in open_matters:
        screen.say(f"  - {matter}")
    screen.say(
        "Làm xong rồi đối soát lại; hoặc nếu người ký vẫn ký, ghi lý do, từng việc trên được ghi cạnh chữ ký: "
        f'lienthong signoff {site.path} --author … --title … --despite "LÝ DO"'
    )


def _sign(work: Workplace, latest: Path, said: Signing, open_matters: Sequence[str]) -> SignOff:
    records, signer, now = list(read_signoffs(work.site)), site_signer(work.site), work.clock().astimezone(LOCAL)
    folder = _copy(latest, make_private(work.site.var / "reports" / "signed"), now.date().isoformat())
    with open_sealed(folder, work.site.path, None) as found:
        if found.manifest is None or any(each.state == DIFFERS for each in check_report(found)):
            shutil.rmtree(folder)
            raise Unavailable("Báo cáo đang được viết lại trong lúc ký. Chờ lượt đó xong rồi ký lại.")
        draft = SignOff(
            number=len(records) + 1,
            signed_at=now.isoformat(timespec="seconds"),
            author=said.author,
            title=said.title,
            note=said.note,
            despite=said.despite,
            matters="; ".join(open_matters),
            report=found.manifest.number,
            manifest=hashlib.sha256(found.body).hexdigest(),
            folder=folder.name,
            previous=records[-1].signature if records else "",
            key=signer.key,
        )
    record = replace(draft, signature=signer.sign(signoff.signed_bytes(draft)))
    write_private(folder / SIGNOFF, [signoff.to_json(record)])
    write_private(work.site.path / signoff.FILE, [signoff.to_csv([*records, record])])
    return record


def _copy(latest: Path, shelf: Path, day: str) -> Path:
    """A copy of the report under the day's next number, whole or not at all."""
    number = next(n for n in range(1, 10_000) if not (shelf / f"{day}-{n}").exists())
    part = shelf / f"{day}-{number}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(latest, part)
    return part.rename(shelf / f"{day}-{number}")


# ---------------------------------------------------------------- does it still hold


_WORDS: Final = {
    "mapping": "cách khai đổi",
    "tool": "công cụ đổi",
    "ledger": "dữ liệu đổi",
    "counts": "số đếm ở hệ thống cũ đổi",
    "target": "số đọc ở hệ thống mới đổi",
}


def standings(work: Workplace) -> list[Standing]:
    """Every sign-off of the site with whether it still holds, oldest first."""
    records = read_signoffs(work.site)
    return [_standing(work, records, record) for record in records]


def last_standing(work: Workplace) -> Standing | None:
    """The newest sign-off; None when nobody signed yet."""
    records = read_signoffs(work.site)
    return _standing(work, records, records[-1]) if records else None


def _standing(work: Workplace, records: Sequence[SignOff], record: SignOff) -> Standing:
    wrong = signoff.faults(records[: record.number], lambda each: _is_ours(work.site, each))
    listed = [f"{signoff.FILE}: {fault}" for fault in wrong]
    return Standing(record, (*listed, *_because(work, record)))


def _is_ours(site: Site, record: SignOff) -> bool:
    return record.key in own_keys(site.path) and is_signed(signoff.signed_bytes(record), record.signature, record.key)


def _because(work: Workplace, record: SignOff) -> Iterator[str]:
    folder = work.site.var / "reports" / "signed" / record.folder
    if not record.folder or not (folder / NAME).is_file():
        yield "không còn thư mục báo cáo đã ký"
        return
    with open_sealed(folder, work.site.path, None) as found:
        yield from _of_report(found, record)
        if found.manifest is not None:
            for each in check_basis(found, found.manifest, quick=True):
                if each.state == DIFFERS:
                    yield f"{_WORDS[each.area]} ({each.said.rstrip('.')})"


def _of_report(found: Sealed, record: SignOff) -> Iterator[str]:
    if hashlib.sha256(found.body).hexdigest() != record.manifest:
        yield f"{NAME} không phải bản đã ký"
    for each in check_report(found):
        if each.state == DIFFERS:
            yield f"báo cáo đã ký bị đổi: {each.said.rstrip('.')}"


def show(work: Workplace, *, as_json: bool) -> int:
    """List the sign-offs. Exit 1 when the newest one holds no longer."""
    found = standings(work)
    if as_json:
        screen.print_json([standing.to_json() for standing in found])
    elif not found:
        screen.say(
            f"Chưa ai ký xác nhận báo cáo nào. Ký báo cáo mới nhất: lienthong signoff {work.site.path} "
            '--author "Họ tên" --title "Chức danh, đơn vị"'
        )
    for standing in found if not as_json else ():
        screen.out().print(standing.said(), markup=False, soft_wrap=True)
    return REMAINS if found and not found[-1].is_valid else MATCHED
