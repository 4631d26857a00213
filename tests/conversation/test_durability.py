"""What was acknowledged is there after Redis was killed; what was not can be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from conversation.errors import Unavailable
from conversation.events import CustomerSaid
from conversation.feed import Feed
from conversation.log import Log
from conversation.plan import once
from conversation.state import dump
from conversation.store import Store
from tests.conversation.acts import Asks, Calls, Says
from tests.conversation.inbox import Inbox
from tests.conversation.work import claimed_turn, worker
from tests.redis_server import RedisServer


@pytest.fixture
async def own_log(own_server: RedisServer) -> AsyncIterator[Log]:
    store = Store(own_server.url)
    yield Log(store)
    await store.close()


async def test_nothing_acknowledged_is_lost_and_nothing_sent_again_is_doubled(
    own_server: RedisServer, own_log: Log
) -> None:
    acknowledged: dict[str, tuple[str, int]] = {}
    enough = asyncio.Event()

    async def say(conversation: str, id_: str) -> None:
        done = await own_log.commit(
            conversation, Says(id=id_), own=CustomerSaid, once=once(f"u {id_}")
        )
        assert acknowledged.setdefault(id_, (conversation, done.seq)) == (conversation, done.seq)
        if len(acknowledged) == 40:
            enough.set()

    async def speak(author: int) -> None:
        for n in range(20):
            try:
                await say(f"c_{author % 4}", f"m{author}.{n}")
            except Unavailable:
                return

    speaking = asyncio.gather(*(speak(author) for author in range(12)))
    await enough.wait()
    own_server.kill()
    known = len(acknowledged)
    await asyncio.sleep(0)
    own_server.start()
    await speaking
    assert 40 <= known <= len(acknowledged) <= 240
    for author in range(12):  # everybody sends everything again
        for n in range(20):
            await say(f"c_{author % 4}", f"m{author}.{n}")

    assert await kept(own_log, "c_0", "c_1", "c_2", "c_3") == acknowledged


async def kept(log: Log, *conversations: str) -> dict[str, tuple[str, int]]:
    """Where each message lies; every log is gapless, its head true, and no message there twice."""
    found: dict[str, tuple[str, int]] = {}
    for name in conversations:
        events = await log.read(name)
        assert [event.seq for event in events] == list(range(1, 62))
        assert dump(await log.head(name)) == dump(await log.rebuild(name))
        said = [(e.data.id, e.seq) for e in events if isinstance(e.data, CustomerSaid)]
        assert not found.keys() & {id_ for id_, _ in said}
        found |= {id_: (name, seq) for id_, seq in said}
    assert len(found) == 60 * len(conversations)
    return found


async def test_a_command_under_way_outlives_a_short_restart(
    own_server: RedisServer, own_log: Log
) -> None:
    state = (await own_log.commit("c_1", Says())).state
    own_server.kill()
    sent = asyncio.create_task(own_log.commit("c_1", Says(), once=once("u m1"), state=state))
    await asyncio.sleep(0)
    await asyncio.to_thread(own_server.start)
    assert ((await sent).seq, (await sent).duplicate) == (3, False)
    assert len(await own_log.read("c_1")) == 3


async def test_leases_jobs_timers_and_lists_outlive_a_crash(
    own_server: RedisServer, own_log: Log
) -> None:
    store, at = own_log.store, own_log.keys("c_1").shard
    jobs = await worker(store)
    job, _ = await claimed_turn(own_log, jobs)
    await own_log.commit("c_2", Says())
    await own_log.commit("c_3", Says())
    await own_log.commit("c_3", Asks())

    async def indexes() -> list[object]:
        return [
            await store.reads.xrange(at.jobs),
            await store.reads.xrange(at.outbox),
            await store.reads.hgetall(at.summaries),
            await store.reads.zrange(at.timers, 0, -1, withscores=True),
        ]

    before = await indexes()
    own_server.kill()
    own_server.start()
    assert await indexes() == before
    await own_log.commit("c_1", Calls(), fence=job.fence())
    assert [job.conversation for job in await jobs.claim(5)] == ["c_2", "c_3"]
    assert await jobs.renew([job]) == set()


async def test_watchers_are_whole_again_after_a_crash(
    own_server: RedisServer, own_log: Log
) -> None:
    await own_log.commit("c_1", Says())
    async with Feed(own_log) as feed:
        inbox = Inbox()
        await feed.watch("c_1", 0, inbox)
        await inbox.started()
        own_server.kill()
        own_server.start()
        await own_log.commit("c_1", Says())
        await inbox.until(lambda inbox: inbox.seqs == [1, 2, 3])
