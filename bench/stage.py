"""What the recorded parts share: which conversation plays which recording, and what was called.

The driver enters a conversation when its first `say` is acknowledged; the model may be asked before
that, so whoever looks a conversation up waits for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from bench.recording import Call, Json, Recording, Step, call_key

HELD_LINE = "That needs a colleague's word first; you will hear from me when it is settled."
END_LINE = "There is nothing more in the recording."
ENTERED_WITHIN_S = 15.0


@dataclass(frozen=True)
class Execution:
    """One arrival of a write at its tool: under which key, for which recorded call, when."""

    key: str
    call: Call
    at_ms: float


@dataclass
class Performance:
    """One conversation's place in its recording."""

    recording: Recording
    answers: dict[int, Step] = field(default_factory=dict)
    """What was answered to each of the model's steps; a repeated step gets the same again."""
    executions: list[Execution] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What the gateway asked that no recording explains."""
    _next: int = 0
    _served: dict[str, Call] = field(default_factory=dict)
    _reads: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        """Whether every recorded step has been answered."""
        return self._next == len(self.recording.steps)

    def count(self, line: str) -> int:
        """How often a fixed line was answered."""
        return sum(answer.text == line for answer in self.answers.values())

    def answer(self, step: int, *, waits: bool, spoken: list[str]) -> Step:
        """The answer to the model's `step`; `waits` while a held call has no outcome yet.

        `spoken` are the customer's texts in the prompt, which must be the recording's so far.
        """
        if step not in self.answers:
            self.answers[step] = self._advance(waits=waits, spoken=spoken)
        return self.answers[step]

    def recorded(self, tool: str, arguments: Json) -> Call | None:
        """The call of the latest recorded step with this name and these arguments."""
        return next(iter(self._matching(call_key(tool, arguments))), None)

    def take(self, tool: str, arguments: Json, *, key: str | None) -> Call | None:
        """The recorded call that an arriving one is; the same key is the same call."""
        if key is not None and key in self._served:
            return self._served[key]
        name = call_key(tool, arguments)
        matching = self._matching(name)
        if not matching:
            return None
        place = f"{self._next} {name}"
        call = matching[min(self._reads[place], len(matching) - 1)]
        self._reads[place] += 1
        if key is not None:
            self._served[key] = call
        return call

    def _advance(self, *, waits: bool, spoken: list[str]) -> Step:
        if waits:
            return Step(HELD_LINE, ())
        expected = [turn.message for turn in self.recording.turns[: len(spoken)]]
        if spoken != expected:
            self.faults.append("the prompt's customer texts are not the recording's")
        if self._next == self._steps_until(len(spoken)):
            return Step(END_LINE, ())
        self._next += 1
        return self.recording.steps[self._next - 1]

    def _steps_until(self, turns: int) -> int:
        return sum(len(turn.steps) for turn in self.recording.turns[:turns])

    def _matching(self, key: str) -> list[Call]:
        """Calls of the latest recorded step; the amounts of equal calls differ between steps."""
        if not self._next:
            return []
        return [call for call in self.recording.steps[self._next - 1].calls if call.key == key]


class Stage:
    """All conversations of a run, by their id."""

    def __init__(self) -> None:
        self._performances: dict[str, asyncio.Future[Performance]] = {}

    def enter(self, conversation: str, performance: Performance) -> None:
        """Say which recording a conversation plays."""
        self._place(conversation).set_result(performance)

    async def find(self, conversation: str) -> Performance:
        """The conversation's performance; TimeoutError when nobody enters it in time."""
        place = asyncio.shield(self._place(conversation))
        return await asyncio.wait_for(place, ENTERED_WITHIN_S)

    def _place(self, conversation: str) -> asyncio.Future[Performance]:
        if conversation not in self._performances:
            self._performances[conversation] = asyncio.get_running_loop().create_future()
        return self._performances[conversation]
