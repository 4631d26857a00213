"""Socket.IO frames in and out, guarded; what its events mean is for whoever builds on it.

Against what python-socketio accepts by itself: clients may not connect twice to a namespace, nor
hold a socket open without connecting, nor leave unread what they are sent; a malformed frame closes
its socket, and so do binary attachments, which are not taken here.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import orjson
import socketio
import structlog
from aiohttp.web import Request
from engineio import packet as engine_packet
from engineio.async_socket import AsyncSocket

from gateway.unread import UNREAD_BYTES, Unread
from gateway.websocket import FRAME_BYTES, WebSocket

log_line = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 4.0
"""How long a socket may stay without being connected to a namespace; it is gone within 5 s."""
CLOSE_WITHIN_S = 5.0
PING_EVERY_S = 20
PING_WITHIN_S = 15
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

Json = dict[str, Any]


class Transport(socketio.AsyncServer):  # type: ignore[misc] # python-socketio has no types
    """A Socket.IO server over websockets only.

    `unknown` is what a CONNECT_ERROR says to who connects to none of `namespaces`. Ping times are
    whole seconds: python-engineio cuts off what is less.
    """

    def __init__(
        self,
        namespaces: Iterable[str],
        *,
        unknown: Json,
        ping_every_s: int = PING_EVERY_S,
        ping_within_s: int = PING_WITHIN_S,
    ) -> None:
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            transports=["websocket"],
            cors_allowed_origins="*",  # the Origin is tested before, see `gateway/origins.py`
            max_http_buffer_size=FRAME_BYTES,
            ping_interval=ping_every_s,
            ping_timeout=ping_within_s,
            http_compression=False,
            json=_Json,
            namespaces=list(namespaces),
            logger=False,
            engineio_logger=False,
        )
        websocket = partial(WebSocket, malformed=self._note_malformed)
        self.eio._async = {**self.eio._async, "websocket": websocket}  # noqa: SLF001
        self.eio.create_queue = Unread
        self.eio.start_background_task = self._in_background
        self._unknown = orjson.dumps(unknown).decode()
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self._pings: dict[str, asyncio.Task[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.refused: Counter[str] = Counter()
        """What was not taken, by the code it was answered with; `malformed` and `unread` beside."""

    async def shutdown(self) -> None:
        """Close every socket, once what is on its way to it is sent."""
        for eio_sid in list(self.eio.sockets):
            await self._hang_up(eio_sid)
        if self._tasks:
            await asyncio.wait(self._tasks)
        await super().shutdown()

    # Sockets

    async def _handle_eio_connect(self, eio_sid: str, environ: Json) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self._expect_connect(eio_sid)

    def _expect_connect(self, eio_sid: str) -> None:
        """Close a socket that answers pings and is connected to nothing."""
        loop = asyncio.get_running_loop()
        self._forget_deadline(eio_sid)
        self._deadlines[eio_sid] = loop.call_later(CONNECT_WITHIN_S, self._hang_up_soon, eio_sid)

    def _forget_deadline(self, eio_sid: str) -> None:
        if deadline := self._deadlines.pop(eio_sid, None):
            deadline.cancel()

    def _hang_up_soon(self, eio_sid: str) -> None:
        self._begin(self._hang_up(eio_sid))

    async def _hang_up(self, eio_sid: str) -> None:
        """Close a socket for good, also one whose client neither reads nor leaves."""
        socket, environ = self.eio.sockets.get(eio_sid), self.environ.get(eio_sid)
        if socket is None or environ is None:
            return
        request = environ["aiohttp.request"]
        asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, _abort, request)
        await socket.close(wait=False, reason=self.eio.reason.SERVER_DISCONNECT)
        await socket.queue.put(None)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        self._forget_deadline(eio_sid)
        if ping := self._pings.pop(eio_sid, None):
            ping.cancel()

    def _in_background(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Begin a task of python-engineio.

        The one that waits to ping a socket would keep it, and all it has not read, for as long as
        it waits; it ends with its socket.
        """
        task = asyncio.ensure_future(work(*args, **kwargs))
        if isinstance(socket := getattr(work, "__self__", None), AsyncSocket):
            if socket.closing:
                task.cancel()
            else:
                self._pings[socket.sid] = task
        return task

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        if eio_sid not in self.environ:
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except _MALFORMED:
            self._note_malformed()
            await self._hang_up(eio_sid)

    def _note_malformed(self) -> None:
        self.refused["malformed"] += 1
        log_line.info("socket.malformed")

    async def _write(self, eio_sid: str, packet: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closed:
            return
        if socket.queue.behind > UNREAD_BYTES:
            self.refused["unread"] += 1
            log_line.warning("socket.unread", bytes=socket.queue.bytes)
            self._hang_up_soon(eio_sid)
            return
        await socket.send(engine_packet.Packet(engine_packet.MESSAGE, packet))

    # Namespaces

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        namespace = namespace or "/"
        if self._is_in(eio_sid, namespace):
            raise ValueError("connected twice")
        if namespace not in self.namespaces:
            at = "" if namespace == "/" else f"{namespace},"
            await self._write(eio_sid, f"4{at}{self._unknown}")
            return
        await super()._handle_connect(eio_sid, namespace, data)
        if not self._is_in(eio_sid, namespace):
            return
        if eio_sid in self.environ:
            self._forget_deadline(eio_sid)
        else:  # it left while it was let in
            await self._handle_disconnect(eio_sid, namespace, self.reason.CLIENT_DISCONNECT)

    async def _handle_disconnect(
        self, eio_sid: str, namespace: str | None, reason: str | None = None
    ) -> None:
        if not self._is_in(eio_sid, namespace or "/"):
            return
        await super()._handle_disconnect(eio_sid, namespace, reason)
        if eio_sid in self.environ and not any(self._is_in(eio_sid, n) for n in self.namespaces):
            self._expect_connect(eio_sid)

    async def _handle_event(
        self,
        eio_sid: str,
        namespace: str | None,
        id: int | None,  # noqa: A002
        data: Any,
    ) -> None:
        if not self._is_in(eio_sid, namespace or "/"):
            raise ValueError("not connected")
        if not isinstance(data, list) or not isinstance(data[0], str):
            raise TypeError("an event is a list that begins with its name")
        await self._take(eio_sid, namespace or "/", id, data)

    async def _take(self, eio_sid: str, namespace: str, number: int | None, event: Any) -> None:
        """Carry an event out: a list of its name and what it carries."""
        await super()._handle_event(eio_sid, namespace, number, event)

    def _is_in(self, eio_sid: str, namespace: str) -> bool:
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        return sid is not None and self.manager.is_connected(sid, namespace)


def _abort(request: Request) -> None:
    if (transport := request.transport) is not None:
        transport.abort()


class _Json:
    """The JSON python-socketio reads frames with.

    Half a surrogate pair, which a browser's text may end in, is JSON to browsers and not to orjson;
    it is read, so that the command can be refused by name.
    """

    @staticmethod
    def loads(text: str) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return json.loads(text)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()
