"""What waits for a person, or what became of it: the fold of one hold's events, pure."""

from __future__ import annotations

from msgspec import UNSET, Raw, Struct
from msgspec.structs import replace

from conversation import events as ev


class Hold(Struct, frozen=True, forbid_unknown_fields=True):
    """What waits for a decision, or what became of it."""

    hold: str
    call: str
    status: ev.HoldStatus
    held: ev.Held
    revision: int
    digest: str
    created_at: str
    by: ev.By
    reason: str | None = None
    asked_by: tuple[str, ...] = ()
    """Ids of the staff whose request it is, by calling or by editing: they do not decide on it."""
    approved_by: tuple[str, ...] = ()
    """Ids of the staff who approved this revision."""
    question: ev.Question | None = None
    answer: str | None = None
    escalated_to: str | None = None
    reference: str | None = None
    reconcile_at: str | None = None
    reconciles: int = 0
    """How often the tool was asked what became of it."""
    turn: int | None = None
    """Of a draft: the turn whose reply it is."""

    @property
    def open(self) -> bool:
        """Whether something still needs to happen."""
        return self.status in ev.OPEN


def begin(data: ev.Held, event: ev.Event, *, turn: int | None) -> Hold:
    """A hold as it begins; `turn` is the open turn, if any."""
    return Hold(
        hold=data.hold,
        call=data.call,
        status="unknown" if data.kind == "settle" else "held",
        held=data,
        revision=data.revision,
        digest=data.digest,
        created_at=event.at,
        by=event.by,
        asked_by=(event.by.id,) if event.by.id else (),
        reconcile_at=None if data.reconcile_at is UNSET else data.reconcile_at,
        turn=turn if data.kind == "draft" else None,
    )


_RESTATED = (
    "title", "target", "risk", "reasons", "rule", "evidence", "approvers", "arguments", "text",
)  # fmt: skip
"""What a change may say anew of what is held."""
_KEPT = ("digest", "reason", "question", "answer", "escalated_to", "reference")
"""What a change may say anew of the hold; else it stays."""


def change(before: Hold, data: ev.HoldChanged) -> Hold:
    """The hold after a step in its life; one that is over keeps no evidence."""
    hold = replace(before, status=data.status, held=_restated(before, data), revision=data.revision)
    if data.question is not UNSET:
        hold = replace(hold, answer=None)
    for name in _KEPT:
        if (value := getattr(data, name)) is not UNSET:
            hold = replace(hold, **{name: value})
    hold = _reconciled(_decided(before, hold, data), data)
    if hold.open:
        return hold
    return replace(hold, held=replace(hold.held, evidence=Raw(b"{}"), reasons=[]))


def _restated(before: Hold, data: ev.HoldChanged) -> ev.Held:
    held = before.held
    for name in _RESTATED:
        if (value := getattr(data, name)) is not UNSET:
            held = replace(held, **{name: value})
    if data.status in ev.WAITING or data.decision == "edit":
        held = replace(held, money=data.money, expires_at=data.expires_at)
    return held


def _decided(before: Hold, hold: Hold, data: ev.HoldChanged) -> Hold:
    """Keep who asked and who approved; a new revision voids what was approved before.

    An edit that counts as its editor's approval says so by `approvers.given`.
    """
    if data.revision != before.revision:
        hold = replace(hold, approved_by=(), escalated_to=None)
    person = data.by.id if isinstance(data.by, ev.By) else None
    if person is None:
        return hold
    given = data.approvers.given if isinstance(data.approvers, ev.Approvers) else 0
    if data.decision == "approve" or (data.decision == "edit" and given):
        return replace(hold, approved_by=(*hold.approved_by, person))
    if data.decision == "edit" and person not in hold.asked_by:
        return replace(hold, asked_by=(*hold.asked_by, person))
    return hold


def _reconciled(hold: Hold, data: ev.HoldChanged) -> Hold:
    due = None if data.reconcile_at is UNSET else data.reconcile_at
    tries = hold.reconciles + (data.decision == "reconcile")
    return replace(hold, reconcile_at=due, reconciles=tries)


def is_outcome(before: Hold, hold: Hold) -> bool:
    """Whether the assistant has something to tell, of a draft only that it was turned down."""
    if hold.status == before.status:
        return False
    if hold.held.kind == "draft":
        return hold.status == "rejected"
    return hold.status in ev.OUTCOMES
