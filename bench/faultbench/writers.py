"""Customers who write one message after the other while something happens to what keeps them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.faultbench.people import Customer

WRITERS = 10
THINKS_S = 0.05
TAKEN_AGAIN_WITHIN_S = 40.0
SAYS = "chat 1"
MAY_BE_TOLD = {"unavailable", "TimeoutError", "DisconnectedError", "BadNamespaceError"}
"""What a message may be refused with: that it is not taken now, or no answer at all."""


class Writers:
    """The customers of `writing`, each writing until it is acknowledged, again and again."""

    def __init__(self, customers: list[Customer]) -> None:
        self.customers = customers
        self._over = False
        self._more = asyncio.Event()
        self._refused_before = 0

    async def taken_again(self) -> float:
        """Wait until everybody was acknowledged once more; the seconds it took."""
        began = time.monotonic()
        known = [self._acknowledged(customer) for customer in self.customers]
        async with asyncio.timeout(TAKEN_AGAIN_WITHIN_S):
            for customer, before in zip(self.customers, known, strict=True):
                while self._acknowledged(customer) == before:
                    self._more.clear()
                    await self._more.wait()
        return time.monotonic() - began

    def count_refusals(self) -> None:
        """Count from now on how often somebody is refused."""
        self._refused_before = len(self._refusals)

    @property
    def refusals(self) -> int:
        """How often somebody was refused since they were counted."""
        return len(self._refusals) - self._refused_before

    @property
    def findings(self) -> list[str]:
        """What was told that may not be."""
        wrong = set(self._refusals) - MAY_BE_TOLD
        return [f"a message was refused with {what}" for what in sorted(wrong)]

    @property
    def _refusals(self) -> list[str]:
        return [what for c in self.customers for said in c.record.said for what in said.refusals]

    def _acknowledged(self, customer: Customer) -> int:
        return sum(said.seq > 0 for said in customer.record.said)

    async def write(self, customer: Customer) -> None:
        """Write until it is over; the last message is acknowledged, too."""
        while not self._over:
            await customer.say(SAYS)
            self._more.set()
            await asyncio.sleep(THINKS_S)

    def end(self) -> None:
        """Let everybody write no more."""
        self._over = True


@asynccontextmanager
async def writing(customers: list[Customer]) -> AsyncIterator[Writers]:
    """Let customers write for the block; each has been acknowledged when it begins."""
    writers = Writers(customers)
    tasks = [asyncio.create_task(writers.write(customer)) for customer in writers.customers]
    try:
        await writers.taken_again()
        yield writers
        writers.end()
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
