"""Makes writes so that each happens once, and finds out what became of one that does not tell."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog
from msgspec import UNSET, Raw, Struct, UnsetType

from agent.calls import Caller
from agent.http_tool import Outcome
from conversation import events as ev
from conversation.state import Customer, State
from handoff.exact_json import parse_arguments
from handoff.identity import facts_of
from handoff.ownership import SYSTEM
from handoff.reconciliation import Finding, next_try
from handoff.settlement import Write, open_doubt

log_line = structlog.get_logger(__name__)

_exact = msgspec.json.Encoder(decimal_format="number")


class Made(Struct, frozen=True):
    """What came of a write; `reference` is what a tool that was asked found it by."""

    outcome: Outcome
    reference: str | UnsetType = UNSET

    @property
    def result(self) -> Raw | UnsetType:
        """As an event carries it."""
        return UNSET if self.outcome.result is None else self.outcome.result

    @property
    def error(self) -> Raw | UnsetType:
        """As an event carries it."""
        return UNSET if self.outcome.error is None else self.outcome.error


NOT_KNOWN = Made(Outcome("unknown"))


class Writes:
    """The writing side of the tools; `clock` is in milliseconds since 1970."""

    def __init__(self, caller: Caller, *, clock: Callable[[], int]) -> None:
        self._caller = caller
        self._clock = clock

    async def make(
        self,
        call: str,
        tool: str,
        arguments: Raw,
        *,
        conversation: str,
        customer: Customer | None,
        begun: bool = False,
        give_up: bool = False,
    ) -> Made:
        """Make one write; `call` is its key.

        One that was `begun` by a worker that died is repeated with its key, or not made again. What
        is unknown then is asked of the tool that its operator names. That one may say that it
        happened, but not yet that it did not: the request may still be on its way.
        """
        if begun and give_up:
            return NOT_KNOWN
        if begun and not self._caller.repeatable(tool):
            outcome = NOT_KNOWN.outcome
        else:
            outcome = await self._caller.call(
                tool, arguments, conversation=conversation, customer=customer, key=call,
                again=begun,
            )  # fmt: skip
        if outcome.outcome != "unknown":
            return Made(outcome)
        found = await self.look_up(
            call, tool, arguments, conversation=conversation, customer=customer
        )
        if found is None or found.outcome != "succeeded":
            log_line.warning("write.unknown", call=call, tool=tool, conversation=conversation)
            return Made(outcome)
        return Made(Outcome("succeeded", result=_found(found)), found.reference or UNSET)

    async def look_up(
        self,
        call: str,
        tool: str,
        arguments: Raw,
        *,
        conversation: str,
        customer: Customer | None,
    ) -> Finding | None:
        """Ask what became of a write; None when its operator does not say how."""
        reconciliation = self._caller.reconciliation(tool)
        if reconciliation is None:
            return None
        found = await reconciliation.find(
            self._caller.reader(conversation, customer, purpose="reconcile"),
            parse_arguments(bytes(arguments).decode()),
            key=call,
            customer=facts_of(customer),
        )
        log_line.info("write.looked_up", call=call, tool=tool, outcome=found.outcome)
        return found

    def next_look(self, tool: str, tries: int = 0) -> str | UnsetType:
        """When a write of this tool is looked up that has been looked up so often by timer."""
        if self._caller.reconciliation(tool) is None:
            return UNSET
        return next_try(tries, now_ms=self._clock(), in_flight_ms=self._caller.in_flight_ms(tool))


def finish(call: str, key: str | None, made: Made) -> ev.New:
    """The event that a call has ended; `key` is null for reads."""
    finished = ev.ToolFinished(
        call=call, key=key, outcome=made.outcome.outcome, result=made.result, error=made.error
    )
    return ev.New(SYSTEM, finished)


def give_up(call: str) -> ev.New:
    """The event that a call is not made any more."""
    return ev.New(SYSTEM, ev.ToolFinished(call=call, key=None, outcome="not_started"))


def end_write(state: State, write: Write, made: Made, *, writes: Writes) -> list[ev.New]:
    """The end of an allowed write; a hold opens in the same commit when nobody knows it."""
    ended = [finish(write.call, write.call, made)]
    if made.outcome.outcome != "unknown":
        return ended
    return [*ended, *open_doubt(state, write, reconcile_at=writes.next_look(write.tool))]


def _found(found: Finding) -> Raw:
    """The result of a write that did not tell: where it was found, and what was found."""
    told = {"found_by": found.tool, "reference": found.reference, "result": found.answer}
    return Raw(_exact.encode(told))
