"""Where replies are drafts, a customer reads nothing that nobody has seen before."""

from __future__ import annotations

from handoff.settings import MonitorSettings
from tests.doubles.model import ModelDouble, Wait, call, model_double, say
from tests.gateway.conftest import OpenHouse
from tests.gateway.people import Console, Json

WORDS = "It is on the road."


async def a_draft(console: Console) -> Json:
    """The draft that waits, as a console shows it."""

    def find() -> Json | None:
        held = [event for event in console.events if event["type"] == "held"]
        return held[-1]["data"] if held else None

    found = await console.until(find)
    assert found is not None
    return found


async def test_a_draft_reaches_the_customer_when_an_agent_sends_it(open_house: OpenHouse) -> None:
    watched = Wait()
    async with model_double(lambda *_: [watched, *say(WORDS)]) as model:
        await sent(open_house, model, watched)


async def sent(open_house: OpenHouse, model: ModelDouble, watched: Wait) -> None:
    house = await open_house(
        "gateway",
        "agent",
        model_url=model.base_url,
        monitor=MonitorSettings(before_certified="draft"),
    )
    customer = await house.customer()
    sam = await house.console("Sam")
    opened = await customer.say()
    await sam.watch(opened["conversation"])
    watched.until.set()
    held = await a_draft(sam)
    assert held["text"] == WORDS
    assert "on the road" not in customer.everything
    assert customer.of("delta") == []

    seen = {"hold": held["hold"], "revision": held["revision"], "digest": held["digest"]}
    await sam.do("decide", **seen, decision="approve")
    said = await customer.event("assistant_said", text=WORDS)
    assert said["by"] == {"role": "assistant", "name": "Ada"}
    assert "held" not in [event["type"] for event in customer.events]


async def test_words_beside_a_call_reach_nobody_either(open_house: OpenHouse) -> None:
    watched = Wait()
    answers = {"1": [watched, *say("Let me look.")[:1], *call("none", {})], "2": say(WORDS)}
    async with model_double(lambda _, headers: answers[headers["X-Handrail-Step"]]) as model:
        house = await open_house(
            "gateway",
            "agent",
            model_url=model.base_url,
            monitor=MonitorSettings(before_certified="draft"),
        )
        customer = await house.customer()
        sam = await house.console("Sam")
        opened = await customer.say()
        await sam.watch(opened["conversation"])
        watched.until.set()
        held = await a_draft(sam)

    assert held["text"] == f"Let me look.\n\n{WORDS}"
    await customer.event("assistant_called", text="")
    assert "Let me look" not in customer.everything
