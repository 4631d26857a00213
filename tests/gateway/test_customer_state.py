from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.conftest import Clock
from tests.doubles.model import Action, Finish, ModelDouble, Text, Wait, model_double
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Customer, Json
from tests.gateway.refunds import hold_refund, settle

FIELDS = {
    "conversation", "resume", "seq", "epoch", "status", "assistant", "staff", "reply", "line",
    "holds", "events", "gap", "settings",
}  # fmt: skip


def without_resume(state: Json) -> Json:
    """What two states must agree in."""
    return {name: value for name, value in state.items() if name != "resume"}


async def test_a_fresh_state_says_who_answers(house: House) -> None:
    state = (await house.customer()).state
    assert set(state) == FIELDS
    assert state["status"] == "assistant"
    assert state["assistant"] == {"name": "Ada"}
    assert state["epoch"] == 1
    empty = {name: state[name] for name in ("staff", "reply", "line", "conversation", "resume")}
    assert set(empty.values()) == {None}
    assert state["holds"] == state["events"] == []
    assert state["gap"] is False


async def test_a_resume_without_after_brings_every_public_event(house: House) -> None:
    first = await house.customer()
    resume = (await first.say("one"))["resume"]
    await first.say("two")
    await first.event("customer_said", text="two")
    again = await house.customer(resume=resume)
    assert again.state["events"] == first.events
    assert again.state["resume"] == resume
    assert again.state["seq"] == 3
    assert (await house.customer(resume=resume, after=0)).state == again.state


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_a_resume_after_a_place_brings_what_came_since(house: House, after: int) -> None:
    first = await house.customer()
    resume = (await first.say("one"))["resume"]
    await first.say("two")
    again = await house.customer(resume=resume, after=after)
    assert [event["seq"] for event in again.state["events"]] == list(range(after + 1, 4))
    assert again.state["gap"] is False
    await first.say("three")
    await again.event("customer_said", text="three")
    assert again.seqs == list(range(after + 1, 5))


async def test_a_place_ahead_of_the_log_is_a_gap(house: House) -> None:
    first = await house.customer()
    resume = (await first.say("one"))["resume"]
    for after in (3, 2**63, 2**64 - 1):
        again = await house.customer(resume=resume, after=after)
        assert again.state["gap"] is True
        assert [event["seq"] for event in again.state["events"]] == [1, 2]
    assert (await house.customer(after=1)).state["gap"] is True


async def test_a_private_event_leaves_its_place_in_the_count(house: House) -> None:
    first, console = await house.customer(), await house.console("Sam")
    opened = await first.say("one")
    await console.do(
        "note",
        conversation=opened["conversation"],
        id="6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        text="between us",
    )
    again = await house.customer(resume=opened["resume"])
    assert again.state["seq"] == 3
    assert again.seqs == [1, 2]
    after = await house.customer(resume=opened["resume"], after=3)
    assert after.state["gap"] is False
    assert after.state["events"] == []


async def test_sync_answers_what_a_resume_would(house: House) -> None:
    first = await house.customer()
    resume = (await first.say("one"))["resume"]
    again = await house.customer(resume=resume, after=1)
    assert (await first.do("sync", after=1))["state"] == again.state
    assert (await first.do("sync"))["state"]["events"] == first.events
    assert (await first.do("sync", after=9))["state"]["gap"] is True
    assert await first.refused("sync", after=-1) == "bad_request"


async def test_a_waiting_customer_is_told_their_place(open_house: OpenHouse, clock: Clock) -> None:
    house = await open_house("gateway", "desk")
    first, second = await house.customer(), await house.customer()
    resume = (await first.do("ask_human"))["resume"]
    await first.until(lambda: first.of("line"))
    clock.advance(1)
    await second.do("ask_human")
    await second.until(lambda: second.of("line"))
    assert second.of("line")[-1]["position"] == 2
    again = await house.customer(resume=resume)
    assert again.state["status"] == "waiting"
    place = {"position": 1, "wait_s": None, "deadline": None, "then": None}
    assert again.state["line"] == place
    console = await house.console("Sam")
    await console.do("accept", conversation=again.state["conversation"])
    await second.until(lambda: second.of("line")[-1]["position"] == 1)
    assert (await first.do("sync"))["state"]["line"] is None


async def test_a_customer_is_told_who_joined(house: House) -> None:
    customer, console = await house.customer(), await house.console("Sam")
    opened = await customer.say()
    await console.do("takeover", conversation=opened["conversation"])
    changed = await customer.event("owner_changed")
    assert changed["data"] == {"status": "human", "staff": {"name": "Sam"}, "epoch": 2}
    again = await house.customer(resume=opened["resume"])
    assert (again.state["status"], again.state["epoch"]) == ("human", 2)
    assert again.state["staff"] == {"name": "Sam"}
    await console.do("return_to_assistant", conversation=opened["conversation"])
    await customer.event("owner_changed", status="assistant")
    state = (await customer.do("sync"))["state"]
    assert (state["status"], state["staff"]) == ("assistant", None)


async def test_pending_actions_are_shown_with_their_status(house: House) -> None:
    customer = await house.customer()
    opened = await customer.say()
    hold = await hold_refund(house, opened["conversation"])
    await customer.event("held", hold=hold)
    again = await house.customer(resume=opened["resume"])
    (shown,) = again.state["holds"]
    assert shown == {
        "hold": hold,
        "title": "Refund part of an order",
        "money": {"minor": 4000, "currency": "USD"},
        "status": "held",
        "reason": None,
        "question": None,
        "expires_at": None,
    }
    await settle(house, opened["conversation"], hold, "succeeded")
    await again.event("hold_changed", status="succeeded")
    assert (await again.do("sync"))["state"]["holds"][0]["status"] == "succeeded"


# A reply in progress


class Writing:
    """A model that writes half a reply, and the rest when told."""

    def __init__(self) -> None:
        self.rest = asyncio.Event()

    def __call__(self, *_: object) -> list[Action]:
        return [
            Text("Your parcel "),
            Text("is "),
            Wait(self.rest),
            Text("on its way"),
            Text(" to you."),
            Finish(),
        ]


@pytest.fixture
def writing() -> Writing:
    return Writing()


@pytest.fixture
async def model(writing: Writing) -> AsyncIterator[ModelDouble]:
    async with model_double(writing) as model:
        yield model


async def shown(customer: Customer) -> str:
    """Wait until the first half of the reply is shown; the text as a client shows it."""

    def text() -> str:
        return "".join(delta["text"] for delta in customer.of("delta"))

    await customer.until(lambda: text() == "Your parcel is ")
    return text()


async def test_a_reload_in_mid_reply_shows_the_reply_so_far_and_goes_on(
    open_house: OpenHouse, model: ModelDouble, writing: Writing
) -> None:
    house = await open_house("gateway", "agent", model_url=model.base_url)
    first = await house.customer()
    resume = (await first.say())["resume"]
    before = await shown(first)
    again = await house.customer(resume=resume)
    reply = again.state["reply"]
    place = {"turn": 1, "attempt": 1, "epoch": 1, "step": 1}
    assert reply == {**place, "n": len(first.of("delta")) - 1, "text": before}
    writing.rest.set()
    said = await again.event("assistant_said")
    assert said["data"]["text"] == "Your parcel is on its way to you."
    await first.event("assistant_said")
    for delta in [*first.of("delta"), *again.of("delta")]:
        assert set(delta) == {*place, "n", "text"}
        assert place.items() <= delta.items()
    numbers = [delta["n"] for delta in first.of("delta")]
    assert numbers == list(range(len(numbers)))
    assert [delta["n"] for delta in again.of("delta")] == numbers[reply["n"] + 1 :]
    rest = "".join(delta["text"] for delta in again.of("delta"))
    assert said["data"]["text"].startswith(reply["text"] + rest)
    last = await house.customer(resume=resume)
    assert last.state["reply"] is None


async def test_the_assistant_types_while_its_turn_is_open(
    open_house: OpenHouse, model: ModelDouble, writing: Writing
) -> None:
    house = await open_house("gateway", "agent", model_url=model.base_url)
    customer = await house.customer()
    await customer.say()
    await shown(customer)
    (typing,) = customer.of("typing")
    assert typing["on"] is True
    assert typing["by"] == {"role": "assistant", "name": "Ada"}
    assert typing["ttl_s"] > 0
    writing.rest.set()
    await customer.until(lambda: len(customer.of("typing")) == 2)
    assert customer.of("typing")[-1]["on"] is False


async def test_every_tab_sees_the_reply_and_another_customer_nothing(
    open_house: OpenHouse, model: ModelDouble, writing: Writing
) -> None:
    house = await open_house("gateway", "agent", model_url=model.base_url)
    stranger, first = await house.customer(), await house.customer()
    resume = (await first.say())["resume"]
    second = await house.customer(resume=resume)
    writing.rest.set()
    for tab in (first, second):
        await tab.event("assistant_said", text="Your parcel is on its way to you.")
    await stranger.do("sync")
    assert [name for name, _ in stranger.received] == ["state"]


async def test_leaving_in_mid_reply_keeps_what_was_shown(
    open_house: OpenHouse, model: ModelDouble
) -> None:
    house = await open_house("gateway", "agent", model_url=model.base_url)
    customer = await house.customer()
    await customer.say()
    before = await shown(customer)
    await customer.do("leave")
    said = await customer.event("assistant_said", partial=True)
    assert said["data"]["text"] == before
    await asyncio.wait_for(model.left.get(), 5)
    state = (await customer.do("sync"))["state"]
    assert (state["status"], state["reply"]) == ("closed", None)


async def test_asking_for_people_in_mid_reply_keeps_what_was_shown(
    open_house: OpenHouse, model: ModelDouble, writing: Writing
) -> None:
    house = await open_house("gateway", "agent", model_url=model.base_url)
    customer = await house.customer()
    await customer.say()
    before = await shown(customer)
    await customer.do("ask_human")
    await customer.event("system_said", code="handover")
    await asyncio.wait_for(model.left.get(), 5)
    writing.rest.set()
    await customer.say("thanks")
    await customer.event("customer_said", text="thanks")
    assert [e["type"] for e in customer.events][2:] == [
        "assistant_said",
        "handover_requested",
        "owner_changed",
        "system_said",
        "customer_said",
    ]
    assert customer.events[2]["data"]["text"] == before
    assert customer.events[2]["data"]["partial"] is True
    assert len(model.requests) == 1
