"""What a conversation is now: the fold of its log, pure.

`fold(state, event)` applies one event. Everything that commits or shows reads this, never the raw
log; a state that is lost is folded again from seq 1.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold, begin, change, is_outcome

ASSISTANT = "assistant"
LINE = "line"
NOBODY = "nobody"

Status = Literal["assistant", "waiting", "human", "closed"]


class Customer(Struct, frozen=True, forbid_unknown_fields=True):
    """Who the customer is; `level` is `anonymous`, or how well they are known."""

    id: str
    level: str = "anonymous"
    attributes: dict[str, Any] = {}


class Staff(Struct, frozen=True, forbid_unknown_fields=True):
    """The person who owns a conversation."""

    id: str
    name: str


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
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
    writes: dict[str, ev.Call] = {}
    """Those of them that change something, whole, begun or not."""


class Calling(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool call of a person that was allowed and has no result yet."""

    tool: str
    arguments: Raw
    by: ev.By
    judged: ev.Judged | None = None
    """Of a call that changes something."""
    started: bool = False


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """The last words, for lists."""

    by: ev.Role
    text: str


class State(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a log after `seq` events."""

    conversation: str
    v: Literal[4] = 4
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
    tokens: int = 0
    """What they cost, as far as the log tells."""
    unanswered: bool = False
    """The customer spoke last."""
    turned_down: int = 0
    """Drafts that were turned down, one after the other, since anybody spoke."""
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
    calling: dict[str, Calling] = {}
    """Calls of staff that were allowed and have no result yet, by call."""
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
    def answering(self) -> bool:
        """Whether the assistant owes a reply: it writes one, or a person looks at its draft."""
        drafted = any(hold.held.kind == "draft" for hold in self.open_holds)
        return self.turn is not None or drafted

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
            said = replace(said, unanswered=True, unread=state.unread + 1, turned_down=0)
            return _cause(said) if said.owner == ASSISTANT else said
        case ev.AssistantCalled() as data:
            return _called(state, data)
        case ev.ToolStarted() as data:
            return _started(state, data)
        case ev.ToolFinished() as data:
            return _finished(state, data.call)
        case ev.StaffCalled(verdict="allow") as data:
            return _calling(state, data, event)
        case ev.AssistantSaid() as data:
            said = _said(state, "assistant", data.text)
            if data.turn is not UNSET and data.hold is UNSET:
                said = replace(said, steps=state.steps + 1)
            if data.hold is not UNSET:
                said = _told(said, upto=state.upto)
            return said if data.partial else _answered(said)
        case ev.TurnEnded() as data:
            return _turn_ended(state, data)
        case ev.StaffSaid() as data:
            return _answered(_said(state, "staff", data.text))
        case ev.SystemSaid(code="still_waiting"):
            return replace(state, reminders=state.reminders + 1)
        case ev.Assessed() as data:
            return replace(state, score=data.score, threshold=data.threshold)
        case ev.Held() as data:
            return _held(state, data, event)
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


def _answered(state: State) -> State:
    return replace(state, unanswered=False, unread=0, turned_down=0)


def _cause(state: State) -> State:
    """Ask the assistant for an answer to the event just applied; opens a turn if none is open."""
    state = replace(state, cause=state.seq)
    return state if state.turn else _open_turn(state)


def _open_turn(state: State) -> State:
    turn = Turn(n=state.turns_ended + 1, upto=state.seq)
    return replace(state, turn=turn)


def _called(state: State, data: ev.AssistantCalled) -> State:
    state = _spent(replace(state, steps=state.steps + 1), data.tokens)
    if data.text.strip():
        state = _said(state, "assistant", data.text)
    if state.turn is None:
        return state
    allowed = {call.call: call for call in data.calls if call.verdict == "allow"}
    turn = replace(
        state.turn,
        attempt=data.attempt,
        unfinished=tuple(allowed),
        writes={id_: call for id_, call in allowed.items() if call.judged is not UNSET},
    )
    return replace(state, turn=turn)


def _spent(state: State, tokens: int | UnsetType) -> State:
    return state if tokens is UNSET else replace(state, tokens=state.tokens + tokens)


def _calling(state: State, data: ev.StaffCalled, event: ev.Event) -> State:
    calling = Calling(
        tool=data.tool,
        arguments=data.arguments,
        by=event.by,
        judged=None if data.judged is UNSET else data.judged,
    )
    return replace(state, calling={**state.calling, data.call: calling})


def _started(state: State, data: ev.ToolStarted) -> State:
    writing = state.writing if data.key is None else (*state.writing, data.call)
    if (calling := state.calling.get(data.call)) is not None:
        begun = {**state.calling, data.call: replace(calling, started=True)}
        return replace(state, calling=begun, writing=writing)
    turn = state.turn
    if turn is None or data.call not in turn.unfinished:
        return state
    turn = replace(turn, started=(*turn.started, data.call))
    return replace(state, turn=turn, writing=writing)


def _finished(state: State, call: str) -> State:
    state = replace(
        state,
        writing=tuple(other for other in state.writing if other != call),
        calling={other: still for other, still in state.calling.items() if other != call},
    )
    turn = state.turn
    if turn is None or call not in turn.unfinished:
        return state
    rest = tuple(other for other in turn.unfinished if other != call)
    started = tuple(other for other in turn.started if other != call)
    writes = {other: whole for other, whole in turn.writes.items() if other != call}
    turn = replace(turn, unfinished=rest, started=started, writes=writes)
    return replace(state, turn=turn)


def _turn_ended(state: State, data: ev.TurnEnded) -> State:
    ended = replace(state, turn=None, turns_ended=state.turns_ended + 1, upto=data.upto)
    ended = _spent(ended, data.tokens)
    if data.outcome in ("silent", "drafted"):
        ended = replace(ended, steps=state.steps + 1)
    if data.outcome not in ("replied", "drafted"):
        return ended
    if data.outcome == "replied":
        ended = _told(ended, upto=data.upto)
    return _open_turn(ended) if ended.cause > data.upto else ended


def _told(state: State, *, upto: int) -> State:
    """The assistant has told what it had read; what stands in a draft is not told yet."""
    untold = {hold: seq for hold, seq in state.untold.items() if seq > upto}
    return replace(state, untold=untold)


def _held(state: State, data: ev.Held, event: ev.Event) -> State:
    hold = begin(data, event, turn=state.turn.n if state.turn else None)
    return replace(state, holds={**state.holds, data.hold: hold})


def _hold_changed(state: State, data: ev.HoldChanged) -> State:
    before = state.holds[data.hold]
    hold = change(before, data)
    changed = replace(state, holds={**state.holds, data.hold: hold})
    if hold.held.kind == "draft" and hold.status == "rejected":
        changed = replace(changed, turned_down=state.turned_down + 1)
    if changed.owner != ASSISTANT or not is_outcome(before, hold):
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
        turned_down=0,
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
