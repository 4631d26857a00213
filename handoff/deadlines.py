"""What time does to a hold, as decisions of one commit each; pure.

A call that nobody decided on is put to somebody else, then it is not done. A draft is not put off:
a customer waits for it. Each answers no events when there is nothing to do (any more), so a timer
that fires twice does no harm.
"""

from __future__ import annotations

from msgspec import UNSET

from conversation import events as ev
from conversation.hold import Hold
from conversation.reply import Reply
from conversation.state import State
from handoff import drafts, sentences
from handoff.hold_steps import is_over, step, tell
from handoff.ownership import SYSTEM
from handoff.settings import HoldsSettings


def expire(
    state: State, reply: Reply | None, *, hold: str, now_ms: int, settings: HoldsSettings
) -> list[ev.New]:
    """The time to decide is over: escalate once, then give it up and tell the customer."""
    before = state.holds.get(hold)
    if before is None or before.status not in ev.WAITING or not is_over(before, now_ms):
        return []
    if before.held.kind == "draft":
        return drafts.expire(state, reply, before)
    if settings.escalate_to is not None and before.escalated_to is None:
        return [_escalated(before, now_ms, settings)]
    told = sentences.OUTCOME["expired"].format(title=before.held.title)
    expired = step(before, "expired", SYSTEM, decision="expire")
    promised = _promised(before) if settings.then == "follow_up" else []
    return [expired, *tell(state, told), *promised]


def ask_what_happened(
    state: State, _reply: Reply | None, *, hold: str, now_ms: int
) -> list[ev.New]:
    """It is time to ask the tool what became of a call of which nobody can tell."""
    before = state.holds.get(hold)
    if before is None or before.status != "unknown" or before.reconcile_at is None:
        return []
    if now_ms < ev.milliseconds(before.reconcile_at):
        return []
    return [step(before, "unknown", SYSTEM, decision="reconcile")]


def _escalated(before: Hold, now_ms: int, settings: HoldsSettings) -> ev.New:
    """What was asked stays asked."""
    asked = before.question if before.status == "needs_info" else None
    return step(
        before,
        before.status,
        SYSTEM,
        decision="escalate",
        escalated_to=settings.escalate_to,
        expires_at=ev.iso(now_ms + round(settings.expires_in_s * 1000)),
        question=asked or UNSET,
    )


def _promised(before: Hold) -> list[ev.New]:
    """A person comes back to the customer; it changes no owner."""
    text = sentences.FOLLOW_UP.format(title=before.held.title)
    return [
        ev.New(SYSTEM, ev.FollowUpOpened(text=text)),
        ev.New(SYSTEM, ev.SystemSaid(text=text, code="follow_up")),
    ]
