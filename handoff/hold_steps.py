"""One step in the life of a hold: from where it may be taken, the event it makes, who is told."""

from __future__ import annotations

from typing import Any

from conversation import events as ev
from conversation.errors import Refused
from conversation.hold import Hold
from conversation.state import ASSISTANT, State
from handoff.ownership import SYSTEM


def standing(state: State, hold: str, *statuses: ev.HoldStatus) -> Hold:
    """The hold, which must be in one of these statuses; raises `Refused`."""
    before = state.holds.get(hold)
    if before is None:
        raise Refused("not_found", "there is no such hold")
    if before.status not in statuses:
        raise Refused("conflict", f"this is {before.status} already")
    return before


def step(before: Hold, status: ev.HoldStatus, by: ev.By, **more: Any) -> ev.New:
    """A change of status; what `more` does not say of the hold stays as it is."""
    stays: dict[str, Any] = {
        "revision": before.revision,
        "digest": before.digest,
        "money": before.held.money,
        "expires_at": before.held.expires_at if status in ev.WAITING else None,
    }
    changed = ev.HoldChanged(hold=before.hold, status=status, by=by, **{**stays, **more})
    return ev.New(by, changed)


def restated(now: ev.Held) -> dict[str, Any]:
    """What a hold says anew of a call that was judged again, as `step` takes it."""
    return {
        "digest": now.digest,
        "money": now.money,
        "rule": now.rule,
        "evidence": now.evidence,
        "title": now.title,
        "target": now.target,
        "risk": now.risk,
        "reasons": now.reasons,
        "expires_at": now.expires_at,
    }


def is_over(hold: Hold, now_ms: int) -> bool:
    """Whether the time to decide on it, or to run it once approved, has passed."""
    until = hold.held.expires_at
    return until is not None and now_ms >= ev.milliseconds(until)


def tell(state: State, text: str, *, code: str = "hold") -> list[ev.New]:
    """The server tells an outcome when the assistant, which would, does not own the floor."""
    if state.owner == ASSISTANT:
        return []
    return [ev.New(SYSTEM, ev.SystemSaid(text=text, code=code))]
