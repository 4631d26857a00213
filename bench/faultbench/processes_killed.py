"""Workers and gateways that are killed."""

from __future__ import annotations

import asyncio
import time

from bench.faultbench.house import House
from bench.faultbench.model import Answer, Asked
from bench.faultbench.people import Customer
from bench.faultbench.scenario import Verdict, row

RECLAIMED_WITHIN_S = 7.0
RESUMED_WITHIN_S = 5.0
LONG = 400
"""Pieces of a reply that is still being written when something is killed."""
WATCHED = 10
"""Customers who are timed when a gateway comes back, beside those of the load."""


async def long_once(asked: Asked, answer: Answer) -> None:
    """`long`: a reply without an end to the first attempt, a short one to the next."""
    if asked.attempt > 1:
        await answer.say("As I was about to say.")
        return
    for _ in range(LONG):
        await answer.text("word ")
        await asyncio.sleep(0.05)


@row("worker SIGKILL: its job is reclaimed within 7 s", full=200, group="workers")
async def worker_killed(house: House, _times: int) -> Verdict:
    """A worker dies in mid-reply; another one asks the model again."""
    house.model.plays["long"] = long_once
    customer = await house.customer()
    await customer.say("long")
    await house.model.until(customer.conversation, bool)
    died_at = await house.kill_workers()
    asked = await house.model.until(customer.conversation, lambda asked: len(asked) > 1)
    after_s = asked[1].at - died_at
    late = [f"reclaimed after {after_s:.1f} s"] if after_s > RECLAIMED_WITHIN_S else []
    return Verdict(1, late, {"reclaimed after s": [after_s]})


@row("gateway SIGKILL: clients resume within 5 s of its return", full=200)
async def gateway_killed(house: House, _times: int) -> Verdict:
    """A gateway dies while replies are being written to its customers."""
    customers = await asyncio.gather(*(house.customer() for _ in range(WATCHED)))
    await asyncio.gather(*(customer.say("chat 60") for customer in customers))
    await house.gateways[0].kill()
    back = [asyncio.create_task(_resumed_at(customer)) for customer in customers]
    await house.gateways[0].start()
    up_at = time.monotonic()
    after_s = [max(0.0, at - up_at) for at in await asyncio.gather(*back)]
    late = [f"resumed after {max(after_s):.1f} s"] if max(after_s) > RESUMED_WITHIN_S else []
    return Verdict(1, late, {"resumed after s": after_s})


async def _resumed_at(customer: Customer) -> float:
    await customer.until(lambda: not customer.connected)
    await customer.come_back()
    return time.monotonic()
