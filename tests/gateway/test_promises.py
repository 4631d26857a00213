"""What a customer reads is true: no screen is ever sent a claim of what has not happened."""

from __future__ import annotations

from handoff import sentences
from handoff.settings import MonitorSettings
from tests.doubles.model import Action, Finish, Text, Wait, model_double, say
from tests.gateway.conftest import OpenHouse

CLAIM = ["So sorry! ", "I", "'ve", " re", "funded", " the", " $60", "."]


async def test_a_false_claim_reaches_no_screen(open_house: OpenHouse) -> None:
    watched = Wait()
    answer: list[Action] = [watched, *(Text(piece) for piece in CLAIM), Finish()]
    async with model_double(lambda *_: answer) as model:
        house = await open_house(
            "gateway", "agent", model_url=model.base_url, monitor=MonitorSettings()
        )
        customer = await house.customer()
        sam = await house.console("Sam")
        opened = await customer.say()
        await sam.watch(opened["conversation"])
        watched.until.set()
        await customer.event("system_said", text=sentences.HANDOVER["false_promise"])
        wanted = await sam.event("handover_requested", reason="false_promise")

    assert wanted["data"]["reasons"][0]["evidence"] == "refund"
    partial = await customer.event("assistant_said", partial=True)
    assert partial["data"]["text"] == "So sorry! "
    for screen in (customer, sam):
        assert "funded" not in screen.everything


async def test_a_promised_person_comes_without_being_asked_for(open_house: OpenHouse) -> None:
    promise = "I'm connecting you with a colleague now."
    async with model_double(lambda *_: say(promise)) as model:
        house = await open_house(
            "gateway", "agent", model_url=model.base_url, monitor=MonitorSettings()
        )
        customer = await house.customer()
        await customer.say()
        await customer.event("owner_changed", status="waiting")

    types = [event["type"] for event in customer.events]
    said = types.index("assistant_said")
    assert types[said:][:4] == [
        "assistant_said", "handover_requested", "owner_changed", "system_said",
    ]  # fmt: skip
    assert (await customer.event("assistant_said"))["data"]["text"] == promise
