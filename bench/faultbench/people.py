"""Customers and staff of the house, who keep what the history check needs.

A customer goes on over any number of connections: what has no acknowledgement is sent again with
the same id, and it comes back with its resume token and the seq it has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
from socketio.exceptions import SocketIOError

from bench.faultbench.history import Record, Said
from bench.faultbench.scenario import Json
from bench.faultbench.screen import PATIENCE_S, RETRY_S, Screen
from conversation import events as ev

SECRET = "the secret that signs the tokens of the bench's customers"


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
