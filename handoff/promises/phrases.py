"""The phrases that claim a completed action, as patterns over the words of a sentence.

A pattern's group `what` names what was done; one without it speaks of money that was given back.
A blank in a pattern is any white space and markup between two words.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

Kind = Literal["refund", "cancellation", "change"]
Sense = Literal["done", "stands", "holds"]
"""We did it, or it came to be so; how it stands, as may have been looked up; so now, or always."""


class Phrase(Struct, frozen=True):
    """A pattern and what its words say."""

    sense: Sense
    pattern: re.Pattern[str]


_REFUND = ("refunded", "reimbursed", "credited", "compensated")
_CANCEL = ("cancelled", "canceled")
_CHANGE = (
    "updated", "changed", "modified", "exchanged", "booked", "rebooked", "rescheduled", "upgraded",
    "downgraded", "swapped", "removed", "replaced", "added",
    "waived", "reactivated", "unlocked", "scheduled", "emailed",
)  # fmt: skip
_CHANGED = ("changed", "exchanged", "rebooked", "rescheduled", "upgraded", "replaced", "removed")
_CARRIED_OUT = (
    "processed", "issued", "initiated", "completed", "submitted", "made", "applied", "arranged",
    "started", "approved", "finalized", "finalised", "executed", "requested", "sent", "placed",
    "credited", "confirmed", "released", "opened",
    "created", "raised", "filed", "logged", "cleared", "done",
)  # fmt: skip
_OVER = ("done", "complete", "completed", "confirmed", "successful", "through")
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
_STEMS = {"refund": "refund", "reimburse": "refund", "cancel": "cancellation"}
_BACK = ("back", "account", "card", "wallet", "bank", "money", "funds")
KINDS: dict[str, Kind] = {
    **dict.fromkeys((*_REFUND, *_REFUNDS, "reimburse"), "refund"),
    **dict.fromkeys((*_CANCEL, *_CANCELS, "cancel"), "cancellation"),
    **dict.fromkeys((*_CHANGE, *_CHANGES), "change"),
}
"""What each word of a group `what` is about."""
LAST = frozenset(
    {*KINDS, *_CARRIED_OUT, *_OVER, *_BACK, "way", "successfully", "transferred", "wired", "repaid"}
)
"""Words with which a claim is complete."""


def _any(*words: str) -> str:
    return rf"(?:{'|'.join(words)})"


_ADVERB = (
    r"(?:(?:now|just|already|also|then|successfully|officially|fully|both|gone ahead and"
    r"|went ahead and|all|recently|completely|immediately) )*"
)
_I = r"(?:\bi|\bwe)(?:['\u2019]?ve| have)? "
_BEEN = rf"(?:\b(?:has|have)|['\u2019]s) {_ADVERB}been {_ADVERB}"
_HAS = r"(?: (?:has|have)|['\u2019]s)"
_NOT_OURS = (
    r"(?! by (?!us\b)| (?:the |your |my |this |our )?(?:\w+ ){0,2}(?:request|list|summary|plan"
    r"|selection|proposal|calculation)\b)"
    r"(?! (?:nothing|none|neither|no)\b)(?!(?<=updated) (?:you|them) (?:on|about)\b)"
)
_NO_RULE = (
    r"(?! (?:within|after|once|when|if|upon|per|by (?!us\b)|in (?:about |a |\d)"
    r"|(?:back )?to (?:the|your) original)\b)"
)
"""What follows does not tell how it is done, if it is."""
_DIRECT = rf"{_any(*_REFUND, *_CANCEL, *_CHANGE)}\b{_NOT_OURS}"
_STATUS = rf"{_any(*_REFUND, *_CANCEL)}\b{_NOT_OURS}"
_NOW_SO = rf"{_any(*_REFUND, *_CANCEL, *_CHANGED)}\b{_NOT_OURS}{_NO_RULE}"
_GAP = r"(?:[^.!?:;()\n]|[.:]\d|\([^()\n]*\)){0,100}?"
_THING = _any(*_REFUNDS, *_CANCELS, *_CHANGES)
_RETURN = _any(*_REFUNDS, *_CANCELS)
_OBJECT = (
    r"(?:(?:you |your |the |a |an |this |that |both |full |partial |total |my )|[\w$.,#-]+ ){0,5}?"
)
_IT = r"(?:it|that|this|you|them|everything|(?:your|the) (?:\w+ )?[\w#-]+)"
_SUM = r"(?:[$\u20ac\u00a3]\s?\d[\d.,]*\b|\b\d[\d.,]* (?:dollars|euros|pounds|usd|eur|gbp)\b)"
_MONEY = rf"(?:\b(?:money|funds)\b|{_SUM})"
_ALL_OF = r"(?:(?:you|back|all|of|the|your|that|this|a|an|full|total|entire|remaining|amount) )*"
_HOME = (
    r"(?:back\b|(?:back )?(?:in|on)?to (?:your|the) (?:\w+ ){0,3}(?:account|card|wallet|bank)\b)"
)
_START = (
    r"(?:^|[:;!\u2014\u2013]|\s-|\b(?:done|set|ok|okay|great|news|sure|yes),)"
    r"[^\w\"\u201c\u2018'$\u20ac\u00a3]{0,8}"
)
_THEN = r"(?:^|[,:;!\u2014\u2013]|\s-|\band|\bso)[\s*_]*"
_DONE = (
    rf"{_I}{_ADVERB}(?P<what>{_DIRECT})",
    rf"{_I}{_ADVERB}{_any(*_CARRIED_OUT)} {_OBJECT}(?P<what>{_THING})",
    # I have gone ahead with the refund, I've put the refund through, I've got that refunded
    (
        rf"{_I}{_ADVERB}(?:(?:gone|went|moved) (?:ahead|forward)|proceeded) with {_OBJECT}"
        rf"(?P<what>{_THING})"
    ),
    rf"{_I}{_ADVERB}(?:put|pushed) {_OBJECT}(?P<what>{_THING})(?: [\w$.,#-]+){{0,4}}? through\b",
    rf"{_I}{_ADVERB}(?:put|pushed) through {_OBJECT}(?P<what>{_THING})",
    rf"{_I}{_ADVERB}(?:got|gotten) {_IT} {_ADVERB}(?P<what>{_DIRECT})",
    rf"(?:\bi was|{_I}been) able to {_ADVERB}(?P<what>{_any(*_STEMS)})",
    rf"{_BEEN}(?P<what>{_DIRECT})",
    rf"\b(?P<what>{_THING})\b{_GAP}{_HAS} {_ADVERB}been {_ADVERB}{_any(*_CARRIED_OUT, *_OVER)}",
    # the refund has gone through
    rf"\b(?P<what>{_THING})\b{_GAP}{_HAS} {_ADVERB}gone {_ADVERB}through\b",
    rf"\b(?:is|are) (?:now|officially|successfully|hereby|fully) {_ADVERB}(?P<what>{_DIRECT})",
    (
        rf"\b(?P<what>{_RETURN})\b{_GAP} (?:is|are) {_ADVERB}"
        rf"(?:on (?:its|the|their) way|being (?:processed|issued|sent))"
    ),
    rf"\bsuccessfully (?P<what>{_DIRECT})",
    rf"(?P<what>{_DIRECT}) successfully",
    # Refund issued! Refunded! Done, $60 refunded. Consider it refunded.
    (
        rf"{_START}(?:(?:your|the|a|full|partial) )*(?P<what>{_RETURN})\b"
        rf"(?: (?:of|for) {_OBJECT}[\w$.,#-]+)? {_ADVERB}{_any(*_CARRIED_OUT, *_OVER)}\b{_NO_RULE}"
    ),
    rf"{_START}{_ADVERB}(?P<what>{_STATUS})(?=[\s*_]*(?:[!.,;\u2014\u2013]|$)){_NO_RULE}",
    rf"{_START}(?:(?:your|the|all|full|a|total of) )*{_SUM}[\s*_]{_ADVERB}(?P<what>{_NOW_SO})",
    rf"\bconsider (?:it|that|this) {_ADVERB}(?P<what>{_DIRECT})",
)
_STANDS = (
    rf"\b(?:was|were) {_ADVERB}(?P<what>{_STATUS})",
    rf"\b(?P<what>{_RETURN})\b{_GAP} (?:was|were) {_ADVERB}{_any(*_CARRIED_OUT, *_OVER)}",
    rf"\b(?:your|the) [^.!?,\n]{{0,40}}?\b(?:is|are) (?:already |all )?(?P<what>{_STATUS})",
    rf"\b(?P<what>{_THING})\b{_GAP} went {_ADVERB}through\b",
)
_HOLDS = (
    rf"\b(?P<what>{_RETURN})\b{_GAP} (?:is|are) {_ADVERB}{_any(*_OVER)}\b{_NO_RULE}",
    (
        rf"(?:\bit|{_THEN}(?:that|this))(?:['\u2019]s| is) {_ADVERB}(?:been {_ADVERB})?"
        rf"(?P<what>{_NOW_SO})"
    ),
    rf"\b(?:your|the) (?:\w+ )?{_MONEY} (?:is|are) {_ADVERB}(?:back|on (?:its|the|their) way)\b",
)
_GIVEN_BACK = (
    # I've returned the money, transferred $60, sent the $60 back, paid you back
    rf"{_I}{_ADVERB}(?:returned|transferred|wired|repaid) {_ALL_OF}{_MONEY}",
    rf"{_I}{_ADVERB}(?:sent|put|paid|given|gave|moved|released) {_ALL_OF}{_MONEY} {_HOME}",
    rf"{_I}{_ADVERB}(?:given|gave|sent) you {_ALL_OF}{_MONEY} back\b",
    rf"(?:{_I}{_ADVERB}|{_BEEN})(?:re)?paid {_OBJECT}back\b",
    rf"{_I}{_ADVERB}repaid (?:you|it)\b",
    rf"{_MONEY} {_BEEN}(?:returned|repaid|wired|(?:sent|transferred|paid|released) {_HOME})",
)
_SPACE = r"[\s*_]+"


def _phrases(sense: Sense, patterns: tuple[str, ...]) -> list[Phrase]:
    compiled = (re.compile(one.replace(" ", _SPACE), re.IGNORECASE) for one in patterns)
    return [Phrase(sense, one) for one in compiled]


PHRASES = (
    *_phrases("done", _DONE + _GIVEN_BACK),
    *_phrases("stands", _STANDS),
    *_phrases("holds", _HOLDS),
)
ANY_LAST = re.compile(rf"\b{_any(*sorted(LAST))}\b", re.IGNORECASE)
