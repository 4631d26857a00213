"""The steady load: customers who go on talking while something goes wrong around them.

Each has one conversation after the other: a few messages with time to think in between, now and
then a refund that is paid at once, or one that a supervisor has to approve and does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from socketio.exceptions import SocketIOError

from bench.faultbench.people import Customer, Staff
from bench.faultbench.scenario import Json
from bench.faultbench.screen import Screen

if TYPE_CHECKING:
    from bench.faultbench.house import House

MESSAGES = (3, 8)
THINKS_S = (2.0, 8.0)
ANSWERED_WITHIN_S = 60.0
REFUNDS = 0.15
HELD_REFUNDS = 0.05


class Load:
    """So many customers, for as long as the block lasts; `findings` is what did not hold."""

    def __init__(self, house: House, customers: int) -> None:
        self._house = house
        self._customers = customers
        self._random = random.Random(7)
        self._approves: set[str] = set()
        self._decided: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._talks: list[asyncio.Task[None]] = []
        self.findings: list[str] = []
        self.messages = 0
        self._over = asyncio.Event()
        self._approver: Staff | None = None
        self.live: set[Customer] = set()

    async def begin(self) -> None:
        """Let everybody in, and the supervisor who approves for them."""
        self._approver = approver = await self._house.staff("dana", lasting=True)
        approver.seen = partial(self._approve_soon, approver)
        self._begin(approver.stay())
        self._talks = [self._begin(self._talk()) for _ in range(self._customers)]

    async def finish(self) -> None:
        """Let everybody have their last answer; what is wrong with it is among the findings."""
        self._over.set()
        if self._talks:
            await asyncio.wait(self._talks, timeout=ANSWERED_WITHIN_S)

    async def end(self) -> None:
        """Stop where everybody is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        people: list[Screen] = [*self.live]
        if self._approver is not None:
            people.append(self._approver)
        await asyncio.gather(*(one.close() for one in people))

    async def _talk(self) -> None:
        await self._think(0, THINKS_S[1])
        while not self._over.is_set():
            customer = await self._house.customer(lasting=True)
            stay = asyncio.create_task(customer.stay())
            self.live.add(customer)
            try:
                await self._converse(customer)
            except (TimeoutError, SocketIOError, RuntimeError, aiohttp.ClientError) as failure:
                self.findings.append(f"a customer of the load gave up: {type(failure).__name__}")
            finally:
                stay.cancel()
                self.live.discard(customer)
            self.findings += map(str, await self._house.examine([customer]))
            self._approves.discard(customer.conversation)

    async def _converse(self, customer: Customer) -> None:
        for _ in range(self._random.randint(*MESSAGES)):
            seq = await customer.say(self._words(customer))
            self._approves.add(customer.conversation)
            self.messages += 1
            await customer.answered(seq, within_s=ANSWERED_WITHIN_S)
            if customer.owner != "assistant" or self._over.is_set():
                return
            await self._think(*THINKS_S)

    async def _think(self, least_s: float, most_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self._random.uniform(least_s, most_s))

    def _words(self, customer: Customer) -> str:
        lot = self._random.random()
        if lot < HELD_REFUNDS:
            return f"refund {customer.order()} 60"
        if lot < REFUNDS:
            return f"refund {customer.order()} 20"
        return f"chat {self._random.randint(3, 12)}"

    def _approve_soon(self, approver: Staff, hold: Json) -> None:
        if hold["status"] != "held" or hold["hold"] in self._decided:
            return
        self._decided.add(hold["hold"])
        self._begin(self._approve(approver, hold))

    async def _approve(self, approver: Staff, hold: Json) -> None:
        """Approve a hold of the load's own customers, also over a connection that breaks."""
        shown = {name: hold[name] for name in ("hold", "revision", "digest")}
        while hold["conversation"] in self._own():
            try:
                answer = await approver.ask("decide", **shown, decision="approve")
            except SocketIOError:
                await approver.come_back()
                continue
            if answer["ok"] or answer["error"]["code"] != "unavailable":
                return
            await asyncio.sleep(0.2)

    def _own(self) -> set[str]:
        return self._approves | {customer.conversation for customer in self.live}

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
