"""Workers and gateways that are killed."""

from __future__ import annotations

import asyncio
import time
from signal import SIGCONT, SIGSTOP

from bench.faultbench.house import House
from bench.faultbench.model import Answer, Asked
from bench.faultbench.people import Customer
from bench.faultbench.scenario import Verdict, row

RECLAIMED_WITHIN_S = 7.0
RESUMED_WITHIN_S = 5.0
LONG = 400
"""Pieces of a reply that is still being written when something is killed."""
AWAKE = "Hello."
WAKES_S = 0.5
"""Time for a worker that has woken to do what it should not."""
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


@row("worker SIGKILL: its job is reclaimed within 7 s", full=200, group="kills")
async def worker_killed(house: House, _times: int) -> Verdict:
    """A worker dies in mid-reply; another one asks the model again."""
    house.model.plays["long"] = long_once
    customer = await house.customer(gateway=1)
    await customer.say("long")
    await house.model.until(customer.conversation, bool)
    worker = await house.holder(customer.conversation)
    if worker is None:
        return Verdict(1, ["nobody had the job"])
    await worker.kill()
    died_at = time.monotonic()
    _, asked = await asyncio.gather(
        worker.start(), house.model.until(customer.conversation, lambda asked: len(asked) > 1)
    )
    after_s = asked[1].at - died_at
    late = [f"reclaimed after {after_s:.1f} s"] if after_s > RECLAIMED_WITHIN_S else []
    return Verdict(1, late, {"reclaimed after s": [after_s]})


@row("gateway SIGKILL: clients resume within 5 s of its return", full=200, group="kills")
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


class Sleeper:
    """A model whose first attempt goes on, with a refund, once its worker has slept."""

    def __init__(self) -> None:
        self.slept = asyncio.Event()

    async def play(self, asked: Asked, answer: Answer) -> None:
        """`sleepy ORDER`: half a word until then; other attempts answer at once."""
        if asked.attempt > 1:
            await answer.say(AWAKE)
            return
        await answer.text("Hal")
        await self.slept.wait()
        await answer.text("lo, late.")
        await answer.call("issue_refund", {"order_id": asked.words[1], "amount": 20})
        await answer.finish("tool_calls")


@row(
    "paused worker wakes after its turn was reclaimed: 0 effects, 0 words",
    full=100,
    batch=20,
)
async def worker_paused(house: House, times: int) -> Verdict:
    """The only worker takes replies and is stopped; another one answers; the first wakes."""
    sleeper, (first, *others) = Sleeper(), house.workers
    house.model.plays["sleepy"] = sleeper.play
    await asyncio.gather(*(worker.kill() for worker in others))
    customers = await asyncio.gather(*(_put_to_sleep(house) for _ in range(times)))
    await asyncio.gather(*(worker.start() for worker in others))
    first.signal(SIGSTOP)
    await asyncio.gather(*(customer.event("assistant_said", after=1) for customer in customers))
    sleeper.slept.set()
    first.signal(SIGCONT)
    found = await asyncio.gather(*(_late_deeds(house, customer) for customer in customers))
    return Verdict(times, [finding for finding in found if finding])


async def _put_to_sleep(house: House) -> Customer:
    customer = await house.customer()
    customer.keeps_deltas = True
    await customer.say(f"sleepy {customer.order()}")
    await customer.until(lambda: customer.deltas)
    return customer


async def _late_deeds(house: House, customer: Customer) -> str:
    """What a worker did that woke up late: it has read its model's answer to the end."""
    await house.model.until(customer.conversation, lambda asked: asked[0].ended)
    await asyncio.sleep(WAKES_S)
    said = [e["data"]["text"] for e in customer.events if e["type"] == "assistant_said"]
    words = [delta["text"] for delta in customer.deltas if delta["attempt"] == 1]
    if house.shop.effects(customer.conversation) or said != [AWAKE] or words != ["Hal"]:
        return f"{len(said)} replies, {len(words)} pieces of the first attempt, or an effect"
    return ""
