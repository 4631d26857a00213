"""What processes count adds up in Redis, and is not lost while Redis is away."""

from __future__ import annotations

import pytest

from conversation.counters import Counters
from conversation.errors import Unavailable
from conversation.log import Log
from conversation.plan import once
from conversation.store import Store
from tests.conversation.acts import Says
from tests.redis_server import RedisServer


async def test_the_counts_of_all_processes_add_up(store: Store) -> None:
    one, two = Counters(store), Counters(store)
    for counters in (one, two, two):
        counters.add("jobs_parked")
    two.add("jobs_reclaimed")
    await one.flush()
    await two.flush()
    await two.flush()
    assert await one.read() == {"jobs_parked": 3, "jobs_reclaimed": 1}


async def test_counts_wait_for_a_redis_that_is_away(own_server: RedisServer) -> None:
    store = Store(own_server.url)
    counters = Counters(store)
    counters.add("jobs_parked")
    own_server.kill()
    with pytest.raises(Unavailable):
        await counters.flush()
    own_server.start()
    counters.add("jobs_parked")
    await counters.flush()
    assert await counters.read() == {"jobs_parked": 2}
    await store.close()


async def test_commits_are_counted_by_what_became_of_them(log: Log) -> None:
    first = await log.commit("c_1", Says(), once=once("u m1"))
    await log.commit("c_1", Says(), once=once("u m1"), state=first.state)
    await log.commit("c_1", Says(), state=first.state)
    await log.commit("c_1", Says(), state=first.state)
    await log.counters.flush()
    counts = await log.counters.read()
    assert counts == {"commits:committed": 3, "commits:duplicate": 1, "commits:moved": 1}
