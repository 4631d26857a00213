"""What the server itself says to customers: one line each time somebody else takes the floor."""

from __future__ import annotations

HANDOVER = {
    "asks_for_human": "I'm bringing in a person from our team. Your place in line is kept.",
    "repetition": "We seem to be going round in circles, so I'm bringing in a person.",
    "tool_failure": "Something on our side isn't working, so I'm bringing in a person.",
    "unknown_outcome": "I can't tell whether that went through, so a person will check it.",
    "model_failure": "I can't answer just now, so I'm bringing in a person.",
    "silent": "I don't have an answer to that, so I'm bringing in a person.",
    "step_limit": "This is taking me too long, so I'm bringing in a person.",
    "false_promise": "I'd rather have that checked first, so I'm bringing in a person.",
    "promised_person": "A person from our team takes over. Your place in line is kept.",
    "token_limit": "I've done what I can in this chat, so I'm bringing in a person.",
    "draft_rejected": "I'd rather not give you a wrong answer, so I'm bringing in a person.",
    "draft_expired": "I couldn't have my answer checked in time, so I'm bringing in a person.",
}
"""By reason code, see `handoff/monitor`."""

STILL_WAITING = "Nobody is free yet. You are still in line, and nothing you wrote is lost."
LEFT = "The conversation has ended. Thank you for writing."
OUTCOME = {
    "succeeded": "Done: {title}.",
    "failed": "This could not be done: {title}. Nothing has changed.",
    "unknown": "We cannot tell yet whether this went through: {title}. A person is checking it.",
    "expired": "Nobody could decide in time: {title}. Nothing has changed.",
}
"""By what became of a held call."""
FOLLOW_UP = "A person from our team will come back to you about this: {title}."
REJECTED = "This was not approved: {title}. {reason}"
NOT_ALLOWED_NOW = "It is no longer possible."


def joined(name: str) -> str:
    """Somebody takes the conversation."""
    return f"{name} has joined the conversation."


def returned(assistant: str) -> str:
    """The assistant has it again."""
    return f"{assistant} is back with you."
