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


class LimitsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one turn may go: model steps, each of which may carry several tool calls."""

    steps_per_turn: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 30
