"""Frames of many replies travel together and stay each its own."""

from __future__ import annotations

import asyncio

from conversation.errors import LeaseLost, Unavailable
from conversation.jobs import Job
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from tests.conversation.acts import Says, TakesOver
from tests.conversation.work import claimed_turn, show, worker
from tests.redis_server import RedisServer


async def writing(log: Log, store: Store, replies: int) -> list[tuple[Job, State]]:
    """Turns being written at the same time."""
    jobs = await worker(store)
    return [await claimed_turn(log, jobs, f"c_{n}") for n in range(replies)]


async def test_each_reply_gets_its_own_frames_in_order(log: Log, store: Store) -> None:
    turns = await writing(log, store, 20)

    async def write(job: Job, state: State) -> list[int]:
        return [await show(log, job, state, f"{job.conversation}.{n} ") for n in range(10)]

    shown = await asyncio.gather(*(write(*turn) for turn in turns))
    assert shown == [list(range(10))] * 20
    for job, _ in turns:
        reply = await log.replies.read(job.conversation)
        assert reply is not None
        assert reply.text == "".join(f"{job.conversation}.{n} " for n in range(10))


async def test_a_reply_that_may_not_be_shown_stops_no_other(log: Log, store: Store) -> None:
    turns = await writing(log, store, 6)
    await log.commit("c_3", TakesOver())
    answers = await asyncio.gather(
        *(show(log, *turn, "Hel") for turn in turns), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [int, int, int, LeaseLost, int, int]


async def test_a_reply_that_is_cancelled_stops_no_other(log: Log, store: Store) -> None:
    turns = await writing(log, store, 6)
    frames = [asyncio.create_task(show(log, *turn, "Hel")) for turn in turns]
    await asyncio.sleep(0)
    frames[0].cancel()
    frames[3].cancel()
    answers = await asyncio.gather(*frames, return_exceptions=True)
    assert [answer for n, answer in enumerate(answers) if n not in (0, 3)] == [0] * 4
    assert await show(log, *turns[1], "lo") == 1


async def test_frames_are_shown_by_a_redis_that_forgot_the_script(log: Log, store: Store) -> None:
    turns = await writing(log, store, 3)
    await store.writes.script_flush()
    assert await asyncio.gather(*(show(log, *turn, "Hel") for turn in turns)) == [0] * 3


async def test_nobody_waits_for_ever_when_redis_dies(own_server: RedisServer) -> None:
    store = Store(own_server.url)
    log = Log(store)
    turns = await writing(log, store, 5)
    own_server.kill()
    async with asyncio.timeout(5):
        answers = await asyncio.gather(
            *(show(log, *turn, "Hel") for turn in turns), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    own_server.start()
    await log.commit("c_0", Says())
    assert await asyncio.gather(*(show(log, *turn, "Hel") for turn in turns)) == [0] * 5
    await store.close()


async def test_a_text_that_is_no_text_fails_alone(log: Log, store: Store) -> None:
    (first, second) = await writing(log, store, 2)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(
            show(log, *first, "\ud800"), show(log, *second, "Hel"), return_exceptions=True
        )
    assert isinstance(answers[0], UnicodeEncodeError)
    assert answers[1] == 0
