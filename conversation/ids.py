"""Names of calls and holds, made from where they stand in the log.

A call's id is its idempotency key. It follows from the conversation, the model step and the place
in that step, so it is the same however often a worker has to try.
"""

from __future__ import annotations


def call_id(conversation: str, step: int, index: int) -> str:
    """The id of the `index`-th call (from 1) of a model step."""
    return f"call_{conversation.removeprefix('c_')}_{step}_{index}"


def hold_id(call: str) -> str:
    """The id of the hold of a call."""
    return f"h_{call.removeprefix('call_')}"


def call_of(hold: str) -> str:
    """The call a hold is about."""
    return f"call_{hold.removeprefix('h_')}"


def conversation_of(hold: str) -> str:
    """The conversation a hold belongs to; of a made-up id, one that does not exist."""
    return f"c_{hold.removeprefix('h_').rsplit('_', 2)[0]}"
