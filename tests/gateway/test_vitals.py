"""What is wrong with the house is told to the staff, and when it is over; words wait meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from conversation.jobs import Jobs
from conversation.keys import COUNTERS
from gateway import vitals
from handrail import redis_folder
from handrail.embedded_redis import EmbeddedRedis
from tests.conftest import Clock
from tests.gateway.house import House, configured
from tests.gateway.people import Console, Json, new_id
from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def frequent_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house is looked after as always, more often."""
    monkeypatch.setattr(vitals, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(vitals, "WORK_EVERY_S", 0.05)


async def notice(console: Console, code: str, level: str, *, number: int = 1) -> Json:
    """Wait for a notice; the last one of its code."""

    def found() -> list[Json]:
        return [n for n in console.of("notice") if (n["code"], n["level"]) == (code, level)]

    await console.until(lambda: len(found()) >= number)
    return found()[-1]


async def as_time_passes(house: House, clock: Clock, told: Callable[[], object]) -> None:
    """Let the clock run until something was told; the house looks meanwhile."""
    async with asyncio.timeout(10):
        while not told():
            clock.advance(6)
            await house.http.get(house.url + "/metrics")


async def test_staff_are_told_that_redis_is_gone_and_for_how_long_it_was(
    own_house: House, own_server: RedisServer, clock: Clock
) -> None:
    sam = await own_house.console("Sam")
    own_server.kill()
    gone = await notice(sam, "redis_unreachable", "error")
    clock.advance(12)
    own_server.start()
    back = await notice(sam, "redis_unreachable", "info")
    assert set(gone) == {"code", "level", "text", "at"}
    assert gone["at"] == "2026-01-02T03:04:05.678Z"
    assert back["text"] == "Redis answers again. It lasted 12 s."
    assert [n["code"] for n in sam.of("notice")] == ["redis_unreachable"] * 2


async def test_near_the_limit_of_memory_words_are_unavailable_and_the_rest_goes_on(
    own_house: House, own_server: RedisServer
) -> None:
    sam, customer = await own_house.console("Sam"), await own_house.customer()
    conversation = (await customer.say())["conversation"]
    await own_house.store.writes.setrange("ballast", 50_000_000, "x")
    used = int(own_server.client.info("memory")["used_memory"])
    own_server.client.config_set("maxmemory", round(used / 0.93))
    await notice(sam, "memory_low", "error")

    assert await customer.refused("say", id=new_id(), text="more") == "unavailable"
    assert await customer.refused("ask_human") == "unavailable"
    assert (
        await sam.refused("note", conversation=conversation, id=new_id(), text="x") == "unavailable"
    )
    await sam.do("takeover", conversation=conversation)
    assert (
        await sam.refused("say", conversation=conversation, id=new_id(), text="x") == "unavailable"
    )
    assert await sam.refused("close", conversation=conversation) == "unavailable"
    brief = {"conversation": conversation, "brief": "x"}
    assert await sam.refused("return_to_assistant", **brief) == "unavailable"

    own_server.client.config_set("maxmemory", 0)
    await notice(sam, "memory_low", "info")
    await customer.say("again")
    await sam.say(conversation)


async def test_near_the_end_of_the_disk_words_are_unavailable_and_staff_are_told(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    async with EmbeddedRedis(data) as embedded:
        house = House(configured(data), embedded.url, clock)
        await house.open()
        sam, customer = await house.console("Sam"), await house.customer()
        await customer.say("before")
        monkeypatch.setattr(redis_folder, "DISK_RESERVE_BYTES", 1 << 60)
        await notice(sam, "disk_low", "error")
        assert await customer.refused("say", id=new_id(), text="now") == "unavailable"

        late = await house.console("Kim")
        assert (await notice(late, "disk_low", "error"))["text"]

        monkeypatch.setattr(redis_folder, "DISK_RESERVE_BYTES", 1)
        for console in (sam, late):
            await notice(console, "disk_low", "info")
        await customer.say("after")
        await house.close()


async def test_staff_are_told_that_no_worker_takes_the_work(house: House, clock: Clock) -> None:
    sam, customer = await house.console("Sam"), await house.customer()
    await customer.say()
    jobs = Jobs(house.store, 0, "the-worker-1-x")

    await as_time_passes(house, clock, lambda: sam.of("notice"))
    assert (await notice(sam, "no_worker", "error"))["text"]

    await jobs.prepare()
    assert len(await jobs.claim(1)) == 1
    await notice(sam, "no_worker", "info")


async def test_staff_are_told_that_nobody_keeps_the_line(house: House, clock: Clock) -> None:
    sam, customer = await house.console("Sam"), await house.customer()
    await customer.do("ask_human")

    await as_time_passes(house, clock, lambda: sam.of("notice"))
    await notice(sam, "no_desk", "error")
    await sam.do("accept", conversation=customer.events[0]["conversation"])
    await notice(sam, "no_desk", "info")


async def test_staff_are_told_of_work_that_breaks_off_again_and_again(
    house: House, clock: Clock
) -> None:
    sam = await house.console("Sam")
    await house.store.writes.hincrby(COUNTERS, "jobs_reclaimed", 4)
    await house.store.writes.hincrby(COUNTERS, "jobs_parked", 1)
    parked = await notice(sam, "job_parked", "warning")
    assert "line" in parked["text"]
    assert [n["code"] for n in sam.of("notice")] == ["job_parked"]

    await house.store.writes.hincrby(COUNTERS, "jobs_reclaimed", 1)
    await notice(sam, "jobs_reclaimed", "warning")
    clock.advance(301)
    await notice(sam, "jobs_reclaimed", "info")


async def test_staff_are_told_of_work_that_nobody_can_do(house: House, clock: Clock) -> None:
    sam = await house.console("Sam")
    await house.store.writes.hincrby(COUNTERS, "jobs_stuck", 1)
    await notice(sam, "job_stuck", "error")
    clock.advance(301)
    await notice(sam, "job_stuck", "info")


async def test_staff_are_told_of_an_outcome_that_only_they_can_settle(house: House) -> None:
    sam = await house.console("Sam")
    await house.store.writes.hincrby(COUNTERS, "outcomes_left", 1)
    left = await notice(sam, "outcome_left", "warning")
    assert "supervisor" in left["text"]


async def test_who_comes_later_is_not_told_what_is_over(house: House) -> None:
    sam = await house.console("Sam")
    await house.store.writes.hincrby(COUNTERS, "jobs_parked", 1)
    await notice(sam, "job_parked", "warning")
    late = await house.console("Kim")
    await late.do("sync")
    assert late.of("notice") == []


async def test_customers_are_told_nothing_of_the_house(
    own_house: House, own_server: RedisServer
) -> None:
    sam, customer = await own_house.console("Sam"), await own_house.customer()
    own_server.kill()
    await notice(sam, "redis_unreachable", "error")
    own_server.start()
    await notice(sam, "redis_unreachable", "info")
    await customer.say()
    assert customer.of("notice") == []
