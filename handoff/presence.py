"""Who is at work: one status a person, and a lease for each place where they have a console."""

from __future__ import annotations

import secrets
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
    leases: dict[str, int]


_decoder = msgspec.json.Decoder(_Entry)


class Presence:
    """The presence of all staff, as one process knows and keeps it."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._note = store.script("handoff", "presence")
        self._place = secrets.token_hex(4)

    async def renew(self, staff: str) -> None:
        """Somebody has a console here; who had none anywhere is away until they say otherwise."""
        await self._write(staff, until=self._clock() + LEASE_MS)

    async def set(self, staff: str, status: Status) -> None:
        """Somebody says how they are, wherever they have a console."""
        await self._write(staff, until=self._clock() + LEASE_MS, status=status)

    async def leave(self, staff: str) -> None:
        """Somebody has no console here any more; without one anywhere they are offline."""
        await self._write(staff, until=0)

    async def read(self) -> dict[str, Status]:
        """How everybody is; who let every lease run out is offline."""
        with answering():
            raw = await self._store.reads.hgetall(PRESENCE)
        now = self._clock()
        entries = {staff.decode(): _decoder.decode(line) for staff, line in raw.items()}
        return {
            staff: entry.status if any(end > now for end in entry.leases.values()) else "offline"
            for staff, entry in entries.items()
        }

    async def _write(self, staff: str, *, until: int, status: Status | None = None) -> None:
        now = self._clock()
        await self._note([PRESENCE], [staff, self._place, now, until, status or ""])
