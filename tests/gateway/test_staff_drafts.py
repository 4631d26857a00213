"""Replies that a person sees first, decided on by agents, and none of the customer's business."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.ids import call_id, draft_id
from conversation.state import State
from tests.conversation.acts import ADA, PRIVATE
from tests.gateway.house import House
from tests.gateway.people import Customer, Json
from tests.gateway.refunds import decision
from tests.handoff.holding import draft

Drafted = tuple[Customer, str, Json]


async def write_draft(house: House, conversation: str, text: str = PRIVATE) -> None:
    """End the open turn with a draft, as the worker does."""

    def decide(state: State, _reply: object) -> list[ev.New]:
        assert state.turn is not None
        step, turn = state.steps + 1, state.turn
        held = replace(
            draft(text),
            hold=draft_id(conversation, step),
            call=call_id(conversation, step, 0),
        )
        ended = ev.TurnEnded(turn=turn.n, outcome="drafted", upto=turn.upto)
        return [ev.New(ADA, held), ev.New(ADA, ended)]

    await house.log.commit(conversation, decide)


@pytest.fixture
async def drafted(house: House) -> Drafted:
    """A customer who waits for a reply, the conversation, and the draft in the lists."""
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await write_draft(house, conversation)
    kim = await house.console("Kim")
    (summary,) = await kim.until(lambda: kim.state["holds"] or kim.of("hold"))
    return customer, conversation, summary


async def test_an_agent_sends_a_draft(house: House, drafted: Drafted) -> None:
    customer, _, summary = drafted
    assert summary["text"] == PRIVATE
    assert customer.of("delta") == []
    sam = await house.console("Sam")
    ack = await sam.do("decide", **decision(summary, "approve"))
    assert ack["status"] == "succeeded"
    said = await customer.event("assistant_said", text=PRIVATE)
    assert said["seq"] == ack["seq"] + 1
    assert said["by"] == {"role": "assistant", "name": "Ada"}
    assert said["data"]["edited"] is False
    assert [e["type"] for e in customer.events if e["type"].startswith("hold")] == []
    jobs = await house.store.reads.xrange("{s0}:jobs")
    assert b"execute" not in {fields[b"kind"] for _, fields in jobs}


async def test_an_agent_sends_other_words_instead(house: House, drafted: Drafted) -> None:
    customer, _, summary = drafted
    sam = await house.console("Sam")
    ack = await sam.do("decide", **decision(summary, "edit", text="Please keep it."))
    assert (ack["status"], ack["revision"]) == ("succeeded", 2)
    assert ack["digest"] != summary["digest"]
    said = await customer.event("assistant_said", text="Please keep it.")
    assert said["data"]["edited"] is True
    assert PRIVATE not in customer.everything


@pytest.mark.parametrize("text", ["", "  ", None, 7, "x" * 8001])
async def test_a_draft_is_not_edited_into_nothing(
    house: House, drafted: Drafted, text: object
) -> None:
    _, conversation, summary = drafted
    sam = await house.console("Sam")
    code = await sam.refused("decide", **decision(summary, "edit", text=text))
    assert code == ("too_large" if isinstance(text, str) and len(text) > 8000 else "bad_request")
    assert (await house.log.head(conversation)).open_holds != []


async def test_a_draft_is_turned_down_once_and_then_people_take_over(
    house: House, drafted: Drafted
) -> None:
    customer, conversation, summary = drafted
    sam = await house.console("Sam")
    ack = await sam.do("decide", **decision(summary, "reject", reason="not like this"))
    assert ack["status"] == "rejected"
    state = await house.log.head(conversation)
    assert (state.owner, state.turn is not None) == ("assistant", True)
    await write_draft(house, conversation)
    kim = await house.console("Kim")
    (again,) = kim.state["holds"]
    ack = await sam.do("decide", **decision(again, "reject", reason="nor like this"))
    assert ack["status"] == "rejected"
    moved = await customer.event("owner_changed", status="waiting")
    assert moved["data"]["staff"] is None
    told = await customer.event("system_said", code="handover")
    assert told["data"]["text"]
    assert "like this" not in customer.everything


async def test_a_draft_gives_way_to_what_the_customer_says_next(
    house: House, drafted: Drafted
) -> None:
    customer, conversation, summary = drafted
    await customer.say("never mind")
    types = [event.type for event in await house.log.read(conversation)]
    assert types[-2:] == ["hold_changed", "customer_said"]
    sam = await house.console("Sam")
    assert await sam.refused("decide", **decision(summary, "approve")) == "conflict"
    assert PRIVATE not in customer.everything


async def test_a_draft_gives_way_to_a_person(house: House, drafted: Drafted) -> None:
    _, conversation, summary = drafted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    state = await house.log.head(conversation)
    assert state.holds[summary["hold"]].status == "withdrawn"
    assert await sam.refused("decide", **decision(summary, "approve")) == "conflict"


async def test_a_draft_is_none_of_the_customers(house: House, drafted: Drafted) -> None:
    customer, _, summary = drafted
    assert await customer.refused("withdraw", hold=summary["hold"]) == "not_found"
    assert (await customer.do("sync", after=0))["state"]["holds"] == []
    assert summary["hold"] not in customer.everything


async def test_a_draft_is_neither_asked_about_nor_given_arguments(
    house: House, drafted: Drafted
) -> None:
    sam = await house.console("Sam")
    question = {"to": "agent", "text": "hm?"}
    asked = decision(drafted[2], "ask", question=question)
    assert await sam.refused("decide", **asked) == "bad_request"
    assert (
        await sam.refused("decide", **decision(drafted[2], "edit", arguments={})) == "bad_request"
    )
