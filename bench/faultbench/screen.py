"""A client of the house: one after the other, its connections over Socket.IO."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from bench.faultbench.scenario import ROW, Json

T = TypeVar("T")
PATIENCE_S = 30.0
RETRY_S = 0.1
CONNECTS_WITHIN_S = 10.0


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
            wait_timeout=CONNECTS_WITHIN_S,
        )
        try:
            await asyncio.wait_for(begun, CONNECTS_WITHIN_S)
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

    async def come_back(self, *, within_s: float = 2 * PATIENCE_S) -> float:
        """Connect again, as often as it takes; the seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(within_s), self._coming_back:
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
