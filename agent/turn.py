"""A turn of the assistant, top to bottom: from what was said to a reply, a handover or a hold.

Each step is committed before the next begins, so a turn whose worker died is resumed from the log:
calls that ran are not run again, and the model is never asked for the same step twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from msgspec import UNSET, Struct

from agent.asking import Asking
from agent.calls import Caller
from agent.drafting import draft
from agent.gate import FalsePromise, Gate, Open, Release, Shut
from agent.model import Model
from agent.model_error import ModelError
from agent.spending import Spending
from agent.step_calls import StepCalls, unanswered
from agent.turn_log import TurnLog, TurnOver
from agent.writes import Writes
from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.log import Log
from conversation.plan import once
from conversation.state import State
from handoff import ownership
from handoff.judging import Judge
from handoff.monitor import Assessment, Monitor, view_of
from handoff.policy import Policy
from handoff.promises import announced_person, deeds_of, false_claim

ATTEMPTS = 3
"""How often one step is tried before people take over."""
REASONS = {
    "model_failure": "The model could not answer",
    "step_limit": "The assistant took too many steps without an answer",
    "unknown_outcome": "An action may or may not have happened",
    "silent": "The assistant answered nothing",
    "false_promise": "The assistant claimed what has not happened; its words were cut before that",
    "promised_person": "The assistant promised a person",
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
    drafts: bool
    """Whether a person sees every reply first."""
    spending: Spending
    assistant: ev.By
    system: str
    steps_per_turn: int


class Turn:
    """One attempt at one turn; `renamed` is told when a retry gives the job a new attempt."""

    def __init__(self, work: Work, jobs: Jobs, job: Job, *, renamed: Callable[[Job], None]) -> None:
        self._work = work
        self._log = TurnLog(work.log, jobs, job, renamed=renamed)
        self._asking = Asking(
            self._log,
            work.model,
            work.policy,
            work.spending,
            gate=self._gate,
            replies=work.log.replies,
            system=work.system,
        )
        self._writes = Writes(work.caller, clock=work.log.clock)
        self._calls = StepCalls(
            self._log, work.caller, self._writes, work.judge, assistant=work.assistant
        )
        self._assessment: Assessment | None = None

    async def run(self) -> None:
        """Run it to its end; raises `LeaseLost` when it is another worker's."""
        try:
            await self._resume()
            await self._call_people_in()
            await self._finish_calls()
            while True:
                await self._step()
        except TurnOver:
            await self._log.drop()
        finally:
            await self._work.spending.count_cut(self._log.conversation, self._asking.spent)

    @property
    def begun(self) -> bool:
        """Whether anything may have been shown or done."""
        return bool(self._log.events)

    def cut(self) -> None:
        """The turn was ended by somebody else: stop listening to the model at once."""
        self._asking.cut()

    async def _resume(self) -> None:
        if self._log.job.tries > ATTEMPTS:
            await self._park()
        await self._log.read()
        if self._log.turn is None:
            await self._calls.settle()
            raise TurnOver

    async def _park(self) -> None:
        """Hand a turn over that broke off too often; its log is not read, for that may be why."""
        known, self._log.state = self._log.state, await self._work.log.head(self._log.conversation)
        turn = self._log.turn
        if turn is None or self._log.job.tries - turn.attempt < ATTEMPTS:
            self._log.state = known
            return
        self._work.log.counters.add("jobs_parked")
        begun = set(turn.unfinished) & set(self._log.state.writing)
        reason = "unknown_outcome" if begun else "model_failure"
        await self._hand_over(reason, outcome="failed", reasons=[ev.Reason(reason, 1.0, PARKED)])

    # Before the model is asked

    async def _call_people_in(self) -> None:
        """Hand over at once what is no matter for the model."""
        state, upto = self._log.state, self._log.upto
        to_tell = [state.holds[hold] for hold, seq in state.untold.items() if seq <= upto]
        if any(hold.status == "unknown" for hold in to_tell):
            await self._hand_over("unknown_outcome")
        if self._work.monitor is None or self._log.called:
            return
        view = view_of(self._log.events, turn=self._log.n, upto=upto)
        self._assessment = self._work.monitor.before(view)
        if self._assessment.outcome == "handover":
            await self._hand_over(self._assessment.reason, reasons=self._assessment.reasons)

    # Steps

    async def _step(self) -> None:
        if len(self._log.called) >= self._work.steps_per_turn:
            await self._hand_over("step_limit")
        if (reason := await self._work.spending.exceeded(self._log.state)) is not None:
            await self._hand_over("token_limit", reasons=[reason])
        try:
            step = await self._asking.step()
        except ModelError as error:
            await self._hand_over("model_failure", outcome="failed", detail=error.reason)
        except FalsePromise as promise:
            await self._hand_over("false_promise", detail=promise.kind)
        if step.calls:
            await self._calls.record(step, tokens=self._asking.spent, withhold=self._work.drafts)
            self._asking.spent = 0
            await self._finish_calls()
        elif step.text.strip():
            await self._reply(step.text)
        else:
            await self._hand_over("silent", outcome="silent")

    def _gate(self) -> Release:
        if self._work.drafts:
            return Shut()
        if self._work.monitor is None:
            return Open()
        return Gate(lambda: deeds_of(self._log.events))

    async def _finish_calls(self) -> None:
        if not await self._calls.run():
            await self._hand_over("unknown_outcome")

    async def _reply(self, text: str) -> None:
        """End with these words: said, held as a draft, or left to the person who is called in."""
        words = [*self._words_before(), text]
        if self._work.monitor is not None:
            view = view_of(self._log.events, turn=self._log.n, upto=self._log.upto)
            self._assessment = self._work.monitor.after(view, text)
        reply = ev.AssistantSaid(text=text, turn=self._log.n)
        said = [] if self._work.drafts else [ev.New(self._work.assistant, reply)]
        assessment = self._assessment
        if assessment is not None and assessment.outcome == "handover":
            reasons, reason = assessment.reasons, assessment.reason
            await self._end("handed_over", said, reason=reason, reasons=reasons)
        if self._work.monitor is not None and self._announce_person(words):
            told = [ev.Reason("promised_person", 1.0, REASONS["promised_person"])]
            await self._end("handed_over", said, reason="promised_person", reasons=told)
        if self._work.drafts:
            await self._draft("\n\n".join(words))
        await self._end("replied", said)

    def _words_before(self) -> list[str]:
        """What the turn's steps with calls said, or would have."""
        called = [data.withheld or data.text for data in self._log.called]
        return [words for words in called if words.strip()]

    def _announce_person(self, words: list[str]) -> bool:
        """Whether the turn's words say that a person comes, and nobody would."""
        person = announced_person("\n".join(words))
        return person is not None and not deeds_of(self._log.events).bring(person)

    async def _draft(self, text: str) -> None:
        """Hold the words, with all that was noticed in them."""
        noticed = list(self._assessment.reasons) if self._assessment else []
        claim = false_claim(text, deeds_of(self._log.events))
        if claim is not None:
            told = "The draft claims what has not happened"
            noticed.append(ev.Reason("false_promise", 1.0, told, claim.kind))
        held = draft(
            self._log.state,
            text,
            assistant=self._work.assistant,
            reasons=noticed,
            expires_at=self._work.judge.expires_at(),
        )
        await self._end("drafted", [held])

    # How it ends

    async def _hand_over(
        self,
        reason: str,
        *,
        outcome: ev.TurnOutcome = "handed_over",
        reasons: Sequence[ev.Reason] = (),
        detail: str | None = None,
    ) -> NoReturn:
        """End the turn and put the conversation in the line; always raises `TurnOver`."""
        log = self._log
        told = list(reasons) or [ev.Reason(reason, 1.0, REASONS[reason], detail)]
        reply = await self._work.log.replies.read(log.conversation)
        said: list[ev.New] = []
        if reply and reply.text.strip() and (reply.turn, reply.step) == (log.n, log.step):
            cut_off = ev.AssistantSaid(text=reply.text, turn=log.n, partial=True)
            said.append(ev.New(self._work.assistant, cut_off))
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
            tokens = self._asking.spent or UNSET
            ended = ev.TurnEnded(turn=self._log.n, outcome=outcome, upto=upto, tokens=tokens)
            left = unanswered(state, writes=self._writes, assistant=self._work.assistant)
            older = ownership.withdraw_drafts(state, by=self._work.assistant)
            events = [*(older if outcome == "drafted" else ()), *said, *left]
            events += [*self._assessed(outcome), ev.New(ownership.SYSTEM, ended)]
            if reason is None:
                return events
            by = self._work.assistant
            return [*events, *ownership.hand_over(state, by=by, reason=reason, reasons=reasons)]

        name = once(f"turn/{self._log.n}/{self._log.step}", [outcome, said])
        await self._log.decide(decide, name, done=True)
        self._asking.spent = 0
        raise TurnOver

    def _assessed(self, ended: ev.TurnOutcome) -> list[ev.New]:
        if self._assessment is None:
            return []
        drafted = ended == "drafted" and self._assessment.outcome == "continue"
        data = ev.Assessed(
            turn=self._log.n,
            outcome="draft" if drafted else self._assessment.outcome,
            score=self._assessment.score,
            threshold=self._assessment.threshold,
            certified=self._assessment.certified,
            reasons=list(self._assessment.reasons),
        )
        return [ev.New(ownership.SYSTEM, data)]
