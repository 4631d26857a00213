"""Which event may follow which state: the machines of the conversation, its turns and its holds.

Decisions are written to answer legal events; this is the last gate before the log. What passes it
is kept for ever, so an event that does not fit is a fault of ours, raised and never committed.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from conversation import events as ev
from conversation.state import ASSISTANT, LINE, NOBODY, State

_DECIDED: frozenset[ev.HoldStatus] = frozenset(
    {"held", "needs_info", "approved", "rejected", "withdrawn", "expired"}
)
NEXT: Mapping[ev.HoldStatus, frozenset[ev.HoldStatus]] = {
    "held": _DECIDED,
    "needs_info": _DECIDED,
    "approved": frozenset({"executing", "held", "rejected"}),
    "executing": frozenset({"succeeded", "failed", "unknown"}),
    "unknown": frozenset({"succeeded", "failed", "unknown"}),
    "succeeded": frozenset(),
    "failed": frozenset(),
    "rejected": frozenset(),
    "withdrawn": frozenset(),
    "expired": frozenset(),
}
"""What a hold of a call may become; a draft runs nothing, see `DRAFT_NEXT`."""
DRAFT_NEXT: Mapping[ev.HoldStatus, frozenset[ev.HoldStatus]] = {
    "held": frozenset({"held", "succeeded", "rejected", "withdrawn", "expired"}),
}


class IllegalEvent(ValueError):
    """An event that cannot follow this state; says why."""


def check(state: State, new: ev.New) -> None:
    """Raise `IllegalEvent` unless the event may follow the state."""
    if why := _fault(state, new):
        raise IllegalEvent(f"{ev.NAMES[type(new.data)]} in {state.conversation}: {why}")


def _fault(state: State, new: ev.New) -> str | None:
    data = new.data
    match data:
        case ev.ConversationStarted():
            return "it has begun already" if state.seq else None
        case ev.OwnerChanged():
            return _owner_fault(state, data)
        case ev.Held() | ev.HoldChanged():
            return _hold_fault(state, data)
        case ev.CustomerSaid():
            return "it is closed" if state.owner == NOBODY else None
        case ev.StaffSaid() | ev.StaffCalled():
            return None if state.owner == f"staff:{new.by.id}" else "somebody else has the floor"
        case ev.ConversationReopened():
            return None if state.owner == NOBODY else "it is not closed"
        case ev.ConversationClosed():
            return None if state.owner == NOBODY else "somebody has it"
        case _:
            return _turn_fault(state, data)


def _owner_fault(state: State, data: ev.OwnerChanged) -> str | None:
    if data.from_ != state.owner:
        return f"{state.owner} has it, not {data.from_}"
    if data.epoch != state.epoch + 1:
        return f"epoch {data.epoch} does not follow {state.epoch}"
    if state.turn is not None:
        return "a turn is open"
    staff = data.to.startswith("staff:")
    return None if staff or data.to in (ASSISTANT, LINE, NOBODY) else f"nobody is {data.to}"


def _hold_fault(state: State, data: ev.Held | ev.HoldChanged) -> str | None:
    before = state.holds.get(data.hold)
    if isinstance(data, ev.Held):
        return None if before is None else "it is known already"
    if before is None:
        return "there is no such hold"
    allowed = DRAFT_NEXT if before.held.kind == "draft" else NEXT
    if data.status not in allowed.get(before.status, frozenset()):
        return f"{before.status} does not become {data.status}"
    if data.revision < before.revision:
        return "its revision runs backwards"
    other = data.digest is not UNSET and data.digest != before.digest
    if other and data.revision == before.revision:
        return "it changed without a new revision"
    return None


def _turn_fault(state: State, data: ev.Data) -> str | None:
    match data:
        case ev.AssistantSaid(hold=str()):
            return None if state.owner == ASSISTANT else "the assistant has not the floor"
        case ev.AssistantCalled(turn=turn) | ev.AssistantSaid(turn=int() as turn):
            return _floor_fault(state, turn)
        case ev.TurnEnded(turn=turn, upto=upto):
            late = "it cannot have read so far" if upto > state.seq else None
            return _floor_fault(state, turn) or late
        case ev.ToolStarted(call=call):
            return None if _may_start(state, call) else "the call may not begin"
        case _:
            return None


def _floor_fault(state: State, turn: int) -> str | None:
    if state.turn is None or state.turn.n != turn:
        return f"turn {turn} is not open"
    return None


def _may_start(state: State, call: str) -> bool:
    """A call of the open turn, of a person, or one that was approved; and none twice."""
    turn = state.turn
    if turn is not None and call in turn.unfinished:
        return call not in turn.started
    if call in state.calling:
        return not state.calling[call].started
    return any(hold.call == call and hold.status == "approved" for hold in state.open_holds)
