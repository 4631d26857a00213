"""Who is at work: a status with a lease, renewed while the person's console is connected."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from conversation.keys import PRESENCE
from conversation.log import Clock
from conversation.store import Store, answering

Status = Literal["online", "away", "offline"]
LEASE_MS = 45_000
RENEW_EVERY_S = 15.0


class _Entry(Struct, frozen=True):
    status: Status
    until: int


_decoder = msgspec.json.Decoder(_Entry)


class Presence:
    """The presence of all staff."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def set(self, staff: str, status: Status) -> None:
        """Say how somebody is, for the length of a lease."""
        entry = _Entry(status, self._clock() + LEASE_MS)
        with answering():
            await self._store.writes.hset(PRESENCE, staff, msgspec.json.encode(entry))

    async def read(self) -> dict[str, Status]:
        """How everybody is; who let the lease run out is offline."""
        with answering():
            raw = await self._store.reads.hgetall(PRESENCE)
        now = self._clock()
        entries = {staff.decode(): _decoder.decode(line) for staff, line in raw.items()}
        return {
            staff: entry.status if entry.until > now else "offline"
            for staff, entry in entries.items()
        }
