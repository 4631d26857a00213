"""The calls of one model step: recorded before any runs, then run, each with its result.

Reads run side by side, then writes one by one in the model's order. After a crash reads run again,
and a write that had begun is repeated with its key, or its outcome is unknown: then a hold opens.
"""

from __future__ import annotations

import asyncio

from msgspec import UNSET

from agent.assembly import Step
from agent.calls import Caller
from agent.http_tool import Outcome
from agent.job_log import ATTEMPTS
from agent.turn_log import TurnLog
from agent.writes import NOT_KNOWN, Made, Writes, end_write, finish, give_up
from conversation import events as ev
from conversation.plan import once
from conversation.state import State
from handoff.identification import Answered
from handoff.judging import Asked, Judge
from handoff.ownership import SYSTEM
from handoff.settlement import Write


class _Moved(Exception):
    """What calls were judged on is not so any more."""


class StepCalls:
    """The tools' side of one turn."""

    def __init__(
        self, log: TurnLog, caller: Caller, writes: Writes, judge: Judge, *, assistant: ev.By
    ) -> None:
        self._log = log
        self._caller = caller
        self._writes = writes
        self._judge = judge
        self._assistant = assistant

    async def record(self, step: Step, *, tokens: int, withhold: bool = False) -> None:
        """Commit the calls and what is held of them, before any of them runs.

        They are judged again when what waits, or who it is for, changed meanwhile.
        """
        while True:
            try:
                await self._record(step, tokens=tokens, withhold=withhold)
                return
            except _Moved:
                await self._log.read()

    async def _record(self, step: Step, *, tokens: int, withhold: bool) -> None:
        log, on = self._log, self._log.state
        asked = [
            Asked(tool=call.name, arguments=call.arguments, model_call_id=call.id)
            for call in step.calls
        ]
        calls, held = await self._judge.step(on, log.step, asked, by=self._assistant)
        called = ev.AssistantCalled(
            turn=log.n, attempt=log.job.attempt, step=log.step, calls=calls, tokens=tokens,
            text="" if withhold else step.text, withheld=step.text if withhold else UNSET,
        )  # fmt: skip
        reads = [
            ev.New(SYSTEM, ev.ToolStarted(call=call.call, key=None))
            for call in calls
            if call.verdict == "allow" and not self._caller.writes(call.tool)
        ]

        def decide(state: State) -> list[ev.New]:
            if (state.customer, state.open_holds) != (on.customer, on.open_holds):
                raise _Moved
            return [ev.New(self._assistant, called), *held, *reads]

        await log.decide(decide, once(f"turn/{log.n}/{log.step}", called))

    async def run(self) -> bool:
        """Run what of the last step has not run; False once an outcome is not known.

        Raises `TurnOver` when somebody else ended the turn meanwhile.
        """
        turn = self._log.turn
        if not self._log.called or turn is None:
            return True
        called = self._log.called[-1]
        if self._in_doubt(called):
            return False
        waiting = [call for call in called.calls if call.call in turn.unfinished]
        reads = [call for call in waiting if not self._caller.writes(call.tool)]
        if reads:
            await self._read(reads)
        for call in waiting:
            if self._caller.writes(call.tool):
                await self._write(call, begun=call.call in turn.started)
                if self._in_doubt(called):
                    return False
        return True

    async def settle(self) -> None:
        """Answer what had begun when somebody else ended the turn; a read is not made again.

        A write that broke off too often is not made again either.
        """
        ended = {e.data.call for e in self._log.events if isinstance(e.data, ev.ToolFinished)}
        last = self._log.called[-1].calls if self._log.called else []
        left = [call for call in last if call.verdict == "allow" and call.call not in ended]
        for call in left:
            if call.call in self._log.state.writing:
                tries = self._log.job.tries - self._log.called[-1].attempt
                await self._write(call, begun=True, give_up=tries >= ATTEMPTS)
        if left:
            given_up = [give_up(call.call) for call in left]
            await self._log.record(lambda _: given_up, self._log.mine(f"settle/{left[0].call}"))

    async def _read(self, reads: list[ev.Call]) -> None:
        outcomes = await asyncio.gather(*map(self._read_one, reads))
        finished = [
            finish(call.call, None, Made(outcome))
            for call, outcome in zip(reads, outcomes, strict=True)
        ]
        answered = [
            Answered(call.tool, call.arguments, Made(outcome).result)
            for call, outcome in zip(reads, outcomes, strict=True)
        ]
        await self._log.record(
            lambda state: [*finished, *self._judge.identify(state, answered)],
            self._log.mine(f"read/{reads[0].call}"),
        )

    async def _read_one(self, read: ev.Call) -> Outcome:
        return await self._caller.call(
            read.tool,
            read.arguments,
            conversation=self._log.conversation,
            customer=self._log.state.customer,
            key=None,
        )

    async def _write(self, call: ev.Call, *, begun: bool, give_up: bool = False) -> None:
        if not begun:
            started = ev.New(SYSTEM, ev.ToolStarted(call=call.call, key=call.call))
            await self._log.commit([started], self._log.mine(f"start/{call.call}"))
        made = await self._writes.make(
            call.call,
            call.tool,
            call.arguments,
            conversation=self._log.conversation,
            customer=self._log.state.customer,
            begun=begun,
            give_up=give_up,
        )
        write = Write.of_assistant(call, self._assistant)
        await self._log.record(
            lambda state: end_write(state, write, made, writes=self._writes),
            self._log.mine(f"finish/{call.call}"),
        )

    def _in_doubt(self, called: ev.AssistantCalled) -> bool:
        """Whether an allowed write of a step may or may not have happened."""
        allowed = {call.call for call in called.calls if call.verdict == "allow"}
        ended = [e.data for e in self._log.events if isinstance(e.data, ev.ToolFinished)]
        return any(end.call in allowed and end.outcome == "unknown" for end in ended)


def unanswered(state: State, *, writes: Writes, assistant: ev.By) -> list[ev.New]:
    """What is left of a step whose turn ends: not started, or begun and not known."""
    turn = state.turn
    events: list[ev.New] = []
    if turn is None:
        return events
    for call in turn.unfinished:
        if call not in turn.started:
            events.append(give_up(call))
        elif (write := turn.writes.get(call)) is not None:
            of = Write.of_assistant(write, assistant)
            events += end_write(state, of, NOT_KNOWN, writes=writes)
        else:
            events.append(finish(call, call if call in state.writing else None, NOT_KNOWN))
    return events
