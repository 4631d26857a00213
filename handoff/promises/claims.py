"""Claims of a completed action in a sentence: "I've refunded", "has been cancelled".

What is asked, denied, conditional, quoted or somebody else's word is no claim, and neither is what
will or can be done. A claim is `done` when it says that we did it, else it tells how things stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from handoff.promises.clauses import is_no_statement

Kind = Literal["refund", "cancellation", "change"]

_REFUND = ("refunded", "reimbursed", "credited", "compensated")
_CANCEL = ("cancelled", "canceled")
_CHANGE = (
    "updated", "changed", "modified", "exchanged", "booked", "rebooked", "rescheduled", "upgraded",
    "downgraded", "swapped", "removed", "replaced", "added",
    "waived", "reactivated", "unlocked", "scheduled", "emailed",
)  # fmt: skip
_CARRIED_OUT = (
    "processed", "issued", "initiated", "completed", "submitted", "made", "applied", "arranged",
    "started", "approved", "finalized", "finalised", "executed", "requested", "sent", "placed",
    "credited", "confirmed", "released", "opened",
    "created", "raised", "filed", "logged", "cleared",
)  # fmt: skip
_REFUNDS = (
    "refund",
    "refunds",
    "reimbursement",
    "credit",
    "compensation",
    "voucher",
    "certificate",
)
_CANCELS = ("cancellation", "cancellations")
_CHANGES = (
    "return", "returns", "exchange", "exchanges", "modification", "modifications", "upgrade",
    "upgrades", "downgrade", "booking", "replacement", "rebooking", "changes", "updates",
    "ticket", "tickets", "email", "e-mail", "discount", "label",
)  # fmt: skip
_KINDS: dict[str, Kind] = {
    **dict.fromkeys((*_REFUND, *_REFUNDS), "refund"),
    **dict.fromkeys((*_CANCEL, *_CANCELS), "cancellation"),
    **dict.fromkeys((*_CHANGE, *_CHANGES), "change"),
}
_STEMS: dict[str, Kind] = {"refund": "refund", "reimburse": "refund", "cancel": "cancellation"}
_LAST = frozenset({*_KINDS, *_CARRIED_OUT, *_STEMS, "way", "successfully", "complete"})
"""Words with which a claim is complete."""


def _any(words: tuple[str, ...] | dict[str, Kind]) -> str:
    return rf"(?:{'|'.join(words)})"


_ADVERB = (
    r"(?:(?:now|just|already|also|then|successfully|officially|fully|both|gone ahead and"
    r"|went ahead and|all|recently|completely|immediately) )*"
)
_I = r"(?:\bi|\bwe)(?:['\u2019]?ve| have)? "
_BEEN = rf"(?:\b(?:has|have)|['\u2019]s) {_ADVERB}been {_ADVERB}"
_NOT_OURS = (
    r"(?! by (?!us\b)| (?:the |your |my |this |our )?(?:\w+ ){0,2}(?:request|list|summary|plan"
    r"|selection|proposal|calculation)\b)"
)
_DIRECT = rf"{_any((*_REFUND, *_CANCEL, *_CHANGE))}\b{_NOT_OURS}"
_STATUS = rf"{_any((*_REFUND, *_CANCEL))}\b{_NOT_OURS}"
_GAP = r"(?:[^.!?:;()\n]|[.:]\d|\([^()\n]*\)){0,100}?"
_THING = _any((*_REFUNDS, *_CANCELS, *_CHANGES))
_OBJECT = (
    r"(?:(?:you |your |the |a |an |this |that |both |full |partial |total |my )|[\w$.,#-]+ ){0,5}?"
)
_DONE = (
    rf"{_I}{_ADVERB}(?P<what>{_DIRECT})",
    rf"{_I}{_ADVERB}{_any(_CARRIED_OUT)} {_OBJECT}(?P<what>{_THING})",
    rf"(?:\bi was|{_I}been) able to {_ADVERB}(?P<what>{_any(_STEMS)})",
    rf"{_BEEN}(?P<what>{_DIRECT})",
    (
        rf"\b(?P<what>{_THING})\b{_GAP} (?:\b(?:has|have)) {_ADVERB}been {_ADVERB}"
        rf"{_any(_CARRIED_OUT)}"
    ),
    rf"\b(?:is|are) (?:now|officially|successfully|hereby|fully) {_ADVERB}(?P<what>{_DIRECT})",
    (
        rf"\b(?P<what>{_any((*_REFUNDS, *_CANCELS))})\b{_GAP} (?:is|are) {_ADVERB}"
        rf"(?:on (?:its|the|their) way|being (?:processed|issued|sent)|complete|confirmed)"
    ),
    rf"\bsuccessfully (?P<what>{_DIRECT})",
    rf"(?P<what>{_DIRECT}) successfully",
)
"""We did it, or it has come to be so."""
_STANDS = (
    rf"\b(?:was|were) {_ADVERB}(?P<what>{_STATUS})",
    (
        rf"\b(?P<what>{_any((*_REFUNDS, *_CANCELS))})\b{_GAP} (?:was|were) {_ADVERB}"
        rf"{_any(_CARRIED_OUT)}"
    ),
    rf"\b(?:your|the) [^.!?,\n]{{0,40}}?\b(?:is|are) (?:already |all )?(?P<what>{_STATUS})",
)
"""How things stand, as somebody may have looked up."""
_SPACE = r"[\s*_]+"


def _compiled(patterns: tuple[str, ...]) -> list[re.Pattern[str]]:
    return [re.compile(pattern.replace(" ", _SPACE), re.IGNORECASE) for pattern in patterns]


_CLAIMS = [(True, pattern) for pattern in _compiled(_DONE)]
_CLAIMS += [(False, pattern) for pattern in _compiled(_STANDS)]
_ANY_LAST = re.compile(rf"\b{_any(tuple(sorted(_LAST)))}\b", re.IGNORECASE)
_TAIL = re.compile(r"[^\W\d_]+$")
_LONGEST_WORD = max(map(len, _LAST)) + 1
_COMPLETIONS: dict[str, list[str]] = {}
"""What the beginning of a word may become."""
for _word in sorted(_LAST):
    for _length in range(1, len(_word)):
        _COMPLETIONS.setdefault(_word[:_length], []).append(_word)
_ASKED_OR_LISTED = re.compile(r"(?:\?|[,;]\s*(?:or|OR))[\s*_\"\u201d)]*$")
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
    if _ASKED_OR_LISTED.search(sentence):
        return []
    return sorted(_claims(sentence), key=lambda claim: claim.start)


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
        yield from (claim for claim in _claims(whole) if claim.end == len(whole))


def may_claim(piece: str) -> bool:
    """Whether words just written can complete a claim, or begin to; costs little."""
    tail = _TAIL.search(piece[-_LONGEST_WORD:])
    begun = tail is not None and tail[0].lower() in _COMPLETIONS
    return begun or _ANY_LAST.search(piece) is not None


def _claims(sentence: str) -> Iterator[Claim]:
    if not _ANY_LAST.search(sentence, max(0, len(sentence) - _LONGEST)):
        return
    since = max(0, len(sentence) - _LONGEST)
    for done, pattern in _CLAIMS:
        for found in pattern.finditer(sentence, since):
            if not is_no_statement(sentence[since : found.start()], found[0]):
                what = found["what"].lower()
                kind = _KINDS.get(what) or _STEMS[what]
                yield Claim(kind, done, found.start(), found.end())
