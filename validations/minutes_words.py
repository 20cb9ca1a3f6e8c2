"""From the figures of one commune or wave to the words of its handover minutes (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from validations import minutes_tables as tables
from validations.minutes import (
    PLACE,
    UNKNOWN,
    WAVE,
    Five,
    Form,
    Minutes,
    Numbers,
    Party,
    Section,
    Signature,
    Subject,
    Table,
    Text,
    WholeSite,
)
from validations.report import day, moment
from validations.report_words import (
    DIFFERENT,
    MATCHED,
    ON_THE_WAY,
    QUARANTINED,
    ROLLED_BACK,
    VANISHED,
    never_proven,
    number,
)

DOTS: Final = "……………………………………"
FEW: Final = "……"
DAY_BY_HAND: Final = "ngày …… tháng …… năm 20……"
PARTIES: Final = (Party("Bên giao"), Party("Bên nhận"), Party("Đơn vị kỹ thuật"))


def build_minutes(form: Form, subject: Subject, numbers: Numbers, site: WholeSite) -> Minutes:
    """The minutes of one commune, agency or wave. Pure: same figures, same minutes."""
    five = five_figures(numbers)
    parties = form.parties or PARTIES
    return Minutes(
        parent_agency=form.parent_agency.upper(),
        agency=(form.agency or DOTS).upper(),
        number=f"Số: {FEW}/{form.number_suffix or 'BB-' + FEW}",
        dateline=f"{form.place or DOTS[:6]}, {DAY_BY_HAND}",
        subject=_subject(subject, site),
        notice="BẢN DIỄN TẬP, KHÔNG CÓ GIÁ TRỊ BÀN GIAO: người và hồ sơ không có thật." if site.is_rehearsal else "",
        basis=tuple(_basis(form)),
        opening=f"Hôm nay, hồi {FEW} giờ {FEW} phút, {DAY_BY_HAND}, tại {DOTS}, chúng tôi gồm:",
        parties=tuple((_organisation(party, subject), _person(party)) for party in parties),
        agreed="Các bên cùng lập biên bản bàn giao, đối soát hồ sơ với các nội dung sau:",
        sections=tuple(_sections(form, subject, numbers, five, site)),
        closing=tuple(_closing(form)),
        signatures=tuple(Signature(party.role.upper(), party.title, party.representative) for party in parties),
        receivers=("Các bên ký biên bản", "Lưu: VT, hồ sơ chuyển đổi"),
        five=five,
    )


def five_figures(numbers: Numbers) -> Five:
    """Found, and where it all is; each term is its own count."""
    states = numbers.states
    rest = sum(states.get(state, 0) for state in (*ON_THE_WAY, VANISHED, ROLLED_BACK)) + sum(numbers.decided.values())
    return Five(numbers.found, states.get(MATCHED, 0), states.get(DIFFERENT, 0), states.get(QUARANTINED, 0), rest)


def place_words(subject: Subject) -> str:
    """How a sentence names the commune, agency or wave."""
    if subject.kind == WAVE:
        return f"đợt {subject.name}"
    if subject.kind == UNKNOWN:
        return "nơi chưa xác định được cơ quan giải quyết"
    return subject.name[:1].lower() + subject.name[1:] if subject.name.startswith(_TYPES) else subject.name


_TYPES: Final = ("Xã ", "Phường ", "Đặc khu ", "Thị trấn ", "Ủy ban ")


def _subject(subject: Subject, site: WholeSite) -> str:
    code = f" (mã {subject.code})" if subject.code and subject.kind != WAVE else ""
    whose = f"{place_words(subject)}{code}"
    return f"Bàn giao, đối soát hồ sơ thủ tục hành chính nộp trước ngày {day(site.cutoff)} của {whose}"


def _basis(form: Form) -> Iterator[str]:
    if not form.legal_basis:
        yield from (f"Căn cứ {DOTS * 2};", f"Căn cứ {DOTS * 2}.")
    last = len(form.legal_basis) - 1
    for at, line in enumerate(form.legal_basis):
        said = line if line.startswith(("Căn cứ", "Theo", "Thực hiện")) else f"Căn cứ {line}"
        yield f"{said}{'.' if at == last else ';'}"


def _organisation(party: Party, subject: Subject) -> str:
    name = party.organisation.replace(PLACE, place_words(subject)) if party.organisation else DOTS
    return f"{party.role}: {name}"


def _person(party: Party) -> str:
    return f"Đại diện: {party.representative or DOTS[:9]}; chức vụ: {party.title or DOTS[:7]}"


# ---------------------------------------------------------------- the sections


def _sections(form: Form, subject: Subject, numbers: Numbers, five: Five, site: WholeSite) -> Iterator[Section]:
    yield Section("I. THỜI ĐIỂM CHỐT SỐ LIỆU", tuple(_as_of(numbers, site)))
    yield Section("II. SỐ LIỆU BÀN GIAO", tuple(_figures(subject, numbers, five, site)))
    if five.found:
        yield Section("III. CHI TIẾT", tuple(_details(subject, numbers)))
    else:
        yield Section("III. CHI TIẾT", (Text("Không có hồ sơ nào để kê chi tiết."),))
    yield Section("IV. VƯỚNG MẮC CÒN MỞ", tuple(_open(numbers, site)))
    yield Section("V. NHỮNG GÌ CHƯA KIỂM TRA", tuple(_unchecked(numbers, five, site)))
    yield Section("VI. KHẢ NĂNG RÚT LẠI", tuple(_way_back(form, subject, numbers, site)))
    yield Section("VII. KẾT LUẬN", tuple(_conclusion(numbers, five, site)))


def _as_of(numbers: Numbers, site: WholeSite) -> Iterator[Text]:
    yield Text(
        f"Số liệu trong biên bản chốt lúc {moment(site.compared_at)}, khi lượt đối soát {site.run_id} kết thúc; "
        "mọi con số lấy từ sổ cái của công cụ chuyển đổi."
    )
    for source, at in site.swept_at.items():
        yield Text(f"Hệ thống cũ {source}: lần quét cuối bắt đầu lúc {moment(at)}.", "item")
    if numbers.compared_since:
        again = number(numbers.compared_since)
        yield Text(f"Sau thời điểm ấy {again} hồ sơ được đẩy lại và đối soát riêng; số liệu đã tính cả lần đó.", "item")
    if numbers.changed_since:
        yield Text(
            f"Sau thời điểm ấy {number(numbers.changed_since)} hồ sơ đã đổi trạng thái trong sổ cái. Đối soát lại "
            f"(lienthong compare {site.site_path}) và lập lại biên bản trước khi ký.",
            "strong",
        )


def _figures(subject: Subject, numbers: Numbers, five: Five, site: WholeSite) -> Iterator[Text | Table]:
    yield tables.equation(numbers, five, "đợt này" if subject.kind == WAVE else "nơi này")
    terms = (five.matched, five.different, five.quarantined, five.rest)
    summed = f"{number(five.found)} = {' + '.join(number(term) for term in terms)}"
    if five.is_balanced:
        nothing_lost = ", không hồ sơ nào bị mất" if site.is_balanced else ""
        yield Text(f"Phép cộng: {summed}. Khớp: mỗi hồ sơ tìm thấy đều có chỗ{nothing_lost}.")
    else:
        gap = number(abs(five.found - sum(terms)))
        yield Text(f"Phép cộng KHÔNG KHỚP: {number(five.found)} so với {number(sum(terms))}, chênh {gap}.", "strong")
    yield Text(
        "Số tìm thấy và từng số bên dưới được đếm bằng các câu hỏi riêng, không số nào suy ra từ số khác. Nơi giải "
        "quyết chỉ biết sau khi chuyển đổi nên hệ thống cũ không đếm được theo xã, phường mới; số đếm độc lập ở hệ "
        f"thống cũ là của toàn bộ dữ liệu: tìm thấy {number(site.found)}, trong phạm vi {number(site.in_scope)}, "
        f"ngoài phạm vi {number(site.excluded)}; phương trình của toàn bộ dữ liệu "
        f"{'cân' if site.is_balanced else 'CHƯA CÂN'}."
    )


def _details(subject: Subject, numbers: Numbers) -> Iterator[Text | Table]:
    yield Text(f"1. Theo trạng thái hồ sơ; {number(numbers.is_open)} hồ sơ đang mở.")
    yield tables.by_status(numbers)
    yield Text("2. Theo thủ tục hành chính")
    yield tables.by_procedure(numbers)
    if subject.kind == WAVE:
        yield Text("3. Theo nơi giải quyết")
        yield tables.by_unit(numbers)


def _open(numbers: Numbers, site: WholeSite) -> Iterator[Text | Table]:
    lines = tables.troubles(numbers, site.site_path)
    if not lines:
        yield Text("Không còn vướng mắc nào.")
        return
    yield Text("Một hồ sơ có nhiều nguyên nhân được đếm ở mỗi nguyên nhân.")
    yield tables.open_issues(lines)


def _unchecked(numbers: Numbers, five: Five, site: WholeSite) -> Iterator[Text]:
    pushed = numbers.states.get("PUSHED", 0)
    if pushed:
        yield _item(f"{number(pushed)} hồ sơ đã đẩy chưa được đọc lại từ hệ thống mới", "Chạy đối soát lại.")
    waiting = five.quarantined + five.rest - pushed
    if waiting:
        yield _item(f"Nội dung của {number(waiting)} hồ sơ cách ly hoặc còn lại", "Chưa so với hệ thống mới.")
    if numbers.worked_on:
        words = f"{number(numbers.worked_on)} hồ sơ cán bộ đã làm việc ở hệ thống mới"
        yield _item(words, "Nội dung ở đó là của cán bộ, không so với hệ thống cũ nữa.")
    if site.excluded:
        words = f"Hồ sơ ngoài phạm vi ({number(site.excluded)} hồ sơ của toàn bộ dữ liệu)"
        yield _item(words, "Chỉ đếm theo quy tắc, không so nội dung, không chia theo xã, phường.")
    if site.left_unread:
        words = f"{number(site.left_unread)} chỗ không đọc được trong tệp nguồn, để ngoài đích danh"
        yield _item(words, "Kê trong báo cáo đối soát; không nằm trong con số nào ở trên.")
    if site.losses:
        yield _item("Phần hệ thống mới không giữ được, đã khai trước", f"{'; '.join(site.losses)}.")
    for one in never_proven(is_rehearsal=site.is_rehearsal):
        yield _item(one.what, one.why)


def _item(what: str, why: str) -> Text:
    return Text(f"{what}. {why}", "item")


def _way_back(form: Form, subject: Subject, numbers: Numbers, site: WholeSite) -> Iterator[Text]:
    yield Text(f"Hệ thống mới đang giữ {number(numbers.held)} hồ sơ nêu ở mục II.", "item")
    if taken := numbers.states.get(ROLLED_BACK, 0):
        yield Text(f"Đã rút lại {number(taken)} hồ sơ; chúng chờ được chuyển lại theo lệnh.", "item")
    if not site.can_take_back:
        yield Text("Hệ thống mới không có lời gọi rút hồ sơ: không rút lại được bằng công cụ.", "item")
        return
    stays = f" {number(numbers.worked_on)} hồ sơ thuộc trường hợp này." if numbers.worked_on else ""
    yield Text(
        "Rút lại được từng hồ sơ cùng tệp đính kèm, chừng nào cán bộ chưa làm việc trên hồ sơ ấy ở hệ thống mới; hồ sơ "
        f"đã có người làm thì ở lại.{stays} Hệ thống cũ không đổi gì.",
        "item",
    )
    how = f"wave {site.site_path} rollback {subject.code}" if subject.kind == WAVE else f"rollback {site.site_path}"
    more = "" if subject.kind == WAVE else " --list TỆP_MÃ_HỒ_SƠ"
    yield Text(f"Cách rút: lienthong {how}{more} --reason LÝ_DO.", "item")
    until = f"ngày {day(form.rollback_until)}" if form.rollback_until else DAY_BY_HAND
    yield Text(f"Các bên thống nhất chỉ rút lại đến hết {until}.", "item")
    for wave in subject.waves:
        yield Text(f"Đợt chuyển {wave.name}: {wave.stage}{f', lúc {moment(wave.at)}' if wave.at else ''}.", "item")


def _conclusion(numbers: Numbers, five: Five, site: WholeSite) -> Iterator[Text]:
    if not five.is_balanced or not site.is_balanced or numbers.changed_since:
        yield Text("Chưa đủ căn cứ để bàn giao: xem mục I và mục II.", "strong")
    if five.matched + numbers.settled:
        more = f" và {number(numbers.settled)} hồ sơ chỉ khác ở điều đã được chấp nhận đích danh" * bool(
            numbers.settled
        )
        yield Text(
            f"1. Bên giao bàn giao, Bên nhận tiếp nhận {number(five.matched)} hồ sơ đã sang hệ thống mới và khớp"
            f"{more}, để tiếp tục giải quyết và tra cứu."
        )
    else:
        yield Text("1. Không có hồ sơ nào được bàn giao bằng biên bản này.")
    left = five.different - numbers.settled + five.quarantined + five.rest
    if left:
        yield Text(
            f"2. {number(left)} hồ sơ khác biệt, cách ly hoặc còn lại chưa được bàn giao bằng biên bản này; người nêu "
            "ở mục IV xử lý, rồi đối soát và lập biên bản bổ sung."
        )
    yield Text(f"{3 if left else 2}. Ý kiến khác của các bên: {DOTS * 3}", "blank")


def _closing(form: Form) -> Sequence[str]:
    each = f"{form.copies} bản" if form.copies else f"{FEW} bản"
    return (
        f"Biên bản kết thúc hồi {FEW} giờ {FEW} phút cùng ngày, được lập thành {each} có giá trị như nhau, mỗi bên giữ "
        f"{FEW} bản. Các bên đã đọc lại, nhất trí với nội dung và cùng ký tên dưới đây.",
    )
