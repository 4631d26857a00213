"""Carries out `execute` jobs: what was approved, what staff called, and asking what became of it.

An approved call is checked to be still what was approved, and then made once.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.structs import replace

from agent.calls import Caller
from agent.job_log import JobLog
from agent.looking_up import look_up
from agent.staff_call import StaffCall
from agent.writes import Made, Writes
from conversation import events as ev
from conversation.hold import Hold
from conversation.jobs import Job, Jobs
from conversation.log import Log
from conversation.state import State
from handoff import holds
from handoff.hold_steps import is_over
from handoff.judging import Judge

CHANGED = "the facts changed since it was approved"
UNREAD = "the facts could not be read when it was to run"
BROKE_OFF = "carrying it out broke off again and again"
TOO_LATE = "it was approved too long ago"


class Execution(Struct, frozen=True, kw_only=True):
    """What carrying out calls needs."""

    log: Log
    judge: Judge
    caller: Caller

    async def run(self, jobs: Jobs, job: Job) -> None:
        """Bring one call to its outcome; raises `LeaseLost` when the job is another's."""
        state = await self.log.head(job.conversation)
        at = JobLog(self.log, jobs, job)
        hold = state.holds.get(job.ref)
        if job.ref in state.calling:
            await StaffCall(at, self.caller, self._writes).run(state)
        elif hold is not None and hold.status == "approved":
            await self._run_approved(at, state, hold)
        elif hold is not None and hold.status == "executing":
            await self._finish(at, hold, await self._make(at, state, hold, begun=True))
        elif hold is not None and hold.status == "unknown":
            await look_up(at, state, hold, self._writes)
        else:
            await at.drop()

    @property
    def _writes(self) -> Writes:
        return Writes(self.caller, clock=self.log.clock)

    async def _run_approved(self, at: JobLog, state: State, hold: Hold) -> None:
        """Commit that it runs now, and run it, if it is still what was approved; else say why."""
        if at.worn_out:
            as_shown = replace(hold.held, digest=hold.digest, expires_at=self.judge.expires_at())
            await self._put_back(at, hold, now=as_shown, why=BROKE_OFF)
            return
        judged = await self.judge.again(state, hold)
        if not isinstance(judged, ev.Held):
            why = judged.because or "not allowed any more"
            await at.commit("refuse", lambda s: holds.refuse(s, hold.hold, why=why), done=True)
        elif judged.digest != hold.digest:
            await self._put_back(at, hold, now=judged, why=_what_changed(hold, judged))
        elif is_over(hold, self.log.clock()):
            await self._put_back(at, hold, now=judged, why=TOO_LATE)
        else:
            begun = (await at.commit("begin", lambda s: _begin(s, hold, judged_on=state))).state
            if begun.holds[hold.hold].status == "executing":
                await self._finish(at, hold, await self._make(at, begun, hold))
            else:
                await self._run_approved(at, begun, hold)

    async def _put_back(self, at: JobLog, hold: Hold, *, now: ev.Held, why: str) -> None:
        await at.commit(
            "put_back", lambda s: holds.put_back(s, hold.hold, now=now, why=why), done=True
        )

    async def _make(self, at: JobLog, state: State, hold: Hold, *, begun: bool = False) -> Made:
        return await self._writes.make(
            hold.call,
            *hold.held.action,
            conversation=state.conversation,
            customer=state.customer,
            begun=begun,
            give_up=at.worn_out,
        )

    async def _finish(self, at: JobLog, hold: Hold, made: Made) -> None:
        known = made.outcome.outcome != "unknown"
        due = UNSET if known else self._writes.next_look(hold.held.action.tool)
        await at.commit(
            "finish",
            lambda s: holds.finish(
                s,
                hold.hold,
                made.outcome.outcome,
                result=made.result,
                error=made.error,
                reference=made.reference,
                reconcile_at=due,
            ),
            done=True,
        )


def _what_changed(hold: Hold, judged: ev.Held) -> str:
    """Whether the facts are others by now, or what people were shown could not be read again."""
    shown, read = (
        msgspec.json.decode(held.evidence, type=dict[str, Raw]) for held in (hold.held, judged)
    )
    return CHANGED if shown.keys() <= read.keys() else UNREAD


def _begin(state: State, hold: Hold, *, judged_on: State) -> list[ev.New]:
    """Begin it in the name of whom it was judged for; nothing when that has changed meanwhile."""
    return holds.begin(state, hold.hold) if state.customer == judged_on.customer else []
