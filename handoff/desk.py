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
from conversation.feed import Signals
from conversation.forever import forever
from conversation.keys import shard_of
from conversation.log import Log
from conversation.outbox import Outbox
from conversation.reply import Reply
from conversation.state import LINE, State
from conversation.timers import Timers
from handoff import sentences
from handoff.line import Line
from handoff.ownership import SYSTEM

log_line = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0


class Desk:
    """One process of the role `desk`."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._line = Line(log.store)
        self._signals = Signals(log)
        shards = range(log.store.shards)
        self._timers = [Timers(log.store, k, clock=log.clock) for k in shards]

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for k in range(len(self._timers)):
                group.create_task(forever("line", partial(self._keep_line, k)))
                timers = partial(self._run_timers, k)
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

    async def _run_timers(self, k: int) -> None:
        for conversation, _what in await self._timers[k].claim():
            await self.remind(conversation)

    async def remind(self, conversation: str) -> None:
        """Tell a customer who has waited long that nothing is lost."""
        try:
            state = await self._log.head(conversation)
            await self._log.commit(
                conversation, partial(_still_waiting, state.epoch, state.reminders), state=state
            )
        except Refused as refused:
            log_line.warning("desk.reminder_refused", conversation=conversation, why=refused.code)


def _still_waiting(epoch: int, reminders: int, state: State, _reply: Reply | None) -> list[ev.New]:
    """One reminder, unless somebody came or another process was faster."""
    if state.owner != LINE or (state.epoch, state.reminders) != (epoch, reminders):
        return []
    return [ev.New(SYSTEM, ev.SystemSaid(text=sentences.STILL_WAITING, code="still_waiting"))]
