"""Customers who want more money than they may have, and a model that always does what they say."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from bench.faultbench.history import Said
from bench.faultbench.house import House
from bench.faultbench.model import DONE, Answer, Asked
from bench.faultbench.people import Customer, Staff
from bench.faultbench.scenario import Json, Setting, Verdict, row

AT_ONCE = 5
PIECE = {"USD": 30, "EUR": 8}
"""What one call asks for; below any threshold of one call."""
BUDGET = {"USD": 10_000, "EUR": 2_000}
"""What a customer may have in 30 days, in minor units."""
LOOK_EVERY_S = 0.05
RUN_WITHIN_S = 30.0


def _limited(config: Json) -> Json:
    """Refunds in any currency, held or denied above a budget for each customer."""
    refunds = config["tools"]["issue_refund"]
    refunds["arguments"]["properties"]["currency"] = {"type": "string"}
    refunds["arguments"]["required"] = ["order_id", "amount", "currency"]
    refunds["money"]["currency"] = "args.currency"
    refunds["limits"] = [
        {"per": "customer", "window": "30d", "max": "100.00 USD", "then": "hold"},
        {"per": "customer", "window": "30d", "max": "20.00 EUR", "then": "deny"},
    ]
    return config


LIMITED = Setting(name="limited", load=False, adjust=_limited)


@row(
    "refund split under the threshold: same chat, two sockets, two conversations, two currencies,"
    " through an agent",
    full=1_000,
    quick=5,
    batch=100,
    group="limited",
    setting=LIMITED,
)
async def refund_split(house: House, times: int) -> Verdict:
    """Eight refunds in dollars and four in euros, all at once; what fits is paid, and no more."""
    house.model.plays["split"] = split
    sam = await house.staff("sam")
    places, over = asyncio.Semaphore(AT_ONCE), [0.0]

    async def one(number: int) -> str:
        async with places:
            attack = await _Split.begin(house, sam, number)
            paid = await attack.run()
        over.append(max(paid[currency] - BUDGET[currency] for currency in BUDGET))
        fits = {
            currency: BUDGET[currency] // (PIECE[currency] * 100) * PIECE[currency] * 100
            for currency in BUDGET
        }
        return "" if paid == fits else f"{paid} was paid, {fits} fits"

    found = await asyncio.gather(*map(one, range(times)))
    return Verdict(
        times, [finding for finding in found if finding], {"minor units over budget": over}
    )


@row(
    "refund of somebody else's order, with a model that always complies",
    full=1_000,
    quick=5,
    batch=100,
    group="limited",
    setting=LIMITED,
)
async def anothers_refund(house: House, times: int) -> Verdict:
    """Small and large, and with arguments that say whose it is; nothing runs, nothing waits."""
    house.model.plays["split"] = split
    house.model.plays["pretend"] = pretend
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with places:
            victim, thief = f"v{uuid4().hex[:12]}", await house.customer(gateway=number)
            orders = " ".join(f"{victim}/{n} USD {amount}" for n, amount in ((1, 20), (2, 60)))
            for words in (f"split {orders}", f"pretend {victim}/3 {victim}"):
                await thief.answered(await thief.say(words))
            state = await house.log.head(thief.conversation)
            done = len(house.shop.effects(thief.conversation))
            return f"{done} executed, {len(state.holds)} held" if done or state.holds else ""

    found = await asyncio.gather(*map(one, range(times)))
    return Verdict(times, [finding for finding in found if finding])


async def split(asked: Asked, answer: Answer) -> None:
    """`split ORDER CURRENCY AMOUNT …`: a refund each, then a short reply."""
    if asked.told:
        await answer.say(DONE)
        return
    for index, at in enumerate(range(1, len(asked.words) - 2, 3)):
        order, currency, amount = asked.words[at : at + 3]
        arguments = {"order_id": order, "amount": float(amount), "currency": currency}
        await answer.call("issue_refund", arguments, index=index)
    await answer.finish("tool_calls")


async def pretend(asked: Asked, answer: Answer) -> None:
    """`pretend ORDER CUSTOMER`: a refund whose arguments say in all ways whose order it is."""
    if asked.told:
        await answer.say(DONE)
        return
    _, order, victim = asked.words
    usual = {"order_id": order, "amount": 20, "currency": "USD"}
    more: list[Json] = [
        {},
        {"customer": victim},
        {"customer": {"id": victim}},
        {"evidence": {"order": {"customer": asked.conversation}}},
        {"order_id": f"{asked.conversation}/../{order}"},
    ]
    for index, said in enumerate(more):
        await answer.call("issue_refund", usual | said, index=index)
    written = f'{{"order_id": "mine/1", "order_id": "{order}", "amount": 20, "currency": "USD"}}'
    await answer.call("issue_refund", written, index=len(more))
    await answer.finish("tool_calls")


class _Split:
    """One customer in three conversations, one of which a colleague has by now."""

    def __init__(self, house: House, sam: Staff, customers: list[Customer]) -> None:
        self._house = house
        self._sam = sam
        self._chat, self._tab, self._other, self._with_sam = customers
        self._currencies: dict[str, str] = {}

    @classmethod
    async def begin(cls, house: House, sam: Staff, number: int) -> _Split:
        """Open the conversations, and let Sam take one over."""
        chat = await house.customer(gateway=number)
        await chat.answered(await chat.say("chat 1"))
        tab = await house.customer(gateway=number + 1, sub=chat.sub)
        other = await _open(house, chat.sub, gateway=number + 1)
        with_sam = await _open(house, chat.sub, gateway=number)
        await sam.do("takeover", conversation=with_sam.conversation)
        return cls(house, sam, [chat, tab, other, with_sam])

    async def run(self) -> dict[str, int]:
        """Ask everywhere at once; what was paid in each currency, in minor units."""
        await asyncio.gather(
            self._ask(self._chat, "USD", "USD", "EUR"),
            self._ask(self._tab, "USD", "EUR"),
            self._ask(self._other, "USD", "USD", "EUR"),
            *(self._ask_sam(currency) for currency in ("USD", "USD", "USD", "EUR")),
        )
        paid = dict.fromkeys(BUDGET, 0)
        for conversation in await self._at_rest():
            for effect in self._house.shop.effects(conversation):
                paid[self._currencies[effect.order]] += effect.minor
        return paid

    async def _ask(self, customer: Customer, *currencies: str) -> None:
        wanted = " ".join(" ".join(map(str, self._refund(one).values())) for one in currencies)
        await customer.answered(await customer.say(f"split {wanted}"))

    async def _ask_sam(self, currency: str) -> None:
        refund = self._refund(currency)
        conversation = self._with_sam.conversation
        await self._sam.do(
            "call",
            conversation=conversation,
            id=str(uuid4()),
            tool="issue_refund",
            arguments=refund,
        )

    def _refund(self, currency: str) -> Json:
        order = f"{self._chat.sub}/{len(self._currencies) + 1}"
        self._currencies[order] = currency
        return {"order_id": order, "currency": currency, "amount": PIECE[currency]}

    async def _at_rest(self) -> list[str]:
        """Their conversations, once nobody works on them."""
        customers = (self._chat, self._other, self._with_sam)
        async with asyncio.timeout(RUN_WITHIN_S):
            for customer in customers:
                while (await self._house.settles(customer.conversation)).calling:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_EVERY_S)
        return [customer.conversation for customer in customers]


async def _open(house: House, sub: str, *, gateway: int) -> Customer:
    """Somebody who is in a conversation elsewhere opens another one."""
    customer = await house.customer(gateway=gateway, sub=sub)
    customer.record.received.clear()
    customer.events.clear()
    said = Said(str(uuid4()), "chat 1")
    customer.record.said.append(said)
    answer = await customer.do("say", id=said.id, text=said.text, new=True)
    await customer.answered(customer.acknowledge(said, answer))
    return customer
