"""A gateway and a desk beside newer processes: what those wrote is theirs, all else goes on."""

from __future__ import annotations

import pytest
import socketio

from conversation.keys import keys, shard
from conversation.plan import REMINDERS_MS
from handoff.desk import Desk
from handoff.settings import HoldsSettings
from tests.conftest import Clock
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Customer, new_id

NEWER = b'{"v":99,"type":"customer_smiled","joy":1}'


async def smile(house: House, conversation: str) -> None:
    """A newer process commits what this one does not know."""
    at = keys(conversation, 1)
    state = await house.log.head(conversation)
    await house.store.writes.rpush(at.log, NEWER)
    await house.store.writes.hset(at.head, "state", b'{"v":99}')
    await house.store.writes.publish(at.feed, f'{{"seq":{state.seq + 1},"epoch":1}}')


async def test_who_follows_is_sent_away_and_refused_until_a_newer_gateway_is_met(
    house: House,
) -> None:
    customer, other = await house.customer(), await house.customer()
    resume = (await customer.say("Hi"))["resume"]
    await other.say("Hi")
    await smile(house, customer.state["conversation"] or customer.acks[0]["conversation"])
    await customer.until(lambda: customer.gone)

    again = Customer(house.url)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await again.connect({"resume": resume})
    (refused,) = again.of("connect_error")
    assert refused["message"] == "unavailable"
    await other.say("I am still here")


async def test_commands_on_it_are_unavailable_and_write_nothing(house: House) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say("Hi"))["conversation"]
    await sam.until(lambda: sam.of("conversation"))
    await smile(house, conversation)
    length = await house.store.reads.llen(keys(conversation, 1).log)
    on = {"conversation": conversation}

    assert await sam.refused("takeover", **on) == "unavailable"
    assert await sam.refused("note", **on, id=new_id(), text="a note") == "unavailable"
    assert await sam.refused("watch", **on) == "unavailable"
    assert not sam.gone
    assert await house.store.reads.llen(keys(conversation, 1).log) == length


async def test_a_console_that_watches_comes_back_to_lists_that_still_show_it(
    house: House,
) -> None:
    customer, sam = await house.customer(), await house.console("Sam")
    conversation = (await customer.say("Hi"))["conversation"]
    await sam.watch(conversation)
    await smile(house, conversation)
    await sam.until(lambda: sam.gone)
    at = shard(0)
    listed = await house.store.reads.hget(at.summaries, conversation)
    brighter = listed[:-1] + b',"joy":1}'
    await house.store.writes.hset(at.summaries, conversation, brighter)

    again = await house.console("Sam")
    (shown,) = again.state["conversations"]
    assert (shown["conversation"], shown["joy"]) == (conversation, 1)


async def test_a_list_that_a_newer_process_changes_is_told_as_it_is(house: House) -> None:
    sam = await house.console("Sam")
    summary = b'{"conversation":"c_1","status":"dreaming","owner":"cloud","joy":1}'
    change = b'{"conversation":%b,"holds":[{"hold":"h_1","status":"thawed"}],"moods":[]}' % summary
    await house.store.writes.xadd(shard(0).outbox, {"conversation": "c_1", "change": change})

    await sam.until(lambda: sam.of("hold"))
    assert sam.of("conversation")[-1]["joy"] == 1
    assert sam.of("hold")[-1]["status"] == "thawed"


async def test_the_desk_leaves_its_timer_to_others_and_runs_the_rest(
    open_house: OpenHouse, clock: Clock
) -> None:
    house = await open_house()
    first, second = await house.customer(), await house.customer()
    theirs = (await first.do("ask_human", id=new_id()))["conversation"]
    await second.do("ask_human", id=new_id())
    await smile(house, theirs)
    clock.advance(REMINDERS_MS[0] / 1000)
    await house.store.writes.zadd(shard(0).timers, {"c_1 dream": clock.now_ms})
    await Desk(house.log, holds=HoldsSettings()).run_timers(0)

    await second.event("system_said", code="still_waiting")
    timers = dict(await house.store.reads.zrange(shard(0).timers, 0, -1, withscores=True))
    assert timers[f"{theirs} waiting".encode()] > clock.now_ms
    assert timers[b"c_1 dream"] > clock.now_ms
    assert await house.store.reads.lindex(keys(theirs, 1).log, -1) == NEWER
