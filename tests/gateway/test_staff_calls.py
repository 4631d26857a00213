"""Tools that people call: only who has the conversation, judged like the assistant's, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conversation.store import Store
from handoff.settings import IdentifiesSettings, ToolSettings
from tests.agent.shop import shop
from tests.conftest import Clock
from tests.doubles.model import model_double, say
from tests.doubles.tools import Ok, ToolsDouble, tools_double
from tests.doubles.tools import Wait as Slow
from tests.gateway.house import House, configured, token
from tests.gateway.people import Console, Customer, Json, new_id
from tests.gateway.refunds import decision
from tests.redis_server import RedisServer

ORDER = b'{"order_id": "W1", "paid": 80.00, "closed": false}'
LOOK = {"tool": "get_order", "arguments": {"order_id": "W1"}}
LOOK_BEHIND = {"tool": "get_shipment", "arguments": {"order_id": "W1"}}
REFUND_20 = {"tool": "issue_refund", "arguments": {"order_id": "W1", "amount": 20}}
REFUND_60 = {"tool": "issue_refund", "arguments": {"order_id": "W1", "amount": 60}}
REFUND_600 = {"tool": "issue_refund", "arguments": {"order_id": "W1", "amount": 600}}


class Shop:
    """A gateway and a worker with tools, a customer, and Sam who has their conversation."""

    def __init__(self, house: House, tools: ToolsDouble) -> None:
        self.house = house
        self.tools = tools
        self.customer: Customer
        self.sam: Console
        self.conversation = ""

    async def open(self, *roles: str) -> None:
        await self.house.open(*roles)
        self.customer = await self.house.customer(token=token())
        self.conversation = (await self.customer.say())["conversation"]
        self.sam = await self.house.console("Sam")
        await self.take(self.sam)

    async def take(self, console: Console) -> None:
        await console.do("takeover", conversation=self.conversation)
        await console.watch(self.conversation)

    async def call(self, call: Json, console: Console | None = None, **more: Any) -> Json:
        named = {"conversation": self.conversation, "id": new_id()}
        return await (console or self.sam).ask("call", named | call | more)

    async def types(self) -> list[str]:
        return [event.type for event in await self.house.log.read(self.conversation)]


def _tools(double: ToolsDouble) -> dict[str, ToolSettings]:
    """The shop's tools, one of which the model is not offered, and one that proves who asks."""
    tools = shop(double)
    return tools | {
        "get_order": replace(
            tools["get_order"], identifies=IdentifiesSettings(customer="result.customer")
        ),
        "get_shipment": replace(tools["get_shipment"], offer=False),
    }


@pytest.fixture
async def closed(
    redis_server: RedisServer, store: Store, clock: Clock, tmp_path: Path
) -> AsyncIterator[Shop]:
    """A shop that is about to open."""
    async with model_double(lambda _b, _h: say("Hello.")) as model, tools_double() as tools:
        tools.answers("get_order", Ok(ORDER))
        config = configured(tmp_path / "data", model_url=model.base_url)
        house = House(replace(config, tools=_tools(tools)), redis_server.url, clock)
        yield Shop(house, tools)
        await house.close()


@pytest.fixture
async def at_work(closed: Shop) -> Shop:
    await closed.open("gateway", "agent")
    return closed


@pytest.fixture
async def alone(closed: Shop) -> Shop:
    """Without a worker."""
    await closed.open("gateway")
    return closed


@pytest.mark.parametrize("look", [LOOK, LOOK_BEHIND])
async def test_the_owner_looks_something_up(at_work: Shop, look: Json) -> None:
    at_work.tools.answers(look["tool"], Ok(b'{"paid": 80.50}'))
    ack = await at_work.call(look)
    assert (ack["ok"], ack["verdict"], ack["because"]) == (True, "allow", None)
    called = await at_work.sam.event("staff_called", call=ack["call"])
    assert called["seq"] == ack["seq"]
    assert called["by"] == {"role": "staff", "name": "Sam", "id": called["by"]["id"]}
    ended = await at_work.sam.event("tool_finished", call=ack["call"])
    assert ended["data"]["outcome"] == "succeeded"
    assert ended["data"]["result"] == {"paid": 80.5}
    assert [one.key for one in at_work.tools.calls(look["tool"])] == [None]


async def test_what_a_person_looks_up_identifies_nobody(at_work: Shop) -> None:
    """To compare a neighbour's order must not make the visitor that neighbour."""
    at_work.tools.answers("get_order", Ok(b'{"order_id": "W1", "customer": "u_kim"}'))
    visitor = await at_work.house.customer()
    at_work.conversation = (await visitor.say())["conversation"]
    await at_work.take(at_work.sam)
    ack = await at_work.call(LOOK)
    ended = await at_work.sam.event("tool_finished", call=ack["call"])

    assert ended["data"]["result"]["customer"] == "u_kim"
    assert "customer_identified" not in await at_work.types()


async def test_an_allowed_write_runs_once_with_its_id_as_the_key(at_work: Shop) -> None:
    ack = await at_work.call(REFUND_20)
    ended = await at_work.sam.event("tool_finished", call=ack["call"])
    assert ended["data"]["outcome"] == "succeeded"
    assert [effect.key for effect in at_work.tools.ledger] == [ack["call"]]
    started = await at_work.sam.event("tool_started", call=ack["call"])
    assert started["data"]["key"] == ack["call"]


@pytest.mark.parametrize(
    ("call", "verdict", "because"),
    [
        (REFUND_600, "deny", "over $500"),
        ({"tool": "issue_refund", "arguments": {"order_id": "W1"}}, "invalid", "required"),
        ({"tool": "send_money", "arguments": {}}, "invalid", "there is no tool of this name"),
    ],
)
async def test_what_the_rules_refuse_is_recorded_and_does_not_run(
    at_work: Shop, call: Json, verdict: str, because: str
) -> None:
    ack = await at_work.call(call)
    assert (ack["ok"], ack["verdict"]) == (True, verdict)
    assert because in ack["because"]
    called = await at_work.sam.event("staff_called", call=ack["call"])
    assert called["data"]["verdict"] == verdict
    assert (await at_work.house.log.head(at_work.conversation)).calling == {}
    assert at_work.tools.calls() == []


async def test_what_must_wait_is_decided_by_somebody_else(at_work: Shop) -> None:
    dana, max_ = await at_work.house.console("Dana"), await at_work.house.console("Max")
    await at_work.take(dana)
    ack = await at_work.call(REFUND_60, dana)
    assert ack["verdict"] == "hold"
    (summary,) = await max_.until(lambda: max_.of("hold"))
    assert (summary["hold"], summary["by"]["name"]) == (ack["hold"], "Dana")
    assert await dana.refused("decide", **decision(summary, "approve")) == "forbidden"
    assert at_work.tools.calls() == []

    await max_.do("decide", **decision(summary, "approve"))
    told = await at_work.customer.event("system_said", code="hold")
    assert told["data"]["text"].startswith("Done: Refund of $60.00")
    assert [effect.key for effect in at_work.tools.ledger] == [ack["call"]]


async def test_the_same_intent_meets_the_hold_of_the_assistant(alone: Shop) -> None:
    first = await alone.call(REFUND_60)
    again = await alone.call(REFUND_60)
    assert (again["verdict"], again["hold"]) == ("hold", first["hold"])
    assert again["call"] != first["call"]


async def test_only_who_has_the_conversation_calls(alone: Shop) -> None:
    kim, max_ = await alone.house.console("Kim"), await alone.house.console("Max")
    for other in (kim, max_):
        named = {"conversation": alone.conversation, "id": new_id()}
        assert await other.refused("call", **named, **LOOK) == "conflict"
    await alone.sam.do("return_to_assistant", conversation=alone.conversation, brief="done")
    named = {"conversation": alone.conversation, "id": new_id()}
    assert await alone.sam.refused("call", **named, **LOOK) == "conflict"
    assert (
        await alone.sam.refused("call", **named | {"conversation": "c_no"}, **LOOK) == "not_found"
    )
    assert "staff_called" not in await alone.types()
    assert alone.tools.asked == []


async def test_customers_have_no_such_command(alone: Shop) -> None:
    named = {"conversation": alone.conversation, "id": new_id()}
    assert await alone.customer.refused("call", **named, **LOOK) == "bad_request"


async def test_the_same_id_is_one_call(at_work: Shop) -> None:
    id_ = new_id()
    first = await at_work.call(REFUND_20, id=id_)
    await at_work.sam.event("tool_finished", call=first["call"])
    await at_work.sam.do("return_to_assistant", conversation=at_work.conversation, brief="done")
    assert await at_work.call(REFUND_20, id=id_) == first
    other = await at_work.call(REFUND_60, id=id_)
    assert other["error"]["code"] == "conflict"
    assert (await at_work.types()).count("staff_called") == 1
    assert len(at_work.tools.ledger) == 1


async def test_the_same_id_at_once_is_one_call(at_work: Shop) -> None:
    id_, tabs = new_id(), [await at_work.house.console("Sam") for _ in range(4)]
    acks = await asyncio.gather(*(at_work.call(REFUND_20, tab, id=id_) for tab in tabs))
    assert all(ack == acks[0] and ack["ok"] for ack in acks)
    await at_work.sam.event("tool_finished", call=acks[0]["call"])
    assert (await at_work.types()).count("staff_called") == 1
    assert len(at_work.tools.ledger) == 1


async def test_what_changes_while_a_call_is_judged_is_judged_again(alone: Shop) -> None:
    slow = Slow(Ok(ORDER))
    alone.tools.answers("get_order", slow, Ok(ORDER))
    other = await alone.house.console("Sam")
    first = asyncio.create_task(alone.call(REFUND_60, other))
    await alone.tools.arrived(1, purpose="evidence")
    second = await alone.call(REFUND_60)
    slow.until.set()
    assert (await first)["hold"] == second["hold"]
    assert (await alone.types()).count("held") == 1


async def test_who_loses_the_conversation_while_their_call_is_judged_calls_nothing(
    alone: Shop,
) -> None:
    slow = Slow(Ok(ORDER))
    alone.tools.answers("get_order", slow)
    call = asyncio.create_task(alone.call(REFUND_20))
    await alone.tools.arrived(1, purpose="evidence")
    await alone.take(await alone.house.console("Dana"))
    slow.until.set()
    assert (await call)["error"]["code"] == "conflict"
    assert "staff_called" not in await alone.types()


@pytest.mark.parametrize(
    "wrong",
    [
        {"arguments": None}, {"arguments": "x"}, {"arguments": [1]}, {"tool": ""}, {"tool": 3},
        {"id": "1"}, {"id": None}, {"conversation": 7},
    ],
)  # fmt: skip
async def test_a_malformed_call_is_refused(alone: Shop, wrong: Json) -> None:
    ack = await alone.call(LOOK, **wrong)
    assert ack["error"]["code"] == "bad_request"


async def test_the_customer_sees_nothing_of_it_but_what_waits(at_work: Shop) -> None:
    look = await at_work.call(LOOK)
    await at_work.sam.event("tool_finished", call=look["call"])
    await at_work.call(REFUND_600)
    await at_work.sam.say(at_work.conversation, "One moment")
    await at_work.customer.event("staff_said")
    assert "get_order" not in at_work.customer.everything
    assert "issue_refund" not in at_work.customer.everything
    assert look["call"] not in at_work.customer.everything


async def test_what_has_not_begun_ends_with_its_persons_time(alone: Shop) -> None:
    ack = await alone.call(REFUND_20)
    dana = await alone.house.console("Dana")
    await alone.take(dana)
    *_, finished, changed, _ = await alone.house.log.read(alone.conversation)
    assert (finished.type, changed.type) == ("tool_finished", "owner_changed")
    assert (finished.data.call, finished.data.outcome) == (ack["call"], "not_started")  # type: ignore[attr-defined]
    assert (await alone.house.log.head(alone.conversation)).calling == {}


async def test_what_has_begun_is_recorded_whoever_has_it_then(at_work: Shop) -> None:
    slow = Slow()
    at_work.tools.answers("issue_refund", slow)
    ack = await at_work.call(REFUND_20)
    await at_work.tools.arrived(1, "issue_refund")
    dana = await at_work.house.console("Dana")
    await at_work.take(dana)
    slow.until.set()
    ended = await dana.event("tool_finished", call=ack["call"])
    assert ended["data"]["outcome"] == "succeeded"


async def test_a_conversation_with_a_call_under_way_is_not_closed(at_work: Shop) -> None:
    slow = Slow()
    at_work.tools.answers("get_shipment", slow)
    ack = await at_work.call(LOOK_BEHIND)
    await at_work.tools.arrived(1, "get_shipment")
    closing = {"conversation": at_work.conversation, "resolution": "done"}
    assert await at_work.sam.refused("close", **closing) == "conflict"
    assert await at_work.customer.refused("leave") == "conflict"
    slow.until.set()
    await at_work.sam.event("tool_finished", call=ack["call"])
    await at_work.sam.do("close", **closing)


async def test_consoles_are_told_every_tool(alone: Shop) -> None:
    tools = {tool["name"]: tool for tool in alone.sam.state["tools"]}
    assert list(tools) == list(_tools(alone.tools))
    refund = tools["issue_refund"]
    assert (refund["title"], refund["effect"]) == ("Refund", "write")
    assert refund["arguments"]["required"] == ["order_id", "amount"]
    assert (tools["get_shipment"]["title"], tools["get_shipment"]["effect"]) == (
        "Get shipment",
        "read",
    )
