"""How often things happened in the whole deployment, also in processes that nobody can ask.

Each process counts for itself and adds its counts to those in Redis every few seconds. What a
process counted in its last seconds is lost with it when it is killed; a count whose writing was not
answered may be added twice. They are figures to watch, nothing is decided by them.
"""

from __future__ import annotations

from collections import Counter

from conversation.errors import Unavailable
from conversation.keys import COUNTERS
from conversation.store import Store, answering

ADD_EVERY_S = 3.0


class Counters:
    """The counts of one process that are not in Redis yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """Count one more."""
        self._counts[name] += 1

    async def flush(self) -> None:
        """Add what was counted to the deployment's counts; raises `Unavailable`."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with answering():
                async with self._store.writes.pipeline(transaction=False) as pipe:
                    for name, count in counts.items():
                        pipe.hincrby(COUNTERS, name, count)
                    await pipe.execute()
        except Unavailable:
            self._counts += counts
            raise

    async def read(self) -> Counter[str]:
        """The deployment's counts; raises `Unavailable`."""
        with answering():
            raw = await self._store.reads.hgetall(COUNTERS)
        return Counter({name.decode(): int(count) for name, count in raw.items()})
