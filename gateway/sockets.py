"""The Socket.IO server: frames in and out, guarded.

Against what python-socketio accepts by itself: clients may not send the reserved events `connect`
and `disconnect`, nor connect twice, nor hold a socket open without connecting; a malformed frame
closes its socket. Commands of one socket are carried out one after the other, in their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import orjson
import socketio
import structlog
from engineio import packet as engine_packet
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from conversation.errors import Refused

log_line = structlog.get_logger(__name__)

FRAME_BYTES = 64 * 1024
CONNECT_WITHIN_S = 10.0
PING_EVERY_S = 20
PING_WITHIN_S = 15

Json = dict[str, Any]


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


class Client:
    """Where to send to one connected client."""

    def __init__(self, server: Sockets, engine_id: str, namespace: str) -> None:
        self._server = server
        self._engine_id = engine_id
        self._prefix = f"2{namespace},"

    async def send(self, event: str, payload: Any) -> None:
        """Send one event; `payload` is anything msgspec writes as JSON."""
        body = msgspec.json.encode((event, payload)).decode()
        packet = engine_packet.Packet(engine_packet.MESSAGE, self._prefix + body)
        await self._server.eio.send_packet(self._engine_id, packet)

    def hang_up(self) -> None:
        """Close the socket, soon; the client comes back and starts from what it knows."""
        self._server.start_background_task(self._server.eio.disconnect, self._engine_id)


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
            json=_Orjson,
            namespaces=list(namespaces),
            logger=False,
            engineio_logger=False,
        )
        self._opened = namespaces
        self._connections: dict[tuple[str, str], Connection] = {}
        self._deadlines: dict[str, asyncio.TimerHandle] = {}

    @property
    def connections(self) -> list[Connection]:
        """Everybody who is connected."""
        return list(self._connections.values())

    async def _handle_eio_connect(self, eio_sid: str, environ: Json) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        hang_up: Callable[[], object] = lambda: self.start_background_task(  # noqa: E731
            self.eio.disconnect, eio_sid
        )
        loop = asyncio.get_running_loop()
        self._deadlines[eio_sid] = loop.call_later(CONNECT_WITHIN_S, hang_up)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        try:
            if isinstance(data, bytes):
                raise ValueError("binary frames are not spoken here")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            log_line.info("socket.malformed")
            await self.eio.disconnect(eio_sid)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        if (eio_sid, namespace or "/") in self._connections:
            raise ValueError("connected twice")
        await super()._handle_connect(eio_sid, namespace, data)
        if connection := self._connections.get((eio_sid, namespace or "/")):
            await connection.start()

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Only the library's own `connect` and `disconnect` come this way."""
        if event == "connect":
            return await self._open(namespace, *args)
        if event == "disconnect":
            return await self._close(namespace, *args)
        raise ValueError(event)

    async def _open(self, namespace: str, sid: str, _environ: Json, auth: Any = None) -> bool:
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        try:
            if auth is not None and not isinstance(auth, dict):
                raise Refused("bad_request", "auth is an object")
            client = Client(self, eio_sid, namespace)
            connection = await self._opened[namespace](client, auth or {})
        except Refused as refused:
            raise SocketRefused(
                refused.code, {"code": refused.code, "message": refused.message}
            ) from refused
        self._connections[(eio_sid, namespace)] = connection
        if deadline := self._deadlines.pop(eio_sid, None):
            deadline.cancel()
        return True

    async def _close(self, namespace: str, sid: str, *_: Any) -> None:
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        if connection := self._connections.pop((eio_sid, namespace), None):
            await connection.close()

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        if deadline := self._deadlines.pop(eio_sid, None):
            deadline.cancel()
        await super()._handle_eio_disconnect(eio_sid, reason)

    async def _handle_event(self, eio_sid: str, namespace: str, id: Any, data: Any) -> None:  # noqa: A002
        namespace = namespace or "/"
        connection = self._connections.get((eio_sid, namespace))
        if connection is None:
            raise ValueError("not connected")
        answer = await _answer(connection, data)
        if id is not None:
            ack = f"3{namespace},{id}{msgspec.json.encode([answer]).decode()}"
            packet = engine_packet.Packet(engine_packet.MESSAGE, ack)
            await self.eio.send_packet(eio_sid, packet)


async def _answer(connection: Connection, data: Any) -> Json:
    """Carry out one event and say what became of it; a fault of ours is told as `unavailable`."""
    name = data[0]
    if not isinstance(name, str):
        raise TypeError("an event has a name")
    try:
        if name not in connection.commands:
            raise Refused("bad_request", "unknown event")
        payload = data[1] if len(data) > 1 else {}
        if len(data) > 2 or not isinstance(payload, dict):
            raise Refused("bad_request", "an event carries one object")
        return {"ok": True, **await connection.handle(name, payload)}
    except Refused as refused:
        return {"ok": False, "error": {"code": refused.code, "message": refused.message}}
    except Exception:
        log_line.exception("socket.command_failed", command=name)
        message = "something went wrong on our side, try again"
        return {"ok": False, "error": {"code": "unavailable", "message": message}}


class _Orjson:
    """The JSON python-socketio reads frames with."""

    @staticmethod
    def loads(text: str) -> Any:
        return orjson.loads(text)

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        return orjson.dumps(value).decode()
