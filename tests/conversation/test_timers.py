"""A timer stands as long as the state wants it; claiming it only lends it."""

from __future__ import annotations

import asyncio

import pytest

from conversation.keys import shard
from conversation.log import Log
from conversation.plan import REMINDERS_MS
from conversation.store import Store
from conversation.timers import CLAIM_MS, Timers
from tests.conftest import Clock
from tests.conversation.acts import Accepts, Asks, Closes, Notes, Reminds, Returns, Says

FIRST_S, SECOND_S, THIRD_S = (ms / 1000 for ms in REMINDERS_MS)
WAITING = [("c_1", "waiting")]


@pytest.fixture
def timers(store: Store, clock: Clock) -> Timers:
    return Timers(store, 0, clock=clock)


async def wait_in_line(log: Log) -> None:
    await log.commit("c_1", Says())
    await log.commit("c_1", Asks())


async def test_a_timer_is_claimed_when_it_is_due_and_not_before(
    log: Log, timers: Timers, clock: Clock
) -> None:
    await wait_in_line(log)
    clock.advance(FIRST_S - 0.001)
    assert await timers.claim() == []
    clock.advance(0.001)
    assert await timers.claim() == WAITING


async def test_a_claimed_timer_is_nobody_elses_for_a_while(
    log: Log, timers: Timers, clock: Clock
) -> None:
    await wait_in_line(log)
    clock.advance(FIRST_S)
    claims = await asyncio.gather(*(timers.claim() for _ in range(10)))
    assert sorted(claims) == [[]] * 9 + [WAITING]


async def test_a_claimed_timer_that_caused_nothing_comes_back(
    log: Log, timers: Timers, clock: Clock
) -> None:
    await wait_in_line(log)
    clock.advance(FIRST_S)
    assert await timers.claim() == WAITING
    clock.advance(CLAIM_MS / 1000 - 0.001)
    assert await timers.claim() == []
    clock.advance(0.001)
    assert await timers.claim() == WAITING


async def test_the_commit_a_timer_causes_sets_the_next_until_there_is_none(
    log: Log, timers: Timers, clock: Clock, store: Store
) -> None:
    await wait_in_line(log)
    began_ms = clock.now_ms
    for due_s in (FIRST_S, SECOND_S, THIRD_S):
        clock.now_ms = began_ms + round(due_s * 1000)
        assert await timers.claim() == WAITING
        await log.commit("c_1", Reminds())
    assert await store.reads.zcard(shard(0).timers) == 0


@pytest.mark.parametrize("act", [Accepts(), Closes()])
async def test_leaving_the_line_removes_the_timer_also_a_claimed_one(
    log: Log, timers: Timers, clock: Clock, store: Store, act: Accepts | Closes
) -> None:
    await wait_in_line(log)
    clock.advance(FIRST_S)
    assert await timers.claim() == WAITING
    await log.commit("c_1", act)
    assert await store.reads.zcard(shard(0).timers) == 0


async def test_other_commits_leave_a_claim_alone(log: Log, timers: Timers, clock: Clock) -> None:
    await wait_in_line(log)
    clock.advance(FIRST_S)
    assert await timers.claim() == WAITING
    await log.commit("c_1", Notes())
    await log.commit("c_1", Says())
    assert await timers.claim() == []


async def test_waiting_again_begins_the_timers_afresh(
    log: Log, timers: Timers, clock: Clock
) -> None:
    await wait_in_line(log)
    for act in (Reminds(), Accepts(), Returns(), Asks()):
        clock.advance(60)
        await log.commit("c_1", act)
    clock.advance(FIRST_S - 0.001)
    assert await timers.claim() == []
    clock.advance(0.001)
    assert await timers.claim() == WAITING


async def test_no_more_timers_are_claimed_than_asked_for(
    log: Log, timers: Timers, clock: Clock
) -> None:
    for n in range(5):
        await log.commit(f"c_{n}", Says())
        await log.commit(f"c_{n}", Asks())
    clock.advance(FIRST_S)
    assert [len(await timers.claim(2)) for _ in range(4)] == [2, 2, 1, 0]
