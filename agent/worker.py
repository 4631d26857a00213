"""The assistant's worker: claims turns and approved calls, keeps their leases, reclaims others.

Many jobs run side by side in one process. A job that fails without an outcome is left to its lease:
it comes back as a new attempt, and after `turn.ATTEMPTS` of them people are called in. A worker
that ends lets its jobs end before it, for a while, and gives the rest back.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress

import structlog
from redis import exceptions as redis

from agent.execution import Execution
from agent.turn import ATTEMPTS, Turn, Work
from conversation.errors import LeaseLost, Newer, Refused, Unavailable
from conversation.jobs import LOOK_FOR_LOST_EVERY_S, RENEW_EVERY_S, Job, Jobs
from conversation.keys import shard
from conversation.store import Store

log_line = structlog.get_logger(__name__)

AT_ONCE = 200
"""Jobs of one process side by side."""
CLAIM_AT_MOST = 16
RETRY_S = 0.5
DRAIN_S = 20.0
"""How long jobs may go on in a worker that ends: most replies and calls are over by then, and what
supervises processes kills one after 30 s, as a rule."""


class Running:
    """A job at work."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.turn: Turn | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def begun(self) -> bool:
        """Whether anything may have been shown under this attempt's number."""
        return self.turn is not None and self.turn.begun


class Worker:
    """One process of the role `agent`."""

    def __init__(self, store: Store, work: Work, execution: Execution) -> None:
        self._store = store
        self._work = work
        self._execution = execution
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._running: dict[tuple[int, str], Running] = {}
        self._freed = asyncio.Event()
        self._jobs = [Jobs(store, k, self.name) for k in range(store.shards)]
        self._claiming: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Work until cancelled; what is unfinished then is given back to the other workers."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen_for_cuts())
                for k, jobs in enumerate(self._jobs):
                    for claiming in (self._claim(jobs), self._reclaim(jobs)):
                        self._claiming.append(group.create_task(claiming))
                    group.create_task(self._renew(jobs, k))
        finally:
            tasks = [running.task for running in self._running.values() if running.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._give_back()

    async def drain(self, hurry: asyncio.Event) -> None:
        """Claim nothing more and wait for what runs, for `DRAIN_S` at most or until in a hurry."""
        for task in self._claiming:
            task.cancel()
        await asyncio.gather(*self._claiming, return_exceptions=True)
        await self._give_back(keep=[running.job for running in self._running.values()])
        log_line.info("worker.draining", jobs=len(self._running))
        waits = [asyncio.create_task(self._idle()), asyncio.create_task(hurry.wait())]
        await asyncio.wait(waits, timeout=DRAIN_S, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _idle(self) -> None:
        while self._running:
            self._freed.clear()
            await self._freed.wait()

    async def _give_back(self, keep: Sequence[Job] = ()) -> None:
        """Let other workers have what is not done, also what came while nobody claimed any more."""
        for k, jobs in enumerate(self._jobs):
            with suppress(Unavailable):  # then its lease is waited for
                if given := await jobs.release_all(keep=[job for job in keep if job.shard == k]):
                    log_line.info("jobs.given_back", shard=k, count=given)

    async def _claim(self, jobs: Jobs) -> None:
        while True:
            try:
                await jobs.prepare()
                while True:
                    for job in await jobs.claim(await self._room()):
                        self._start(jobs, job)
            except Unavailable:
                await asyncio.sleep(RETRY_S)

    async def _reclaim(self, jobs: Jobs) -> None:
        while True:
            await asyncio.sleep(LOOK_FOR_LOST_EVERY_S)
            with suppress(Unavailable):
                for job in await jobs.reclaim(await self._room()):
                    self._work.log.counters.add("jobs_reclaimed")
                    log_line.info("job.reclaimed", job=job.id, attempt=job.attempt)
                    self._start(jobs, job)

    async def _room(self) -> int:
        """Wait until a job fits in; one that is claimed begins at once, its lease runs."""
        while len(self._running) >= AT_ONCE:
            self._freed.clear()
            await self._freed.wait()
        return min(CLAIM_AT_MOST, AT_ONCE - len(self._running))

    async def _renew(self, jobs: Jobs, k: int) -> None:
        """Keep the leases; a job lost twice in a row is given up.

        A lease seems lost as well while its own turn begins another attempt at it.
        """
        doubted: set[Job] = set()
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            mine = {
                running.job: running for (shard, _), running in self._running.items() if shard == k
            }
            with suppress(Unavailable):
                lost = await jobs.renew(list(mine))
                gone = {job for job in mine if job.id in lost}
                for job in gone & doubted:
                    if (task := mine[job].task) is not None:
                        task.cancel()
                doubted = gone

    async def _listen_for_cuts(self) -> None:
        """Hear at once when somebody takes over; a frame or a commit would notice it later."""
        channels = [shard(k).cuts for k in range(self._store.shards)]
        while True:
            pubsub = self._store.subscription()
            try:
                await pubsub.subscribe(*channels)
                while True:
                    message = await pubsub.get_message(timeout=RENEW_EVERY_S)
                    if message is not None and message["type"] == "message":
                        self._cut(message["data"].decode())
            except (redis.RedisError, OSError):
                await asyncio.sleep(RETRY_S)
            finally:
                with suppress(redis.RedisError, OSError):
                    await pubsub.aclose()

    def _cut(self, turn: str) -> None:
        for running in self._running.values():
            if running.turn and turn == f"{running.job.conversation} {running.job.ref}":
                running.turn.cut()

    def _start(self, jobs: Jobs, job: Job) -> None:
        running = Running(job)
        old = self._running.get((job.shard, job.id))
        if old is not None and old.task is not None:
            old.task.cancel()
        self._running[job.shard, job.id] = running
        running.task = asyncio.create_task(self._run(jobs, running))

    async def _run(self, jobs: Jobs, running: Running) -> None:
        job = running.job
        try:
            if job.kind == "turn":
                running.turn = Turn(
                    self._work, jobs, job, renamed=lambda renamed: _rename(running, renamed)
                )
                await running.turn.run()
            elif job.kind == "execute":
                await self._execution.run(jobs, job)
            else:
                raise Newer
        except Newer:
            log_line.warning("job.newer", job=job.id, conversation=job.conversation)
            await self._leave(jobs, running)
        except (LeaseLost, Unavailable) as error:
            log_line.info("job.left", job=job.id, attempt=job.attempt, why=type(error).__name__)
        except Refused as error:
            log_line.warning("job.refused", job=job.id, attempt=job.attempt, why=error.message)
        except Exception:
            log_line.exception("job.failed", job=job.id, attempt=job.attempt)
            if job.tries > ATTEMPTS and not running.begun:
                await self._set_aside(jobs, job)
        finally:
            if self._running.get((job.shard, job.id)) is running:
                del self._running[job.shard, job.id]
                self._freed.set()

    async def _leave(self, jobs: Jobs, running: Running) -> None:
        """Leave a job to a newer worker; what it showed is not gone on with under its number."""
        with suppress(Unavailable):  # then its lease is waited for
            if running.begun:
                await jobs.release(running.job)
            else:
                await jobs.leave(running.job)

    async def _set_aside(self, jobs: Jobs, job: Job) -> None:
        """Look less often at a job that cannot even be handed to people: its log is damaged."""
        self._work.log.counters.add("jobs_stuck")
        log_line.error("job.stuck", job=job.id, conversation=job.conversation, kind=job.kind)
        with suppress(Unavailable):
            await jobs.leave(job)


def _rename(running: Running, job: Job) -> None:
    running.job = job
