"""Staff limit or block a customer: in every process and conversation, and only those who may."""

from __future__ import annotations

import json
import time

import pytest

from conversation import events as ev
from gateway.limits import MESSAGES_A_MINUTE
from tests.conftest import Clock
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, token
from tests.gateway.people import Console, Customer, Json, new_id

CLOSED_WITHIN_S = 2.0


async def refused(house: House, **auth: object) -> str:
    """Connect a customer who must be refused; the code."""
    wire = await house.wire()
    await wire.send(f"40/customer,{json.dumps(auth)}")
    return str((await wire.refusal("/customer"))["message"])


async def limited(console: Console, conversation: str, level: str, **more: object) -> Json:
    """Let a supervisor limit the customer of a conversation."""
    return await console.do("limit", conversation=conversation, level=level, **more)


async def test_a_blocked_visitor_is_told_and_closed_in_every_process(
    open_house: OpenHouse,
) -> None:
    here, there = await open_house(), await open_house()
    customer = await here.customer()
    opened = await customer.say()
    tab = await there.customer(resume=opened["resume"])
    bystander = await there.customer()
    dana = await here.console("Dana")
    begun = time.monotonic()
    await limited(dana, opened["conversation"], "blocked", reason="insults")
    for screen in (customer, tab):
        await screen.until(lambda: screen.gone)  # noqa: B023 - waited for at once
        assert screen.of("limited")[-1]["level"] == "blocked"
        assert "insults" not in screen.everything
        assert "Dana" not in screen.everything
    assert time.monotonic() - begun < CLOSED_WITHIN_S
    for house in (here, there):
        assert await refused(house, resume=opened["resume"]) == "forbidden"
    await bystander.say()


async def test_a_blocked_customer_says_nothing_from_the_moment_of_the_answer(house: House) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    dana = await house.console("Dana")
    await limited(dana, conversation, "blocked")
    assert await customer.refused("say", id=new_id(), text="still here?") == "forbidden"
    assert await customer.refused("ask_human") == "forbidden"
    types = [event.type for event in await house.log.read(conversation)]
    assert types == ["conversation_started", "customer_said", "limited"]


async def test_somebody_identified_is_blocked_in_all_conversations(house: House) -> None:
    one = await house.customer(token=token())
    first = await one.say()
    second = await one.say(new=True)
    other = await house.customer(token=token("u_kai"))
    dana = await house.console("Dana")
    await limited(dana, first["conversation"], "blocked")
    await one.until(lambda: one.gone)
    assert await refused(house, token=token()) == "forbidden"
    for opened in (first, second):
        assert await refused(house, token=token(), resume=opened["resume"]) == "forbidden"
        assert await refused(house, resume=opened["resume"]) == "forbidden"
    await other.say()


async def test_a_visitor_who_is_blocked_does_not_come_back_by_proving_who_they_are(
    house: House,
) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    dana = await house.console("Dana")
    await limited(dana, opened["conversation"], "blocked")
    assert await refused(house, token=token(), resume=opened["resume"]) == "forbidden"
    assert (await house.log.head(opened["conversation"])).customer.level == "anonymous"  # type: ignore[union-attr]


async def test_a_visitors_limit_stays_when_they_become_known(house: House) -> None:
    visitor = await house.customer()
    opened = await visitor.say()
    dana = await house.console("Dana")
    await limited(dana, opened["conversation"], "limited")
    known = await house.customer(token=token(), resume=opened["resume"])
    for _ in range(MESSAGES_A_MINUTE):
        await known.say()
    assert await known.refused("say", id=new_id(), text="more") == "rate_limited"
    await limited(dana, opened["conversation"], "none")
    await known.say()


async def test_somebody_limited_writes_some_messages_a_minute_over_all_sockets(
    open_house: OpenHouse,
) -> None:
    here, there = await open_house(), await open_house()
    one = await here.customer(token=token())
    conversation = (await one.say())["conversation"]
    other = await there.customer(token=token())
    dana = await here.console("Dana")
    await limited(dana, conversation, "limited")
    for n in range(MESSAGES_A_MINUTE):
        await (one, other)[n % 2].say()
    for tab in (one, other):
        assert await tab.refused("say", id=new_id(), text="more") == "rate_limited"
        await tab.until(lambda: tab.of("limited"))  # noqa: B023 - waited for at once
        assert not tab.gone
        await tab.do("sync")
    (counted,) = await here.store.reads.keys("*:messages")
    assert 0 < await here.store.reads.ttl(counted) <= 60
    await here.store.writes.delete(counted)
    await one.say()


@pytest.mark.parametrize("level", ["limited", "blocked"])
async def test_a_limit_is_lifted(house: House, level: str) -> None:
    customer = await house.customer(token=token())
    conversation = (await customer.say())["conversation"]
    dana = await house.console("Dana")
    await limited(dana, conversation, level)
    ack = await limited(dana, conversation, "none")
    assert (ack["level"], ack["until"]) == ("none", None)
    back = await house.customer(token=token())
    for _ in range(2 * MESSAGES_A_MINUTE):
        await back.say()


async def test_a_limit_ends_by_itself(house: House, clock: Clock) -> None:
    customer = await house.customer()
    opened = await customer.say()
    dana = await house.console("Dana")
    ack = await limited(dana, opened["conversation"], "blocked", for_s=60)
    assert ev.milliseconds(ack["until"]) == clock() + 60_000
    assert await refused(house, resume=opened["resume"]) == "forbidden"
    (key,) = await house.store.reads.keys("*:limit")
    assert 0 < await house.store.reads.ttl(key) <= 60
    clock.advance(60)
    back = await house.customer(resume=opened["resume"])
    await back.say()


async def test_the_log_says_who_limited_whom(house: House) -> None:
    customer = await house.customer()
    opened = await customer.say()
    dana = await house.console("Dana")
    await dana.watch(opened["conversation"])
    ack = await limited(dana, opened["conversation"], "limited", for_s=3600, reason="spam")
    event = await dana.event("limited")
    assert event["seq"] == ack["seq"]
    assert (event["by"]["role"], event["by"]["name"]) == ("staff", "Dana")
    assert event["data"] == {"level": "limited", "until": ack["until"], "reason": "spam"}
    await customer.say("once more")
    await customer.event("customer_said", text="once more")
    assert "spam" not in customer.everything
    again = await house.customer(resume=opened["resume"])
    assert "limited" not in [e["type"] for e in again.events]


@pytest.mark.parametrize("name", ["Sam", "Kim"])
async def test_an_agent_limits_nobody(house: House, name: str) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    agent = await house.console(name)
    await agent.do("takeover", conversation=conversation)
    for level in ("none", "limited", "blocked"):
        code = await agent.refused("limit", conversation=conversation, level=level)
        assert code == "forbidden"
    assert await house.store.reads.keys("*:limit") == []
    await customer.say()


async def test_an_admin_limits_as_a_supervisor_does(house: House) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await limited(await house.console("Max"), conversation, "limited")


async def test_a_customer_limits_nobody(house: House) -> None:
    customer: Customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    code = await customer.refused("limit", conversation=conversation, level="blocked")
    assert code == "bad_request"


BAD = [
    {"level": "banned"}, {"level": None}, {"level": ["blocked"]}, {"for_s": 0}, {"for_s": -1},
    {"for_s": 1.5}, {"for_s": "60"}, {"for_s": 400 * 24 * 3600}, {"reason": 7}, {"reason": " "},
    {"conversation": None}, {"conversation": 7},
]  # fmt: skip


@pytest.mark.parametrize("fields", BAD)
async def test_a_limit_that_is_not_whole_is_a_bad_request(house: House, fields: Json) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    dana = await house.console("Dana")
    whole = {"conversation": conversation, "level": "blocked"}
    assert await dana.refused("limit", **whole | fields) == "bad_request"
    await customer.say()


async def test_a_conversation_that_is_not_there_is_not_limited(house: House) -> None:
    dana = await house.console("Dana")
    assert await dana.refused("limit", conversation="c_nothing", level="blocked") == "not_found"
    assert await house.store.reads.keys("*:limit") == []
