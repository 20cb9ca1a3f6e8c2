"""Text as stored before Unicode: TCVN3 (fonts .Vn…) and VNI-Windows, seen as Latin-1 letters in a Unicode column.

Facts: table of glibc iconv TCVN5712-1:1993, table of VietnameseText.cs (HaUtility).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LETTERS: Final = "áàảãạăắằẳẵặâấầẩẫậéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵđ"
_TCVN3: Final = bytes.fromhex(
    "b8b5b6b7b9a8bebbbcbdc6a9cac7c8c9cbd0cccecfd1aad5d2d3d4d6ddd7d8dcdee3dfe1e2e4abe8"
    "e5e6e7e9acedeaebeceef3eff1f2f4adf8f5f6f7f9fdfafbfcfeae"
).decode("latin-1")
_TCVN3_CAPITALS: Final = dict(zip("ĂÂÊÔƠƯĐ", bytes(range(0xA1, 0xA8)).decode("latin-1"), strict=True))
_VNI: Final = (  # noqa: SIM905
    "aù aø aû aõ aï aê aé aè aú aü aë aâ aá aà aå aã aä eù eø eû eõ eï eâ eá eà eå eã eä í ì æ ó ò où oø "
    "oû oõ oï oâ oá oà oå oã oä ô ôù ôø ôû ôõ ôï uù uø uû uõ uï ö öù öø öû öõ öï yù yø yû yõ î ñ"
).split()


def tcvn3(text: str) -> str:
    """Stored form of composed text; capitals with a tone have none of their own and become small letters."""
    small = dict(zip(_LETTERS, _TCVN3, strict=True))
    return _spelled(text, small | {letter.upper(): stored for letter, stored in small.items()} | _TCVN3_CAPITALS)


def vni(text: str) -> str:
    """Stored form of composed text."""
    small = dict(zip(_LETTERS, _VNI, strict=True))
    return _spelled(text, small | {letter.upper(): stored.upper() for letter, stored in small.items()})


def _spelled(text: str, letters: Mapping[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in text)
