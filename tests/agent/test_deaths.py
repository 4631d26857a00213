"""Workers that die before and after each commit of a write: one effect, or one nobody knows of.

A write whose tool takes a key happens once, whenever its worker dies; one without happens at most
once, and when nobody can tell, a hold stands open.
"""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from agent.worker import Running
from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.keys import Keys, shard
from conversation.log import Log
from conversation.plan import Plan
from gateway.staff_calls import StaffCalls
from handrail import assistant
from tests.agent.scene import Scene, calls
from tests.agent.shop import shop
from tests.agent.talk import SAM, Talk
from tests.agent.test_turn_calls import REFUND_20, REFUND_60
from tests.conversation.work import silence, worker
from tests.doubles.model import say
from tests.gateway.people import new_id


class MortalLog(Log):
    """The log of a worker that dies at its `at`-th commit, before it is written or after."""

    def __init__(self, log: Log, *, at: int, after: bool) -> None:
        super().__init__(log.store, clock=log.clock)
        self._left = at
        self._after = after

    async def _write_once(self, at: Keys, ready: Plan) -> tuple[bytes, int]:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise asyncio.CancelledError
        answer = await super()._write_once(at, ready)
        if self._left == 0:
            raise asyncio.CancelledError
        return answer


class Stage:
    """A write about to happen, a worker that dies over it, and one that follows."""

    def __init__(self, scene: Scene, talk: Talk, jobs: Jobs, *, keyed: bool) -> None:
        self.scene = scene
        self.talk = talk
        self.jobs = jobs
        tools = shop(scene.tools)
        if keyed:
            scene.tools.keyed = {"issue_refund"}
        else:
            tools["issue_refund"] = replace(tools["issue_refund"], idempotency="none")
        self.tools = tools

    async def held(self) -> Job:
        """A refund of $60 that a person approved; the job of it."""
        self.scene.answers(calls(REFUND_60), *[say("Yes.")] * 3)
        await self.talk.says("A refund, please")
        (turn,) = await self.jobs.claim(1)
        async with self.scene.worker(tools=self.tools) as one:
            await one._run(self.jobs, Running(turn))
        await self.talk.approves(await self.talk.held())
        (job,) = await self.jobs.claim(1)
        return job

    async def called(self) -> Job:
        """A refund of $20 that a person called; the job of it."""
        await self.talk.says("A refund, please")
        await self.talk.taken_over()
        (turn,) = await self.jobs.claim(1)
        await self.jobs.drop(turn)
        async with self.scene.worker(tools=self.tools) as one:
            staff_calls = StaffCalls(self.scene.log, one._execution.judge)
            told = await staff_calls.call(SAM, {
                "conversation": self.talk.conversation,
                "id": new_id(),
                "tool": "issue_refund",
                "arguments": {"order_id": "W1", "amount": 20},
            })  # fmt: skip
        assert told["verdict"] == "allow"
        (job,) = await self.jobs.claim(1)
        return job

    async def allowed(self) -> Job:
        """A turn whose model wants a refund of $20; the job of it."""
        self.scene.answers(calls(REFUND_20), *[say("Yes.")] * 3)
        await self.talk.says("A refund, please")
        (job,) = await self.jobs.claim(1)
        return job

    async def dies(self, job: Job, *, at: int, after: bool) -> None:
        """A worker that does not survive its `at`-th commit."""
        mortal = MortalLog(self.scene.log, at=at, after=after)
        async with assistant.worker(self.scene.config(tools=self.tools), mortal) as dying:
            with pytest.raises(asyncio.CancelledError):
                await dying._run(self.jobs, Running(job))

    async def lives(self, job: Job) -> None:
        """Another worker does what is left, and what follows from it."""
        others = await worker(self.scene.store, "w2")
        await silence(self.scene.store, job)
        async with self.scene.worker(tools=self.tools) as healthy:
            while await self._jobs():
                for one in await others.reclaim(9) or await others.claim(9):
                    await healthy._run(others, Running(one))

    async def _jobs(self) -> int:
        return int(await self.scene.store.reads.xlen(shard(0).jobs))

    async def came_to(self) -> tuple[str, list[str], list[str]]:
        """The outcome of the one refund, the keys of its effects, and how its hold stands."""
        state = await self.talk.state()
        assert (state.turn, state.calling, state.writing) == (None, {}, ())
        assert await self._jobs() == 0
        ends = [e.data for e in await self.scene.log.read(self.talk.conversation)]
        (end,) = [end for end in ends if isinstance(end, ev.ToolFinished)]
        keys = [str(effect.key) for effect in self.scene.tools.ledger]
        assert set(keys) <= {end.call}
        return end.outcome, keys, [hold.status for hold in state.open_holds]


WAYS = [
    *[(way, at) for way in ("held", "called") for at in (1, 2)],
    *[("allowed", at) for at in (1, 2, 3, 4)],
]
"""How a refund comes about, and each commit of its way."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("way", "at"), WAYS)
async def test_a_write_with_a_key_happens_once_whenever_its_worker_dies(
    scene: Scene, way: str, at: int, after: bool
) -> None:
    stage = Stage(scene, await scene.talk(), await worker(scene.store), keyed=True)
    job = await getattr(stage, way)()
    await stage.dies(job, at=at, after=after)
    await stage.lives(job)

    outcome, effects, open_ = await stage.came_to()
    assert (outcome, len(effects), open_) == ("succeeded", 1, [])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("way", "at"), WAYS)
async def test_a_write_without_a_key_happens_once_or_stands_open(
    scene: Scene, way: str, at: int, after: bool
) -> None:
    stage = Stage(scene, await scene.talk(), await worker(scene.store), keyed=False)
    job = await getattr(stage, way)()
    await stage.dies(job, at=at, after=after)
    await stage.lives(job)

    outcome, effects, open_ = await stage.came_to()
    begun, ended = (2, 3) if way == "allowed" else (1, 2)
    if (at, after) == (begun, True):
        assert (outcome, len(effects), open_) == ("unknown", 0, ["unknown"])
    elif (at, after) == (ended, False):
        assert (outcome, len(effects), open_) == ("unknown", 1, ["unknown"])
    else:
        assert (outcome, len(effects), open_) == ("succeeded", 1, [])
