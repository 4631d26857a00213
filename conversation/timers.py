"""What must happen later: a sorted set a shard, run by the role `desk`.

Which timers stand follows from the state (see `plan.py`); claiming one only moves its score, so a
process that dies before it acted loses nothing.
"""

from __future__ import annotations

from conversation.keys import shard
from conversation.log import Clock
from conversation.store import Store

CLAIM_MS = 30_000
"""How long a claimed timer is left to whoever claimed it."""


class Timers:
    """The timers of one shard."""

    def __init__(self, store: Store, k: int, *, clock: Clock) -> None:
        self._key = shard(k).timers
        self._clock = clock
        self._claim = store.script("conversation", "claim_timers")

    async def claim(self, count: int = 100) -> list[tuple[str, str]]:
        """Timers that are due, as (conversation, what)."""
        now = self._clock()
        due = await self._claim([self._key], [now, now + CLAIM_MS, count])
        members = [member.decode().rpartition(" ") for member in due]
        return [(conversation, what) for conversation, _, what in members]
