"""Conversations of the house held against the history check, during the load and at rest."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from bench.faultbench.history import Fault, History, Record, faults
from bench.faultbench.people import Customer
from bench.faultbench.shop import Shop
from conversation.errors import Unavailable
from conversation.log import Log
from conversation.public import public
from conversation.state import State, fold

SETTLES_WITHIN_S = 60.0
CAUGHT_UP_WITHIN_S = 15.0
LOOK_EVERY_S = 0.05
LOOKS_AT_ONCE = 50


class Examination:
    """Looks at conversations from all sides: their logs, their customers' records, the ledger."""

    def __init__(self, log: Log, shop: Shop) -> None:
        self._log = log
        self._shop = shop

    async def at_once(self, customer: Customer) -> list[Fault]:
        """What is wrong with a conversation in which something still goes on."""
        return await self._faults(customer.conversation, [customer], at_rest=False)

    async def at_rest(self, customers: list[Customer]) -> list[Fault]:
        """Wait until customers' conversations are at rest; what is wrong with them then."""
        by_conversation: dict[str, list[Customer]] = {}
        for customer in customers:
            if customer.conversation:
                by_conversation.setdefault(customer.conversation, []).append(customer)
        places = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look(name: str) -> list[Fault]:
            async with places:
                while True:
                    with suppress(Unavailable):  # Redis is away; what it keeps is looked at then
                        return await self._look(name, by_conversation[name])
                    await asyncio.sleep(LOOK_EVERY_S)

        found = await asyncio.gather(*map(look, by_conversation))
        return [fault for some in found for fault in some]

    async def settles(self, conversation: str) -> State:
        """Wait until nobody works on a conversation; its state then, or after a minute."""
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while True:
            state = await self._log.head(conversation)
            moving = any(h.status in ("approved", "executing") for h in state.open_holds)
            if (state.turn is None and not moving) or time.monotonic() > deadline:
                return state
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, conversation: str, customers: list[Customer]) -> list[Fault]:
        state = await self.settles(conversation)
        await asyncio.gather(*(self._catch_up(conversation, one) for one in customers))
        found = await self._faults(conversation, customers, at_rest=True)
        if state.turn is not None:
            found.append(Fault("message left unanswered", conversation, "its turn is still open"))
        return found

    async def _catch_up(self, conversation: str, customer: Customer) -> None:
        """Give a connected customer the time to be sent what is theirs."""
        if not customer.connected:
            return
        events = await self._log.read(conversation)
        last = max((e.seq for e in events if public(e) is not None), default=0)
        with suppress(TimeoutError):
            await customer.until(
                lambda: max(customer.record.received, default=0) >= last,
                within_s=CAUGHT_UP_WITHIN_S,
            )
        customer.record.whole = customer.connected

    async def _faults(
        self, conversation: str, customers: list[Customer], *, at_rest: bool
    ) -> list[Fault]:
        """The history check; the log is read last, for the others may not be ahead of it."""
        records = [
            Record(
                said=list(customer.record.said),
                received=list(customer.record.received),
                whole=customer.record.whole,
                late_words=customer.record.late_words,
            )
            for customer in customers
        ]
        effects = list(self._shop.effects(conversation))
        head = await self._log.head(conversation)
        log = await self._log.read(conversation)
        folded = State(conversation=conversation)
        for event in log[: head.seq]:
            folded = fold(folded, event)
        return faults(History(conversation, log, head, folded, records, effects, at_rest))
