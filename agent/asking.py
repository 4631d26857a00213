"""Asks the model for the next step of a turn, and shows its words as they come."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from time import monotonic
from typing import Any, TypeVar

import structlog

from agent.assembly import Step, Usage
from agent.frames import Frames
from agent.gate import FalsePromise, Release
from agent.model import Model
from agent.model_error import ModelError, Unanswered, retry_delay_s
from agent.prompt import project
from agent.spending import Spending, estimated, reported
from agent.turn_log import TurnLog, TurnOver
from conversation.reply import Replies
from handoff.policy import Policy

T = TypeVar("T")

log_line = structlog.get_logger(__name__)

WAITS_AT_MOST_S = 60.0
"""A step that took so long is not tried again: by then a person is the better answer."""


class Asking:
    """The model's side of one turn."""

    def __init__(
        self,
        log: TurnLog,
        model: Model,
        policy: Policy,
        spending: Spending,
        *,
        gate: Callable[[], Release],
        replies: Replies,
        system: str,
    ) -> None:
        self._log = log
        self._model = model
        self._policy = policy
        self._spending = spending
        self._gate = gate
        self._replies = replies
        self._system = system
        self._listening: asyncio.Task[Any] | None = None
        self._cut = False
        self.spent = 0
        """Tokens that the log has yet to tell: of the last step, all its tries together."""

    async def step(self) -> Step:
        """The next step; what fails is tried again as a new attempt at the job.

        Raises `ModelError` when that is over, `TurnOver` when the turn is, `FalsePromise` when its
        words claim what has not happened.
        """
        messages = project(self._log.events, system=self._system)
        began_s = monotonic()
        tries = 0
        while True:
            tries += 1
            try:
                return await self._unless_cut(self._stream(messages))
            except ModelError as error:
                log_line.warning(
                    "turn.model_failed", conversation=self._log.conversation, turn=self._log.n,
                    attempt=self._log.job.attempt, reason=error.reason,
                )  # fmt: skip
                delay_s = retry_delay_s(error, tries, jitter=random.random())  # noqa: S311
                if delay_s is None or monotonic() - began_s + delay_s > WAITS_AT_MOST_S:
                    raise
                await self._unless_cut(asyncio.sleep(delay_s))
                await self._log.try_again()

    def cut(self) -> None:
        """Stop listening at once: the turn was ended by somebody else."""
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
        tools = self._policy.offered()
        heard = _Heard()
        try:
            return await self._listen(messages, tools, heard)
        finally:
            tokens = heard.tokens([messages, tools])
            self.spent += tokens
            await self._spending.count(self._log.state, tokens)

    async def _listen(
        self, messages: list[dict[str, Any]], tools: list[dict[str, Any]], heard: _Heard
    ) -> Step:
        log = self._log
        asked = self._model.step(messages=messages, tools=tools, headers=self._headers())
        writing = self._replies.writing(
            log.conversation, log.job.fence(), turn=log.n, step=log.step, epoch=log.state.epoch
        )
        async with aclosing(asked) as pieces, Frames(writing) as frames:
            gate = self._gate()
            try:
                async for piece in pieces:
                    if isinstance(piece, Step):
                        heard.whole(piece)
                        frames.write(gate.rest())
                        return piece
                    heard.text += piece
                    frames.write(gate.feed(piece))
            except ModelError as error:
                unheard = error.text[len(heard.text) :]
                heard.broken(error)
                frames.write(gate.feed(unheard))
                raise
            except FalsePromise as promise:
                frames.write(promise.text)
                raise
        raise ModelError("ended_early")

    def _headers(self) -> dict[str, str]:
        return {
            "X-Conversation-Id": self._log.conversation,
            "X-Handrail-Turn": str(self._log.n),
            "X-Handrail-Step": str(self._log.step),
            "X-Handrail-Attempt": str(self._log.job.attempt),
            "X-Handrail-Purpose": "reply",
        }


class _Heard:
    """What came of one request, as far as its cost goes."""

    def __init__(self) -> None:
        self.text = ""
        self._usage: Usage | None = None
        self._free = False

    def whole(self, step: Step) -> None:
        """The answer came to its end."""
        self._usage = step.usage
        self.text = "".join([step.text, *(call.name + call.arguments for call in step.calls)])

    def broken(self, error: ModelError) -> None:
        """It did not; a request that was refused costs nothing."""
        self._usage = error.usage
        self._free = isinstance(error, Unanswered)
        self.text = error.text

    def tokens(self, sent: list[Any]) -> int:
        """As the endpoint counted them, else estimated, also of an answer nobody waited for."""
        return 0 if self._free else reported(self._usage) or estimated(sent, self.text)
