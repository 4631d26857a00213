"""Sockets of attackers: Socket.IO frames as they travel, and what a gateway makes of them."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

Json = dict[str, Any]

PATH = "/socket.io/?EIO=4&transport=websocket"
PATIENCE_S = 20.0
NUMBER = 424_242
"""The number of the acknowledgements that are waited for."""


class Wire:
    """One websocket; `heard` is every text frame it was ever sent."""

    def __init__(self, url: str, http: ClientSession) -> None:
        self._url = url
        self._http = http
        self.socket: ClientWebSocketResponse
        self.heard: list[str] = []

    async def __aenter__(self) -> Self:
        self.socket = await self._http.ws_connect(self._url + PATH, compress=0)
        await self.waits_for("0{")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.socket.close()

    async def send(self, frame: str) -> None:
        """Send a text frame; one that is closed is sent nothing."""
        if not self.socket.closed:
            await self.socket.send_str(frame)

    async def enter(self, namespace: str, auth: Json) -> bool:
        """Connect to a namespace; False when that is refused."""
        await self.send(f"40{namespace},{json.dumps(auth)}")
        return await self.waits_for(f"40{namespace},", f"44{namespace},") == f"40{namespace},"

    async def ask(self, namespace: str, *event: object) -> Json | None:
        """What an event was acknowledged with; None when the socket was closed instead."""
        head = f"43{namespace},{NUMBER}["
        await self.send(f"42{namespace},{NUMBER}{json.dumps(event)}")
        if await self.waits_for(head) is None:
            return None
        answer: Json = json.loads(self.heard[-1].removeprefix(head[:-1]))[0]
        return answer

    async def survives(self, namespace: str, frame: str) -> bool:
        """Send a frame; whether the socket still answers what follows it."""
        await self.send(frame)
        return await self.ask(namespace, "nothing of the kind") is not None

    async def closes(self, *, within_s: float) -> bool:
        """Whether the gateway closes the socket in time; pings are answered."""
        try:
            async with asyncio.timeout(within_s):
                return await self.waits_for("no frame begins so", patience_s=2 * within_s) is None
        except TimeoutError:
            return False

    async def waits_for(self, *heads: str, patience_s: float = PATIENCE_S) -> str | None:
        """Read until a frame begins so; how it begins, or None when the socket closes.

        Raises TimeoutError when neither happens.
        """
        async with asyncio.timeout(patience_s):
            while (message := await self.socket.receive()).type is WSMsgType.TEXT:
                if message.data == "2":
                    await self.send("3")
                    continue
                self.heard.append(message.data)
                for head in heads:
                    if message.data.startswith(head):
                        return head
        return None
