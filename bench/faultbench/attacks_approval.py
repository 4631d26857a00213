"""Approvals nobody may give: replayed, mutated, too late, by the wrong role, of one's own wish."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import cycle
from uuid import uuid4

from bench.faultbench.house import House
from bench.faultbench.people import Customer, Staff
from bench.faultbench.scenario import Json, Setting, Verdict, row

EXPIRES_IN_S = 15
ATTEMPTS = 10
"""Approvals tried of each hold, all of them wrong."""
ORDERS = 10
"""Holds of one conversation."""
AT_ONCE = 20
HEX = "0123456789abcdef"


def _soon_over(usual: Json) -> Json:
    """Decisions are awaited for a short while, and given up then."""
    holds = {"expires_in": f"{EXPIRES_IN_S}s", "escalate_to": None, "then": "reject"}
    return usual | {"holds": holds}


APPROVALS = Setting(name="approvals", load=False, adjust=_soon_over)


class People:
    """Who attacks: two agents and two supervisors, and Dana who asks for refunds herself."""

    def __init__(self, sam: Staff, kim: Staff, drew: Staff, ada: Staff, dana: Staff) -> None:
        self.agents = cycle((sam, kim))
        self.deciders = cycle((drew, ada))
        self.dana = dana

    @classmethod
    async def come(cls, house: House) -> People:
        """Everybody at a console, at one gateway or the other."""
        names = ("sam", "kim", "drew", "ada", "dana")
        return cls(
            *await asyncio.gather(
                *(house.staff(name, gateway=at % 2) for at, name in enumerate(names))
            )
        )


Attempt = Callable[[Json], Awaitable[str]]
"""Tries to approve what is shown of a hold; what is wrong with the answer, or nothing."""


@row(
    "approval replayed, mutated by one byte, expired, wrong role, own request: 0 executions",
    full=10_000,
    quick=60,
    batch=2_000,
    group="approvals",
    setting=APPROVALS,
)
async def wrong_approvals(house: House, times: int) -> Verdict:
    """Each is refused; what runs is what somebody approved who may, once."""
    people = await People.come(house)
    holds = -(-times // ATTEMPTS)
    most = min(ORDERS, -(-holds // len(STORIES)))
    sizes = [min(most, holds - done) for done in range(0, holds, most)]
    plays = list(zip(sizes, cycle(STORIES), strict=False))
    places = asyncio.Semaphore(AT_ONCE)

    async def play(number: int, size: int, story: Story) -> list[str]:
        async with places:
            customer = await house.customer(gateway=number)
            found, paid = await story(people, customer, size)
            effects = len(house.shop.effects(customer.conversation))
            if effects != paid:
                found.append(f"{paid} approved, {effects} paid")
            return found

    found = await asyncio.gather(
        *(play(number, size, story) for number, (size, story) in enumerate(plays))
    )
    return Verdict(times, [finding for some in found for finding in some])


Story = Callable[[People, Customer, int], Awaitable[tuple[list[str], int]]]
"""Asks for so many refunds and attacks each; what did not hold, and how many should be paid."""


async def _approved(people: People, customer: Customer, size: int) -> tuple[list[str], int]:
    """Refunds that are approved once, and then again and again."""
    shown = await _asked(people, customer, size)
    found = await _attack(shown, [*_strangers(people, 6)])
    for hold in shown:
        await next(people.deciders).decide(hold["hold"], "approve")
    found += await _attack(shown, [_refused(next(people.deciders), {"conflict"})] * 4)
    await customer.hold("succeeded", number=size)
    return found, size


async def _expired(people: People, customer: Customer, size: int) -> tuple[list[str], int]:
    """Refunds nobody decides on in time."""
    shown = await _asked(people, customer, size)
    found = await _attack(shown, [*_strangers(people, 6)])
    await customer.hold("expired", number=size, within_s=4 * EXPIRES_IN_S)
    late = _refused(next(people.deciders), {"conflict", "expired"})
    return found + await _attack(shown, [late] * 4), 0


async def _own(people: People, customer: Customer, size: int) -> tuple[list[str], int]:
    """Refunds that Dana calls herself."""
    dana = people.dana
    await customer.answered(await customer.say("chat 1"))
    await dana.do("takeover", conversation=customer.conversation)
    calls = [
        await dana.do(
            "call",
            conversation=customer.conversation,
            id=str(uuid4()),
            tool="issue_refund",
            arguments={"order_id": customer.order(), "amount": 60},
        )
        for _ in range(size)
    ]
    shown = [await dana.waits(call["hold"]) for call in calls]
    attempts = [*_strangers(people, 6), *[_refused(dana, {"forbidden"})] * 4]
    return await _attack(shown, attempts), 0


STORIES: tuple[Story, ...] = (_approved, _own, _expired)


async def _asked(people: People, customer: Customer, size: int) -> list[Json]:
    """The assistant asks for refunds that wait; what a decision about each must name."""
    orders = [customer.order() for _ in range(size)]
    await customer.say("refund " + " ".join(f"{order} 60" for order in orders))
    holds = await customer.hold("held", number=size)
    decider = next(people.deciders)
    return [await decider.waits(hold) for hold in holds]


async def _attack(shown: Sequence[Json], attempts: Sequence[Attempt]) -> list[str]:
    """Try everything on every hold, at once."""
    found = await asyncio.gather(*(attempt(hold) for hold in shown for attempt in attempts))
    return [finding for finding in found if finding]


def _strangers(people: People, number: int) -> Iterator[Attempt]:
    """Two of the wrong role, then approvals of something that nobody was shown."""
    for _ in range(2):
        yield _refused(next(people.agents), {"forbidden"})
    for _ in range(number - 2):
        yield _mutated(next(people.deciders))


def _refused(staff: Staff, codes: set[str]) -> Attempt:
    """An approval of exactly what is shown, which must be refused with one of these codes."""

    async def attempt(shown: Json) -> str:
        return _told(await staff.ask("decide", **shown, decision="approve"), codes)

    return attempt


def _mutated(staff: Staff) -> Attempt:
    """An approval that is one byte off."""

    async def attempt(shown: Json) -> str:
        changed = _one_byte_off(shown)
        answer = await staff.ask("decide", **changed, decision="approve")
        return _told(answer, {"conflict", "not_found", "bad_request"})

    return attempt


def _one_byte_off(shown: Json) -> Json:
    name = random.choice(("hold", "digest", "revision"))
    if name == "revision":
        return shown | {name: shown[name] + random.choice((-1, 1))}
    text = shown[name]
    at = random.randrange(len(text))
    other = random.choice([one for one in HEX if one != text[at]])
    return shown | {name: text[:at] + other + text[at + 1 :]}


def _told(answer: Json, codes: set[str]) -> str:
    """What is wrong with an answer that should be a refusal."""
    if answer["ok"]:
        return "a wrong approval was taken"
    code = answer["error"]["code"]
    return "" if code in codes else f"a wrong approval was answered {code}"
