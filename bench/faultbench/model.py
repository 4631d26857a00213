"""The model, over HTTP: what it answers is named by the first word the customer wrote last.

`plays` maps that word to how it is answered; rows add words of their own. Every request is kept
under its conversation until that is forgotten, with the time it came and the time it was left.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
NAME = "double"
PIECE_S = 0.02
DONE = "That is settled."


@dataclass
class Asked:
    """One request: who asks for what, when it came, and when it was left before its end (0: not).

    `words` are those of the customer's last message; `told` says that something has been told
    since (a tool's result, a hold's outcome), and `outcome` that a hold's outcome is the last.
    """

    conversation: str
    turn: int
    step: int
    attempt: int
    words: list[str]
    told: bool
    outcome: bool
    at: float = field(default_factory=time.monotonic)
    left_at: float = 0.0
    ended: bool = False


class Cut(Exception):
    """The connection breaks."""


class Answer:
    """A stream being written to whoever asked."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._stream: web.StreamResponse | None = None
        self.whole: web.Response | None = None

    async def text(self, piece: str) -> None:
        """Send a piece of text."""
        await self.raw(_chunk({"content": piece}))

    async def call(self, tool: str, arguments: Json | str, *, index: int = 0) -> None:
        """Send one whole tool call; a string stands for arguments as they are."""
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        function = {"name": tool, "arguments": written}
        call = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
        await self.raw(_chunk({"tool_calls": [call]}))

    async def finish(self, reason: str = "stop") -> None:
        """End as an answer that is complete does."""
        await self.raw(_chunk({}, reason) + b"data: [DONE]\n\n")

    async def say(self, text: str) -> None:
        """Answer these words and finish."""
        await self.text(text)
        await self.finish()

    async def raw(self, data: bytes) -> None:
        """Send these bytes."""
        if self._stream is None:
            self._stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await self._stream.prepare(self._request)
        await self._stream.write(data)

    def refuse(self, status: int) -> None:
        """Answer with an error instead of a stream."""
        self.whole = web.json_response({"error": {"message": "no"}}, status=status)

    def cut(self) -> None:
        """Break the connection. Raises Cut."""
        assert self._request.transport is not None
        self._request.transport.abort()
        raise Cut

    async def end(self) -> web.StreamResponse:
        """The response, whole."""
        if self.whole is not None:
            return self.whole
        if self._stream is None:
            return web.Response()
        await self._stream.write_eof()
        return self._stream


Play = Callable[[Asked, Answer], Awaitable[None]]


class Model:
    """All conversations' model; `url` is its base URL while it listens."""

    def __init__(self) -> None:
        self.url = ""
        self.plays: dict[str, Play] = {"chat": chat, "refund": calls, "voucher": calls}
        self.asked: dict[str, list[Asked]] = {}
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve on 127.0.0.1 until the block ends."""
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield
        finally:
            await runner.cleanup()

    async def until(
        self, conversation: str, met: Callable[[list[Asked]], bool], *, within_s: float = 30.0
    ) -> list[Asked]:
        """Wait until something holds of a conversation's requests. Raises TimeoutError."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(lambda: met(self.asked.get(conversation, [])))
        return self.asked[conversation]

    def forget(self, conversation: str) -> None:
        """Drop what is kept of a conversation."""
        self.asked.pop(conversation, None)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        asked = _asked(request, (await request.json())["messages"])
        self.asked.setdefault(asked.conversation, []).append(asked)
        await self._tell()
        answer = Answer(request)
        try:
            await self.plays.get(asked.words[0], chat)(asked, answer)
            response = await answer.end()
        except Cut:
            return web.Response()
        except ConnectionError:
            asked.left_at = time.monotonic()
            return web.Response()
        except asyncio.CancelledError:
            asked.left_at = time.monotonic()
            raise
        finally:
            asked.ended = True
            await self._tell()
        return response

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def chat(asked: Asked, answer: Answer) -> None:
    """`chat 12`: so many pieces of text at an even pace; as many as are named, else a few."""
    pieces = int(asked.words[1]) if len(asked.words) > 1 and asked.words[1].isdigit() else 5
    for at in range(pieces):
        await answer.text(f"word{at % 10} ")
        await asyncio.sleep(PIECE_S)
    await answer.finish()


async def calls(asked: Asked, answer: Answer) -> None:
    """`refund ORDER AMOUNT …` or `voucher ORDER AMOUNT …`: a call each, then a short reply."""
    if asked.told:
        await answer.say(DONE)
        return
    tool = {"refund": "issue_refund", "voucher": "send_voucher"}[asked.words[0]]
    for index, at in enumerate(range(1, len(asked.words) - 1, 2)):
        order, amount = asked.words[at : at + 2]
        await answer.call(tool, {"order_id": order, "amount": float(amount)}, index=index)
    await answer.finish("tool_calls")


def _asked(request: web.Request, messages: list[Json]) -> Asked:
    last = max(at for at, message in enumerate(messages) if message["role"] == "user")
    return Asked(
        conversation=request.headers["X-Conversation-Id"],
        turn=int(request.headers["X-Handrail-Turn"]),
        step=int(request.headers["X-Handrail-Step"]),
        attempt=int(request.headers["X-Handrail-Attempt"]),
        words=messages[last]["content"].split() or ["chat"],
        told=messages[-1]["role"] in ("tool", "system"),
        outcome=messages[-1]["role"] == "system",
    )


def _chunk(delta: Json, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {
        "id": "chatcmpl-double", "object": "chat.completion.chunk", "created": 0, "model": NAME,
        "choices": [choice],
    }  # fmt: skip
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
