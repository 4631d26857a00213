"""Whether a message asks for a person, asks under a condition, or declines one.

The last word counts: "get me a human. Actually no, don't transfer me" declines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from handoff.monitor.phrases import AGAINST_BOTS, ASKS, BARE
from handoff.monitor.vocabulary import MACHINE, PERSON, ROUTED, STAFF
from handoff.monitor.words import clauses, sentences

Wish = Literal["asks", "asks_if", "declines"]


class Stance(Struct, frozen=True):
    """What a message wants, and the sentence that says so, as written."""

    wish: Wish
    sentence: str


_HINT = re.compile(
    r"talk|speak|chat|touch|human|person|people|agent|represent|\breps?\b|operator|supervis|manage"
    r"|assistant|some(?:one|body)|any(?:one|body)|staff|advis|specialist|employee|worker|transfer"
    r"|connect|through|hand (?:me|us|this)|escalat|bots?\b|machine|\bai\b|computer|automat|virtual"
    r"|software|program|algorithm|llm|recording|reception|desk|team|department|service|support"
    r"|care\b|who |(?:to|with) you|boss|superior|colleague|member|consultant|teller|clerk"
    r"|technician|higher|professional|associate|concierge|call cent|restaurant|individual"
)
"""A clause without any of these says nothing about people."""
_NEGATED = re.compile(
    r"\b(?:dont|didnt|doesnt|not|never|without|wont|wouldnt|shouldnt|neednt|nor|refuse|isnt"
    r"|no longer|hold off(?: on)?|instead of|than|no (?:need|wish|reason|desire)"
    r"|(?:no need|(?:not|dont) (?:need|want)) to (?:\w+ ){1,5}or) "
    r"(?:(?:want|need|like|wish|have|having|be|get|getting|being|been|to|you|me|us|for|an?|any|going|try"
    r"|trying|ask|asking|prefer|really|just|please|even|ever|yet|that|think i|necessary|required"
    r"|dare|with|by|wait|waiting|involving|involve|until|keen on|interested in) ){0,7}$"
)
_NO_NEGATION = re.compile(
    r"\bif not\b|\bwhy not\b"
    r"|(?:^|\b(?:why|and|so|or|please) )"
    r"(?:dont|wont|wouldnt|isnt|arent|shouldnt|didnt) (?:you|i|we|there|they|it) (?!dare)"
)
"""“Why don't you transfer me” and “isn't there anyone” ask; their "not" negates nothing."""
_TOLD = re.compile(
    r"(?<!\bi )(?<!ive )(?<!have )(?<!already )\b(?:told|asked|advised|said|says|instructed|tells?"
    r"|suggest\w*|recommend\w*|directed|referred)"
    r" (?:(?:me|us|him|her|them|that|i|we|you|he|she|they|to|should|must|need|have|had|can|could|go"
    r"|please) )*$"
    r"|\b(?:made me|had to|used to|(?:my|his|her|our) \w+ (?:will|would|should)) $"
    r"|\b(?:did|didnt|does|before|after|while|every ?time) (?:\w+ ){0,2}$"
    r"|\b(?:when|whenever) (?:i|we|you|they) (?:\w+ )?$"
    r"|\b(?:do|would|will|did) (?:i|we) (?:\w+ )?(?:need|have|want) to (?:\w+ )?$"
    r"|\b(?:should|must|shall) (?:i|we) (?:\w+ )?$"
    r"|\b(?:ill|i will|we will|im going to|we are going to|he|she|they|people) $"
    r"|\byou(?:re| are) (?:trying|going|about|offering|able|saying) (?:to |that )?$"
    r"|\b(?:youd|you would) like to $|\byou want(?:ed)? (?:me )?to $"
)
_TOLD_OF = re.compile(
    r"talk|speak|chat|contact|reach|call|phone|transfer|connect|escalat|put|get|pass|have"
)
"""Stories, plans and questions of advice are about these; "should I" before a noun is not."""
_CONDITION = re.compile(
    r"\b(?:unless|otherwise|or else|in case|as soon as(?! possible)|after (?:we|you|this|that|the)"
    r"|once (?:\w+ ){1,6}|when (?:youre|that|its|this|we) )\b"
    r"|(?<!check )(?<!see )(?<!know )(?<!sure )(?<!wondering )(?<!wonder )\bif\b"
    r"(?! (?:at all )?(?:thats |its |it is )?(?:possible|ok\b|i may|i can|i could|you dont mind"
    r"|you (?:could|can|would|may)\b))"
)
_ACT = re.compile(r"talk|speak|escalat|transfer|connect|put|pass|get|give")
_ALTERNATIVE = re.compile(r"\bor (?:\w+ ){0,2}$")
_DECLINES = re.compile(
    rf"\b(?:no need (?:for|of|to \w+ (?:for|to|with)|to involve)"
    rf"|(?:dont|not|never|wont) (?:want|need|require|wait for|care for)"
    rf"(?: to (?:wait for|involve|bother|see))?|without(?: \w+ing)?|hold off on"
    rf"|rather not (?:have|involve)|instead of) {PERSON}"
    rf"|\bno {STAFF}(?: is)?(?: needed| required| necessary| thanks| thank you| please|$)"
    rf"|\b(?:not|dont|cant|without|never|wont|rather than)(?: \w+){{0,4}} (?:being|be|get) {ROUTED}"
    rf"|\b(?:without|no)(?: any| further| more| a)* transfers?\b|\bwithout transferring\b"
    rf"|\b(?:cant|not able to|unable to)(?: \w+){{0,2}} (?:talk|speak|chat)\b.{{0,60}}"
    rf"\b(?:right now|at the moment|today|on the phone|by phone|at work|out loud)\b"
)
_PERSON_NOT_BOT = re.compile(
    rf"\b{PERSON}.*\bnot {MACHINE}|\bnot {MACHINE}.*\b(?:{PERSON}|person\b)"
)
_WHAT_ARE_YOU = re.compile(
    r"\b(?:are|r) (?:you|u)\b|\bis (?:this|it|that)\b|\bam i\b|\bi ?a?m (?:not|really)\b|\bprove\b"
    r"|\byou(?:re| are) (?:an?|not an?|just|really|human|real)\b"
)
_WHOLE = 400
"""Characters in which "a person, not a bot" and "are you" are looked for across clauses."""


def stance(text: str) -> Stance | None:
    """What the message says last about talking to a person, None when it says nothing."""
    for sentence in reversed(sentences(text)):
        wish = _wish(clauses(sentence))
        if wish is not None:
            return Stance(wish, sentence)
    return None


def _wish(parts: list[str]) -> Wish | None:
    """What a sentence says, given its clauses in plain form."""
    telling = [part for part in parts if _HINT.search(part)]
    if not telling:
        return None
    whole = " ".join(parts)[:_WHOLE]
    about_you = _WHAT_ARE_YOU.search(whole) is not None
    wishes = [wish for part in telling if (wish := _of_clause(part, bare=not about_you))]
    if not wishes:
        return "asks" if not about_you and _PERSON_NOT_BOT.search(whole) else None
    if wishes[-1] == "asks" and any(map(_CONDITION.search, parts)):
        return "asks_if"
    return wishes[-1]


def _of_clause(part: str, *, bare: bool) -> Wish | None:
    """The last of the clause's wishes; where two begin together, the more certain one."""
    if any(pattern.search(part) for pattern in AGAINST_BOTS) or (bare and BARE.search(part)):
        return "asks"
    found: list[tuple[int, bool, Wish]] = [*_requests(part)]
    found += [(at.end(), True, "declines") for at in _DECLINES.finditer(part)]
    return max(found)[2] if found else None


def _requests(part: str) -> Iterator[tuple[int, bool, Wish]]:
    for pattern in ASKS:
        named = "ask" in pattern.groupindex
        for found in pattern.finditer(part):
            at = found.start("ask") if named else found.start()
            wish = _meant(part[:at], part[at : found.end()])
            if wish is not None:
                yield found.end(), wish == "declines", wish


def _meant(before: str, request: str) -> Wish | None:
    """What a request means after the words before it."""
    before = _NO_NEGATION.sub(" ", before)
    if _NEGATED.search(before):
        return "declines"
    if _TOLD_OF.match(request) and _TOLD.search(before):
        return None
    return "asks_if" if _ACT.match(request) and _ALTERNATIVE.search(before) else "asks"
