"""The Socket.IO server: frames in and out, guarded.

Against what python-socketio accepts by itself: clients may not send the reserved events `connect`
and `disconnect`, nor connect twice, nor hold a socket open without connecting, nor leave unread
what they are sent; a malformed frame closes its socket. Commands of one socket are carried out one
after the other, in their order, each within a bounded time.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any, Protocol

import msgspec
import orjson
import socketio
import structlog
from engineio import packet as engine_packet
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from conversation.errors import Refused, Unavailable
from gateway.client import Client
from gateway.websocket import FRAME_BYTES, WebSocket

log_line = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 10.0
"""How long a socket may stay without being connected to a namespace."""
ANSWER_WITHIN_S = 10.0
"""How long a command may take; shorter than `PING_WITHIN_S`, for pongs wait behind it."""
CLOSE_WITHIN_S = 5.0
UNREAD_AT_MOST = 10_000
"""Packets that may wait for a client to read them."""
PING_EVERY_S = 20
PING_WITHIN_S = 15
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)

Json = dict[str, Any]
Place = tuple[str, str]
"""A client's Engine.IO id and its namespace."""


class Connection(Protocol):
    """One client in one namespace."""

    commands: frozenset[str]
    """The events it takes."""

    async def start(self) -> None:
        """Send what a client gets first; its connection stands."""

    async def send(self, event: str, payload: Json | msgspec.Raw) -> None:
        """Send what concerns everybody."""

    async def handle(self, command: str, payload: Json) -> Json:
        """Carry a command out; returns the fields of its acknowledgement, raises `Refused`."""

    async def close(self) -> None:
        """The client is gone."""


class Opened(Protocol):
    """How a namespace answers a client that connects."""

    async def __call__(self, client: Client, auth: Json) -> Connection:
        """Accept the client or raise `Refused`."""


class Sockets(socketio.AsyncServer):  # type: ignore[misc] # python-socketio has no types
    """The server of both namespaces; each client's commands go to its own connection object."""

    def __init__(self, namespaces: dict[str, Opened]) -> None:
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            transports=["websocket"],
            cors_allowed_origins="*",  # the Origin is tested before, see `gateway/origins.py`
            max_http_buffer_size=FRAME_BYTES,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_WITHIN_S,
            http_compression=False,
            json=_Json,
            namespaces=list(namespaces),
            logger=False,
            engineio_logger=False,
        )
        self.eio._async = {**self.eio._async, "websocket": WebSocket}  # noqa: SLF001
        self._opened = namespaces
        self._connections: dict[Place, tuple[Client, Connection]] = {}
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> list[Connection]:
        """Everybody who is connected."""
        return [connection for _, connection in self._connections.values()]

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
        transport = environ["aiohttp.request"].transport
        if transport is not None:
            asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, transport.abort)
        await socket.close(wait=False, reason=self.eio.reason.SERVER_DISCONNECT)
        await socket.queue.put(None)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        self._forget_deadline(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        if eio_sid not in self.environ:
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except _MALFORMED:
            log_line.info("socket.malformed")
            await self._hang_up(eio_sid)

    async def _write(self, eio_sid: str, packet: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closed:
            return
        if socket.queue.qsize() > UNREAD_AT_MOST:
            log_line.warning("socket.unread")
            self._hang_up_soon(eio_sid)
            return
        await socket.send(engine_packet.Packet(engine_packet.MESSAGE, packet))

    # Connections

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        namespace = namespace or "/"
        if (eio_sid, namespace) in self._connections:
            raise ValueError("connected twice")
        if namespace not in self._opened:
            refusal = _refusal(Refused("not_found", "there is no such namespace"))
            body = msgspec.json.encode(refusal.error_args).decode()
            at = "" if namespace == "/" else f"{namespace},"
            await self._write(eio_sid, f"4{at}{body}")
            return
        await super()._handle_connect(eio_sid, namespace, data)
        if eio_sid not in self.environ:  # it left while it was let in
            await self._handle_disconnect(eio_sid, namespace, self.reason.CLIENT_DISCONNECT)
        elif opened := self._connections.get((eio_sid, namespace)):
            await self._start(eio_sid, opened[1])

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Only the library's own `connect` and `disconnect` come this way."""
        if event == "connect":
            return await self._open(namespace, *args)
        if event == "disconnect":
            return self._close(namespace, *args)
        raise ValueError(event)

    async def _open(self, namespace: str, sid: str, _environ: Json, auth: Any = None) -> bool:
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        client = Client(
            namespace,
            write=partial(self._write, eio_sid),
            hang_up=partial(self._hang_up_soon, eio_sid),
        )
        try:
            if auth is not None and not isinstance(auth, dict):
                raise Refused("bad_request", "auth is an object")
            async with asyncio.timeout(ANSWER_WITHIN_S):
                connection = await self._opened[namespace](client, auth or {})
        except Refused as refused:
            raise _refusal(refused) from refused
        except TimeoutError as error:
            raise _refusal(Unavailable()) from error
        except Exception as error:
            log_line.exception("socket.connect_failed")
            raise _refusal(Unavailable()) from error
        self._connections[(eio_sid, namespace)] = client, connection
        self._forget_deadline(eio_sid)
        return True

    async def _start(self, eio_sid: str, connection: Connection) -> None:
        """Send the state; who cannot be sent it comes back and tries again."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await connection.start()
        except (Refused, TimeoutError):
            await self._hang_up(eio_sid)
        except Exception:
            log_line.exception("socket.start_failed")
            await self._hang_up(eio_sid)

    def _close(self, namespace: str, sid: str, *_: Any) -> None:
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        client, connection = self._connections.pop((eio_sid, namespace), (None, None))
        if client is not None and connection is not None:
            # In a task of its own: a delivery that finds its client gone is told to end here, and
            # must not wait for its own end.
            self._begin(connection.close())
        if not any(place[0] == eio_sid for place in self._connections):
            self._expect_connect(eio_sid)

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Commands

    async def _handle_event(
        self,
        eio_sid: str,
        namespace: str | None,
        id: int | None,  # noqa: A002
        data: Any,
    ) -> None:
        client, connection = self._connections[(eio_sid, namespace or "/")]
        if not isinstance(data, list) or not isinstance(data[0], str):
            raise TypeError("an event is a list that begins with its name")
        await client.answered(id, await _answer(connection, *data))


async def _answer(connection: Connection, name: str, *payloads: Any) -> Json:
    """Carry out one event and say what became of it; a fault of ours is told as `unavailable`."""
    try:
        if name not in connection.commands:
            raise Refused("bad_request", "unknown event")
        payload = payloads[0] if payloads else {}
        if len(payloads) > 1 or not isinstance(payload, dict):
            raise Refused("bad_request", "an event carries one object")
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return {"ok": True, **await connection.handle(name, payload)}
    except Refused as refused:
        return _refused(refused)
    except TimeoutError:
        return _refused(Unavailable())
    except Exception:
        log_line.exception("socket.command_failed", command=name)
        return _refused(Unavailable("something went wrong on our side, try again"))


def _refused(refused: Refused) -> Json:
    return {"ok": False, "error": {"code": refused.code, "message": refused.message}}


def _refusal(refused: Refused) -> SocketRefused:
    """A CONNECT_ERROR: `{"message": code, "data": {"code", "message"}}`."""
    return SocketRefused(refused.code, {"code": refused.code, "message": refused.message})


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
