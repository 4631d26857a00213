"""The signal `asks_for_human`: the customer wants to talk to a person."""

from __future__ import annotations

from conversation import events as ev
from handoff.monitor.offer import accepts_offer
from handoff.monitor.stance import Stance, stance
from handoff.monitor.view import Message, View

CERTAIN = 1.0
_CONDITIONAL = 0.55
"""“If you can't do that, I want a person”: one more sign of trouble, and it is time."""
_QUOTED = 120


def asks_for_human(view: View) -> list[ev.Reason]:
    """What the unanswered messages say last; a later “never mind the agent” takes a wish back."""
    for message in reversed(view.unanswered):
        said = stance(message.text)
        if said is not None:
            return _reasons(said, message)
        offer = _before(message, view)
        if offer is not None and accepts_offer(offer.text, message.text):
            return [_reason(CERTAIN, "Said yes to a person", message.text, message)]
    return []


def _reasons(said: Stance, message: Message) -> list[ev.Reason]:
    match said.wish:
        case "asks":
            return [_reason(CERTAIN, "Asked for a person", said.sentence, message)]
        case "asks_if":
            text = "Asked for a person under a condition"
            return [_reason(_CONDITIONAL, text, said.sentence, message)]
        case "declines":
            return []


def _before(message: Message, view: View) -> Message | None:
    """What the assistant said last before a message, if nobody spoke in between."""
    earlier = [said for said in view.messages if said.seq < message.seq]
    return earlier[-1] if earlier and earlier[-1].by == "assistant" else None


def _reason(score: float, text: str, quote: str, message: Message) -> ev.Reason:
    return ev.Reason("asks_for_human", score, f"{text}: “{shortened(quote)}”", {"seq": message.seq})


def shortened(quote: str) -> str:
    """A quotation short enough for a line of a list."""
    words = " ".join(quote.split())
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1].rstrip()}…"
