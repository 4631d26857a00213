"""Socket.IO frames as they travel, for what a well-behaved client would never send."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self
from uuid import uuid4

from aiohttp import BaseConnector, ClientSession, ClientWebSocketResponse, WSMsgType

Json = dict[str, Any]
PATH = "/socket.io/?EIO=4&transport=websocket"
PATIENCE_S = 10.0


class Wire:
    """One websocket of the gateway; every text frame is read and written as it is."""

    def __init__(
        self,
        url: str,
        *,
        compress: int = 0,
        headers: dict[str, str] | None = None,
        connector: BaseConnector | None = None,
    ) -> None:
        self._url = url
        self._compress = compress
        self._headers = headers or {}
        self._session = ClientSession(connector=connector)
        self.socket: ClientWebSocketResponse
        self.handshake: Json

    async def __aenter__(self) -> Self:
        try:
            self.socket = await self._session.ws_connect(
                self._url + PATH, compress=self._compress, headers=self._headers
            )
        except BaseException:
            await self._session.close()
            raise
        self.handshake = _content(await self.frame(), "0")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._session.close()

    async def send(self, frame: str) -> None:
        """Send a text frame."""
        await self.socket.send_str(frame)

    def write(self, octets: bytes) -> None:
        """Write bytes that are a frame, or none at all."""
        assert self.socket._writer is not None
        self.socket._writer.transport.write(octets)

    async def frame(self) -> str:
        """The next text frame; pings are answered."""
        while (frame := await self.raw_frame()) == "2":
            await self.send("3")
        return frame

    async def raw_frame(self) -> str:
        """The next text frame, whatever it is."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self.socket.receive()
        assert message.type is WSMsgType.TEXT, f"the socket closed: {message}"
        return str(message.data)

    async def closed(self) -> int | None:
        """Wait until the server has closed the socket, reading what still comes; the close code."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self.socket.receive()).type is WSMsgType.TEXT:
                pass
        return self.socket.close_code

    async def connect(self, namespace: str, auth: Json | None = None) -> Json:
        """Connect to a namespace; the first event it sends, which is its state."""
        await self.send(f"40{namespace},{json.dumps(auth or {})}")
        assert (await self.frame()).startswith(f"40{namespace},")
        name, state = await self.event(namespace)
        assert name == "state"
        return state

    async def event(self, namespace: str) -> tuple[str, Json]:
        """The next frame, which is an event."""
        name, payload = _content(await self.frame(), f"42{namespace},")
        return name, payload

    async def ask(self, namespace: str, *event: Any) -> Json:
        """Send an event and wait for its acknowledgement, passing over other events."""
        await self.send(f"42{namespace},7{json.dumps(event)}")
        return await self.ack(namespace, 7)

    async def ack(self, namespace: str, number: int) -> Json:
        """Wait for an acknowledgement, passing over events."""
        head = f"43{namespace},{number}["
        while not (frame := await self.frame()).startswith(head):
            assert frame.startswith("42"), f"neither the acknowledgement nor an event: {frame}"
        (answer,) = json.loads(frame[len(head) - 1 :])
        return dict(answer)

    async def answers(self, head: str) -> bool:
        """Wait for a frame that begins so, passing over others; False when the socket closes."""
        async with asyncio.timeout(PATIENCE_S):
            while (message := await self.socket.receive()).type is WSMsgType.TEXT:
                if message.data.startswith(head):
                    return True
        return False

    async def refusal(self, namespace: str) -> Json:
        """The next frame, which refuses a connect."""
        content: Json = _content(await self.frame(), f"44{namespace},")
        return content


def _content(frame: str, head: str) -> Any:
    assert frame.startswith(head), f"not {head}: {frame}"
    return json.loads(frame.removeprefix(head))


async def ignore_answers(wire: Wire, number: int) -> None:
    """Ask a customer's socket for this many large answers and read none of them."""
    for _ in range(20):
        answer = await wire.ask("/customer", "say", {"id": str(uuid4()), "text": "x" * 8_000})
        assert answer["ok"]
    for _ in range(number):
        await wire.send('42/customer,1["sync",{}]')
