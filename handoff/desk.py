"""The desk: keeps the line, tells waiting customers where they stand, and runs the timers.

Several processes may run it: the line is an index that each makes from the lists and keeps from the
outbox, and taking a change in twice changes nothing.
"""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec
import structlog

from conversation import events as ev
from conversation.errors import Refused
from conversation.events import UnreadableEvent
from conversation.feed import Signals
from conversation.forever import forever
from conversation.ids import is_draft
from conversation.keys import shard_of
from conversation.legal import IllegalEvent
from conversation.log import Log
from conversation.outbox import Outbox
from conversation.reply import Reply
from conversation.state import LINE, State
from conversation.timers import Timers
from handoff import deadlines, sentences
from handoff.line import Line
from handoff.ownership import SYSTEM
from handoff.settings import HoldsSettings

log_line = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0


class Desk:
    """One process of the role `desk`."""

    def __init__(self, log: Log, *, holds: HoldsSettings) -> None:
        self._log = log
        self._holds = holds
        self._line = Line(log.store)
        self._signals = Signals(log)
        shards = range(log.store.shards)
        self._timers = [Timers(log.store, k, clock=log.clock) for k in shards]

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for k in range(len(self._timers)):
                group.create_task(forever("line", partial(self._keep_line, k)))
                timers = partial(self.run_timers, k)
                group.create_task(forever("timers", timers, every_s=LOOK_EVERY_S))

    async def _keep_line(self, k: int) -> None:
        """Make the line from the lists, then follow what changes, until that fails."""
        outbox = Outbox(self._log.store, k)
        cursor = await outbox.end()
        await self._line.make((await outbox.lists())[0], of=partial(self._is_of, k))
        await self._tell_places()
        while True:
            entries = await outbox.follow(cursor)
            if entries and await self._line.take_in(entries):
                await self._tell_places()
            cursor = entries[-1].cursor if entries else cursor

    def _is_of(self, k: int, conversation: str) -> bool:
        return shard_of(conversation, self._log.store.shards) == k

    async def _tell_places(self) -> None:
        for conversation, place in (await self._line.places()).items():
            await self._signals.signal(conversation, "line", msgspec.to_builtins(place))

    async def run_timers(self, k: int) -> None:
        """Act on what is due in a shard; what goes wrong with one stays due, the others go on."""
        for conversation, what in await self._timers[k].claim():
            try:
                await self._act(conversation, what)
            except (Refused, IllegalEvent, UnreadableEvent) as error:
                log_line.warning(
                    "desk.timer_failed",
                    conversation=conversation,
                    what=what,
                    why=type(error).__name__,
                )

    async def _act(self, conversation: str, what: str) -> None:
        kind, _, hold = what.partition(":")
        match kind:
            case "waiting":
                await self._remind(conversation)
            case "expire":
                await self._expire(conversation, hold)
            case "reconcile":
                await self._ask_what_happened(conversation, hold)

    async def _remind(self, conversation: str) -> None:
        """Tell a customer who has waited long that nothing is lost."""
        state = await self._log.head(conversation)
        await self._log.commit(
            conversation, partial(_still_waiting, state.epoch, state.reminders), state=state
        )

    async def _expire(self, conversation: str, hold: str) -> None:
        """Nobody decided in time."""
        now_ms = self._log.clock()
        await self._log.commit(
            conversation,
            partial(deadlines.expire, hold=hold, now_ms=now_ms, settings=self._holds),
            with_reply=is_draft(hold),
        )

    async def _ask_what_happened(self, conversation: str, hold: str) -> None:
        """Let a worker ask the tool what became of a call."""
        now_ms = self._log.clock()
        await self._log.commit(
            conversation, partial(deadlines.ask_what_happened, hold=hold, now_ms=now_ms)
        )


def _still_waiting(epoch: int, reminders: int, state: State, _reply: Reply | None) -> list[ev.New]:
    """One reminder, unless somebody came or another process was faster."""
    if state.owner != LINE or (state.epoch, state.reminders) != (epoch, reminders):
        return []
    return [ev.New(SYSTEM, ev.SystemSaid(text=sentences.STILL_WAITING, code="still_waiting"))]
