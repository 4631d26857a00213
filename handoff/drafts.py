"""What becomes of words of the assistant that a person sees first, each in one commit; pure.

A draft that is sent is said in the same commit. One that is turned down comes back to the
assistant with the reason, which writes another; the second in a row goes to people instead.
"""

from __future__ import annotations

from msgspec import UNSET

from conversation import events as ev
from conversation.hold import Hold
from conversation.reply import Reply
from conversation.state import State
from handoff.digest import digest
from handoff.hold_steps import step
from handoff.ownership import SYSTEM, Person, cut_turn, hand_over

TRIES = 2
"""Drafts in a row that may be turned down before people take over."""


def digest_of(text: str) -> str:
    """What a person decides on who is shown a draft."""
    return digest({"draft": text})


def send(before: Hold, person: Person) -> list[ev.New]:
    """Say the draft as it is."""
    given = ev.Approvers(before.held.approvers.needed, len(before.approved_by) + 1)
    changed = step(before, "succeeded", person.by, decision="approve", approvers=given)
    return [changed, _said(before, str(before.held.text), edited=False)]


def send_reworded(before: Hold, person: Person, text: str) -> list[ev.New]:
    """Say other words instead, as a new revision."""
    changed = step(
        before,
        "succeeded",
        person.by,
        decision="edit",
        revision=before.revision + 1,
        digest=digest_of(text),
        text=text,
    )
    return [changed, _said(before, text, edited=True)]


def turn_down(
    state: State, reply: Reply | None, before: Hold, person: Person, *, reason: str
) -> list[ev.New]:
    """Do not say it: the assistant tries once more, then a person has the conversation."""
    changed = step(before, "rejected", person.by, decision="reject", reason=reason)
    if state.turned_down + 1 < TRIES:
        return [changed]
    told = ev.Reason("draft_rejected", 1.0, f"{TRIES} drafts in a row were turned down")
    return [*_to_people(state, reply, before, told), changed]


def expire(state: State, reply: Reply | None, before: Hold) -> list[ev.New]:
    """Nobody looked at it in time: the customer, who waits for an answer, gets a person."""
    told = ev.Reason("draft_expired", 1.0, "Nobody decided on a draft in time")
    changed = step(before, "expired", SYSTEM, decision="expire")
    return [*_to_people(state, reply, before, told), changed]


def _to_people(state: State, reply: Reply | None, before: Hold, reason: ev.Reason) -> list[ev.New]:
    """Hand over, before the draft's own end: that is no cause for a turn any more."""
    return [
        *cut_turn(state, reply, by=before.by, outcome="handed_over"),
        *hand_over(state, by=SYSTEM, reason=reason.signal, reasons=[reason], settled=before.hold),
    ]


def _said(before: Hold, text: str, *, edited: bool) -> ev.New:
    turn = UNSET if before.turn is None else before.turn
    said = ev.AssistantSaid(text=text, turn=turn, hold=before.hold, edited=edited)
    return ev.New(before.by, said)
