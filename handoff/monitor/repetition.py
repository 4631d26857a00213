"""The signal `repetition`: one side says the same again, though the other has answered."""

from __future__ import annotations

import re

from conversation import events as ev
from handoff.monitor.asks_for_human import shortened
from handoff.monitor.similarity import Gist, gist, same
from handoff.monitor.view import Message, View
from handoff.monitor.words import plain

_SCORES = {2: 0.4, 3: 0.75}
_MORE = 0.9
_QUESTION_WEIGHT, _REPLY_WEIGHT = 2, 6
"""Weights below which the same again means nothing: "the blue one", "You're welcome!"."""
_AGREES = re.compile(
    r"^(?:please |great |perfect |ok |okay )*(?:yes|yeah|yep|yup|sure|correct|right|confirm"
    r"|confirmed|i confirm|agreed|go ahead|proceed|sounds good|that works"
    r"|that(?:s| is) (?:right|correct|fine|all|it)|thanks|thank you)\b"
)


def repeated_question(view: View) -> list[ev.Reason]:
    """The customer asks again what was answered before; impatience without an answer is not it."""
    found = [(_times_asked(message, view), message) for message in view.unanswered]
    times, message = max(found, key=lambda one: one[0], default=(0, None))
    if message is None or times < 2:
        return []
    text = f"Asked the same {times} times: “{shortened(message.text)}”"
    evidence = {"seq": message.seq, "times": times}
    return [ev.Reason("repetition", _SCORES.get(times, _MORE), text, evidence)]


def _times_asked(message: Message, view: View) -> int:
    """How often the customer asked this, counting once what was sent without an answer between."""
    asked = gist(message.text)
    if asked.weight < _QUESTION_WEIGHT or _only_agrees(message.text):
        return 0
    times, answered = 0, True
    for said in view.messages:
        if said.seq > message.seq:
            break
        if said.by != "customer":
            answered = True
        elif answered and same(asked, gist(said.text)):
            times, answered = times + 1, False
    return times


def _only_agrees(text: str) -> bool:
    """Whether a message confirms or thanks; a question in it asks something all the same."""
    return "?" not in text and _AGREES.match(plain(text)) is not None


def repeated_reply(view: View) -> list[ev.Reason]:
    """The assistant answers different messages with the same words."""
    if view.reply is None or not view.unanswered:
        return []
    reply = gist(view.reply)
    if reply.weight < _REPLY_WEIGHT:
        return []
    earlier = _same_replies(reply, view)
    times = 1 + len(earlier)
    if times < 2:
        return []
    text = f"The assistant gave the same answer {times} times: “{shortened(view.reply)}”"
    evidence = {"seq": earlier[-1], "times": times}
    return [ev.Reason("repetition", _SCORES.get(times, _MORE), text, evidence)]


def _same_replies(reply: Gist, view: View) -> list[int]:
    """The seqs of earlier replies that say the same to another message of the customer."""
    answers = [gist(view.unanswered[-1].text)]
    found, asked = [], None
    for said in view.messages:
        if said.by == "customer":
            asked = gist(said.text)
        elif said.by == "assistant" and asked is not None and same(reply, gist(said.text)):
            if any(asked == other or same(asked, other) for other in answers):
                continue
            found.append(said.seq)
            answers.append(asked)
    return found
