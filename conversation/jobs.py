"""Leased work on a shard: claim it, keep the lease, try again, end it.

A job is an entry of the shard's stream, its lease the entry's place in the pending list of the
group: who holds it, for how long nobody renewed it, and how often it was delivered, which is the
attempt number. A worker that falls silent for `LEASE_S` loses its jobs to the next one that looks;
whatever it still tries to write is fenced by (job, worker, attempt). One that ends gives its jobs
back, and another has them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace
from redis.exceptions import ResponseError

from conversation.errors import LeaseLost, Unavailable
from conversation.keys import JOB_GROUP, shard
from conversation.plan import Fence
from conversation.store import Store, answering

LEASE_S = 5.0
RENEW_EVERY_S = 1.5
LOOK_FOR_LOST_EVERY_S = 1.0
BLOCK_MS = 2_000
"""How long one read waits for work; redis-py wants less than 4 s."""
LEFT_FOR_S = 30.0
"""How long a job that was left to others is not looked at again."""


class Job(Struct, frozen=True):
    """One piece of work: the `turn` numbered `ref`, or the `execute` of the hold `ref`.

    A `kind` that is neither is a newer process's.
    """

    shard: int
    id: str
    conversation: str
    kind: str
    ref: str
    worker: str
    attempt: int
    spared: int = 0
    """Attempts that were given back, for no fault of the job."""

    @property
    def tries(self) -> int:
        """Attempts that count when it is asked whether the job can be done at all."""
        return self.attempt - self.spared

    def fence(self, *, done: bool = False) -> Fence:
        """What this attempt's commits and frames carry."""
        return Fence(self.id, self.worker, self.attempt, done)


class Jobs:
    """The jobs of one shard, for one worker."""

    def __init__(self, store: Store, k: int, worker: str) -> None:
        self._store = store
        self._k = k
        self._stream = shard(k).jobs
        self._worker = worker
        self._reclaim = store.script("conversation", "reclaim")
        self._again = store.script("conversation", "again")
        self._renew = store.script("conversation", "renew")
        self._drop = store.script("conversation", "drop")
        self._release = store.script("conversation", "release")
        self._leave = store.script("conversation", "leave")
        self._left: dict[str, float] = {}
        """Jobs left to others, and until when."""

    async def prepare(self) -> None:
        """Make the group; a lost one is made anew from the start, the log tells what is done."""
        try:
            with answering():
                await self._store.writes.xgroup_create(
                    self._stream, JOB_GROUP, id="0", mkstream=True
                )
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def claim(self, count: int) -> list[Job]:
        """Wait a little for new jobs, at most `count`."""
        try:
            with answering():
                answer = await self._store.writes.xreadgroup(
                    JOB_GROUP, self._worker, {self._stream: ">"}, count=count, block=BLOCK_MS
                )
        except ResponseError as error:
            if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
                raise
            await self.prepare()
            return []
        entries = [entry for _, found in answer or [] for entry in found]
        jobs = []
        for entry in entries:
            with suppress(LeaseLost, Unavailable):  # it comes back when its lease is over
                jobs.append(await self._claimed(entry))
        return jobs

    async def _claimed(self, entry: tuple[bytes, dict[bytes, bytes]]) -> Job:
        """A job delivered for the first time; one that was given back counts on."""
        job = self._job(entry, 1)
        before = int(entry[1].get(b"attempt", 0))
        return await self._begin(job, before + 1) if before else job

    async def reclaim(self, count: int) -> list[Job]:
        """Take over jobs whose worker fell silent; each is a new attempt."""
        now = monotonic()
        self._left = {job: until for job, until in self._left.items() if until > now}
        taken = await self._reclaim(
            [self._stream], [JOB_GROUP, self._worker, _ms(LEASE_S), count, *self._left]
        )
        if taken is None:
            await self.prepare()
            return []
        return [
            self._job((entry, dict(zip(fields[::2], fields[1::2], strict=True))), attempt)
            for entry, attempt, fields in taken
        ]

    async def renew(self, jobs: list[Job]) -> set[str]:
        """Keep the leases of `jobs`; returns the ids of those that are another's by now."""
        if not jobs:
            return set()
        args: list[bytes | str | int] = [JOB_GROUP, self._worker]
        for job in jobs:
            args += [job.id, job.attempt]
        return {lost.decode() for lost in await self._renew([self._stream], args)}

    async def again(self, job: Job) -> Job:
        """Begin the next attempt at a job one holds; raises `LeaseLost`."""
        return await self._begin(job, job.attempt + 1)

    async def _begin(self, job: Job, attempt: int) -> Job:
        if await self._again([self._stream], [*self._lease(job), attempt]) < 0:
            raise LeaseLost
        return replace(job, attempt=attempt)

    async def drop(self, job: Job) -> None:
        """End a job that has nothing left to do; another's is left alone."""
        await self._drop([self._stream], self._lease(job))

    async def release(self, job: Job) -> None:
        """Give a job back: it is the next worker's at once, and this attempt does not count."""
        await self._give_back("only", [job])

    async def release_all(self, *, keep: Iterable[Job] = ()) -> int:
        """Give back whatever this worker holds but for the jobs it keeps; returns how many."""
        return await self._give_back("all but", keep)

    async def _give_back(self, which: str, jobs: Iterable[Job]) -> int:
        named = [job.id for job in jobs]
        return len(await self._release([self._stream], [JOB_GROUP, self._worker, which, *named]))

    async def leave(self, job: Job) -> None:
        """Leave a job to others, as if it had never been claimed, and not look at it for a while.

        Only for a job that was not begun: the attempt number is given out again.
        """
        self._left[job.id] = monotonic() + LEFT_FOR_S
        await self._leave([self._stream], [*self._lease(job), _ms(LEASE_S)])

    def _lease(self, job: Job) -> list[bytes | str | int]:
        return [JOB_GROUP, job.id, job.worker, job.attempt]

    def _job(self, entry: tuple[bytes, dict[bytes, bytes]], attempt: int) -> Job:
        id_, fields = entry
        return Job(
            shard=self._k,
            id=id_.decode(),
            conversation=fields[b"conversation"].decode(),
            kind=fields[b"kind"].decode(),
            ref=fields[b"ref"].decode(),
            worker=self._worker,
            attempt=attempt,
            spared=int(fields.get(b"spared", 0)),
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
