"""What customers are sent of an event: the public types, with public fields only."""

from __future__ import annotations

from typing import Any

import msgspec

from conversation import events as ev
from conversation.ids import is_draft
from conversation.state import ASSISTANT, LINE, NOBODY
from conversation.summary import public_question

Json = dict[str, Any]


def public(event: ev.Event) -> Json | None:
    """The event as its customer sees it, or None; staff appear by display name, never by id."""
    data = _data(event.data)
    if data is None:
        return None
    by: Json = {"role": event.by.role}
    if event.by.name is not None:
        by["name"] = event.by.name
    return {
        "conversation": event.conversation,
        "seq": event.seq,
        "v": event.v,
        "type": event.type,
        "at": event.at,
        "by": by,
        "epoch": event.epoch,
        "data": data,
    }


def _data(data: ev.Data) -> Json | None:
    match data:
        case ev.ConversationStarted():
            return _without(data, "attributes")
        case ev.AssistantCalled():
            return _without(data, "calls", "tokens", "withheld")
        case ev.CustomerSaid() | ev.AssistantSaid() | ev.StaffSaid() | ev.SystemSaid():
            return _without(data)
        case ev.Held() | ev.HoldChanged():
            return None if is_draft(data.hold) else _hold(data)
        case ev.HandoverRequested():
            return {"reason": data.reason}
        case ev.OwnerChanged():
            return _owner(data)
        case ev.FollowUpOpened() | ev.ConversationClosed() | ev.ConversationReopened():
            return _without(data)
        case _:
            return None


def _hold(data: ev.Held | ev.HoldChanged) -> Json:
    """What waits, or what became of it; an action always has a title, a change only a new one."""
    told: Json = {} if data.title is msgspec.UNSET else {"title": data.title}
    told |= {
        "hold": data.hold,
        "money": msgspec.to_builtins(data.money),
        "expires_at": data.expires_at,
    }
    if isinstance(data, ev.Held):
        return told | {"status": "unknown" if data.kind == "settle" else "held"}
    question = None if data.question is msgspec.UNSET else public_question(data.question)
    reason = None if data.reason is msgspec.UNSET else data.reason
    return told | {"status": data.status, "reason": reason, "question": question}


def _owner(data: ev.OwnerChanged) -> Json:
    words = {ASSISTANT: "assistant", LINE: "waiting", NOBODY: "closed"}
    status = words.get(data.to, "human")
    staff = {"name": data.name} if status == "human" else None
    return {"status": status, "staff": staff, "epoch": data.epoch}


def _without(data: ev.Data, *private: str) -> Json:
    return {
        name: msgspec.to_builtins(value)
        for name in data.__struct_fields__
        if name not in private and (value := getattr(data, name)) is not msgspec.UNSET
    }
