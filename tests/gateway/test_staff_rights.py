"""What each command allows whom, and its negative twin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.gateway.house import House, token
from tests.gateway.people import Console, Customer, Json, new_id

Opened = tuple[Customer, str]


@pytest.fixture
async def waiting(house: House) -> Opened:
    """A customer in the line, and their conversation."""
    customer = await house.customer()
    ack = await customer.do("ask_human")
    return customer, ack["conversation"]


@pytest.fixture
async def assisted(house: House) -> Opened:
    """A customer who talks with the assistant, and their conversation."""
    customer = await house.customer(token=token())
    return customer, (await customer.say())["conversation"]


async def owner_of(house: House, conversation: str) -> str:
    """Who has a conversation, by name."""
    state = await house.log.head(conversation)
    return state.staff.name if state.staff else state.owner


# Accepting


@pytest.mark.parametrize("name", ["Sam", "Dana", "Max"])
async def test_whoever_is_at_work_accepts_from_the_line(
    house: House, waiting: Opened, name: str
) -> None:
    customer, conversation = waiting
    console = await house.console(name)
    ack = await console.do("accept", conversation=conversation)
    changed = await customer.event("owner_changed", status="human")
    assert changed["seq"] == ack["seq"]
    assert changed["data"]["staff"] == {"name": name}
    joined = await customer.event("system_said", code="joined")
    assert name in joined["data"]["text"]


async def test_who_accepts_second_gets_a_conflict(house: House, waiting: Opened) -> None:
    _, conversation = waiting
    consoles = [await house.console(name) for name in ("Sam", "Kim", "Dana")]
    acks = await asyncio.gather(*(c.ask("accept", conversation=conversation) for c in consoles))
    assert [ack["ok"] for ack in acks].count(True) == 1
    assert {ack["error"]["code"] for ack in acks if not ack["ok"]} == {"conflict"}


async def test_accepting_ones_own_again_changes_nothing(house: House, waiting: Opened) -> None:
    _, conversation = waiting
    sam = await house.console("Sam")
    first = await sam.do("accept", conversation=conversation)
    await sam.do("accept", conversation=conversation)
    assert (await house.log.head(conversation)).seq == first["seq"] + 1


async def test_only_what_is_in_the_line_is_accepted(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    assert await sam.refused("accept", conversation=conversation) == "conflict"
    await customer.do("leave")
    assert await sam.refused("accept", conversation=conversation) == "conflict"
    assert await sam.refused("accept", conversation="c_nothing") == "not_found"


# Taking over


async def test_an_agent_takes_over_from_the_assistant_and_from_the_line(
    house: House, assisted: Opened, waiting: Opened
) -> None:
    sam = await house.console("Sam")
    for _, conversation in (assisted, waiting):
        await sam.do("takeover", conversation=conversation)
        assert await owner_of(house, conversation) == "Sam"


async def test_an_agent_may_not_take_over_from_a_colleague(house: House, assisted: Opened) -> None:
    _, conversation = assisted
    sam, kim = await house.console("Sam"), await house.console("Kim")
    await sam.do("takeover", conversation=conversation)
    assert await kim.refused("takeover", conversation=conversation) == "forbidden"
    said = {"conversation": conversation, "id": new_id(), "text": "mine now"}
    assert await kim.refused("say", takeover=True, **said) == "forbidden"
    assert await owner_of(house, conversation) == "Sam"


@pytest.mark.parametrize("name", ["Dana", "Max"])
async def test_a_supervisor_takes_over_from_a_colleague(
    house: House, assisted: Opened, name: str
) -> None:
    _, conversation = assisted
    sam, senior = await house.console("Sam"), await house.console(name)
    await sam.do("takeover", conversation=conversation)
    await senior.do("takeover", conversation=conversation)
    assert await owner_of(house, conversation) == name
    said = {"conversation": conversation, "id": new_id(), "text": "still me"}
    assert await sam.refused("say", **said) == "conflict"


async def test_a_closed_conversation_is_not_taken_over(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    await customer.do("leave")
    dana = await house.console("Dana")
    assert await dana.refused("takeover", conversation=conversation) == "conflict"


# Speaking


async def test_the_owner_speaks_by_display_name(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    ack = await sam.say(conversation, "how can I help?")
    said = await customer.event("staff_said")
    assert said["seq"] == ack["seq"]
    assert said["by"] == {"role": "staff", "name": "Sam"}


async def test_who_does_not_own_a_conversation_does_not_speak_in_it(
    house: House, assisted: Opened
) -> None:
    customer, conversation = assisted
    sam, kim, dana = [await house.console(name) for name in ("Sam", "Kim", "Dana")]

    def said() -> Json:
        return {"conversation": conversation, "id": new_id(), "text": "let me in"}

    assert await kim.refused("say", **said()) == "conflict"
    await sam.do("takeover", conversation=conversation)
    for other in (kim, dana):
        assert await other.refused("say", **said()) == "conflict"
    await sam.say(conversation, "just me")
    await customer.event("staff_said", text="just me")
    assert "let me in" not in customer.everything


async def test_speaking_with_takeover_takes_the_conversation_in_the_same_commit(
    house: House, assisted: Opened
) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    said = {"conversation": conversation, "id": new_id(), "text": "hello, Sam here"}
    ack = await sam.do("say", takeover=True, **said)
    event = await customer.event("staff_said")
    assert event["seq"] == ack["seq"]
    assert [e["type"] for e in customer.events][-3:] == [
        "owner_changed",
        "system_said",
        "staff_said",
    ]
    assert await owner_of(house, conversation) == "Sam"


async def test_words_of_staff_sent_twice_are_said_once(house: House, assisted: Opened) -> None:
    _, conversation = assisted
    sam, kim = await house.console("Sam"), await house.console("Kim")
    await sam.do("takeover", conversation=conversation)
    said = {"conversation": conversation, "id": new_id(), "text": "hello"}
    first = await sam.do("say", **said)
    assert await sam.do("say", **said) == first
    assert await sam.refused("say", **said | {"text": "other words"}) == "conflict"
    assert await sam.refused("note", **said) == "conflict"
    assert (await house.log.head(conversation)).seq == first["seq"]
    await kim.do("note", **said)


async def test_words_of_staff_sent_again_after_giving_back_are_known(
    house: House, assisted: Opened
) -> None:
    _, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    said = {"conversation": conversation, "id": new_id(), "text": "hello"}
    first = await sam.do("say", **said)
    await sam.do("return_to_assistant", conversation=conversation)
    assert (await sam.do("say", **said))["seq"] == first["seq"]


# Notes


async def test_anybody_at_work_leaves_a_note(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    sam, kim = await house.console("Sam"), await house.console("Kim")
    await sam.do("takeover", conversation=conversation)
    await sam.watch(conversation)
    note = {"conversation": conversation, "id": new_id(), "text": "was angry last week"}
    ack = await kim.do("note", **note)
    event = await sam.event("note_added")
    assert event["seq"] == ack["seq"]
    assert event["by"]["name"] == "Kim"
    assert event["data"] == {"id": note["id"], "text": note["text"]}
    await customer.say("hello?")
    await customer.event("customer_said", text="hello?")
    assert "angry" not in customer.everything
    assert await kim.refused("note", **note | {"conversation": "c_nothing"}) == "not_found"


# Giving back


async def test_the_owner_returns_a_conversation_with_a_brief(
    house: House, assisted: Opened
) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    await sam.watch(conversation)
    ack = await sam.do("return_to_assistant", conversation=conversation, brief="refund agreed")
    changed = await sam.event("owner_changed", to="assistant")
    assert changed["seq"] == ack["seq"]
    assert changed["data"]["brief"] == "refund agreed"
    back = await customer.event("system_said", code="returned")
    assert "Ada" in back["data"]["text"]
    assert "refund agreed" not in customer.everything


async def test_a_return_opens_a_turn_only_when_the_customer_spoke_last(
    house: House, assisted: Opened
) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    await sam.do("return_to_assistant", conversation=conversation)
    assert (await house.log.head(conversation)).turn is not None
    await sam.do("takeover", conversation=conversation)
    await sam.say(conversation, "solved")
    await sam.do("return_to_assistant", conversation=conversation)
    assert (await house.log.head(conversation)).turn is None
    await customer.say("one more")
    assert (await house.log.head(conversation)).turn is not None


async def test_nobody_but_the_owner_returns_a_conversation(
    house: House, assisted: Opened, waiting: Opened
) -> None:
    sam, dana = await house.console("Sam"), await house.console("Dana")
    for _, conversation in (assisted, waiting):
        assert await dana.refused("return_to_assistant", conversation=conversation) == "conflict"
    _, conversation = assisted
    await sam.do("takeover", conversation=conversation)
    assert await dana.refused("return_to_assistant", conversation=conversation) == "conflict"
    assert await owner_of(house, conversation) == "Sam"


# Closing


async def test_the_owner_closes_a_conversation(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    ack = await sam.do("close", conversation=conversation, resolution="refunded")
    closed = await customer.event("conversation_closed")
    assert closed["seq"] == ack["seq"]
    assert closed["data"]["resolution"] == "refunded"
    again = await sam.do("close", conversation=conversation)
    assert again["seq"] == (await house.log.head(conversation)).seq


async def test_a_supervisor_closes_any_conversation(
    house: House, assisted: Opened, waiting: Opened
) -> None:
    dana = await house.console("Dana")
    for customer, conversation in (assisted, waiting):
        await dana.do("close", conversation=conversation)
        await customer.event("conversation_closed")


async def test_an_agent_closes_no_conversation_of_others(
    house: House, assisted: Opened, waiting: Opened
) -> None:
    sam, kim = await house.console("Sam"), await house.console("Kim")
    for _, conversation in (assisted, waiting):
        assert await kim.refused("close", conversation=conversation) == "forbidden"
    _, conversation = assisted
    await sam.do("takeover", conversation=conversation)
    assert await kim.refused("close", conversation=conversation) == "forbidden"
    assert (await house.log.head(conversation)).status == "human"


# What is not there, and what is not whole

COMMANDS = ["accept", "takeover", "return_to_assistant", "close", "watch"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["Sam", "Dana"])
async def test_a_conversation_that_is_not_there_is_not_found(
    house: House, command: str, name: str
) -> None:
    console = await house.console(name)
    assert await console.refused(command, conversation="c_nothing") == "not_found"
    assert await console.refused(command, conversation="c_{s0} *\n:log") == "not_found"
    assert await house.store.reads.keys("*c_nothing*") == []


@pytest.mark.parametrize("conversation", [None, "", 7, ["c_1"], {}, "x" * 101, " "])
async def test_a_conversation_is_named_by_a_text(house: House, conversation: object) -> None:
    sam = await house.console("Sam")
    for command in [*COMMANDS, "unwatch"]:
        code = await sam.refused(command, conversation=conversation)
        assert code in ("bad_request", "too_large")


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("say", {"text": ""}),
        ("say", {"text": None}),
        ("say", {"id": "1"}),
        ("say", {"takeover": "yes"}),
        ("note", {"text": " "}),
        ("note", {"id": None}),
        ("return_to_assistant", {"brief": 7}),
        ("close", {"resolution": ["done"]}),
        ("watch", {"after": -1}),
        ("typing", {"on": 1}),
        ("seen", {"seq": "1"}),
        ("presence", {"status": "asleep"}),
        ("presence", {"status": None}),
        ("presence", {"status": ["online"]}),
    ],
)
async def test_a_command_that_is_not_whole_is_a_bad_request(
    house: House, assisted: Opened, command: str, fields: Json
) -> None:
    _, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    whole = {"conversation": conversation, "id": new_id(), "text": "hello"}
    assert await sam.refused(command, **whole | fields) == "bad_request"


async def test_a_text_of_staff_has_8000_characters_at_most(house: House, assisted: Opened) -> None:
    customer, conversation = assisted
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    await sam.say(conversation, "é" * 8_000)
    said = await customer.event("staff_said")
    assert len(said["data"]["text"]) == 8_000
    long = {"conversation": conversation, "id": new_id(), "text": "é" * 8_001}
    assert await sam.refused("say", **long) == "too_large"
    assert await sam.refused("note", **long) == "too_large"


# Races


async def test_of_many_who_act_at_once_each_is_answered_and_the_log_is_whole(
    house: House, waiting: Opened
) -> None:
    customer, conversation = waiting
    consoles = [await house.console(name) for name in ("Sam", "Kim", "Dana", "Max")]

    def acts(console: Console) -> list[Callable[[], Awaitable[Json]]]:
        return [
            lambda: console.ask("accept", conversation=conversation),
            lambda: console.ask("takeover", conversation=conversation),
            lambda: console.ask(
                "say", conversation=conversation, id=new_id(), text="mine", takeover=True
            ),
            lambda: console.ask("note", conversation=conversation, id=new_id(), text="busy"),
        ]

    asked = [act() for console in consoles for act in acts(console)]
    acks = await asyncio.gather(customer.say("hello?"), *asked)
    for ack in acks:
        assert ack["ok"] or ack["error"]["code"] in ("conflict", "forbidden")
    events = await house.log.read(conversation)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert await house.log.head(conversation) == await house.log.rebuild(conversation)
