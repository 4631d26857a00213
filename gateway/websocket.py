"""The websocket under Socket.IO: text frames that are packets, of a bounded size, uncompressed.

python-engineio's own negotiates compression, under which a small frame unfolds to a large one, and
hands every frame to a decoder whose errors leave the socket open with nobody behind it. Here such a
frame ends the socket as if the client had left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web
from engineio.async_drivers import aiohttp as engineio_aiohttp

FRAME_BYTES = 64 * 1024
_SPOKEN = ("3", "40", "41", "42", "43")
"""How frames of clients begin: pong, connect, disconnect, event, acknowledgement."""


class WebSocket(engineio_aiohttp.WebSocket):  # type: ignore[misc] # python-engineio has no types
    """One websocket; a frame beyond `FRAME_BYTES` closes it with 1009.

    `malformed` is called when a frame ends it that is none of those spoken here.
    """

    def __init__(self, handler: Any, server: Any, *, malformed: Callable[[], None]) -> None:
        super().__init__(handler, server)
        self._malformed = malformed

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Serve the handshake's request until the socket is closed."""
        limit = FRAME_BYTES + 1  # aiohttp refuses what reaches its limit
        self._sock = web.WebSocketResponse(max_msg_size=limit, compress=False)
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def wait(self) -> str:
        """The next frame; raises `OSError` when there is none, or none that is spoken here."""
        frame: str | bytes = await super().wait()
        if isinstance(frame, bytes) or not frame.startswith(_SPOKEN):
            self._malformed()
            raise OSError("malformed frame")
        return frame
