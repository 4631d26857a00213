"""The worker: a turn that breaks off is resumed from the log, by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from agent import worker as worker_module
from agent.turn import ATTEMPTS, Turn
from agent.worker import Running, Worker
from conversation import events as ev
from conversation.errors import Refused
from conversation.jobs import LEASE_S, Job, Jobs
from conversation.keys import JOB_GROUP, keys, shard
from conversation.settings import RedisSettings
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import LETTER, ORDER_1, TO_OSLO, TO_ROME, answers, outcomes
from tests.agent.test_turn_replies import handed_over
from tests.conversation.work import silence, worker
from tests.doubles.model import Action, Finish, Text, Wait, say
from tests.doubles.tools import Asked, Ok, Status
from tests.doubles.tools import Wait as Slow


class Shift:
    """One worker at one job; `dies` as a process does, or goes on."""

    def __init__(self, at_work: Worker, jobs: Jobs, job: Job) -> None:
        self.jobs = jobs
        self.running = Running(job)
        self._task = asyncio.create_task(at_work._run(jobs, self.running))

    async def ends(self) -> None:
        """Wait until the job is done or left."""
        await asyncio.wait_for(asyncio.shield(self._task), 20)

    async def dies(self) -> None:
        """Break off."""
        self._task.cancel()
        await asyncio.wait([self._task])


@asynccontextmanager
async def shift(scene: Scene, name: str, after: Shift | None = None) -> AsyncIterator[Shift]:
    """A worker on the one job there is; `after` another one that fell silent."""
    jobs = await worker(scene.store, name)
    if after is None:
        (job,) = await jobs.claim(1)
    else:
        await silence(scene.store, after.running.job)
        (job,) = await jobs.reclaim(1)
    async with scene.worker() as at_work:
        yield Shift(at_work, jobs, job)


async def jobs_left(scene: Scene) -> int:
    """Jobs that are not done."""
    return int(await scene.store.reads.xlen(shard(0).jobs))


async def test_a_turn_in_mid_reply_is_asked_again_and_its_frames_are_replaced(
    scene: Scene,
) -> None:
    scene.tries([Text("Hal"), Wait()], say("Hello."))
    talk = await scene.talk()
    await talk.says("Hi")
    async with shift(scene, "w1") as first:
        await talk.until(lambda talk: talk.frames)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    assert talk.said == ["Hello."]
    assert [(frame.attempt, frame.n, frame.text) for frame in talk.frames] == [
        (1, 0, "Hal"), (2, 0, "Hello."),
    ]  # fmt: skip
    assert scene.header("Step") == ["1", "1"]
    assert scene.header("Attempt") == ["1", "2"]
    assert await jobs_left(scene) == 0


async def test_a_turn_in_mid_read_reads_again_and_asks_nothing_twice(scene: Scene) -> None:
    scene.tools.answers("get_order", Slow(), Ok(b'"again"'))
    scene.answers(calls(ORDER_1), say("There."))
    talk = await scene.talk()
    await talk.says("Hi")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    assert talk.said == ["There."]
    assert scene.header("Step") == ["1", "2"]
    assert len(scene.tools.calls("get_order")) == 2
    assert list(answers(scene.messages()).values()) == ['"again"']


async def test_a_write_with_a_key_is_repeated_with_it_after_a_death(scene: Scene) -> None:
    scene.tools.keyed = {"change_address"}
    slow = Slow()
    scene.tools.answers("change_address", slow, Ok(b'"moved"'))
    scene.answers(calls(TO_ROME), say("Done."))
    talk = await scene.talk()
    await talk.says("Rome")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    (call,) = talk.calls
    assert [one.key for one in scene.tools.calls()] == [call.call] * 2
    assert outcomes(talk) == {call.call: "succeeded"}
    assert talk.said == ["Done."]


async def test_a_write_that_is_refused_only_when_it_is_repeated_is_unknown(scene: Scene) -> None:
    scene.tools.answers("change_address", Slow(), Status(422, b'"there is nothing to change"'))
    scene.answers(calls(TO_ROME))
    talk = await scene.talk()
    await talk.says("Rome")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    await handed_over(talk, "unknown_outcome")
    assert set(outcomes(talk).values()) == {"unknown"}


async def test_a_write_without_a_key_is_unknown_after_a_death(scene: Scene) -> None:
    scene.tools.answers("send_letter", Slow())
    scene.answers(calls(LETTER, TO_ROME))
    talk = await scene.talk()
    await talk.says("Write, and send it to Rome")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    await handed_over(talk, "unknown_outcome")
    letter, rome = (call.call for call in talk.calls)
    assert outcomes(talk) == {letter: "unknown", rome: "not_started"}
    assert len(scene.tools.calls()) == 1


async def test_a_death_between_an_unknown_outcome_and_its_handover_loses_no_handover(
    scene: Scene,
) -> None:
    talk = await scene.talk()
    scene.tools.answers("send_letter", Slow())
    scene.answers(calls(LETTER))
    await talk.says("Write")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        (call,) = talk.calls
        lost = ev.ToolFinished(call=call.call, key=call.call, outcome="unknown")
        await scene.log.commit(talk.conversation, lambda _s, _r: [ev.New(ev.By("system"), lost)])
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    await handed_over(talk, "unknown_outcome")
    assert len(scene.model.requests) == 1


async def test_a_write_that_had_begun_is_settled_though_a_person_took_over_meanwhile(
    scene: Scene,
) -> None:
    scene.tools.keyed = {"change_address"}
    scene.tools.answers("change_address", Slow(), Ok(b'"moved"'))
    scene.answers(calls(TO_ROME, TO_OSLO))
    talk = await scene.talk()
    await talk.says("Rome")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await talk.taken_over()
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.until(lambda talk: len(outcomes(talk)) == 2)
    rome, oslo = (call.call for call in talk.calls)
    assert outcomes(talk) == {rome: "succeeded", oslo: "not_started"}
    assert [one.key for one in scene.tools.calls()] == [rome] * 2
    assert await jobs_left(scene) == 0
    assert (await talk.state()).owner == "staff:p_sam"


async def test_a_worker_that_was_away_shows_nothing_and_commits_nothing(scene: Scene) -> None:
    gate = Wait()
    scene.tries([Text("Hal"), gate, Text("lo, late."), Finish()], say("Hello."))
    talk = await scene.talk()
    await talk.says("Hi")
    async with shift(scene, "w1") as away:
        await talk.until(lambda talk: talk.frames)
        async with shift(scene, "w2", away) as second:
            await second.ends()
        await talk.turn_ended()
        seq = len(talk.events)
        gate.until.set()
        await away.ends()

    assert talk.said == ["Hello."]
    assert [frame.text for frame in talk.frames] == ["Hal", "Hello."]
    assert (await talk.state()).seq == seq


async def test_a_worker_that_was_away_makes_no_write_another_one_made(scene: Scene) -> None:
    slow = Slow()
    scene.tools.answers("get_order", slow, Ok())
    scene.answers(calls(ORDER_1, LETTER), say("Written."))
    talk = await scene.talk()
    await talk.says("Write")
    async with shift(scene, "w1") as away:
        await scene.tools.arrived(1)
        async with shift(scene, "w2", away) as second:
            await second.ends()
        await talk.turn_ended()
        slow.until.set()
        await away.ends()

    assert len(scene.tools.calls("send_letter")) == 1
    assert len(scene.tools.ledger) == 1
    assert talk.said == ["Written."]
    assert scene.header("Step") == ["1", "2"]


async def test_a_worker_that_was_away_before_a_write_does_not_make_it_again(
    scene: Scene,
) -> None:
    order, letter = Slow(), Slow()
    scene.tools.answers("get_order", order, Ok())
    scene.tools.answers("send_letter", letter)
    scene.answers(calls(ORDER_1, LETTER), say("Written."))
    talk = await scene.talk()
    await talk.says("Write")
    async with shift(scene, "w1") as first, scene.worker() as at_work:
        await scene.tools.arrived(1)
        await first.dies()
        away = Turn(at_work._work, first.jobs, first.running.job, renamed=lambda _: None)
        await away._resume()
        async with shift(scene, "w2", first) as second:
            await scene.tools.arrived(1, "send_letter")
            with pytest.raises(Refused):
                await away._calls._write(talk.calls[1], begun=False)
            letter.until.set()
            await second.ends()

    assert len(scene.tools.ledger) == 1
    assert (await talk.turn_ended()).outcome == "replied"


async def unreadable(scene: Scene, talk: Talk) -> None:
    """An event of the log is damaged."""
    await scene.store.writes.lset(keys(talk.conversation, 1).log, 0, "{")


async def test_a_turn_that_cannot_even_be_handed_over_is_set_aside_and_goes_on_once_it_can(
    scene: Scene,
) -> None:
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.all(ev.CustomerSaid))
    at = keys(talk.conversation, 1)
    whole = await scene.store.reads.lindex(at.log, 0)
    await unreadable(scene, talk)
    await scene.store.writes.hdel(at.head, "state")
    first, second = await worker(scene.store, "w1"), await worker(scene.store, "w2")
    (job,) = await first.claim(1)
    for _ in range(ATTEMPTS):
        job = await first.again(job)
    async with scene.worker() as at_work:
        await at_work._run(first, Running(job))
        assert await first.reclaim(9) == []
        await scene.store.writes.lset(at.log, 0, whole)
        (job,) = await second.reclaim(9)
        assert job.tries == ATTEMPTS + 1
        await at_work._run(second, Running(job))

    await handed_over(talk, "model_failure")


async def newer(scene: Scene, talk: Talk) -> None:
    """A newer process has committed what this one does not know."""
    at = keys(talk.conversation, 1)
    await scene.store.writes.rpush(at.log, b'{"v":99,"type":"customer_smiled","joy":1}')
    await scene.store.writes.hset(at.head, "state", b'{"v":99}')


async def leases(scene: Scene) -> list[tuple[str, int]]:
    """Who holds jobs, and how often each was delivered."""
    pending = await scene.store.reads.xpending_range(shard(0).jobs, JOB_GROUP, "-", "+", 9)
    return [(entry["consumer"].decode(), entry["times_delivered"]) for entry in pending]


async def test_a_turn_a_newer_process_wrote_to_is_left_to_a_newer_worker(scene: Scene) -> None:
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.all(ev.CustomerSaid))
    before = await scene.store.reads.lrange(keys(talk.conversation, 1).log, 0, -1)
    await newer(scene, talk)
    olds = [await worker(scene.store, f"old{n}") for n in range(ATTEMPTS + 2)]
    (job,) = await olds[0].claim(1)
    async with scene.worker() as at_work:
        await at_work._run(olds[0], Running(job))
        for old in olds[1:]:
            (job,) = await old.reclaim(9)
            assert (job.attempt, job.tries) == (1, 1)
            await at_work._run(old, Running(job))
        assert [await old.reclaim(9) for old in olds] == [[]] * len(olds)

    # The newer worker, played by one that has never seen it, and a log that can be read again.
    at = keys(talk.conversation, 1)
    await scene.store.writes.rpop(at.log)
    await scene.store.writes.hdel(at.head, "state")
    assert await scene.store.reads.lrange(at.log, 0, -1) == before
    await scene.work()
    await talk.turn_ended()
    assert talk.said == ["Hello."]
    assert scene.header("Attempt") == ["1"]
    assert await jobs_left(scene) == 0


async def test_a_turn_a_newer_process_writes_to_in_mid_reply_is_given_back_uncounted(
    scene: Scene,
) -> None:
    gate = Wait()
    scene.tries([Text("Hal"), gate, Text("lo."), Finish()])
    talk = await scene.talk()
    await talk.says("Hi")
    async with shift(scene, "old") as old:
        await talk.until(lambda talk: talk.frames)
        await newer(scene, talk)
        gate.until.set()
        await old.ends()
    (job,) = await (await worker(scene.store, "new")).claim(1)

    assert (job.attempt, job.tries) == (2, 1)
    assert await leases(scene) == [("new", 2)]
    assert talk.said == []


async def test_a_job_of_a_kind_nobody_here_knows_is_left_to_a_newer_worker(scene: Scene) -> None:
    fields = {"conversation": "c_1", "kind": "dance", "ref": "1"}
    await scene.store.writes.xadd(shard(0).jobs, fields)
    async with shift(scene, "old") as old:
        await old.ends()
    (job,) = await (await worker(scene.store, "new")).reclaim(1)

    assert (job.kind, job.ref, job.attempt) == ("dance", "1", 1)


async def test_a_turn_that_cannot_even_be_read_goes_to_people_after_three_attempts(
    scene: Scene,
) -> None:
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.all(ev.CustomerSaid))
    await unreadable(scene, talk)
    async with shift(scene, "w0") as last:
        await last.ends()
    for attempt in range(2, ATTEMPTS + 1):
        assert await jobs_left(scene) == 1
        async with shift(scene, f"w{attempt}", last) as last:
            assert last.running.job.attempt == attempt
            await last.ends()
    assert (await scene.log.head(talk.conversation)).status == "assistant"
    async with shift(scene, "w9", last) as parks:
        await parks.ends()

    head = await scene.log.head(talk.conversation)
    assert (head.status, head.reason) == ("waiting", "model_failure")
    assert scene.model.requests == []
    assert await jobs_left(scene) == 0
    await talk.until(lambda talk: talk.lines == ["handover"])


async def test_a_turn_that_is_parked_leaves_no_call_without_an_answer(scene: Scene) -> None:
    scene.tools.answers("change_address", Slow())
    scene.answers(calls(TO_ROME, TO_OSLO))
    talk = await scene.talk()
    await talk.says("Rome")
    async with shift(scene, "w1") as last:
        await scene.tools.arrived(1)
        await last.dies()
    for attempt in range(2, ATTEMPTS + 1):
        async with shift(scene, f"w{attempt}", last) as last:
            await scene.tools.arrived(attempt)
            await last.dies()
    async with shift(scene, "w9", last) as parks:
        await parks.ends()

    assert (await talk.turn_ended()).outcome == "failed"
    await handed_over(talk, "unknown_outcome")
    rome, oslo = (call.call for call in talk.calls)
    assert outcomes(talk) == {rome: "unknown", oslo: "not_started"}
    assert [one.key for one in scene.tools.calls()] == [rome] * ATTEMPTS


async def test_attempts_are_counted_from_the_last_step_that_came_to_an_end(scene: Scene) -> None:
    fails = [Text("Hal")]
    one, two = calls(ORDER_1), say("There.")
    scene.tries(fails, fails, one, fails, fails, two)
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "replied"
    assert scene.header("Attempt") == ["1", "2", "3", "3", "4", "5"]
    assert talk.said == ["There."]


async def test_a_full_worker_claims_nothing_it_cannot_begin(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "AT_ONCE", 2)
    claimed: list[int] = []

    async def looks(_: Asked) -> None:
        pending = await scene.store.reads.xpending(shard(0).jobs, JOB_GROUP)
        claimed.append(int(pending["pending"]))

    scene.tools.looks = looks
    scene.answers(calls(ORDER_1), say("There."))
    talks = await scene.talks(str(n) for n in range(9))
    await scene.work()
    await asyncio.gather(*(talk.turn_ended() for talk in talks.values()))

    assert len(claimed) == 9
    assert max(claimed) == 2
    assert set(scene.header("Attempt")) == {"1"}


async def test_jobs_of_two_shards_may_have_the_same_id(scene: Scene) -> None:
    store = scene.store
    store.shards = 2
    talks = await scene.talks(str(n) for n in range(8))
    expected = []
    for k in (0, 1):
        (_, first), *_ = await store.reads.xrange(shard(k).jobs)
        await store.writes.delete(shard(k).jobs)
        await store.writes.xadd(shard(k).jobs, first, id="5-5")
        expected.append(first[b"conversation"].decode())
    scene.tries(say("Hello."))
    await scene.work(redis=RedisSettings(shards=2))
    both = [talk for talk in talks.values() if talk.conversation in expected]
    await asyncio.gather(*(talk.turn_ended() for talk in both))

    assert [talk.said for talk in both] == [["Hello."]] * 2
    assert scene.header("Attempt") == ["1", "1"]


async def test_a_worker_whose_job_was_taken_stops_listening_to_the_model(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "RENEW_EVERY_S", 0.05)
    scene.tries([Text("Hal"), Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.frames)
    (entry,) = await scene.store.reads.xpending_range(shard(0).jobs, JOB_GROUP, "-", "+", 1)
    await scene.store.writes.xclaim(shard(0).jobs, JOB_GROUP, "another", 0, [entry["message_id"]])

    await scene.left()
    assert talk.said == []


@asynccontextmanager
async def working(scene: Scene) -> AsyncIterator[Worker]:
    """A worker at work, cancelled at the end of the block."""
    async with scene.worker() as at_work:
        task = asyncio.create_task(at_work.run())
        try:
            yield at_work
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_a_worker_that_ends_gives_its_job_to_the_next_at_once(scene: Scene) -> None:
    scene.tries([Text("Hal"), Wait()], say("Hello."))
    talk = await scene.talk()
    await talk.says("Hi")
    async with working(scene):
        await talk.until(lambda talk: talk.frames)
        await scene.work()
    await scene.left()
    async with asyncio.timeout(LEASE_S / 2):
        await talk.turn_ended()

    assert talk.said == ["Hello."]
    assert [(frame.attempt, frame.n, frame.text) for frame in talk.frames] == [
        (1, 0, "Hal"), (2, 0, "Hello."),
    ]  # fmt: skip
    assert scene.header("Attempt") == ["1", "2"]
    assert await jobs_left(scene) == 0


async def test_a_worker_that_drains_ends_its_reply_and_leaves_new_work_to_others(
    scene: Scene,
) -> None:
    gate = Wait()
    scene.tries([Text("Hal"), gate, Text("lo."), Finish()], say("Hello."))
    one, two = await scene.talk(), await scene.talk()
    await one.says("Hi")
    async with working(scene) as ends:
        await one.until(lambda talk: talk.frames)
        draining = asyncio.create_task(ends.drain(asyncio.Event()))
        await claims_nothing(scene)
        await two.says("Hi")
        async with working(scene):
            await two.turn_ended()
            assert not draining.done()
            gate.until.set()
            await draining
            await one.turn_ended()

    assert (one.said, two.said) == (["Hallo."], ["Hello."])
    assert scene.header("Attempt") == ["1", "1"]
    assert await jobs_left(scene) == 0


async def claims_nothing(scene: Scene) -> None:
    """Wait until no worker waits for jobs."""
    async with asyncio.timeout(5):
        while (await scene.store.reads.info("clients"))["blocked_clients"]:  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.parametrize("why", ["hurry", "too long"])
async def test_a_worker_waits_no_longer_than_it_may(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    hurry = asyncio.Event()
    if why == "hurry":
        hurry.set()
    else:
        monkeypatch.setattr(worker_module, "DRAIN_S", 0.05)
    scene.tries([Text("Hal"), Wait()])
    talk = await scene.talk()
    await talk.says("Hi")
    async with working(scene) as ends:
        await talk.until(lambda talk: talk.frames)
        async with asyncio.timeout(LEASE_S / 2):
            await ends.drain(hurry)

    assert talk.said == []
    assert await jobs_left(scene) == 1
    assert (await scene.store.reads.xpending(shard(0).jobs, JOB_GROUP))["pending"] == 0


async def test_an_answer_that_many_workers_gave_back_is_not_given_up(scene: Scene) -> None:
    deaths = ATTEMPTS + 2
    broken: list[Action] = [Text("Hal"), Wait()]
    scene.tries(*[broken] * deaths, say("Hello."))
    talk = await scene.talk()
    await talk.says("Hi")
    for n in range(deaths):
        async with working(scene):
            await talk.until(partial(shown, n + 1))
    await scene.work()

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == ["Hello."]
    assert scene.header("Attempt") == [str(n) for n in range(1, deaths + 2)]


def shown(count: int, talk: Talk) -> bool:
    """So many frames were shown."""
    return len(talk.frames) == count


@pytest.mark.parametrize("tool", ["change_address", "send_letter"])
async def test_a_write_that_had_begun_when_its_worker_ended_is_as_safe_as_after_a_death(
    scene: Scene, tool: str
) -> None:
    scene.tools.keyed = {"change_address"}
    scene.tools.answers(tool, Slow(), Ok(b'"done"'))
    scene.answers(calls(TO_ROME if tool == "change_address" else LETTER), say("Done."))
    talk = await scene.talk()
    await talk.says("Rome")
    async with working(scene):
        await scene.tools.arrived(1)
    await scene.work()
    ended = await talk.turn_ended()

    (call,) = talk.calls
    if tool == "change_address":
        assert ended.outcome == "replied"
        assert [one.key for one in scene.tools.calls()] == [call.call] * 2
        assert outcomes(talk) == {call.call: "succeeded"}
    else:
        await handed_over(talk, "unknown_outcome")
        assert len(scene.tools.calls()) == 1
        assert outcomes(talk) == {call.call: "unknown"}


async def test_a_read_that_nobody_waits_for_any_more_is_answered_as_not_started(
    scene: Scene,
) -> None:
    scene.tools.answers("get_order", Slow())
    scene.answers(calls(ORDER_1))
    talk = await scene.talk()
    await talk.says("Hi")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await talk.taken_over()
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.until(outcomes)
    assert outcomes(talk) == {talk.calls[0].call: "not_started"}
    assert len(scene.tools.calls()) == 1
    assert await jobs_left(scene) == 0
