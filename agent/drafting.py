"""A reply that a person must see before the customer does."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Raw

from conversation import events as ev
from conversation.ids import call_id, draft_id
from conversation.state import State
from handoff.drafts import digest_of

TITLE = "Reply"
RULE = "replies are drafts until the assistant is certified"


def draft(
    state: State, text: str, *, assistant: ev.By, reasons: Sequence[ev.Reason], expires_at: str
) -> ev.New:
    """Hold the words of the step to come; `reasons` say what was noticed in them."""
    step = state.steps + 1
    held = ev.Held(
        hold=draft_id(state.conversation, step),
        kind="draft",
        call=call_id(state.conversation, step, 0),
        revision=1,
        digest=digest_of(text),
        title=TITLE,
        text=text,
        target="",
        money=None,
        rule=RULE,
        risk=None,
        reasons=list(reasons),
        evidence=Raw(b"{}"),
        expires_at=expires_at,
    )
    return ev.New(assistant, held)
