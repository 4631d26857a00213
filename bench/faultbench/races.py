"""People who act at the same moment: two who accept, two who decide, one who takes over."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bench.faultbench.house import House
from bench.faultbench.model import Answer, Asked
from bench.faultbench.people import Customer
from bench.faultbench.scenario import Json, Verdict, row

AT_ONCE = 20
ORDERS = 10
"""Refunds a message asks for, each of which is raced for."""
REPLY_S = 0.8
"""Up to when in a reply it is taken over: about as long as it takes."""
STRAGGLES_S = 0.3
"""How long words that should not come are waited for after a takeover."""


@row("two agents accept at once: one has it", full=10_000, quick=20, batch=500, group="calm")
async def accept_at_once(house: House, times: int) -> Verdict:
    """Two people on two gateways; who comes second is told `conflict`."""
    sam, kim = await asyncio.gather(house.staff("sam"), house.staff("kim", gateway=1))

    async def race(customer: Customer) -> str:
        await customer.ask_human()
        conversation = customer.conversation
        answers = await asyncio.gather(
            *(_at_once(partial(who.ask, "accept", conversation=conversation)) for who in (sam, kim))
        )
        winner = (sam, kim)[not answers[0]["ok"]]
        found = _one_won(answers)
        if not found:
            await winner.do("return_to_assistant", conversation=conversation)
        return found

    customers = await house.customers(min(AT_ONCE, times))
    return await _raced(customers, times, race)


@row("approve and reject at once: one counts", full=10_000, quick=20, batch=400, group="calm")
async def decide_at_once(house: House, times: int) -> Verdict:
    """Two supervisors on two gateways decide differently; what is told is what happens."""
    drew, ada = await asyncio.gather(house.staff("drew"), house.staff("ada", gateway=1))
    rounds = -(-times // ORDERS)

    async def race(hold: str) -> str:
        one, other = await asyncio.gather(drew.waits(hold), ada.waits(hold))
        approve = _at_once(lambda: drew.ask("decide", **one, decision="approve"))
        reject = _at_once(
            lambda: ada.ask("decide", **other, decision="reject", reason="not this time")
        )
        answers = await asyncio.gather(approve, reject)
        return _one_won(answers) or ("approved" if answers[0]["ok"] else "rejected")

    async def play(number: int) -> list[str]:
        customer = await house.customer(gateway=number)
        orders = [customer.order() for _ in range(min(ORDERS, times - number * ORDERS))]
        await customer.say("refund " + " ".join(f"{order} 60" for order in orders))
        holds = await customer.hold("held", number=len(orders))
        ends = await asyncio.gather(*map(race, holds))
        approved = [hold for hold, end in zip(holds, ends, strict=True) if end == "approved"]
        if approved:
            await customer.hold("succeeded", number=len(approved))
        paid = len(house.shop.effects(customer.conversation))
        found = [end for end in ends if end not in ("approved", "rejected")]
        if paid != len(approved):
            found.append(f"{len(approved)} approved, {paid} paid")
        return found

    places = asyncio.Semaphore(AT_ONCE)

    async def placed(number: int) -> list[str]:
        async with places:
            return await play(number)

    found = await asyncio.gather(*map(placed, range(rounds)))
    return Verdict(times, [finding for some in found for finding in some])


@row(
    "takeover at a random moment of a turn: not a word after it",
    full=1_000,
    quick=10,
    batch=100,
    group="calm",
)
async def taken_over(house: House, times: int) -> Verdict:
    """On two sockets of the customer and in the log nothing of the assistant follows."""
    house.model.plays["mixed"] = mixed
    sam, chance = await house.staff("sam"), random.Random(times)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with places:
            customer = await house.customer(gateway=number)
            await customer.say(f"mixed {customer.order()}")
            tab = await house.customer(gateway=number + 1, sub=customer.sub)
            await asyncio.sleep(chance.uniform(0, REPLY_S))
            answer = await sam.ask("takeover", conversation=customer.conversation)
            await asyncio.sleep(STRAGGLES_S)
            late = customer.record.late_words + tab.record.late_words
            if not answer["ok"]:
                return f"the takeover was refused: {answer['error']['code']}"
            return f"{late} words came late" if late else ""

    found = await asyncio.gather(*map(one, range(times)))
    return Verdict(times, [finding for finding in found if finding])


async def mixed(asked: Asked, answer: Answer) -> None:
    """`mixed ORDER`: words, a refund that is paid at once, and words again."""
    for _ in range(15):
        await answer.text("word ")
        await asyncio.sleep(0.02)
    if asked.told:
        await answer.finish()
        return
    await answer.call("issue_refund", {"order_id": asked.words[1], "amount": 20})
    await answer.finish("tool_calls")


async def _at_once(ask: Callable[[], Awaitable[Json]]) -> Json:
    """Ask as soon as those beside it do, in an order of chance."""
    await asyncio.sleep(random.random() * 0.002)
    return await ask()


def _one_won(answers: Sequence[Json]) -> str:
    """What is wrong with the answers of two who acted at once."""
    won = sum(answer["ok"] for answer in answers)
    codes = {answer["error"]["code"] for answer in answers if not answer["ok"]}
    return "" if won == 1 and codes == {"conflict"} else f"{won} won, others told {sorted(codes)}"


async def _raced(
    customers: list[Customer], times: int, race: Callable[[Customer], Awaitable[str]]
) -> Verdict:
    """Race so many times, each customer once at a time."""
    left = iter(range(times))

    async def play(customer: Customer) -> list[str]:
        return [await race(customer) for _ in left]

    found = await asyncio.gather(*map(play, customers))
    return Verdict(times, [finding for some in found for finding in some if finding])
