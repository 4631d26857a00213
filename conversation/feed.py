"""Live delivery: a channel rings, the log is read, frames of a reply being written pass through.

The channel of a conversation is only a doorbell. Every watcher reads the log from its own last seq,
and starts afresh at each confirmation of the subscription, also after a silent reconnect, so that
nothing said while the line was dead is missed. Messages that arrive meanwhile wait in its queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

import msgspec
import structlog
from msgspec import Struct
from redis import exceptions as redis

from conversation import events as ev
from conversation.errors import Newer, Unavailable
from conversation.forever import forever
from conversation.log import Log
from conversation.reply import Reply
from conversation.state import State, fold

log_line = structlog.get_logger(__name__)

RECONNECT_S = 0.2
PING_EVERY_S = 2
"""How often a silent subscription is tested; a dead one is noticed within twice this."""


class Snapshot(Struct, frozen=True):
    """Where a watcher starts: the state, the events after what it knew, the reply so far."""

    state: State
    events: list[ev.Event]
    reply: Reply | None
    gap: bool
    """What it knew lies ahead of the log; `events` starts at seq 1."""


class Frame(Struct, frozen=True):
    """One piece of a reply as it is written; `n` counts from 0 within a step."""

    turn: int
    attempt: int
    step: int
    epoch: int
    n: int
    text: str


class Said(Struct, frozen=True):
    """New events, in order and without a gap, and the state after them."""

    events: list[ev.Event]
    state: State


class Signal(Struct, frozen=True):
    """Something that passes and is not kept: typing, seen, the place in the line."""

    kind: str
    data: dict[str, Any]


Delivery = Snapshot | Said | Frame | Signal
Deliver = Callable[[Delivery], Awaitable[None]]
Failed = Callable[[], None]
"""Called when delivering raised: the watcher gets nothing more and must be made anew."""


class _Message(Struct, frozen=True):
    """What travels on a channel; exactly one of: doorbell (`seq`), `delta`, `signal`."""

    seq: int | None = None
    epoch: int | None = None
    delta: Frame | None = None
    signal: Signal | None = None


_messages = msgspec.json.Decoder(_Message)
_START = object()


class Watch:
    """One watcher of one conversation: its place in the log and in the reply being written."""

    def __init__(
        self, log: Log, conversation: str, after: int, deliver: Deliver, failed: Failed
    ) -> None:
        self._log = log
        self._after = after
        self._deliver = deliver
        self._failed = failed
        self._state = State(conversation=conversation)
        self._shown: tuple[int, int, int, int] | None = None
        self._queue: asyncio.Queue[object] = asyncio.Queue()
        self._started = asyncio.Event()
        self.conversation = conversation
        self._task = asyncio.create_task(self._run())

    def put(self, message: object) -> None:
        """Queue what the channel said."""
        self._queue.put_nowait(message)

    async def started(self) -> None:
        """Wait until the first snapshot has been delivered."""
        await self._started.wait()

    async def close(self) -> None:
        """Stop delivering."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        """Deliver until closed; a watcher that cannot take what comes is told to start afresh."""
        while True:
            message = await self._queue.get()
            try:
                await self._take(message)
            except Newer:
                log_line.warning("feed.newer", conversation=self.conversation)
                self._failed()
                return
            except Unavailable:
                log_line.warning("feed.unavailable", conversation=self.conversation)
                await asyncio.sleep(RECONNECT_S)
                self.put(_START)
            except Exception:
                log_line.exception("feed.watch_failed", conversation=self.conversation)
                self._failed()
                return

    async def _take(self, message: object) -> None:
        if message is _START:
            await self._start()
            return
        assert isinstance(message, _Message)
        if not self._started.is_set():
            return  # meant for a watcher before this one; the snapshot will have it
        if message.delta is not None:
            await self._frame(message.delta)
        elif message.signal is not None:
            await self._deliver(message.signal)
        elif message.seq is not None and message.seq > self._state.seq:
            await self._catch_up()

    async def _start(self) -> None:
        snapshot = await snapshot_of(self._log, self.conversation, self._after)
        self._state = snapshot.state
        self._after = snapshot.state.seq
        reply = snapshot.reply
        self._shown = (reply.turn, reply.attempt, reply.step, reply.n) if reply else None
        await self._deliver(snapshot)
        self._started.set()

    async def _catch_up(self) -> None:
        events = await self._log.read(self.conversation, self._state.seq)
        for event in events:
            self._state = fold(self._state, event)
        if events:
            self._after = self._state.seq
            await self._deliver(Said(events, self._state))

    async def _frame(self, frame: Frame) -> None:
        """Pass a frame on unless its step is over or the watcher has it already."""
        state = self._state
        if state.turn is None or state.turn.n != frame.turn or state.epoch != frame.epoch:
            return
        at = (frame.turn, frame.attempt, frame.step, frame.n)
        if frame.step != state.steps + 1 or (self._shown is not None and at <= self._shown):
            return
        self._shown = at
        await self._deliver(frame)


async def snapshot_of(log: Log, conversation: str, after: int) -> Snapshot:
    """The state, the events after seq `after` and the reply in progress.

    The reply is read before the log: one whose step the log already has is left out, and a frame
    shown in between comes by the channel.
    """
    reply = await log.replies.read(conversation)
    state = await log.head(conversation)
    gap = after > state.seq
    known = 0 if gap else after
    events = (await log.read(conversation, known))[: state.seq - known]
    turn = state.turn.n if state.turn else None
    if reply and (reply.turn, reply.step) != (turn, state.steps + 1):
        reply = None
    return Snapshot(state, events, reply, gap)


class Signals:
    """Tells whoever watches a conversation now what is not kept."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def signal(self, conversation: str, kind: str, data: dict[str, Any]) -> None:
        """Tell whoever watches now; nothing is kept, and a Redis that is down is passed over."""
        message = msgspec.json.encode({"signal": Signal(kind, data)})
        channel = self._log.keys(conversation).feed
        with suppress(redis.ConnectionError, redis.TimeoutError):
            await self._log.store.writes.publish(channel, message)


class Feed(Signals):
    """The subscriptions of one process, over one connection after another."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._line: Any = None
        """The connection, while it is up."""
        self._watches: dict[str, set[Watch]] = {}
        self._confirmed: set[str] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(forever("feed", self._listen))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        for watch in [watch for watches in self._watches.values() for watch in watches]:
            await watch.close()

    async def watch(
        self,
        conversation: str,
        after: int,
        deliver: Deliver,
        *,
        failed: Failed = lambda: None,
    ) -> Watch:
        """Deliver a snapshot after seq `after`, and from then on everything, without a gap."""
        channel = self._log.keys(conversation).feed
        watch = Watch(self._log, conversation, after, deliver, failed)
        watches = self._watches.setdefault(channel, set())
        watches.add(watch)
        self._wanted.set()
        if channel in self._confirmed:
            watch.put(_START)
        elif len(watches) == 1 and self._line is not None:
            await self._tell(self._line.subscribe(channel))
        return watch

    async def unwatch(self, watch: Watch) -> None:
        """Stop delivering to a watcher."""
        channel = self._log.keys(watch.conversation).feed
        watches = self._watches.get(channel, set())
        watches.discard(watch)
        if not watches and self._watches.pop(channel, None) is not None:
            self._confirmed.discard(channel)
            if self._line is not None:
                await self._tell(self._line.unsubscribe(channel))
        await watch.close()

    async def _tell(self, command: Awaitable[Any]) -> None:
        """Send to a connection that may just be failing: the next one begins with what is watched.

        Nothing may be awaited between a change of `_watches` and this: commands keep their order.
        """
        with suppress(redis.ConnectionError, redis.TimeoutError):
            await command

    async def _listen(self) -> None:
        await self._wanted.wait()
        try:
            await self._follow()
        except (redis.RedisError, OSError) as error:
            log_line.warning("feed.disconnected", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _follow(self) -> None:
        """Subscribe to all that is watched and pass on what comes, until the connection fails."""
        line = self._log.store.subscription()
        try:
            await line.connect()
            self._line = line
            if self._watches:
                await line.subscribe(*self._watches)
            asked = False
            while True:
                message = await line.get_message(timeout=PING_EVERY_S)
                if message is not None:
                    asked = False
                    self._pass_on(message)
                elif asked:
                    raise redis.TimeoutError("the connection is dead")
                else:
                    await line.ping()
                    asked = True
        finally:
            self._line = None
            self._confirmed.clear()
            await line.aclose()

    def _pass_on(self, message: dict[str, Any]) -> None:
        if message["type"] not in ("subscribe", "message"):
            return
        channel = message["channel"].decode()
        watches = self._watches.get(channel, set())
        parcel: object = _START
        if message["type"] == "message":
            try:
                parcel = _messages.decode(message["data"])
            except msgspec.MsgspecError:
                log_line.warning("feed.unreadable", channel=channel)
                return
        elif watches:
            self._confirmed.add(channel)
        for watch in watches:
            watch.put(parcel)
