"""An answer as Chat Completions: word by word as it is written, or whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from demo.answers import encode
from demo.model.steps import Call, Say, Step

_PIECE = re.compile(r"\s*\S+|\s+$")
_ARGUMENTS_PIECE = 12
"""Characters of a call's arguments in one chunk."""


@dataclass(frozen=True)
class Pace:
    """How fast the stand-in writes; zero tokens a second stands for at once."""

    tokens_per_s: float = 45
    first_token_s: float = 0.35

    async def think(self) -> None:
        """Wait as a model does before its first word."""
        if self.tokens_per_s:
            await asyncio.sleep(self.first_token_s)

    async def write(self) -> None:
        """Wait as a model does between two words."""
        if self.tokens_per_s:
            await asyncio.sleep(1 / self.tokens_per_s)


@dataclass(frozen=True)
class Answer:
    """One completion: what it says or calls, and what goes around it."""

    id: str
    created: int
    model: str
    step: Step
    prompt_tokens: int

    @property
    def finish_reason(self) -> str:
        """Why the answer ends."""
        return "tool_calls" if isinstance(self.step, Call) else "stop"

    @property
    def usage(self) -> dict[str, int]:
        """Tokens, counting a word or a piece of arguments as one."""
        written = sum(1 for _ in _deltas(self))
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
        }


async def chunks(answer: Answer, pace: Pace, *, with_usage: bool) -> AsyncIterator[bytes]:
    """Yield the events of a stream, ending in `[DONE]`; `with_usage` adds the chunk that counts."""
    chunk = _chunk_of(answer)
    await pace.think()
    yield _event(chunk({"role": "assistant", "content": ""}, None))
    for delta in _deltas(answer):
        yield _event(chunk(delta, None))
        await pace.write()
    yield _event(chunk({}, answer.finish_reason))
    if with_usage:
        yield _event(chunk(None, None) | {"usage": answer.usage})
    yield b"data: [DONE]\n\n"


def _chunk_of(answer: Answer) -> Callable[[Any, str | None], dict[str, Any]]:
    def chunk(delta: Any, finish_reason: str | None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {
            "id": answer.id,
            "object": "chat.completion.chunk",
            "created": answer.created,
            "model": answer.model,
            "choices": [] if delta is None else [choice],
        }

    return chunk


def _event(data: Any) -> bytes:
    return b"data: " + encode(data) + b"\n\n"


def _deltas(answer: Answer) -> Iterator[dict[str, Any]]:
    text = answer.step.text
    for piece in _PIECE.findall(text):
        yield {"content": piece}
    for index, call in enumerate(_calls(answer)):
        function = call["function"]
        opening = {"name": function["name"], "arguments": ""}
        yield {"tool_calls": [{"index": index, **call, "function": opening}]}
        arguments = function["arguments"]
        for start in range(0, len(arguments), _ARGUMENTS_PIECE):
            piece = arguments[start : start + _ARGUMENTS_PIECE]
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _calls(answer: Answer) -> list[dict[str, Any]]:
    if isinstance(answer.step, Say):
        return []
    return [
        {
            "id": f"call_{answer.id.removeprefix('chatcmpl-')}_{index}",
            "type": "function",
            "function": {"name": call.tool, "arguments": encode(call.arguments).decode()},
        }
        for index, call in enumerate(answer.step.calls)
    ]


def completion(answer: Answer) -> dict[str, Any]:
    """Return the answer as one object, for a request that does not stream."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.step.text or None}
    if calls := _calls(answer):
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": answer.created,
        "model": answer.model,
        "choices": [choice],
        "usage": answer.usage,
    }
