"""The life of a held call, as decisions of one commit each; pure.

`held` → `approved` | `rejected` | `withdrawn`; `approved` → `executing` → `succeeded` | `failed` |
`unknown`, or back to `held` when facts or rules changed before it ran. While the assistant owns the
conversation an outcome opens a turn, so the assistant tells it; otherwise the server does.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, UnsetType

from conversation import events as ev
from conversation.errors import Refused
from conversation.reply import Reply
from conversation.state import ASSISTANT, Hold, State
from handoff import sentences
from handoff.ownership import SYSTEM, Person

Outcome = Literal["succeeded", "failed", "unknown"]


def approve(
    state: State, _reply: Reply | None, *, hold: str, revision: int, digest: str, person: Person
) -> list[ev.New]:
    """Let the call run, exactly as it was shown."""
    before = _decidable(state, hold, revision, digest, person)
    given = ev.Approvers(before.held.approvers.needed, before.held.approvers.given + 1)
    return [_changed(before, "approved", person.by, decision="approve", approvers=given)]


def reject(
    state: State, _reply: Reply | None, *, hold: str, revision: int, digest: str, person: Person,
    reason: str,
) -> list[ev.New]:  # fmt: skip
    """Refuse the call; the customer is told the reason."""
    before = _decidable(state, hold, revision, digest, person)
    changed = _changed(before, "rejected", person.by, decision="reject", reason=reason)
    told = sentences.REJECTED.format(title=before.held.title, reason=reason)
    return [changed, *_tell(state, told)]


def withdraw(state: State, _reply: Reply | None, *, hold: str, by: ev.By) -> list[ev.New]:
    """The customer no longer wants it; only before it was approved."""
    before = state.holds.get(hold)
    if before is None:
        raise Refused("not_found", "there is no such request")
    if before.status not in ("held", "needs_info"):
        raise Refused("conflict", f"this request is {before.status}")
    return [_changed(before, "withdrawn", by, decision="withdraw")]


def begin(state: State, hold: str) -> list[ev.New]:
    """The approved call is about to have its effect."""
    before = _at(state, hold, "approved")
    started = ev.ToolStarted(call=before.call, key=before.call)
    return [ev.New(SYSTEM, started), _changed(before, "executing", SYSTEM)]


def finish(
    state: State,
    hold: str,
    outcome: Outcome,
    *,
    result: Raw | UnsetType = UNSET,
    error: Raw | UnsetType = UNSET,
) -> list[ev.New]:
    """The call has ended, or nobody can tell."""
    before = _at(state, hold, "executing")
    finished = ev.ToolFinished(
        call=before.call, key=before.call, outcome=outcome, result=result, error=error
    )
    told = sentences.OUTCOME[outcome].format(title=before.held.title)
    return [ev.New(SYSTEM, finished), _changed(before, outcome, SYSTEM), *_tell(state, told)]


def put_back(state: State, hold: str, *, now: ev.Held, why: str) -> list[ev.New]:
    """What was approved cannot run as it is: it waits again as a new revision, and says why."""
    before = _at(state, hold, "approved")
    data = ev.HoldChanged(
        hold=hold,
        status="held",
        revision=before.revision + 1,
        digest=now.digest,
        money=now.money,
        rule=f"{now.rule}; {why}" if now.rule else why,
        evidence=now.evidence,
        approvers=ev.Approvers(before.held.approvers.needed, 0),
        title=now.title,
        target=now.target,
        risk=now.risk,
        reasons=now.reasons,
    )
    return [ev.New(SYSTEM, data)]


def refuse(state: State, hold: str, *, why: str) -> list[ev.New]:
    """The rules deny by now what was approved: it does not run, and the customer is told.

    `why` is the rule's own words, for staff.
    """
    before = _at(state, hold, "approved")
    reason = sentences.NOT_ALLOWED_NOW
    changed = _changed(before, "rejected", SYSTEM, reason=reason, rule=why)
    told = sentences.REJECTED.format(title=before.held.title, reason=reason)
    return [changed, *_tell(state, told)]


def _decidable(state: State, hold: str, revision: int, digest: str, person: Person) -> Hold:
    if not person.at_least("supervisor"):
        raise Refused("forbidden", "a supervisor decides on this")
    before = state.holds.get(hold)
    if before is None:
        raise Refused("not_found", "there is no such hold")
    if before.status != "held":
        raise Refused("conflict", f"this is {before.status} already")
    if (before.revision, before.digest) != (revision, digest):
        raise Refused("conflict", "this changed since you saw it")
    return before


def _at(state: State, hold: str, status: ev.HoldStatus) -> Hold:
    before = state.holds[hold]
    if before.status != status:
        raise Refused("conflict", f"this is {before.status}, not {status}")
    return before


def _changed(
    before: Hold,
    status: ev.HoldStatus,
    by: ev.By,
    *,
    decision: Literal["approve", "reject", "withdraw"] | UnsetType = UNSET,
    reason: str | UnsetType = UNSET,
    rule: str | UnsetType = UNSET,
    approvers: ev.Approvers | UnsetType = UNSET,
) -> ev.New:
    data = ev.HoldChanged(
        hold=before.hold,
        status=status,
        decision=decision,
        by=by,
        reason=reason,
        rule=rule,
        revision=before.revision,
        digest=before.digest,
        money=before.held.money,
        approvers=approvers,
    )
    return ev.New(by, data)


def _tell(state: State, text: str) -> list[ev.New]:
    """The server tells an outcome when the assistant does not own the conversation."""
    if state.owner == ASSISTANT:
        return []
    return [ev.New(SYSTEM, ev.SystemSaid(text=text, code="hold"))]
