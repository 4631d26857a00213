"""A person who is announced: "I'm transferring you", "a colleague has been notified".

Such words are made true: whoever reads them is handed over. An offer, a question and a condition
announce nobody, and neither does a wish for a yes further on in the reply.
"""

from __future__ import annotations

import re

from msgspec import Struct

from handoff.promises.clauses import is_no_statement, sentences

_ROLE = (
    r"(?:human(?: agent| being| representative)?|person|people|colleague|agent|representative|rep"
    r"|specialist|supervisor|manager|team(?: member)?|member of (?:our|the) (?:team|staff)|staff"
    r"|advisor|adviser|operator|someone|somebody|expert|department|support team)s?"
)
_WHO = rf"(?:\w+ ){{0,6}}?{_ROLE}\b"
_ADVERB = (
    r"(?:(?:now|just|also|then|already|go ahead and|gone ahead and|going to|currently|immediately"
    r"|right away) )*"
)
_YOU = (
    r"(?:you|your (?:\w+ ){1,2}|this(?: \w+)?|the (?:chat|conversation|case|matter|issue)|it"
    r"|things)"
)
_CASE = r"(?:case|request|issue|chat|conversation|matter)"
_AM = r"\b(?:i['\u2019]?m|i am|we['\u2019]?re|we are)"
_HAVE = r"\b(?:i['\u2019]?ve|i have|we['\u2019]?ve|we have)"
_WILL = r"\b(?:i['\u2019]?ll|i will|let me|allow me to)"
_SEND = r"(?:transfer|connect|escalat|hand|forward|pass|refer|put)"
_TO_COME = (
    # I'm transferring you, I am connecting you with a colleague
    rf"{_AM} {_ADVERB}transferring (?:you|this)\b",
    rf"{_AM} {_ADVERB}{_SEND}\w*ing {_YOU} .{{0,40}}?{_WHO}",
    (
        rf"{_AM} {_ADVERB}(?:bringing in|getting|notifying|alerting)"
        rf" {_WHO}"
    ),
    # I'll transfer you to a person, let me connect you with a colleague
    rf"{_WILL} {_ADVERB}{_SEND}\w* {_YOU} .{{0,40}}?{_WHO}",
    rf"{_WILL} {_ADVERB}(?:bring in|notify|alert|get) {_WHO}",
    # you are being transferred, a colleague will be with you
    (
        rf"\byou(?:['\u2019]re| are|['\u2019]ll be| will be) {_ADVERB}(?:being )?{_ADVERB}"
        rf"(?:transferred|connected|put through|handed over)\b"
    ),
    (
        rf"\b(?:your|this|the) {_CASE} is being {_ADVERB}"
        rf"(?:escalated|transferred|handed over)\b"
    ),
    (
        rf"\b{_WHO} (?:will|['\u2019]ll) {_ADVERB}(?:be with you|be in touch|join|take over"
        rf"|contact you|reach out|get back to you|follow up|call you)\b"
    ),
    rf"\b{_WHO} (?:is|are) (?:on (?:the|their|its) way|joining)\b",
)
_DONE = (
    # I've transferred you, I have notified a colleague, I've escalated this
    rf"(?:{_HAVE}|\bi) {_ADVERB}(?:transferred|connected) (?:you|this)\b",
    rf"(?:{_HAVE}|\bi) {_ADVERB}(?:escalated|forwarded|passed) {_YOU}",
    (
        rf"{_HAVE} {_ADVERB}(?:notified|alerted|informed|asked|told)"
        rf" {_WHO}"
    ),
    # you have been transferred, a colleague has been notified
    (
        rf"\byou(?: have|['\u2019]ve) {_ADVERB}been {_ADVERB}"
        rf"(?:transferred|connected|put through|handed over)\b"
    ),
    (
        rf"\b(?:your|this|the) {_CASE} has {_ADVERB}been"
        rf" {_ADVERB}(?:escalated|transferred|handed over)\b"
    ),
    rf"\b{_WHO} (?:has|have) {_ADVERB}been {_ADVERB}(?:notified|informed|alerted|asked)\b",
)


def _compiled(patterns: tuple[str, ...]) -> list[re.Pattern[str]]:
    return [re.compile(pattern.replace(" ", r"[\s*_]+"), re.IGNORECASE) for pattern in patterns]


_PATTERNS = [*((False, one) for one in _compiled(_TO_COME))]
_PATTERNS += [(True, one) for one in _compiled(_DONE)]
_QUESTION = re.compile(r"\?[\s*_\"\u201d)]*$")
_HINT = re.compile(
    r"transfer|connect|escalat|hand|forward|pass|refer|put|notif|alert|inform|ask|told|bring|get"
    r"|join|touch|contact|reach|follow|call|way|over|with",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:would you like|do you want|shall i|should i|may i|can i|could i|is (?:that|this) (?:ok"
    r"|okay|alright|all right|fine)|does that work|okay with|ok with|before i|confirm|proceed"
    r"|let me know|reply|agree)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:after|once|if|unless|until|when|as soon as|should)\b", re.IGNORECASE)
_LONGEST = 400


class Announced(Struct, frozen=True):
    """A person who is said to come, or, when `done`, to have been called in already."""

    sentence: str
    done: bool


def announced_person(text: str) -> Announced | None:
    """The first announcement of a person in a whole reply; None when there is none."""
    whole = sentences(text)
    for at, sentence in enumerate(whole):
        found = _announced(sentence)
        if found is not None and not any(_ASKS.search(later) for later in whole[at + 1 :]):
            return found
    return None


def _announced(sentence: str) -> Announced | None:
    if _QUESTION.search(sentence) or not _HINT.search(sentence):
        return None
    for done, pattern in _PATTERNS:
        found = pattern.search(sentence[:_LONGEST])
        if found is None or is_no_statement(sentence[: found.start()], found[0][:2]):
            continue
        if done or not _CONDITION.search(sentence):
            return Announced(sentence, done)
    return None
