"""The log of a conversation: read it, and commit to it.

A command reads the head, decides purely which events follow, and commits them in one script with
the version it read. When the version moved it reads again and decides again, so that two people, a
timer and a worker can race, and one wins.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from conversation import events as ev
from conversation.counters import Counters
from conversation.errors import LeaseLost, Refused, Unavailable
from conversation.keys import Keys, keys
from conversation.plan import Fence, Once, Plan, plan, stamp
from conversation.reply import Replies, Reply
from conversation.state import State, fold, load
from conversation.store import Store, answering

Clock = Callable[[], int]
"""Milliseconds since 1970; passed in, so that what depends on time is tested without waiting."""
Decide = Callable[[State, Reply | None], Sequence[ev.New]]
"""Which events follow from a state and what is being shown; pure, raises `Refused`."""

RACES = 50
"""How often a command is decided again before it gives up."""
REPEATS_S = (0.1, 0.3, 0.9)
"""Waits before a commit whose answer was lost is repeated, of a command done `once`."""


def now_ms() -> int:
    """The clock of this machine."""
    return time.time_ns() // 1_000_000


class Committed(Struct, frozen=True):
    """What a commit did; `seq` is that of the command's own event, also if committed before."""

    seq: int
    state: State
    events: list[ev.Event]
    duplicate: bool = False


class Log:
    """The logs of all conversations."""

    def __init__(self, store: Store, *, clock: Clock = now_ms) -> None:
        self.store = store
        self.clock = clock
        self.replies = Replies(store)
        self.counters = Counters(store)
        self._commit = store.script("conversation", "commit")

    def keys(self, conversation: str) -> Keys:
        """Where a conversation lies."""
        return keys(conversation, self.store.shards)

    async def read(self, conversation: str, after: int = 0) -> list[ev.Event]:
        """The events after seq `after`, oldest first."""
        with answering():
            raw = await self.store.reads.lrange(self.keys(conversation).log, after, -1)
        return [ev.decode(line) for line in raw]

    async def head(self, conversation: str) -> State:
        """The state now; of an unknown conversation the empty state with seq 0."""
        at = self.keys(conversation)
        with answering():
            raw = await self.store.reads.hget(at.head, "state")
        if raw is None:
            return await self.rebuild(conversation)
        try:
            return load(raw)
        except msgspec.MsgspecError:
            return await self.rebuild(conversation)

    async def rebuild(self, conversation: str) -> State:
        """Fold the log from its start: what the head must be."""
        state = State(conversation=conversation)
        for event in await self.read(conversation):
            state = fold(state, event)
        return state

    async def commit(
        self,
        conversation: str,
        decide: Decide,
        *,
        own: type[ev.Data] | None = None,
        once: Once | None = None,
        fence: Fence | None = None,
        with_reply: bool = False,
        state: State | None = None,
    ) -> Committed:
        """Decide and commit; all of it or nothing.

        `own` is the type of the event whose seq answers the command, the first one without it.
        `once` names the command (author and client id, or turn and step); the same name with the
        same content answers what was committed then, whatever happened since. `with_reply` refuses
        the commit when more was shown since the buffer was read. `state` saves a read when the
        caller holds the head.
        Raises `Refused` (from `decide`, or `conflict`), `Unavailable` or `LeaseLost`. A decision
        without events commits nothing.
        """
        at = self.keys(conversation)
        for races in range(RACES):
            if races and with_reply:
                await self.replies.hold_still(conversation)
            state = state or await self.head(conversation)
            reply = await self.replies.read(conversation) if with_reply else None
            new = await self._decide(at, decide, state, reply, once=once)
            if isinstance(new, Committed):
                return new
            after, events = stamp(state, new, self.clock())
            shown = (reply.token if reply else "") if with_reply else None
            ready = plan(at, state, after, events, own=own, once=once, fence=fence, shown=shown)
            answer = await self._write(at, ready)
            match answer[0]:
                case b"committed":
                    return Committed(answer[1], after, events)
                case b"duplicate":
                    head = await self.head(conversation)
                    return Committed(answer[1], head, [], duplicate=True)
                case b"conflict":
                    raise _used_otherwise()
                case b"fenced":
                    raise LeaseLost
            state = await self._moved(conversation, state)
        raise Unavailable("too many changes at once, try again")

    async def _decide(
        self, at: Keys, decide: Decide, state: State, reply: Reply | None, *, once: Once | None
    ) -> Sequence[ev.New] | Committed:
        """What follows; a command with nothing to do now answers what it did before, if it did."""
        refused: Refused | None = None
        try:
            if new := decide(state, reply):
                return new
        except Refused as error:
            refused = error
        if once and (known := await self._known(at, once)):
            return Committed(known, state, [], duplicate=True)
        if refused:
            raise refused
        return Committed(state.seq, state, [])

    async def _known(self, at: Keys, once: Once) -> int | None:
        """The seq this very command was committed at, if it was."""
        with answering():
            known = await self.store.reads.hget(at.dedupe, once.name)
        if known is None:
            return None
        seq, _, digest = known.decode().partition(" ")
        if digest != once.digest:
            raise _used_otherwise()
        return int(seq)

    async def _write(self, at: Keys, ready: Plan) -> tuple[bytes, int]:
        """Commit; what is done once is repeated when the answer is lost."""
        for wait_s in REPEATS_S if ready.dedupe else ():
            try:
                return await self._write_once(at, ready)
            except Unavailable:
                await asyncio.sleep(wait_s)
        return await self._write_once(at, ready)

    async def _write_once(self, at: Keys, ready: Plan) -> tuple[bytes, int]:
        try:
            answer = await self._write_plan(at, ready)
        except Unavailable:
            self.counters.add("commits:unavailable")
            raise
        self.counters.add(f"commits:{answer[0].decode()}")
        return answer

    async def _write_plan(self, at: Keys, ready: Plan) -> tuple[bytes, int]:
        shard = at.shard
        answer: tuple[bytes, int] = await self._commit(
            [
                at.log,
                at.head,
                at.dedupe,
                at.reply,
                at.reply_text,
                shard.jobs,
                shard.timers,
                shard.outbox,
                shard.summaries,
                shard.holds,
            ],
            [msgspec.msgpack.encode(ready)],
        )
        return answer

    async def _moved(self, conversation: str, decided_on: State) -> State:
        """The head after a lost race; folded again from the log when it lags behind it."""
        state = await self.head(conversation)
        if state.seq == decided_on.seq:
            return await self.rebuild(conversation)
        return state


def _used_otherwise() -> Refused:
    return Refused("conflict", "this id was used for something else")
