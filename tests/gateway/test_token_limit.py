"""A conversation that has cost too much goes to people, and both sides are told."""

from __future__ import annotations

from msgspec import UNSET

from agent.settings import LimitsSettings
from conversation.events import TurnEnded
from handoff import sentences
from tests.doubles.model import model_double, say
from tests.gateway.conftest import OpenHouse


async def test_the_customer_is_told_and_staff_see_why(open_house: OpenHouse) -> None:
    async with model_double(lambda *_: say("Hello.")) as model:
        house = await open_house(
            "gateway",
            "agent",
            model_url=model.base_url,
            limits=LimitsSettings(tokens_per_conversation=18),
        )
        customer = await house.customer()
        sam = await house.console("Sam")
        opened = await customer.say()
        await sam.watch(opened["conversation"])
        await customer.event("assistant_said", text="Hello.")
        await customer.say("again")
        await customer.event("system_said", text=sentences.HANDOVER["token_limit"])
        wanted = await sam.event("handover_requested", reason="token_limit")

    assert len(model.requests) == 1
    assert wanted["data"]["reasons"][0]["text"] == "18 of 18 tokens are spent in this conversation"
    assert "tokens" not in customer.everything.replace("tokens are spent", "")
    events = await house.log.read(opened["conversation"])
    first, second = [event.data for event in events if isinstance(event.data, TurnEnded)]
    assert (first.tokens, second.tokens) == (18, UNSET)
