"""Customers and staff at their screens: real Socket.IO clients that keep all they were sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import socketio

Json = dict[str, Any]
T = TypeVar("T")
PATIENCE_S = 10.0


class Screen:
    """One connected client; `received` holds every event, `acks` every acknowledgement."""

    namespace: str

    def __init__(self, url: str) -> None:
        self._url = url
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._take, namespace=self.namespace)
        self._socket.on("connect_error", self._refuse, namespace=self.namespace)
        self._socket.on("disconnect", self._leave, namespace=self.namespace)
        self._more = asyncio.Event()
        self.received: list[tuple[str, Json]] = []
        self.acks: list[Json] = []
        self.gone = False

    async def connect(self, auth: Json | None, **headers: str) -> None:
        """Connect and wait for the state; raises socketio's `ConnectionError` when refused."""
        await self._socket.connect(
            self._url,
            transports=["websocket"],
            namespaces=[self.namespace],
            auth=auth,
            headers=headers,
        )
        await self.until(lambda: self.of("state"))

    async def leave(self) -> None:
        """Close the page."""
        await self._socket.disconnect()

    async def ask(self, command: str, payload: Any = None, **fields: Any) -> Json:
        """Send a command with these fields; its acknowledgement."""
        content = fields if payload is None else payload
        ack = await self._socket.call(
            command, content, namespace=self.namespace, timeout=3 * PATIENCE_S
        )
        self.acks.append(ack)
        return dict(ack)

    async def do(self, command: str, **fields: Any) -> Json:
        """Send a command that must be carried out; its acknowledgement."""
        ack = await self.ask(command, fields)
        assert ack["ok"], ack
        return ack

    async def refused(self, command: str, **fields: Any) -> str:
        """Send a command that must be refused; the code."""
        ack = await self.ask(command, fields)
        assert ack["ok"] is False
        assert ack["error"]["message"]
        return str(ack["error"]["code"])

    async def emit(self, command: str, *payloads: Any) -> None:
        """Send an event without asking for an acknowledgement."""
        await self._socket.emit(command, payloads, namespace=self.namespace)

    async def until(self, met: Callable[[], T]) -> T:
        """Wait until something holds of what was received; what `met` returned."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := met()):
                self._more.clear()
                await self._more.wait()
        return found

    def look(self) -> None:
        """Let whoever waits look again at what they wait for."""
        self._more.set()

    async def event(self, type_: str, **data: Any) -> Json:
        """Wait for a log event of a type with these data, live or in a state."""

        def find() -> Json | None:
            wanted = data.items()
            return next(
                (e for e in self.events if e["type"] == type_ and wanted <= _plain(e["data"])), None
            )

        found = await self.until(find)
        assert found is not None
        return found

    def of(self, name: str) -> list[Json]:
        """What came under a name, in order."""
        return [payload for event, payload in self.received if event == name]

    @property
    def state(self) -> Json:
        """The state it was sent last."""
        return self.of("state")[-1]

    @property
    def events(self) -> list[Json]:
        """The log's events: those of each state, and those that came live."""
        found: list[Json] = []
        for name, payload in self.received:
            if name == "event":
                found.append(payload)
            elif name == "state":
                found += payload.get("events", [])
        return found

    @property
    def seqs(self) -> list[int]:
        """The places of those events."""
        return [event["seq"] for event in self.events]

    @property
    def everything(self) -> str:
        """All it was ever sent, as text."""
        return json.dumps([self.received, self.acks])

    async def _take(self, event: str, payload: Json) -> None:
        self.received.append((event, payload))
        self._more.set()

    async def _refuse(self, why: Json) -> None:
        await self._take("connect_error", why)

    async def _leave(self, *_: object) -> None:
        self.gone = True
        self._more.set()


class Customer(Screen):
    """A customer's browser tab."""

    namespace = "/customer"

    async def say(self, text: str = "hello", **fields: Any) -> Json:
        """Say something new."""
        return await self.do("say", **{"id": new_id(), "text": text} | fields)


class Console(Screen):
    """A console of somebody at work."""

    namespace = "/staff"

    async def say(self, conversation: str, text: str = "hello, a person here") -> Json:
        """Say something to a customer."""
        return await self.do("say", conversation=conversation, id=new_id(), text=text)

    async def watch(self, conversation: str, after: int | None = None) -> Json:
        """Watch a conversation; its state."""
        state: Json = (await self.do("watch", conversation=conversation, after=after))["state"]
        return state


def new_id() -> str:
    """A UUID as clients make them."""
    return str(uuid4())


def _plain(data: Json) -> set[tuple[str, Any]]:
    simple = (str, int, bool, float, type(None))
    return {(name, value) for name, value in data.items() if isinstance(value, simple)}
