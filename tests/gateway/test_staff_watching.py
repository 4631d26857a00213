from __future__ import annotations

import asyncio
import json

import pytest

from gateway import staff
from tests.doubles.model import Finish, Text, Wait, model_double
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Json, new_id


async def test_watching_brings_everything_so_far_and_then_what_happens(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say("one"))["conversation"]
    state = await sam.watch(conversation)
    assert {"conversation", "seq", "epoch", "owner", "reply", "events"} <= set(state)
    assert (state["conversation"], state["seq"], state["epoch"]) == (conversation, 2, 1)
    assert (state["owner"], state["reply"]) == ("assistant", None)
    assert [event["seq"] for event in state["events"]] == [1, 2]
    await customer.say("two")
    await sam.event("customer_said", text="two")
    assert sam.seqs == [3]
    assert await sam.watch(conversation, after=2) == state | {
        "seq": 3,
        "events": [sam.events[0]],
    }


async def test_staff_see_who_and_what_customers_do_not(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say("one"))["conversation"]
    await sam.do("takeover", conversation=conversation)
    state = await sam.watch(conversation)
    changed = next(e for e in state["events"] if e["type"] == "owner_changed")
    assert changed["by"] == {"role": "staff", "name": "Sam", "id": sam.state["me"]["id"]}
    assert changed["data"]["to"] == f"staff:{sam.state['me']['id']}"
    assert "turn_ended" in {event["type"] for event in state["events"]}


async def test_a_place_ahead_of_the_log_is_a_gap(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say("one"))["conversation"]
    state = await sam.watch(conversation, after=9)
    assert state["gap"] is True
    assert [event["seq"] for event in state["events"]] == [1, 2]


async def test_what_is_not_watched_is_not_sent(house: House) -> None:
    first, second, sam = await house.customer(), await house.customer(), await house.console("Sam")
    watched, other = (await first.say())["conversation"], (await second.say())["conversation"]
    await sam.watch(watched)
    await sam.watch(other)
    await sam.do("unwatch", conversation=other)
    await second.say("unheard")
    await first.say("heard")
    await sam.event("customer_said", text="heard")
    assert {event["conversation"] for event in sam.events} == {watched}
    await sam.do("unwatch", conversation=other)


async def test_events_of_a_busy_conversation_follow_the_answer_without_a_gap(
    house: House,
) -> None:
    busy, wire = await house.wire(), await house.wire()
    await busy.connect("/customer")
    opened = await busy.ask("/customer", "say", {"id": new_id(), "text": "one"})
    await wire.connect("/staff", {"token": await house.sign_in("Sam")})

    async def talk() -> None:
        for _ in range(150):
            await busy.ask("/customer", "say", {"id": new_id(), "text": "and"})

    talking = asyncio.create_task(talk())
    for attempt in range(15):
        watch = json.dumps(["watch", {"conversation": opened["conversation"]}])
        await wire.send(f"42/staff,{attempt}{watch}")
        place: int | None = None
        while place is None or place < 20 * (attempt + 1):
            frame = await wire.frame()
            if frame.startswith(f"43/staff,{attempt}["):
                state = json.loads(frame[frame.index("[") :])[0]["state"]
                assert [e["seq"] for e in state["events"]] == list(range(1, state["seq"] + 1))
                place = state["seq"]
            elif frame.startswith('42/staff,["event"') and place is not None:
                event = json.loads(frame.removeprefix("42/staff,"))[1]
                assert event["seq"] == place + 1
                place = event["seq"]
            if talking.done() and place is not None:
                break
    await talking


async def test_a_watcher_joins_a_reply_where_it_is(open_house: OpenHouse) -> None:
    rest = asyncio.Event()

    def script(*_: object) -> list[object]:
        return [Text("Your parcel "), Wait(rest), Text("is on its way."), Finish()]

    async with model_double(script) as model:  # type: ignore[arg-type]
        house = await open_house("gateway", "agent", model_url=model.base_url)
        customer, sam = await house.customer(), await house.console("Sam")
        conversation = (await customer.say())["conversation"]
        await customer.until(lambda: customer.of("delta"))
        reply = (await sam.watch(conversation))["reply"]
        assert reply == {"turn": 1, "attempt": 1, "epoch": 1, "step": 1, "n": 0} | {
            "text": "Your parcel "
        }
        rest.set()
        said = await sam.event("assistant_said")
        deltas = sam.of("delta")
        assert {delta["conversation"] for delta in deltas} <= {conversation}
        assert [delta["n"] for delta in deltas] == list(range(1, 1 + len(deltas)))
        whole = reply["text"] + "".join(delta["text"] for delta in deltas)
        assert said["data"]["text"].startswith(whole)


async def test_a_watcher_that_cannot_be_served_is_told_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "WATCH_WITHIN_S", 0)
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say())["conversation"]
    assert await sam.refused("watch", conversation=conversation) == "unavailable"


# Who is at work


async def one(console_state: Json, name: str) -> Json:
    """Somebody in a state's list of staff."""
    found: Json = next(person for person in console_state["staff"] if person["name"] == name)
    return found


async def test_presence_is_told_to_every_console(house: House) -> None:
    sam, kim = await house.console("Sam"), await house.console("Kim")
    assert (await one(kim.state, "Sam"))["status"] == "away"
    for status in ("online", "away", "offline"):
        await sam.do("presence", status=status)
        await kim.until(
            lambda status=status: any(  # type: ignore[misc]
                (person["name"], person["status"]) == ("Sam", status) for person in kim.of("staff")
            )
        )
    assert set(kim.of("staff")[-1]) == {"id", "name", "role", "status", "load", "capacity"}


async def test_customers_are_told_how_many_people_are_here(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    await sam.do("presence", status="online")
    await customer.until(lambda: customer.of("people"))
    await sam.do("presence", status="away")
    await customer.until(lambda: len(customer.of("people")) == 2)
    assert customer.of("people") == [{"here": 1, "until": None}, {"here": 0, "until": None}]


async def test_with_the_last_console_its_person_is_offline(house: House) -> None:
    first, second, kim = [await house.console(name) for name in ("Sam", "Sam", "Kim")]
    await first.do("presence", status="online")
    await first.leave()
    assert (await one((await kim.do("sync"))["state"], "Sam"))["status"] == "online"
    await second.leave()
    await kim.until(lambda: any(p["status"] == "offline" for p in kim.of("staff")))


async def test_presence_is_not_needed_to_work(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.do("ask_human"))["conversation"]
    await sam.do("presence", status="offline")
    await sam.do("accept", conversation=conversation)
    await sam.say(conversation)
