"""One conversation in a test: what people do in it, and what of it is seen, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Literal, TypeVar

from conversation import events as ev
from conversation.feed import Delivery, Feed, Frame, Said, Snapshot, Watch
from conversation.log import Decide, Log
from conversation.plan import once
from conversation.reply import Reply
from conversation.state import State
from handoff import decisions, ownership
from handoff.decisions import Seen
from handoff.ownership import Person

CUSTOMER = ev.By("customer", name="Robin")
ADA = ev.By("assistant", name="Ada")
SYSTEM = ev.By("system")
SAM = Person("p_sam", "Sam", "agent")
DANA = Person("p_dana", "Dana", "supervisor")
PATIENCE_S = 20.0
"""The machine may be busy; what never comes fails a test all the same."""

D = TypeVar("D", bound=ev.Data)
_numbers = count(1)


class Talk:
    """A conversation followed from before its first event."""

    def __init__(self, log: Log, feed: Feed, *, customer: str, greeting: str | None) -> None:
        self.conversation = f"c_{next(_numbers)}"
        self.events: list[ev.Event] = []
        self.frames: list[Frame] = []
        self._log = log
        self._feed = feed
        self._customer = customer
        self._greeting = greeting
        self._watch: Watch | None = None
        self._more = asyncio.Event()

    async def follow(self) -> None:
        """See everything from now on."""
        self._watch = await self._feed.watch(self.conversation, 0, self._take)
        await self._watch.started()

    async def leave_off(self) -> None:
        """See nothing more."""
        if self._watch is not None:
            await self._feed.unwatch(self._watch)

    # What is seen

    async def until(self, met: Callable[[Talk], object]) -> None:
        """Wait until what is seen meets a condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not met(self):
                self._more.clear()
                await self._more.wait()

    async def turn_ended(self, n: int = 1) -> ev.TurnEnded:
        """Wait until turn `n` is over."""
        await self.until(lambda talk: len(talk.all(ev.TurnEnded)) >= n)
        return self.all(ev.TurnEnded)[n - 1]

    async def hold(self, status: ev.HoldStatus) -> ev.HoldChanged:
        """Wait until a hold has come to a status."""
        await self.until(lambda talk: talk._changed(status))
        return self._changed(status)[-1]

    async def until_changed(self, n: int) -> ev.HoldChanged:
        """Wait for the n-th change of a hold."""
        await self.until(lambda talk: len(talk.all(ev.HoldChanged)) >= n)
        return self.all(ev.HoldChanged)[n - 1]

    async def held(self, n: int = 1) -> ev.Held:
        """Wait for the n-th hold."""
        await self.until(lambda talk: len(talk.all(ev.Held)) >= n)
        return self.all(ev.Held)[n - 1]

    def all(self, kind: type[D]) -> list[D]:
        """The data of all events of a type."""
        return [event.data for event in self.events if isinstance(event.data, kind)]

    @property
    def types(self) -> list[str]:
        """The types of all events, in order."""
        return [event.type for event in self.events]

    @property
    def calls(self) -> list[ev.Call]:
        """Every call the assistant wanted."""
        return [call for step in self.all(ev.AssistantCalled) for call in step.calls]

    @property
    def said(self) -> list[str]:
        """What the assistant said, the greeting included."""
        return [said.text for said in self.all(ev.AssistantSaid)]

    @property
    def lines(self) -> list[str]:
        """The codes of what the server itself said."""
        return [said.code for said in self.all(ev.SystemSaid)]

    def shown(self, step: int, *, attempt: int | None = None) -> str:
        """The reply of a step as its last attempt, or this one, was shown."""
        frames = [frame for frame in self.frames if frame.step == step]
        last = attempt or max((frame.attempt for frame in frames), default=0)
        shown = [frame for frame in frames if frame.attempt == last]
        assert [frame.n for frame in shown] == list(range(len(shown)))
        return "".join(frame.text for frame in shown)

    def _changed(self, status: ev.HoldStatus) -> list[ev.HoldChanged]:
        return [changed for changed in self.all(ev.HoldChanged) if changed.status == status]

    async def _take(self, delivery: Delivery) -> None:
        match delivery:
            case Snapshot(events=events) | Said(events=events):
                self.events += events
            case Frame():
                self.frames.append(delivery)
        self._more.set()

    # What people do

    async def says(self, text: str) -> int:
        """The customer writes; the first words start the conversation."""
        said = ev.New(CUSTOMER, ev.CustomerSaid(id=str(next(_numbers)), text=text))
        return await self._commit(
            lambda state, _: [said] if state.seq else [*self._opening(), said], own=ev.CustomerSaid
        )

    async def interrupts(self, text: str) -> int:
        """The customer writes where a message cuts the turn that is open."""
        said = ev.New(CUSTOMER, ev.CustomerSaid(id=str(next(_numbers)), text=text))
        return await self._commit(
            lambda state, reply: [*ownership.interrupt(state, reply, assistant=ADA), said],
            own=ev.CustomerSaid,
        )

    async def asks_for_a_person(self) -> None:
        """The customer presses the button."""
        await self._commit(
            lambda s, r: ownership.ask_human(s, r, by=CUSTOMER, assistant=ADA, said=None)
        )

    async def leaves(self) -> None:
        """The customer closes the conversation."""
        await self._commit(
            lambda s, r: ownership.close(s, r, by=CUSTOMER, assistant=ADA, resolution="left")
        )

    async def withdraws(self, held: ev.Held) -> None:
        """The customer no longer wants it."""
        await self._commit(partial(decisions.withdraw, hold=held.hold, by=CUSTOMER))

    async def taken_over(self, person: Person = SAM) -> None:
        """Somebody takes the conversation."""
        await self._commit(lambda s, r: ownership.take_over(s, r, person, assistant=ADA))

    async def staff_says(self, text: str, person: Person = SAM) -> None:
        """Its owner writes."""
        said = ev.StaffSaid(id=str(next(_numbers)), text=text)
        await self._commit(
            lambda s, r: ownership.say(s, r, person, said, takeover=False, assistant=ADA)
        )

    async def given_back(self, brief: str | None = None, person: Person = SAM) -> None:
        """Its owner returns it to the assistant."""
        await self._commit(
            lambda s, _: ownership.give_back(s, person, brief=brief, assistant="Ada")
        )

    async def approves(self, held: ev.Held | ev.HoldChanged, person: Person = DANA) -> State:
        """A supervisor approves a hold as it was shown."""
        assert isinstance(held.digest, str)
        decide = partial(
            decisions.approve,
            seen=Seen(held.hold, held.revision, held.digest), person=person,
            now_ms=self._log.clock(),
        )  # fmt: skip
        committed = await self._log.commit(
            self.conversation,
            decide,
            once=once(f"{person.id}/decide/{held.hold}/{held.revision}", held.digest),
        )
        return committed.state

    async def rejects(self, held: ev.Held, reason: str, person: Person = DANA) -> None:
        """A supervisor refuses."""
        await self._commit(
            partial(
                decisions.reject,
                seen=Seen(held.hold, held.revision, held.digest),
                person=person,
                now_ms=self._log.clock(),
                reason=reason,
            )
        )

    async def settles(
        self, held: ev.Held, outcome: Literal["succeeded", "failed"], reference: str,
        person: Person = DANA,
    ) -> None:  # fmt: skip
        """A supervisor says what became of a call of which nobody could tell."""
        await self._commit(
            partial(
                decisions.settle,
                hold=held.hold,
                outcome=outcome,
                reference=reference,
                person=person,
            )
        )

    async def state(self) -> State:
        """The head as Redis keeps it; it is the fold of the log."""
        while True:
            head = await self._log.head(self.conversation)
            folded = await self._log.rebuild(self.conversation)
            if head.seq == folded.seq:
                assert head == folded
                return head

    def _opening(self) -> Sequence[ev.New]:
        opening = [ev.New(CUSTOMER, ev.ConversationStarted(customer=self._customer))]
        if not self._customer.startswith("visitor"):
            known = ev.CustomerIdentified(customer=self._customer, level="token", how="token")
            opening.append(ev.New(SYSTEM, known))
        if self._greeting is not None:
            opening.append(ev.New(ADA, ev.AssistantSaid(text=self._greeting)))
        return opening

    async def _commit(self, decide: Decide, *, own: type[ev.Data] | None = None) -> int:
        def decided(state: State, reply: Reply | None) -> Sequence[ev.New]:
            return decide(state, reply)

        committed = await self._log.commit(self.conversation, decided, own=own, with_reply=True)
        return committed.seq
