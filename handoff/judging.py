"""Judges calls for a conversation: what each may do, what is held, and what that supersedes.

Whoever asks, the assistant in a model step or a person, the answer is the same. There is one open
hold for an intent (the action and its target): the same call again is the same request, another
amount takes its place, and nothing slips past what waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold
from conversation.ids import call_id, hold_id
from conversation.log import Log
from conversation.plan import stamp
from conversation.state import Customer, State
from handoff.digest import digest
from handoff.evidence import EvidenceReader
from handoff.exact_json import ArgumentsError, parse_arguments
from handoff.identification import PROOFS, PROOFS_FAILED, Answered, proofs_tried
from handoff.identity import facts_of, known_id
from handoff.intents import Intents
from handoff.judgement import Judgement, invalid
from handoff.limiting import Limits
from handoff.policy import Policy, judge_call
from handoff.settings import HoldsSettings

_exact = msgspec.json.Encoder(decimal_format="number")
"""Evidence in the order the tool gave it, its numbers as they were."""

BEING_DONE = "the same was approved with other arguments; its outcome must be known first"
CALLS = 32
"""Calls of one model step; what comes after them is not made."""
TOO_MANY = f"this is more than {CALLS} calls at once; make fewer"
NOT_KNOWN = "the same thing was tried and nobody knows yet whether it happened; do not re-issue"
ELSEWHERE = "the same thing waits for a decision in another conversation of this customer"
ANOTHER_WAITS = "another request for the same thing waits for a decision; decide on that one"


class Facts(Protocol):
    """Whoever can read facts for a conversation."""

    def reader(self, conversation: str, customer: Customer | None) -> EvidenceReader:
        """A reader that calls read tools in the name of this customer."""
        ...


class Asked(Struct, frozen=True, kw_only=True):
    """A call as it was asked for; `arguments` is its text, not yet read."""

    tool: str
    arguments: str
    model_call_id: str | None = None


class Ruled(Struct, frozen=True, kw_only=True):
    """What may become of a call; `events` belong into the commit that records it.

    `hold` is where it waits, be it one that was there already; `arguments` are the caller's own
    text when they do not parse.
    """

    verdict: ev.Verdict
    because: str | None
    arguments: Raw
    hold: str | None = None
    judged: ev.Judged | UnsetType = UNSET
    """Of an allowed write."""
    events: list[ev.New] = []


class Judge:
    """Turns what was asked for into recorded calls and holds."""

    def __init__(self, policy: Policy, facts: Facts, *, log: Log, holds: HoldsSettings) -> None:
        self._policy = policy
        self._facts = facts
        self._log = log
        self._clock = log.clock
        self._holds = holds
        self._limits = Limits(policy, log)
        self._intents = Intents(log)

    @property
    def tools(self) -> list[dict[str, Any]]:
        """Every tool as people are shown it."""
        return self._policy.listed()

    async def step(
        self, state: State, step: int, calls: Sequence[Asked], *, by: ev.By
    ) -> tuple[list[ev.Call], list[ev.New]]:
        """The calls of a model step as the log keeps them, and the events they bring with them."""
        judged = await asyncio.gather(
            *(self._judge(state, call, offered_only=True) for call in calls[:CALLS])
        )
        judged += [(_unread(call), invalid(call.tool, TOO_MANY)) for call in calls[CALLS:]]
        proofs = await self._proofs(state, calls)
        recorded: list[ev.Call] = []
        events: list[ev.New] = []
        for index, (call, (arguments, judgement)) in enumerate(
            zip(calls, judged, strict=True), start=1
        ):
            id_ = call_id(state.conversation, step, index)
            ruled = await self._rule(state, id_, call.tool, arguments, judgement, by)
            if self._policy.identifies(call.tool) and ruled.verdict == "allow":
                proofs -= 1
                ruled = ruled if proofs >= 0 else _denied(ruled, PROOFS_FAILED)
            state, _ = stamp(state, ruled.events, self._clock())
            events += ruled.events
            recorded.append(
                ev.Call(
                    call=id_,
                    model_call_id=call.model_call_id,
                    tool=call.tool,
                    arguments=ruled.arguments,
                    verdict=ruled.verdict,
                    because=ruled.because,
                    hold=ruled.hold or UNSET,
                    judged=ruled.judged,
                )
            )
        return recorded, events

    async def _proofs(self, state: State, calls: Sequence[Asked]) -> int:
        """How many of a step's calls may yet prove who the customer is."""
        needed = known_id(state.customer) is None
        if not needed or not any(self._policy.identifies(call.tool) for call in calls):
            return len(calls)
        tried = proofs_tried(await self._log.read(state.conversation), self._policy.identifies)
        return max(PROOFS - tried, 0)

    async def one(self, state: State, *, call: str, tool: str, arguments: str, by: ev.By) -> Ruled:
        """A single call, of a person; `call` is its id."""
        raw, judgement = await self._judge(state, Asked(tool=tool, arguments=arguments))
        return await self._rule(state, call, tool, raw, judgement, by)

    async def again(self, state: State, hold: Hold) -> ev.Held | Judgement:
        """Judge an approved call afresh: what would be held now, or why it may not run."""
        tool, arguments = hold.held.action
        asked = Asked(tool=tool, arguments=bytes(arguments).decode())
        _, judgement = await self._judge(state, asked)
        if judgement.verdict in ("deny", "invalid"):
            return judgement
        # Who it is for may have become known since, and may wait for the same elsewhere.
        if self._policy.writes(tool) and not await self._intents.claim(
            state, tool, judgement.target, hold=hold.hold, waits=True
        ):
            return invalid(tool, ELSEWHERE)
        judgement = await self._limits.again(judgement, state, hold)
        if judgement.verdict in ("deny", "invalid"):
            return judgement
        return self._held(hold.call, tool, arguments, judgement)

    async def edited(self, state: State, hold: Hold, arguments: str) -> ev.Held | Judgement:
        """Judge a held call with a person's arguments: what would be held, or why it may not be.

        Of the revision that follows the hold's.
        """
        tool = hold.held.action.tool
        raw, judgement = await self._judge(state, Asked(tool=tool, arguments=arguments))
        if judgement.verdict in ("deny", "invalid"):
            return judgement
        if any(other.hold != hold.hold for other in _same_intent(state, tool, judgement.target)):
            return invalid(tool, ANOTHER_WAITS)
        if not await self._intents.claim(state, tool, judgement.target, hold=hold.hold, waits=True):
            return invalid(tool, ELSEWHERE)
        revision = hold.revision + 1
        judgement = await self._limits.judge(
            state, judgement, tool=tool, call=hold.call, revision=revision
        )
        if judgement.verdict == "deny":
            return judgement
        return self._held(hold.call, tool, raw, judgement, revision=revision)

    def identify(self, state: State, answered: Sequence[Answered]) -> list[ev.New]:
        """Who the customer has proved to be by calls that ended together, to commit with them."""
        return self._policy.identify(state, answered)

    def expires_at(self) -> str:
        """Until when a decision is awaited on what is held now, be it a call or a draft."""
        return ev.iso(self._clock() + round(self._holds.expires_in_s * 1000))

    async def _judge(
        self, state: State, call: Asked, *, offered_only: bool = False
    ) -> tuple[Raw, Judgement]:
        try:
            arguments = parse_arguments(call.arguments)
        except ArgumentsError as error:
            return _unread(call), invalid(call.tool, str(error))
        raw = Raw(call.arguments.strip().encode() or b"{}")
        reader = self._facts.reader(state.conversation, state.customer)
        customer = facts_of(state.customer)
        return raw, await judge_call(
            self._policy,
            reader,
            call.tool,
            arguments,
            customer=customer,
            offered_only=offered_only,
        )

    async def _rule(
        self,
        state: State,
        call: str,
        tool: str,
        arguments: Raw,
        judgement: Judgement,
        by: ev.By,
    ) -> Ruled:
        """What the rules say of a call beside what waits for the same action and target."""
        said = Ruled(verdict=judgement.verdict, because=judgement.because, arguments=arguments)
        if said.verdict in ("deny", "invalid"):
            return said
        rivals = _same_intent(state, tool, judgement.target)
        if any(rival.status == "unknown" for rival in rivals):
            return _denied(said, NOT_KNOWN)
        for rival in rivals:
            if _same(rival.held.action.arguments, arguments):
                because = said.because or rival.held.rule
                return replace(said, verdict="hold", because=because, hold=rival.hold)
        if any(rival.status not in ev.WAITING for rival in rivals):
            return _denied(said, BEING_DONE)
        writes, target = self._policy.writes(tool), judgement.target
        if writes and await self._intents.waits_elsewhere(state, tool, target):
            return _denied(said, ELSEWHERE)
        judgement = await self._limits.judge(
            state, judgement, tool=tool, call=call, instead_of=[*rivals, *_withdrawn(state)]
        )
        said = replace(said, verdict=judgement.verdict, because=judgement.because)
        if said.verdict == "deny":
            return said
        waits, hold = said.verdict == "hold" or bool(rivals), hold_id(call)
        if writes and not await self._intents.claim(state, tool, target, hold=hold, waits=waits):
            return _denied(said, ELSEWHERE)
        if said.verdict == "allow" and not rivals:
            return self._allowed(said, tool, judgement)
        held = self._held(call, tool, arguments, judgement, supersedes=rivals)
        events = [*(_superseded(rival, held.hold, by) for rival in rivals), ev.New(by, held)]
        because = said.because or held.rule
        return replace(said, verdict="hold", because=because, hold=held.hold, events=events)

    def _allowed(self, said: Ruled, tool: str, judgement: Judgement) -> Ruled:
        """What is kept of a write, in case nobody can tell whether it happened."""
        if not self._policy.writes(tool):
            return said
        judged = ev.Judged(title=judgement.title, target=judgement.target, money=judgement.money)
        return replace(said, judged=judged)

    def _held(
        self,
        call: str,
        tool: str,
        arguments: Raw,
        judgement: Judgement,
        *,
        revision: int = 1,
        supersedes: Sequence[Hold] = (),
    ) -> ev.Held:
        rule, reasons = judgement.rule or judgement.because, judgement.reasons
        if supersedes and judgement.verdict == "allow":
            rule = INSTEAD
            reasons = [*reasons, ev.Reason("supersedes", 1.0, INSTEAD, supersedes[0].hold)]
        return ev.Held(
            hold=hold_id(call),
            kind="call",
            call=call,
            revision=revision,
            digest=judgement.digest,
            tool=tool,
            title=judgement.title,
            arguments=arguments,
            target=judgement.target,
            money=judgement.money,
            rule=rule,
            risk=judgement.risk,
            reasons=reasons,
            evidence=Raw(_exact.encode(dict(judgement.evidence))),
            approvers=ev.Approvers(needed=judgement.approvers),
            expires_at=self.expires_at(),
            supersedes=supersedes[0].hold if supersedes else UNSET,
        )


INSTEAD = "it takes the place of a request that waited for a decision"


def _same_intent(state: State, tool: str, target: str) -> list[Hold]:
    """What is not settled yet of the same action and target."""
    return [
        hold for hold in state.open_holds if (hold.held.tool, hold.held.target) == (tool, target)
    ]


def _withdrawn(state: State) -> list[Hold]:
    """What will not happen, also when it was taken back within the step being judged."""
    return [hold for hold in state.holds.values() if hold.status == "withdrawn"]


def _superseded(old: Hold, by_new: str, by: ev.By) -> ev.New:
    data = ev.HoldChanged(
        hold=old.hold,
        status="withdrawn",
        decision="supersede",
        by=by,
        revision=old.revision,
        digest=old.digest,
        money=old.held.money,
        superseded_by=by_new,
    )
    return ev.New(by, data)


def _unread(call: Asked) -> Raw:
    return Raw(msgspec.json.encode(call.arguments))


def _denied(said: Ruled, because: str) -> Ruled:
    return replace(said, verdict="deny", because=because)


def _same(one: Raw, other: Raw) -> bool:
    return digest(_plain(one)) == digest(_plain(other))


def _plain(arguments: Raw) -> dict[str, Any]:
    return parse_arguments(bytes(arguments).decode())
