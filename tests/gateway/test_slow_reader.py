"""A client that stops reading costs a bounded amount, is hung up, and loses nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from typing import Any

import pytest
from aiohttp import TCPConnector

from gateway import client, transport
from gateway.client import Client
from gateway.unread import Unread
from tests.gateway.house import House, token
from tests.gateway.people import new_id
from tests.gateway.wire import Wire

UNREAD_BYTES = 300_000
TEXT = "\u20ac" * 8_000
"""A message of three bytes a character on the wire, and two in memory."""


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less may wait for a client, and less time is given to who is hung up."""
    monkeypatch.setattr(transport, "UNREAD_BYTES", UNREAD_BYTES)
    monkeypatch.setattr(client, "UNREAD_BYTES", UNREAD_BYTES)
    monkeypatch.setattr(transport, "CLOSE_WITHIN_S", 0.2)


def narrow(address: tuple[Any, ...]) -> socket.socket:
    """A socket whose kernel keeps little for it."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return made


def queues() -> list[Unread]:
    """What waits for each client of this process."""
    return [thing for thing in gc.get_objects() if isinstance(thing, Unread)]


async def test_who_stops_reading_is_hung_up_and_resumes_by_seq_with_nothing_lost(
    house: House,
) -> None:
    slow = await house.wire(connector=TCPConnector(socket_factory=narrow))
    state = await slow.connect("/customer", {"token": token()})
    assert state["seq"] == 0
    talking = await house.customer(token=token())
    first = await talking.say("the first")
    seen = json.loads((await slow.frame()).removeprefix("42/customer,"))
    assert (seen[0], seen[1]["seq"]) == ("state", first["seq"])

    unread = queues()
    most, said = 0, 0
    while await house.sockets() == 2:
        await talking.say(TEXT)
        said += 1
        most = max(most, *(queue.bytes for queue in unread))
        assert said < 1_000, "it is never hung up"
    assert UNREAD_BYTES / 2 < most < UNREAD_BYTES + 2 * 20_000

    back = await house.customer(resume=first["resume"], after=first["seq"])
    last = await talking.say("the last")
    await back.event("customer_said", text="the last")
    assert back.seqs == list(range(first["seq"] + 1, last["seq"] + 1))
    texts = [e["data"]["text"] for e in back.events if e["type"] == "customer_said"]
    assert texts == [TEXT] * said + ["the last"]


async def test_a_console_that_stops_reading_is_hung_up_and_its_lists_are_whole_again(
    house: House,
) -> None:
    customer = await house.customer()
    conversation = (await customer.say("hello"))["conversation"]
    auth = {"token": await house.sign_in("Sam")}
    slow = await house.wire(connector=TCPConnector(socket_factory=narrow))
    cursor = (await slow.connect("/staff", auth))["cursor"]
    await slow.ask("/staff", "watch", {"conversation": conversation})
    for _ in range(1_000):
        await customer.say(TEXT)
        if await house.sockets() == 1:
            break
    back = await house.console("Sam", cursor=cursor)
    head = await house.log.head(conversation)
    changed = {summary["conversation"]: summary for summary in back.state["conversations"]}
    assert changed[conversation]["seq"] == head.seq
    state = await back.watch(conversation)
    assert [event["seq"] for event in state["events"]] == list(range(1, head.seq + 1))


async def test_who_does_not_read_keeps_no_others_waiting(house: House) -> None:
    slow = await house.wire(connector=TCPConnector(socket_factory=narrow))
    await slow.connect("/customer")
    for _ in range(20):
        await slow.ask("/customer", "say", {"id": new_id(), "text": TEXT})
    asking = asyncio.create_task(_ask_without_reading(slow, 400))
    bystander = await house.customer()
    for _ in range(50):
        await bystander.say()
    await house.calm(sockets=1)
    asking.cancel()
    await asyncio.wait({asking})


async def test_what_waits_for_a_state_is_bounded_too() -> None:
    hung_up: list[bool] = []

    async def write(_packet: str) -> None:
        raise AssertionError("there is no state yet")

    waiting = Client("/staff", write=write, hang_up=lambda: hung_up.append(True))
    for _ in range(20):
        await waiting.send("event", {"text": TEXT})
    assert hung_up
    assert waiting._waiting_bytes < UNREAD_BYTES + 40_000


async def _ask_without_reading(wire: Wire, times: int) -> None:
    for n in range(times):
        await wire.send(f'42/customer,{n}["sync",{{}}]')
