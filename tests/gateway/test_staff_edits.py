"""Staff give what is held other arguments: judged again, and approved by whom it should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import Raw
from msgspec.structs import replace

from conversation import events as ev
from conversation.ids import call_id, hold_id
from conversation.store import Store
from tests.agent.shop import shop
from tests.conftest import Clock
from tests.conversation.acts import ADA
from tests.doubles.model import model_double, say
from tests.doubles.tools import Ok, Status, ToolsDouble, Wait, tools_double
from tests.gateway.house import House, configured
from tests.gateway.people import Console, Customer, Json
from tests.gateway.refunds import decision
from tests.handoff.holding import refund
from tests.redis_server import RedisServer

ORDER = b'{"paid": 180, "closed": false}'


class Desk:
    """A gateway with tools, and a refund of $60 that waits for a decision."""

    def __init__(self, house: House, tools: ToolsDouble) -> None:
        self.house = house
        self.tools = tools
        self.customer: Customer
        self.summary: Json
        self.conversation = ""

    async def open(self, *roles: str) -> None:
        await self.house.open(*roles)
        self.customer = await self.house.customer()
        self.conversation = (await self.customer.say())["conversation"]
        call = call_id(self.conversation, 1, 1)
        evidence = Raw(b'{"order": ' + ORDER + b"}")
        waiting = refund(hold=hold_id(call), call=call, evidence=evidence)
        await self.house.log.commit(self.conversation, lambda _s, _r: [ev.New(ADA, waiting)])
        kim = await self.house.console("Kim")
        (self.summary,) = await kim.until(lambda: kim.state["holds"] or kim.of("hold"))

    async def console(self, name: str) -> Console:
        return await self.house.console(name)

    def edit(self, amount: float, **other: object) -> Json:
        """What an editor sends who has seen the hold as it is now."""
        arguments = {"order_id": "W1", "amount": amount, **other}
        return decision(self.summary, "edit", arguments=arguments)

    async def status(self) -> str:
        state = await self.house.log.head(self.conversation)
        return state.holds[self.summary["hold"]].status


@pytest.fixture
async def closed(
    redis_server: RedisServer, store: Store, clock: Clock, tmp_path: Path
) -> AsyncIterator[Desk]:
    """Before anything is open."""
    async with model_double(lambda _b, _h: say("Hello.")) as model, tools_double() as tools:
        tools.answers("get_order", Ok(ORDER))
        config = configured(tmp_path / "data", model_url=model.base_url)
        house = House(replace(config, tools=shop(tools)), redis_server.url, clock)
        yield Desk(house, tools)
        await house.close()


@pytest.fixture
async def desk(closed: Desk) -> Desk:
    await closed.open()
    return closed


async def test_what_was_edited_is_what_runs(closed: Desk) -> None:
    desk = closed
    await desk.open("gateway", "agent")
    dana = await desk.console("Dana")
    assert (await dana.do("decide", **desk.edit(59.5)))["status"] == "approved"
    await desk.customer.event("hold_changed", status="succeeded")
    (effect,) = desk.tools.ledger
    assert effect.arguments == {"order_id": "W1", "amount": 59.5}
    assert effect.key == desk.summary["call"]


async def test_an_edit_is_judged_and_waits_for_somebody_else(desk: Desk) -> None:
    dana, max_ = await desk.console("Dana"), await desk.console("Max")
    ack = await dana.do("decide", **desk.edit(70))
    assert (ack["status"], ack["revision"]) == ("held", 2)
    assert ack["digest"] != desk.summary["digest"]
    changed = await desk.customer.event("hold_changed")
    assert changed["seq"] == ack["seq"]
    assert changed["data"]["money"] == {"minor": 7000, "currency": "USD"}
    assert changed["data"]["title"] == "Refund of $70.00"
    assert len(desk.tools.calls("get_order", purpose="evidence")) == 1
    seen = desk.summary | {"revision": ack["revision"], "digest": ack["digest"]}
    assert await dana.refused("decide", **decision(seen, "approve")) == "forbidden"
    assert (await max_.do("decide", **decision(seen, "approve")))["status"] == "approved"


async def test_who_lowers_the_amount_approves_it(desk: Desk) -> None:
    dana = await desk.console("Dana")
    ack = await dana.do("decide", **desk.edit(59.5))
    assert (ack["status"], ack["revision"]) == ("approved", 2)
    changed = await desk.customer.event("hold_changed", status="approved")
    assert changed["data"]["money"] == {"minor": 5950, "currency": "USD"}
    jobs = await desk.house.store.reads.xrange("{s0}:jobs")
    refs = [fields[b"ref"].decode() for _, fields in jobs if fields[b"kind"] == b"execute"]
    assert refs == [desk.summary["hold"]]


async def test_lower_on_other_facts_waits_for_somebody_else(desk: Desk) -> None:
    desk.tools.answers("get_order", Ok(b'{"paid": 60, "closed": false}'))
    dana = await desk.console("Dana")
    assert (await dana.do("decide", **desk.edit(59.5)))["status"] == "held"


@pytest.mark.parametrize(
    ("amount", "order", "why"),
    [
        (600, ORDER, "over $500"),
        (59, b'{"paid": 180, "closed": true}', "the order is closed"),
    ],
)
async def test_what_the_rules_deny_stays_as_it_was(
    desk: Desk, amount: float, order: bytes, why: str
) -> None:
    desk.tools.answers("get_order", Ok(order))
    dana = await desk.console("Dana")
    ack = await dana.ask("decide", desk.edit(amount))
    assert ack["error"] == {"code": "bad_request", "message": why}
    assert await desk.status() == "held"


@pytest.mark.parametrize("amount", [-1, 59.999])
async def test_an_amount_that_is_no_money_is_not_lower(desk: Desk, amount: float) -> None:
    dana = await desk.console("Dana")
    assert (await dana.do("decide", **desk.edit(amount)))["status"] == "held"
    state = await desk.house.log.head(desk.conversation)
    assert state.holds[desk.summary["hold"]].held.money is None


async def test_arguments_that_do_not_fit_are_told_why(desk: Desk) -> None:
    dana = await desk.console("Dana")
    ack = await dana.ask("decide", desk.edit(50, order_id=7))
    assert ack["error"]["code"] == "bad_request"
    assert "order_id" in ack["error"]["message"]


async def test_facts_that_cannot_be_read_leave_it_to_somebody_else(desk: Desk) -> None:
    desk.tools.answers("get_order", Status(404))
    dana = await desk.console("Dana")
    assert (await dana.do("decide", **desk.edit(50)))["status"] == "held"


async def test_an_agent_edits_no_call_and_asks_no_tool(desk: Desk) -> None:
    sam = await desk.console("Sam")
    assert await sam.refused("decide", **desk.edit(50)) == "forbidden"
    assert desk.tools.asked == []
    assert await desk.status() == "held"


async def test_who_is_decided_on_while_an_edit_is_judged_stays_decided(desk: Desk) -> None:
    slow = Wait(Ok(ORDER))
    desk.tools.answers("get_order", slow)
    dana, max_ = await desk.console("Dana"), await desk.console("Max")
    editing = asyncio.create_task(dana.ask("decide", desk.edit(70)))
    await desk.tools.arrived(1, purpose="evidence")
    await max_.do("decide", **decision(desk.summary, "reject", reason="no"))
    slow.until.set()
    assert (await editing)["error"]["code"] == "conflict"
    assert await desk.status() == "rejected"


async def test_of_two_edits_at_once_one_counts(desk: Desk) -> None:
    dana, max_ = await desk.console("Dana"), await desk.console("Max")
    acks = await asyncio.gather(
        dana.ask("decide", desk.edit(70)), max_.ask("decide", desk.edit(80))
    )
    assert sorted(ack["ok"] for ack in acks) == [False, True]
    assert [a["error"]["code"] for a in acks if not a["ok"]] == ["conflict"]


async def test_an_edit_that_changes_nothing_is_a_bad_request(desk: Desk) -> None:
    dana = await desk.console("Dana")
    first = await dana.do("decide", **desk.edit(70))
    desk.summary |= {"revision": first["revision"], "digest": first["digest"]}
    assert await dana.refused("decide", **desk.edit(70.0)) == "bad_request"
