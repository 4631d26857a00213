"""A job is one worker's at a time, outlives its worker, and fences the one that wakes up late."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.errors import LeaseLost
from conversation.jobs import LEASE_S, Job, Jobs
from conversation.keys import JOB_GROUP, shard
from conversation.log import Log
from conversation.plan import once
from conversation.state import State
from conversation.store import Store
from tests.conversation.acts import (
    Calls,
    Decides,
    Executes,
    Fails,
    Replies,
    Returns,
    Says,
    TakesOver,
    Works,
)
from tests.conversation.work import claimed_turn, show, silence, worker

STREAM = shard(0).jobs


async def test_the_first_message_opens_one_turn_and_one_job(log: Log, store: Store) -> None:
    jobs = await worker(store)
    state = (await log.commit("c_1", Says())).state
    (job,) = await jobs.claim(5)
    assert state.turn is not None
    assert (job.conversation, job.kind, job.ref, job.attempt) == ("c_1", "turn", "1", 1)


async def test_a_job_is_claimed_by_one_worker_only(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(8):
        await log.commit(f"c_{n}", Says())
    claimed = await asyncio.gather(first.claim(4), second.claim(4))
    names = [job.conversation for jobs in claimed for job in jobs]
    assert sorted(names) == [f"c_{n}" for n in range(8)]


async def test_messages_during_a_turn_make_no_second_job_until_it_ends(
    log: Log, store: Store
) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await log.commit("c_1", Says())
    assert await store.reads.xlen(STREAM) == 1
    await log.commit("c_1", Replies(), fence=job.fence(done=True))
    (next_job,) = await jobs.claim(5)
    assert (next_job.kind, next_job.ref) == ("turn", "2")
    assert await store.reads.xlen(STREAM) == 1


async def test_the_commit_that_ends_a_job_removes_it(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    await log.commit("c_1", Replies(), fence=job.fence(done=True))
    assert await store.reads.xlen(STREAM) == 0
    assert (await store.reads.xpending(STREAM, JOB_GROUP))["pending"] == 0


async def test_an_approved_call_is_a_job_of_its_own(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    state = (await log.commit("c_1", Calls(), fence=job.fence())).state
    await log.commit("c_1", Decides("approved"))
    (execute,) = await jobs.claim(5)
    assert (execute.kind, execute.ref) == ("execute", state.open_holds[0].hold)
    await log.commit("c_1", Executes("succeeded"), fence=execute.fence())
    await log.commit("c_1", Executes("succeeded"), fence=execute.fence(done=True))
    assert await store.reads.xlen(STREAM) == 1  # the turn's


async def test_what_a_person_rejects_or_takes_over_makes_no_job(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    await log.commit("c_1", Calls(), fence=job.fence())
    await log.commit("c_1", TakesOver())
    await log.commit("c_1", Decides("rejected"))
    await log.commit("c_1", Says())
    assert await store.reads.xlen(STREAM) == 1  # the turn's, for its worker to drop


async def test_returning_opens_a_turn_when_the_customer_spoke_last(log: Log, store: Store) -> None:
    jobs = await worker(store)
    await claimed_turn(log, jobs)
    await log.commit("c_1", TakesOver())
    await log.commit("c_1", Returns())
    (job,) = await jobs.claim(5)
    assert (job.kind, job.ref) == ("turn", "2")


async def test_a_lease_that_is_kept_is_not_taken(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    await silence(store, job)
    assert await first.renew([job]) == set()
    assert await second.reclaim(5) == []


async def test_renewing_does_not_count_as_an_attempt(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    for _ in range(3):
        assert await jobs.renew([job]) == set()
    await log.commit("c_1", Calls(), fence=job.fence())


async def test_a_lease_just_short_of_its_end_is_not_taken(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store, "w1"))
    await silence(store, job, seconds=LEASE_S - 1)
    assert await (await worker(store, "w2")).reclaim(5) == []


async def test_a_silent_workers_job_is_taken_over_as_the_next_attempt(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    attempts = [job.attempt]
    for jobs in (second, first, second):
        await silence(store, job)
        (job,) = await jobs.reclaim(5)
        attempts.append(job.attempt)
    assert attempts == [1, 2, 3, 4]


async def test_a_silent_workers_job_is_found_behind_many_busy_ones(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(40):
        await log.commit(f"c_{n}", Says())
    busy = await first.claim(40)
    await silence(store, busy[-1])
    assert [job.conversation for job in await second.reclaim(1)] == ["c_39"]


async def test_no_more_jobs_are_taken_over_than_asked_for(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(5):
        await log.commit(f"c_{n}", Says())
    for job in await first.claim(5):
        await silence(store, job)
    assert [len(await second.reclaim(2)) for _ in range(4)] == [2, 2, 1, 0]


async def test_two_workers_who_look_for_lost_jobs_at_once_never_share_one(
    log: Log, store: Store
) -> None:
    first = await worker(store, "w1")
    for n in range(20):
        await log.commit(f"c_{n}", Says())
    for job in await first.claim(20):
        await silence(store, job)
    heirs = [await worker(store, f"heir{n}") for n in range(4)]
    taken = await asyncio.gather(*(heir.reclaim(20) for heir in heirs))
    assert sorted(job.conversation for jobs in taken for job in jobs) == sorted(
        f"c_{n}" for n in range(20)
    )


async def lost_job(log: Log, store: Store) -> tuple[Jobs, Job, Job, State]:
    """A worker whose job another has taken over: its side, its job, the heir's job, the state."""
    stale, heir = await worker(store, "w1"), await worker(store, "w2")
    job, state = await claimed_turn(log, stale)
    await silence(store, job)
    (taken,) = await heir.reclaim(1)
    return stale, job, taken, state


async def test_a_late_workers_commit_is_refused(log: Log, store: Store) -> None:
    _, late, current, _ = await lost_job(log, store)
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=late.fence())
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Fails(), fence=late.fence(done=True))
    assert len(await log.read("c_1")) == 2
    await log.commit("c_1", Calls(), fence=current.fence())


async def test_a_late_workers_frame_is_refused(log: Log, store: Store) -> None:
    _, late, current, state = await lost_job(log, store)
    with pytest.raises(LeaseLost):
        await show(log, late, state, "Hel")
    assert await log.replies.read("c_1") is None
    assert await show(log, current, state, "Hel") == 0


async def test_a_late_worker_cannot_renew_retry_or_drop(log: Log, store: Store) -> None:
    stale, late, current, _ = await lost_job(log, store)
    assert await stale.renew([late]) == {late.id}
    with pytest.raises(LeaseLost):
        await stale.again(late)
    await stale.drop(late)
    assert await store.reads.xlen(STREAM) == 1
    await log.commit("c_1", Calls(), fence=current.fence())


async def test_a_worker_that_lost_its_own_job_to_itself_is_fenced_by_the_attempt(
    log: Log, store: Store
) -> None:
    jobs = await worker(store, "w1")
    late, state = await claimed_turn(log, jobs)
    await silence(store, late)
    (current,) = await jobs.reclaim(1)
    assert (current.worker, current.attempt) == (late.worker, 2)
    with pytest.raises(LeaseLost):
        await show(log, late, state, "Hel")
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=late.fence())
    await log.commit("c_1", Calls(), fence=current.fence())


async def test_trying_again_fences_the_attempt_before(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    again = await jobs.again(job)
    assert again.attempt == 2
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=job.fence())
    await log.commit("c_1", Calls(), fence=again.fence())
    await silence(store, again)
    assert [job.attempt for job in await jobs.reclaim(1)] == [3]


async def test_a_job_that_is_given_back_is_the_next_workers_at_once(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    waiting = asyncio.create_task(second.claim(1))
    assert await first.release_all() == 1
    (taken,) = await waiting
    assert (taken.conversation, taken.kind, taken.ref) == (job.conversation, job.kind, job.ref)
    assert (taken.attempt, taken.tries) == (2, 1)
    await log.commit("c_1", Replies(), fence=taken.fence(done=True))
    assert await store.reads.xlen(STREAM) == 0


async def test_who_gave_a_job_back_is_fenced(log: Log, store: Store) -> None:
    first = await worker(store, "w1")
    job, state = await claimed_turn(log, first)
    await show(log, job, state, "Hel")
    await first.release_all()
    (again,) = await first.claim(1)
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=job.fence())
    with pytest.raises(LeaseLost):
        await show(log, job, state, "lo")
    assert await first.renew([job]) == {job.id}
    assert await show(log, again, state, "Hello") == 0


async def test_attempts_are_counted_on_over_a_job_that_is_given_back_and_lost(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    job = await first.again(job)
    counted = [(job.attempt, job.tries)]
    await first.release_all()
    (job,) = await second.claim(1)
    counted.append((job.attempt, job.tries))
    await silence(store, job)
    (job,) = await first.reclaim(1)
    counted.append((job.attempt, job.tries))
    await first.release_all()
    (job,) = await second.claim(1)
    counted.append((job.attempt, job.tries))
    assert counted == [(2, 2), (3, 2), (4, 3), (5, 3)]


async def test_a_worker_that_dies_as_it_is_given_a_job_loses_no_count_of_its_attempts(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    for _ in range(3):
        job = await first.again(job)
    await first.release_all()
    await store.writes.xreadgroup(JOB_GROUP, "dead", {STREAM: ">"})
    (entry,) = await store.reads.xpending_range(STREAM, JOB_GROUP, "-", "+", 1)
    await store.writes.xclaim(
        STREAM, JOB_GROUP, "dead", 0, [entry["message_id"]], idle=6_000, justid=True
    )
    (job,) = await second.reclaim(1)
    assert (job.attempt, job.tries) == (5, 4)
    await log.commit("c_1", Calls(), fence=job.fence())


async def test_only_what_a_worker_holds_and_does_not_keep_is_given_back(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(4):
        await log.commit(f"c_{n}", Says())
    kept, given, *_ = await first.claim(2)
    await second.claim(2)
    assert await first.release_all(keep=[kept]) == 1
    assert [job.conversation for job in await second.claim(5)] == [given.conversation]
    assert await first.renew([kept, given]) == {given.id}


async def test_a_worker_that_gave_back_all_it_had_leaves_no_name_behind(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(3):
        await log.commit(f"c_{n}", Says())
    (kept,) = await first.claim(1)
    await second.claim(2)
    await first.release_all(keep=[kept])
    assert {one["name"] for one in await store.reads.xinfo_consumers(STREAM, JOB_GROUP)} == {
        b"w1", b"w2",
    }  # fmt: skip
    await second.release_all()
    assert [one["name"] for one in await store.reads.xinfo_consumers(STREAM, JOB_GROUP)] == [b"w1"]
    await log.commit(kept.conversation, Calls(), fence=kept.fence())


async def test_a_job_left_to_others_is_as_if_it_had_never_been_claimed(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    job, _ = await claimed_turn(log, first)
    await first.leave(job)
    assert await first.reclaim(5) == []
    with pytest.raises(LeaseLost):
        await first.again(replace(job, attempt=job.attempt + 1))
    (taken,) = await second.reclaim(5)
    assert (taken.id, taken.attempt, taken.tries) == (job.id, 1, 1)
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=job.fence())
    await log.commit("c_1", Calls(), fence=taken.fence())


async def test_jobs_left_to_others_hide_no_lost_one(log: Log, store: Store) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    for n in range(9):
        await log.commit(f"c_{n}", Says())
    *left, lost = await second.claim(9)
    for job in left:
        await silence(store, job)
    for job in await first.reclaim(9):
        await first.leave(job)
    await silence(store, lost)
    assert [job.conversation for job in await first.reclaim(1)] == [lost.conversation]


async def test_a_job_left_to_others_is_looked_at_again_in_the_end(
    log: Log, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversation.jobs.LEFT_FOR_S", 0.0)
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await jobs.leave(job)
    assert [again.id for again in await jobs.reclaim(5)] == [job.id]


async def test_a_commit_whose_answer_was_lost_is_known_even_to_a_worker_without_the_lease(
    log: Log, store: Store
) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    command = once("turn 1/1", "called")
    first = await log.commit("c_1", Calls(), once=command, fence=job.fence(done=True))
    again = await log.commit("c_1", Works(), once=command, fence=job.fence(done=True))
    assert (again.seq, again.duplicate) == (first.seq, True)


async def test_a_job_with_nothing_to_do_is_dropped(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await jobs.drop(job)
    assert await store.reads.xlen(STREAM) == 0
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Replies(), fence=job.fence())


async def test_a_lost_group_is_made_again_and_its_jobs_come_back(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await store.writes.xgroup_destroy(STREAM, JOB_GROUP)
    assert await jobs.claim(5) == []
    assert [again.id for again in await jobs.claim(5)] == [job.id]


async def test_the_first_attempt_of_another_worker_after_a_lost_group_fences_the_old_one(
    log: Log, store: Store
) -> None:
    first, second = await worker(store, "w1"), await worker(store, "w2")
    old, state = await claimed_turn(log, first)
    await store.writes.xgroup_destroy(STREAM, JOB_GROUP)
    await second.prepare()
    (new,) = await second.claim(5)
    assert (new.id, new.attempt) == (old.id, old.attempt)
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=old.fence())
    with pytest.raises(LeaseLost):
        await show(log, old, state, "Hel")
    with pytest.raises(LeaseLost):
        await first.again(old)
    assert await first.renew([old]) == {old.id}
    await first.drop(old)
    await log.commit("c_1", Calls(), fence=new.fence())


async def test_looking_for_lost_jobs_makes_a_lost_group_again(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await store.writes.xgroup_destroy(STREAM, JOB_GROUP)
    assert await jobs.reclaim(5) == []
    assert [again.id for again in await jobs.claim(5)] == [job.id]


@pytest.mark.parametrize("lost", ["the group", "the stream"])
async def test_a_worker_whose_group_is_lost_has_lost_its_lease(
    log: Log, store: Store, lost: str
) -> None:
    jobs = await worker(store)
    job, state = await claimed_turn(log, jobs)
    if lost == "the group":
        await store.writes.xgroup_destroy(STREAM, JOB_GROUP)
    else:
        await store.writes.delete(STREAM)
    with pytest.raises(LeaseLost):
        await log.commit("c_1", Calls(), fence=job.fence())
    with pytest.raises(LeaseLost):
        await show(log, job, state, "Hel")
    with pytest.raises(LeaseLost):
        await jobs.again(job)
    assert await jobs.renew([job]) == {job.id}
    await jobs.drop(job)
    await jobs.leave(job)
    assert await jobs.release_all() == 0


@pytest.mark.parametrize("lost", ["the group", "the stream"])
async def test_a_worker_that_waits_while_the_group_is_lost_goes_on_waiting(
    log: Log, store: Store, lost: str
) -> None:
    jobs = await worker(store)
    waiting = asyncio.create_task(jobs.claim(5))
    async with asyncio.timeout(5):
        while not (await store.reads.info("clients"))["blocked_clients"]:  # noqa: ASYNC110
            await asyncio.sleep(0)
    if lost == "the group":
        await store.writes.xgroup_destroy(STREAM, JOB_GROUP)
    else:
        await store.writes.delete(STREAM)
    assert await waiting == []
    await log.commit("c_1", Says())
    assert [job.conversation for job in await jobs.claim(5) or await jobs.claim(5)] == ["c_1"]


async def test_making_the_group_twice_keeps_what_is_under_way(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    await jobs.prepare()
    await log.commit("c_1", Calls(), fence=job.fence())


async def test_a_turn_ended_by_somebody_else_is_told_to_its_worker(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    line = store.reads.pubsub()
    await line.subscribe(shard(0).cuts)
    assert (await line.get_message(timeout=5))["type"] == "subscribe"
    await log.commit("c_1", TakesOver())
    assert (await line.get_message(timeout=5))["data"] == b"c_1 1"
    await log.commit("c_1", Returns())
    job = (await (await worker(store)).claim(1))[0]
    await log.commit("c_1", Replies(), fence=job.fence(done=True))
    await store.writes.publish(shard(0).cuts, "end")
    assert (await line.get_message(timeout=5))["data"] == b"end"
    await line.aclose()


async def test_a_result_may_be_recorded_after_a_takeover(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    await log.commit("c_1", Calls(), fence=job.fence())
    await log.commit("c_1", Works(), fence=job.fence())
    await log.commit("c_1", TakesOver())
    call = next(e.data for e in await log.read("c_1") if isinstance(e.data, ev.ToolStarted)).call
    finished = ev.ToolFinished(call=call, key=None, outcome="succeeded")
    done = await log.commit(
        "c_1", lambda _, __: [ev.New(ev.By("assistant"), finished)], fence=job.fence(done=True)
    )
    assert done.events[0].type == "tool_finished"
