"""Computing a sealed report anew: what holds, what differs, what cannot be checked from here and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from flows import seals
from flows.basis import check_basis
from flows.sealed import DIFFERS, HOLDS, UNCHECKED, Check, Sealed, sentence
from flows.sealing import chain_links, holds, ledger_head
from flows.signing import is_signed, own_keys, short
from flows.site import Site
from validations import signoff
from validations.manifest import NAME, SIGNOFF, Manifest, chain, changes


def check(found: Sealed, *, quick: bool = False) -> Iterator[Check]:
    """Everything that can be computed anew. ``quick``: dossiers are read only when the ledger's log has gone on."""
    yield from check_report(found)
    manifest = found.manifest
    if manifest is None:
        return
    yield _chain(found)
    yield from check_basis(found, manifest, quick=quick)
    yield from _signoff(found)
    yield Check(
        "outside",
        UNCHECKED,
        "Hai hệ thống",
        "Không đọc lại hệ thống cũ và hệ thống mới: lienthong compare làm việc đó. Tệp .env không nằm trong bản kê.",
    )


def check_report(found: Sealed) -> Iterator[Check]:
    """The manifest, its signature, the files that it lists."""
    manifest = found.manifest
    if manifest is None:
        yield Check("manifest", DIFFERS, "Bản kê", f"{NAME} không còn nguyên như lúc ký.", (NAME,))
        return
    yield Check("manifest", HOLDS, "Bản kê", f"Báo cáo số {manifest.number} của site {manifest.site}.")
    yield _signature(found, manifest)
    there = {n: seal for n, seal in seals.folder_seals(found.folder).items() if n not in (NAME, SIGNOFF)}
    differing = changes(manifest.report, there)
    if differing:
        yield Check("report", DIFFERS, "Tệp báo cáo", f"{differing.said()}.", differing.names)
    else:
        yield Check("report", HOLDS, "Tệp báo cáo", f"{len(there)} tệp đúng từng byte.")


def _signature(found: Sealed, manifest: Manifest) -> Check:
    title, name = "Chữ ký", f"khóa {short(manifest.key)}"
    if not holds(found.body):
        return Check("signature", DIFFERS, title, f"Không đúng với {name}.", (NAME,))
    known = found.keys or (own_keys(found.site.path) if found.site else ())
    if not known:
        said = f"Đúng với {name}, nhưng ở đây không có signing.pub để biết khóa của ai; nêu tệp bằng --key."
        return Check("signature", UNCHECKED, title, said)
    if manifest.key not in known:
        return Check(
            "signature", DIFFERS, title, f"Ký bằng khóa lạ ({short(manifest.key)}), không phải của site.", (NAME,)
        )
    return Check("signature", HOLDS, title, f"Đúng, {name} của site.")


def _chain(found: Sealed) -> Check:
    title, manifest = "Chuỗi bản kê", found.manifest
    assert manifest is not None
    if found.site is None:
        return Check("chain", UNCHECKED, title, f"{sentence(found.why_not)}.")
    links = chain_links(found.site)
    head = None
    if found.ledger is not None:
        with found.ledger.transaction() as c:
            head = ledger_head(c)
    whole = {link.number: is_whole for link, is_whole in links}
    walked = chain([link for link, _ in links], head, lambda link: whole[link.number])
    own = next((link for link, _ in links if link.number == manifest.number), None)
    broken = walked.broken
    if own is None or own.sha256 != hashlib.sha256(found.body).hexdigest():
        broken = tuple(sorted({*broken, manifest.number}))
    if broken:
        numbers = ", ".join(str(number) for number in broken)
        return Check("chain", DIFFERS, title, f"Đứt hoặc bị đổi ở số {numbers}.", tuple(map(str, broken)))
    if walked.first > 1:
        said = f"Liền từ số {walked.first} tới số {walked.last}; các số trước không còn tệp."
        return Check("chain", UNCHECKED, title, said)
    return Check("chain", HOLDS, title, f"Liền từ số 1 tới số {walked.last}.")


def _signoff(found: Sealed) -> Iterator[Check]:
    """The record that lies in a signed report's folder."""
    file, title = found.folder / SIGNOFF, "Ký xác nhận"
    if not file.is_file():
        return
    record = signoff.from_json(file.read_bytes())
    own = hashlib.sha256(found.body).hexdigest()
    if record is None or not is_signed(signoff.signed_bytes(record), record.signature, record.key):
        yield Check("signoff", DIFFERS, title, f"{SIGNOFF} không còn nguyên như lúc ký.", (SIGNOFF,))
    elif record.manifest != own:
        yield Check("signoff", DIFFERS, title, "Ký cho một báo cáo khác.", (SIGNOFF,))
    elif found.site is None:
        yield Check("signoff", UNCHECKED, title, f"{record.author}, {record.title}; {found.why_not}.")
    elif record not in read_signoffs(found.site):
        yield Check("signoff", DIFFERS, title, f"Không có trong {signoff.FILE} của site.", (signoff.FILE,))
    else:
        yield Check("signoff", HOLDS, title, f"{record.author}, {record.title}, lúc {record.signed_at}.")


def read_signoffs(site: Site) -> Sequence[signoff.SignOff]:
    """The sign-offs of a site, oldest first."""
    file = site.path / signoff.FILE
    return signoff.from_csv(file.read_bytes()) if file.is_file() else []
