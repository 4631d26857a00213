"""How the deployment's work stands, read from Redis at one go: jobs, timers, line, counts."""

from __future__ import annotations

from collections import Counter
from typing import Self

from msgspec import Struct
from redis.exceptions import ResponseError

from conversation.keys import JOB_GROUP, LINE, shard
from conversation.log import Log
from conversation.store import answering

OVERDUE_MS = 15_000
"""How long after its time a timer that nobody claimed is overdue."""


class JobsNow(Struct, frozen=True):
    """The jobs of one shard: how many wait, how many run, and the last one that was claimed."""

    waiting: int
    running: int
    claimed: str


class Workload(Struct, frozen=True, kw_only=True):
    """One look; `line` is how many wait for a person, as far as the desk has noted."""

    jobs: list[JobsNow]
    overdue: int
    line: int
    counts: Counter[str]

    @classmethod
    async def read(cls, log: Log) -> Self:
        """Look now; raises `Unavailable`."""
        due = log.clock() - OVERDUE_MS
        shards = [shard(k) for k in range(log.store.shards)]
        with answering():
            async with log.store.reads.pipeline(transaction=False) as pipe:
                for at in shards:
                    pipe.xlen(at.jobs)
                    pipe.xinfo_groups(at.jobs)
                    pipe.zcount(at.timers, "-inf", due)
                pipe.zcard(LINE)
                *found, line = await pipe.execute(raise_on_error=False)
            if isinstance(line, Exception):
                raise line
        return cls(
            jobs=[_jobs(*found[n : n + 2]) for n in range(0, len(found), 3)],
            overdue=sum(found[2::3]),
            line=line,
            counts=await log.counters.read(),
        )


def _jobs(length: int, groups: list[dict[str, bytes | int]] | ResponseError) -> JobsNow:
    """A shard that has had no job yet has no stream, and before any worker came no group."""
    known = [] if isinstance(groups, ResponseError) else groups
    for group in known:
        if group["name"] == JOB_GROUP.encode():
            running = int(group["pending"])
            claimed = group["last-delivered-id"]
            assert isinstance(claimed, bytes)
            return JobsNow(max(0, length - running), running, claimed.decode())
    return JobsNow(length, 0, "")
