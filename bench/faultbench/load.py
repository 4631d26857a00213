"""The steady load: customers who go on talking while something goes wrong around them.

Each has one conversation after the other: a few messages with time to think in between, now and
then a refund that is paid at once, or one that a supervisor has to approve and does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import aiohttp
from socketio.exceptions import SocketIOError

from bench.faultbench.people import Customer, Json, Staff

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
        self.findings: list[str] = []
        self.messages = 0
        self.live: set[Customer] = set()

    async def begin(self) -> None:
        """Let everybody in, and the supervisor who approves for them."""
        self._approver = await self._house.staff("dana", lasting=True)
        self._approver.seen = self._approve_soon
        self._begin(self._approver.stay())
        for _ in range(self._customers):
            self._begin(self._talk())

    async def end(self) -> None:
        """Stop where everybody is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(customer.close() for customer in self.live))

    async def _talk(self) -> None:
        await asyncio.sleep(self._random.uniform(0, THINKS_S[1]))
        while True:
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
            if customer.owner != "assistant":
                return
            await asyncio.sleep(self._random.uniform(*THINKS_S))

    def _words(self, customer: Customer) -> str:
        lot = self._random.random()
        if lot < HELD_REFUNDS:
            return f"refund {customer.order()} 60"
        if lot < REFUNDS:
            return f"refund {customer.order()} 20"
        return f"chat {self._random.randint(3, 12)}"

    def _approve_soon(self, hold: Json) -> None:
        if hold["status"] != "held" or hold["hold"] in self._decided:
            return
        self._decided.add(hold["hold"])
        self._begin(self._approve(self._approver, hold))

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

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
