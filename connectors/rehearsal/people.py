"""Invented people and companies of the rehearsal. No name, number or address belongs to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
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
    "084", "085", "086", "088", "089", "090", "091", "093", "094", "096", "097", "098", "056", "058", "059",
)  # fmt: skip
OLD_MOBILE_PREFIXES = ("0162", "0163", "0165", "0168", "0169", "0120", "0122", "0123", "0127", "0129", "0188", "0199")
"""Eleven-digit prefixes in use until 2018 (kế hoạch chuyển đổi mã mạng của Bộ Thông tin và Truyền thông)."""

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


def person_name(random: Random, *, is_male: bool) -> str:
    """Family, middle and given name in the usual order."""
    middle, given = MALE if is_male else FEMALE
    return f"{random.choice(FAMILY_NAMES)} {random.choice(middle)} {random.choice(given)}"


def citizen(random: Random, province: str) -> Person:
    """A citizen born in ``province`` (two digits), with CCCD or, one in seven, an old CMND."""
    is_male = random.random() < 0.5
    year = random.randrange(1940, 2007)
    number = cccd(random, province, year, is_male=is_male)
    if random.random() < 0.14:
        number = f"{random.randrange(100_000_000, 400_000_000)}"
    issued = datetime(2016, 1, 4) + timedelta(days=random.randrange(2900))
    email = f"cd{number[-6:]}@example.vn" if random.random() < 0.3 else ""
    return Person(person_name(random, is_male=is_male), "citizen", number, issued, mobile(random), email)


def business(random: Random) -> Person:
    """A business with a tax number whose check digit is right."""
    name = f"{random.choice(_COMPANY_KINDS)} {random.choice(_COMPANY_TRADES)} {random.choice(_COMPANY_WORDS)}"
    number = tax_number(random)
    issued = datetime(2005, 1, 4) + timedelta(days=random.randrange(6500))
    return Person(name, "business", number, issued, mobile(random), f"lienhe{number[-4:]}@example.vn")


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
        if rest:
            return f"{body}{10 - rest}"


def mobile(random: Random) -> str:
    """A mobile number of ten digits."""
    return f"{random.choice(MOBILE_PREFIXES)}{random.randrange(10_000_000):07d}"


def old_mobile(random: Random) -> str:
    """A mobile number of eleven digits, as written before 2018."""
    return f"{random.choice(OLD_MOBILE_PREFIXES)}{random.randrange(10_000_000):07d}"
