"""Words as they are compared: lower case, without endings, without those that say little."""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset(
    _WORD.findall(
        "a about am an and any are as assistance at be been but by can check could did do does"
        " dont day days for from get give got had has have having hello help hey hi how i id if"
        " ill im in info information is issue it its ive just know list me more my need of off on"
        " or our out please problem question s see show so some tell than that the their them"
        " there these they thing this those to trouble try trying up us want was we were what"
        " whats when where which why will with would you your"
    )
)
"""Words that hold a sentence together and say nothing of its subject."""
_ENDINGS = ("ings", "ing", "ies", "ied", "ed", "es", "s", "e", "y")
_SHORTEST_STEM = 3


def normal(text: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(text.replace("’", "'").lower().split())  # noqa: RUF001


def stems(text: str) -> list[str]:
    """The telling words of `text` in their order, each without its ending."""
    plain = normal(text).replace("'", "")
    return [stem(word) for word in _WORD.findall(plain) if word not in _EMPTY]


def stem(word: str) -> str:
    """`shipping`, `shipped` and `ships` are all `ship`; numbers stay as they are."""
    if word.isdecimal():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    doubled = len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "ls"
    return word[:-1] if doubled else word


def name_stems(name: str) -> set[str]:
    """The words by which an article is spoken of: those of its name, without numbers."""
    return {word for word in stems(name) if not word.isdecimal()}
