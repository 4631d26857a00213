"""The log as one attempt at one job commits to it: under its lease, each step once an attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.log import Committed, Log
from conversation.plan import once
from conversation.state import State

ATTEMPTS = 3
"""How often a job that breaks off is tried before people look at it."""


class JobLog(Struct, frozen=True):
    """A job, and the log of the conversation it belongs to."""

    log: Log
    jobs: Jobs
    job: Job

    @property
    def worn_out(self) -> bool:
        """Whether it broke off too often to be tried once more."""
        return self.job.tries > ATTEMPTS

    async def commit(
        self, step: str, decide: Callable[[State], Sequence[ev.New]], *, done: bool = False
    ) -> Committed:
        """Commit a step of this job, once; `done` ends the job, also when nothing is to be written.

        What another attempt committed does not answer it. Raises `Refused` or `LeaseLost`.
        """
        committed = await self.log.commit(
            self.job.conversation,
            lambda state, _: decide(state),
            once=once(f"{step}/{self.job.id}", [self.job.worker, self.job.attempt]),
            fence=self.job.fence(done=done),
        )
        if done and not committed.events and not committed.duplicate:
            await self.drop()
        return committed

    async def drop(self) -> None:
        """End the job: nothing is left to do."""
        await self.jobs.drop(self.job)
