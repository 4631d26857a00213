"""What Redis cannot do is said in one way, and no write is ever made twice behind one's back."""

from __future__ import annotations

import asyncio

import pytest
from redis import exceptions as redis

from conversation import store as store_module
from conversation.errors import Unavailable
from conversation.log import Log
from conversation.plan import once
from conversation.store import Store, answering
from tests.conversation.acts import Says
from tests.conversation.work import claimed_turn, show, worker
from tests.redis_server import RedisServer


@pytest.mark.parametrize(
    "trouble",
    [("maxmemory", "1"), ("min-replicas-to-write", "1")],
)
async def test_a_redis_that_cannot_write_is_unavailable_and_nothing_is_written(
    own_server: RedisServer, trouble: tuple[str, str]
) -> None:
    store = Store(own_server.url)
    log = Log(store)
    job, state = await claimed_turn(log, await worker(store))
    await store.writes.config_set(*trouble)
    with pytest.raises(Unavailable):
        await log.commit("c_1", Says())
    with pytest.raises(Unavailable):
        await show(log, job, state, "Hel")
    assert len(await log.read("c_1")) == 2
    await store.close()


async def test_a_redis_that_only_reads_is_unavailable(own_server: RedisServer) -> None:
    store = Store(own_server.url)
    log = Log(store)
    await log.commit("c_1", Says())
    await store.writes.execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(Unavailable):
        await log.commit("c_1", Says())
    assert len(await log.read("c_1")) == 2
    await store.close()


async def test_a_redis_that_is_down_is_unavailable(own_server: RedisServer) -> None:
    store = Store(own_server.url)
    log = Log(store)
    await log.commit("c_1", Says())
    own_server.kill()
    with pytest.raises(Unavailable):
        await log.commit("c_1", Says())
    with pytest.raises(Unavailable):
        await log.read("c_1")
    own_server.start()
    assert len(await log.read("c_1")) == 2
    await store.close()


@pytest.mark.parametrize(
    "error",
    [
        redis.ResponseError("MISCONF Redis is configured to save RDB snapshots, but cannot"),
        redis.ResponseError(
            "Error running script (call to f_1): @user_script:37: @user_script: 37: "
            "-OOM command not allowed when used memory > 'maxmemory'."
        ),
        redis.BusyLoadingError("Redis is loading the dataset in memory"),
        redis.MaxConnectionsError("Too many connections"),
    ],
)
def test_other_ways_of_not_being_able_to_are_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable), answering():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        redis.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        redis.NoScriptError("No matching script. Please use EVAL."),
        redis.ResponseError("unknown command 'MISCONFUSE'"),
    ],
)
def test_a_mistake_of_ours_is_not_taken_for_trouble(error: Exception) -> None:
    with pytest.raises(type(error)), answering():
        raise error


async def test_a_redis_that_pauses_leaves_no_message_twice(
    log: Log, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "ANSWER_WITHIN_S", 0.1)
    hasty = Log(Store(store.url))
    await log.commit("c_1", Says())
    state = await hasty.head("c_1")
    await store.writes.client_pause(600, all=False)
    done = await asyncio.gather(
        *(hasty.commit(f"c_{n}", Says(id=f"m{n}"), once=once(f"u m{n}")) for n in range(2, 12))
    )
    await store.writes.client_pause(300, all=False)
    with pytest.raises(Unavailable):
        await hasty.commit("c_1", Says(), state=state)
    assert {answer.seq for answer in done} == {1}
    for n in range(2, 12):
        assert len(await log.read(f"c_{n}")) == 2
    assert len(await log.read("c_1")) <= 3
    await store.writes.client_unpause()
    await hasty.store.close()


async def test_scripts_survive_a_redis_that_forgot_them(log: Log, store: Store) -> None:
    await log.commit("c_1", Says())
    await store.writes.script_flush()
    assert (await log.commit("c_1", Says())).seq == 3
