"""A feed whose line to Redis dies, loudly or silently, is whole again within five seconds."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation import feed as feed_module
from conversation.feed import Feed, Snapshot
from conversation.log import Log
from conversation.store import Store
from tests.conversation.acts import Replies, Says
from tests.conversation.inbox import Inbox
from tests.conversation.wire import Wire
from tests.conversation.work import claimed_turn, show, worker
from tests.redis_server import RedisServer


@pytest.fixture
async def feed(log: Log) -> AsyncIterator[Feed]:
    async with Feed(log) as feed:
        yield feed


async def cut(store: Store) -> None:
    """Close the connections that subscribe, from Redis' side."""
    await store.writes.client_kill_filter(_type="pubsub")


async def test_what_was_said_while_the_line_was_dead_arrives(
    log: Log, feed: Feed, store: Store
) -> None:
    await log.commit("c_1", Says())
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    for seq in range(3, 6):
        await cut(store)
        await log.commit("c_1", Says())
        await inbox.until(lambda inbox, seq=seq: inbox.seqs == list(range(1, seq + 1)))  # type: ignore[misc]


async def test_a_reply_goes_on_where_it_was_when_the_line_died(
    log: Log, feed: Feed, store: Store
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await show(log, job, state, "one ")
    await cut(store)
    await show(log, job, state, "two ")
    await inbox.until(lambda inbox: inbox.text == "one two ")
    await show(log, job, state, "three")
    await inbox.until(lambda inbox: inbox.text == "one two three")
    await cut(store)
    await log.commit("c_1", Replies())
    await inbox.until(lambda inbox: inbox.seqs[-1:] == [4])


async def test_all_watchers_are_whole_again_when_the_line_keeps_dying_while_people_come_and_go(
    log: Log, feed: Feed, store: Store
) -> None:
    rng = random.Random(7)
    names = [f"c_{n}" for n in range(6)]
    staying: list[tuple[str, Inbox]] = []

    async def visit() -> None:
        for _ in range(25):
            name, inbox = rng.choice(names), Inbox()
            watch = await feed.watch(name, 0, inbox)
            if rng.random() < 0.5:
                await feed.unwatch(watch)
            else:
                staying.append((name, inbox))

    async def speak_and_hurt() -> None:
        for _ in range(15):
            await cut(store)
            for name in names:
                await log.commit(name, Says())

    await asyncio.gather(*(visit() for _ in range(4)), speak_and_hurt())
    for name in names:
        assert (await log.commit(name, Says())).seq == 17
    for _, inbox in staying:
        await inbox.until(lambda inbox: inbox.seqs[-1:] == [17])
        assert inbox.seqs == list(range(1, 18))
        assert isinstance(inbox.deliveries[0], Snapshot)


@pytest.fixture
async def wire(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Wire]:
    async with Wire(tmp_path, redis_server.socket) as wire:
        yield wire


async def test_a_silent_line_that_answers_is_kept(
    log: Log, feed: Feed, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PING_EVERY_S", 0.02)
    inbox = Inbox()
    watch = await feed.watch("c_1", 0, inbox)
    await inbox.started()
    line = feed._line
    for _ in range(2):
        async with asyncio.timeout(5):
            while await pings(store) < 10:  # noqa: ASYNC110 - Redis cannot tell us when
                await asyncio.sleep(0)
        await store.writes.config_resetstat()
        await feed.unwatch(watch)  # without a subscription the answer has another form
    assert feed._line is line


async def pings(store: Store) -> int:
    return int((await store.reads.info("commandstats")).get("cmdstat_ping", {"calls": 0})["calls"])


async def test_a_line_that_swallows_everything_is_noticed(
    log: Log, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that vanished sends no end of file: only an unanswered ping tells."""
    monkeypatch.setattr(feed_module, "PING_EVERY_S", 0.1)
    far = Store(wire.url)
    async with Feed(Log(far)) as feed:
        inbox = Inbox()
        await feed.watch("c_1", 0, inbox)
        await inbox.started()
        wire.swallow_subscriptions()
        await log.commit("c_1", Says())
        await inbox.until(lambda inbox: inbox.seqs == [1, 2])
    await far.close()


async def test_who_comes_while_redis_is_down_is_served_when_it_is_back(
    own_server: RedisServer,
) -> None:
    store = Store(own_server.url)
    log = Log(store)
    async with Feed(log) as feed:
        before, during, after = Inbox(), Inbox(), Inbox()
        await feed.watch("c_1", 0, before)
        await before.started()
        await log.commit("c_1", Says())
        own_server.kill()
        async with asyncio.timeout(2):
            await feed.watch("c_1", 0, during)
            gone = await feed.watch("c_2", 0, Inbox())
            await feed.watch("c_3", 0, during)
            await feed.unwatch(gone)
            await feed.signal("c_1", "typing", {})
        await asyncio.to_thread(own_server.start)
        await before.until(lambda inbox: inbox.seqs == [1, 2])
        await feed.watch("c_4", 0, after)
        await log.commit("c_1", Says())
        await log.commit("c_3", Says())
        await before.until(lambda inbox: inbox.seqs == [1, 2, 3])
        await during.until(lambda inbox: sorted(inbox.seqs) == [1, 1, 2, 2, 3])
        await after.started()
        channels = await store.reads.pubsub_channels()
        assert sorted(channels) == [log.keys(f"c_{n}").feed.encode() for n in (1, 3, 4)]
    await store.close()
