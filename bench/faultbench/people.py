"""Customers and staff of the house: real Socket.IO clients that keep what the check needs.

A customer goes on over any number of connections: what has no acknowledgement is sent again with
the same id, and it comes back with its resume token and the seq it has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
import jwt
import socketio
from socketio.exceptions import SocketIOError

from bench.faultbench.history import Record, Said
from bench.faultbench.scenario import ROW
from conversation import events as ev

Json = dict[str, Any]
T = TypeVar("T")
SECRET = "the secret that signs the tokens of the bench's customers"
PATIENCE_S = 30.0
RETRY_S = 0.1


class Screen:
    """One client in one namespace, over one connection after the other."""

    namespace: str

    def __init__(self, url: str, *, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.row = ROW.get()
        """The row it belongs to."""
        self._http = http
        self._more = asyncio.Event()
        self._coming_back = asyncio.Lock()
        self._socket: Any = None
        self.state: Json = {}
        self.events: list[Json] = []
        self.connected = False

    async def connect(self) -> None:
        """Connect and wait for the state. Raises socketio's ConnectionError or TimeoutError."""
        self._socket = made = socketio.AsyncClient(
            reconnection=False,
            http_session=self._http,
            handle_sigint=False,
            websocket_extra_options={"max_msg_size": 0},
        )
        begun = asyncio.get_running_loop().create_future()

        async def take(event: str, payload: Json) -> None:
            if made is not self._socket:
                return
            if event == "state" and not begun.done():
                begun.set_result(None)
            self._take(event, payload)
            self._more.set()

        async def left(*_: object) -> None:
            if made is self._socket:
                self.connected = False
                self._more.set()

        made.on("*", take, namespace=self.namespace)
        made.on("disconnect", left, namespace=self.namespace)
        await made.connect(
            self.url,
            transports=["websocket"],
            namespaces=[self.namespace],
            auth=self._auth(),
            wait_timeout=10,
        )
        try:
            await asyncio.wait_for(begun, 10)
        except TimeoutError:
            await made.disconnect()
            raise
        self.connected = True

    async def ask(self, command: str, *, timeout_s: float = 15.0, **fields: Any) -> Json:
        """Send a command; its acknowledgement. Raises SocketIOError when none comes."""
        answer: Json = await self._socket.call(
            command, fields, namespace=self.namespace, timeout=timeout_s
        )
        return answer

    async def do(self, command: str, **fields: Any) -> Json:
        """Send a command that must be carried out. Raises RuntimeError when it is refused."""
        answer = await self.ask(command, **fields)
        if not answer["ok"]:
            message = f"{command}: {answer['error']['code']}"
            raise RuntimeError(message)
        return answer

    async def until(self, met: Callable[[], T], *, within_s: float = PATIENCE_S) -> T:
        """Wait until something holds; what `met` returned. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not (found := met()):
                self._more.clear()
                await self._more.wait()
        return found

    async def close(self) -> None:
        """Close the page."""
        self.connected = False
        if self._socket is not None:
            await self._socket.disconnect()

    async def come_back(self) -> float:
        """Connect again, as often as it takes; the seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(2 * PATIENCE_S), self._coming_back:
            while not self.connected:
                try:
                    await self.connect()
                except (SocketIOError, TimeoutError, OSError, aiohttp.ClientError):
                    await asyncio.sleep(RETRY_S)
        return time.monotonic() - began

    async def stay(self) -> None:
        """Come back whenever the connection is lost, until cancelled."""
        while True:
            await self.until(lambda: not self.connected, within_s=1e6)
            await self.come_back()

    @property
    def transport(self) -> asyncio.Transport:
        """The TCP connection, to break or to stop reading from."""
        response = self._socket.eio.ws._response  # noqa: SLF001 - the library hides it
        transport: asyncio.Transport = response.connection.transport
        return transport

    def reset(self) -> None:
        """Break the connection at once, unsent bytes and all."""
        self.connected = False
        self.transport.abort()

    def _auth(self) -> Json:
        raise NotImplementedError

    def _take(self, event: str, payload: Json) -> None:
        raise NotImplementedError


class Customer(Screen):
    """A customer with a signed token."""

    namespace = "/customer"

    def __init__(self, url: str, *, http: aiohttp.ClientSession, sub: str = "") -> None:
        super().__init__(url, http=http)
        self.sub = sub or f"u{uuid4().hex[:12]}"
        self.conversation = ""
        self.record = Record()
        self.owner = "assistant"
        self.deltas: list[Json] = []
        self.keeps_deltas = False
        self._resume: str | None = None
        self._afresh = True
        """It came without a resume token: the next state replaces what it had."""
        self._orders = 0

    def order(self) -> str:
        """The id of a new order of theirs."""
        self._orders += 1
        return f"{self.sub}/{self._orders}"

    async def say(self, text: str) -> int:
        """Say something, again and again until it is acknowledged; its seq."""
        said = Said(str(uuid4()), text)
        self.record.said.append(said)
        return await self.send(said)

    async def send(self, said: Said) -> int:
        """Send a message until it is acknowledged; its seq. Raises TimeoutError."""
        async with asyncio.timeout(2 * PATIENCE_S):
            while True:
                try:
                    answer = await self.ask("say", id=said.id, text=said.text)
                except SocketIOError as error:
                    said.refusals.append(type(error).__name__)
                    await self.come_back()
                    continue
                if answer["ok"]:
                    return self.acknowledge(said, answer)
                said.refusals.append(answer["error"]["code"])
                await asyncio.sleep(RETRY_S)

    def acknowledge(self, said: Said, answer: Json) -> int:
        """Note what a message was acknowledged with; the first answer stays."""
        said.seq = said.seq or answer["seq"]
        self._settle_in(answer)
        return int(answer["seq"])

    async def ask_human(self) -> int:
        """Ask for a person; the seq of that. Raises RuntimeError when it is refused."""
        answer = await self.do("ask_human")
        self._settle_in(answer)
        return int(answer["seq"])

    def _settle_in(self, answer: Json) -> None:
        self.conversation = answer["conversation"]
        self._resume = answer.get("resume", self._resume)

    async def event(self, type_: str, *, after: int = 0, within_s: float = PATIENCE_S) -> Json:
        """Wait for an event of a type after a seq. Raises TimeoutError."""

        def find() -> Json | None:
            return next((e for e in self.events if e["seq"] > after and e["type"] == type_), None)

        found = await self.until(find, within_s=within_s)
        assert found is not None
        return found

    async def answered(self, seq: int, *, within_s: float = PATIENCE_S) -> Json:
        """Wait for a reply after a seq, or until people have the conversation."""

        def find() -> Json | None:
            for event in self.events:
                if event["seq"] > seq and (
                    event["type"] == "owner_changed"
                    or (event["type"] == "assistant_said" and not event["data"]["partial"])
                ):
                    return event
            return None

        found = await self.until(find, within_s=within_s)
        assert found is not None
        return found

    async def hold(
        self, status: str, *, number: int = 1, within_s: float = PATIENCE_S
    ) -> list[str]:
        """Wait until so many of their holds have a status; those holds."""

        def find() -> list[str]:
            found: dict[str, str] = {}
            for event in self.events:
                if event["type"] in ("held", "hold_changed"):
                    found[event["data"]["hold"]] = event["data"]["status"]
            with_it = [hold for hold, is_ in found.items() if is_ == status]
            return with_it if len(with_it) >= number else []

        return await self.until(find, within_s=within_s)

    def _auth(self) -> Json:
        claims = {"aud": "handrail", "sub": self.sub, "exp": int(time.time()) + 36_000}
        auth: Json = {"token": jwt.encode(claims, SECRET, algorithm="HS256")}
        self._afresh = self._resume is None
        if self._resume is not None:
            auth |= {"resume": self._resume, "after": max(self.record.received, default=0)}
        return auth

    def _take(self, event: str, payload: Json) -> None:
        match event:
            case "state":
                self.state = payload
                self._resume = payload["resume"] or self._resume
                if self._afresh:
                    self.record.received.clear()
                    self.events.clear()
                    self._afresh = False
                for one in payload["events"]:
                    self._hear(one)
                self.owner = payload["status"]
            case "event":
                self._hear(payload)
            case "delta":
                self.record.late_words += self.owner != "assistant"
                if self.keeps_deltas:
                    self.deltas.append(payload)

    def _hear(self, event: Json) -> None:
        self.conversation = event["conversation"]
        self.record.received.append(event["seq"])
        self.events.append(event)
        if event["type"] == "owner_changed":
            self.owner = event["data"]["status"]
        elif event["type"] == "assistant_said":
            self.record.late_words += self.owner != "assistant"


class Staff(Screen):
    """A member of staff at a console; `holds` and `conversations` are the lists it shows."""

    namespace = "/staff"

    def __init__(self, url: str, *, http: aiohttp.ClientSession, token: str) -> None:
        super().__init__(url, http=http)
        self._token = token
        self.holds: dict[str, Json] = {}
        self.notices: list[Json] = []
        self.deltas: list[Json] = []
        self.seen: Callable[[Json], None] | None = None
        """Called with every hold that changes."""

    async def waits(self, hold: str, *, within_s: float = PATIENCE_S) -> Json:
        """Wait until a hold is listed; what a decision about it must name."""
        await self.until(lambda: hold in self.holds, within_s=within_s)
        found = self.holds[hold]
        return {name: found[name] for name in ("hold", "revision", "digest")}

    async def notice(self, code: str, level: str, *, after: int = 0) -> None:
        """Wait for a notice after the first `after` ones. Raises TimeoutError."""
        wanted = (code, level)
        await self.until(
            lambda: any((n["code"], n["level"]) == wanted for n in self.notices[after:])
        )

    async def decide(self, hold: str, decision: str, **fields: Any) -> Json:
        """Decide on a hold as it is listed; the acknowledgement."""
        return await self.ask("decide", **await self.waits(hold), decision=decision, **fields)

    def _auth(self) -> Json:
        return {"token": self._token}

    def _take(self, event: str, payload: Json) -> None:
        match event:
            case "state":
                self.state = payload
                for hold in payload["holds"]:
                    self._list(hold)
            case "hold":
                self._list(payload)
            case "event":
                self.events.append(payload)
            case "notice":
                self.notices.append(payload)
            case "delta":
                self.deltas.append(payload)

    def _list(self, hold: Json) -> None:
        known = self.holds[hold["hold"]] = {**self.holds.get(hold["hold"], {}), **hold}
        if known["status"] not in ev.OPEN:
            del self.holds[hold["hold"]]
        if self.seen is not None:
            self.seen(known)
