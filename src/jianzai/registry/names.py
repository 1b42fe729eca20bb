"""Names of people: one spelling to keep, one form to compare, pinyin to search, a mask to show."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

# The dot between the parts of a name, as keyboards and old systems write it; kept as U+00B7 (GB/T 40637).
_DOTS = "·•・‧∙⋅●．"
_DOTS_TO_ONE = str.maketrans(dict.fromkeys(_DOTS, "·"))
_IDEOGRAPH = r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]"
_SPACE_BESIDE_IDEOGRAPH = re.compile(rf"(?<={_IDEOGRAPH})\s+|\s+(?={_IDEOGRAPH})")
_FULL_STOP_BETWEEN_IDEOGRAPHS = re.compile(rf"(?<={_IDEOGRAPH})\s*\.\s*(?={_IDEOGRAPH})")
_PINYIN_LENGTH, _INITIALS_LENGTH = 200, 60

# Surnames that are read otherwise than the character alone.
_SURNAMES = {
    "单": ["shan"], "曾": ["zeng"], "解": ["xie"], "仇": ["qiu"], "查": ["zha"], "盖": ["ge"],
    "区": ["ou"], "朴": ["piao"], "乐": ["yue"], "覃": ["qin"], "缪": ["miao"],
    "翟": ["zhai"], "秘": ["bi"], "员": ["yun"], "洗": ["xian"], "召": ["shao"],
    "种": ["chong"], "繁": ["po"], "么": ["yao"], "黑": ["he"], "折": ["she"], "句": ["gou"],
    "卜": ["bu"], "隗": ["wei"], "阚": ["kan"],
}  # fmt: skip


def normalised(name: str) -> str:
    """The spelling that is kept: one width, one middle dot, no spaces beside Chinese characters.

    Characters that no table knows (private use, later extensions) stay as they are.
    """
    name = unicodedata.normalize("NFKC", name.translate(_DOTS_TO_ONE)).translate(_DOTS_TO_ONE)
    name = _FULL_STOP_BETWEEN_IDEOGRAPHS.sub("·", " ".join(name.split()))
    return re.sub(r"\s*·\s*", "·", _SPACE_BESIDE_IDEOGRAPH.sub("", name))


def comparable(name: str) -> str:
    """The form two spellings of one name share: without case, spaces and dots."""
    return re.sub(r"[\s·\-']", "", normalised(name)).casefold()


def folded(name: str) -> str:
    """The form in which 繁體 and 简体 of one name are the same, as far as a table of some 700 pairs knows."""
    return comparable(name).translate(_to_mainland())


def pinyin(name: str) -> str:
    """What a name is searched by: full pinyin and initials, ``zhangsanfeng zsf``; ü is ``v``.

    Characters without a reading stand for themselves, so rare names are found by typing them.
    """
    plain = comparable(name)
    surname = next((plain[:length] for length in (2, 1) if plain[:length] in _SURNAMES), "")
    syllables = _SURNAMES.get(surname, []) + lazy_pinyin(
        plain[len(surname) :], style=Style.NORMAL, errors=lambda characters: list(characters)
    )
    initials = "".join(syllable[0] for syllable in syllables)[:_INITIALS_LENGTH]
    full = "".join(syllables)[: _PINYIN_LENGTH - len(initials) - 1]
    return f"{full} {initials}"


def sound(name: str) -> str:
    """How a name is spoken, tones included: 張 and 张 sound the same, 美 and 梅 do not.

    Read as 简体: several 繁體 characters are listed with another reading first.
    """
    return " ".join(lazy_pinyin(folded(name), style=Style.TONE3, neutral_tone_with_five=True))


def masked(name: str) -> str:
    """Enough for its owner to recognise: ``张*``, ``张*丰``, ``欧***娜``; never the whole name."""
    if len(name) < 2:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


@cache
def _to_mainland() -> dict[int, str]:
    lines = Path(__file__).with_name("variants.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}
