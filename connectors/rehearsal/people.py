"""Invented people and companies of the rehearsal. No name, number or address belongs to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

FAMILY_NAMES = (
    *("Nguyễn",) * 8, *("Trần",) * 3, *("Lê",) * 3, *("Phạm",) * 2, *("Hoàng",) * 2, "Phan", "Vũ", "Võ", "Đặng",
    *("Bùi",) * 4, "Đỗ", "Hồ", "Ngô", "Dương", "Lý", *("Hà",) * 2, *("Đinh",) * 2, "Quách", "Bạch", "Xa", "Phùng",
    "Cao", "Tạ", "Khổng", "Kim", "Chu", "Triệu", "Lương", "Mai", "Trịnh",
)  # fmt: skip
MALE = (
    ("Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công", "Ngọc", "Thành", "Mạnh", "Đình", "Tiến"),
    ("Hùng", "Dũng", "Cường", "Tuấn", "Nam", "Long", "Sơn", "Hải", "Thắng", "Toàn", "Bình", "Hiếu", "Kiên", "Phúc",
     "Quân", "Trường", "Vinh", "Đạt", "Khánh", "Lâm"),
)  # fmt: skip
FEMALE = (
    ("Thị", "Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Minh", "Thanh", "Phương", "Thị Bích", "Thị Kim"),
    ("Hoa", "Lan", "Hương", "Thảo", "Trang", "Hà", "Linh", "Mai", "Nga", "Oanh", "Phượng", "Quyên", "Thủy", "Yến",
     "Hạnh", "Huệ", "Loan", "Nhung", "Xuân", "Ánh"),
)  # fmt: skip
MOBILE_PREFIXES = (
    "032", "033", "034", "035", "036", "037", "038", "039", "070", "076", "077", "078", "079", "081", "082", "083",
    "084", "085", "086", "088", "090", "091", "093", "094", "096", "097", "098", "056", "058", "059",
)  # fmt: skip
OLD_MOBILE_PREFIXES = ("0162", "0163", "0165", "0168", "0169", "0120", "0122", "0123", "0127", "0129", "0188", "0199")
"""Eleven-digit prefixes in use until 2018 (kế hoạch chuyển đổi mã mạng của Bộ Thông tin và Truyền thông)."""

LANDLINE_PREFIXES = ("0210", "0211", "0218")
"""Area codes of Phú Thọ, Vĩnh Phúc and Hòa Bình, each before a number of seven digits."""
DATE_FORM = "%d/%m/%Y"
"""Of a day of birth, as forms have it."""
SEX_WORDS = {True: "Nam", False: "Nữ"}

_COMPANY_KINDS = ("Công ty TNHH", "Công ty Cổ phần", "Doanh nghiệp tư nhân", "Hợp tác xã", "Công ty TNHH MTV")
_COMPANY_WORDS = ("Minh Phát", "Đại Lợi", "Hùng Vương", "Sông Lô", "Tam Đảo", "Thành Công", "An Khang", "Phú Hưng")
_COMPANY_TRADES = ("Xây dựng", "Thương mại", "Nông sản", "Vận tải", "Cơ khí", "Dịch vụ")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True)
class Person:
    """Somebody who files: a citizen or a business."""

    name: str
    id_kind: str  # citizen | business, as applicantIdType
    id_number: str
    id_issued: datetime  # local midnight
    phone: str
    email: str
    born: date | None = None  # of a citizen
    is_male: bool = False


def person_name(random: Random, *, is_male: bool) -> str:
    """Family, middle and given name in the usual order."""
    middle, given = MALE if is_male else FEMALE
    return f"{random.choice(FAMILY_NAMES)} {random.choice(middle)} {random.choice(given)}"


def citizen(random: Random, province: str) -> Person:
    """A citizen born in ``province`` (two digits), with CCCD or, one in seven, an old CMND; a few have a passport."""
    is_male = random.random() < 0.5
    born = date(random.randrange(1940, 2007), random.randrange(1, 13), random.randrange(1, 29))
    number = cccd(random, province, born.year, is_male=is_male)
    other = random.random()
    if other < 0.14:
        number = cmnd(random)
    elif other < 0.15:
        number = f"{random.choice('BCEKNP')}{random.randrange(10**7):07d}"
    issued = datetime(2016, 1, 4) + timedelta(days=random.randrange(2900))
    email = f"cd{number[-6:]}@example.vn" if random.random() < 0.3 else ""
    name = person_name(random, is_male=is_male)
    return Person(name, "citizen", number, issued, mobile(random), email, born, is_male)


def business(random: Random) -> Person:
    """A business with a tax number whose check digit is right."""
    name = f"{random.choice(_COMPANY_KINDS)} {random.choice(_COMPANY_TRADES)} {random.choice(_COMPANY_WORDS)}"
    number = tax_number(random)
    issued = datetime(2005, 1, 4) + timedelta(days=random.randrange(6500))
    phone = landline(random) if random.random() < 0.4 else mobile(random)
    return Person(name, "business", number, issued, phone, f"lienhe{number[-4:]}@example.vn")


def cmnd(random: Random) -> str:
    """Nine digits that say nothing (the identity card before CCCD)."""
    while True:
        number = f"{random.randrange(100_000_000, 400_000_000)}"
        if not is_typed(number):
            return number


def is_typed(number: str) -> bool:
    """Whether the digits go up, down or along in even steps, as when somebody fills a field to get on."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(number)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def cccd(random: Random, province: str, year: int, *, is_male: bool) -> str:
    """Twelve digits: province of birth registration, century and sex, two digits of the year, six at random.

    Rule: Nghị định 137/2015/NĐ-CP, điều 13.
    """
    century_and_sex = (year // 100 - 19) * 2 + (0 if is_male else 1)
    return f"0{province}{century_and_sex}{year % 100:02d}{random.randrange(1_000_000):06d}"


def tax_number(random: Random) -> str:
    """Ten digits whose last is the check digit (Thông tư 105/2020/TT-BTC, phụ lục I)."""
    while True:
        body = f"2{random.randrange(100_000_000):08d}"
        rest = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, body, strict=True)) % 11
        if rest and int(body) % 10**7 and not is_typed(f"{body}{10 - rest}"):
            return f"{body}{10 - rest}"


def mobile(random: Random) -> str:
    """A mobile number of ten digits."""
    return f"{random.choice(MOBILE_PREFIXES)}{random.randrange(10_000_000):07d}"


def landline(random: Random) -> str:
    """A fixed line of the three provinces: area code and seven digits."""
    return f"{random.choice(LANDLINE_PREFIXES)}3{random.randrange(1_000_000):06d}"


def old_mobile(random: Random) -> str:
    """A mobile number of eleven digits, as written before 2018."""
    return f"{random.choice(OLD_MOBILE_PREFIXES)}{random.randrange(10_000_000):07d}"
