from __future__ import annotations

import asyncio

import pytest

from gateway import transport
from tests.doubles.model import Text, Wait, model_double
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.wire import ignore_answers


async def test_everybody_is_told_before_the_gateway_ends(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    opened = await customer.say()
    await sam.watch(opened["conversation"])
    await asyncio.wait_for(house.stop(), 3)
    for screen in (customer, sam):
        (away,) = screen.of("going_away")
        assert away["reconnect_in_ms"] > 0
        assert screen.gone


async def test_a_client_that_does_not_read_keeps_nobody_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CLOSE_WITHIN_S", 0.2)
    wire = await house.wire()
    await wire.connect("/customer")
    await ignore_answers(wire, 60)
    await asyncio.wait_for(house.stop(), 3)


async def test_who_comes_back_to_another_gateway_goes_on(open_house: OpenHouse) -> None:
    first = await open_house()
    second = await open_house()
    customer, sam = await first.customer(), await second.console("Sam")
    opened = await customer.say("one")
    await sam.until(lambda: sam.of("conversation"))
    await first.stop()
    again = await second.customer(resume=opened["resume"], after=opened["seq"])
    assert again.state["conversation"] == opened["conversation"]
    assert again.state["gap"] is False
    assert again.state["events"] == []
    await again.say("two")
    await again.event("customer_said", text="two")


async def test_a_gateway_that_ends_in_mid_reply_lets_its_worker_go(open_house: OpenHouse) -> None:
    async with model_double(lambda *_: [Text("One moment"), Wait()]) as model:
        house = await open_house("gateway", "agent", model_url=model.base_url)
        customer = await house.customer()
        await customer.say()
        await customer.until(lambda: customer.of("delta"))
        await asyncio.wait_for(house.stop(), 5)
