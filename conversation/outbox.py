"""What changed, for everybody who keeps a list: a stream a shard, one entry a commit.

Each consumer has its own cursor. Who lags behind what is kept reads the lists afresh.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct
from redis.exceptions import ResponseError

from conversation.keys import shard
from conversation.store import Store, answering

BLOCK_MS = 2_000
START = "0-0"


class Entry(Struct, frozen=True):
    """One commit's changes: the conversation's summary, and those of the holds it touched."""

    cursor: str
    conversation: str
    summary: Raw
    holds: list[Raw]


class _Change(Struct, frozen=True):
    conversation: Raw
    holds: list[Raw]


_changes = msgspec.json.Decoder(_Change)


class Outbox:
    """The outbox and the lists of one shard."""

    def __init__(self, store: Store, k: int) -> None:
        self._store = store
        self._shard = shard(k)

    async def end(self) -> str:
        """The cursor of the newest entry."""
        with answering():
            last = await self._store.reads.xrevrange(self._shard.outbox, count=1)
        return last[0][0].decode() if last else START

    async def follow(self, cursor: str, *, count: int = 200) -> list[Entry]:
        """Wait a little for entries after `cursor`."""
        with answering():
            answer = await self._store.reads.xread(
                {self._shard.outbox: cursor}, count=count, block=BLOCK_MS
            )
        return [_entry(raw) for _, found in answer or [] for raw in found]

    async def since(self, cursor: str, *, at_most: int) -> list[Entry] | None:
        """The entries after `cursor`, or None when some of them may be gone, or are too many."""
        with answering():
            try:
                found = await self._store.reads.xrange(
                    self._shard.outbox, min=f"({cursor}", count=at_most + 1
                )
                # Asked last: while the cursor's own entry is kept, none after it was trimmed.
                kept = await self._store.reads.xrange(self._shard.outbox, min=cursor, count=1)
            except ResponseError:  # not a stream id
                return None
        if len(found) > at_most or not kept or kept[0][0].decode() != cursor:
            return None
        return [_entry(raw) for raw in found]

    async def lists(self) -> tuple[list[Raw], list[Raw]]:
        """Every open conversation's summary and every open hold's."""
        with answering():
            conversations = await self._store.reads.hvals(self._shard.summaries)
            holds = await self._store.reads.hvals(self._shard.holds)
        return [Raw(raw) for raw in conversations], [Raw(raw) for raw in holds]


def _entry(raw: tuple[bytes, dict[bytes, bytes]]) -> Entry:
    cursor, fields = raw
    change = _changes.decode(fields[b"change"])
    return Entry(
        cursor=cursor.decode(),
        conversation=fields[b"conversation"].decode(),
        summary=change.conversation,
        holds=change.holds,
    )
