"""Judges the calls of a model step: what each may do, and what is held for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.structs import replace

from agent.assembly import ModelCall
from agent.calls import Caller, facts_of
from agent.exact_json import ArgumentsError, parse_arguments
from conversation import events as ev
from conversation.ids import call_id, hold_id
from conversation.state import Hold, State
from handoff.digest import digest
from handoff.judgement import Judgement, invalid
from handoff.policy import Policy, judge_call

_exact = msgspec.json.Encoder(decimal_format="number")
"""Evidence in the order the tool gave it, its numbers as they were."""

ANOTHER_WAITS = "another request for the same thing waits for a decision; it must be settled first"
NOT_KNOWN = "the same thing was tried and nobody knows yet whether it happened; do not re-issue"


class _Stand(Struct, frozen=True):
    """What may become of a call; `hold` is one that waits already."""

    verdict: ev.Verdict
    because: str | None
    hold: str | None = None


class _Waiting:
    """The requests that are not settled yet, by what they act on."""

    def __init__(self, state: State) -> None:
        self._held = [hold.held for hold in state.open_holds]
        self._unknown = {hold.hold for hold in state.open_holds if hold.status == "unknown"}

    def add(self, held: ev.Held) -> None:
        """One more, of the step being judged."""
        self._held.append(held)

    def stand(self, tool: str, arguments: Raw, judgement: Judgement) -> _Stand:
        """What the rules say of a call beside what waits for the same action and target.

        While something waits, the same call is the same request, and another amount, even one that
        the rules would allow by itself, must not slip past it.
        """
        said = _Stand(judgement.verdict, judgement.because)
        if said.verdict not in ("allow", "hold"):
            return said
        for held in self._held:
            if (held.tool, held.target) != (tool, judgement.target):
                continue
            if held.hold in self._unknown:
                return _Stand("deny", NOT_KNOWN)
            if digest(_plain(held.action.arguments)) == digest(_plain(arguments)):
                return _Stand("hold", said.because or held.rule, held.hold)
            return _Stand("deny", ANOTHER_WAITS)
        return said


class Judge:
    """Turns the model's calls into recorded calls and holds."""

    def __init__(self, policy: Policy, caller: Caller) -> None:
        self._policy = policy
        self._caller = caller

    async def step(
        self, state: State, step: int, calls: Sequence[ModelCall]
    ) -> tuple[list[ev.Call], list[ev.Held]]:
        """The calls as the log keeps them, and what of them waits for a person."""
        judged = await asyncio.gather(*(self._judge(state, call) for call in calls))
        waiting = _Waiting(state)
        recorded: list[ev.Call] = []
        held: list[ev.Held] = []
        for index, (call, (arguments, judgement)) in enumerate(
            zip(calls, judged, strict=True), start=1
        ):
            id_ = call_id(state.conversation, step, index)
            stand = waiting.stand(call.name, arguments, judgement)
            if stand.verdict == "hold" and stand.hold is None:
                new = _held(id_, call.name, arguments, judgement)
                waiting.add(new)
                held.append(new)
                stand = replace(stand, hold=new.hold)
            recorded.append(
                ev.Call(
                    call=id_,
                    model_call_id=call.id,
                    tool=call.name,
                    arguments=arguments,
                    verdict=stand.verdict,
                    because=stand.because,
                    hold=stand.hold or UNSET,
                )
            )
        return recorded, held

    async def again(self, state: State, hold: Hold) -> ev.Held | Judgement:
        """Judge an approved call afresh: what would be held now, or why it may not run."""
        tool, arguments = hold.held.action
        _, judgement = await self._judge(state, ModelCall(None, tool, bytes(arguments).decode()))
        if judgement.verdict in ("deny", "invalid"):
            return judgement
        return _held(hold.call, tool, arguments, judgement)

    async def _judge(self, state: State, call: ModelCall) -> tuple[Raw, Judgement]:
        try:
            arguments = parse_arguments(call.arguments)
        except ArgumentsError as error:
            return Raw(msgspec.json.encode(call.arguments)), invalid(call.name, str(error))
        raw = Raw(call.arguments.strip().encode() or b"{}")
        reader = self._caller.reader(state.conversation, state.customer)
        customer = facts_of(state.customer)
        return raw, await judge_call(self._policy, reader, call.name, arguments, customer=customer)


def _held(call: str, tool: str, arguments: Raw, judgement: Judgement) -> ev.Held:
    return ev.Held(
        hold=hold_id(call),
        kind="call",
        call=call,
        revision=1,
        digest=judgement.digest,
        tool=tool,
        title=judgement.title,
        arguments=arguments,
        target=judgement.target,
        money=judgement.money,
        rule=judgement.rule or judgement.because,
        risk=judgement.risk,
        reasons=judgement.reasons,
        evidence=Raw(_exact.encode(dict(judgement.evidence))),
    )


def _plain(arguments: Raw) -> dict[str, Any]:
    return parse_arguments(bytes(arguments).decode())
