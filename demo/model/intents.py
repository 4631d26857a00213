"""What a customer wants, by scored rules: each rule that fits adds to its intent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from demo.model.words import normal

Action = Literal["track", "refund", "cancel", "address", "orders"]
Aside = Literal["person", "withdraw", "progress"]
Talk = Literal["thanks", "bye", "who", "help", "upset", "greeting"]

_GENERAL = r"^(?:hi|hello|hey)?[ ,.!]*(?:how|what|when|where|why|do you|does|is there|are there)\b"
_NUMBER = r"\btf[- ]?\d{5}\b|#\d{5}|\b(?:order|purchase) (?:number )?\d{4,}\b"
_ENOUGH = 1.0


@dataclass(frozen=True)
class _Rules:
    """An intent: words it cannot be without, and what speaks for it or against it."""

    core: str
    weights: tuple[tuple[float, str], ...]

    def score(self, said: str) -> float:
        if not re.search(self.core, said):
            return 0
        return sum(weight for weight, pattern in self.weights if re.search(pattern, said))


_ACTIONS: dict[Action, _Rules] = {
    "track": _Rules(
        core=r"\b(?:where|track\w*|locat\w+|status|eta|arriv\w*|deliver\w*|ship\w*|sent|late"
        r"|delayed|still waiting|not here|come|coming)\b",
        weights=(
            (1.0, r"\bwhere(?:'s| is| are)\b(?! (?:your|the) (?:shop|store|office))"),
            (0.7, r"\b(?:track(?:ing)?|locat(?:e|ing)|status|eta)\b"),
            (0.4, r"\b(?:orders?|purchases?|parcels?|packages?|stuff|delivery|shipment)\b"),
            (
                0.4,
                r"\b(?:arriv\w*|deliver\w*|ship\w*|sent|late|delayed|waiting|here|com(?:e|ing))\b",
            ),
            (0.3, r"\bmy\b"),
            (0.6, _NUMBER),
            (-1.0, r"\b(?:cost|fee|price|policy|abroad|how long|do you|address|cancel\w*)\b"),
            (-1.0, r"\b(?:refund\w*|money|back|reimburse\w*)\b"),
        ),
    ),
    "refund": _Rules(
        core=r"\b(?:refund\w*|money back|reimburs\w*|pay me back|repay)\b",
        weights=(
            (1.0, ""),
            (
                0.5,
                r"\b(?:want|like|need|please|give|issue|request|ask|can i (?:get|have)|could i)\b",
            ),
            (0.7, _NUMBER),
            (-1.0, _GENERAL),
            (-1.0, r"\b(?:policy|how (?:long|many)|in (?:which|what) \w+|under (?:which|what))\b"),
            (-1.5, r"\b(?:waiting for|expect|track(?:ing)?|status|updates?|processed)\b"),
            (-2.0, r"\b(?:no|don'?t|do not|without a|not a) (?:\w+ ){0,2}(?:refund|money back)\b"),
        ),
    ),
    "cancel": _Rules(
        core=r"\bcancel\w*\b|\bcall off\b",
        weights=(
            (1.0, ""),
            (0.5, r"\bmy\b|" + _NUMBER),
            (-0.6, _GENERAL + r"|\bpolicy\b|\bfees?\b"),
            (-2.0, r"\b(?:account|subscription|newsletter)\b"),
            (-2.0, r"\b(?:don'?t|do not|not) (?:\w+ ){0,2}cancel\b"),
        ),
    ),
    "address": _Rules(
        core=r"\b(?:chang|updat|correct|edit|modify|new|other|different|wrong).{0,40}\baddress\b"
        r"|\baddress\b.{0,20}\b(?:is wrong|changed)\b"
        r"|\b(?:send|deliver|ship|redirect) (?:it|this|that|them|tf\S*|my \w+) to\b",
        weights=((1.0, ""), (0.5, _NUMBER), (-0.6, _GENERAL), (-2.0, r"\be-?mail\b")),
    ),
    "orders": _Rules(
        core=r"\b(?:my|all|list|show)\b.{0,20}\borders\b|\border history\b"
        r"|\bwhat (?:did|have) i (?:buy|bought|order)",
        weights=((1.0, ""), (-1.0, r"\b(?:where|cancel\w*|refund\w*|address)\b")),
    ),
}

_ASIDES: dict[Aside, str] = {
    "person": r"\b(?:talk|speak|chat|connect|transfer|contact|get)(?:ing)? (?:\w+ ){0,4}"
    r"(?:person|human|agent|operator|someone|somebody|colleague|representative|people)\b"
    r"|\b(?:real|actual) (?:person|human)\b"
    r"|^(?:a )?(?:person|human|agent)[ .!]*(?:please)?[.!]*$",
    "withdraw": r"\bwithdraw\b|\b(?:cancel|stop|take back|drop) (?:my |the |this |that )*"
    r"(?:refund|request)\b",
    "progress": r"\b(?:any news|approved|decided|decision|still waiting|paid yet|been paid)\b"
    r"|\b(?:status|what about|what happened to|where is|when)\b.{0,20}\b(?:refund|request|money)\b",
}

_TALK: dict[Talk, str] = {
    "thanks": r"\b(?:thanks?|thank you|thx|cheers|great|perfect|wonderful|awesome|nice|cool"
    r"|good)\b",
    "bye": r"\b(?:bye|goodbye|see you|that'?s all|have a (?:nice|good))\b",
    "who": r"\bare you (?:a |an )?(?:bot|robot|human|person|real|ai|machine|model)\b"
    r"|\bwho are you\b|\bwhat are you\b|\b(?:are you|is this) chatgpt\b|\byour name\b",
    "help": r"\bwhat can you do\b|\bhow can you help\b|^help[.!?]*$|\bcan you help\b|\bneed help\b",
    "upset": r"\b(?:ridiculous|terrible|awful|useless|angry|furious|unacceptable|disappointed"
    r"|frustrat\w*|worst|annoy\w*|rubbish)\b",
    "greeting": r"^(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|moin|hallo)\b",
}

_YES = re.compile(
    r"^(?:yes|yeah|yep|yup|sure|ok|okay|correct|right|exactly|please do|go ahead|do it|of course"
    r"|that'?s (?:it|right|the one)|that one)\b(?!.*\b(?:but|not|don'?t)\b)"
)
_NO = re.compile(r"^(?:no|nope|nah|never ?mind|forget it|stop|don'?t|do not|rather not|leave it)\b")


def action(text: str) -> Action | None:
    """Return the thing to do that `text` asks for most clearly, None when it asks for none."""
    said = normal(text)
    scores = {name: rules.score(said) for name, rules in _ACTIONS.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _ENOUGH else None


def aside(text: str) -> Aside | None:
    """Return what `text` asks about the conversation itself: a person, or a pending request."""
    said = normal(text)
    return next((name for name, pattern in _ASIDES.items() if re.search(pattern, said)), None)


def talk(text: str) -> Talk | None:
    """Return the kind of small talk that `text` is, if any."""
    said = normal(text)
    return next((name for name, pattern in _TALK.items() if re.search(pattern, said)), None)


def agrees(text: str) -> bool:
    """Whether `text` says yes."""
    return bool(_YES.search(normal(text)))


def declines(text: str) -> bool:
    """Whether `text` says no, or to leave it."""
    return bool(_NO.search(normal(text)))
