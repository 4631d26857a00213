from __future__ import annotations

import asyncio

import pytest

from tests.gateway.house import House, token
from tests.gateway.people import Console, Json, new_id
from tests.gateway.refunds import decision, hold_refund

FIELDS = {
    "conversation", "customer", "name", "language", "topic", "mood", "score", "threshold", "holds",
    "unread", "status", "owner", "queue", "priority", "waiting_since", "seq", "last", "reasons",
    "tier", "due_at", "watchers",
}  # fmt: skip


def names(state: Json) -> set[str]:
    """The conversations of a state."""
    return {summary["conversation"] for summary in state["conversations"]}


async def test_an_empty_state_has_every_list(house: House) -> None:
    state = (await house.console("Sam")).state
    assert {"cursor", "me", "staff", "queues", "conversations", "holds", "counts"} <= set(state)
    assert state["conversations"] == state["holds"] == state["queues"] == []
    assert [person["name"] for person in state["staff"]] == ["Sam"]


async def test_a_summary_tells_a_list_all_it_shows(house: House) -> None:
    customer = await house.customer(token=token("u_robin"))
    conversation = (await customer.say("where is my parcel?"))["conversation"]
    await customer.say("hello?")
    (summary,) = (await house.console("Sam")).state["conversations"]
    assert set(summary) >= FIELDS
    told = {
        "conversation": conversation,
        "customer": "u_robin",
        "name": "Robin",
        "status": "assistant",
        "owner": "assistant",
        "unread": 2,
        "seq": 4,
        "last": {"by": "customer", "text": "hello?"},
        "waiting_since": None,
    }
    assert told.items() <= summary.items()


async def test_every_change_is_told_with_its_place(house: House) -> None:
    sam, customer = await house.console("Sam"), await house.customer()
    conversation = (await customer.do("ask_human"))["conversation"]
    (told,) = await sam.until(lambda: sam.of("conversation"))
    assert told["status"] == "waiting"
    assert told["waiting_since"]
    assert [reason["signal"] for reason in told["reasons"]] == ["asks_for_human"]
    await sam.do("accept", conversation=conversation)
    await sam.until(lambda: sam.of("conversation")[-1]["status"] == "human")
    assert sam.of("conversation")[-1]["owner"] == f"staff:{sam.state['me']['id']}"
    cursors = [told["cursor"] for told in sam.of("conversation")]
    assert len(set(cursors)) == len(cursors)


async def test_a_cursor_brings_only_what_changed_since(house: House) -> None:
    first, second, third = [await house.customer() for _ in range(3)]
    old = (await first.say())["conversation"]
    changed = (await second.say())["conversation"]
    sam = await house.console("Sam")
    await sam.until(lambda: names(sam.state) == {old, changed})
    cursor = (await sam.do("sync"))["state"]["cursor"]
    await sam.leave()
    await second.do("leave")
    new = (await third.say())["conversation"]
    hold = await hold_refund(house, new)
    kim = await house.console("Kim")
    await kim.until(lambda: kim.state["holds"] or kim.of("hold"))
    again = await house.console("Sam", cursor=cursor)
    assert names(again.state) == {changed, new}
    assert {s["conversation"]: s["status"] for s in again.state["conversations"]} == {
        changed: "closed",
        new: "assistant",
    }
    assert [one["hold"] for one in again.state["holds"]] == [hold]
    nothing = (await again.do("sync", cursor=again.state["cursor"]))["state"]
    assert nothing["conversations"] == nothing["holds"] == []


async def test_counts_are_of_everything_also_with_a_cursor(house: House) -> None:
    waiting, assisted, closed = [await house.customer() for _ in range(3)]
    sam = await house.console("Sam")
    await waiting.do("ask_human")
    conversation = (await assisted.say())["conversation"]
    await closed.say()
    await closed.do("leave")
    await hold_refund(house, conversation)
    await sam.until(lambda: sam.of("hold"))
    counts = {"line": 1, "mine": 0, "assistant": 1, "human": 0, "holds": 1}
    assert (await sam.do("sync"))["state"]["counts"] == counts
    again = await house.console("Sam", cursor=(await sam.do("sync"))["state"]["cursor"])
    assert again.state["conversations"] == []
    assert again.state["counts"] == counts
    dana = await house.console("Dana")
    await dana.do("takeover", conversation=conversation)
    await dana.do("decide", **decision(dana.state["holds"][0], "reject", reason="no"))
    await dana.until(lambda: dana.of("hold"))
    counts |= {"assistant": 0, "human": 1, "holds": 0}
    assert (await sam.do("sync"))["state"]["counts"] == counts
    assert (await dana.do("sync"))["state"]["counts"] == counts | {"mine": 1}


GARBAGE = [
    "", "garbage", "0", "-", "+", "$", "*", "(0-0", "0-0,0-0", "1-1,", "99999999999999-0", "1-1\n",
    "9" * 40 + "-1", "-1-1", "\u0661-\u0661",
]  # fmt: skip


@pytest.mark.parametrize("cursor", GARBAGE)
async def test_a_cursor_that_is_not_kept_brings_everything(house: House, cursor: str) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    sam = await house.console("Sam", cursor=cursor)
    assert names(sam.state) == {conversation}
    assert sam.state["full"] is True
    state = (await sam.do("sync", cursor=cursor))["state"]
    assert names(state) == {conversation}


async def test_a_closed_conversation_leaves_the_lists_and_can_be_read(house: House) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await customer.do("leave")
    sam = await house.console("Sam")
    assert sam.state["conversations"] == []
    state = await sam.watch(conversation)
    assert state["owner"] == "nobody"
    await sam.do("note", conversation=conversation, id=new_id(), text="was fine")


async def test_load_counts_the_conversations_somebody_has(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say())["conversation"]
    await sam.do("takeover", conversation=conversation)
    await sam.until(lambda: any(told["status"] == "human" for told in sam.of("conversation")))
    (me,) = (await sam.do("sync"))["state"]["staff"]
    assert me["load"] == 1


async def test_the_state_comes_first_and_every_change_after_it(house: House) -> None:
    busy = await house.wire()
    await busy.connect("/customer")
    opened = await busy.ask("/customer", "say", {"id": new_id(), "text": "one"})
    auth = {"token": await house.sign_in("Sam")}

    async def talk() -> None:
        for _ in range(100):
            await busy.ask("/customer", "say", {"id": new_id(), "text": "and"})

    talking = asyncio.create_task(talk())
    while not talking.done():
        wire = await house.wire()
        state = await wire.connect("/staff", auth)
        (summary,) = state["conversations"]
        reached = (await wire.ask("/staff", "sync", {}))["state"]["conversations"][0]["seq"]
        assert summary["seq"] <= reached
    await talking
    wire = await house.wire()
    await wire.connect("/staff", auth)
    assert (await busy.ask("/customer", "say", {"id": new_id(), "text": "last"}))["ok"]
    name, told = await wire.event("/staff")
    while (name, told.get("seq")) != ("conversation", opened["seq"] + 101):
        name, told = await wire.event("/staff")


async def test_nothing_between_the_lists_and_what_follows_is_lost(house: House) -> None:
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await house.account("Sam")
    consoles = [house.console("Sam") for _ in range(8)]
    words = [customer.say(f"word {n}") for n in range(40)]
    arrived = (await asyncio.gather(*consoles, *words))[: len(consoles)]
    for console in arrived:
        assert isinstance(console, Console)
        assert console.received[0][0] == "state"

        def last(console: Console = console) -> bool:
            known = console.state["conversations"] + console.of("conversation")
            return any(summary["seq"] == 42 for summary in known)

        await console.until(last)
        assert {told["conversation"] for told in console.of("conversation")} <= {conversation}
