"""Workers killed at each step of a held call, and between a tool's effect and its record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.faultbench.house import House
from bench.faultbench.model import DONE, Answer, Asked
from bench.faultbench.people import Customer, Staff
from bench.faultbench.scenario import Verdict, row
from bench.faultbench.shop import Gate, Moment

STEPS = ("held", "approved", "unheard", "working", "done", "finished", "telling")
"""Where a call is when its worker dies: held, its turn still open; approved, not begun; begun, its
tool has not heard of it; its tool is at work; done, not recorded; recorded, nothing told; in the
middle of being told."""
AT_TOOL: dict[str, Moment] = {"unheard": "unheard", "working": "working", "done": "done"}
OVER_50 = 60


async def hesitant(asked: Asked, answer: Answer) -> None:
    """`hesitant ORDER STEP`: a held refund, and a first attempt that stops where the step says."""
    order, step = asked.words[1:3]
    if not asked.told:
        await answer.call("issue_refund", {"order_id": order, "amount": OVER_50})
        await answer.finish("tool_calls")
        return
    stops = step == "held" if not asked.outcome else step in ("finished", "telling")
    if stops and asked.attempt == 1:
        if step == "telling":
            await answer.text("That is ")
        await asyncio.Event().wait()
    await answer.say(DONE if asked.outcome else "It waits for a colleague.")


@dataclass
class Case:
    """One refund on its way: whose, of which order, at which step, and where its tool stops."""

    customer: Customer
    order: str
    step: str
    gate: Gate | None
    hold: str = ""
    seq: int = 0


@row(
    "kill at each of the 7 steps of a held call, from judged to told",
    full=20 * len(STEPS),
    quick=len(STEPS),
    batch=2 * len(STEPS),
    group="workers",
)
async def held_call_killed(house: House, times: int) -> Verdict:
    """Bring refunds to every step, kill all workers at once, and see each paid and told once."""
    house.model.plays["hesitant"] = hesitant
    approver = await house.staff("drew")
    steps = [STEPS[n % len(STEPS)] for n in range(times)]
    cases = await asyncio.gather(*(_begin(house, step) for step in steps))
    await asyncio.gather(*(_bring(house, case, approver) for case in cases))
    late = [case for case in cases if case.step == "approved"]
    await house.kill_workers(lambda: asyncio.gather(*(_approve(approver, c) for c in late)))
    for case in cases:
        if case.gate is not None:
            case.gate.opened.set()
    found = await asyncio.gather(*(_end(house, case, approver) for case in cases))
    return Verdict(times, [finding for finding in found if finding])


async def _begin(house: House, step: str) -> Case:
    customer = await house.customer()
    order = customer.order()
    gate = house.shop.gate(order, AT_TOOL[step]) if step in AT_TOOL else None
    case = Case(customer, order, step, gate)
    case.seq = await customer.say(f"hesitant {order} {step}")
    (case.hold,) = await customer.hold("held")
    return case


async def _bring(house: House, case: Case, approver: Staff) -> None:
    """Go on to the step at which the call's worker dies."""
    conversation = case.customer.conversation
    if case.step == "held":
        await house.model.until(conversation, lambda asked: len(asked) == 2)
        return
    await case.customer.answered(case.seq)
    if case.step == "approved":
        return
    await _approve(approver, case)
    if case.gate is not None:
        await asyncio.wait_for(case.gate.reached.wait(), 30)
    else:
        await house.model.until(conversation, lambda asked: asked[-1].outcome)


async def _approve(approver: Staff, case: Case) -> None:
    answer = await approver.decide(case.hold, "approve")
    if not answer["ok"]:
        message = f"the approval was refused: {answer['error']['code']}"
        raise RuntimeError(message)


async def _end(house: House, case: Case, approver: Staff) -> str:
    """Wait until it is paid and told; what is wrong with it."""
    customer = case.customer
    try:
        if case.step == "held":
            await customer.answered(case.seq)
            await _approve(approver, case)
        await customer.hold("succeeded", within_s=60)
        paid = next(
            e["seq"]
            for e in customer.events
            if e["type"] == "hold_changed" and e["data"]["status"] == "succeeded"
        )
        told = await customer.answered(paid, within_s=60)
    except (TimeoutError, RuntimeError) as failure:
        return f"{case.step}: {type(failure).__name__} {failure}".strip()
    effects = [e for e in house.shop.effects(customer.conversation) if e.order == case.order]
    if len(effects) != 1:
        return f"{case.step}: {len(effects)} effects"
    if told["type"] != "assistant_said" or told["data"]["text"] != DONE:
        return f"{case.step}: it was not told"
    return ""


@row(
    "kill between a refund and its record: paid once, with one key",
    full=100,
    batch=10,
    group="workers",
)
async def refund_unrecorded(house: House, times: int) -> Verdict:
    """Refunds that are allowed and, every other one, that were approved; the key is repeated."""
    cases = await _done_and_killed(house, "refund", times)
    found = await asyncio.gather(*(_paid_once(house, case) for case in cases))
    return Verdict(times, [finding for finding in found if finding])


@row(
    "kill between a voucher without a key and its record: sent once, a person looks",
    full=100,
    batch=10,
    group="workers",
)
async def voucher_unrecorded(house: House, times: int) -> Verdict:
    """The same of a tool that takes no key: its outcome is unknown, and people have it."""
    cases = await _done_and_killed(house, "voucher", times)
    found = await asyncio.gather(*(_left_to_people(house, case) for case in cases))
    return Verdict(times, [finding for finding in found if finding])


async def _done_and_killed(house: House, word: str, times: int) -> list[Case]:
    approver = await house.staff("drew")

    async def bring(number: int) -> Case:
        customer = await house.customer()
        order = customer.order()
        case = Case(customer, order, "done", house.shop.gate(order, "done"))
        held = number % 2 == 0
        case.seq = await customer.say(f"{word} {order} {OVER_50 if held else 40}")
        if held:
            (case.hold,) = await customer.hold("held")
            await _approve(approver, case)
        assert case.gate is not None
        await asyncio.wait_for(case.gate.reached.wait(), 30)
        return case

    cases = await asyncio.gather(*map(bring, range(times)))
    await house.kill_workers()
    for case in cases:
        assert case.gate is not None
        case.gate.opened.set()
    return cases


async def _paid_once(house: House, case: Case) -> str:
    try:
        if case.hold:
            await case.customer.hold("succeeded", within_s=60)
        await case.customer.answered(case.seq, within_s=60)
    except TimeoutError:
        return "its outcome was never recorded"
    keys = house.shop.asked[case.order]
    effects = house.shop.effects(case.customer.conversation)
    if len(effects) != 1 or len(set(keys)) != 1 or len(keys) != 2:
        return f"{len(effects)} effects, asked {len(keys)} times by {len(set(keys))} keys"
    return ""


async def _left_to_people(house: House, case: Case) -> str:
    try:
        await case.customer.until(lambda: case.customer.owner == "waiting", within_s=60)
    except TimeoutError:
        return "no person was called in"
    effects = house.shop.effects(case.customer.conversation)
    if len(effects) != 1 or len(house.shop.asked[case.order]) != 1:
        return f"{len(effects)} effects, asked {len(house.shop.asked[case.order])} times"
    return ""
