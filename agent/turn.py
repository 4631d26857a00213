"""A turn of the assistant, top to bottom: from what was said to a reply, a handover or a hold.

Each step is committed before the next begins, so a turn whose worker died is resumed from the log:
calls that ran are not run again, and the model is never asked for the same step twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, NoReturn, TypeVar

import structlog
from msgspec import UNSET, Struct

from agent.assembly import Step
from agent.calls import Caller
from agent.frames import Frames
from agent.http_tool import Outcome
from agent.judging import Judge
from agent.model import Model
from agent.model_error import ModelError, retry_delay_s
from agent.prompt import project
from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.log import Committed, Log
from conversation.plan import Once, once
from conversation.reply import Reply
from conversation.state import State, fold
from handoff import ownership
from handoff.monitor import Assessment, Monitor, view_of
from handoff.policy import Policy

T = TypeVar("T")

log_line = structlog.get_logger(__name__)

ATTEMPTS = 3
"""How often one step is tried before people take over."""
REASONS = {
    "model_failure": "The model could not answer",
    "step_limit": "The assistant took too many steps without an answer",
    "unknown_outcome": "An action may or may not have happened",
    "silent": "The assistant answered nothing",
}
PARKED = "The assistant's work on this answer broke off again and again"


class Work(Struct, frozen=True, kw_only=True):
    """What a turn needs."""

    log: Log
    model: Model
    policy: Policy
    caller: Caller
    judge: Judge
    monitor: Monitor | None
    assistant: ev.By
    system: str
    steps_per_turn: int


class TurnOver(Exception):
    """The turn is not open any more, or has just been ended."""


class Turn:
    """One attempt at one turn; `renamed` is told when a retry gives the job a new attempt."""

    def __init__(self, work: Work, jobs: Jobs, job: Job, *, renamed: Callable[[Job], None]) -> None:
        self._work = work
        self._jobs = jobs
        self._job = job
        self._renamed = renamed
        self._n = int(job.ref)
        self._events: list[ev.Event] = []
        self._state = State(conversation=job.conversation)
        self._assessment: Assessment | None = None
        self._listening: asyncio.Task[Any] | None = None
        self._cut = False

    async def run(self) -> None:
        """Run it to its end; raises `LeaseLost` when it is another worker's."""
        try:
            await self._resume()
            await self._assess_message()
            await self._finish_calls()
            while True:
                await self._step()
        except TurnOver:
            await self._jobs.drop(self._job)

    # Where it stands

    async def _resume(self) -> None:
        if self._job.attempt > ATTEMPTS:
            await self._park()
        self._take(await self._work.log.read(self._job.conversation))
        turn = self._state.turn
        if turn is None or turn.n != self._n:
            await self._settle()
            raise TurnOver

    async def _park(self) -> None:
        """Hand a turn over that broke off too often; its log is not read, for that may be why."""
        head = await self._work.log.head(self._job.conversation)
        turn = head.turn
        if turn is None or turn.n != self._n or self._job.attempt - turn.attempt < ATTEMPTS:
            return
        self._state = head
        begun = set(turn.unfinished) & set(head.writing)
        reason = "unknown_outcome" if begun else "model_failure"
        await self._hand_over(reason, outcome="failed", reasons=[ev.Reason(reason, 1.0, PARKED)])

    def _take(self, events: Sequence[ev.Event]) -> None:
        for event in events:
            self._state = fold(self._state, event)
        self._events += events

    @property
    def _number(self) -> int:
        """The number of the step to come, counted through the whole conversation."""
        return self._state.steps + 1

    @property
    def _called(self) -> ev.AssistantCalled | None:
        """This turn's last step with calls."""
        for event in reversed(self._events):
            if isinstance(event.data, ev.AssistantCalled) and event.data.turn == self._n:
                return event.data
        return None

    # The monitor

    async def _assess_message(self) -> None:
        if self._work.monitor is None or self._called is not None:
            return
        view = view_of(self._events, turn=self._n, upto=self._upto)
        self._assessment = self._work.monitor.before(view)
        if self._assessment.outcome == "handover":
            await self._hand_over(self._assessment.reason, reasons=self._assessment.reasons)

    @property
    def _upto(self) -> int:
        assert self._state.turn is not None
        return self._state.turn.upto

    # A model step

    async def _step(self) -> None:
        called = [
            e for e in self._events
            if isinstance(e.data, ev.AssistantCalled) and e.data.turn == self._n
        ]  # fmt: skip
        if len(called) >= self._work.steps_per_turn:
            await self._hand_over("step_limit")
        step = await self._ask()
        if step.calls:
            await self._record_calls(step)
            await self._finish_calls()
        elif step.text.strip():
            await self._reply(step.text)
        else:
            await self._hand_over("silent", outcome="silent")

    async def _ask(self) -> Step:
        """The model's next step; what fails is tried again as a new attempt at the job."""
        messages = project(self._events, system=self._work.system)
        tries = 0
        while True:
            tries += 1
            try:
                return await self._unless_cut(self._stream(messages))
            except ModelError as error:
                log_line.warning(
                    "turn.model_failed", conversation=self._job.conversation, turn=self._n,
                    attempt=self._job.attempt, reason=error.reason,
                )  # fmt: skip
                delay_s = retry_delay_s(error, tries, jitter=random.random())  # noqa: S311
                if delay_s is None:
                    await self._hand_over("model_failure", outcome="failed", detail=error.reason)
                await self._unless_cut(asyncio.sleep(delay_s))
                self._job = await self._jobs.again(self._job)
                self._renamed(self._job)

    def cut(self) -> None:
        """The turn was ended by somebody else: stop listening to the model at once."""
        self._cut = True
        if self._listening is not None:
            self._listening.cancel()

    async def _unless_cut(self, work: Coroutine[Any, Any, T]) -> T:
        if self._cut:
            work.close()
            raise TurnOver
        listening: asyncio.Task[T] = asyncio.create_task(work)
        self._listening = listening
        try:
            return await listening
        except asyncio.CancelledError:
            if self._cut:
                raise TurnOver from None
            raise
        finally:
            self._listening = None

    async def _stream(self, messages: list[dict[str, Any]]) -> Step:
        work = self._work
        asked = work.model.step(
            messages=messages, tools=work.policy.offered(), headers=self._headers()
        )
        show = partial(
            work.log.replies.show, self._job.conversation, self._job.fence(),
            turn=self._n, step=self._number, epoch=self._state.epoch,
        )  # fmt: skip
        written = 0
        async with aclosing(asked) as pieces, Frames(show) as frames:
            try:
                async for piece in pieces:
                    if isinstance(piece, Step):
                        return piece
                    frames.write(piece)
                    written += len(piece)
            except ModelError as error:
                frames.write(error.text[written:])
                raise
        raise ModelError("ended_early")

    def _headers(self) -> dict[str, str]:
        return {
            "X-Conversation-Id": self._job.conversation,
            "X-Handrail-Turn": str(self._n),
            "X-Handrail-Step": str(self._number),
            "X-Handrail-Attempt": str(self._job.attempt),
            "X-Handrail-Purpose": "reply",
        }

    # Its calls

    async def _record_calls(self, step: Step) -> None:
        """Commit the calls and what is held of them, before any of them runs."""
        calls, held = await self._work.judge.step(self._state, self._number, step.calls)
        called = ev.AssistantCalled(
            turn=self._n, attempt=self._job.attempt, step=self._number, text=step.text, calls=calls
        )
        reads = [
            ev.New(ownership.SYSTEM, ev.ToolStarted(call=call.call, key=None))
            for call in calls
            if call.verdict == "allow" and not self._work.caller.writes(call.tool)
        ]
        holds = [ev.New(self._work.assistant, one) for one in held]
        await self._commit(
            [ev.New(self._work.assistant, called), *holds, *reads],
            once(f"turn/{self._n}/{self._number}", called),
        )

    async def _finish_calls(self) -> None:
        """Run what of the last step has not run: reads side by side, then writes in order."""
        called, turn = self._called, self._state.turn
        if called is None or turn is None:
            return
        await self._stop_at_doubt(called)
        waiting = [call for call in called.calls if call.call in turn.unfinished]
        reads = [call for call in waiting if not self._work.caller.writes(call.tool)]
        if reads:
            outcomes = await asyncio.gather(*(self._call(call, key=None) for call in reads))
            finished = [
                _finished(call, None, outcome)
                for call, outcome in zip(reads, outcomes, strict=True)
            ]
            await self._record(finished, self._mine(f"read/{reads[0].call}"))
        for call in waiting:
            if self._work.caller.writes(call.tool):
                await self._write(call, begun=call.call in turn.started)
                await self._stop_at_doubt(called)

    async def _write(self, call: ev.Call, *, begun: bool) -> None:
        if not begun:
            started = ev.New(ownership.SYSTEM, ev.ToolStarted(call=call.call, key=call.call))
            await self._commit([started], self._mine(f"start/{call.call}"))
        if begun and not self._work.caller.repeatable(call.tool):
            outcome = Outcome("unknown", None, None)
        else:
            outcome = await self._call(call, key=call.call)
        finished = _finished(call, call.call, outcome)
        await self._record([finished], self._mine(f"finish/{call.call}"))

    async def _stop_at_doubt(self, called: ev.AssistantCalled) -> None:
        """Call people in once an allowed write of a step may or may not have happened."""
        allowed = {call.call for call in called.calls if call.verdict == "allow"}
        ended = [e.data for e in self._events if isinstance(e.data, ev.ToolFinished)]
        if any(end.call in allowed and end.outcome == "unknown" for end in ended):
            await self._hand_over("unknown_outcome")

    async def _settle(self) -> None:
        """Learn what became of a write that had begun when somebody else ended the turn."""
        for call in self._called.calls if self._called else ():
            if call.call in self._state.writing:
                await self._write(call, begun=True)

    async def _call(self, call: ev.Call, *, key: str | None) -> Outcome:
        return await self._work.caller.call(
            call.tool,
            call.arguments,
            conversation=self._job.conversation,
            customer=self._state.customer,
            key=key,
        )

    # How it ends

    async def _reply(self, text: str) -> None:
        said = ev.New(self._work.assistant, ev.AssistantSaid(text=text, turn=self._n))
        assessment = self._assess_reply(text)
        if assessment is not None and assessment.outcome == "handover":
            reasons, reason = assessment.reasons, assessment.reason
            await self._end("handed_over", [said], reason=reason, reasons=reasons)
        await self._end("replied", [said])

    def _assess_reply(self, text: str) -> Assessment | None:
        if self._work.monitor is None:
            return None
        view = view_of(self._events, turn=self._n, upto=self._upto)
        self._assessment = self._work.monitor.after(view, text)
        return self._assessment

    async def _hand_over(
        self,
        reason: str,
        *,
        outcome: ev.TurnOutcome = "handed_over",
        reasons: Sequence[ev.Reason] = (),
        detail: str | None = None,
    ) -> NoReturn:
        """End the turn and put the conversation in the line; always raises `TurnOver`."""
        told = list(reasons) or [ev.Reason(reason, 1.0, REASONS[reason], detail)]
        reply = await self._work.log.replies.read(self._job.conversation)
        said: list[ev.New] = []
        if reply and reply.text.strip() and (reply.turn, reply.step) == (self._n, self._number):
            partial_ = ev.AssistantSaid(text=reply.text, turn=self._n, partial=True)
            said.append(ev.New(self._work.assistant, partial_))
        await self._end(outcome, said, reason=reason, reasons=told)

    async def _end(
        self,
        outcome: ev.TurnOutcome,
        said: list[ev.New],
        *,
        reason: str | None = None,
        reasons: Sequence[ev.Reason] = (),
    ) -> NoReturn:
        def decide(state: State) -> list[ev.New]:
            assert state.turn is not None
            upto = state.turn.upto if reason is None else max(state.turn.upto, state.cause)
            ended = ev.TurnEnded(turn=self._n, outcome=outcome, upto=upto)
            left = _unanswered(state)
            events = [*said, *left, *self._assessed(), ev.New(ownership.SYSTEM, ended)]
            if reason is None:
                return events
            by = self._work.assistant
            return [*events, *ownership.hand_over(state, by=by, reason=reason, reasons=reasons)]

        await self._commit_decided(
            decide, once(f"turn/{self._n}/{self._number}", [outcome, said]), done=True
        )
        raise TurnOver

    def _assessed(self) -> list[ev.New]:
        if self._assessment is None:
            return []
        data = ev.Assessed(
            turn=self._n,
            outcome=self._assessment.outcome,
            score=self._assessment.score,
            threshold=self._assessment.threshold,
            certified=self._assessment.certified,
            reasons=list(self._assessment.reasons),
        )
        return [ev.New(ownership.SYSTEM, data)]

    # How it commits

    async def _commit(self, events: list[ev.New], name: Once) -> None:
        await self._commit_decided(lambda _: events, name)

    async def _commit_decided(
        self, decide: Callable[[State], list[ev.New]], name: Once, *, done: bool = False
    ) -> None:
        """Commit while the turn is open and the job is ours; else `TurnOver` or `LeaseLost`."""

        def checked(state: State, _reply: Reply | None) -> list[ev.New]:
            if state.turn is None or state.turn.n != self._n:
                raise TurnOver
            return decide(state)

        committed = await self._work.log.commit(
            self._job.conversation,
            checked,
            once=name,
            fence=self._job.fence(done=done),
            state=self._state,
        )
        await self._note(committed)

    async def _record(self, events: list[ev.New], name: Once) -> None:
        """Commit results of what ran, also when the turn has been taken over meanwhile."""
        committed = await self._work.log.commit(
            self._job.conversation,
            lambda _s, _r: events,
            once=name,
            fence=self._job.fence(),
            state=self._state,
        )
        if committed.state.turn is None or committed.state.turn.n != self._n:
            raise TurnOver
        await self._note(committed)

    def _mine(self, name: str) -> Once:
        """A commit of this attempt alone: what another attempt committed does not answer it."""
        return once(name, [self._job.worker, self._job.attempt])

    async def _note(self, committed: Committed) -> None:
        """Go on from what was committed; after a lost answer or a race, from the log."""
        if committed.duplicate or committed.seq != self._state.seq + 1:
            self._take(await self._work.log.read(self._job.conversation, self._state.seq))
        else:
            self._take(committed.events)


def _finished(call: ev.Call, key: str | None, outcome: Outcome) -> ev.New:
    return ev.New(
        ownership.SYSTEM,
        ev.ToolFinished(
            call=call.call,
            key=key,
            outcome=outcome.outcome,
            result=UNSET if outcome.result is None else outcome.result,
            error=UNSET if outcome.error is None else outcome.error,
        ),
    )


def _unanswered(state: State) -> list[ev.New]:
    """What is left of a step whose turn ends: not started, or begun and not known."""
    assert state.turn is not None
    return [
        ev.New(
            ownership.SYSTEM,
            ev.ToolFinished(
                call=call,
                key=call if call in state.writing else None,
                outcome="unknown" if call in state.turn.started else "not_started",
            ),
        )
        for call in state.turn.unfinished
    ]
