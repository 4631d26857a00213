from __future__ import annotations

import asyncio
import json

import pytest

from tests.conftest import Clock
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, token
from tests.gateway.people import Customer, new_id


async def logs(house: House) -> int:
    """How many conversations were begun."""
    return len(await house.store.reads.keys("*:log"))


async def test_nothing_is_written_before_the_first_words(house: House) -> None:
    customer = await house.customer()
    known = await house.customer(token=token())
    for tab in (customer, known):
        assert tab.state["conversation"] is None
        assert tab.state["resume"] is None
        assert tab.state["seq"] == 0
        await tab.do("sync", after=0)
        await tab.do("typing", on=True)
        await tab.do("seen", seq=0)
        assert await tab.refused("leave") == "not_found"
        assert await tab.refused("withdraw", hold="h_1_1_1") == "not_found"
    assert await logs(house) == 0


async def test_the_first_words_open_a_conversation(open_house: OpenHouse) -> None:
    house = await open_house(greeting="Hi, how can I help?")
    customer = await house.customer()
    assert customer.state["settings"]["greeting"] == "Hi, how can I help?"
    ack = await customer.say("where is my parcel?")
    await customer.event("customer_said")
    assert [event["type"] for event in customer.events] == [
        "conversation_started",
        "assistant_said",
        "customer_said",
    ]
    assert customer.seqs == [1, 2, 3]
    assert ack["seq"] == 3
    started, greeting, said = customer.events
    assert "attributes" not in started["data"]
    assert greeting["data"]["text"] == "Hi, how can I help?"
    assert "turn" not in greeting["data"]
    assert said["data"]["text"] == "where is my parcel?"
    assert {event["conversation"] for event in customer.events} == {ack["conversation"]}


async def test_only_the_acknowledgement_that_opens_carries_a_resume(house: House) -> None:
    customer = await house.customer()
    first, second = await customer.say(), await customer.say()
    assert set(first) == {"ok", "conversation", "seq", "resume"}
    assert set(second) == {"ok", "conversation", "seq"}
    assert second["seq"] == first["seq"] + 1


async def test_an_acknowledgement_answers_the_seq_of_its_own_event(house: House) -> None:
    customer = await house.customer(token=token())
    said = await customer.say("hello")
    asked = await customer.do("ask_human")
    left = await customer.do("leave")
    types = {
        event["seq"]: event["type"] for event in (await customer.do("sync"))["state"]["events"]
    }
    assert types[said["seq"]] == "customer_said"
    assert types[asked["seq"]] == "handover_requested"
    assert types[left["seq"]] == "conversation_closed"


async def test_words_sent_twice_are_said_once(house: House) -> None:
    customer = await house.customer()
    id_ = new_id()
    acks = [await customer.say("hello", id=id_) for _ in range(3)]
    assert len({ack["seq"] for ack in acks}) == 1
    await customer.say("more")
    assert (await customer.say("hello", id=id_))["seq"] == acks[0]["seq"]
    state = (await customer.do("sync"))["state"]
    assert [e["data"]["text"] for e in state["events"] if e["type"] == "customer_said"] == [
        "hello",
        "more",
    ]


async def test_one_id_for_other_words_is_a_conflict(house: House) -> None:
    customer = await house.customer()
    id_ = new_id()
    await customer.say("hello", id=id_)
    assert await customer.refused("say", id=id_, text="goodbye") == "conflict"
    await customer.say("goodbye")


@pytest.mark.parametrize("auth", [{}, {"token": token()}], ids=["visitor", "known"])
async def test_words_sent_again_after_a_lost_answer_meet_their_conversation(
    house: House, auth: dict[str, str]
) -> None:
    lost, id_ = await house.customer(**auth), new_id()
    ack = await lost.say("hello", id=id_)
    await lost.leave()
    again = await house.customer(**auth)
    assert (await again.say("hello", id=id_))["conversation"] == ack["conversation"]
    assert await logs(house) == 1
    await again.say("anybody there?")
    state = (await again.do("sync"))["state"]
    assert [e["type"] for e in state["events"]].count("customer_said") == 2
    assert state["resume"] == ack["resume"]


async def test_a_request_for_people_sent_again_meets_its_conversation(house: House) -> None:
    lost, id_ = await house.customer(), new_id()
    ack = await lost.do("ask_human", id=id_, reason="it is urgent")
    await lost.leave()
    again = await house.customer()
    assert (await again.do("ask_human", id=id_, reason="it is urgent"))["seq"] == ack["seq"]
    assert await logs(house) == 1


async def test_the_id_of_a_message_calls_nobody_in(house: House) -> None:
    """Who was told that a person comes must not be told so for other words of theirs."""
    customer, id_ = await house.customer(), new_id()
    await customer.say("a person, please", id=id_)
    assert await customer.refused("ask_human", id=id_, reason="a person, please") == "conflict"


async def test_a_stranger_with_the_same_id_is_in_another_conversation(house: House) -> None:
    id_ = new_id()
    first, second = await house.customer(), await house.customer()
    mine = await first.say("my card number is 4242", id=id_)
    theirs = await second.say("hello", id=id_)
    assert mine["conversation"] != theirs["conversation"]
    assert "4242" not in second.everything


async def test_a_known_customer_with_a_visitors_id_is_in_another_conversation(
    house: House,
) -> None:
    id_ = new_id()
    visitor = await house.customer()
    known, other = await house.customer(token=token("a")), await house.customer(token=token("b"))
    acks = [await tab.say("hello", id=id_) for tab in (visitor, known, other)]
    assert len({ack["conversation"] for ack in acks}) == 3


async def test_a_thousand_words_at_once_stay_in_their_order(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    words = [f"word {n}" for n in range(1000)]
    for n, text in enumerate(words):
        frame = json.dumps(["say", {"id": new_id(), "text": text}])
        await wire.send(f"42/customer,{n}{frame}")
    seqs = [(await wire.ack("/customer", n))["seq"] for n in range(len(words))]
    assert seqs == list(range(2, 1002))
    state = (await wire.ask("/customer", "sync", {}))["state"]
    said = [e["data"]["text"] for e in state["events"] if e["type"] == "customer_said"]
    assert said == words


TEXTS = {
    "8,000 characters": "x" * 8_000,
    "8,000 letters beyond ASCII": "é" * 8_000,
    "a snowman, a flag and a family": "☃🇩🇪👨‍👩‍👧‍👦",
    "control characters and a null": "a\x00\x01\x1b[31mb",
    "markup": "<script>alert(1)</script>",
    "line ends and right to left": "a\r\n\tב\u202eb",
    "what looks like a frame": '42/customer,["leave",{}]',
    "white space around words": "  hello \n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_a_text_is_kept_as_it_was_written(house: House, text: str) -> None:
    customer = await house.customer()
    await customer.say(text)
    said = await customer.event("customer_said")
    assert said["data"]["text"] == text


async def test_8000_astral_characters_fit_a_frame_as_utf_8(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    payload = {"id": new_id(), "text": "🙂" * 8_000}
    await wire.send(f"42/customer,1{json.dumps(['say', payload], ensure_ascii=False)}")
    assert (await wire.ack("/customer", 1))["ok"]


@pytest.mark.parametrize("text", ["x" * 8_001, "🙂" * 8_001], ids=["ASCII", "astral"])
async def test_a_text_beyond_8000_characters_is_too_large(house: House, text: str) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    payload = {"id": new_id(), "text": text}
    await wire.send(f"42/customer,1{json.dumps(['say', payload], ensure_ascii=False)}")
    assert (await wire.ack("/customer", 1))["error"]["code"] == "too_large"
    assert await logs(house) == 0


@pytest.mark.parametrize("text", [r"half \ud83d", r"\ude42", r"\ude42\ud83d"])
async def test_half_a_character_is_a_bad_request(house: House, text: str) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.send(f'42/customer,1["say",{{"id":"{new_id()}","text":"{text}"}}]')
    assert (await wire.ack("/customer", 1))["error"]["code"] == "bad_request"
    assert (await wire.ask("/customer", "say", {"id": new_id(), "text": "hello"}))["ok"]


BAD = {
    "no text": {"text": None},
    "an empty text": {"text": ""},
    "white space only": {"text": " \n\t"},
    "a number": {"text": 7},
    "no id": {"id": None},
    "an id that is no UUID": {"id": "1"},
    "an id that is a number": {"id": 7},
    "a UUID in braces": {"id": "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"},
    "a new that is no boolean": {"new": 1},
    "attachments": {"attachments": [{"name": "a.png"}]},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD)
async def test_words_that_are_not_whole_are_a_bad_request(
    house: House, fields: dict[str, object]
) -> None:
    customer = await house.customer()
    whole = {"id": new_id(), "text": "hello"}
    assert await customer.refused("say", **whole | fields) == "bad_request"
    assert await logs(house) == 0


async def test_an_id_comes_back_as_its_client_wrote_it(house: House) -> None:
    customer, id_ = await house.customer(), new_id().upper()
    await customer.say(id=id_)
    assert (await customer.event("customer_said"))["data"]["id"] == id_


async def test_own_words_are_echoed_in_every_tab(house: House) -> None:
    first = await house.customer()
    resume = (await first.say("hello"))["resume"]
    tabs = [first, *[await house.customer(resume=resume) for _ in range(2)]]
    for n, tab in enumerate(tabs):
        await tab.say(f"from tab {n}")
    for tab in tabs:
        await tab.event("customer_said", text="from tab 2")
        assert tab.seqs == [1, 2, 3, 4, 5]


async def test_a_closed_tab_ends_no_other(house: House) -> None:
    first = await house.customer()
    resume = (await first.say("hello"))["resume"]
    second = await house.customer(resume=resume)
    await first.leave()
    await second.say("still here")
    await second.event("customer_said", text="still here")


async def test_an_idle_tab_of_a_known_customer_joins_what_opens_in_another(house: House) -> None:
    busy, idle = await house.customer(token=token()), await house.customer(token=token())
    other = await house.customer(token=token("u_alex"))
    opened = await busy.say("from the first tab")
    await idle.event("customer_said", text="from the first tab")
    assert idle.state["conversation"] == opened["conversation"]
    assert idle.state["resume"] == opened["resume"]
    joined = await idle.say("from the second tab")
    assert joined == {"ok": True, "conversation": opened["conversation"], "seq": opened["seq"] + 1}
    await other.do("sync")
    assert len(other.received) == 1
    for tab in (busy, idle):
        await tab.event("customer_said", text="from the first tab")
        await tab.event("customer_said", text="from the second tab")


async def test_two_customers_never_see_each_other(house: House) -> None:
    first, second = await house.customer(), await house.customer(token=token("u_alex"))
    mine = await first.say("marble, the secret of one")
    theirs = await second.say("granite, the secret of the other")
    console = await house.console("Sam")
    for conversation, word in (mine["conversation"], "marble"), (theirs["conversation"], "granite"):
        await console.do("takeover", conversation=conversation)
        await console.say(conversation, f"about {word}")
        await console.do("typing", conversation=conversation, on=True)
        await console.do("seen", conversation=conversation, seq=1)
        await console.do("note", conversation=conversation, id=new_id(), text="note of both")
    for tab, own in (first, "marble"), (second, "granite"):
        await tab.event("staff_said", text=f"about {own}")
        await tab.until(lambda tab=tab: tab.of("seen"))  # type: ignore[misc]
    assert "granite" not in first.everything
    assert theirs["conversation"] not in first.everything
    assert "marble" not in second.everything
    assert mine["conversation"] not in second.everything


# Leaving and coming back


async def closed(house: House) -> tuple[Customer, str]:
    """A customer who has left, and the resume token."""
    customer = await house.customer()
    resume = (await customer.say("hello"))["resume"]
    await customer.do("leave")
    await customer.event("conversation_closed")
    return customer, resume


async def test_leaving_closes_the_conversation(house: House) -> None:
    customer, resume = await closed(house)
    again = await house.customer(resume=resume)
    assert again.state["status"] == "closed"
    assert again.state["reply"] is None
    seq = again.state["seq"]
    assert (await customer.do("leave"))["seq"] == seq
    assert await customer.refused("ask_human") == "conflict"


async def test_words_to_a_closed_conversation_reopen_it(
    open_house: OpenHouse, clock: Clock
) -> None:
    house = await open_house(reopen_within_s=3600.0)
    customer, _ = await closed(house)
    clock.advance(3599)
    await customer.say("one more thing")
    await customer.event("conversation_reopened")
    changed = await customer.event("owner_changed", status="assistant")
    assert changed["data"]["staff"] is None
    assert (await customer.do("sync"))["state"]["status"] == "assistant"


async def test_words_to_a_conversation_closed_too_long_ago_are_a_conflict(
    open_house: OpenHouse, clock: Clock
) -> None:
    house = await open_house(reopen_within_s=3600.0)
    customer, resume = await closed(house)
    clock.advance(3601)
    assert await customer.refused("say", id=new_id(), text="one more thing") == "conflict"
    again = await house.customer(resume=resume)
    assert await again.refused("say", id=new_id(), text="hello?") == "conflict"
    opened = await again.say("hello again", new=True)
    assert opened["resume"] != resume


async def test_a_known_customer_begins_anew_after_leaving(house: House) -> None:
    customer = await house.customer(token=token())
    first = await customer.say()
    await customer.do("leave")
    again = await house.customer(token=token())
    assert again.state["conversation"] is None
    assert (await again.say())["conversation"] != first["conversation"]


async def test_a_new_conversation_names_the_one_before(house: House) -> None:
    customer = await house.customer()
    first, id_ = await customer.say("hello"), new_id()
    second = await customer.say("something else", id=id_, new=True)
    assert second["conversation"] != first["conversation"]
    assert second["resume"] != first["resume"]
    started = await customer.until(
        lambda: [e for e in customer.events if e["conversation"] == second["conversation"]]
    )
    assert started[0]["data"]["previous"] == first["conversation"]
    assert await customer.say("something else", id=id_, new=True) == second
    third = await customer.say("and on")
    assert third["conversation"] == second["conversation"]
    state = (await customer.do("sync"))["state"]
    assert state["conversation"] == second["conversation"]
    assert state["seq"] == third["seq"]


async def test_what_happens_in_the_conversation_before_is_no_longer_sent(house: House) -> None:
    customer, console = await house.customer(), await house.console("Sam")
    first = await customer.say("hello")
    await console.do("takeover", conversation=first["conversation"])
    await customer.say("something else", new=True)
    await console.say(first["conversation"], "late words")
    await customer.do("sync")
    assert "late words" not in customer.everything


async def test_a_refused_new_conversation_leaves_the_customer_where_they_were(
    house: House,
) -> None:
    customer, id_ = await house.customer(token=token()), new_id()
    await customer.say("hello", id=id_, new=True)
    here = await customer.say("something else", new=True)
    assert await customer.refused("say", id=id_, text="other words", new=True) == "conflict"
    console = await house.console("Sam")
    await console.do("takeover", conversation=here["conversation"])
    await console.say(here["conversation"], "are you there?")
    await customer.event("staff_said", text="are you there?")
    assert (await customer.say("yes"))["conversation"] == here["conversation"]


async def test_asking_for_people_can_be_the_first_act(house: House) -> None:
    console, customer = await house.console("Sam"), await house.customer()
    ack = await customer.do("ask_human")
    assert set(ack) == {"ok", "conversation", "seq", "resume"}
    await customer.event("system_said", code="handover")
    summary = await console.until(lambda: console.of("conversation"))
    assert summary[-1]["status"] == "waiting"
    state = (await customer.do("sync"))["state"]
    assert state["status"] == "waiting"


async def test_asking_for_people_twice_asks_once(house: House) -> None:
    customer = await house.customer()
    await asyncio.gather(*(customer.do("ask_human") for _ in range(3)))
    state = (await customer.do("sync"))["state"]
    assert [e["type"] for e in state["events"]].count("handover_requested") == 1
    lines = [e for e in state["events"] if e["type"] == "system_said"]
    assert len(lines) == 1
