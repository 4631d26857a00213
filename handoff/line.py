"""The line: who waits for a person, in the order they began to wait.

It is an index: the desk keeps it from the outbox, the owner in each log decides. Places are told to
the waiting customers whenever the line moves.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Raw, Struct

from conversation.events import milliseconds
from conversation.keys import LINE
from conversation.outbox import Entry
from conversation.store import Store, answering


class Place(Struct, frozen=True):
    """Where a customer stands; nothing is promised that is not known."""

    position: int
    wait_s: tuple[int, int] | None = None
    deadline: str | None = None
    then: str | None = None


class _Waiting(Struct, frozen=True):
    conversation: str
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

    async def make(self, waiting: list[Raw], *, of: Callable[[str], bool]) -> None:
        """Make the line of one shard anew from its conversations' summaries.

        `of` says which conversations are that shard's.
        """
        states = [_waiting.decode(summary) for summary in waiting]
        since = {state.conversation: state.waiting_since for state in states}
        gone = [name for name in await self.places() if of(name) and not since.get(name)]
        await self._write({name: at for name, at in since.items() if at}, gone)

    async def take_in(self, entries: list[Entry]) -> bool:
        """Bring the line up to date with changes; says whether it moved.

        Taking the same change in twice, or in two processes, changes nothing.
        """
        states = [_waiting.decode(entry.summary) for entry in entries]
        since = {state.conversation: state.waiting_since for state in states}
        waiting = {name: at for name, at in since.items() if at}
        return await self._write(waiting, [name for name in since if name not in waiting])

    async def _write(self, waiting: dict[str, str], left: list[str]) -> bool:
        moved = 0
        with answering():
            if waiting:
                places = {name: milliseconds(at) for name, at in waiting.items()}
                moved += await self._store.writes.zadd(LINE, places, ch=True)
            if left:
                moved += await self._store.writes.zrem(LINE, *left)
        return moved > 0
