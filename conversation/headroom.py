"""Whether there is room for more words; what is left below that is kept for results.

A Redis that runs out of disk ends, and one that runs out of memory writes nothing. Before it comes
to that, what people want to say is refused as `unavailable`; what already ran is still recorded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from msgspec import Struct

from conversation.errors import Unavailable

LOOK_EVERY_S = 1.0
ENOUGH_AGAIN = 1.25
"""How many times the reserve must be free before words are taken again."""

What = Literal["disk", "memory"]


class Room(Struct, frozen=True):
    """How much is left of something, and how much of it is kept for results (bytes)."""

    left_bytes: int
    reserve_bytes: int


Probe = Callable[[], Awaitable[Room]]
"""Looks how much is left now; raises `Unavailable` when that cannot be told."""


class Headroom:
    """What may run out, as it was at the last look."""

    def __init__(self, probes: Mapping[What, Probe]) -> None:
        self._probes = probes
        self.rooms: dict[What, Room] = {}
        self.low: frozenset[What] = frozenset()

    async def look(self) -> None:
        """Look at everything, up to the first that cannot be told; raises `Unavailable`."""
        for what, probe in self._probes.items():
            room = self.rooms[what] = await probe()
            low = self.low - {what}
            self.low = low | {what} if self._is_low(what, room) else low

    def require(self) -> None:
        """Refuse more words when room is short; raises `Unavailable`."""
        if self.low:
            raise Unavailable("there is no room for more messages just now, try again later")

    def _is_low(self, what: What, room: Room) -> bool:
        """Low a little longer than below the reserve, so that it does not come and go."""
        enough = room.reserve_bytes * (ENOUGH_AGAIN if what in self.low else 1)
        return room.left_bytes < enough
