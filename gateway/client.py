"""Where to send to one connected client, and in which order it is sent.

The first event is `state`: what happens before it is known waits for it. An answer that carries a
state comes before what happens after it; a client that replaces what it shows loses nothing. When
more waits than may, the client is hung up, and begins anew from what it has.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from gateway.unread import UNREAD_BYTES

FIRST = "state"

Write = Callable[[str], Awaitable[None]]


class Client:
    """One client in one namespace; `write` sends a packet, `hang_up` closes the socket soon.

    `address` is where it connects from, as far as that is known.
    """

    def __init__(
        self, namespace: str, *, write: Write, hang_up: Callable[[], None], address: str = ""
    ) -> None:
        self.hang_up = hang_up
        self.address = address
        self._namespace = namespace
        self._write = write
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._begun = False
        self._held = False

    async def send(self, event: str, payload: Any) -> None:
        """Send one event; `payload` is anything msgspec writes as JSON."""
        packet = f"2{self._namespace},{msgspec.json.encode((event, payload)).decode()}"
        if event == FIRST and not self._begun:
            self._begun = True
            self._waiting.appendleft(packet)
        elif self._waiting_bytes > UNREAD_BYTES:
            self.hang_up()
            return
        else:
            self._waiting.append(packet)
        self._waiting_bytes += sys.getsizeof(packet)
        await self._flush()

    def hold(self) -> None:
        """Send no more events before the command that is being carried out is answered."""
        self._held = True

    async def answered(self, number: int | None, answer: dict[str, Any]) -> None:
        """Acknowledge a command, if its client asked for it; what was held follows."""
        if number is not None:
            body = msgspec.json.encode([answer]).decode()
            await self._write(f"3{self._namespace},{number}{body}")
        self._held = False
        await self._flush()

    async def _flush(self) -> None:
        while self._waiting and self._begun and not self._held:
            packet = self._waiting.popleft()
            self._waiting_bytes -= sys.getsizeof(packet)
            await self._write(packet)
