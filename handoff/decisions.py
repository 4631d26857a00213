"""What people decide on what is held, as decisions of one commit each; pure.

A hold is decided on while it is `held` or `needs_info`, exactly as it was shown: who names another
revision or digest, or comes after its time, is refused. A question does not stop a decision, which
settles it. Nobody approves what they asked for, by a call or by an edit; turning one's own request
down is everybody's right. What needs two approvers is given back `held` by the first.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from conversation import events as ev
from conversation.errors import Refused
from conversation.hold import Hold
from conversation.reply import Reply
from conversation.state import State
from handoff import drafts, sentences
from handoff.hold_steps import is_over, restated, standing, step, tell
from handoff.limits import UNCOUNTED
from handoff.ownership import Person


class Seen(Struct, frozen=True):
    """What a person decides on, as it was shown to them."""

    hold: str
    revision: int
    digest: str


def approve(
    state: State, _reply: Reply | None, *, seen: Seen, person: Person, now_ms: int
) -> list[ev.New]:
    """Let a call run, or a draft be said, exactly as it was shown."""
    before = decidable(state, seen, person, now_ms=now_ms)
    if any(reason.signal == UNCOUNTED.signal for reason in before.held.reasons):
        raise Refused("conflict", UNCOUNTED.text)
    approvers = _approved(before, person)
    if approvers.given < approvers.needed:
        return [step(before, "held", person.by, decision="approve", approvers=approvers)]
    if before.held.kind == "draft":
        return drafts.send(before, person)
    return [step(before, "approved", person.by, decision="approve", approvers=approvers)]


def edit(
    state: State,
    _reply: Reply | None,
    *,
    seen: Seen,
    person: Person,
    now_ms: int,
    now: ev.Held,
    lowered: bool,
) -> list[ev.New]:
    """Give a call other arguments: a new revision, `now`, which voids earlier approvals.

    One that is only `lowered` is approved by whoever lowered it, unless they asked for it; any
    other makes the editor one who asked for it.
    """
    before = editable(state, seen, person, now_ms=now_ms)
    if now.digest == before.digest:
        raise Refused("bad_request", "this changes nothing")
    _refuse_rivals(state, before, now)
    own = lowered and person.id not in before.asked_by
    approvers = ev.Approvers(needed=now.approvers.needed, given=int(own))
    status: ev.HoldStatus = "approved" if approvers.given >= approvers.needed else "held"
    said = restated(now) | {
        "revision": before.revision + 1,
        "arguments": now.arguments,
        "approvers": approvers,
    }
    return [step(before, status, person.by, decision="edit", **said)]


def reword(
    state: State, _reply: Reply | None, *, seen: Seen, person: Person, now_ms: int, text: str
) -> list[ev.New]:
    """Say a draft in other words."""
    before = decidable(state, seen, person, now_ms=now_ms)
    if before.held.kind != "draft":
        raise Refused("bad_request", "a call is edited by its arguments")
    return drafts.send_reworded(before, person, text)


def reject(
    state: State, reply: Reply | None, *, seen: Seen, person: Person, now_ms: int, reason: str
) -> list[ev.New]:
    """Refuse a call, whose customer is told the reason, or a draft, whose author is."""
    before = decidable(state, seen, person, now_ms=now_ms)
    if before.held.kind == "draft":
        return drafts.turn_down(state, reply, before, person, reason=reason)
    changed = step(before, "rejected", person.by, decision="reject", reason=reason)
    told = sentences.REJECTED.format(title=before.held.title, reason=reason)
    return [changed, *tell(state, told)]


def ask(
    state: State,
    _reply: Reply | None,
    *,
    seen: Seen,
    person: Person,
    now_ms: int,
    question: ev.Question,
) -> list[ev.New]:
    """Ask the customer or a colleague before deciding; a later question takes an earlier's place.

    The time to decide goes on.
    """
    before = decidable(state, seen, person, now_ms=now_ms)
    if before.held.kind == "draft":
        raise Refused("bad_request", "a draft is sent or turned down")
    return [step(before, "needs_info", person.by, decision="ask", question=question)]


def answer(
    state: State,
    _reply: Reply | None,
    *,
    hold: str,
    by: ev.By,
    to: Literal["customer", "agent"],
    text: str,
    expires_at: str,
) -> list[ev.New]:
    """Answer what was asked of `to`; the call waits again, from now on, and no turn opens.

    A new revision of the same call: nobody approves without having seen the answer, and what was
    approved before it is void.
    """
    before = state.holds.get(hold)
    if before is None or (to == "customer" and before.held.kind == "draft"):
        raise Refused("not_found", "there is no such request")
    asked = before.question if before.status == "needs_info" else None
    if asked is None or asked.to != to:
        raise Refused("conflict", "nothing is asked here")
    again = {
        "revision": before.revision + 1,
        "approvers": ev.Approvers(needed=before.held.approvers.needed),
        "expires_at": expires_at,
    }
    return [step(before, "held", by, decision="answer", answer=text, **again)]


def withdraw(state: State, _reply: Reply | None, *, hold: str, by: ev.By) -> list[ev.New]:
    """The customer no longer wants it; only before it was approved. Drafts are none of theirs."""
    before = state.holds.get(hold)
    if before is None or before.held.kind == "draft":
        raise Refused("not_found", "there is no such request")
    if before.status not in ev.WAITING:
        raise Refused("conflict", f"this request is {before.status}")
    return [step(before, "withdrawn", by, decision="withdraw")]


def settle(
    state: State,
    _reply: Reply | None,
    *,
    hold: str,
    outcome: Literal["succeeded", "failed"],
    reference: str,
    person: Person,
) -> list[ev.New]:
    """Say what became of a call of which nobody could tell, and where that can be looked up."""
    if not person.at_least("supervisor"):
        raise Refused("forbidden", "a supervisor settles this")
    before = standing(state, hold, "unknown")
    changed = step(before, outcome, person.by, decision="settle", reference=reference)
    told = sentences.OUTCOME[outcome].format(title=before.held.title)
    return [changed, *tell(state, told)]


def editable(state: State, seen: Seen, person: Person, *, now_ms: int) -> Hold:
    """The hold, if this person may give it other arguments now; raises `Refused`."""
    before = decidable(state, seen, person, now_ms=now_ms)
    if before.held.kind == "draft":
        raise Refused("bad_request", "a draft is edited by its text")
    return before


def decidable(state: State, seen: Seen, person: Person, *, now_ms: int) -> Hold:
    """The hold, if this person may decide on it now, as they saw it; raises `Refused`."""
    before = state.holds.get(seen.hold)
    if before is None:
        raise Refused("not_found", "there is no such hold")
    if before.held.kind != "draft" and not person.at_least("supervisor"):
        raise Refused("forbidden", "a supervisor decides on this")
    if before.status not in ev.WAITING:
        raise Refused("conflict", f"this is {before.status} already")
    if (before.revision, before.digest) != (seen.revision, seen.digest):
        raise Refused("conflict", "this changed since you saw it")
    if is_over(before, now_ms):
        raise Refused("expired", "the time to decide on this is over")
    return before


def _approved(before: Hold, person: Person) -> ev.Approvers:
    """The approvers with this one more."""
    if person.id in before.asked_by:
        raise Refused("forbidden", "nobody approves what they asked for")
    if person.id in before.approved_by:
        raise Refused("conflict", "you have approved this; somebody else must as well")
    return ev.Approvers(before.held.approvers.needed, len(before.approved_by) + 1)


def _refuse_rivals(state: State, before: Hold, now: ev.Held) -> None:
    """One request waits for one thing, also when an edit makes it about another thing."""
    if any(
        other.hold != before.hold and (other.held.tool, other.held.target) == (now.tool, now.target)
        for other in state.open_holds
    ):
        raise Refused("conflict", "another request for the same thing waits")
