"""Words are refused while room is short, and taken again when there is clearly enough."""

from __future__ import annotations

import pytest

from conversation.errors import Unavailable
from conversation.headroom import Headroom, Room
from conversation.log import Log
from conversation.store import Store
from tests.conversation.acts import Says
from tests.redis_server import RedisServer


class Disk:
    """A disk whose free space a test sets; it may be out of sight."""

    def __init__(self) -> None:
        self.left_bytes = 1_000
        self.seen = True

    async def __call__(self) -> Room:
        if not self.seen:
            raise Unavailable
        return Room(self.left_bytes, 100)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def headroom(disk: Disk) -> Headroom:
    return Headroom({"disk": disk})


async def test_with_room_words_are_taken(headroom: Headroom) -> None:
    headroom.require()
    await headroom.look()
    headroom.require()
    assert headroom.low == frozenset()


async def test_below_the_reserve_words_are_refused(disk: Disk, headroom: Headroom) -> None:
    disk.left_bytes = 99
    await headroom.look()
    assert headroom.low == {"disk"}
    with pytest.raises(Unavailable):
        headroom.require()


async def test_a_little_more_than_the_reserve_is_not_enough_again(
    disk: Disk, headroom: Headroom
) -> None:
    for left_bytes, low in ((99, True), (124, True), (125, False), (100, False), (99, True)):
        disk.left_bytes = left_bytes
        await headroom.look()
        assert bool(headroom.low) == low, left_bytes


async def test_what_cannot_be_looked_at_stays_as_it_was_known(
    disk: Disk, headroom: Headroom
) -> None:
    disk.left_bytes = 0
    await headroom.look()
    disk.seen = False
    with pytest.raises(Unavailable):
        await headroom.look()
    assert headroom.low == {"disk"}


async def test_a_full_disk_is_noticed_also_when_redis_does_not_answer(disk: Disk) -> None:
    gone = Disk()
    gone.seen = False
    headroom = Headroom({"disk": disk, "memory": gone})
    disk.left_bytes = 0
    with pytest.raises(Unavailable):
        await headroom.look()
    assert headroom.low == {"disk"}


async def test_memory_without_a_limit_is_that_of_the_machine(store: Store) -> None:
    room = await store.memory()
    machine = (await store.reads.info("memory"))["total_system_memory"]
    assert 0 < room.left_bytes < machine
    assert room.reserve_bytes == round(machine / 10)


async def test_a_redis_near_its_limit_is_short_of_room_and_still_records(
    own_server: RedisServer,
) -> None:
    store = Store(own_server.url)
    log, headroom = Log(store), Headroom({"memory": store.memory})
    await store.writes.setrange("ballast", 50_000_000, "x")
    used = int((await store.reads.info("memory"))["used_memory"])
    await store.writes.config_set("maxmemory", round(used / 0.93))
    await headroom.look()
    assert headroom.low == {"memory"}
    assert (await log.commit("c_1", Says())).state.seq == 2

    await store.writes.config_set("maxmemory", 0)
    await headroom.look()
    assert headroom.low == frozenset()
    await store.close()


async def test_a_redis_out_of_memory_commits_nothing_and_says_so(own_server: RedisServer) -> None:
    store = Store(own_server.url)
    log = Log(store)
    await log.commit("c_1", Says())
    await store.writes.config_set("maxmemory", 1)
    with pytest.raises(Unavailable):
        await log.commit("c_1", Says())
    assert len(await log.read("c_1")) == 2

    await store.writes.config_set("maxmemory", 0)
    assert (await log.commit("c_1", Says())).state.seq == 3
    await store.close()
