"""Claims of a completed action in a sentence: "I've refunded", "has been cancelled".

What is asked, denied, conditional, quoted or somebody else's word is no claim, and neither is what
will or can be done. A claim is `done` when it says that we did it, else it tells how things stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from handoff.promises.clauses import is_asked, is_no_statement, is_rule
from handoff.promises.phrases import ANY_LAST, KINDS, LAST, PHRASES, Kind

_TAIL = re.compile(r"[^\W\d_]+$")
_LETTER = re.compile(r"[^\W\d_]")
_LONGEST_WORD = max(map(len, LAST)) + 1
_COMPLETIONS: dict[str, list[str]] = {}
"""What the beginning of a word may become."""
for _word in sorted(LAST):
    for _length in range(1, len(_word)):
        _COMPLETIONS.setdefault(_word[:_length], []).append(_word)
_FEWEST = 4
"""Letters of a sentence's only word before it may become a claim: most that begin so are "can"."""
_LONGEST = 2_000
"""Characters of a sentence, its last ones, in which claims are looked for."""


class Claim(Struct, frozen=True):
    """A claim from character `start` of its sentence to `end`; `done` says that it was done."""

    kind: Kind
    done: bool
    start: int
    end: int


def claims(sentence: str) -> list[Claim]:
    """The claims of one whole sentence, in order."""
    made = (one for one in _claims(sentence) if not is_asked(sentence, one.start, one.end))
    return sorted(made, key=lambda claim: claim.start)


def begins_claim(sentence: str) -> Iterator[Claim]:
    """The claims that a sentence still being written makes, or may make with its next letters.

    Words before the first of them may be shown; from there on they wait for the end of the
    sentence, or for the word that shows that there is none.
    """
    yield from _claims(sentence)
    tail = _TAIL.search(sentence[-_LONGEST_WORD:])
    if tail is None:
        return
    head = sentence[: len(sentence) - len(tail[0])]
    for word in _COMPLETIONS.get(tail[0].lower(), ()):
        whole = head + word
        for claim in _claims(whole):
            alone = len(tail[0]) < _FEWEST and not _LETTER.search(head, claim.start)
            if claim.end == len(whole) and not alone:
                yield claim


def may_claim(piece: str) -> bool:
    """Whether words just written can complete a claim, or begin to; costs little."""
    tail = _TAIL.search(piece[-_LONGEST_WORD:])
    begun = tail is not None and tail[0].lower() in _COMPLETIONS
    return begun or ANY_LAST.search(piece) is not None


def _claims(sentence: str) -> Iterator[Claim]:
    since = max(0, len(sentence) - _LONGEST)
    if not ANY_LAST.search(sentence, since):
        return
    for phrase in PHRASES:
        for found in phrase.pattern.finditer(sentence, since):
            before = sentence[since : found.start()]
            if is_no_statement(before, found[0]):
                continue
            if phrase.sense == "holds" and is_rule(before):
                continue
            what = found.groupdict().get("what")
            kind: Kind = KINDS[what.lower()] if what else "refund"
            yield Claim(kind, phrase.sense == "done", found.start(), found.end())
