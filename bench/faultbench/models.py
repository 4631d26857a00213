"""A model that fails in every way it can: nothing half is final, and no tool runs of it."""

from __future__ import annotations

import asyncio

from bench.faultbench.house import House
from bench.faultbench.model import Answer, Asked
from bench.faultbench.scenario import Verdict, row

WHOLE = "This is the whole of it."
KINDS = ("500", "429", "hang", "cut", "early", "malformed", "truncated", "half")
"""An error, a limit, silence, a broken connection, an end without a reason to end, arguments that
are no JSON, arguments that stop with the tokens, and arguments that stop though the model says it
is done."""
ENDED_WITHIN_S = 90.0


async def faulty(asked: Asked, answer: Answer) -> None:
    """`faulty KIND once|always ORDER`: the fault at the first attempt, or at each."""
    kind, often = asked.words[1:3]
    if asked.told or (often == "once" and asked.attempt > 1):
        await answer.say(WHOLE)
        return
    await _fail(kind, answer, order=asked.words[3])


async def _fail(kind: str, answer: Answer, *, order: str) -> None:
    if kind in ("500", "429"):
        answer.refuse(int(kind))
        return
    await answer.text("This is ")
    match kind:
        case "hang":
            await asyncio.Event().wait()
        case "cut":
            answer.cut()
        case "malformed":
            await answer.call("issue_refund", f'{{"order_id": "{order}", "amount": 20]')
            await answer.finish("tool_calls")
        case "truncated":
            await answer.call("issue_refund", f'{{"order_id": "{order}", "amount": 20}}')
            await answer.finish("length")
        case "half":
            await answer.call("issue_refund", f'{{"order_id": "{order}", "amo')
            await answer.finish("tool_calls")


@row(
    "model faults: 500, 429, hang, cut, early end, malformed and truncated calls",
    full=500,
    quick=len(KINDS),
    batch=48,
    group="calm",
)
async def model_fails(house: House, times: int) -> Verdict:
    """Once, and the reply is whole; always, and people have it."""
    house.model.plays["faulty"] = faulty
    often = ("once",) if house.effort == "quick" else ("once", "always")

    async def one(number: int) -> str:
        kind = KINDS[number % len(KINDS)]
        once = often[number // len(KINDS) % len(often)]
        customer = await house.customer()
        order = customer.order()
        seq = await customer.say(f"faulty {kind} {once} {order}")
        try:
            end = await customer.answered(seq, within_s=ENDED_WITHIN_S)
        except TimeoutError:
            return f"{kind} {once}: silence"
        if house.shop.asked.get(order):
            return f"{kind} {once}: a tool ran"
        if end["type"] == "assistant_said" and end["data"]["text"] != WHOLE:
            return f"{kind} {once}: half an answer is final"
        if (end["type"] == "assistant_said") != _recovers(kind, once):
            return f"{kind} {once}: ended with {end['type']}"
        return ""

    found = await asyncio.gather(*map(one, range(times)))
    return Verdict(times, [finding for finding in found if finding])


def _recovers(kind: str, once: str) -> bool:
    """Whether the assistant answers in the end: after one fault, or bad arguments it is told of.

    An answer that stopped with the tokens would stop again: people have it at once.
    """
    return kind in ("malformed", "half") or (once == "once" and kind != "truncated")
