"""Commands are judged on the head and committed whole, once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from conversation.errors import Newer, Refused, Unavailable
from conversation.events import CustomerSaid, New
from conversation.log import Log
from conversation.plan import once
from conversation.reply import Reply
from conversation.state import State, dump, load
from conversation.store import Store
from tests.conftest import Clock
from tests.conversation.acts import Accepts, Asks, Closes, Notes, Says
from tests.conversation.wire import Wire
from tests.redis_server import RedisServer


def refuse(_state: State, _reply: Reply | None) -> list[New]:
    """Refuse whatever the state."""
    raise Refused("forbidden", "not now")


async def said(log: Log, conversation: str) -> list[str]:
    return [e.data.id for e in await log.read(conversation) if e.type == "customer_said"]  # type: ignore[attr-defined]


async def test_the_first_words_start_a_conversation_at_seq_1(log: Log) -> None:
    done = await log.commit("c_1", Says("hello"))
    assert done.seq == 1
    assert [event.seq for event in await log.read("c_1")] == [1, 2]
    assert await log.read("c_1") == done.events


async def test_a_command_is_answered_with_the_seq_of_its_own_event(log: Log) -> None:
    command = once("u_robin m1")
    done = await log.commit("c_1", Says(id="m1"), own=CustomerSaid, once=command)
    again = await log.commit("c_1", Says(id="m1"), own=CustomerSaid, once=command)
    refused = await log.commit("c_1", refuse, own=CustomerSaid, once=command)
    assert (done.seq, again.seq, refused.seq) == (2, 2, 2)


async def test_reading_after_a_seq_gives_what_came_later(log: Log) -> None:
    await log.commit("c_1", Says())
    await log.commit("c_1", Says())
    assert [event.seq for event in await log.read("c_1", 2)] == [3]
    assert await log.read("c_1", 3) == []


async def test_an_unknown_conversation_has_an_empty_head(log: Log) -> None:
    assert await log.head("c_none") == State(conversation="c_none")


async def test_the_same_id_with_the_same_content_answers_its_first_seq(log: Log) -> None:
    command = once("u_robin m1", ["hello"])
    first = await log.commit("c_1", Says(id="m1"), once=command)
    await log.commit("c_1", Says())
    again = await log.commit("c_1", Says(id="m1"), once=command)
    assert (again.seq, again.duplicate, again.events) == (first.seq, True, [])
    assert again.state.seq == 3
    assert (await said(log, "c_1")).count("m1") == 1


async def test_the_id_is_tested_before_the_version(log: Log) -> None:
    before = await log.head("c_1")
    command = once("u_robin m1", ["hello"])
    await log.commit("c_1", Says(id="m1"), once=command)
    decided: list[int] = []

    def decide(state: State, reply: Reply | None) -> object:
        decided.append(state.seq)
        return Says(id="m1")(state, reply)

    again = await log.commit("c_1", decide, once=command, state=before)  # type: ignore[arg-type]
    assert (again.seq, again.duplicate) == (1, True)
    assert decided == [0]


async def test_the_same_id_with_other_content_is_a_conflict(log: Log) -> None:
    await log.commit("c_1", Says("hello"), once=once("u_robin m1", ["hello"]))
    with pytest.raises(Refused) as refused:
        await log.commit("c_1", Says("goodbye"), once=once("u_robin m1", ["goodbye"]))
    assert refused.value.code == "conflict"
    assert len(await log.read("c_1")) == 2


async def test_two_authors_may_use_the_same_id(log: Log) -> None:
    await log.commit("c_1", Says(id="m1"), once=once("u_robin m1", ["hello"]))
    other = await log.commit("c_1", Says(id="m1"), once=once("u_ann m1", ["hello"]))
    assert (other.seq, other.duplicate) == (3, False)


async def test_two_conversations_may_use_the_same_id(log: Log) -> None:
    await log.commit("c_1", Says(id="m1"), once=once("u_robin m1"))
    assert not (await log.commit("c_2", Says(id="m1"), once=once("u_robin m1"))).duplicate


async def test_a_command_refused_now_but_carried_out_before_answers_its_first_seq(log: Log) -> None:
    command = once("u_robin m1", ["hello"])
    first = await log.commit("c_1", Says(id="m1"), once=command)
    await log.commit("c_1", Closes())
    again = await log.commit("c_1", refuse, once=command)
    assert (again.seq, again.duplicate) == (first.seq, True)


async def test_a_command_refused_now_and_never_carried_out_is_refused(log: Log) -> None:
    await log.commit("c_1", Says(), once=once("u_robin m1"))
    with pytest.raises(Refused, match="not now"):
        await log.commit("c_1", refuse, once=once("u_robin m2"))


async def test_a_command_with_nothing_left_to_do_answers_what_it_did_before(log: Log) -> None:
    await log.commit("c_1", Says())
    command = once("u_robin ask", None)
    first = await log.commit("c_1", Asks(), once=command)
    await log.commit("c_1", Accepts())
    again = await log.commit("c_1", Asks(), once=command)
    assert (again.seq, again.duplicate) == (first.seq, True)


@pytest.mark.parametrize("now", [refuse, Asks()])
async def test_an_id_used_for_something_else_is_a_conflict_whatever_the_state(
    log: Log, now: object
) -> None:
    await log.commit("c_1", Says(), once=once("u_robin m1", ["hello"]))
    await log.commit("c_1", Asks())
    with pytest.raises(Refused) as refused:
        await log.commit("c_1", now, once=once("u_robin m1", ["other"]))  # type: ignore[arg-type]
    assert refused.value.code == "conflict"


async def test_a_decision_without_events_writes_nothing(log: Log, store: Store) -> None:
    await log.commit("c_1", Says())
    before = await store.reads.xlen(log.keys("c_1").shard.outbox)
    done = await log.commit("c_1", Accepts(), once=once("u_ann a1"))
    assert (done.seq, done.events, done.duplicate) == (2, [], False)
    assert await store.reads.xlen(log.keys("c_1").shard.outbox) == before
    assert not await store.reads.hexists(log.keys("c_1").dedupe, "u_ann a1")


async def test_a_refused_command_writes_nothing(log: Log, store: Store) -> None:
    with pytest.raises(Refused):
        await log.commit("c_1", refuse)
    assert await store.reads.dbsize() == 0


async def test_many_tasks_commit_at_once_and_nothing_is_lost_or_counted_twice(log: Log) -> None:
    async def speak(id_: str) -> int:
        return (await log.commit("c_1", Says(id=id_), once=once(f"u {id_}"))).seq

    seqs: list[int] = []
    for n in range(3):
        seqs += await asyncio.gather(*(speak(f"m{n}.{author}") for author in range(30)))
    events = await log.read("c_1")
    assert [event.seq for event in events] == list(range(1, 92))
    assert sorted(seqs) == [1, *range(3, 92)]
    assert sorted(await said(log, "c_1")) == sorted(
        f"m{n}.{a}" for n in range(3) for a in range(30)
    )
    assert dump(await log.head("c_1")) == dump(await log.rebuild("c_1"))


async def test_the_same_command_sent_many_times_at_once_is_carried_out_once(log: Log) -> None:
    command = once("u_robin m1", ["hello"])
    answers = await asyncio.gather(
        *(log.commit("c_1", Says(id="m1"), once=command) for _ in range(40))
    )
    assert {answer.seq for answer in answers} == {1}
    assert sum(not answer.duplicate for answer in answers) == 1
    assert len(await log.read("c_1")) == 2


async def test_of_two_people_who_accept_at_once_one_wins(log: Log) -> None:
    await log.commit("c_1", Says())
    await log.commit("c_1", Asks())
    answers = await asyncio.gather(*(log.commit("c_1", Accepts()) for _ in range(20)))
    assert sum(bool(answer.events) for answer in answers) == 1
    assert [e.type for e in await log.read("c_1")].count("owner_changed") == 2


async def test_more_conversations_at_once_than_there_are_connections_are_all_heard(
    log: Log,
) -> None:
    answers = await asyncio.gather(*(log.commit(f"c_{n}", Says()) for n in range(300)))
    assert {answer.seq for answer in answers} == {1}


async def test_time_never_runs_backwards_within_a_conversation(log: Log, clock: Clock) -> None:
    await log.commit("c_1", Says())
    clock.advance(-3600)
    await log.commit("c_1", Says())
    clock.advance(3601)
    await log.commit("c_1", Says())
    assert [event.at for event in await log.read("c_1")] == [
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:06.678Z",
    ]


async def test_a_lost_head_is_folded_again_from_its_log(log: Log, store: Store) -> None:
    done = await log.commit("c_1", Says())
    await store.writes.delete(log.keys("c_1").head)
    assert dump(await log.head("c_1")) == dump(done.state)
    assert (await log.commit("c_1", Says())).seq == 3
    assert dump(await log.head("c_1")) == dump(await log.rebuild("c_1"))


@pytest.mark.parametrize(
    "foreign",
    [b"not json", b'{"conversation": "c_1", "seq": "2"}', b'{"conversation":"c_1","mood":"calm"}'],
)
async def test_a_head_of_another_version_is_folded_again_from_its_log(
    log: Log, store: Store, foreign: bytes
) -> None:
    done = await log.commit("c_1", Says())
    await store.writes.hset(log.keys("c_1").head, "state", foreign)
    assert dump(await log.head("c_1")) == dump(done.state)


NEWER_HEAD = b'{"conversation":"c_1","v":99,"seq":2,"epoch":1,"mood":"calm"}'


async def test_a_newer_processes_head_is_written_over_by_what_any_process_folds_again(
    log: Log, store: Store
) -> None:
    await log.commit("c_1", Says())
    await store.writes.hset(log.keys("c_1").head, "state", NEWER_HEAD)
    done = await log.commit("c_1", Says())
    assert [event.seq for event in await log.read("c_1")] == [1, 2, 3]
    assert dump(await log.head("c_1")) == dump(await log.rebuild("c_1")) == dump(done.state)


async def test_nothing_is_committed_to_a_log_that_holds_a_newer_event(
    log: Log, store: Store
) -> None:
    at = log.keys("c_1")
    await log.commit("c_1", Says())
    await store.writes.rpush(at.log, b'{"v":99,"seq":3,"type":"customer_smiled"}')
    for head in (await store.reads.hget(at.head, "state"), NEWER_HEAD):
        await store.writes.hset(at.head, "state", head)
        with pytest.raises(Newer):
            await log.commit("c_1", Says(), once=once("u_robin m1"))
        assert await store.reads.hget(at.head, "state") == head
    assert await store.reads.llen(at.log) == 3


@pytest.mark.parametrize("part", ["customer", "turn", "last"])
async def test_a_head_with_a_field_that_is_not_known_is_folded_again(log: Log, part: str) -> None:
    """Else it would be written back without it."""
    done = await log.commit("c_1", Says())
    head = msgspec.json.decode(dump(done.state))
    head[part]["mood"] = "calm"
    with pytest.raises(msgspec.ValidationError):
        load(msgspec.json.encode(head))


async def test_a_head_that_lags_behind_its_log_does_not_stop_a_commit(
    log: Log, store: Store
) -> None:
    behind = (await log.commit("c_1", Says())).state
    await log.commit("c_1", Says())
    await store.writes.hset(log.keys("c_1").head, "state", dump(behind))
    assert (await log.commit("c_1", Notes())).seq == 4
    assert dump(await log.head("c_1")) == dump(await log.rebuild("c_1"))


@pytest.fixture
async def wire(tmp_path: Path, redis_server: RedisServer) -> AsyncIterator[Wire]:
    async with Wire(tmp_path, redis_server.socket) as wire:
        yield wire


@pytest.fixture
async def far_log(store: Store, wire: Wire, clock: Clock) -> AsyncIterator[Log]:
    """The logs over a line that can lose things; the scripts are known to the server."""
    await Log(store, clock=clock).commit("c_warm", Says())
    far = Store(wire.url)
    yield Log(far, clock=clock)
    await far.close()


async def test_a_commit_whose_answer_is_lost_is_repeated_and_happens_once(
    log: Log, far_log: Log, wire: Wire
) -> None:
    wire.lose_answer_to(b"EVALSHA")
    done = await far_log.commit("c_1", Says(id="m1"), once=once("u_robin m1"))
    assert (done.seq, done.duplicate) == (1, True)
    assert await said(log, "c_1") == ["m1"]


async def test_a_commit_without_an_id_is_never_repeated(log: Log, far_log: Log, wire: Wire) -> None:
    wire.lose_answer_to(b"EVALSHA")
    with pytest.raises(Unavailable):
        await far_log.commit("c_1", Says(id="m1"))
    assert await said(log, "c_1") == ["m1"]


async def test_a_cancelled_commit_leaves_the_connection_usable(log: Log) -> None:
    for n in range(30):
        doomed = asyncio.create_task(log.commit("c_1", Says(id=f"m{n}")))
        for _ in range(n % 7):
            await asyncio.sleep(0)
        doomed.cancel()
        await asyncio.gather(doomed, return_exceptions=True)
        heads = await asyncio.gather(*(log.head(f"c_other{m}") for m in range(3)))
        assert [head.conversation for head in heads] == ["c_other0", "c_other1", "c_other2"]
    events = await log.read("c_1")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert dump(await log.head("c_1")) == dump(await log.rebuild("c_1"))
