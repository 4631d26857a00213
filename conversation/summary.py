"""What staff lists show of a conversation and of a hold: summaries, derived from the state."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from conversation import events as ev
from conversation.hold import Hold
from conversation.state import Said, State


class ConversationSummary(Struct, frozen=True, kw_only=True):
    """A conversation in a list; fields nobody fills yet are null."""

    conversation: str
    customer: str
    name: str | None
    language: str | None = None
    topic: str | None = None
    mood: str | None = None
    score: float | None
    threshold: float | None
    holds: list[str]
    unread: int
    status: str
    owner: str
    staff: str | None
    queue: str | None = None
    priority: int = 0
    waiting_since: str | None
    started_at: str
    at: str
    seq: int
    last: Said | None
    reasons: list[ev.Reason]
    tier: str | None = None
    due_at: str | None = None
    watchers: list[str] = []


class HoldSummary(Struct, frozen=True, kw_only=True):
    """A hold in a list, and all a decision needs to see; `digest` is what is being decided."""

    hold: str
    conversation: str
    customer: str
    name: str | None
    kind: str
    call: str
    tool: str | None
    title: str
    money: ev.Money | None
    risk: str | None
    rule: str | None
    reasons: list[ev.Reason]
    evidence: Raw
    arguments: Raw | None
    text: str | None
    target: str
    revision: int
    digest: str
    status: str
    reason: str | None
    approvers: ev.Approvers
    created_at: str
    expires_at: str | None
    by: ev.By
    asked_by: tuple[str, ...]
    approved_by: tuple[str, ...]
    question: ev.Question | None
    answer: str | None
    escalated_to: str | None
    reference: str | None


def summarise(state: State) -> ConversationSummary:
    """A conversation's line in a list."""
    customer, name = _customer(state)
    return ConversationSummary(
        conversation=state.conversation,
        customer=customer,
        name=name,
        score=state.score,
        threshold=state.threshold,
        holds=[hold.hold for hold in state.open_holds],
        unread=state.unread,
        status=state.status,
        owner=state.owner,
        staff=state.staff.name if state.staff else None,
        waiting_since=state.waiting_since,
        started_at=state.started_at,
        at=state.at,
        seq=state.seq,
        last=state.last,
        reasons=list(state.reasons),
    )


def summarise_hold(state: State, hold: Hold) -> HoldSummary:
    """A hold's line in a list."""
    customer, name = _customer(state)
    held = hold.held
    return HoldSummary(
        hold=hold.hold,
        conversation=state.conversation,
        customer=customer,
        name=name,
        kind=held.kind,
        call=hold.call,
        tool=held.tool,
        title=held.title,
        money=held.money,
        risk=held.risk,
        rule=held.rule,
        reasons=held.reasons,
        evidence=held.evidence,
        arguments=None if held.arguments is UNSET else held.arguments,
        text=None if held.text is UNSET else held.text,
        target=held.target,
        revision=hold.revision,
        digest=hold.digest,
        status=hold.status,
        reason=hold.reason,
        approvers=held.approvers,
        created_at=hold.created_at,
        expires_at=held.expires_at,
        by=hold.by,
        asked_by=hold.asked_by,
        approved_by=hold.approved_by,
        question=hold.question,
        answer=hold.answer,
        escalated_to=hold.escalated_to,
        reference=hold.reference,
    )


def public_holds(state: State) -> list[dict[str, Any]]:
    """What the customer sees of the actions that wait, or waited; drafts are none of theirs."""
    return [public_hold(hold) for hold in state.holds.values() if hold.held.kind != "draft"]


def public_hold(hold: Hold) -> dict[str, Any]:
    """What the customer sees of a hold of a call."""
    return {
        "hold": hold.hold,
        "title": hold.held.title,
        "money": msgspec.to_builtins(hold.held.money),
        "status": hold.status,
        "reason": hold.reason,
        "question": public_question(hold.question) if hold.status == "needs_info" else None,
        "expires_at": hold.held.expires_at,
    }


def public_question(question: ev.Question | None) -> dict[str, str] | None:
    """A question as the customer sees it; what an agent is asked is none of theirs."""
    if question is None or question.to != "customer":
        return None
    return {"to": question.to, "text": question.text}


def _customer(state: State) -> tuple[str, str | None]:
    if state.customer is None:
        return "", None
    name = state.customer.attributes.get("name")
    return state.customer.id, name if isinstance(name, str) else None
