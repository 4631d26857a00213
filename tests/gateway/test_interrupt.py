"""A customer who writes while the assistant writes cuts it short, where that is configured."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.doubles.model import Flood, ModelDouble, chunk, model_double, say
from tests.gateway.conftest import OpenHouse
from tests.gateway.people import Customer, Json


def script(body: Json, _headers: Mapping[str, str]) -> list[Any]:
    """The first message is answered without end, the second in a word."""
    last = body["messages"][-1]["content"]
    return say("Blue.") if last == "blue" else [Flood(chunk({"content": "and on "}))]


def order(customer: Customer) -> list[str]:
    """What the customer's screen was sent, without what is typed or counted."""
    kept = [(n, p) for n, p in customer.received if n in ("event", "delta")]
    return [payload["type"] if name == "event" else "delta" for name, payload in kept]


async def test_a_message_cuts_the_reply_and_nothing_of_it_follows(open_house: OpenHouse) -> None:
    async with model_double(script) as model:
        await interrupted(open_house, model)


async def interrupted(open_house: OpenHouse, model: ModelDouble) -> None:
    house = await open_house(
        "gateway", "agent", model_url=model.base_url, on_new_message="interrupt"
    )
    customer = await house.customer()
    await customer.say("red")
    await customer.until(lambda: len(customer.of("delta")) >= 2)
    await customer.say("blue")
    await asyncio.wait_for(model.left.get(), 10)
    await customer.event("assistant_said", text="Blue.")

    sent = order(customer)
    own = [at for at, type_ in enumerate(sent) if type_ == "customer_said"]
    partial = await customer.event("assistant_said", partial=True)
    assert own[1] == sent.index("assistant_said") + 1
    turns = [delta["turn"] for delta in customer.of("delta")]
    assert sorted(turns) == turns
    assert set(turns) == {1, 2}
    assert "turn_ended" not in sent
    shown = "".join(delta["text"] for delta in customer.of("delta") if delta["turn"] == 1)
    assert partial["data"]["text"] == shown
    before = [type_ for type_ in sent[own[1] :] if type_ == "delta"]
    assert len(before) == turns.count(2)


async def test_by_default_a_message_waits_for_the_reply(open_house: OpenHouse) -> None:
    async with model_double(lambda *_: say("Hello.")) as model:
        house = await open_house("gateway", "agent", model_url=model.base_url)
        customer = await house.customer()
        opened = await customer.say("one")
        await customer.say("two")
        await customer.until(lambda: order(customer).count("assistant_said") >= 1)

        events = await house.log.read(opened["conversation"])
        assert all(getattr(event.data, "outcome", "") != "cut" for event in events)
