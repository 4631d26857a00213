"""Shows out who was let in and may not stay: looked up every second, in every process.

Of staff it looks up each sign-in: it ends with its time, by signing out, and when the account is
disabled or reset. Of customers it follows whose limit was changed.
"""

from __future__ import annotations

import asyncio
from typing import Self

from conversation.forever import forever
from gateway.customer import CustomerConnection
from gateway.limits import Limits
from gateway.sockets import Sockets
from gateway.staff import StaffConnection

CHECK_EVERY_S = 1.0


class Doorkeeper:
    """One process's; it works for as long as it is entered."""

    def __init__(self, sockets: Sockets, limits: Limits) -> None:
        self._sockets = sockets
        self._limits = limits
        self._told: str | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        sign_ins = forever("sign_ins", self._check_sign_ins, every_s=CHECK_EVERY_S)
        limits = forever("limits", self._follow_limits, every_s=CHECK_EVERY_S)
        self._tasks = [asyncio.create_task(sign_ins), asyncio.create_task(limits)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _check_sign_ins(self) -> None:
        for connection in self._sockets.connections:
            if isinstance(connection, StaffConnection):
                await connection.check()

    async def _follow_limits(self) -> None:
        """Tell those whose limit changed; whoever could not be told is told at the next look."""
        since = self._told or await self._limits.now()
        until, changed = await self._limits.changes(since)
        for connection in self._sockets.connections:
            if isinstance(connection, CustomerConnection) and connection.customers & changed:
                await connection.heed()
        self._told = until
