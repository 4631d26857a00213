"""Processes that are ended one after the other, as at an upgrade: customers see no gap.

One story, played once: customers talk all the time while every worker and every gateway is replaced
by a new one; then each test looks at one side of it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGTERM
from typing import Any

import pytest

from conversation import events as ev
from conversation.log import Log
from conversation.public import public
from conversation.store import Store
from tests.doubles.model import Action, Finish, Text, Wait, model_double, say
from tests.doubles.tools import tools_double
from tests.faults.processes import Process, configure
from tests.gateway.people import Customer, Json, new_id
from tests.redis_server import RedisServer

CUSTOMERS = 12
GIVEN_BACK_WITHIN_S = 2.0
ENDS_WITHIN_S = 10.0
WORDS = 12
WORD_S = 0.05
PATIENCE_S = 60.0
SLOW = "Take your time"


class Regular:
    """A customer who writes again whenever the assistant has answered, over any gateway."""

    def __init__(self, gateways: list[str], came: asyncio.Event) -> None:
        self._gateways = gateways
        self._came = came
        self._resume: str | None = None
        self._tab: Customer
        self.conversation = ""
        self.acknowledged: dict[str, int] = {}
        self.events: list[Json] = []
        self.farewells = 0
        self.stays = True

    async def talk(self) -> None:
        """Talk until told to go; every message is sent until it is acknowledged."""
        await self._connect()
        while self.stays:
            seq = await self._say(new_id())
            while not await self._here(partial(self._answered, seq)):
                await self._come_back()
        self._keep()
        await self._tab.leave()

    def _answered(self, seq: int) -> bool:
        known = [*self.events, *self._tab.events]
        return any(e["type"] == "assistant_said" and e["seq"] > seq for e in known)

    async def _say(self, id_: str) -> int:
        while True:
            asking = asyncio.create_task(self._tab.ask("say", id=id_, text="And now?"))
            asking.add_done_callback(lambda _: self._tab.look())
            if await self._here(asking.done) and not asking.exception():
                ack = asking.result()
                assert ack["ok"], ack
                self._resume = ack.get("resume", self._resume)
                self.conversation = ack["conversation"]
                self.acknowledged[id_] = ack["seq"]
                self._came.set()
                return int(ack["seq"])
            asking.cancel()
            await self._come_back()

    async def _here(self, met: Callable[[], bool]) -> bool:
        """Wait until something holds, or until the gateway is gone."""
        await self._tab.until(lambda: met() or self._tab.gone)
        return met()

    async def _come_back(self) -> None:
        await self._tab.until(lambda: self._tab.gone)
        self._keep()
        await self._connect()

    def _keep(self) -> None:
        self.events += self._tab.events
        self.farewells += len(self._tab.of("going_away"))

    async def _connect(self) -> None:
        after = max((event["seq"] for event in self.events), default=0)
        auth = {"resume": self._resume, "after": after} if self._resume else {}
        self._tab = Customer(self._gateways[0])
        await self._tab.connect(auth)


@dataclass
class Story:
    """What customers were sent, what stood in the logs in the end, and how processes ended."""

    regulars: list[Regular]
    logs: dict[str, list[ev.Event]]
    assistant: Assistant
    given_back_after_s: float
    ended_after_s: list[float]
    statuses: list[int | None]
    lines: list[str]


def _at_a_pace(words: list[str]) -> list[Action]:
    """A reply that is written word for word."""
    gates = [Wait() for _ in words]
    for n, gate in enumerate(gates):
        asyncio.get_running_loop().call_later(WORD_S * n, gate.until.set)
    return [
        *(part for gate, word in zip(gates, words, strict=True) for part in (gate, Text(word))),
        Finish(),
    ]


class Stage:
    """The story being played."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self.running: list[Process] = []
        self.ended_after_s: list[float] = []

    async def start(self, *roles: str) -> Process:
        """Start a process."""
        self.running.append(await Process.start(self._config, *roles))
        return self.running[-1]

    async def end(self, process: Process) -> None:
        """End one in order."""
        began = time.monotonic()
        await process.end()
        self.ended_after_s.append(time.monotonic() - began)


class Assistant:
    """A model that writes at a pace; asked to take its time, it never comes to an end at first."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.attempts: set[str] = set()
        self.slow: list[tuple[str, float]] = []
        self.asked_again = asyncio.Event()

    def answer(self, body: dict[str, Any], headers: Mapping[str, str]) -> list[Action]:
        """One answer."""
        if body["messages"][-1]["content"] == SLOW:
            self.slow.append((headers["X-Handrail-Attempt"], time.monotonic()))
            if len(self.slow) == 1:
                return [Text("Well"), Wait()]
            self.asked_again.set()
            return say("Well then.")
        self.asked[headers["X-Conversation-Id"], headers["X-Handrail-Step"]] += 1
        self.attempts.add(headers["X-Handrail-Attempt"])
        return _at_a_pace([f"{n} " for n in range(WORDS)])


async def replace_everything(stage: Stage) -> list[Regular]:
    """Customers talk while a worker and a gateway are replaced."""
    came = asyncio.Event()
    gateway, worker = await asyncio.gather(stage.start("gateway"), stage.start("agent", "desk"))
    gateways = [gateway.url]
    regulars = [Regular(gateways, came) for _ in range(CUSTOMERS)]
    talking = [asyncio.create_task(regular.talk()) for regular in regulars]
    await _wrote(regulars, came)
    await stage.start("agent", "desk")
    await stage.end(worker)
    await _wrote(regulars, came)
    gateways[:] = [(await stage.start("gateway")).url]
    await stage.end(gateway)
    await _wrote(regulars, came)
    for regular in regulars:
        regular.stays = False
    await asyncio.gather(*talking)
    return regulars


async def wait_no_longer(stage: Stage, assistant: Assistant) -> float:
    """An operator does not wait for a reply that does not end; when the worker was told so."""
    gateway, worker = stage.running[-1], stage.running[-2]
    customer = Customer(gateway.url)
    await customer.connect({})
    await customer.say(SLOW)
    await customer.until(lambda: customer.of("delta"))
    other = await stage.start("agent", "desk")
    worker.signal(SIGTERM)
    await worker.line("event=worker.draining")
    told_at = time.monotonic()
    await stage.end(worker)
    await assistant.asked_again.wait()
    await customer.event("assistant_said", text="Well then.")
    await customer.leave()
    await stage.end(other)
    await stage.end(gateway)
    return told_at


async def play(folder: Path, redis: RedisServer) -> Story:
    assistant = Assistant()
    async with tools_double() as tools, model_double(assistant.answer) as model:
        config = configure(folder, model_url=model.base_url, tools=tools, redis_url=redis.url)
        store, stage = Store(redis.url), Stage(config)
        log = Log(store)
        try:
            regulars = await replace_everything(stage)
            told_at = await wait_no_longer(stage, assistant)
            return Story(
                regulars=regulars,
                logs={one.conversation: await log.read(one.conversation) for one in regulars},
                assistant=assistant,
                given_back_after_s=assistant.slow[1][1] - told_at,
                ended_after_s=stage.ended_after_s,
                statuses=[process.status for process in stage.running],
                lines=[line for process in stage.running for line in process.lines],
            )
        finally:
            await store.close()
            for process in stage.running:
                await process.end()


async def _wrote(regulars: list[Regular], came: asyncio.Event) -> None:
    """Wait until everybody has been answered, and has written again."""
    goals = {regular: len(regular.acknowledged) + 2 for regular in regulars}
    async with asyncio.timeout(PATIENCE_S):
        while any(len(regular.acknowledged) < goal for regular, goal in goals.items()):
            came.clear()
            await came.wait()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    try:
        yield asyncio.run(play(tmp_path_factory.mktemp("house"), server))
    finally:
        server.stop()


def test_every_acknowledged_message_is_in_the_log_once(story: Story) -> None:
    for regular in story.regulars:
        log = story.logs[regular.conversation]
        said = {e.data.id: e.seq for e in log if isinstance(e.data, ev.CustomerSaid)}

        assert said == regular.acknowledged
        assert len([e for e in log if isinstance(e.data, ev.CustomerSaid)]) == len(said)


def test_every_customer_was_sent_every_event_once_and_in_order(story: Story) -> None:
    for regular in story.regulars:
        log = story.logs[regular.conversation]

        assert [e["seq"] for e in regular.events] == [e.seq for e in log if public(e)]


def test_no_reply_was_begun_again(story: Story) -> None:
    assert set(story.assistant.asked.values()) == {1}
    assert story.assistant.attempts == {"1"}
    for log in story.logs.values():
        ends = {e.data.outcome for e in log if isinstance(e.data, ev.TurnEnded)}
        assert ends == {"replied"}


def test_every_client_was_told_to_come_back(story: Story) -> None:
    assert {regular.farewells for regular in story.regulars} == {1}


def test_what_a_worker_does_not_end_another_has_within_two_seconds(story: Story) -> None:
    assert [attempt for attempt, _ in story.assistant.slow] == ["1", "2"]
    assert story.given_back_after_s <= GIVEN_BACK_WITHIN_S


def test_every_process_ends_in_order_and_in_time(story: Story) -> None:
    assert set(story.statuses) == {0}
    assert max(story.ended_after_s) <= ENDS_WITHIN_S
    assert not any("Traceback" in line for line in story.lines)
