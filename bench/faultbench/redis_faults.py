"""Redis killed, away, paused, cut off from its power, torn, and out of memory."""

from __future__ import annotations

import asyncio
import random
from signal import SIGCONT, SIGSTOP
from uuid import uuid4

from bench.faultbench.house import House
from bench.faultbench.people import Customer
from bench.faultbench.power import Power
from bench.faultbench.scenario import SHAKEN, Verdict, row
from bench.faultbench.screen import PATIENCE_S
from bench.faultbench.writers import WRITERS, Writers, writing
from handrail import torn_tail

AWAY_S = {"quick": 3.0, "usual": 10.0, "full": 10.0}
PAUSED_S = {"quick": 5.5, "usual": 7.0, "full": 7.0}
"""Longer than a command waits for its answer."""
STOPPED_S = 0.1
"""How long the disk stands still before the power goes."""
OUT_OF_MEMORY_S = 1.5
BALLAST_BYTES = 64_000_000
BALLAST = "bench:ballast"
NEAR_ITS_LIMIT = 0.93
"""How much of its memory Redis has used, when too little is left for words and enough to record."""


@row("Redis SIGKILL", full=50, setting=SHAKEN)
async def redis_killed(house: House, _times: int) -> Verdict:
    """Redis dies while customers write, and is started again at once."""
    async with writing(await house.customers(WRITERS)) as writers:
        await house.redis.kill()
        await house.redis.start()
        after_s = await writers.taken_again()
    return _verdict(writers, after_s)


@row("Redis down 10 s", full=20, short="3 s", setting=SHAKEN)
async def redis_down(house: House, _times: int) -> Verdict:
    """Redis is away for longer than a command is repeated; staff are told, and when it is back."""
    sam = await house.staff("sam")
    async with writing(await house.customers(WRITERS)) as writers:
        await house.redis.kill()
        writers.count_refusals()
        await asyncio.sleep(AWAY_S[house.effort])
        await house.redis.start()
        after_s = await writers.taken_again()
    findings = [] if writers.refusals else ["nobody was refused while Redis was down"]
    await sam.notice("redis_unreachable", "error")
    await sam.notice("redis_unreachable", "info")
    return _verdict(writers, after_s, findings)


@row("Redis paused 7 s: 0 duplicate entries", full=30, short="5.5 s", setting=SHAKEN)
async def redis_paused(house: House, _times: int) -> Verdict:
    """Redis stops in mid-command and goes on with what it was sent, which has been sent again."""
    async with writing(await house.customers(WRITERS)) as writers:
        house.redis.signal(SIGSTOP)
        await asyncio.sleep(PAUSED_S[house.effort])
        house.redis.signal(SIGCONT)
        after_s = await writers.taken_again()
    return _verdict(writers, after_s)


@row("AOF cut at its last fsync: nothing acknowledged is cut", full=30, batch=10, setting=SHAKEN)
async def aof_cut(house: House, times: int) -> Verdict:
    """The power goes while the disk is at work: what no fsync has made safe is gone."""
    power = await _measured(house)
    cut: list[float] = []
    after_s: list[float] = []
    async with writing(await house.customers(WRITERS)) as writers:
        for _ in range(times):
            await _lose_power(house, power)
            cut.append(power.cut(house.redis.folder))
            power.start_disk()
            await house.redis.start()
            after_s.append(await writers.taken_again())
    findings = ["nothing was cut"] * cut.count(0)
    figures = {"cut bytes": cut, "taken again after s": after_s}
    return Verdict(times, [*findings, *writers.findings], figures)


@row("torn AOF tail: what was acknowledged is whole", full=30, batch=10, setting=SHAKEN)
async def aof_torn(house: House, times: int) -> Verdict:
    """The power goes and leaves a part of the last entries; heads are lost, too.

    Redis refuses such a file and starts once it is cut, as the embedded one is started.
    """
    power = await _measured(house, ("--aof-load-truncated", "no"))
    lot = random.Random(times)
    torn: list[float] = []
    findings: list[str] = []
    for _ in range(times):
        async with writing(await house.customers(WRITERS)) as writers:
            await _lose_power(house, power)
            torn.append(power.tear(house.redis.folder, lot))
            power.start_disk()
            torn_tail.cut(house.redis.folder)
            await house.redis.start()
            await writers.taken_again()
        await _lose_heads(house, writers.customers)
        findings += writers.findings
    return Verdict(times, findings, {"torn off bytes": torn})


async def _lose_heads(house: House, customers: list[Customer]) -> None:
    """Take one conversation's head away and put an old one in another's place; both go on."""
    lost, behind = customers[:2]
    redis = house.store.writes
    old = await redis.hgetall(house.log.keys(behind.conversation).head)
    await behind.say("chat 1")
    await asyncio.gather(*(house.settles(one.conversation) for one in (lost, behind)))
    await redis.delete(house.log.keys(lost.conversation).head)
    await redis.hset(house.log.keys(behind.conversation).head, mapping=old)
    await asyncio.gather(*(one.say("chat 1") for one in (lost, behind)))


@row("Redis out of memory: unavailable, results still recorded", full=10, setting=SHAKEN)
async def redis_out_of_memory(house: House, _times: int) -> Verdict:
    """Redis writes nothing for a while; then little is left, words wait and a result does not."""
    redis, sam = house.store.writes, await house.staff("sam")
    async with writing(await house.customers(WRITERS)) as writers:
        writers.count_refusals()
        await redis.config_set("maxmemory", 1)
        await asyncio.sleep(OUT_OF_MEMORY_S)
        await redis.config_set("maxmemory", 0)
        after_s = await writers.taken_again()
    findings = [] if writers.refusals else ["nobody was refused while Redis could not write"]
    known = len(sam.notices)
    paid = await house.customer()
    order = paid.order()
    gate = house.shop.gate(order, "done")
    seq = await paid.say(f"refund {order} 20")
    await asyncio.wait_for(gate.reached.wait(), PATIENCE_S)
    try:
        await redis.setrange(BALLAST, BALLAST_BYTES, "x")
        used = int((await redis.info("memory"))["used_memory"])
        await redis.config_set("maxmemory", round(used / NEAR_ITS_LIMIT))
        await sam.notice("memory_low", "error", after=known)
        refused = await paid.ask("say", id=str(uuid4()), text="chat 1")
        gate.opened.set()
        await paid.answered(seq)
    finally:
        gate.opened.set()
        await redis.config_set("maxmemory", 0)
        await redis.delete(BALLAST)
    if refused.get("error", {}).get("code") != "unavailable":
        findings.append("words were taken when little memory was left")
    await sam.notice("memory_low", "info", after=known)
    await paid.say("chat 1")
    return _verdict(writers, after_s, findings)


def _verdict(writers: Writers, after_s: float, findings: list[str] | None = None) -> Verdict:
    found = [*(findings or []), *writers.findings]
    return Verdict(1, found, {"taken again after s": [after_s]})


async def _measured(house: House, arguments: tuple[str, ...] = ()) -> Power:
    """Start Redis anew, so that what its fsyncs make safe is known."""
    power = Power(house.folder)
    house.redis.arguments = (*house.setting.redis_arguments, *arguments)
    house.redis.environ.update(power.environ)
    await house.redis.stop()
    await house.redis.start()
    return power


async def _lose_power(house: House, power: Power) -> None:
    """Kill Redis while something that it wrote waits for the disk."""
    power.stop_disk()
    await asyncio.to_thread(power.wait_for_write)
    await asyncio.sleep(STOPPED_S)
    await house.redis.kill()
