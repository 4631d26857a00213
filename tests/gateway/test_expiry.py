"""What nobody decides on, seen by the customer and by staff while the desk is at work."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.ids import call_id, hold_id
from tests.conftest import Clock
from tests.conversation.acts import ADA
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Console, Customer
from tests.gateway.refunds import decision
from tests.handoff.holding import EXPIRES_IN_S, refund

Scene = tuple[House, Customer, Console, str]


@pytest.fixture
async def scene(open_house: OpenHouse) -> Scene:
    """A refund that waits, its customer and a supervisor; nobody answers, the desk is there."""
    house = await open_house("gateway", "desk")
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    call = call_id(conversation, 1, 1)
    waiting = replace(refund(), hold=hold_id(call), call=call)
    await house.log.commit(conversation, lambda _s, _r: [ev.New(ADA, waiting)])
    return house, customer, await house.console("Dana"), waiting.hold


async def test_it_is_put_to_somebody_else_and_then_given_up(scene: Scene, clock: Clock) -> None:
    _, customer, dana, hold = scene
    clock.advance(EXPIRES_IN_S)
    card = await dana.until(
        lambda: next((one for one in dana.of("hold") if one["escalated_to"]), None)
    )
    assert card is not None
    assert (card["status"], card["escalated_to"]) == ("held", "admin")
    assert card["expires_at"] == ev.iso(clock() + EXPIRES_IN_S * 1000)
    clock.advance(EXPIRES_IN_S)
    expired = await customer.event("hold_changed", hold=hold, status="expired")
    assert expired["by"] == {"role": "system"}
    assert await dana.refused("decide", **decision(card, "approve")) == "conflict"
    assert (await dana.do("sync"))["state"]["holds"] == []


async def test_a_customer_with_a_person_is_told_by_the_server(scene: Scene, clock: Clock) -> None:
    _, customer, dana, hold = scene
    await dana.do("takeover", conversation=customer.events[0]["conversation"])
    clock.advance(EXPIRES_IN_S)
    later = ev.iso(clock() + EXPIRES_IN_S * 1000)
    await customer.event("hold_changed", hold=hold, status="held", expires_at=later)
    clock.advance(EXPIRES_IN_S)
    told = await customer.event("system_said", code="hold")
    assert told["data"]["text"].endswith("Nothing has changed.")
