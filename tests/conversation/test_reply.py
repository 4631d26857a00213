"""A reply being written is shown by one script and kept until the log has it."""

from __future__ import annotations

import pytest
from redis import Redis

from conversation import events as ev
from conversation.errors import LeaseLost, Unavailable
from conversation.keys import JOB_GROUP, shard
from conversation.log import Log
from conversation.plan import Fence
from conversation.reply import Reply
from conversation.state import State
from conversation.store import Store, source
from tests.conversation.acts import Calls, Replies, Returns, Says, TakesOver, Works
from tests.conversation.work import claimed_turn, show, silence, worker
from tests.redis_server import RedisServer


async def test_frames_are_counted_and_their_text_is_kept_together(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    texts = ["Hel", "lo", "", ' "wörld" \\ \n\t', "👋"]
    assert [await show(log, job, state, text) for text in texts] == [0, 1, 2, 3, 4]
    reply = await log.replies.read("c_1")
    assert reply == Reply(turn=1, attempt=1, epoch=1, step=1, n=4, text="".join(texts))


async def test_a_conversation_without_a_reply_in_progress_has_none(log: Log) -> None:
    assert await log.replies.read("c_1") is None


async def test_a_new_step_counts_from_0(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "One moment.")
    state = (await log.commit("c_1", Calls(), fence=job.fence())).state
    assert await log.replies.read("c_1") is None
    assert await show(log, job, state, "Here") == 0
    reply = await log.replies.read("c_1")
    assert reply is not None
    assert (reply.step, reply.text) == (2, "Here")


async def test_a_new_attempt_begins_afresh(log: Log, store: Store) -> None:
    jobs = await worker(store)
    job, state = await claimed_turn(log, jobs)
    await show(log, job, state, "Dear customer")
    assert await show(log, await jobs.again(job), state, "Hel") == 0
    reply = await log.replies.read("c_1")
    assert reply is not None
    assert (reply.attempt, reply.text) == (2, "Hel")


@pytest.mark.parametrize("act", [Calls(), Replies(), TakesOver()])
async def test_the_commit_that_has_the_text_empties_the_buffer(
    log: Log, store: Store, act: Calls | Replies | TakesOver
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hello")
    await log.commit("c_1", act)
    assert await log.replies.read("c_1") is None
    assert await store.reads.exists(log.keys("c_1").reply, log.keys("c_1").reply_text) == 0


async def test_other_commits_leave_the_buffer_alone(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hello")
    await log.commit("c_1", Says())
    reply = await log.replies.read("c_1")
    assert reply is not None
    assert reply.text == "Hello"


@pytest.mark.parametrize("wrong", ["epoch", "turn", "attempt", "worker", "job"])
async def test_who_is_not_writing_the_open_turn_may_not_show_a_word(
    log: Log, store: Store, wrong: str
) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    fences = {
        "attempt": Fence(job.id, job.worker, job.attempt + 1),
        "worker": Fence(job.id, "w2", job.attempt),
        "job": Fence("1-1", job.worker, job.attempt),
    }
    with pytest.raises(LeaseLost):
        await log.replies.show(
            "c_1",
            fences.get(wrong, job.fence()),
            "Hel",
            turn=2 if wrong == "turn" else 1,
            step=1,
            epoch=2 if wrong == "epoch" else 1,
            n=0,
        )
    assert await log.replies.read("c_1") is None


async def test_no_word_is_shown_after_a_takeover(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    await log.commit("c_1", TakesOver(), with_reply=True)
    with pytest.raises(LeaseLost):
        await show(log, job, state, "lo")
    assert await log.replies.read("c_1") is None


async def test_no_word_is_shown_after_the_job_is_done(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await log.commit("c_1", Replies(), fence=job.fence(done=True))
    with pytest.raises(LeaseLost):
        await show(log, job, state, "more")


async def test_no_word_is_shown_by_a_worker_that_fell_silent(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await silence(store, job)
    assert await show(log, job, state, "Hel") == 0  # nobody looked yet, so it is still its own
    await (await worker(store, "w2")).reclaim(1)
    with pytest.raises(LeaseLost):
        await show(log, job, state, "lo")


async def test_a_takeover_keeps_exactly_what_was_shown(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    await show(log, job, state, "lo")
    done = await log.commit("c_1", TakesOver(), with_reply=True)
    assert [event.type for event in done.events] == [
        "assistant_said",
        "turn_ended",
        "owner_changed",
    ]
    said = done.events[0].data
    assert isinstance(said, ev.AssistantSaid)
    assert (said.text, said.partial) == ("Hello", True)


@pytest.mark.parametrize("before", [[], ["Hel"]])
async def test_a_takeover_is_decided_again_when_more_was_shown_since_it_looked(
    log: Log, store: Store, redis_server: RedisServer, before: list[str]
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    for text in before:
        await show(log, job, state, text)
    at = log.keys("c_1")
    script = redis_server.client.register_script(source("conversation", "show"))
    seen: list[str] = []

    def decide(state: State, reply: Reply | None) -> list[ev.New]:
        seen.append(reply.text if reply else "")
        if len(seen) == 1:  # a frame comes between the look and the commit
            script(
                keys=[at.head, at.reply, at.reply_text, at.shard.jobs],
                args=[JOB_GROUP, job.id, job.worker, 1, 1, 1, 1, len(before), "lo", at.feed, "{}"],
            )
        return list(TakesOver()(state, reply))

    done = await log.commit("c_1", decide, with_reply=True)
    assert seen == ["".join(before), "".join([*before, "lo"])]
    said = done.events[0].data
    assert isinstance(said, ev.AssistantSaid)
    assert said.text == "".join([*before, "lo"])


async def test_a_takeover_wins_against_a_reply_that_is_shown_without_a_pause(
    log: Log, store: Store, redis_server: RedisServer
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "On ")
    at = log.keys("c_1")
    script = redis_server.client.register_script(source("conversation", "show"))
    answers: list[int] = []

    def decide(state: State, reply: Reply | None) -> list[ev.New]:
        n = len(answers) + 1  # a frame comes between each look and its commit
        answers.append(
            script(
                keys=[at.head, at.reply, at.reply_text, at.shard.jobs],
                args=[JOB_GROUP, job.id, job.worker, 1, 1, 1, 1, n, "and on ", at.feed, "{}"],
            )
        )
        return list(TakesOver()(state, reply))

    taken = await log.commit("c_1", decide, with_reply=True)
    assert answers == [1, -2]
    said = taken.events[0].data
    assert isinstance(said, ev.AssistantSaid)
    assert said.text == "On and on "


async def test_a_reply_goes_on_that_was_held_still_for_nothing(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await log.replies.hold_still("c_1", for_ms=50)
    assert await show(log, job, state, "Hello") == 0


async def test_the_next_reply_is_not_held_still_by_the_end_of_the_one_before(
    log: Log, store: Store
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hello")
    await log.replies.hold_still("c_1", for_ms=3_600_000)
    await log.commit("c_1", TakesOver(), with_reply=True)
    await log.commit("c_1", Returns())
    await log.commit("c_1", Says("and?"))
    job, state = await claimed_turn(log, await worker(store))
    assert await show(log, job, state, "Here") == 0


async def test_nothing_is_written_of_a_conversation_there_is_not(log: Log, store: Store) -> None:
    await log.replies.hold_still("c_1")
    assert await store.reads.exists(log.keys("c_1").head) == 0


async def test_a_commit_that_did_not_look_is_not_held_up_by_frames(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    assert (await log.commit("c_1", Says(), state=state)).seq == 3


def aof_bytes(client: Redis) -> int:
    """How much has been written to the append-only file."""
    return int(client.info("persistence")["aof_current_size"])


async def test_the_buffer_is_not_in_the_append_only_file(
    log: Log, store: Store, redis_server: RedisServer
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "unmistakable")
    before = aof_bytes(redis_server.client)
    for _ in range(50):
        await show(log, job, state, "unmistakable")
    empty_transaction = b"*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n"  # all that Redis 6 writes
    assert aof_bytes(redis_server.client) <= before + 50 * len(empty_transaction)
    files = list(redis_server.folder.rglob("*.aof"))
    assert any(b"customer_said" in file.read_bytes() for file in files)
    assert not any(b"unmistakable" in file.read_bytes() for file in files)


@pytest.mark.parametrize("n", [0, 1, 3])
async def test_a_frame_that_does_not_follow_the_one_before_is_refused(
    log: Log, store: Store, n: int
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    await show(log, job, state, "lo")
    with pytest.raises(LeaseLost):
        await log.replies.show("c_1", job.fence(), "!", turn=1, step=1, epoch=1, n=n)
    reply = await log.replies.read("c_1")
    assert reply is not None
    assert (reply.n, reply.text) == (1, "Hello")


async def test_a_reply_is_written_piece_for_piece(log: Log, store: Store) -> None:
    job, _ = await claimed_turn(log, await worker(store))
    writing = log.replies.writing("c_1", job.fence(), turn=1, step=1, epoch=1)
    assert [await writing(text) for text in ("Hel", "lo")] == [0, 1]
    reply = await log.replies.read("c_1")
    assert reply is not None
    assert reply.text == "Hello"


async def test_a_worker_whose_group_was_made_again_does_not_go_on_with_anothers_reply(
    log: Log, store: Store
) -> None:
    """Both are the first attempt at their job."""
    job, state = await claimed_turn(log, await worker(store, "w1"))
    await show(log, job, state, "Hel")
    await store.writes.xgroup_destroy(shard(0).jobs, JOB_GROUP)
    (again,) = await (await worker(store, "w2")).claim(1)
    writing = log.replies.writing("c_1", again.fence(), turn=1, step=1, epoch=1)
    with pytest.raises(LeaseLost):
        await writing("Hello")
    assert (await log.replies.read("c_1")).text == "Hel"  # type: ignore[union-attr]


async def test_a_reply_has_no_hole_after_a_crash_behind_a_rewrite_of_the_append_only_file(
    own_server: RedisServer,
) -> None:
    store = Store(own_server.url)
    log = Log(store)
    jobs = await worker(store)
    job, _ = await claimed_turn(log, jobs)
    writing = log.replies.writing("c_1", job.fence(), turn=1, step=1, epoch=1)
    await writing("You will get ")
    own_server.rewrite()
    await writing("no ")
    own_server.kill()
    own_server.start()
    with pytest.raises(Unavailable):
        await jobs.renew([job])
    kept = await log.replies.read("c_1")
    assert kept is not None
    assert (kept.n, kept.text) == (0, "You will get ")
    with pytest.raises(LeaseLost):
        await writing("money")
    again = await jobs.again(job)
    writing = log.replies.writing("c_1", again.fence(), turn=1, step=1, epoch=1)
    assert await writing("You will get no money") == 0
    done = await log.commit("c_1", TakesOver(), with_reply=True)
    said = done.events[0].data
    assert isinstance(said, ev.AssistantSaid)
    assert said.text == "You will get no money"
    await store.close()


async def test_after_a_crash_of_redis_a_reply_begins_again_and_never_goes_on_without_its_beginning(
    own_server: RedisServer,
) -> None:
    store = Store(own_server.url)
    log = Log(store)
    jobs = await worker(store)
    job, state = await claimed_turn(log, jobs)
    await show(log, job, state, "You will get ")
    own_server.kill()
    with pytest.raises(Unavailable):
        await show(log, job, state, "no ")
    own_server.start()
    assert await log.replies.read("c_1") is None
    with pytest.raises(LeaseLost):
        await show(log, job, state, "money")
    again = await jobs.again(job)
    assert await show(log, again, state, "You will get ") == 0
    await log.commit("c_1", Calls(), fence=again.fence())
    await log.commit("c_1", Works(), fence=again.fence())
    await store.close()
