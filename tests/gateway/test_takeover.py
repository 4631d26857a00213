"""A person takes over while the assistant writes: what was shown stays, and nothing follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.doubles.model import Flood, ModelDouble, chunk, model_double
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Json, Screen, new_id

ENDLESS = [Flood(chunk({"content": "and on "}))]


@pytest.fixture
async def model() -> AsyncIterator[ModelDouble]:
    async with model_double(lambda *_: ENDLESS) as model:
        yield model


@pytest.fixture
async def house(open_house: OpenHouse, model: ModelDouble) -> House:
    """A gateway whose assistant never stops talking."""
    return await open_house("gateway", "agent", model_url=model.base_url)


def words(screen: Screen, conversation: str) -> str:
    """The reply as a screen shows it, from its state or its watch on."""
    begun = [state["reply"] for state in screen.of("state") if state.get("reply")]
    begun += [ack["state"]["reply"] for ack in screen.acks if ack.get("state", {}).get("reply")]
    shown = "".join(reply["text"] for reply in begun)
    for delta in screen.of("delta"):
        assert delta.get("conversation", conversation) == conversation
        shown += delta["text"]
    return shown


def after(screen: Screen, type_: str) -> list[tuple[str, Json]]:
    """What a screen was sent after an event of this type."""
    types = [payload.get("type") for _, payload in screen.received]
    return screen.received[types.index(type_) + 1 :]


@pytest.mark.parametrize("how", ["takeover", "say", "by supervisor"])
async def test_a_takeover_in_mid_reply_keeps_what_was_shown_and_ends_it(
    house: House, model: ModelDouble, how: str
) -> None:
    customer = await house.customer()
    opened = await customer.say()
    conversation = opened["conversation"]
    await customer.until(lambda: len(customer.of("delta")) >= 2)
    tab = await house.customer(resume=opened["resume"])
    sam, dana = await house.console("Sam"), await house.console("Dana")
    screens: list[Screen] = [customer, tab, sam, dana]
    for console in (sam, dana):
        await console.watch(conversation)
    person = dana if how == "by supervisor" else sam
    count = len(customer.of("delta"))
    await customer.until(lambda: len(customer.of("delta")) > count)

    if how == "say":
        said = {"conversation": conversation, "id": new_id(), "text": "a person here"}
        ack = await person.do("say", takeover=True, **said)
    else:
        ack = await person.do("takeover", conversation=conversation)
    await asyncio.wait_for(model.left.get(), 10)
    await person.say(conversation, "how can I help?")
    for screen in screens:
        await screen.event("staff_said", text="how can I help?")

    events = await house.log.read(conversation)
    cut = [event.type for event in events][2:]
    assert cut[:4] == ["assistant_said", "turn_ended", "owner_changed", "system_said"]
    assert "assistant_said" not in cut[1:]
    partial = events[2]
    assert partial.data.partial is True  # type: ignore[attr-defined]
    assert events[3].data.outcome == "cut"  # type: ignore[attr-defined]
    assert ack["seq"] == (5 if how != "say" else 7)
    assert (events[2].epoch, events[4].epoch) == (1, 2)
    for screen in screens:
        assert words(screen, conversation) == partial.data.text  # type: ignore[attr-defined]
        later = after(screen, "owner_changed")
        assert "delta" not in [name for name, _ in later]
        assert "assistant_said" not in [payload.get("type") for _, payload in later]


async def test_a_takeover_before_the_first_word_leaves_no_reply(
    open_house: OpenHouse,
) -> None:
    house = await open_house()
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say())["conversation"]
    await sam.do("takeover", conversation=conversation)
    await customer.event("system_said", code="joined")
    assert [event["type"] for event in customer.events][2:4] == ["owner_changed", "system_said"]


async def test_the_assistant_stays_silent_until_the_conversation_is_returned(
    house: House, model: ModelDouble
) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say())["conversation"]
    await customer.until(lambda: customer.of("delta"))
    await sam.do("takeover", conversation=conversation)
    await asyncio.wait_for(model.left.get(), 10)
    await customer.say("hello?")
    await customer.event("customer_said", text="hello?")
    assert len(model.requests) == 1
    count = len(customer.of("delta"))
    await sam.do("return_to_assistant", conversation=conversation)
    await customer.until(lambda: len(customer.of("delta")) > count)
    assert {delta["epoch"] for delta in customer.of("delta")[count:]} == {3}
    assert {delta["turn"] for delta in customer.of("delta")[count:]} == {2}
    await sam.do("takeover", conversation=conversation)
    await asyncio.wait_for(model.left.get(), 10)


async def test_closing_in_mid_reply_keeps_what_was_shown(house: House, model: ModelDouble) -> None:
    customer, dana = await house.customer(), await house.console("Dana")
    conversation = (await customer.say())["conversation"]
    await customer.until(lambda: len(customer.of("delta")) >= 2)
    await dana.do("close", conversation=conversation)
    await asyncio.wait_for(model.left.get(), 10)
    said = await customer.event("assistant_said", partial=True)
    await customer.event("conversation_closed")
    assert words(customer, conversation) == said["data"]["text"]
