"""Redis fails under a running gateway: what is acknowledged stays, the rest is refused in time."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from conversation.events import CustomerSaid
from gateway import customer as customers
from gateway import sockets
from tests.conftest import Clock
from tests.gateway.house import House, configured, token
from tests.gateway.people import Customer, new_id
from tests.redis_server import RedisServer


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server the test may harm; it is left running."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def house(own_server: RedisServer, tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    """A gateway on that server."""
    house = House(configured(tmp_path / "data"), own_server.url, clock)
    await house.open()
    yield house
    await house.close()


async def works(customer: Customer, text: str) -> None:
    """Say something until it is acknowledged."""
    id_ = new_id()
    async with asyncio.timeout(20):
        while not (await customer.ask("say", id=id_, text=text))["ok"]:
            pass


async def test_words_are_refused_while_redis_is_down_and_taken_again_afterwards(
    house: House, own_server: RedisServer
) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    opened = await customer.say("before")
    await sam.watch(opened["conversation"])
    own_server.kill()
    begun = time.monotonic()
    lost = new_id()
    assert await customer.refused("say", id=lost, text="meanwhile") == "unavailable"
    assert await customer.refused("ask_human") == "unavailable"
    assert await sam.refused("takeover", conversation=opened["conversation"]) == "unavailable"
    assert time.monotonic() - begun < 3 * sockets.ANSWER_WITHIN_S
    ready = await house.http.get(house.url + "/readyz")
    assert (ready.status, (await ready.json())["redis"]) == (503, "down")
    assert (await house.http.get(house.url + "/healthz")).status == 200
    sign_in = await house.http.post(house.url + "/api/v1/session", json={"code": "any"})
    assert sign_in.status == 503
    own_server.start()
    await works(customer, "after")
    assert (await house.http.get(house.url + "/readyz")).status == 200
    for screen in (customer, sam):
        await screen.event("customer_said", text="after")
    assert (await customer.ask("say", id=lost, text="meanwhile"))["ok"]
    texts = [
        event["data"]["text"]
        for event in (await customer.do("sync"))["state"]["events"]
        if event["type"] == "customer_said"
    ]
    assert texts == ["before", "after", "meanwhile"]


async def test_nothing_acknowledged_is_lost_when_redis_is_killed(
    house: House, own_server: RedisServer
) -> None:
    customer = await house.customer()
    await customer.say("the first")
    said = [f"word {n}" for n in range(30)]
    acks = [asyncio.ensure_future(customer.ask("say", id=new_id(), text=text)) for text in said]
    await asyncio.wait({acks[10]})
    own_server.kill()
    answered = await asyncio.gather(*acks)
    own_server.start()
    await works(customer, "the last")
    state = (await customer.do("sync"))["state"]
    kept = {event["seq"]: event["data"].get("text") for event in state["events"]}
    assert sorted(kept) == list(range(1, state["seq"] + 1))
    for text, ack in zip(said, answered, strict=True):
        if ack["ok"]:
            assert kept[ack["seq"]] == text
        else:
            assert ack["error"]["code"] == "unavailable"
    assert [ack["ok"] for ack in answered].count(False) > 0


async def test_a_redis_that_hangs_is_unavailable_in_bounded_time(
    house: House, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ANSWER_WITHIN_S", 0.3)
    customer = await house.customer()
    await customer.say("before")
    wire = await house.wire()
    own_server.signal(signal.SIGSTOP)
    try:
        assert await customer.refused("say", id=new_id(), text="meanwhile") == "unavailable"
        await wire.send("40/staff,{}")
        assert (await wire.refusal("/staff"))["message"] == "unauthorized"
        await wire.send(f'40/customer,{{"token":"{token()}"}}')
        assert (await wire.refusal("/customer"))["message"] == "unavailable"
        answer = await house.http.get(house.url + "/readyz")
        assert answer.status == 503
    finally:
        own_server.signal(signal.SIGCONT)
    await works(customer, "after")


async def test_words_a_hanging_redis_may_have_taken_are_in_the_log_once(
    house: House, own_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "ANSWER_WITHIN_S", 0.3)
    customer = await house.customer()
    conversation = (await customer.say("before"))["conversation"]
    id_ = new_id()
    own_server.signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(sockets.ANSWER_WITHIN_S / 2):
            assert await customer.refused("say", id=id_, text="meanwhile") == "unavailable"
    finally:
        own_server.signal(signal.SIGCONT)
    await customer.do("say", id=id_, text="meanwhile")
    log = await house.log.read(conversation)
    assert [e.data.id for e in log if isinstance(e.data, CustomerSaid)][1:] == [id_]


async def test_who_comes_while_redis_is_down_is_told_to_come_back(
    house: House, own_server: RedisServer
) -> None:
    known, sam = token(), await house.sign_in("Sam")
    resume = (await (await house.customer()).say())["resume"]
    own_server.kill()
    try:
        for namespace, auth in (
            ("/customer", {"token": known}),
            ("/customer", {"resume": resume}),
            ("/staff", {"token": sam}),
        ):
            wire = await house.wire()
            await wire.send(f"40{namespace},{_json(auth)}")
            refusal = await wire.refusal(namespace)
            assert refusal["message"] == refusal["data"]["code"] == "unavailable"
    finally:
        own_server.start()
    again = await house.customer(resume=resume)
    assert again.state["resume"] == resume


async def test_consoles_hear_what_happened_during_an_outage(
    house: House, own_server: RedisServer
) -> None:
    sam, customer = await house.console("Sam"), await house.customer()
    conversation = (await customer.say())["conversation"]
    await sam.until(lambda: sam.of("conversation"))
    own_server.kill()
    own_server.start()
    await works(customer, "after")
    await sam.until(lambda: sam.of("conversation")[-1]["last"]["text"] == "after")
    assert {told["conversation"] for told in sam.of("conversation")} == {conversation}


def _json(auth: dict[str, str]) -> str:
    (item,) = auth.items()
    return f'{{"{item[0]}":"{item[1]}"}}'
