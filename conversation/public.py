"""What customers are sent of an event: the public types, with public fields only."""

from __future__ import annotations

from typing import Any

import msgspec

from conversation import events as ev
from conversation.state import ASSISTANT, LINE, NOBODY

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
            return _without(data, "calls")
        case ev.CustomerSaid() | ev.AssistantSaid() | ev.StaffSaid() | ev.SystemSaid():
            return _without(data)
        case ev.Held():
            return {
                "hold": data.hold,
                "title": data.title,
                "money": msgspec.to_builtins(data.money),
                "status": "held",
                "expires_at": data.expires_at,
            }
        case ev.HoldChanged():
            title = {} if data.title is msgspec.UNSET else {"title": data.title}
            return {
                **title,
                "hold": data.hold,
                "status": data.status,
                "money": msgspec.to_builtins(data.money),
                "reason": None if data.reason is msgspec.UNSET else data.reason,
                "question": None,
                "expires_at": None,
            }
        case ev.HandoverRequested():
            return {"reason": data.reason}
        case ev.OwnerChanged():
            return _owner(data)
        case ev.ConversationClosed() | ev.ConversationReopened():
            return _without(data)
        case _:
            return None


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
