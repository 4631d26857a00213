"""Every command of every role on own, foreign and made-up conversations: who is answered what.

A cell is the code of the answer. Whatever it is, nobody is shown what is not theirs, and nothing
is written where the answer is not "ok". A command without a row fails the first test.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gateway import accounts
from gateway.customer import CustomerConnection
from gateway.staff import StaffConnection
from tests.conversation.acts import PRIVATE
from tests.gateway.house import House, token
from tests.gateway.people import Console, Customer, Json, new_id
from tests.gateway.refunds import hold_refund

OK, BAD, UNKNOWN = "ok", "bad_request", "unauthorized"
NO, GONE, LATE = "forbidden", "not_found", "conflict"
MADE_UP = "c_" + "0" * 24
SECRET = "the secret words of somebody else"

Fields = Callable[["Place"], Json]


@dataclass(frozen=True)
class Place:
    """A conversation a command is about, and a call that waits in it."""

    conversation: str
    hold: str
    digest: str = PRIVATE


NOWHERE = Place(MADE_UP, "h_" + "0" * 24 + "_1_1")


def here(place: Place) -> Json:
    """The fields that name a conversation."""
    return {"conversation": place.conversation}


def said(place: Place) -> Json:
    """The fields of words."""
    return here(place) | {"id": new_id(), "text": "words"}


def held(place: Place) -> Json:
    """The fields of a decision."""
    return {"hold": place.hold, "revision": 1, "digest": place.digest}


def answered(place: Place) -> Json:
    """The fields of an answer to what was asked about a hold."""
    return {"id": new_id(), "hold": place.hold, "text": "words"}


STAFF: dict[str, tuple[Fields, dict[str, tuple[str, str, str]]]] = {
    # command: its fields, and per role the answers for one's own, a colleague's and no conversation
    "presence": (lambda _: {"status": "away"}, dict.fromkeys(("agent", "lead"), (OK, OK, OK))),
    "sync": (lambda _: {}, dict.fromkeys(("agent", "lead"), (OK, OK, OK))),
    "watch": (here, dict.fromkeys(("agent", "lead"), (OK, OK, GONE))),
    "unwatch": (here, dict.fromkeys(("agent", "lead"), (OK, OK, OK))),
    "typing": (lambda p: here(p) | {"on": True}, dict.fromkeys(("agent", "lead"), (OK, OK, OK))),
    "seen": (lambda p: here(p) | {"seq": 1}, dict.fromkeys(("agent", "lead"), (OK, OK, OK))),
    "accept": (here, dict.fromkeys(("agent", "lead"), (OK, LATE, GONE))),
    "takeover": (here, {"agent": (OK, NO, GONE), "lead": (OK, OK, GONE)}),
    "say": (said, dict.fromkeys(("agent", "lead"), (OK, LATE, GONE))),
    "note": (said, dict.fromkeys(("agent", "lead"), (OK, OK, GONE))),
    "call": (
        lambda p: here(p) | {"id": new_id(), "tool": "no_such_tool", "arguments": {}},
        dict.fromkeys(("agent", "lead"), (OK, LATE, GONE)),
    ),
    "return_to_assistant": (here, dict.fromkeys(("agent", "lead"), (OK, LATE, GONE))),
    "close": (here, {"agent": (OK, NO, GONE), "lead": (OK, OK, GONE)}),
    "decide": (
        lambda p: held(p) | {"decision": "reject", "reason": "no"},
        {"agent": (NO, NO, GONE), "lead": (OK, OK, GONE)},
    ),
    "answer": (answered, dict.fromkeys(("agent", "lead"), (LATE, LATE, GONE))),
    "settle": (
        lambda p: {"hold": p.hold, "outcome": "succeeded", "reference": "r"},
        {"agent": (NO, NO, NO), "lead": (LATE, LATE, GONE)},
    ),
    "limit": (
        lambda p: here(p) | {"level": "limited"},
        {"agent": (NO, NO, NO), "lead": (OK, OK, GONE)},
    ),
}
"""`lead` are supervisors and admins."""
CUSTOMER: dict[str, tuple[Fields, tuple[str, str, str]]] = {
    # command: its fields, and the answers when they name one's own, another's and no conversation
    "say": (said, (OK, OK, OK)),
    "ask_human": (lambda p: here(p) | {"id": new_id()}, (OK, OK, OK)),
    "answer": (answered, (LATE, GONE, GONE)),
    "withdraw": (lambda p: {"hold": p.hold}, (OK, GONE, GONE)),
    "leave": (here, (OK, OK, OK)),
    "sync": (lambda p: here(p) | {"after": 0}, (OK, OK, OK)),
    "typing": (lambda p: here(p) | {"on": True}, (OK, OK, OK)),
    "seen": (lambda p: here(p) | {"seq": 1}, (OK, OK, OK)),
}
"""A customer's command is about their own conversation, whichever it names."""


def test_every_command_has_a_row() -> None:
    assert set(STAFF) == StaffConnection.commands
    assert set(CUSTOMER) == CustomerConnection.commands


async def code_of(asked: Awaitable[Json]) -> str:
    """What a command was answered, in one word."""
    answer = await asked
    return OK if answer["ok"] else str(answer["error"]["code"])


async def conversation_of(
    house: House, owner: Console | None, **auth: Any
) -> tuple[Customer, Place]:
    """A customer, whose conversation somebody has, and in which a call waits."""
    customer = await house.customer(**auth)
    conversation = (await customer.say(SECRET))["conversation"]
    if owner is not None:
        await owner.do("takeover", conversation=conversation)
    return customer, Place(conversation, await hold_refund(house, conversation))


async def events(house: House, place: Place) -> int:
    """How many events a conversation has."""
    return (await house.log.head(place.conversation)).seq


@pytest.mark.parametrize("command", sorted(STAFF))
@pytest.mark.parametrize("name", ["Sam", "Dana", "Max"])
async def test_staff_may_what_their_role_may(house: House, name: str, command: str) -> None:
    me, colleague = await house.console(name), await house.console("Kim")
    fields, roles = STAFF[command]
    expected = roles["agent" if name == "Sam" else "lead"]
    _, own = await conversation_of(house, me)
    _, foreign = await conversation_of(house, colleague)
    for place, code in zip((own, foreign, NOWHERE), expected, strict=True):
        before = await events(house, place)
        assert await code_of(me.ask(command, fields(place))) == code, place
        if code != OK:
            assert await events(house, place) == before
    assert await house.store.reads.keys(f"*{MADE_UP}*") == []


@pytest.mark.parametrize("ended", ["disabled", "signed out"])
async def test_whose_sign_in_has_ended_may_nothing(house: House, ended: str) -> None:
    await house.console("Kim")
    token = await house.sign_in("Dana")
    consoles = {command: Console(house.url) for command in STAFF}
    for console in consoles.values():
        await console.connect({"token": token})
    _, own = await conversation_of(house, consoles["takeover"])
    _, foreign = await conversation_of(house, None)
    before = [await events(house, place) for place in (own, foreign)]
    if ended == "disabled":
        await accounts.disable(house.store.writes, "dana@shop.example")
    else:
        header = {"Authorization": f"Bearer {token}"}
        await house.http.delete(f"{house.url}/api/v1/session", headers=header)
    for n, (command, console) in enumerate(consoles.items()):
        place = (own, foreign, NOWHERE)[n % 3]
        if not console.gone:
            assert await code_of(console.ask(command, STAFF[command][0](place))) == UNKNOWN
        await console.until(lambda: console.gone)  # noqa: B023 - waited for at once
    assert [await events(house, place) for place in (own, foreign)] == before
    wire = await house.wire()
    await wire.send(f'40/staff,{{"token":"{token}"}}')
    assert (await wire.refusal("/staff"))["message"] == UNKNOWN


@pytest.mark.parametrize("command", sorted(CUSTOMER))
@pytest.mark.parametrize("role", ["visitor", "identified"])
async def test_customers_reach_their_own_conversation_only(
    house: House, role: str, command: str
) -> None:
    auth = {"token": token()} if role == "identified" else {}
    fields, expected = CUSTOMER[command]
    other, foreign = await conversation_of(house, None, token=token("u_kai"))
    for n, code in enumerate(expected):
        mine = auth and {"token": token(f"u_robin_{n}")}
        me, own = await conversation_of(house, None, **mine)
        place = (own, foreign, NOWHERE)[n]
        before, theirs = await events(house, own), await events(house, foreign)
        assert await code_of(me.ask(command, fields(place))) == code
        assert await events(house, foreign) == theirs
        if code != OK:
            assert await events(house, own) == before
        assert foreign.conversation not in me.everything
        assert foreign.hold not in me.everything
        assert PRIVATE not in me.everything
    await other.say("still mine")
    assert await house.store.reads.keys(f"*{MADE_UP}*") == []


@pytest.mark.parametrize("command", sorted(CUSTOMER))
async def test_who_has_no_conversation_yet_reaches_none(house: House, command: str) -> None:
    _, foreign = await conversation_of(house, None)
    me = await house.customer()
    before = await events(house, foreign)
    code = await code_of(me.ask(command, CUSTOMER[command][0](foreign)))
    assert code in (OK, GONE)
    assert await events(house, foreign) == before
    assert SECRET not in me.everything
    assert foreign.conversation not in me.everything


@pytest.mark.parametrize("role", ["visitor", "identified"])
async def test_customers_have_none_of_the_commands_of_staff(house: House, role: str) -> None:
    auth = {"token": token()} if role == "identified" else {}
    _, foreign = await conversation_of(house, None)
    me, own = await conversation_of(house, None, **auth)
    before = [await events(house, place) for place in (own, foreign)]
    for command in sorted(set(STAFF) - set(CUSTOMER)):
        for place in (own, foreign, NOWHERE):
            assert await code_of(me.ask(command, STAFF[command][0](place))) == BAD
    assert [await events(house, place) for place in (own, foreign)] == before


async def test_staff_have_none_of_the_commands_of_customers(house: House) -> None:
    dana = await house.console("Dana")
    _, own = await conversation_of(house, dana)
    before = await events(house, own)
    for command in sorted(set(CUSTOMER) - set(STAFF)):
        for place in (own, NOWHERE):
            assert await code_of(dana.ask(command, CUSTOMER[command][0](place))) == BAD
    assert await events(house, own) == before


async def test_nobody_enters_by_the_door_of_others(house: House) -> None:
    mine, theirs = token(), await house.sign_in("Dana")
    for namespace, auth in (
        ("/staff", {}),
        ("/staff", {"token": mine}),
        ("/customer", {"token": theirs}),
    ):
        wire = await house.wire()
        await wire.send(f"40{namespace},{json.dumps(auth)}")
        assert (await wire.refusal(namespace))["message"] == UNKNOWN


async def test_nobody_comes_back_to_anothers_conversation(house: House) -> None:
    other, foreign = await conversation_of(house, None, token=token("u_kai"))
    visitor, anonymous = await conversation_of(house, None)
    resume = other.state["resume"] or other.acks[0]["resume"]
    own_resume = visitor.acks[0]["resume"]
    forged = [
        own_resume.replace(anonymous.conversation, foreign.conversation),
        foreign.conversation,
        f"{foreign.conversation}.",
        f"{foreign.conversation}.{'0' * 40}",
        resume[:-1] + ("0" if resume[-1] != "0" else "1"),
        resume.upper(),
        f"{resume}0",
        f"{MADE_UP}.{resume.partition('.')[2]}",
    ]
    for auth in (*({"resume": one} for one in forged), {"resume": resume, "token": token()}):
        wire = await house.wire()
        await wire.send(f"40/customer,{json.dumps(auth)}")
        assert (await wire.refusal("/customer"))["message"] == NO
