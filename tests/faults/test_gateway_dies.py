"""A gateway is killed in the middle of a reply; its customers and staff come back to another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conversation import events as ev
from conversation.log import Log
from conversation.public import public
from conversation.store import Store
from tests.doubles.model import Action, Finish, Text, Wait, model_double
from tests.doubles.tools import tools_double
from tests.faults.processes import Process, configure
from tests.gateway.people import Customer, Json
from tests.redis_server import RedisServer


@dataclass
class Story:
    """What one customer was sent before and after, and what stood in the log in the end."""

    before: list[Json]
    deltas: list[Json]
    state: Json
    after: list[Json]
    repeated: Json
    acknowledged: Json
    log: list[ev.Event]


async def play(folder: Path, redis: RedisServer) -> Story:
    gates = [Wait(), Wait()]
    waiting = list(gates)

    def answer(_body: dict[str, Any], _headers: Mapping[str, str]) -> list[Action]:
        gate = waiting.pop(0)
        return [Text("One moment"), gate, Text(", please."), Finish()]

    async with tools_double() as tools, model_double(answer) as model:
        config = configure(folder, model_url=model.base_url, tools=tools, redis_url=redis.url)
        gateway, worker = await asyncio.gather(
            Process.start(config, "gateway"), Process.start(config, "agent", "desk")
        )
        store = Store(redis.url)
        log = Log(store)
        try:
            customer = Customer(gateway.url)
            await customer.connect({})
            id_ = "6f1c1c58-3f0a-4b8e-9a58-0f5d7f2b7a11"
            ack = await customer.do("say", id=id_, text="Hi")
            await customer.until(lambda: customer.of("delta"))
            other = asyncio.create_task(Process.start(config, "gateway"))
            await gateway.dies()
            await customer.until(lambda: customer.gone)
            gates[0].until.set()
            second = await other
            again = Customer(second.url)
            after = max(customer.seqs)
            await again.connect({"resume": ack["resume"], "after": after})
            await again.event("assistant_said")
            repeated = await again.ask("say", id=id_, text="Hi")
            acknowledged = await again.say("And now?")
            await again.until(lambda: again.of("delta"))
            gates[1].until.set()
            await again.until(lambda: len([e for e in again.events if _is_reply(e)]) == 2)
            await again.leave()
            await second.end()
            return Story(
                before=customer.events,
                deltas=customer.of("delta"),
                state=again.of("state")[0],
                after=again.events,
                repeated=repeated,
                acknowledged=acknowledged,
                log=await log.read(ack["conversation"]),
            )
        finally:
            await store.close()
            await worker.end()


def _is_reply(event: Json) -> bool:
    return bool(event["type"] == "assistant_said")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    try:
        yield asyncio.run(play(tmp_path_factory.mktemp("house"), server))
    finally:
        server.stop()


def test_a_customer_resumes_by_seq_without_a_gap_and_without_a_repetition(story: Story) -> None:
    seqs = [event["seq"] for event in [*story.before, *story.after]]
    expected = [event.seq for event in story.log if public(event) is not None]

    assert seqs == expected
    assert story.state["gap"] is False


def test_the_reply_goes_on_while_no_gateway_is_there(story: Story) -> None:
    assert story.deltas[0]["text"] == "One moment"
    replies = [event["data"]["text"] for event in story.after if _is_reply(event)]
    assert replies == ["One moment, please."] * 2


def test_a_message_sent_again_after_its_gateway_died_is_the_same_message(story: Story) -> None:
    said = [event for event in story.log if isinstance(event.data, ev.CustomerSaid)]

    assert story.repeated["ok"] is True
    assert [event.seq for event in said] == [story.repeated["seq"], story.acknowledged["seq"]]
