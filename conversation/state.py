"""What a conversation is now: the fold of its log, pure.

`fold(state, event)` applies one event. Everything that commits or shows reads this, never the raw
log; a state that is lost is folded again from seq 1.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.structs import replace

from conversation import events as ev

ASSISTANT = "assistant"
LINE = "line"
NOBODY = "nobody"

Status = Literal["assistant", "waiting", "human", "closed"]


class Customer(Struct, frozen=True):
    """Who the customer is; `level` is `anonymous`, or how well they are known."""

    id: str
    level: str = "anonymous"
    attributes: dict[str, Any] = {}


class Staff(Struct, frozen=True):
    """The person who owns a conversation."""

    id: str
    name: str


class Turn(Struct, frozen=True):
    """The open turn: it reads the log up to `upto` and its own events."""

    n: int
    upto: int
    attempt: int = 1
    """The attempt that committed this turn's last model step."""
    epoch: int = 1
    unfinished: tuple[str, ...] = ()
    """Calls of its last step that were allowed and have no result yet."""
    started: tuple[str, ...] = ()
    """Those of them that have begun."""


class Hold(Struct, frozen=True):
    """A tool call waiting for a decision, or what became of it."""

    hold: str
    call: str
    status: ev.HoldStatus
    held: ev.Held
    revision: int
    digest: str
    created_at: str
    by: ev.By
    reason: str | None = None

    @property
    def open(self) -> bool:
        """Whether something still needs to happen."""
        return self.status in ev.OPEN


class Said(Struct, frozen=True):
    """The last words, for lists."""

    by: ev.Role
    text: str


class State(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a log after `seq` events."""

    conversation: str
    v: Literal[2] = 2
    """Counts the forms of this struct; a head of another form is folded again from its log."""
    seq: int = 0
    at: str = ""
    started_at: str = ""
    epoch: int = 1
    owner: str = ASSISTANT
    staff: Staff | None = None
    customer: Customer | None = None
    turn: Turn | None = None
    turns_ended: int = 0
    upto: int = 0
    cause: int = 0
    """The last seq that asks the assistant for an answer."""
    steps: int = 0
    """Model answers recorded so far, in the whole conversation."""
    unanswered: bool = False
    """The customer spoke last."""
    unread: int = 0
    """Messages of the customer since anybody answered."""
    waiting_since: str | None = None
    reminders: int = 0
    """How often the waiting customer was told that nobody is free yet."""
    reasons: tuple[ev.Reason, ...] = ()
    reason: str | None = None
    score: float | None = None
    threshold: float | None = None
    last: Said | None = None
    holds: dict[str, Hold] = {}
    writing: tuple[str, ...] = ()
    """Allowed calls that change something, have begun and have no result yet."""
    untold: dict[str, int] = {}
    """Holds whose outcome the assistant has yet to tell, and the seq of it."""
    closed_at: str | None = None

    @property
    def status(self) -> Status:
        """Who has the conversation, as customers and lists are told."""
        if self.owner == ASSISTANT:
            return "assistant"
        if self.owner == LINE:
            return "waiting"
        return "closed" if self.owner == NOBODY else "human"

    @property
    def open_holds(self) -> list[Hold]:
        """Holds somebody or something still has to settle, oldest first."""
        return [hold for hold in self.holds.values() if hold.open]


LAST_WORDS = 160
"""Characters of the last words that lists show."""


def fold(state: State, event: ev.Event) -> State:  # noqa: C901, PLR0912 - one case a type
    """The state after `event`; the event must be the next one."""
    if event.seq != state.seq + 1:
        raise ValueError(f"event {event.seq} does not follow {state.seq}")
    state = replace(state, seq=event.seq, at=event.at)
    match event.data:
        case ev.ConversationStarted() as data:
            customer = Customer(id=data.customer, attributes=data.attributes)
            return replace(state, customer=customer, started_at=event.at)
        case ev.CustomerIdentified() as data:
            attributes = {**(state.customer.attributes if state.customer else {})}
            known = Customer(
                id=data.customer, level=data.level, attributes=attributes | data.attributes
            )
            return replace(state, customer=known)
        case ev.CustomerSaid() as data:
            said = _said(state, "customer", data.text)
            said = replace(said, unanswered=True, unread=state.unread + 1)
            return _cause(said) if said.owner == ASSISTANT else said
        case ev.AssistantCalled() as data:
            return _called(state, data)
        case ev.ToolStarted() as data:
            return _started(state, data)
        case ev.ToolFinished() as data:
            return _finished(state, data.call)
        case ev.AssistantSaid() as data:
            said = _said(state, "assistant", data.text)
            if data.turn is not UNSET:
                said = replace(said, steps=state.steps + 1)
            return said if data.partial else replace(said, unanswered=False, unread=0)
        case ev.TurnEnded() as data:
            return _turn_ended(state, data)
        case ev.StaffSaid() as data:
            said = _said(state, "staff", data.text)
            return replace(said, unanswered=False, unread=0)
        case ev.SystemSaid(code="still_waiting"):
            return replace(state, reminders=state.reminders + 1)
        case ev.Assessed() as data:
            return replace(state, score=data.score, threshold=data.threshold)
        case ev.Held() as data:
            hold = Hold(
                hold=data.hold,
                call=data.call,
                status="held",
                held=data,
                revision=data.revision,
                digest=data.digest,
                created_at=event.at,
                by=event.by,
            )
            return replace(state, holds={**state.holds, data.hold: hold})
        case ev.HoldChanged() as data:
            return _hold_changed(state, data)
        case ev.HandoverRequested() as data:
            return replace(state, reasons=tuple(data.reasons), reason=data.reason)
        case ev.OwnerChanged() as data:
            return _owner_changed(state, data, event)
        case ev.ConversationClosed():
            return replace(state, closed_at=event.at)
        case ev.ConversationReopened():
            return replace(state, closed_at=None, reasons=(), reason=None)
        case _:
            return state


def _said(state: State, by: ev.Role, text: str) -> State:
    words = " ".join(text[: 2 * LAST_WORDS].split())[:LAST_WORDS]
    return replace(state, last=Said(by, words))


def _cause(state: State) -> State:
    """Ask the assistant for an answer to the event just applied; opens a turn if none is open."""
    state = replace(state, cause=state.seq)
    return state if state.turn else _open_turn(state)


def _open_turn(state: State) -> State:
    turn = Turn(n=state.turns_ended + 1, upto=state.seq)
    return replace(state, turn=turn)


def _called(state: State, data: ev.AssistantCalled) -> State:
    state = replace(state, steps=state.steps + 1)
    if data.text.strip():
        state = _said(state, "assistant", data.text)
    if state.turn is None:
        return state
    allowed = tuple(call.call for call in data.calls if call.verdict == "allow")
    return replace(state, turn=replace(state.turn, attempt=data.attempt, unfinished=allowed))


def _started(state: State, data: ev.ToolStarted) -> State:
    turn = state.turn
    if turn is None or data.call not in turn.unfinished:
        return state
    writing = state.writing if data.key is None else (*state.writing, data.call)
    turn = replace(turn, started=(*turn.started, data.call))
    return replace(state, turn=turn, writing=writing)


def _finished(state: State, call: str) -> State:
    state = replace(state, writing=tuple(other for other in state.writing if other != call))
    turn = state.turn
    if turn is None or call not in turn.unfinished:
        return state
    rest = tuple(other for other in turn.unfinished if other != call)
    started = tuple(other for other in turn.started if other != call)
    return replace(state, turn=replace(turn, unfinished=rest, started=started))


def _turn_ended(state: State, data: ev.TurnEnded) -> State:
    ended = replace(state, turn=None, turns_ended=state.turns_ended + 1, upto=data.upto)
    if data.outcome == "silent":
        ended = replace(ended, steps=state.steps + 1)
    if data.outcome not in ("replied", "drafted"):
        return ended
    untold = {hold: seq for hold, seq in state.untold.items() if seq > data.upto}
    ended = replace(ended, untold=untold)
    return _open_turn(ended) if ended.cause > data.upto else ended


_RESTATED = ("title", "target", "risk", "reasons", "rule", "evidence", "approvers")
"""What a change may say anew of a hold."""


def _hold_changed(state: State, data: ev.HoldChanged) -> State:
    before = state.holds[data.hold]
    held = before.held
    for name in _RESTATED:
        if (value := getattr(data, name)) is not UNSET:
            held = replace(held, **{name: value})
    if data.status == "held":
        held = replace(held, money=data.money)
    hold = replace(
        before,
        status=data.status,
        held=held,
        revision=data.revision,
        digest=before.digest if data.digest is UNSET else data.digest,
        reason=before.reason if data.reason is UNSET else data.reason,
    )
    if not hold.open:
        hold = replace(hold, held=replace(hold.held, evidence=Raw(b"{}"), reasons=[]))
    changed = replace(state, holds={**state.holds, data.hold: hold})
    if data.status not in ev.OUTCOMES or changed.owner != ASSISTANT:
        return changed
    return _cause(replace(changed, untold={**state.untold, data.hold: state.seq}))


def _owner_changed(state: State, data: ev.OwnerChanged, event: ev.Event) -> State:
    staff = None
    if data.to.startswith("staff:"):
        staff = Staff(id=data.to.removeprefix("staff:"), name=data.name or "")
    waiting = data.to == LINE
    state = replace(
        state,
        owner=data.to,
        epoch=data.epoch,
        staff=staff,
        waiting_since=event.at if waiting else None,
        reminders=0,
        turn=state.turn if data.to == ASSISTANT else None,
        unanswered=state.unanswered and data.to != NOBODY,
        unread=state.unread if data.to != NOBODY else 0,
        untold=state.untold if data.to == ASSISTANT else {},
    )
    if data.to != ASSISTANT:
        return state
    state = replace(state, reasons=(), reason=None)
    return _cause(state) if state.unanswered else state


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(State)


def dump(state: State) -> bytes:
    """The state as the head keeps it."""
    return _encoder.encode(state)


def load(raw: bytes) -> State:
    """The inverse of `dump`; raises `msgspec.MsgspecError` for another version's head."""
    return _decoder.decode(raw)
