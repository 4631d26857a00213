"""Judges the calls of a model step: what each may do, and what is held for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from agent.assembly import ModelCall
from agent.calls import Caller, facts_of
from agent.exact_json import ArgumentsError, parse_arguments
from conversation import events as ev
from conversation.ids import call_id, hold_id
from conversation.state import Hold, State
from handoff.digest import canonical, digest
from handoff.judgement import Judgement, invalid
from handoff.policy import Policy, judge_call

ANOTHER_WAITS = "another request for the same thing waits for a decision; it must be settled first"


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
        open_holds = {hold.hold: hold.held for hold in state.open_holds}
        recorded: list[ev.Call] = []
        held: list[ev.Held] = []
        for index, (call, (arguments, judgement)) in enumerate(
            zip(calls, judged, strict=True), start=1
        ):
            id_ = call_id(state.conversation, step, index)
            verdict = judgement.verdict
            because = judgement.because
            hold = None
            if verdict == "hold":
                new = _held(id_, call.name, arguments, judgement)
                known = _same_intent(new, open_holds.values())
                if known is None:
                    open_holds[new.hold] = new
                    held.append(new)
                    hold = new.hold
                elif digest(_plain(known.arguments)) == digest(_plain(new.arguments)):
                    hold = known.hold
                else:
                    verdict, because = "deny", ANOTHER_WAITS
            recorded.append(
                ev.Call(
                    call=id_,
                    model_call_id=call.id,
                    tool=call.name,
                    arguments=arguments,
                    verdict=verdict,
                    because=because,
                    hold=hold or UNSET,
                )
            )
        return recorded, held

    async def again(self, state: State, hold: Hold) -> ev.Held | Judgement:
        """Judge an approved call afresh: what would be held now, or why it may not run."""
        held = hold.held
        _, judgement = await self._judge(
            state, ModelCall(None, held.tool, bytes(held.arguments).decode())
        )
        if judgement.verdict in ("deny", "invalid"):
            return judgement
        return _held(hold.call, held.tool, held.arguments, judgement)

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
        evidence=Raw(canonical(dict(judgement.evidence)).encode()),
    )


def _same_intent(new: ev.Held, known: Iterable[ev.Held]) -> ev.Held | None:
    """What already waits for the same action on the same target."""
    for held in known:
        if (held.tool, held.target) == (new.tool, new.target):
            return held
    return None


def _plain(arguments: Raw) -> dict[str, Any]:
    return parse_arguments(bytes(arguments).decode())
