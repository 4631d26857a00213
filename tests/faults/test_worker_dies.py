"""Workers that are killed or stopped in the middle of their work: what customers see of it.

One story, played once: a worker falls asleep while it answers a customer, and all workers are
killed while they answer five others; then each test looks at one side of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest

from conversation import events as ev
from conversation.feed import Feed, Frame
from conversation.keys import JOB_GROUP, shard
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from tests.agent.scene import ORDER, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import LETTER, ORDER_1, REFUND_60, TO_ROME
from tests.doubles.model import Action, Finish, Text, Wait, model_double, say
from tests.doubles.tools import Asked, Effect, Ok, tools_double
from tests.doubles.tools import Wait as Slow
from tests.faults.processes import Process, configure
from tests.redis_server import RedisServer

RECLAIMED_WITHIN_S = 7.0
ANSWERED_WITHIN_S = 15.0


@dataclass
class Seen:
    """One conversation: what stood in its log, and what was shown and asked, with the time."""

    events: list[ev.Event]
    frames: list[Frame]
    head: State
    folded: State
    asked: list[tuple[float, Mapping[str, str]]] = field(default_factory=list)
    tools: list[Asked] = field(default_factory=list)
    answered_at: float = 0.0

    @property
    def said(self) -> list[str]:
        return [e.data.text for e in self.events if isinstance(e.data, ev.AssistantSaid)]

    @property
    def ended(self) -> list[str]:
        return [e.data.outcome for e in self.events if isinstance(e.data, ev.TurnEnded)]

    @property
    def outcomes(self) -> list[str]:
        return [e.data.outcome for e in self.events if isinstance(e.data, ev.ToolFinished)]


@dataclass
class Story:
    """All that happened."""

    seen: dict[str, Seen]
    ledger: list[Effect]
    stopped_at: float
    killed_at: float
    logs: list[str]


class Stage:
    """The story being played."""

    def __init__(self, folder: Path, redis: RedisServer) -> None:
        self._folder = folder
        self._redis = redis
        self._stack = AsyncExitStack()
        self.asked: dict[str, list[tuple[float, Mapping[str, str]]]] = {}
        self.talks: dict[str, Talk] = {}
        self.answered: dict[str, float] = {}
        self.gate = Wait()

    @asynccontextmanager
    async def lit(self) -> AsyncIterator[None]:
        async with self._stack:
            self.store = Store(self._redis.url)
            self._stack.push_async_callback(self.store.close)
            self.log = Log(self.store)
            self.feed = await self._stack.enter_async_context(Feed(self.log))
            self.tools = await self._stack.enter_async_context(tools_double())
            model = await self._stack.enter_async_context(model_double(self._answer))
            self.tools.keyed = {"issue_refund", "change_address"}
            self.config = configure(
                self._folder,
                model_url=model.base_url,
                tools=self.tools,
                redis_url=self._redis.url,
            )
            yield

    async def worker(self) -> Process:
        started = await Process.start(self.config, "agent")
        self._stack.push_async_callback(started.end)
        return started

    async def opens(self, name: str, met: Callable[[Talk], object] | None = None) -> Talk:
        """A customer writes; go on when the work has come to a point."""
        talk = Talk(self.log, self.feed, customer="u_robin", greeting=None)
        await talk.follow()
        self.talks[name] = talk
        self.asked[talk.conversation] = []
        await talk.says(name)
        if met is not None:
            await talk.until(met)
        return talk

    async def answers(self, *names: str, turn: int = 1) -> None:
        """Wait until these customers have been answered."""

        async def answered(name: str) -> None:
            await self.talks[name].turn_ended(turn)
            self.answered[name] = time.monotonic()

        await asyncio.gather(*map(answered, names))

    async def holders(self) -> set[int]:
        """The processes that have jobs."""
        pending = await self.store.reads.xpending_range(shard(0).jobs, JOB_GROUP, "-", "+", 99)
        return {int(entry["consumer"].split(b"-")[-2]) for entry in pending}

    async def seen(self) -> dict[str, Seen]:
        """Everything, once all is over."""
        found = {}
        for name, talk in self.talks.items():
            found[name] = Seen(
                events=await self.log.read(talk.conversation),
                frames=talk.frames,
                head=await self.log.head(talk.conversation),
                folded=await self.log.rebuild(talk.conversation),
                asked=self.asked[talk.conversation],
                tools=[a for a in self.tools.asked if a.conversation == talk.conversation],
                answered_at=self.answered.get(name, 0.0),
            )
        return found

    def _answer(self, body: dict[str, Any], headers: Mapping[str, str]) -> list[Action]:
        conversation = headers["X-Conversation-Id"]
        first = not self.asked[conversation]
        self.asked[conversation].append((time.monotonic(), headers))
        said = next(m["content"] for m in body["messages"] if m["role"] == "user")
        told = body["messages"][-1]["role"] in ("tool", "system")
        match said:
            case "asleep":
                late: list[Action] = [Text("Hal"), self.gate, Text("lo, late."), Finish()]
                return late if first else say("Hello.")
            case "in mid-reply":
                return [Text("Hal"), Wait()] if first else say("Hello.")
            case _ if told:
                return say("Done.")
            case "in mid-read":
                return calls(ORDER_1)
            case "in mid-write with a key":
                return calls(TO_ROME)
            case "in mid-write without a key":
                return calls(LETTER)
            case "approved":
                return calls(REFUND_60)
        return say("Hello.")


async def play(folder: Path, redis: RedisServer) -> Story:
    stage = Stage(folder, redis)
    async with stage.lit():
        one, two = await asyncio.gather(stage.worker(), stage.worker())
        workers = {worker.pid: worker for worker in (one, two)}
        stage.tools.answers("get_order", Ok(ORDER))

        # A worker falls asleep in mid-reply, and wakes when another one has answered.
        await stage.opens("asleep", lambda talk: talk.frames)
        (asleep,) = await stage.holders()
        workers[asleep].signal(SIGSTOP)
        stopped_at = time.monotonic()
        await stage.answers("asleep")
        stage.gate.until.set()
        workers[asleep].signal(SIGCONT)
        await workers[asleep].line("event=job.left", "event=job.refused")

        # All workers are killed, each in the middle of something.
        approved = await stage.opens("approved")
        await approved.turn_ended()
        stage.tools.answers("get_order", Slow(), Ok(ORDER))
        stage.tools.answers("change_address", Slow(), Ok(b'"moved"'))
        stage.tools.answers("send_letter", Slow(), Ok())
        stage.tools.answers("issue_refund", Slow(), Ok(b'"paid"'))
        await stage.opens("in mid-read")
        await stage.tools.arrived(1, "get_order")
        await approved.approves(await approved.held())
        await stage.opens("in mid-write with a key")
        await stage.opens("in mid-write without a key")
        await stage.opens("in mid-reply", lambda talk: talk.frames)
        for tool in ("change_address", "send_letter", "issue_refund"):
            await stage.tools.arrived(1, tool)
        third = await stage.worker()
        killed_at = time.monotonic()
        await asyncio.gather(*(worker.dies() for worker in workers.values()))
        await stage.answers(
            "in mid-reply", "in mid-read", "in mid-write with a key", "in mid-write without a key"
        )
        await stage.answers("approved", turn=2)
        logs = [line for worker in (one, two, third) for line in worker.lines]
        return Story(await stage.seen(), stage.tools.ledger, stopped_at, killed_at, logs)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    try:
        yield asyncio.run(play(tmp_path_factory.mktemp("house"), server))
    finally:
        server.stop()


KILLED = ("in mid-reply", "in mid-read", "in mid-write with a key", "approved")


def test_a_reply_begun_by_a_killed_worker_is_asked_again_within_seven_seconds(
    story: Story,
) -> None:
    seen = story.seen["in mid-reply"]
    (_, first), (again, second) = seen.asked

    assert again - story.killed_at <= RECLAIMED_WITHIN_S
    assert seen.answered_at - story.killed_at <= ANSWERED_WITHIN_S
    assert first["X-Handrail-Step"] == second["X-Handrail-Step"] == "1"
    assert (first["X-Handrail-Attempt"], second["X-Handrail-Attempt"]) == ("1", "2")


@pytest.mark.parametrize("name", KILLED)
def test_everybody_is_answered_once_within_fifteen_seconds(story: Story, name: str) -> None:
    seen = story.seen[name]
    said = {"in mid-reply": ["Hello."], "approved": ["Done.", "Done."]}.get(name, ["Done."])

    assert seen.said == said
    assert set(seen.ended) == {"replied"}
    assert seen.answered_at - story.killed_at <= ANSWERED_WITHIN_S


def test_the_frames_of_a_dead_attempt_are_replaced(story: Story) -> None:
    frames = story.seen["in mid-reply"].frames

    assert [(frame.attempt, frame.n, frame.text) for frame in frames] == [
        (1, 0, "Hal"),
        (2, 0, "Hello."),
    ]


def test_a_read_runs_again_and_its_step_is_not_asked_again(story: Story) -> None:
    seen = story.seen["in mid-read"]

    assert [asked.tool for asked in seen.tools] == ["get_order", "get_order"]
    assert [headers["X-Handrail-Step"] for _, headers in seen.asked] == ["1", "2"]
    assert seen.outcomes == ["succeeded"]


def test_a_write_with_a_key_is_repeated_with_it_and_has_one_effect(story: Story) -> None:
    seen = story.seen["in mid-write with a key"]
    key, again = [asked.key for asked in seen.tools]

    assert key == again
    assert [effect.key for effect in story.ledger].count(key) == 1
    assert seen.outcomes == ["succeeded"]


def test_a_write_without_a_key_is_not_made_again_and_a_person_looks_at_it(story: Story) -> None:
    seen = story.seen["in mid-write without a key"]

    assert len(seen.tools) == 1
    assert seen.outcomes == ["unknown"]
    assert seen.ended == ["handed_over"]
    assert (seen.head.status, seen.head.reason) == ("waiting", "unknown_outcome")
    assert seen.answered_at - story.killed_at <= ANSWERED_WITHIN_S


def test_an_approved_call_is_repeated_with_its_key_and_has_one_effect(story: Story) -> None:
    seen = story.seen["approved"]
    statuses = [e.data.status for e in seen.events if isinstance(e.data, ev.HoldChanged)]
    made = [asked.key for asked in seen.tools if asked.purpose == "call"]

    assert statuses == ["approved", "executing", "succeeded"]
    assert len(made) == 2
    assert len(set(made)) == 1
    assert [effect.key for effect in story.ledger].count(made[0]) == 1


def test_a_sleeping_workers_job_is_reclaimed_within_seven_seconds(story: Story) -> None:
    seen = story.seen["asleep"]
    _, (again, _) = seen.asked

    assert again - story.stopped_at <= RECLAIMED_WITHIN_S
    assert seen.answered_at - story.stopped_at <= ANSWERED_WITHIN_S


def test_a_worker_that_wakes_late_shows_nothing_and_commits_nothing(story: Story) -> None:
    seen = story.seen["asleep"]

    assert [(frame.attempt, frame.text) for frame in seen.frames] == [(1, "Hal"), (2, "Hello.")]
    assert seen.said == ["Hello."]
    assert seen.events[-1].type == "turn_ended"
    assert len(seen.asked) == 2


def test_every_head_is_the_fold_of_its_log(story: Story) -> None:
    assert [seen.head for seen in story.seen.values()] == [
        seen.folded for seen in story.seen.values()
    ]
    assert all(seen.head.turn is None for seen in story.seen.values())


def test_what_customers_and_the_assistant_say_is_not_in_the_log_files(story: Story) -> None:
    logs = "\n".join(story.logs)

    assert "job.reclaimed" in logs
    assert not any(name in logs for name in ("in mid-", "Hello.", "Rome", "Traceback"))
