"""Redis is killed again and again under load, in one `serve` with its embedded Redis."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from socketio.exceptions import SocketIOError

from conversation import events as ev
from conversation.feed import Delivery, Feed, Snapshot
from conversation.feed import Said as LogSaid
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from handrail.redis_folder import socket_path
from tests.agent.scene import calls
from tests.agent.test_turn_calls import ORDER_1, TO_ROME
from tests.doubles.model import Action, Finish, Text, model_double
from tests.doubles.tools import Effect, tools_double
from tests.faults.processes import Process, configure, redis_pid
from tests.gateway.house import token
from tests.gateway.people import Customer, new_id

CUSTOMERS = 8
BEGUN_AFTER = 10
"""Acknowledgements after which Redis is killed for the first time."""
KILLS = 5
"""The last of them keep it away for longer than a commit is repeated."""
PATIENCE_S = 60.0


@dataclass
class Said:
    """One message: its text, and the acknowledgements it got until one was positive."""

    id: str
    text: str
    refusals: list[str] = field(default_factory=list)
    seq: int = 0


@dataclass
class Story:
    """What each customer was told, and what the logs say."""

    said: dict[str, list[Said]]
    logs: dict[str, list[ev.Event]]
    heads: list[tuple[State, State]]
    ledger: list[Effect]
    lines: list[str]


class Load:
    """Customers who write one message after the other, each until it is acknowledged."""

    def __init__(self, house: Process, redis_url: str) -> None:
        self._house = house
        self._redis_url = redis_url
        self._acknowledged = 0
        self._begun = asyncio.Event()
        self._over = False
        self.said: dict[str, list[Said]] = {}

    async def run(self) -> None:
        """Let all of them write until Redis has been killed for the last time and is back."""
        await asyncio.gather(self._kill(), *(self._customer(n) for n in range(CUSTOMERS)))

    async def _kill(self) -> None:
        await self._begun.wait()
        for times in range(1, KILLS + 1):
            await self._house.line("event=redis_started", count=times)
            os.kill(await redis_pid(self._redis_url), signal.SIGKILL)
        await self._house.line("event=redis_started", count=KILLS + 1)
        self._over = True

    async def _customer(self, n: int) -> None:
        customer = Customer(self._house.url)
        await customer.connect({"token": token(f"u_{n}")})
        said: list[Said] = []
        conversation = ""
        while not self._over or not conversation:
            said.append(Said(new_id(), f"message {len(said)} of customer {n}"))
            conversation = await self._say(customer, said[-1])
        self.said[conversation] = said
        await customer.leave()

    async def _say(self, customer: Customer, message: Said) -> str:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    ack = await customer.ask("say", id=message.id, text=message.text)
                except SocketIOError as error:  # an answer that never came is one, too
                    message.refusals.append(type(error).__name__)
                    continue
                if ack["ok"]:
                    message.seq = ack["seq"]
                    self._acknowledged += 1
                    if self._acknowledged >= BEGUN_AFTER:
                        self._begun.set()
                    return str(ack["conversation"])
                message.refusals.append(ack["error"]["code"])


def answer(body: dict[str, Any], _headers: Mapping[str, str]) -> list[Action]:
    last = body["messages"][-1]
    if last["role"] == "user" and last["content"].startswith("message 2"):
        return calls(ORDER_1, TO_ROME)
    return [*(Text(f"{n} ") for n in range(20)), Finish()]


async def settled(feed: Feed, conversation: str) -> None:
    """Wait until nobody works on a conversation any more."""
    at_rest = asyncio.Event()

    async def look(delivery: Delivery) -> None:
        if isinstance(delivery, (Snapshot, LogSaid)) and delivery.state.turn is None:
            at_rest.set()

    watch = await feed.watch(conversation, 0, look)
    await asyncio.wait_for(at_rest.wait(), PATIENCE_S)
    await feed.unwatch(watch)


async def play(folder: Path) -> Story:
    async with tools_double() as tools, model_double(answer) as model:
        tools.keyed = {"change_address"}
        config = configure(folder, model_url=model.base_url, tools=tools, redis_url=None)
        house = await Process.start(config, "gateway", "agent", "desk")
        redis_url = f"unix://{socket_path(folder / 'data')}"
        store = Store(redis_url)
        log = Log(store)
        try:
            load = Load(house, redis_url)
            await load.run()
            async with Feed(log) as feed:
                await asyncio.gather(*(settled(feed, name) for name in load.said))
            return Story(
                said=load.said,
                logs={name: await log.read(name) for name in load.said},
                heads=[(await log.head(name), await log.rebuild(name)) for name in load.said],
                ledger=tools.ledger,
                lines=house.lines,
            )
        finally:
            await store.close()
            await house.end()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return asyncio.run(play(tmp_path_factory.mktemp("house")))


def test_redis_was_killed_and_came_back_by_itself(story: Story) -> None:
    assert sum("event=redis_died" in line for line in story.lines) == KILLS
    assert sum("event=redis_started" in line for line in story.lines) == 1 + KILLS


def test_a_message_is_acknowledged_or_refused_as_unavailable(story: Story) -> None:
    refusals = [code for said in story.said.values() for one in said for code in one.refusals]

    assert set(refusals) == {"unavailable"}


def test_nothing_acknowledged_is_lost_or_kept_twice(story: Story) -> None:
    for conversation, said in story.said.items():
        kept = {
            event.seq: (event.data.id, event.data.text)
            for event in story.logs[conversation]
            if isinstance(event.data, ev.CustomerSaid)
        }
        assert kept == {one.seq: (one.id, one.text) for one in said}


def test_everybody_is_answered_in_the_end(story: Story) -> None:
    for events in story.logs.values():
        last = max(event.seq for event in events if event.type == "customer_said")
        assert any(event.type == "assistant_said" and event.seq > last for event in events)
        assert not any(event.type == "handover_requested" for event in events)


def test_every_head_is_the_fold_of_its_log(story: Story) -> None:
    assert len(story.heads) == CUSTOMERS
    for head, folded in story.heads:
        assert head == folded


def test_every_write_had_one_effect(story: Story) -> None:
    calls_made = [
        call.call
        for events in story.logs.values()
        for event in events
        if isinstance(event.data, ev.AssistantCalled)
        for call in event.data.calls
        if call.tool == "change_address"
    ]
    assert sorted(effect.key or "" for effect in story.ledger) == sorted(calls_made)


def test_no_fault_of_ours_is_in_the_log(story: Story) -> None:
    assert [line for line in story.lines if "Traceback" in line] == []
