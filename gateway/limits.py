"""What staff allow a customer who was limited or blocked, in every process and conversation.

A limit belongs to a customer's id: of somebody identified it holds in all their conversations, of a
visitor in the one that made them known, also when they are identified there later. While somebody
is blocked, their resume tokens open nothing. A limit ends by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

from conversation.errors import Refused
from conversation.keys import LIMIT_CHANGES, customer_limit, customer_messages
from conversation.log import Clock
from conversation.store import Store, answering

Level = Literal["none", "limited", "blocked"]
MESSAGES_A_MINUTE = 5
"""What somebody limited may send."""
CHANGES_KEPT = 1_000
START = "0-0"


class Limit(Struct, frozen=True):
    """What a customer is kept to, until when (ms)."""

    customer: str
    level: Level
    until_ms: int


_decoder = msgspec.json.Decoder(Limit)


class Limits:
    """The limits of all customers."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def put(self, limit: Limit, *, also: Iterable[str] = ()) -> None:
        """Set a limit, or lift it with the level `none`, and tell every process.

        `also` are other ids of the same customer, which keep no limit of their own.
        """
        writes = self._store.writes
        with answering():
            for customer in {*also} - {limit.customer}:
                await writes.delete(customer_limit(customer))
            left_ms = limit.until_ms - self._clock()
            key = customer_limit(limit.customer)
            if limit.level == "none" or left_ms <= 0:
                await writes.delete(key)
            else:
                await writes.set(key, msgspec.json.encode(limit), px=left_ms)
            changed = {"customer": limit.customer}
            await writes.xadd(LIMIT_CHANGES, changed, maxlen=CHANGES_KEPT, approximate=True)

    async def of(self, customers: Iterable[str]) -> Limit | None:
        """The strictest limit that holds for somebody now, by all ids they have."""
        with answering():
            raw = await asyncio.gather(
                *(self._store.reads.get(customer_limit(customer)) for customer in customers)
            )
        limits = [_decoder.decode(line) for line in raw if line is not None]
        now_ms = self._clock()
        held = [limit for limit in limits if limit.until_ms > now_ms]
        return max(held, key=lambda limit: limit.level == "blocked", default=None)

    async def admit(self, customers: Iterable[str]) -> None:
        """Raise `Refused` with `forbidden` for somebody who is blocked."""
        limit = await self.of(customers)
        if limit is not None and limit.level == "blocked":
            raise _blocked()

    async def count(self, customers: Iterable[str]) -> None:
        """Count a message; raises `Refused` with `forbidden`, or `rate_limited`."""
        limit = await self.of(customers)
        if limit is None:
            return
        if limit.level == "blocked":
            raise _blocked()
        key = customer_messages(limit.customer)
        with answering():
            async with self._store.writes.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=60, nx=True)
                pipe.incr(key)
                _, messages = await pipe.execute()
        if messages > MESSAGES_A_MINUTE:
            raise Refused("rate_limited", "you may write again in a minute")

    async def now(self) -> str:
        """Where the history of changes ends."""
        with answering():
            last = await self._store.reads.xrevrange(LIMIT_CHANGES, count=1)
        return last[0][0].decode() if last else START

    async def changes(self, since: str) -> tuple[str, set[str]]:
        """Whose limit changed since then, and where the history ends now."""
        with answering():
            entries = await self._store.reads.xrange(LIMIT_CHANGES, min=f"({since}")
        if not entries:
            return since, set()
        return entries[-1][0].decode(), {fields[b"customer"].decode() for _, fields in entries}


def _blocked() -> Refused:
    return Refused("forbidden", "this chat is closed to you")
