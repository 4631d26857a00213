"""Where a turn stands in the log of its conversation, and how it commits to it.

Every commit carries the lease of the job; what speaks or starts an effect is refused once the turn
has been ended by somebody else, what records a result is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conversation import events as ev
from conversation.jobs import Job, Jobs
from conversation.log import Committed, Log
from conversation.plan import Once, once
from conversation.reply import Reply
from conversation.state import State, Turn, fold


class TurnOver(Exception):
    """The turn is not open any more, or has just been ended."""


class TurnLog:
    """The events of a conversation as one attempt at one turn knows them.

    `renamed` is told when a retry gives the job a new attempt.
    """

    def __init__(self, log: Log, jobs: Jobs, job: Job, *, renamed: Callable[[Job], None]) -> None:
        self._log = log
        self._jobs = jobs
        self._renamed = renamed
        self.job = job
        self.n = int(job.ref)
        self.events: list[ev.Event] = []
        self.state = State(conversation=job.conversation)

    @property
    def conversation(self) -> str:
        """Whose turn it is."""
        return self.job.conversation

    @property
    def turn(self) -> Turn | None:
        """The turn, while it is open."""
        turn = self.state.turn
        return turn if turn is not None and turn.n == self.n else None

    @property
    def upto(self) -> int:
        """The end of what the turn has read; raises `TurnOver`."""
        if self.turn is None:
            raise TurnOver
        return self.turn.upto

    @property
    def step(self) -> int:
        """The number of the step to come, counted through the whole conversation."""
        return self.state.steps + 1

    @property
    def called(self) -> list[ev.AssistantCalled]:
        """This turn's steps with calls, oldest first."""
        called = [e.data for e in self.events if isinstance(e.data, ev.AssistantCalled)]
        return [data for data in called if data.turn == self.n]

    async def read(self) -> None:
        """Catch up with the log."""
        self._take(await self._log.read(self.conversation, self.state.seq))

    async def try_again(self) -> None:
        """Begin a new attempt at the job; raises `LeaseLost`."""
        self.job = await self._jobs.again(self.job)
        self._renamed(self.job)

    async def drop(self) -> None:
        """End the job: nothing is left to do."""
        await self._jobs.drop(self.job)

    async def commit(self, events: Sequence[ev.New], name: Once) -> None:
        """Commit while the turn is open and the job is ours; else `TurnOver` or `LeaseLost`."""
        await self.decide(lambda _: events, name)

    async def decide(
        self, decide: Callable[[State], Sequence[ev.New]], name: Once, *, done: bool = False
    ) -> None:
        """Commit what follows from the state; `done` ends the job with it."""

        def checked(state: State, _reply: Reply | None) -> Sequence[ev.New]:
            if state.turn is None or state.turn.n != self.n:
                raise TurnOver
            return decide(state)

        committed = await self._log.commit(
            self.conversation,
            checked,
            once=name,
            fence=self.job.fence(done=done),
            state=self.state,
        )
        await self._note(committed)

    async def record(self, decide: Callable[[State], Sequence[ev.New]], name: Once) -> None:
        """Commit results of what ran, also when the turn has been taken over meanwhile."""
        committed = await self._log.commit(
            self.conversation,
            lambda state, _: decide(state),
            once=name,
            fence=self.job.fence(),
            state=self.state,
        )
        if committed.state.turn is None or committed.state.turn.n != self.n:
            raise TurnOver
        await self._note(committed)

    def mine(self, name: str) -> Once:
        """A commit of this attempt alone: what another attempt committed does not answer it."""
        return once(name, [self.job.worker, self.job.attempt])

    async def _note(self, committed: Committed) -> None:
        """Go on from what was committed; after a lost answer or a race, from the log."""
        if committed.duplicate or committed.seq != self.state.seq + 1:
            await self.read()
        else:
            self._take(committed.events)

    def _take(self, events: Sequence[ev.Event]) -> None:
        for event in events:
            self.state = fold(self.state, event)
        self.events += events
