"""Tools over HTTP whose every outcome a test writes down, and a ledger of what they really did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

ARRIVES_WITHIN_S = 20.0


@dataclass(frozen=True)
class Ok:
    """The tool does it and answers this body."""

    body: bytes = b'{"ok": true}'


@dataclass(frozen=True)
class Status:
    """The tool answers with a status; `done` says that it did it nevertheless."""

    code: int
    body: bytes = b""
    done: bool = False


@dataclass(frozen=True)
class Break:
    """The connection breaks without an answer."""

    done: bool = False


@dataclass(frozen=True)
class Wait:
    """The tool goes on as `then` says when the test sets the event."""

    then: Outcome = field(default_factory=Ok)
    until: asyncio.Event = field(default_factory=asyncio.Event)


Outcome = Ok | Status | Break | Wait
Looks = Callable[["Asked"], Awaitable[object]]


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    tool: str
    arguments: Any
    body: bytes
    purpose: str
    conversation: str
    customer: str | None
    key: str | None
    signature: str | None


@dataclass(frozen=True)
class Effect:
    """Something a write really did."""

    tool: str
    key: str | None
    arguments: Any


class ToolsDouble:
    """Answers each tool's requests with what a test gave it, the last answer for ever.

    `asked` holds all that came, in order. `ledger` holds what the writes did: one effect a request,
    but one a key for the tools in `keyed`. `looks` is awaited on each request before its answer.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.ledger: list[Effect] = []
        self.keyed: set[str] = set()
        self.looks: Looks | None = None
        self._answers: dict[str, list[Outcome]] = {}
        self._arrived = asyncio.Event()
        app = web.Application()
        app.router.add_post("/tools/{tool}", self._answer)
        self._server = TestServer(app, host="127.0.0.1")

    async def start(self) -> None:
        """Listen on a free port."""
        await self._server.start_server(shutdown_timeout=0)

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._server.close()

    def url(self, tool: str) -> str:
        """Where a tool is called."""
        return str(self._server.make_url(f"/tools/{tool}"))

    def answers(self, tool: str, *outcomes: Outcome) -> None:
        """What the tool answers from now on, one after the other."""
        self._answers[tool] = list(outcomes)

    def calls(self, tool: str | None = None, *, purpose: str = "call") -> list[Asked]:
        """The requests for a tool, or for all of them."""
        return [a for a in self.asked if a.purpose == purpose and tool in (None, a.tool)]

    async def arrived(
        self, count: int, tool: str | None = None, *, purpose: str = "call"
    ) -> list[Asked]:
        """Wait until so many requests have come."""
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            while len(self.calls(tool, purpose=purpose)) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.calls(tool, purpose=purpose)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = await _asked(request)
        self.asked.append(asked)
        self._arrived.set()
        if self.looks is not None:
            await self.looks(asked)
        outcomes = self._answers.get(asked.tool, [Ok()])
        return await self._act(
            request, asked, outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        )

    async def _act(
        self, request: web.Request, asked: Asked, outcome: Outcome
    ) -> web.StreamResponse:
        match outcome:
            case Wait(then, until):
                await until.wait()
                return await self._act(request, asked, then)
            case Ok(body):
                self._do(asked)
                return web.Response(body=body, content_type="application/json")
            case Status(code, body, done):
                if done:
                    self._do(asked)
                return web.Response(status=code, body=body)
            case Break(done):
                if done:
                    self._do(asked)
                assert request.transport is not None
                request.transport.abort()
                return web.Response()

    def _do(self, asked: Asked) -> None:
        if asked.key is None:
            return
        again = any(effect.key == asked.key for effect in self.ledger)
        if not (again and asked.tool in self.keyed):
            self.ledger.append(Effect(asked.tool, asked.key, asked.arguments))


@asynccontextmanager
async def tools_double() -> AsyncIterator[ToolsDouble]:
    """A running double; stops with the block."""
    double = ToolsDouble()
    await double.start()
    try:
        yield double
    finally:
        await double.stop()


async def _asked(request: web.Request) -> Asked:
    body = await request.read()
    return Asked(
        tool=request.match_info["tool"],
        arguments=json.loads(body)["arguments"],
        body=body,
        purpose=request.headers["X-Handrail-Purpose"],
        conversation=request.headers["X-Conversation-Id"],
        customer=request.headers.get("X-Customer-Id"),
        key=request.headers.get("Idempotency-Key"),
        signature=request.headers.get("X-Handrail-Signature"),
    )
