"""The line: who waits for a person, in the order they began to wait.

It is an index: the desk keeps it from the outbox, the owner in each log decides. Places are told to
the waiting customers whenever the line moves.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from conversation.events import milliseconds
from conversation.keys import DESK_CURSORS, LINE
from conversation.outbox import START, Entry
from conversation.store import Store, answering


class Place(Struct, frozen=True):
    """Where a customer stands; nothing is promised that is not known."""

    position: int
    wait_s: tuple[int, int] | None = None
    deadline: str | None = None
    then: str | None = None


class _Waiting(Struct, frozen=True):
    waiting_since: str | None


_waiting = msgspec.json.Decoder(_Waiting)


class Line:
    """The line of all conversations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def place(self, conversation: str) -> Place | None:
        """Where a conversation stands, or None when it does not wait."""
        with answering():
            rank = await self._store.reads.zrank(LINE, conversation)
        return None if rank is None else Place(position=rank + 1)

    async def places(self) -> dict[str, Place]:
        """Everybody who waits."""
        with answering():
            waiting = await self._store.reads.zrange(LINE, 0, -1)
        return {name.decode(): Place(position=n) for n, name in enumerate(waiting, start=1)}

    async def cursor(self, k: int) -> str:
        """How far the outbox of shard `k` has been taken in."""
        with answering():
            raw = await self._store.reads.hget(DESK_CURSORS, str(k))
        return raw.decode() if raw else START

    async def take_in(self, k: int, entries: list[Entry]) -> bool:
        """Bring the line up to date with changes of shard `k`; says whether it moved.

        The cursor is kept only with a change of the line: what is read again after a restart
        changes nothing, and most entries have nothing to do with the line.
        """
        known = set(await self.places())
        since = {entry.conversation: _waiting.decode(entry.summary) for entry in entries}
        joined = {
            name: milliseconds(state.waiting_since)
            for name, state in since.items()
            if state.waiting_since is not None and name not in known
        }
        left = [name for name, state in since.items() if not state.waiting_since and name in known]
        if not joined and not left:
            return False
        with answering():
            async with self._store.writes.pipeline(transaction=True) as pipe:
                if joined:
                    pipe.zadd(LINE, joined)
                if left:
                    pipe.zrem(LINE, *left)
                pipe.hset(DESK_CURSORS, str(k), entries[-1].cursor)
                await pipe.execute()
        return True
