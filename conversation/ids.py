"""Names of calls and holds, made from where they stand in the log.

A call's id is its idempotency key. It follows from the conversation, the model step and the place
in that step, so it is the same however often a worker has to try.
"""

from __future__ import annotations

import hashlib


def call_id(conversation: str, step: int, index: int) -> str:
    """The id of the `index`-th call (from 1) of a model step."""
    return f"call_{conversation.removeprefix('c_')}_{step}_{index}"


def hold_id(call: str) -> str:
    """The id of the hold of a call."""
    return f"h_{call.removeprefix('call_')}"


def draft_id(conversation: str, step: int) -> str:
    """The hold of a model step's words, when a person must see them first: its place 0."""
    return hold_id(call_id(conversation, step, 0))


def is_draft(hold: str) -> bool:
    """Whether a hold is about words, not about a call."""
    return hold.endswith("_0")


def staff_call_id(conversation: str, staff: str, id_: str) -> str:
    """The id of a person's call, by the id their console gave it; the same for the same command."""
    digest = hashlib.sha256(f"{staff} {id_}".encode()).hexdigest()[:16]
    return f"call_{conversation.removeprefix('c_')}_s{digest}_1"


def call_of(hold: str) -> str:
    """The call a hold is about."""
    return f"call_{hold.removeprefix('h_')}"


def conversation_of(hold: str) -> str:
    """The conversation a hold belongs to; of a made-up id, one that does not exist."""
    return f"c_{hold.removeprefix('h_').rsplit('_', 2)[0]}"
