"""Runs a held call that a person approved: checks it is still what was approved, then once."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, Struct
from msgspec.structs import replace

from agent.calls import Caller
from agent.http_tool import Outcome
from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.log import Log
from conversation.plan import once
from conversation.state import Hold, State
from handoff import holds
from handoff.judging import Judge

ATTEMPTS = 3
CHANGED = "the facts changed since it was approved"
BROKE_OFF = "carrying it out broke off again and again"


class Execution(Struct, frozen=True, kw_only=True):
    """What running approved calls needs."""

    log: Log
    judge: Judge
    caller: Caller

    async def run(self, jobs: Jobs, job: Job) -> None:
        """Bring one approved call to its outcome; raises `LeaseLost` when it is another's."""
        state = await self.log.head(job.conversation)
        hold = state.holds.get(job.ref)
        if hold is not None and hold.status == "approved":
            begun = await self._begin(job, state, hold)
            if begun is not None:
                await self._finish(job, begun, await self._call(begun, hold))
                return
        elif hold is not None and hold.status == "executing":
            await self._finish(job, state, await self._resume(job, state, hold))
            return
        await jobs.drop(job)

    async def _begin(self, job: Job, state: State, hold: Hold) -> State | None:
        """Commit that it runs now, if it is still what was approved; else say so instead."""
        if job.attempt > ATTEMPTS:
            as_shown = replace(hold.held, digest=hold.digest)
            await self._put_back(job, hold, now=as_shown, why=BROKE_OFF)
            return None
        now = await self.judge.again(state, hold)
        if not isinstance(now, ev.Held):
            why = now.because or "not allowed any more"
            await self._commit(job, hold, "refuse", lambda s: holds.refuse(s, hold.hold, why=why))
            return None
        if now.digest != hold.digest:
            await self._put_back(job, hold, now=now, why=CHANGED)
            return None
        return await self._commit(job, hold, "begin", lambda s: holds.begin(s, hold.hold))

    async def _put_back(self, job: Job, hold: Hold, *, now: ev.Held, why: str) -> None:
        await self._commit(
            job, hold, "put_back", lambda s: holds.put_back(s, hold.hold, now=now, why=why)
        )

    async def _resume(self, job: Job, state: State, hold: Hold) -> Outcome:
        """A call that began under a worker that died."""
        if job.attempt > ATTEMPTS or not self.caller.repeatable(hold.held.action.tool):
            return Outcome("unknown", None, None)
        return await self._call(state, hold, again=True)

    async def _call(self, state: State, hold: Hold, *, again: bool = False) -> Outcome:
        return await self.caller.call(
            *hold.held.action,
            conversation=state.conversation,
            customer=state.customer,
            key=hold.call,
            again=again,
        )

    async def _finish(self, job: Job, state: State, outcome: Outcome) -> None:
        hold = state.holds[job.ref]
        result = UNSET if outcome.result is None else outcome.result
        error = UNSET if outcome.error is None else outcome.error
        await self._commit(
            job, hold, "finish",
            lambda s: holds.finish(s, hold.hold, outcome.outcome, result=result, error=error),
            done=True,
        )  # fmt: skip

    async def _commit(
        self,
        job: Job,
        hold: Hold,
        what: str,
        decide: Callable[[State], list[ev.New]],
        *,
        done: bool = False,
    ) -> State:
        """Commit once in this attempt: what another one committed does not answer it."""
        committed = await self.log.commit(
            job.conversation,
            lambda state, _reply: decide(state),
            once=once(f"{what}/{hold.hold}/{hold.revision}", [job.worker, job.attempt]),
            fence=job.fence(done=done),
        )
        return committed.state
