"""Who of the staff is here, told to consoles and, as a number, to waiting customers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

from conversation.errors import Unavailable
from conversation.forever import forever
from conversation.store import Store, answering
from gateway import accounts
from handoff.presence import RENEW_EVERY_S, Presence, Status

Json = dict[str, Any]
LOOK_EVERY_S = 2.0
CAPACITY = 8
"""How many conversations one person is shown to have room for."""


class Roster:
    """The staff, as one gateway process sees them; it renews the leases of its own sockets."""

    def __init__(
        self,
        store: Store,
        presence: Presence,
        *,
        loads: Callable[[], Counter[str]],
        changed: Callable[[list[Json]], Awaitable[None]],
        here: Callable[[int], Awaitable[None]],
    ) -> None:
        self._store = store
        self._presence = presence
        self._loads = loads
        self._changed = changed
        self._tell_here = here
        self._online = 0
        self._here: Counter[str] = Counter()
        self._known: dict[str, Json] = {}
        self._looking = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        renew = forever("roster.renew", self._renew, every_s=RENEW_EVERY_S)
        look = forever("roster.look", self.look, every_s=LOOK_EVERY_S)
        self._tasks = [asyncio.create_task(renew), asyncio.create_task(look)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def arrive(self, staff: str) -> None:
        """A console of somebody connects; nobody is online before they say so."""
        self._here[staff] += 1
        await self._presence.renew(staff)
        await self.look()

    async def leave(self, staff: str) -> None:
        """A console disconnects; with the last one of all places its person is offline."""
        self._here[staff] -= 1
        if self._here[staff]:
            return
        del self._here[staff]
        with suppress(Unavailable):
            await self._presence.leave(staff)
            await self.look()

    async def set(self, staff: str, status: Status) -> None:
        """Somebody says how they are."""
        await self._presence.set(staff, status)
        await self.look()

    async def staff(self) -> list[Json]:
        """Everybody with an account, and how they are."""
        with answering():
            everybody = await accounts.list_staff(self._store.reads)
        statuses = await self._presence.read()
        loads = self._loads()
        return [
            {
                "id": account.id,
                "name": account.name,
                "role": account.role,
                "status": statuses.get(account.id, "offline"),
                "load": loads[f"staff:{account.id}"],
                "capacity": CAPACITY,
            }
            for account in everybody
            if not account.disabled
        ]

    async def look(self) -> None:
        """Tell what changed since the last look; one at a time, so that the latest comes last."""
        async with self._looking:
            now = {person["id"]: person for person in await self.staff()}
            changed = [person for id_, person in now.items() if self._known.get(id_) != person]
            self._known = now
            if changed:
                await self._changed(changed)
            online = sum(person["status"] == "online" for person in now.values())
            if online != self._online:
                self._online = online
                await self._tell_here(online)

    async def _renew(self) -> None:
        for staff in list(self._here):
            await self._presence.renew(staff)
