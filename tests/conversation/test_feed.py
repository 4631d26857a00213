"""Who watches a conversation gets everything, once, in order, from where they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from conversation.feed import Delivery, Feed, Frame, Said, Signal, Snapshot, Watch, snapshot_of
from conversation.log import Log
from conversation.state import dump
from conversation.store import Store
from tests.conversation.acts import Calls, Replies, Returns, Says, TakesOver
from tests.conversation.inbox import PATIENCE_S, Inbox
from tests.conversation.work import claimed_turn, show, worker
from tests.redis_server import RedisServer


@pytest.fixture
async def feed(log: Log) -> AsyncIterator[Feed]:
    async with Feed(log) as feed:
        yield feed


async def ring(log: Log, message: object, conversation: str = "c_1") -> None:
    """Put a message on the channel by hand."""
    await log.store.writes.publish(log.keys(conversation).feed, msgspec.json.encode(message))


async def test_a_watcher_gets_a_snapshot_and_then_what_happens(log: Log, feed: Feed) -> None:
    await log.commit("c_1", Says())
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    snapshot = await inbox.started()
    assert ([e.seq for e in snapshot.events], snapshot.gap, snapshot.reply) == ([1, 2], False, None)
    done = await log.commit("c_1", Says())
    await inbox.until(lambda inbox: inbox.seqs == [1, 2, 3])
    last = inbox.deliveries[-1]
    assert isinstance(last, Said)
    assert dump(last.state) == dump(done.state)


async def test_a_watcher_gets_only_what_came_after_what_it_knew(log: Log, feed: Feed) -> None:
    for _ in range(3):
        await log.commit("c_1", Says())
    inbox = Inbox()
    await feed.watch("c_1", 3, inbox)
    assert [event.seq for event in (await inbox.started()).events] == [4]


async def test_a_watcher_who_knew_more_than_there_is_starts_afresh(log: Log, feed: Feed) -> None:
    await log.commit("c_1", Says())
    inbox = Inbox()
    await feed.watch("c_1", 99, inbox)
    snapshot = await inbox.started()
    assert ([event.seq for event in snapshot.events], snapshot.gap) == ([1, 2], True)
    await log.commit("c_1", Says())
    await inbox.until(lambda inbox: inbox.seqs == [1, 2, 3])


async def test_a_conversation_may_be_watched_before_it_begins(log: Log, feed: Feed) -> None:
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    assert (await inbox.started()).state.seq == 0
    await log.commit("c_1", Says())
    await inbox.until(lambda inbox: inbox.seqs == [1, 2])


async def test_commits_that_race_with_subscribing_are_neither_missed_nor_repeated(
    log: Log, feed: Feed
) -> None:
    await log.commit("c_1", Says())
    inboxes: list[tuple[int, Inbox]] = []

    async def speak() -> None:
        for _ in range(15):
            await log.commit("c_1", Says())

    async def join() -> None:
        for after in (0, 1, 2):
            inbox = Inbox()
            inboxes.append((after, inbox))
            await feed.watch("c_1", after, inbox)
            await inbox.started()

    await asyncio.gather(*(speak() for _ in range(4)), *(join() for _ in range(6)))
    for after, inbox in inboxes:
        await inbox.until(lambda inbox: inbox.seqs and inbox.seqs[-1] == 62)
        assert inbox.seqs == list(range(after + 1, 63))


async def test_two_watchers_of_one_conversation_both_hear_and_leave_alone(
    log: Log, feed: Feed
) -> None:
    await log.commit("c_1", Says())
    first, second = Inbox(), Inbox()
    leaving = await feed.watch("c_1", 0, first)
    await feed.watch("c_1", 1, second)
    await first.started()
    await second.started()
    await feed.unwatch(leaving)
    await log.commit("c_1", Says())
    await second.until(lambda inbox: inbox.seqs == [2, 3])
    assert first.seqs == [1, 2]


async def test_watchers_hear_only_their_own_conversation(log: Log, feed: Feed) -> None:
    inboxes = {name: Inbox() for name in ("c_1", "c_2")}
    for name, inbox in inboxes.items():
        await feed.watch(name, 0, inbox)
        await inbox.started()
    await log.commit("c_1", Says())
    await log.commit("c_2", Says())
    for name, inbox in inboxes.items():
        await inbox.until(lambda inbox: inbox.seqs == [1, 2])
        assert {event.conversation for event in inbox.events} == {name}


async def test_nothing_comes_after_unwatching(log: Log, feed: Feed, store: Store) -> None:
    inbox = Inbox()
    watch = await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await feed.unwatch(watch)
    await feed.unwatch(watch)
    await log.commit("c_1", Says())
    other = Inbox()
    await feed.watch("c_2", 0, other)
    await other.started()
    assert inbox.seqs == []
    assert await store.reads.pubsub_channels() == [log.keys("c_2").feed.encode()]


async def test_leaving_and_coming_back_at_once_always_begins_with_a_snapshot(
    log: Log, feed: Feed
) -> None:
    await log.commit("c_1", Says())
    for n in range(30):
        before, after = Inbox(), Inbox()
        watch = await feed.watch("c_1", 0, before)
        if n % 2:
            await before.started()
        speaking = asyncio.create_task(log.commit("c_1", Says()))
        await feed.unwatch(watch)
        back = await feed.watch("c_1", 1, after)
        done = await speaking
        await after.until(lambda inbox, seq=done.seq: seq in inbox.seqs)  # type: ignore[misc]
        assert isinstance(after.deliveries[0], Snapshot)
        assert after.seqs == list(range(2, done.seq + 1))
        await feed.unwatch(back)


async def test_what_was_meant_for_the_watcher_before_does_not_come_ahead_of_the_snapshot(
    log: Log, feed: Feed, redis_server: RedisServer
) -> None:
    await log.commit("c_1", Says())
    before, after = Inbox(), Inbox()
    leaving = await feed.watch("c_1", 0, before)
    await before.started()
    channel = log.keys("c_1").feed
    redis_server.client.publish(channel, b'{"seq":2,"epoch":1}')
    redis_server.client.publish(channel, b'{"signal":{"kind":"typing","data":{}}}')
    await asyncio.gather(feed.unwatch(leaving), feed.watch("c_1", 1, after))
    await after.started()
    assert isinstance(after.deliveries[0], Snapshot)
    assert (after.seqs, after.signals) == ([2], [])


async def test_leaving_is_possible_at_every_moment_of_arriving(log: Log, feed: Feed) -> None:
    """Before Python 3.12 `wait_for` may swallow a cancellation where redis-py sends a command."""
    await log.commit("c_1", Says())
    staying = Inbox()
    await feed.watch("c_1", 0, staying)
    await staying.started()
    for moments in range(40):
        await asyncio.gather(*(log.head("c_1") for _ in range(3)))  # connections stand ready
        watch = await feed.watch("c_1", 0, Inbox())
        for _ in range(moments):
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_S):
            await feed.unwatch(watch)


async def test_closing_the_feed_is_possible_at_every_moment(log: Log) -> None:
    for moments in range(40):
        await asyncio.gather(*(log.head("c_1") for _ in range(3)))
        async with asyncio.timeout(PATIENCE_S), Feed(log) as feed:
            await feed.watch("c_1", 0, Inbox())
            for _ in range(moments):
                await asyncio.sleep(0)


async def test_people_who_come_and_go_do_not_make_others_deaf(log: Log, feed: Feed) -> None:
    async def visit() -> None:
        for _ in range(10):
            inbox = Inbox()
            watch = await feed.watch("c_1", 0, inbox)
            await inbox.started()
            await feed.unwatch(watch)

    await asyncio.gather(*(visit() for _ in range(8)))
    staying = Inbox()
    await asyncio.gather(feed.watch("c_1", 0, staying), *(visit() for _ in range(8)))
    await log.commit("c_1", Says())
    await staying.until(lambda inbox: inbox.seqs == [1, 2])


async def test_a_new_watcher_is_heard_while_the_last_of_the_old_ones_are_leaving(
    log: Log, feed: Feed
) -> None:
    slow_to_leave = asyncio.Event()

    class Lingers(Inbox):
        async def __call__(self, delivery: Delivery) -> None:
            await super().__call__(delivery)
            try:
                await asyncio.Event().wait()
            finally:
                await slow_to_leave.wait()

    first, second, staying = Lingers(), Inbox(), Inbox()
    watches = [await feed.watch("c_1", 0, first), await feed.watch("c_1", 0, second)]
    await first.started()
    await second.started()
    leaving = [asyncio.create_task(feed.unwatch(watch)) for watch in watches]
    await asyncio.wait({leaving[1]})
    await feed.watch("c_1", 0, staying)
    await staying.started()
    slow_to_leave.set()
    await asyncio.gather(*leaving)
    await log.commit("c_1", Says())
    await staying.until(lambda inbox: inbox.seqs == [1, 2])


async def test_a_watcher_that_fails_takes_nobody_with_it(log: Log, feed: Feed) -> None:
    async def fail(_: Delivery) -> None:
        raise RuntimeError("the socket is gone")

    inbox = Inbox()
    failing = await feed.watch("c_1", 0, fail)
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await feed.unwatch(failing)
    await log.commit("c_1", Says())
    await inbox.until(lambda inbox: inbox.seqs == [1, 2])


async def test_a_message_nobody_can_read_is_passed_over(log: Log, feed: Feed) -> None:
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await log.store.writes.publish(log.keys("c_1").feed, b"\xff not ours")
    await log.commit("c_1", Says())
    await inbox.until(lambda inbox: inbox.seqs == [1, 2])


async def test_signals_pass_and_are_not_kept(log: Log, feed: Feed) -> None:
    inbox, later = Inbox(), Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await feed.signal("c_1", "typing", {"on": True})
    await inbox.until(lambda inbox: inbox.signals == [Signal("typing", {"on": True})])
    await feed.watch("c_1", 0, later)
    await later.started()
    assert later.signals == []


async def test_everybody_sees_the_whole_reply_whenever_they_come(
    log: Log, feed: Feed, store: Store
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    words = [f"word{n} " for n in range(60)]
    inboxes: list[Inbox] = []

    async def write() -> None:
        for n, word in enumerate(words):
            assert await show(log, job, state, word) == n

    async def join() -> None:
        for _ in range(6):
            inboxes.append(Inbox())
            await feed.watch("c_1", 0, inboxes[-1])
            await inboxes[-1].started()

    await asyncio.gather(write(), join(), join())
    for inbox in inboxes:
        await inbox.until(lambda inbox: inbox.text == "".join(words))


async def test_a_snapshot_carries_the_reply_in_progress_until_the_log_has_it(
    log: Log, store: Store
) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    await show(log, job, state, "lo")
    reply = (await snapshot_of(log, "c_1", 0)).reply
    assert reply is not None
    assert (reply.turn, reply.attempt, reply.step, reply.n, reply.text) == (1, 1, 1, 1, "Hello")
    await log.commit("c_1", Replies())
    assert (await snapshot_of(log, "c_1", 0)).reply is None


async def test_a_snapshot_leaves_out_a_reply_whose_step_the_log_has(log: Log, store: Store) -> None:
    """It was read before the log, and committed in between; or a crash brought it back."""
    await claimed_turn(log, await worker(store))
    await log.commit("c_1", Calls())
    at = log.keys("c_1")
    for turn, step, shown in ((1, 1, None), (1, 2, "Hello"), (2, 2, None)):
        fields = {"turn": turn, "attempt": 1, "step": step, "epoch": 1, "n": 0}
        await store.writes.hset(at.reply, mapping=fields)
        await store.writes.set(at.reply_text, "Hello")
        reply = (await snapshot_of(log, "c_1", 0)).reply
        assert (reply.text if reply else None) == shown


async def test_frames_of_an_old_epoch_or_a_finished_step_never_pass(
    log: Log, feed: Feed, store: Store
) -> None:
    await claimed_turn(log, await worker(store))
    await log.commit("c_1", TakesOver())
    await log.commit("c_1", Says())
    await log.commit("c_1", Returns())
    state = (await log.commit("c_1", Calls())).state
    assert state.turn is not None
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    good = Frame(
        turn=state.turn.n, attempt=1, step=state.steps + 1, epoch=state.epoch, n=0, text="a"
    )
    stale = {
        "an old epoch": msgspec.structs.replace(good, epoch=good.epoch - 1),
        "a finished step": msgspec.structs.replace(good, step=good.step - 1),
        "a step to come": msgspec.structs.replace(good, step=good.step + 1),
        "an ended turn": msgspec.structs.replace(good, turn=good.turn - 1),
        "a turn to come": msgspec.structs.replace(good, turn=good.turn + 1),
    }
    for frame in stale.values():
        await ring(log, {"delta": frame})
    await ring(log, {"delta": good})
    await ring(log, {"delta": good})
    await feed.signal("c_1", "end", {})
    await inbox.until(lambda inbox: inbox.signals)
    assert inbox.frames == [good]


async def test_no_frame_passes_once_its_turn_has_ended(log: Log, feed: Feed, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await show(log, job, state, "Hel")
    await log.commit("c_1", TakesOver(), with_reply=True)
    await ring(log, {"delta": Frame(1, 1, 1, 1, 1, "lo")})
    await feed.signal("c_1", "end", {})
    await inbox.until(lambda inbox: inbox.signals)
    assert inbox.text == "Hel"
    assert [e.data.text for e in inbox.events if e.type == "assistant_said"] == ["Hel"]  # type: ignore[attr-defined]


async def test_a_new_attempt_replaces_what_the_dead_one_showed(
    log: Log, feed: Feed, store: Store
) -> None:
    jobs = await worker(store)
    job, state = await claimed_turn(log, jobs)
    inbox = Inbox()
    await feed.watch("c_1", 0, inbox)
    await inbox.started()
    await show(log, job, state, "Dear")
    again = await jobs.again(job)
    await show(log, again, state, "Hel")
    await show(log, again, state, "lo")
    await inbox.until(lambda inbox: inbox.text == "Hello")
    assert [(frame.attempt, frame.n) for frame in inbox.frames] == [(1, 0), (2, 0), (2, 1)]


async def test_closing_the_feed_leaves_no_task_behind(log: Log) -> None:
    before = asyncio.all_tasks()
    async with Feed(log) as feed:
        watches: list[Watch] = [await feed.watch(f"c_{n}", 0, Inbox()) for n in range(3)]
        await watches[0].started()
    assert asyncio.all_tasks() == before
