"""Customers on Socket.IO who have replies streamed to them, as a process: the load on handrail."""

from __future__ import annotations

import asyncio
import time
import uuid

import socketio

from bench.recording import Json
from bench.streams import Load, obey, text_of

NAMESPACE = "/customer"
ANSWERED_WITHIN_S = 60


class StreamCustomer:
    """One customer, who asks for a number of tokens and waits for all of them."""

    def __init__(self) -> None:
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("delta", self._see_delta, namespace=NAMESPACE)
        self._socket.on("event", self._see_event, namespace=NAMESPACE)
        self._first: float | None = None
        self._text: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def connect(self, url: str) -> None:
        """Connect without a token."""
        await self._socket.connect(
            url, transports=["websocket"], namespaces=[NAMESPACE], wait_timeout=15
        )

    async def ask(self, tokens: int) -> float:
        """Say a number; returns the seconds from there to the first delta, or text without one."""
        self._first, self._text = None, asyncio.get_running_loop().create_future()
        said = time.perf_counter()
        answer = await self._socket.call(
            "say", {"id": str(uuid.uuid4()), "text": str(tokens)}, namespace=NAMESPACE
        )
        assert answer["ok"], answer
        text = await asyncio.wait_for(self._text, tokens + ANSWERED_WITHIN_S)
        assert text == text_of(tokens), "the reply is not what the model said"
        assert self._first is not None
        return self._first - said

    async def disconnect(self) -> None:
        """Close the socket."""
        await self._socket.disconnect()

    def _see_delta(self, delta: Json) -> None:  # noqa: ARG002 - that it came is enough
        self._first = self._first or time.perf_counter()

    def _see_event(self, event: Json) -> None:
        if event["type"] == "assistant_said" and not self._text.done():
            self._first = self._first or time.perf_counter()
            self._text.set_result(event["data"]["text"])


class Customers:
    """All customers of a load."""

    def __init__(self) -> None:
        self._customers: list[StreamCustomer] = []

    async def prepare(self, load: Load) -> None:
        """Connect them all."""
        self._customers = [StreamCustomer() for _ in range(load.streams)]
        await asyncio.gather(*(customer.connect(load.url) for customer in self._customers))

    async def reply(self, stream: int, tokens: int) -> float:
        """Have one customer ask."""
        return await self._customers[stream].ask(tokens)

    async def finish(self) -> None:
        """Disconnect them all."""
        await asyncio.gather(*(customer.disconnect() for customer in self._customers))


if __name__ == "__main__":
    obey(Customers())
