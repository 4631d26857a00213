"""The transport of the gateway with namespaces that say back what they hear.

They behave as the public test suite of the protocol expects of its server: what a client connects
with comes back as the event `auth`, a `message` as `message-back`, and a `message-with-ack` is
acknowledged with what it carried. The ping times are whole seconds.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from gateway.transport import Transport

PING_S = 1


class Echo(Transport):
    """The server; it has the namespaces `/` and `/custom`."""

    def __init__(self) -> None:
        super().__init__(
            ("/", "/custom"),
            unknown={"message": "Invalid namespace"},
            ping_every_s=PING_S,
            ping_within_s=PING_S,
        )

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        if self._is_in(eio_sid, namespace or "/"):
            await self._say(eio_sid, namespace or "/", "auth", data or {})

    async def _take(self, eio_sid: str, namespace: str, number: int | None, event: Any) -> None:
        match event:
            case ["message", *carried]:
                await self._say(eio_sid, namespace, "message-back", *carried)
            case ["message-with-ack", *carried] if number is not None:
                await self._write(eio_sid, f"3{_at(namespace)}{number}{_json(carried)}")

    async def _say(self, eio_sid: str, namespace: str, *event: Any) -> None:
        await self._write(eio_sid, f"2{_at(namespace)}{_json(event)}")


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """The server at work; its address."""
    app, echo = web.Application(), Echo()
    echo.attach(app, "/socket.io/")
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await echo.shutdown()
        await runner.cleanup()


def _at(namespace: str) -> str:
    return "" if namespace == "/" else f"{namespace},"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
