"""What the model is told of a hold before its outcome, and of a draft it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from conversation import events as ev
from conversation.ids import is_draft

Message = dict[str, Any]

TURNED_DOWN = """\
The customer was not sent your last reply: {text}
A colleague turned it down: {reason}
Write another one."""


def drafts_of(events: Sequence[ev.Event]) -> dict[str, str]:
    """What the model wrote and a person had to see, by hold."""
    return {
        event.data.hold: event.data.text
        for event in events
        if isinstance(event.data, ev.Held) and isinstance(event.data.text, str)
    }


def is_sent_draft(event: ev.Event) -> bool:
    """Whether these words are said for a person's decision, and not in the turn that wrote them."""
    return isinstance(event.data, ev.AssistantSaid) and event.data.hold is not UNSET


def on_the_way(changed: ev.HoldChanged, drafts: dict[str, str]) -> list[Message]:
    """What is asked, answered or changed while something waits.

    An answer is the customer's own words and stands as theirs: what they write never speaks with
    the server's voice. What colleagues ask one another stays among them.
    """
    if is_draft(changed.hold):
        return _draft(changed, drafts)
    question = changed.question
    if (
        isinstance(question, ev.Question)
        and question.to == "customer"
        and changed.decision == "ask"
    ):
        asked = {"hold": changed.hold, "status": changed.status, "question": question.text}
        return [_system(asked)]
    by_customer = isinstance(changed.by, ev.By) and changed.by.role == "customer"
    if changed.decision == "answer" and by_customer:
        return [{"role": "user", "content": changed.answer}]
    if changed.decision == "edit":
        edited = {"hold": changed.hold, "status": changed.status, "arguments": changed.arguments}
        return [_system(edited)]
    return []


def _draft(changed: ev.HoldChanged, drafts: dict[str, str]) -> list[Message]:
    """A draft that was sent stands as what was said, one that was overtaken nowhere."""
    if changed.status != "rejected":
        return []
    told = TURNED_DOWN.format(text=drafts.get(changed.hold, ""), reason=changed.reason)
    return [{"role": "system", "content": told}]


def _system(told: dict[str, Any]) -> Message:
    return {"role": "system", "content": msgspec.json.encode(told).decode()}
