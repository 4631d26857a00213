"""The desk acts when a time has come, by the clock it is given; once, however often it looks."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold
from conversation.keys import shard
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from conversation.timers import CLAIM_MS, Timers
from handoff import decisions, holds, ownership
from handoff.decisions import Seen
from handoff.desk import Desk
from handoff.settings import HoldsSettings
from tests.conftest import Clock
from tests.handoff.holding import ADA, CONVERSATION, CUSTOMER, DANA, SAM, draft, refund

EXPIRES_IN_S = 1200
SETTINGS = HoldsSettings(expires_in_s=EXPIRES_IN_S)
HOLD = refund().hold


@pytest.fixture
def log(store: Store, clock: Clock) -> Log:
    return Log(store, clock=clock)


@pytest.fixture
def desk(log: Log) -> Desk:
    return Desk(log, holds=SETTINGS)


async def waiting(log: Log, held: ev.Held) -> None:
    """Something waits for a decision for as long as configured, the conversation is quiet."""
    started = ev.ConversationStarted(customer="u_robin")
    said = ev.CustomerSaid(id="m1", text="my money, please")
    ended = ev.TurnEnded(turn=1, outcome="drafted", upto=2)
    until = ev.iso(log.clock() + EXPIRES_IN_S * 1000)
    events = [
        ev.New(CUSTOMER, started),
        ev.New(CUSTOMER, said),
        ev.New(ADA, replace(held, expires_at=until)),
        ev.New(ADA, ended),
    ]
    await log.commit(CONVERSATION, lambda _s, _r: events)


async def look(desk: Desk, log: Log) -> State:
    """The desk looks once; the state after it, which its log says as well."""
    await desk.run_timers(0)
    state = await log.head(CONVERSATION)
    assert state == await log.rebuild(CONVERSATION)
    return state


async def timers(store: Store) -> list[str]:
    """What stands in the timers."""
    found = await store.reads.zrange(shard(0).timers, 0, -1)
    return [member.decode() for member in found]


async def hold_of(log: Log, hold: str = HOLD) -> Hold:
    return (await log.head(CONVERSATION)).holds[hold]


async def test_nobody_decides_and_it_is_escalated_then_given_up(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    await waiting(log, refund())
    clock.advance(EXPIRES_IN_S - 0.001)
    before = await log.head(CONVERSATION)
    assert await look(desk, log) == before
    clock.advance(0.001)
    hold = (await look(desk, log)).holds[HOLD]
    assert (hold.status, hold.escalated_to) == ("held", "admin")
    assert hold.held.expires_at == ev.iso(clock() + EXPIRES_IN_S * 1000)
    assert await timers(store) == [f"{CONVERSATION} expire:{HOLD}"]
    clock.advance(EXPIRES_IN_S)
    state = await look(desk, log)
    assert state.holds[HOLD].status == "expired"
    assert state.turn is not None
    assert await timers(store) == []


async def test_an_approval_leaves_the_timer_nothing_to_do(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    await waiting(log, refund())
    await _approve(log)
    assert await timers(store) == []
    clock.advance(2 * EXPIRES_IN_S)
    assert (await look(desk, log)).holds[HOLD].status == "approved"


async def _approve(log: Log) -> None:
    hold = await hold_of(log)
    seen = Seen(HOLD, hold.revision, hold.digest)
    await log.commit(
        CONVERSATION,
        lambda s, r: decisions.approve(s, r, seen=seen, person=DANA, now_ms=log.clock()),
    )


async def test_what_a_desk_that_died_had_claimed_is_done_by_another(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    await waiting(log, refund())
    clock.advance(EXPIRES_IN_S)
    await Timers(store, 0, clock=clock).claim()
    assert (await look(desk, log)).holds[HOLD].escalated_to is None
    clock.advance(CLAIM_MS / 1000)
    assert (await look(desk, log)).holds[HOLD].escalated_to == "admin"


async def test_many_desks_give_it_up_once(log: Log, clock: Clock) -> None:
    await waiting(log, refund())
    clock.advance(EXPIRES_IN_S)
    settings = HoldsSettings(expires_in_s=EXPIRES_IN_S, escalate_to=None, then="follow_up")
    desks = [Desk(log, holds=settings) for _ in range(8)]
    await asyncio.gather(*(desk.run_timers(0) for desk in desks))
    types = [event.type for event in await log.read(CONVERSATION, 4)]
    assert types == ["hold_changed", "follow_up_opened", "system_said"]


async def test_a_draft_nobody_looked_at_brings_a_person(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    held = draft()
    await waiting(log, held)
    clock.advance(EXPIRES_IN_S)
    state = await look(desk, log)
    assert state.holds[held.hold].status == "expired"
    assert state.status == "waiting"
    assert await timers(store) == [f"{CONVERSATION} waiting"]


async def test_an_unknown_outcome_becomes_work_when_its_time_has_come(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    await waiting(log, refund())
    await _approve(log)
    await log.commit(CONVERSATION, lambda s, _: holds.begin(s, HOLD))
    due = ev.iso(clock() + 10_000)
    await log.commit(CONVERSATION, lambda s, _: holds.finish(s, HOLD, "unknown", reconcile_at=due))
    jobs = await _executes(store)
    clock.advance(9.999)
    await look(desk, log)
    assert await _executes(store) == jobs
    clock.advance(0.001)
    state = await look(desk, log)
    assert (state.holds[HOLD].status, state.holds[HOLD].reconciles) == ("unknown", 1)
    assert await _executes(store) == jobs + 1
    assert await timers(store) == []


async def _executes(store: Store) -> int:
    jobs = await store.reads.xrange(shard(0).jobs)
    return sum(fields[b"kind"] == b"execute" for _, fields in jobs)


async def test_what_goes_wrong_with_one_conversation_keeps_no_other_waiting(
    desk: Desk, log: Log, store: Store, clock: Clock
) -> None:
    await waiting(log, refund())
    await store.writes.rpush(log.keys("c_bad").log, b'{"v": 99}')
    await store.writes.zadd(shard(0).timers, {"c_bad expire:h_bad_1_1": 1})
    clock.advance(EXPIRES_IN_S)
    assert (await look(desk, log)).holds[HOLD].escalated_to == "admin"


async def test_a_waiting_customer_is_told_that_nothing_is_lost(
    desk: Desk, log: Log, clock: Clock
) -> None:
    await waiting(log, refund())
    await log.commit(
        CONVERSATION,
        lambda s, r: ownership.ask_human(s, r, by=CUSTOMER, assistant=ADA, said=None),
    )
    clock.advance(120)
    assert (await look(desk, log)).reminders == 1
    assert (await look(desk, log)).reminders == 1
    await log.commit(CONVERSATION, lambda s, _: ownership.accept(s, SAM))
    clock.advance(600)
    assert (await look(desk, log)).reminders == 0
