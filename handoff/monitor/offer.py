"""Saying yes when the assistant offers a person asks for one."""

from __future__ import annotations

import re

from handoff.monitor.phrases import ASKS
from handoff.monitor.words import clauses, plain, sentences

_YES = (
    r"(?:yes|yeah|yep|yup|sure|ok|okay|alright|absolutely|definitely|certainly|of course|go ahead"
    r"|do (?:it|that|so)|lets do (?:it|that)|please do|i do|i would|id like that|i would like that"
    r"|that would be (?:great|good|nice|perfect|helpful|fine)|sounds good|that works|why not)"
)
_AGREES = re.compile(
    rf"^(?:please )?{_YES}(?: (?:{_YES}|please|thanks|thank you|now|then|great))*$"
)
_CHOICE = re.compile(r"\bor\b")


def accepts_offer(offer: str, answer: str) -> bool:
    """Whether `answer` only agrees, and the last question of `offer` offers a person.

    A question with a choice in it is no offer: a yes to it does not say to what.
    """
    if not _AGREES.match(plain(answer)):
        return False
    questions = [sentence for sentence in sentences(offer) if sentence.endswith("?")]
    if not questions or _CHOICE.search(plain(questions[-1])):
        return False
    return any(ask.search(clause) for clause in clauses(questions[-1]) for ask in ASKS)
