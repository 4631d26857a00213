"""The assistant's part of the configuration: its model, its voice and its limits."""

from typing import Annotated, Literal

import msgspec


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the model answers: any endpoint that speaks Chat Completions.

    `timeout_s` bounds the silence before the first piece of an answer and between two pieces.
    """

    name: str
    base_url: str | None = None
    api_key: str | None = None
    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 60


class AssistantSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the assistant presents itself; `instructions` is a path until the loader reads it.

    A message that comes during a turn is answered `after` it, or cuts it (`interrupt`).
    """

    name: str = "Assistant"
    greeting: str | None = None
    instructions: str | None = None
    on_new_message: Literal["after", "interrupt"] = "after"


Tokens = Annotated[int, msgspec.Meta(ge=1)]


class LimitsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one turn may go, and how many tokens may be spent before people take over.

    A step may carry several tool calls. Tokens are those of prompts and answers together; a
    customer's count for a day (UTC), a day's over all conversations. Without a limit: null.
    """

    steps_per_turn: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 30
    tokens_per_conversation: Tokens | None = None
    tokens_per_customer: Tokens | None = None
    tokens_per_day: Tokens | None = None
