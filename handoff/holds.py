"""A held call on its way from approved to told, as the server's decisions of one commit each; pure.

`approved` → `executing` → `succeeded` | `failed` | `unknown`, or back to `held` when facts or rules
changed before it ran; `unknown` → `succeeded` | `failed` once somebody can tell. While the
assistant owns the conversation an outcome opens a turn, so the assistant tells it; otherwise the
server does. What people decide stands in `decisions.py`, what time does in `deadlines.py`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, UnsetType

from conversation import events as ev
from conversation.state import State
from handoff import sentences
from handoff.hold_steps import restated, standing, step, tell
from handoff.ownership import SYSTEM

Outcome = Literal["succeeded", "failed", "unknown"]


def begin(state: State, hold: str) -> list[ev.New]:
    """The approved call is about to have its effect."""
    before = standing(state, hold, "approved")
    started = ev.ToolStarted(call=before.call, key=before.call)
    return [ev.New(SYSTEM, started), step(before, "executing", SYSTEM)]


def finish(
    state: State,
    hold: str,
    outcome: Outcome,
    *,
    result: Raw | UnsetType = UNSET,
    error: Raw | UnsetType = UNSET,
    reference: str | UnsetType = UNSET,
    reconcile_at: str | UnsetType = UNSET,
) -> list[ev.New]:
    """The call has ended, or nobody can tell; then the tool is asked at `reconcile_at`.

    `reference` is by what a tool found it that was asked at once.
    """
    before = standing(state, hold, "executing")
    finished = ev.ToolFinished(
        call=before.call, key=before.call, outcome=outcome, result=result, error=error
    )
    changed = step(before, outcome, SYSTEM, reference=reference, reconcile_at=reconcile_at)
    told = sentences.OUTCOME[outcome].format(title=before.held.title)
    return [ev.New(SYSTEM, finished), changed, *tell(state, told)]


def reconciled(
    state: State,
    hold: str,
    outcome: Outcome,
    *,
    reference: str | UnsetType = UNSET,
    reconcile_at: str | UnsetType = UNSET,
) -> list[ev.New]:
    """The tool says what became of a call, or cannot tell either; then it is asked again, or not.

    One that was settled meanwhile is a `conflict`.
    """
    before = standing(state, hold, "unknown")
    if outcome == "unknown":
        return [step(before, "unknown", SYSTEM, reconcile_at=reconcile_at)]
    changed = step(before, outcome, SYSTEM, decision="settle", reference=reference)
    told = sentences.OUTCOME[outcome].format(title=before.held.title)
    return [changed, *tell(state, told)]


def put_back(state: State, hold: str, *, now: ev.Held, why: str) -> list[ev.New]:
    """What was approved cannot run as it is: it waits again as a new revision, and says why.

    No fewer people decide than before: looser rules do not decide for them.
    """
    before = standing(state, hold, "approved")
    needed = max(before.held.approvers.needed, now.approvers.needed)
    said = restated(now) | {
        "revision": before.revision + 1,
        "rule": f"{now.rule}; {why}" if now.rule else why,
        "approvers": ev.Approvers(needed=needed),
    }
    return [step(before, "held", SYSTEM, **said)]


def refuse(state: State, hold: str, *, why: str) -> list[ev.New]:
    """The rules deny by now what was approved: it does not run, and the customer is told.

    `why` is the rule's own words, for staff.
    """
    before = standing(state, hold, "approved")
    reason = sentences.NOT_ALLOWED_NOW
    changed = step(before, "rejected", SYSTEM, reason=reason, rule=why)
    told = sentences.REJECTED.format(title=before.held.title, reason=reason)
    return [changed, *tell(state, told)]
