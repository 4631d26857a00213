"""The server of both namespaces: who connects, and what their commands are answered.

Clients may not send the reserved events `connect` and `disconnect`, nor any that their namespace
has not. Commands of one socket are carried out one after the other, in their order, each within a
bounded time.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Protocol

import msgspec
import structlog
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from conversation.errors import Refused, Unavailable
from gateway.addresses import address_of
from gateway.client import Client
from gateway.transport import Transport

log_line = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 10.0
"""How long a command may take; shorter than `PING_WITHIN_S`, for pongs wait behind it."""

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


class Sockets(Transport):
    """Each client's commands go to its own connection object."""

    def __init__(self, namespaces: dict[str, Opened]) -> None:
        unknown = _refusal(Refused("not_found", "there is no such namespace"))
        super().__init__(namespaces, unknown=unknown.error_args)
        self._opened = namespaces
        self._connections: dict[Place, tuple[Client, Connection]] = {}

    @property
    def connections(self) -> list[Connection]:
        """Everybody who is connected."""
        return [connection for _, connection in self._connections.values()]

    # Connections

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        if opened := self._connections.get((eio_sid, namespace or "/")):
            await self._start(eio_sid, opened[1])

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Only the library's own `connect` and `disconnect` come this way."""
        if event == "connect":
            return await self._open(namespace, *args)
        if event == "disconnect":
            return self._close(namespace, *args)
        raise ValueError(event)

    async def _open(self, namespace: str, sid: str, environ: Json, auth: Any = None) -> bool:
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        client = Client(
            namespace,
            address=address_of(environ["aiohttp.request"]),
            write=partial(self._write, eio_sid),
            hang_up=partial(self._hang_up_soon, eio_sid),
        )
        try:
            if auth is not None and not isinstance(auth, dict):
                raise Refused("bad_request", "auth is an object")
            async with asyncio.timeout(ANSWER_WITHIN_S):
                connection = await self._opened[namespace](client, auth or {})
        except Refused as refused:
            self.refused[refused.code] += 1
            raise _refusal(refused) from refused
        except TimeoutError as error:
            raise _refusal(Unavailable()) from error
        except Exception as error:
            log_line.exception("socket.connect_failed")
            raise _refusal(Unavailable()) from error
        self._connections[(eio_sid, namespace)] = client, connection
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

    # Commands

    async def _take(self, eio_sid: str, namespace: str, number: int | None, event: Any) -> None:
        client, connection = self._connections[(eio_sid, namespace)]
        answer = await _answer(connection, *event)
        if not answer["ok"]:
            self.refused[answer["error"]["code"]] += 1
        await client.answered(number, answer)


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
